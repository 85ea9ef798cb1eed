from __future__ import annotations

import pytest

from automl.data import web
from automl.errors import DataError


@pytest.mark.parametrize(
    "page",
    [
        "<table>" + ("<tr>" + "<td colspan=1000>x" * 100) * 20,
        "<table><tr>" + "<td rowspan=99999>x" * 1_000 + "<tr><td>y" * 2_000,
        "<table><tr><td colspan=1000 rowspan=99999>x" + "<tr><td>y" * 2_000,
    ],
)
def test_spans_do_not_fill_the_memory(page):
    ((_, rows),) = web.page_rows(page)
    assert 1_000_000 <= sum(map(len, rows)) < 1_010_000


def test_spans_of_tables_count():
    ((name, rows),) = web.page_rows(
        "<table><caption>May</caption><tr><th rowspan=2>shop<th colspan=2>sold<tr><th>tea<th>milk<tr><td rowspan=2>A<td>1<td>2<tr><td>3<td>4</table>"
    )
    assert name == "May"
    assert rows == [["shop", "sold", ""], ["", "tea", "milk"], ["A", "1", "2"], ["A", "3", "4"]]


def test_a_wide_row_among_very_many_is_no_table(tmp_path, monkeypatch):
    monkeypatch.setattr(web, "MOST_CELLS", 1_000)
    path = tmp_path / "page"
    path.write_text("<table>" + "<tr><td>1<td>2" * 200 + "<tr>" + "<td>x" * 50 + "</table>")
    with pytest.raises(DataError, match="without a table of rows and columns"):
        web.sheets(path, "page.xls")
