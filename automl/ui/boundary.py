"""The boundary that every page and every part drawn by itself runs in: no traceback reaches a user."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from automl import config
from automl.errors import ForetableError
from automl.store import room
from automl.ui import widgets

log = logging.getLogger(__name__)


@contextmanager
def boundary(where: str, *, again: bool = True) -> Iterator[None]:
    """Say in a sentence what went wrong inside; log what nobody expected under a reference.

    Parameters
    ----------
    where : str
        What was being drawn, for the log.
    again : bool
        Offer to try again.
    """
    try:
        yield
    except ForetableError as e:
        _say(str(e), where, again)
    except Exception as e:
        if said := room.sentence(e, config.home()):
            log.warning("%s: %s", where, e, exc_info=True)
            _say(said, where, again)
            return
        reference = uuid.uuid4().hex[:8]
        log.exception("%s, reference %s", where, reference)
        _say(
            "This page met a fault of its own, and your data and models are as they were. "
            f"Try again; if it stays, the log has the cause under the reference {reference}.",
            where,
            again,
        )


def failing_softly(act: Callable[..., object]) -> Callable[..., None]:
    """An action as the callback of a button: what goes wrong is said on top of the page drawn next."""

    def callback(*args: object) -> None:
        with boundary(getattr(act, "__name__", "action"), again=False):
            act(*args)

    return callback


def _say(text: str, where: str, again: bool) -> None:
    st.error(widgets.plain(text), icon=":material/error:")
    if not again:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Try again", key=f"again-{where}")
        st.page_link("pages/home.py", label="Go to Home")
