"""Tables under each other: alignment, kinds, copies, hostile names; whole and from files alike."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.data.append import append, append_files, plan, table_of_file
from automl.errors import DataError

A = pd.DataFrame(
    {"id": [1, 2, 3], "Plan": ["a", "b", None], "since": pd.to_datetime(["2024-01-01", None, "2024-03-01"])}
)
B = pd.DataFrame(
    {"SINCE": pd.to_datetime(["2024-05-01", "2024-03-01"]), "plan": ["c", None], "ID": [4, 3], "city": ["Oslo", "Rome"]}
)


def said(report) -> str:
    return "\n".join(note.message for note in report.notes)


def test_columns_are_found_by_name_whatever_their_order_and_case() -> None:
    table, report = append([A, B], ["a.csv", "b.csv"])
    assert list(table.columns) == ["id", "Plan", "since", "city"]
    assert table["id"].tolist() == [1, 2, 3, 4, 3] and table["id"].dtype == "int64"
    assert table["Plan"].tolist()[:2] == ["a", "b"] and table["Plan"].tolist()[3] == "c"
    assert table["since"].tolist()[3] == pd.Timestamp("2024-05-01")
    assert table["city"].isna().tolist() == [True, True, True, False, False]
    assert report.rows == (3, 2)
    assert "'ID' of 'b.csv' is taken for 'id'." in said(report)
    assert "'city' is not in 'a.csv': 3 rows have no value there." in said(report)
    assert said(report).startswith("Put 3 and 2 rows under each other: 5 rows and 4 columns.")


@pytest.mark.parametrize(
    ("keep", "columns"),
    [("all", ["id", "Plan", "since", "city"]), ("common", ["id", "Plan", "since"]), ("first", ["id", "Plan", "since"])],
)
def test_which_columns_come_out_is_a_choice(keep, columns) -> None:
    assert list(append([A, B], keep=keep)[0].columns) == columns
    assert list(append([B, A], keep="first")[0].columns) == list(B.columns)


def test_a_column_says_where_a_row_came_from() -> None:
    table, _ = append([A, B, A], ["a.csv", "b.csv", "a.csv"], mark="table")
    assert table["table"].tolist() == ["a.csv"] * 3 + ["b.csv"] * 2 + ["a.csv (2)"] * 3
    with pytest.raises(DataError, match="can't be called 'id'"):
        append([A, B], mark="id")


def test_rows_that_stand_in_an_earlier_table_are_counted() -> None:
    _, report = append([A, B, A], ["a", "b", "c"], keep="common")
    assert report.copies == (0, 1, 3)
    assert "1 row of 'b' stands in a table before it already" in said(report)
    assert "Every row of 'c' stands in a table before it already" in said(report)


@pytest.mark.parametrize(
    ("one", "two", "dtype", "values", "sentence"),
    [
        (["1", "2", "x", "?"], [3, 4], "str", ["1", "2", "x", "?", "3", "4"], "kept as text, since much of it is no number"),
        ([str(i) for i in range(40)] + ["x"], [7], "float64", None, "1 cell that can't be read as numbers, such as 'x', counts"),
        (["007", "010"], [7, 10], "str", ["007", "010", "7", "10"], "since codes such as 007 would lose their zeros"),
        ([1, 2], [1.5], "float64", [1.0, 2.0, 1.5], ""),
        ([True, False], [0, 1], "float64", [1.0, 0.0, 0.0, 1.0], "true as 1 and false as 0"),
        ([True, False], ["perhaps"], "str", ["True", "False", "perhaps"], "kept as text"),
        (pd.to_datetime(["2024-01-31"]), ["2024-02-01"], "datetime64[ns]", list(pd.to_datetime(["2024-01-31", "2024-02-01"])), ""),
        (pd.to_datetime(["2024-01-31"]), [5], "str", ["2024-01-31", "5"], "kept as text"),
        ([2.0, 3.0], ["a"], "str", ["2", "3", "a"], ""),
        ([None, None], [1, 2], "float64", None, ""),
    ],
)  # fmt: skip
def test_kinds_are_brought_together_and_it_is_said(one, two, dtype, values, sentence) -> None:
    frames = [pd.DataFrame({"v": one}), pd.DataFrame({"v": two})]
    table, report = append(frames, ["a", "b"])
    assert str(table["v"].dtype) == dtype
    if values is not None:
        assert table["v"].tolist() == values
    assert sentence in said(report)


def test_a_kind_can_be_chosen() -> None:
    frames = [pd.DataFrame({"v": ["1", "x", "3"]}), pd.DataFrame({"v": [4]})]
    table, report = append(frames, kinds={"v": "number"})
    assert table["v"].tolist()[::2] == [1.0, 3.0] and table["v"].isna().sum() == 1
    assert "'v': 1 cell that can't be read as numbers, such as 'x', counts as missing." in said(report)
    assert append(frames, kinds={"v": "text"})[0]["v"].tolist() == ["1", "x", "3", "4"]
    with pytest.raises(DataError, match="Did you mean 'v'"):
        append(frames, kinds={"V ": "text"})
    with pytest.raises(DataError, match="text, number or date"):
        append(frames, kinds={"v": "picture"})


def test_what_can_not_be_appended_is_a_sentence() -> None:
    with pytest.raises(DataError, match="no column in common: 'id', 'Plan' and 'since' against 'q'"):
        append([A, pd.DataFrame({"q": [1]})])
    with pytest.raises(DataError, match="at least two"):
        append([A])
    with pytest.raises(DataError, match="Did you mean 'all'"):
        append([A, B], keep="alle")


HOSTILE = ["<b>x</b>", "'; DROP TABLE x;--", "a" * 300, "=1+1", "../x", "naïve\n", "{0}", "%s"]


def test_hostile_names_are_just_names() -> None:
    frame = pd.DataFrame({name: [1, 2] for name in HOSTILE})
    table, _ = append([frame, frame[HOSTILE[::-1]]], mark="<i>from</i>")
    assert list(table.columns) == [*HOSTILE, "<i>from</i>"]
    assert len(table) == 4


CELLS = {
    "n": st.one_of(st.none(), st.integers(-(2**40), 2**40)),
    "x": st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
    "t": st.one_of(st.none(), st.text(max_size=5)),
    "d": st.one_of(st.none(), st.datetimes(min_value=pd.Timestamp(1700, 1, 1), max_value=pd.Timestamp(2200, 1, 1))),
}
DTYPES = {"n": "float64", "x": "float64", "t": "str", "d": "datetime64[ns]"}
ROWS = st.lists(st.fixed_dictionaries(CELLS), max_size=8)


def as_frame(rows: list[dict]) -> pd.DataFrame:
    return pd.DataFrame({c: pd.Series([r[c] for r in rows], dtype=t) for c, t in DTYPES.items()})


@settings(max_examples=40, deadline=None)
@given(ROWS, ROWS)
def test_no_row_is_lost_or_changed_and_files_give_the_same(tmp_path_factory, one, two) -> None:
    frames = [as_frame(one), as_frame(two)]
    table, report = append(frames, ["a", "b"], mark="m")
    expected = pd.concat(frames, ignore_index=True)
    pd.testing.assert_frame_equal(table[list(DTYPES)], expected, check_dtype=False)
    folder = tmp_path_factory.mktemp("append")
    for name, frame in zip("ab", frames, strict=True):
        frame.to_parquet(folder / name)
    made = plan([table_of_file(folder / n, n) for n in "ab"], mark="m")
    found = append_files([folder / n for n in "ab"], made, folder / "out")
    assert (found.rows, found.copies, found.columns) == (report.rows, report.copies, report.columns)
    pd.testing.assert_frame_equal(pd.read_parquet(folder / "out")[list(DTYPES)], expected, check_dtype=False)


def test_files_are_appended_piece_by_piece(tmp_path, monkeypatch) -> None:
    from automl.data import append as module

    monkeypatch.setattr(module, "BATCH_ROWS", 7)
    one = pd.DataFrame({"n": range(50), "ok": [True, False] * 25, "t": [f"v{i}" for i in range(50)]})
    two = pd.DataFrame({"t": ["1", None, "3"], "N": [1.0, None, 3.0], "OK": [True, True, False]})
    for name, frame in (("one", one), ("two", two)):
        frame.to_parquet(tmp_path / name)
    told = []
    made = plan([table_of_file(tmp_path / n, n) for n in ("one", "two")])
    report = append_files([tmp_path / "one", tmp_path / "two"], made, tmp_path / "out", told.append)
    table, expected = pd.read_parquet(tmp_path / "out"), append([one, two], ["one", "two"])
    pd.testing.assert_frame_equal(table, expected[0])
    assert report == expected[1]
    assert told[-1] == 1.0 and len(told) == 9


def test_columns_by_another_name_are_pointed_out_and_joined_when_told() -> None:
    may = pd.DataFrame({"shop": ["a", "b", "c"], "revenue_usd": [10.0, 20.0, 30.0], "note": ["x", "y", "z"]})
    june = pd.DataFrame({"shop": ["a", "b"], "Revenue": [900.0, 800.0], "clerk": [1, 2]})
    table, report = append([may, june], ["may", "june"])
    assert list(table.columns) == ["shop", "revenue_usd", "note", "Revenue", "clerk"]
    assert [(a.was, a.name, a.table) for a in report.alike] == [("revenue_usd", "Revenue", "june")]
    assert "'Revenue' is only in 'june', and 'revenue_usd' is missing there: perhaps the same column" in said(report)

    table, report = append([may, june], ["may", "june"], renamed={"Revenue": "revenue_usd"})
    assert table["revenue_usd"].tolist() == [10.0, 20.0, 30.0, 900.0, 800.0]
    assert report.alike == ()
    assert "'Revenue' of 'june' is 'revenue_usd', as you said." in said(report)


def test_alike_values_are_pointed_out_whatever_the_names() -> None:
    plans = ["basic", "pro", "team"] * 20
    _, report = append([pd.DataFrame({"id": range(60), "plan": plans}), pd.DataFrame({"id": range(60), "tariff": plans})])
    assert [(a.was, a.name, a.why) for a in report.alike] == [("plan", "tariff", "their values are alike")]


def test_names_that_are_not_there_are_refused() -> None:
    with pytest.raises(DataError, match="no column 'plam' in 'table 1'"):
        append([A, B], renamed={"city": "plam"})
    with pytest.raises(DataError, match="no column 'town'"):
        append([A, B], renamed={"town": "Plan"})
