"""The boundary that every page and every part drawn by itself runs in: no traceback reaches a user."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from automl.errors import ForetableError
from automl.ui import widgets

log = logging.getLogger(__name__)


@contextmanager
def boundary(where: str) -> Iterator[None]:
    """Say in a sentence what went wrong inside; log what nobody expected under a reference.

    Parameters
    ----------
    where : str
        What was being drawn, for the log.
    """
    try:
        yield
    except ForetableError as e:
        _say(str(e), where)
    except Exception:
        reference = uuid.uuid4().hex[:8]
        log.exception("%s, reference %s", where, reference)
        _say(
            "This page met a fault of its own, and your data and models are as they were. "
            f"Try again; if it stays, the log has the cause under the reference {reference}.",
            where,
        )


def _say(text: str, where: str) -> None:
    st.error(widgets.plain(text), icon=":material/error:")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Try again", key=f"again-{where}")
        st.page_link("pages/home.py", label="Go to Home")
