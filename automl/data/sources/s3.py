"""An object in S3, or in storage that speaks its protocol."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from automl.data.sources.base import Progress, copy
from automl.data.words import listed, shorten
from automl.errors import DataError
from automl.types import Note

BUCKETS = "FORETABLE_S3_BUCKETS"  # names, separated by commas; * for all that the credentials reach
ENDPOINT, REGION = "FORETABLE_S3_ENDPOINT", "FORETABLE_S3_REGION"
KEY, SECRET = "FORETABLE_S3_KEY", "FORETABLE_S3_SECRET"  # without them, what AWS's own settings say
CONNECT_SECONDS, REQUEST_SECONDS = 5.0, 30.0
ATTEMPTS = 3
BUCKET = re.compile(r"[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]")


class S3:
    """Locations are `s3://bucket/key`. The endpoint comes from settings only, never from a location."""

    key, label, prefix = "s3", "S3", "s3://"
    explanation = f"Set {BUCKETS} to the buckets that may be read, and {ENDPOINT} where it is not Amazon's."

    def is_configured(self) -> bool:
        return bool(_buckets())

    def check(self, location: str) -> None:
        _parts(location)

    def name(self, location: str) -> str:
        return PurePosixPath(_parts(location)[1]).name

    def shown(self, location: str) -> str:
        return shorten(location, 160)

    def fetch(self, location: str, into: Path, progress: Progress) -> tuple[Path, Sequence[Note]]:
        bucket, key = _parts(location)
        shown, out = self.shown(location), into / "table"
        try:
            files = _file_system()
            about = files.get_file_info(f"{bucket}/{key}")
            if not about.is_file:
                raise DataError(f"There is no object '{shown}'. Check the path; a folder can't be read, only a file.")
            with files.open_input_stream(f"{bucket}/{key}", compression=None) as stream:
                copy(stream.read, about.size, out, shown, progress)
        except (OSError, ValueError) as e:
            if isinstance(e, DataError):
                raise
            raise DataError(_sentence(str(e), shown)) from None  # what the library says may hold the key's id
        return out, ()


def _buckets() -> list[str]:
    return [b.strip() for b in os.environ.get(BUCKETS, "").split(",") if b.strip()]


def _parts(location: str) -> tuple[str, str]:
    bucket, _, key = location.removeprefix("s3://").partition("/")
    if not BUCKET.fullmatch(bucket) or not key or key.endswith("/") or any(ord(c) < 32 for c in key):
        raise DataError(f"'{shorten(location, 80)}' is no path of an object, such as s3://bucket/folder/table.parquet.")
    if any(part in ("", ".", "..") for part in key.split("/")):
        raise DataError(f"'{shorten(location, 80)}' is not read: its path has empty parts or '..'.")
    allowed = _buckets()
    if "*" not in allowed and bucket not in allowed:
        raise DataError(f"The bucket '{bucket}' may not be read here; {BUCKETS} allows {listed(allowed)}.")
    return bucket, key


def _file_system() -> Any:
    from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem

    endpoint = os.environ.get(ENDPOINT) or None
    given: dict[str, Any] = {}
    if endpoint:
        scheme, _, rest = endpoint.rpartition("://")
        given = {"endpoint_override": rest.rstrip("/"), "scheme": scheme or "https"}
    if os.environ.get(KEY):
        given |= {"access_key": os.environ[KEY], "secret_key": os.environ.get(SECRET, "")}
    if region := os.environ.get(REGION) or ("us-east-1" if endpoint else None):
        given["region"] = region
    return S3FileSystem(
        **given,
        connect_timeout=CONNECT_SECONDS,
        request_timeout=REQUEST_SECONDS,
        retry_strategy=AwsStandardS3RetryStrategy(max_attempts=ATTEMPTS),
    )


def _sentence(said: str, shown: str) -> str:
    lowered = said.lower()
    if any(w in lowered for w in ("access_denied", "access denied", "forbidden", "signature", "invalid_access_key", "403")):
        return f"'{shown}' may not be read with the credentials of this server. Ask whoever runs Foretable to check them."
    if any(w in lowered for w in ("no_such_bucket", "no_such_key", "not found", "404")):
        return f"There is no object '{shown}'. Check the bucket and the path."
    if any(w in lowered for w in ("network_connection", "connect", "timeout", "timed out", "resolve")):
        return f"The storage of '{shown}' can't be reached. Try again, or ask whoever runs Foretable to check {ENDPOINT}."
    return f"'{shown}' could not be read to its end. Try again."
