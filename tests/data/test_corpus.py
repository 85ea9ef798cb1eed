"""Every file of the corpus gives its table, value for value, or is refused in one sentence that says why."""

from __future__ import annotations

import pandas as pd
import pytest

from automl.data import unpack
from automl.data.read import read_with_report
from automl.errors import DataError
from tests.data.corpus_more import CASES
from tests.data.reading import check_again, same_values


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_corpus(tmp_path, monkeypatch, case) -> None:
    monkeypatch.setattr(unpack, "SMALL_BYTES", 1 << 20)  # a small bomb is one too
    path = tmp_path / "file"  # the name says nothing
    path.write_bytes(case.content())
    if case.table is None:
        with pytest.raises(DataError) as refused:
            read_with_report(path, options=case.options or None)
        sentence = str(refused.value)
        assert case.refused in sentence
        assert "file" in sentence and "\n" not in sentence and len(sentence) < 400
        assert [p.name for p in tmp_path.iterdir()] == ["file"]
        return
    frame, report = read_with_report(path, options=case.options or None)
    for name, values in case.table.items():
        assert name in frame.columns
        assert same_values(frame[name], values), (name, frame[name].tolist()[:20], values[:20])
    if case.width:
        assert frame.shape[1] == case.width
    assert report.bad_rows == case.bad
    assert len(report.set_aside) == case.bad
    said = " ".join(note.message for note in report.notes)
    for words in case.says:
        assert words in said
    assert isinstance(frame.index, pd.RangeIndex)
    check_again(path, frame, report)


def test_the_corpus_is_large() -> None:
    assert len(CASES) > 200
    assert len({case.name for case in CASES}) == len(CASES)
