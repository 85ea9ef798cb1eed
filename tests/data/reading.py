"""Reads a file and checks on the way that its report, and the notebook, give the same table again."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from automl.data.read import notebook_source, read_table, read_with_report
from automl.types import ReadReport, from_json, to_json


def read(
    tmp_path: Path, text: str | bytes, name: str = "t.csv", **options
) -> tuple[pd.DataFrame, ReadReport]:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    frame, report = read_with_report(path, options=options or None)
    check_again(path, frame, report)
    return frame, report


def check_again(path: Path, frame: pd.DataFrame, report: ReadReport) -> None:
    stored = from_json(to_json(report), ReadReport)
    assert stored == report
    pd.testing.assert_frame_equal(read_table(path, options=stored.options), frame)
    source = notebook_source(stored, repr(str(path)))
    assert "automl" not in source.replace(str(path), "")
    space: dict = {}
    exec(compile(source, "notebook", "exec"), space)
    pd.testing.assert_frame_equal(space["table"], frame)


def codes(report: ReadReport) -> set[str]:
    return {note.code for note in report.notes}


def said(report: ReadReport, code: str) -> str:
    return " ".join(note.message for note in report.notes if note.code == code)


def same_values(column: pd.Series, values: list) -> bool:
    """Whether a column holds exactly these values, of these types; None is a missing cell."""
    found = column.tolist()
    return len(found) == len(values) and all(
        pd.isna(a) if b is None else type(a) is type(b) and a == b for a, b in zip(found, values, strict=True)
    )
