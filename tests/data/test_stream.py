"""Large files: the same table as when the file is read at once, block by block."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl.data import around, stream, survey
from automl.data.append import table_of_file
from automl.data.read import read_with_report
from automl.errors import DataError
from automl.types import ReadReport, from_json, to_json


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(survey, "BLOCK_BYTES", 2_000)
    monkeypatch.setattr(survey, "HEAD_BYTES", 4_000)
    monkeypatch.setattr(survey, "PIECE_BYTES", 1_000)
    monkeypatch.setattr(survey, "PIECES", 8)


def convert(tmp_path, text, **options):
    path, out = tmp_path / "t.csv", tmp_path / "t.parquet"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    told: list[float] = []
    rows, report = stream.to_parquet(path, out, name="t.csv", options=options, progress=told.append)
    frame = pd.read_parquet(out)
    assert len(frame) == rows
    assert told == sorted(told)
    assert told[-1] == 1
    assert from_json(to_json(report), ReadReport) == report
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith("foretable")] == []
    return frame, report


def a_table(rows=600, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "id": np.arange(rows),
            "x": rng.normal(size=rows).round(4),
            "city": rng.choice(["Köln", "Ulm", "Bad Ems"], rows),
            "when": pd.date_range("2024-01-01", periods=rows, freq="h").strftime("%d/%m/%Y %H:%M"),
            "flag": rng.choice(["true", "false"], rows),
            "note": [f'said "{i}", then\nleft' if i % 7 == 0 else f"note {i}" for i in range(rows)],
        }
    )


def same_as_at_once(tmp_path, frame):
    whole, _ = read_with_report(tmp_path / "t.csv")
    # whole numbers with gaps are stored as such, and become float64 in pandas
    pd.testing.assert_frame_equal(frame, whole, check_dtype=False)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_same_table_as_at_once(tmp_path, encoding, end):
    text = a_table().to_csv(index=False, lineterminator=end)
    frame, report = convert(tmp_path, text.encode(encoding))
    same_as_at_once(tmp_path, frame)
    assert report.options["encoding"] == encoding
    assert frame["note"].iloc[7].startswith('said "7", then')


def test_gaps_and_ways_of_writing(tmp_path):
    table = a_table()
    table["price"] = [f"{1000 + i:,}.50".replace(",", "_").replace(".", ",").replace("_", ".") for i in range(600)]
    table.loc[::9, "x"] = np.nan
    table.loc[::11, "city"] = " n/a "
    text = "Some title\n\n" + table.to_csv(index=False, sep=";", decimal=",")
    frame, report = convert(tmp_path, text)
    same_as_at_once(tmp_path, frame)
    assert frame["price"].iloc[3] == 1003.5
    assert report.options["delimiter"] == ";"


def test_rows_that_do_not_fit_are_set_aside_with_their_lines(tmp_path):
    lines = a_table().drop(columns="note").to_csv(index=False).splitlines()
    lines[100] += ",more"
    lines[200] = "5,6"
    lines[300] = ""
    lines[301] = '7,8,"stray,01/02/2024 10:00,true'
    frame, report = convert(tmp_path, "\n".join(lines) + "\n")
    assert len(frame) == 597 - 1
    assert report.bad_rows == 3
    said = next(n.message for n in report.notes if n.code == "bad_rows")
    assert "3 rows set aside because they don't have 5 fields (1 with too few and 2 with too many): lines 101, 201, 302." in said
    kept = [int(line.split(",")[0]) for i, line in enumerate(lines[1:], 1) if i not in (100, 200, 300, 301)]
    assert frame["id"].tolist() == kept


def test_a_stray_quote_costs_its_own_line(tmp_path):
    lines = [f"{i},word {i},{i / 8}" for i in range(3000)]
    lines[1500] = '1500,"word,3'
    frame, report = convert(tmp_path, "n,word,x\n" + "\n".join(lines) + "\n")
    assert report.bad_rows == 1
    assert frame["n"].tolist() == [i for i in range(3000) if i != 1500]


def test_what_comes_late_is_no_surprise(tmp_path, monkeypatch):
    monkeypatch.setattr(survey, "PIECES", 0)
    rows = 4000
    table = pd.DataFrame({"whole": np.arange(rows).astype(str), "x": np.arange(rows) / 8, "flag": ["true"] * rows})
    table = table.astype(str)
    table.loc[3990, "whole"] = "3990.5"
    table.loc[3991, "x"] = "broken"
    table.loc[3992, "flag"] = ""
    table.loc[3993, "x"] = "inf"
    table.loc[3994, "x"] = "n/a"
    text = table.to_csv(index=False)
    frame, report = convert(tmp_path, text)
    assert frame["whole"].iloc[3990] == 3990.5
    assert frame["x"].isna().sum() == 3
    assert frame["flag"].iloc[0] == "True" and pd.isna(frame["flag"].iloc[3992])
    said = [n.message for n in report.notes if n.code == "lost"]
    assert said == ["'x': 2 cells without a number, such as 'broken' and 'inf', are taken as missing."]


def test_a_column_that_turns_into_words_is_text(tmp_path, monkeypatch):
    monkeypatch.setattr(survey, "PIECES", 0)
    table = pd.DataFrame({"n": range(4000), "code": [str(i) if i < 3000 else f"x{i}" for i in range(4000)]})
    frame, _ = convert(tmp_path, table.to_csv(index=False))
    assert frame["code"].tolist() == table["code"].tolist()


def test_long_whole_numbers_keep_their_digits(tmp_path):
    table = pd.DataFrame({"n": range(500), "key": [9007199254740993 + i for i in range(500)]})
    frame, _ = convert(tmp_path, table.to_csv(index=False))
    assert frame["key"].tolist() == table["key"].tolist()


def test_mostly_bad_files_are_refused(tmp_path):
    text = "a,b\n" + "1,2\n" * 900 + "1,2,3\n" * 3000
    with pytest.raises(DataError, match="don't have"):
        convert(tmp_path, text)
    assert not (tmp_path / "t.parquet").exists()


def test_line_ends_of_old_macs(tmp_path):
    frame, _ = convert(tmp_path, "a,b\r" + "".join(f"{i},x\r" for i in range(3000)))
    assert frame["a"].tolist() == list(range(3000))


def test_no_line_end_at_all_is_refused_in_words(tmp_path):
    with pytest.raises(DataError, match="no line end in its first"):
        convert(tmp_path, "a,b " + "1,2 " * 3000)


def test_rules_and_closing_lines_are_no_rows(tmp_path):
    rows = [f"| 2024-01-{i % 28 + 1:02d} | {i} | n{i} |\n" for i in range(900)]
    rows[500] += "|---|---|---|\n"
    frame, report = convert(tmp_path, "| day | n | who |\n|:--|--:|---|\n" + "".join(rows))
    assert len(frame) == 900 and report.bad_rows == 0
    rows = [f"2024-01-{i % 28 + 1:02d};{i};n{i}\n" for i in range(900)]
    frame, report = convert(tmp_path, "day;n;who\n" + "".join(rows) + "\nBalance;;5\nas of;;yesterday\n")
    same_as_at_once(tmp_path, frame)
    assert [(row.line, row.reason) for row in report.set_aside] == [(903, around.CLOSING), (904, around.CLOSING)]
    assert any("Lines 903 to 904 below the table ('Balance' and 'as of') are no rows" in n.message for n in report.notes)


def test_a_table_that_goes_on_below_another_one(tmp_path):
    a, b = "".join(f"{i},x{i},{i / 8}\n" for i in range(500)), "".join(f"2024-01-{i % 28 + 1:02d},{i}\n" for i in range(300))
    for names in ("a,b,c\n", ""):
        frame, report = convert(tmp_path, f"a,b,c\n{a}\nday,n\n{b}\n{names}{a}")
        assert frame["a"].tolist() == [*range(500)] * 2
        whole, other = read_with_report(tmp_path / "t.csv")
        pd.testing.assert_frame_equal(frame, whole, check_dtype=False)
        assert report.bad_rows == other.bad_rows == 301 + bool(names)
        assert [n.message for n in report.notes if n.code == "apart"] == [n.message for n in other.notes if n.code == "apart"]


@pytest.mark.parametrize("gap", [",,\n", "\n"])
@pytest.mark.parametrize("above", [0, 2, 100])
def test_more_empty_rows_than_the_head_holds(tmp_path, gap, above):
    rows = [f"{i},x{i},{i / 8}\n" for i in range(500)]
    frame, report = convert(tmp_path, "a,b,c\n" + "".join(rows[:above]) + 3000 * gap + "".join(rows[above:]))
    same_as_at_once(tmp_path, frame)
    assert len(frame) == 500 and report.bad_rows == 0


def test_dates_far_away_stay_missing_dates(tmp_path):
    frame, _ = convert(tmp_path, "n,until\n" + "".join(f"{i},{'9999-12-31' if i % 2 else '2024-01-31'}\n" for i in range(900)))
    same_as_at_once(tmp_path, frame)
    assert frame["until"].isna().sum() == 450


def test_one_column_and_no_line_end(tmp_path):
    frame, _ = convert(tmp_path, "n\n" + "\n".join(str(i) for i in range(2000)))
    assert frame["n"].tolist() == list(range(2000))


def test_rows_set_aside_are_kept_with_their_text(tmp_path):
    lines = [f"{i},word {i},{i / 8}" for i in range(3000)]
    lines[700] = "700,short"
    lines[1500] = '1500,"word,3'
    lines[2000] = "n,word,x"
    frame, report = convert(tmp_path, "n,word,x\n" + "\n".join(lines) + "\n\x1a")
    assert [(b.line, b.reason, b.text) for b in report.set_aside] == [
        (702, "2 cells instead of 3", "700,short"),
        (1502, "a quotation mark that is never closed", '1500,"word,3'),
        (2002, "the column names once more", "n,word,x"),
    ]
    assert frame["n"].tolist() == [i for i in range(3000) if i not in (700, 1500, 2000)]


def test_quotes_written_with_a_backslash(tmp_path):
    lines = [f'{i},"say \\"no, {i}\\"",{i / 8}' for i in range(1000)]
    frame, report = convert(tmp_path, "n,word,x\n" + "\n".join(lines) + "\n")
    assert frame["word"].tolist() == [f'say "no, {i}"' for i in range(1000)]
    assert report.bad_rows == 0
    same_as_at_once(tmp_path, frame)


@pytest.mark.parametrize("late", ["", "late"])
def test_separators_at_the_ends_of_lines(tmp_path, monkeypatch, late):
    monkeypatch.setattr(survey, "PIECES", 0)
    lines = [f"{i},x,{late if i == 3000 else ''}" for i in range(4000)]
    frame, _ = convert(tmp_path, "a,b,\n" + "\n".join(lines) + "\n")
    assert frame.columns.tolist() == ["a", "b", *(["column_3"] if late else [])]
    same_as_at_once(tmp_path, frame)


def test_amounts(tmp_path):
    table = a_table()
    table["price"] = [f"${i:,}.50" if i % 3 else f"(${i:,}.25)" for i in range(600)]
    table["share"] = [f"{i / 8} %" for i in range(600)]
    frame, _ = convert(tmp_path, table.to_csv(index=False))
    assert frame["price"].tolist() == [i + 0.5 if i % 3 else -i - 0.25 for i in range(600)]
    assert frame["share"].tolist() == [i / 8 for i in range(600)]
    same_as_at_once(tmp_path, frame)


def test_places_inside_quotes_are_told(monkeypatch):
    monkeypatch.setattr(stream, "PARSED_BYTES", 10)
    assert not stream._edge_in_quotes(b'1,"a"\n2,"b"\n3,"c"\n4,"d"\n')
    assert not stream._edge_in_quotes(b'1,"a\nb"\n')  # not cut at all
    assert stream._edge_in_quotes(b'1,2\n3,"a\nbcdefgh"\n5,6\n')  # cut behind the line end inside the quotes
    assert stream._edge_in_quotes(b'1,2\n3,4\n5,"abc\nd"\n')  # cut before it, and behind it once more
    assert stream._edge_in_quotes(b'1,"abcdefghijklmnopqrst"\n')  # no line end to cut behind


def test_line_ends_in_quotes_wherever_the_file_is_cut(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    words = ["one\nline, two, three", "plain", 'with "quotes"\n', "a\n\nb"]
    table = pd.DataFrame({"n": range(500), "x": rng.normal(size=500).round(2), "remark": rng.choice(words, 500)})
    monkeypatch.setattr(stream, "PARSED_BYTES", 97)
    frame, report = convert(tmp_path, table.to_csv(index=False))
    assert report.set_aside == ()
    assert frame["n"].tolist() == list(range(500))
    assert frame["remark"].tolist() == table["remark"].str.strip().tolist()
    assert frame["x"].tolist() == table["x"].tolist()


def test_what_is_missing_is_counted_where_appending_asks(tmp_path):
    text = "n,flag,when,x\n" + "".join(f"{i},true,2024-01-{1 + i % 28:02d},{'' if i % 9 == 0 else i / 4}\n" for i in range(600))
    convert(tmp_path, text)
    assert table_of_file(tmp_path / "t.parquet", "t").gaps >= {"x"}
    assert not table_of_file(tmp_path / "t.parquet", "t").gaps & {"n", "flag"}


def test_columns_lined_up_with_spaces(tmp_path):
    text = "The title\n\nname            born    pay\n" + "".join(f"{f'Doe, Ann {i}':<16}{1900 + i % 90}{i / 4:>7.2f}\n" for i in range(700))
    frame, report = convert(tmp_path, text + "this line runs through all of the columns\n")
    assert (list(frame.columns), len(frame), report.bad_rows) == (["name", "born", "pay"], 700, 1)
    assert report.set_aside[0].line == 704
    assert "spaces that line columns up" in report.notes[0].message
    same_as_at_once(tmp_path, frame)
    again, _ = convert(tmp_path, text, **{k: report.options[k] for k in ("delimiter", "lined_up")})
    pd.testing.assert_frame_equal(again, frame)


def test_units_below_the_names(tmp_path):
    frame, report = convert(tmp_path, "t,v\ns,m/s\n" + "".join(f"{i},{i}.5\n" for i in range(900)))
    assert frame["t"].tolist() == list(range(900))
    assert [(row.line, row.reason) for row in report.set_aside] == [(2, "units rather than values")]
    same_as_at_once(tmp_path, frame)


@pytest.mark.parametrize("total", ["", "Total,404550,404550\n"])
def test_remarks_that_are_padded(tmp_path, total):
    rows = "".join(f"r{i},{i},{i}\n" for i in range(900))
    text = f"region,sales,cost\n{rows}{total},,\nSource: the office,,\n,,\nMade by X,,\n"
    frame, report = convert(tmp_path, text)
    _, whole = read_with_report(tmp_path / "t.csv")
    assert (report.bad_rows, report.set_aside) == (2, whole.set_aside)
    assert frame["sales"].head(900).tolist() == list(range(900))
    assert any(note.code == "total_row" for note in report.notes) == bool(total)
    same_as_at_once(tmp_path, frame)


EMPTY_ROWS = {
    "at the foot": ("", ";;;\n" * 700, {}),
    "at the foot, behind blank lines": ("", "\n\n;;;\n;;;\n\n", {}),
    "at the foot, of spaces and another width": ("", " ; ;; \n;;\n;;;", {}),
    "at the foot, under totals": ("", "Total;;{total};\n" + ";;;\n" * 50, {}),
    "at the foot, under totals set aside": ("", "Total;;{total};\n" + ";;;\n" * 50, {"total_row": "aside"}),
    "at the foot, under a remark": ("", ";;;\nSource: SAP;;;\n" + ";;;\n" * 5, {}),
    "at the foot, kept": ("", ";;;\n" * 9, {"blank_rows": "kept"}),
    "within": (";;;\n", "", {}),
    "within, of empty quotes": ('"";"";"";""\n', "", {}),
    "within, kept": (";;;\n", "", {"blank_rows": "kept"}),
    "of words for missing": ("NA;NA;NA;NA\n", "NA;;;\n", {}),
}


@pytest.mark.parametrize("case", EMPTY_ROWS)
def test_rows_without_a_value_in_a_large_file_go_as_in_a_small_one(tmp_path, monkeypatch, case):
    for name, size in {"BLOCK_BYTES": 2_000, "HEAD_BYTES": 4_000, "PIECE_BYTES": 1_000, "PIECES": 8}.items():
        monkeypatch.setattr(survey, name, size)
    within, foot, options = EMPTY_ROWS[case]
    rows = [f"{i};s{i % 7};{i}.5;2024-01-{i % 28 + 1:02d}\n" for i in range(1, 600)]
    text = "id;shop;sold;day\n" + "".join(row + within * (i % 250 == 0) * 2 for i, row in enumerate(rows))
    path, out = tmp_path / "t.csv", tmp_path / "t.parquet"
    path.write_text(text + foot.replace("{total}", str(sum(i + 0.5 for i in range(1, 600)))))
    count, report = stream.to_parquet(path, out, name="t.csv", options=options)
    whole, other = read_with_report(path, options=options)
    pd.testing.assert_frame_equal(pd.read_parquet(out), whole, check_dtype=False)
    assert (count, report.bad_rows, report.set_aside) == (len(whole), other.bad_rows, other.set_aside)
    said, others = ([n.message for n in r.notes if n.code in ("empty_rows", "total_row", "total_aside", "blank_lines")] for r in (report, other))
    assert said == others
    assert bool(said) == ("kept" not in case and "missing" not in case)
    if "kept" not in case and "missing" not in case and "remark" not in case:
        assert count == 599 + ("totals" in case and not options)


BELOW = {
    "narrower": "region;total\nnorth;5\nsouth;6\n",
    "wider, with a title": "By region\nregion;total;share;rank;first\nnorth;5;0.5;1;2024-01-01\n",
    "as wide": "region;n;share;rank\nnorth;5;0.5;1\nsouth;6;0.5;2\n",
    "as wide and of words": "name;city;street;land\nAnn;Ulm;A;DE\nBob;Bonn;B;DE\n",
    "padded": "region;total;;\nnorth;5;;\nsouth;6;;\n",
    "as wide and long": "region;n;share;rank\n" + "".join(f"north;{i};0.5;x{i}\n" for i in range(300)),
    "two of them": "region;total\nnorth;5\n\nk;v;w\np;1;2\nq;3;4\n",
    "further rows of the same table": "900;s5;1.5;2024-01-05\n901;s6;2.5;2024-01-06\n",
    "the names once more": "id;shop;sold;day\n900;s5;1.5;2024-01-05\n",
}


@pytest.mark.parametrize("gap", ["\n", ";;;\n", "\n\n"])
@pytest.mark.parametrize("case", BELOW)
def test_another_table_below_in_a_large_file_is_set_aside_as_in_a_small_one(tmp_path, case, gap):
    rows = [f"{i};s{i % 7};{i}.5;2024-01-{i % 28 + 1:02d}\n" for i in range(1, 600)]
    text = "id;shop;sold;day\n" + "".join(rows) + gap + BELOW[case]
    frame, report = convert(tmp_path, text)
    whole, other = read_with_report(tmp_path / "t.csv")
    pd.testing.assert_frame_equal(frame, whole, check_dtype=False)
    assert (report.bad_rows, report.set_aside) == (other.bad_rows, other.set_aside)
    said, others = ([n.message for n in r.notes if n.code == "apart"] for r in (report, other))
    assert said == others
    assert len(said) == {"two of them": 2, "further rows of the same table": 0, "the names once more": 0}.get(case, 1)
    assert frame["sold"].dtype == np.float64


def test_another_table_in_the_middle_of_a_large_file(tmp_path):
    rows = [f"{i};s{i % 7};{i}.5;2024-01-{i % 28 + 1:02d}\n" for i in range(1, 900)]
    names = "id;shop;sold;day\n"
    frame, report = convert(tmp_path, names + "".join(rows[:500]) + "\nregion;n;x;y\na;1;2;b\n\n" + names + "".join(rows[500:]))
    assert frame["id"].tolist() == list(range(1, 900))
    assert [(row.line, row.reason) for row in report.set_aside] == [
        (503, "a line of another table"), (504, "a line of another table"), (506, "the column names once more"),
    ]  # fmt: skip
    assert "its 2 lines were set aside" in " ".join(note.message for note in report.notes)


def test_blank_lines_between_rows_of_a_large_file_part_no_tables(tmp_path):
    rows = [f"{i};s{i % 7};{i}.5;2024-01-{i % 28 + 1:02d}\n" for i in range(1, 900)]
    text = "id;shop;sold;day\n" + "\n".join(rows)
    frame, report = convert(tmp_path, text)
    assert frame["id"].tolist() == list(range(1, 900))
    assert report.bad_rows == 0
    assert "898 blank lines left out." in [note.message for note in report.notes]


@pytest.mark.parametrize(
    ("names", "row"),
    [
        ("id name v", "{i} x{i} {i}.5"),
        ("id   name\tv", "{i}  \t x{i}   {i}.5"),
        ("id||name||v", "{i}||x | y {i}||{i}.5"),
        ("id||name||v", '{i}||"x||{i}"||{i}.5'),
        ("id¦name¦v", "{i}¦x, {i}¦{i}.5"),
        ('"id,name,v"', '"{i},""x, {i}"",{i}.5"'),
        ("id,name,v", "{i},'x, {i}',{i}.5"),
        ("id;name;v", "{i};x{i};{i}.5 b"),
    ],
)  # fmt: skip
def test_long_marks_and_other_quotes_in_a_large_file_as_in_a_small_one(tmp_path, names, row):
    text = names + "\n" + "".join(row.replace("{i}", str(i)) + ("" if i % 3 or not row.endswith(" b") else " e") + "\n" for i in range(700))
    text = text.replace(" b\n", "\n")
    frame, report = convert(tmp_path, text)
    assert (list(frame.columns), len(frame)) == (["id", "name", "v"], 700)
    same_as_at_once(tmp_path, frame)
    again, _ = convert(tmp_path, text, **{k: report.options[k] for k in ("delimiter", "mended")})
    pd.testing.assert_frame_equal(again, frame)
    bad = convert(tmp_path, text + "lonely\n")[1]
    assert bad.bad_rows == 1 and bad.set_aside[0].line == 702 and "\x1f" not in bad.set_aside[0].text


def test_lines_of_windows_in_a_large_file_of_utf_8(tmp_path):
    rows = [f"{i},{'Köln' if i % 2 else 'Málaga'}\n".encode("cp1252" if i % 50 == 7 else "utf-8") for i in range(700)]
    frame, report = convert(tmp_path, b"id,town\n" + b"".join(rows))
    assert set(frame["town"]) == {"Köln", "Málaga"}
    assert "14 places are no UTF-8" in " ".join(note.message for note in report.notes)
    same_as_at_once(tmp_path, frame)
