"""Any data frame, written to CSV in any dialect, comes back equal: read at once, and block by block."""

from __future__ import annotations

import csv
import datetime

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automl.data import stream, survey
from automl.data.read import read_with_report

NAMES = ["id", "a, b", "x;y", 'say "q"', "naïve", "p|q", "price $", "two\nlines", "<b>", "= 1", "Größe"]
WORDS = st.text("ab\"',;|\t\n éß😀#$%/-.:0123= ", max_size=12).map(lambda inner: f"w{inner}z")
DATES = st.dates(datetime.date(1950, 1, 1), datetime.date(2100, 1, 1))


@st.composite
def columns(draw, rows: int) -> pd.Series:
    def cells(values, gaps: bool = False):
        return draw(st.lists(st.none() | values if gaps else values, min_size=rows, max_size=rows))

    match draw(st.sampled_from(["text", "text with gaps", "whole", "float", "date", "flag"])):
        case "text":
            return pd.Series(cells(WORDS), dtype="str")
        case "text with gaps":
            return pd.Series([*cells(WORDS, gaps=True)[1:], "word"], dtype="str")
        case "whole":
            return pd.Series(cells(st.integers(-(2**63), 2**63 - 1)), dtype="int64")
        case "float":
            found = cells(st.floats(-1e9, 1e9, allow_nan=False).map(lambda x: round(x, 4)), gaps=True)
            return pd.Series([*found[1:], 0.5], dtype="float64")
        case "date":
            found = pd.to_datetime(pd.Series(cells(DATES, gaps=True)[1:] + [datetime.date(2024, 1, 31)]))
            return found.astype("datetime64[ns]")
        case _:
            return pd.Series(cells(st.booleans()), dtype=bool)


@st.composite
def frames(draw) -> pd.DataFrame:
    rows = draw(st.integers(4, 9))
    names = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=4, unique=True))
    return pd.DataFrame({name: draw(columns(rows)) for name in names})


@st.composite
def dialects(draw) -> dict:
    delimiter = draw(st.sampled_from([",", ";", "\t", "|"]))
    decimal = draw(st.sampled_from([".", ","] if delimiter != "," else ["."]))
    return {
        "sep": delimiter,
        "decimal": decimal,
        "quoting": draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])),
        "lineterminator": draw(st.sampled_from(["\n", "\r\n"])),
        "header": draw(st.sampled_from([True, True, False])),
        "date_format": draw(st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y"])),
    }


ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])


def written(frame: pd.DataFrame, dialect: dict, encoding: str) -> bytes:
    return frame.to_csv(index=False, **dialect).encode(encoding)


def same(found: pd.DataFrame, frame: pd.DataFrame, dialect: dict) -> None:
    names = list(frame.columns) if dialect["header"] else [f"column_{i + 1}" for i in range(frame.shape[1])]
    assert list(found.columns) == names
    assert len(found) == len(frame)
    for position, name in enumerate(names):
        a, b = found[name].tolist(), frame.iloc[:, position].tolist()
        for x, y in zip(a, b, strict=True):
            assert (pd.isna(x) and pd.isna(y)) or (x == y and isinstance(x, type(y) | int)), (name, x, y)


# What is the writer's own choice and can't be seen in a short file is said: names or none, and which
# delimiter where every cell of text may hold all of them.
def choices(dialect: dict) -> dict:
    return {"header": dialect["header"], "delimiter": dialect["sep"], "decimal": dialect["decimal"]}


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(frame=frames(), dialect=dialects(), encoding=ENCODINGS)
def test_at_once(tmp_path, frame, dialect, encoding):
    path = tmp_path / "t"
    path.write_bytes(written(frame, dialect, encoding))
    found, report = read_with_report(path, options=choices(dialect))
    assert report.bad_rows == 0
    same(found, frame, dialect)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(frame=frames(), dialect=dialects(), encoding=ENCODINGS)
def test_block_by_block(tmp_path, monkeypatch, frame, dialect, encoding):
    for name, value in {"BLOCK_BYTES": 300, "HEAD_BYTES": 2000, "PIECE_BYTES": 300, "PIECES": 2}.items():
        monkeypatch.setattr(survey, name, value)
    path, out = tmp_path / "t", tmp_path / "t.parquet"
    path.write_bytes(written(frame, dialect, encoding))
    stream.to_parquet(path, out, name="t", options=choices(dialect))
    same(pd.read_parquet(out), frame, dialect)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(frame=frames(), dialect=dialects(), encoding=ENCODINGS)
def test_without_being_told(tmp_path, frame, dialect, encoding):
    """With one column of numbers and one of plain words the layout is found."""
    words = (["red", "blue", "green"] * 3)[: len(frame)]
    frame = frame.assign(number=np.arange(len(frame)) + 0.25, word=words)
    path = tmp_path / "t"
    path.write_bytes(written(frame, {**dialect, "header": True}, encoding))
    same(read_with_report(path)[0], frame, {**dialect, "header": True})
