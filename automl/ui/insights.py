"""What the model says about its columns, kept between visits: the same files give the same answer."""

from __future__ import annotations

from typing import Any

import streamlit as st

from automl import insight
from automl.bundle import Bundle
from automl.explain import Effect, Influence, Pair


def stamp(bundle: Bundle) -> str:
    """What an answer depends on: the model's own files."""
    files = bundle.manifest["files"]
    return f"{files['model.json']} {files.get('reference.parquet', '')} {bundle.spec.id}"


@st.cache_data(show_spinner="Measuring how far each column moves predictions", max_entries=32)
def _influence(stamp: str, _bundle: Bundle) -> tuple[list[Influence], int, bool]:
    return insight.column_influence(_bundle)


def influence(bundle: Bundle) -> tuple[list[Influence], int, bool]:
    """How far every column moves predictions, on how many rows, and whether these are test rows."""
    return _influence(stamp(bundle), bundle)


@st.cache_data(show_spinner="Shuffling each column of the test rows", max_entries=32)
def _losses(stamp: str, _bundle: Bundle) -> list[dict[str, Any]]:
    return insight.column_losses(_bundle)


def losses(bundle: Bundle) -> dict[str, dict[str, Any]]:
    """Column → what its score is worth on the test rows."""
    return {e["column"]: e for e in _losses(f"{bundle.stamp} {stamp(bundle)}", bundle)}


@st.cache_data(show_spinner="Measuring how long a prediction takes", max_entries=64)
def _latency(stamp: str, _bundle: Bundle) -> dict[str, Any] | None:
    return insight.latency(_bundle)


def latency(bundle: Bundle) -> dict[str, Any] | None:
    """How long a row takes, of many and alone."""
    return _latency(stamp(bundle), bundle)


@st.cache_data(show_spinner="Changing the column in a sample of rows", max_entries=128)
def _effect(stamp: str, column: str, _bundle: Bundle) -> Effect:
    return insight.column_effect(_bundle, column)


def effect(bundle: Bundle, column: str) -> Effect:
    """The effect of a column."""
    return _effect(stamp(bundle), column, bundle)


@st.cache_data(show_spinner="Changing both columns in a sample of rows", max_entries=64)
def _pair(stamp: str, columns: tuple[str, str], _bundle: Bundle) -> Pair:
    return insight.column_pair(_bundle, columns)


def pair(bundle: Bundle, columns: tuple[str, str]) -> Pair:
    """The effect of two columns together."""
    return _pair(stamp(bundle), columns, bundle)
