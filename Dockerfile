# docker build -t foretable .
# docker run -p 8501:8501 -v foretable:/data foretable
FROM python:3.11-slim

RUN apt-get -qq update \
 && apt-get -qq install --no-install-recommends make tini libgomp1 >/dev/null \
 && rm -rf /var/lib/apt/lists/*

RUN useradd --create-home --uid 1000 foretable \
 && mkdir /app /data \
 && chown foretable:foretable /app /data
USER foretable
WORKDIR /app

# The same steps as on any machine; a layer of its own, so that it is kept until the pins change.
COPY --chown=foretable:foretable Makefile requirements.txt ./
RUN PIP_NO_CACHE_DIR=1 make install
COPY --chown=foretable:foretable . .

ENV FORETABLE_HOME=/data \
    GOMP_SPINCOUNT=1000 \
    PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD [".venv/bin/python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/health', timeout=4)"]

# tini reaps the processes that finished builds leave behind
ENTRYPOINT ["tini", "--"]
CMD [".venv/bin/python", "-m", "automl", "app", "--host", "0.0.0.0", "--port", "8501"]
