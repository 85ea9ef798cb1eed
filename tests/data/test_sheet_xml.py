from __future__ import annotations

import io

import pytest

from automl.data.read import read_table
from automl.data.sheet_xml import xml_sheet_text
from automl.errors import DataError

HEAD = '<?xml version="1.0"{}?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="S"><Table>'
FOOT = "</Table></Worksheet></Workbook>"
CELL = "<Cell{}><Data ss:Type='Number'>1</Data></Cell>"


def test_numbers_of_cells_do_not_fill_the_memory(tmp_path):
    path = tmp_path / "book.xls"
    path.write_text(HEAD.format("") + ("<Row>" + CELL.format(" ss:Index='16384'") + "</Row>") * 3_100 + FOOT)
    with pytest.raises(DataError, match="tens of millions of cells"):
        read_table(path)


def test_merged_cells_make_no_row_wider_than_a_sheet_is():
    row = "<Row>" + CELL.format(" ss:MergeAcross='16384'") * 20 + "</Row>"
    book = io.BytesIO((HEAD.format("") + row + FOOT).encode())
    assert xml_sheet_text(book, "S").count(",") + 1 == 16_384 + 19


def test_entities_are_refused_in_utf_16_too(tmp_path):
    text = HEAD.format(' encoding="utf-16"').replace("?>", '?><!DOCTYPE x [<!ENTITY a "b">]>', 1) + "<Row><Cell><Data>&a;</Data></Cell></Row>" * 5 + FOOT
    path = tmp_path / "book.xls"
    path.write_bytes(text.encode("utf-16"))
    with pytest.raises(DataError):
        read_table(path)
