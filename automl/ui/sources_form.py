"""Other sources of a table: a folder on the server, S3, a database; each with what to set where it is not."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from automl import wording
from automl.data import sources
from automl.data.sources import sql
from automl.data.sources.folder import MOST_FILES, Folder
from automl.errors import ForetableError
from automl.jobs import client
from automl.types import Dataset
from automl.ui import widgets
from automl.ui.state import go, project, workspace

LABELS = {key: source.label for key, source in sources.SOURCES.items()}


def show() -> None:
    """The sources, folded; those that are not configured say which setting they need."""
    ready = [key for key, source in sources.SOURCES.items() if source.is_configured()]
    with st.expander("From a folder on the server, S3 or a database", key="sources", on_change="rerun") as opened:
        if not opened.open:
            return
        key = st.segmented_control(
            "Source", list(LABELS), format_func=LABELS.__getitem__, default=(ready or list(LABELS))[0], required=True,
            key="source",
        )  # fmt: skip
        source = sources.SOURCES[key or next(iter(LABELS))]
        if not source.is_configured():
            widgets.empty(f"{source.label}: not set up", f"{source.explanation} Then start Foretable again.")
            return
        try:
            location, name = FORMS[source.key]()
        except ForetableError as e:
            st.error(widgets.plain(str(e)), icon=":material/error:")
            return
        if st.button("Fetch the table", key="fetch", disabled=not location, icon=":material/download:"):
            _fetch(location, name)


def refresh(dataset: Dataset) -> None:
    """Fetch a table again: what comes is proposed as the next version."""
    came = dataset.report.options["source"]
    location = str(came["location"])
    try:
        shown = sources.source_of(location).shown(location)
    except ForetableError as e:
        widgets.muted(f"It can't be fetched again: {e}")
        return
    when = f"{came['fetched'][:16].replace('T', ' ')} UTC"
    widgets.muted(f"Fetched from {shown} on {when}. What differs now is shown before anything is kept.")
    if st.button("Fetch it now", key="fetch-again", icon=":material/refresh:"):
        _fetch(location, dataset.name, version_of=dataset.id)


def _fetch(location: str, name: str, **about: str) -> None:
    try:
        job = client.fetch(workspace(), location, name=name, project=project().id, **about)
    except ForetableError as e:
        st.error(widgets.plain(str(e)), icon=":material/error:")
    else:
        go("data", dataset=job.subject)


# -- a form a source: the location and what to call the table ------------------------------------


def _folder() -> tuple[str, str]:
    files = {f.path: f for f in Folder().files()}
    if not files:
        widgets.muted("The folder holds no files yet. Put a table there, then load this page again.")
        return "", ""

    def shown(path: str) -> str:
        day = datetime.fromtimestamp(files[path].modified, UTC).date().isoformat()
        return f"{widgets.short(path, 80)} · {wording.filesize(files[path].bytes)} · {day}"

    path = st.selectbox(
        "File", list(files), index=None, format_func=shown, key="folder-file", placeholder="Choose a file, or type a part of its name"
    )
    if len(files) == MOST_FILES:
        widgets.muted(f"The first {wording.count(MOST_FILES)} files are listed.")
    return (f"folder:{path}", path.rsplit("/", 1)[-1]) if path else ("", "")


def _s3() -> tuple[str, str]:
    path = st.text_input("Path", key="s3-path", placeholder="s3://bucket/folder/table.parquet", max_chars=1100).strip()
    return (path, path.rsplit("/", 1)[-1] or path) if path.startswith("s3://") else ("", "")


def _sql() -> tuple[str, str]:
    one, two = st.columns(2)
    database = one.selectbox("Database", sql.connections(), key="sql-database")
    query = st.text_area(
        "Query, or the name of a table", key="sql-query", height=120, max_chars=sql.MOST_QUERY,
        placeholder="SELECT * FROM customers WHERE since >= '2024-01-01'",
    )  # fmt: skip
    usual = query.strip() if sql.TABLE.fullmatch(query.strip()) else f"{database} query"
    name = two.text_input("Name of the table here", key="sql-name", placeholder=usual, max_chars=80)
    widgets.muted(f"Read only; at most {wording.count(sql.max_rows())} rows are fetched.")
    return (f"sql:{database}:{query}", name.strip() or usual) if query.strip() else ("", "")


FORMS = {"folder": _folder, "s3": _s3, "sql": _sql}
