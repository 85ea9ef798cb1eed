"""A whole table in pieces: the same as at once, whatever is wished for; half of a file is never seen."""

from __future__ import annotations

import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from automl import predict
from automl.data import ingest
from automl.errors import ColumnError, PredictionError
from automl.predict import Choices, Extras, Wishes, batch, output, reading
from tests.conftest import customers


@pytest.fixture(scope="module")
def rows():
    frame = customers(230, seed=11).drop(columns="churn")
    frame["=note"] = "=1+1"
    frame["seen"] = frame["since"] + pd.Timedelta(hours=5)
    frame["flag"] = frame["calls"] > 1
    frame.loc[3, "plan"] = "gold"
    return frame


@pytest.fixture
def table(rows, tmp_path):
    rows.to_parquet(tmp_path / "rows.parquet", index=False)
    return predict.open_table(tmp_path / "rows.parquet")


def run(bundle, table, folder, **wishes):
    folder.mkdir()
    return predict.run(bundle, table, folder, Wishes(**wishes))


@pytest.mark.parametrize("size", [1, 7, 100, 1000])
def test_pieces_are_the_whole(churn_bundle, rows, table, tmp_path, monkeypatch, size):
    monkeypatch.setattr(batch, "CHUNK_ROWS", size)
    done = run(churn_bundle, table, tmp_path / "out")
    whole = predict.predict_frame(churn_bundle, rows)
    got = pd.read_parquet(tmp_path / "out" / batch.MASTER)
    assert done.rows == len(got) == 230
    assert list(got.columns) == [*rows.columns, "prediction", "probability_no", "probability_yes", "warnings"]
    # numpy's exp differs in the last bit between the middle and the end of an array
    np.testing.assert_allclose(got["probability_yes"], whole.values[:, 1], rtol=1e-14)
    assert got["warnings"].tolist() == whole.table["warnings"].tolist()
    assert got["prediction"].tolist() == whole.table["prediction"].tolist()
    assert "'gold' was not seen in training" in got["warnings"][3]
    assert done.labels == got["prediction"].value_counts().to_dict()
    assert done.warned == int((got["warnings"] != "").sum()) and done.unsure == 0


def test_rows_with_an_empty_set_are_counted_and_say_so(churn_bundle, table, tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "CHUNK_ROWS", 100)
    done = run(churn_bundle, table, tmp_path / "out", extras=Extras(level=0.6), formats=("csv",))
    got = pd.read_csv(tmp_path / "out" / "predictions.csv", keep_default_na=False)
    empty = got["prediction_set"] == ""
    assert done.unsure == empty.sum() > 0
    assert got["warnings"].str.contains("unsure: no answer is likely enough at 60 %").equals(empty)
    silent = run(churn_bundle, table, tmp_path / "silent", extras=Extras(level=0.6), warnings=False)
    assert silent.unsure == done.unsure and silent.warned == 0


def test_one_row_is_as_in_a_batch(churn_bundle, rows, table, tmp_path):
    run(churn_bundle, table, tmp_path / "out")
    got = pd.read_parquet(tmp_path / "out" / batch.MASTER)
    for i in (0, 3, 100):
        one = predict.predict_one(churn_bundle, {k: None if pd.isna(v) else v for k, v in rows.iloc[i].items()})
        assert one["probabilities"]["yes"] == pytest.approx(got["probability_yes"][i], rel=1e-9)
        assert one["warnings"] == [w for w in got["warnings"][i].split("; ") if w]


def test_every_format_holds_the_same_and_no_formula(churn_bundle, table, tmp_path):
    done = run(churn_bundle, table, tmp_path / "out", formats=("csv", "xlsx"))
    run(churn_bundle, table, tmp_path / "again")
    again = (tmp_path / "again/predictions.parquet").read_bytes()
    assert again == (tmp_path / "out/predictions.parquet").read_bytes()
    assert done.files == {"parquet": "predictions.parquet", "csv": "predictions.csv", "xlsx": "predictions.xlsx"}
    master = pd.read_parquet(tmp_path / "out/predictions.parquet")
    csv = pd.read_csv(tmp_path / "out/predictions.csv", keep_default_na=False)
    assert csv["'=note"].eq("'=1+1").all() and master["=note"].eq("=1+1").all()
    np.testing.assert_array_equal(csv["probability_yes"].to_numpy(), master["probability_yes"].to_numpy())
    assert csv["seen"][0] == str(master["seen"][0]) and csv["since"][0] == str(master["since"][0].date())
    assert set(csv["flag"]) == {True, False}
    sheet = openpyxl.load_workbook(tmp_path / "out/predictions.xlsx")["Predictions"]
    cells = list(sheet.iter_rows())
    assert [c.value for c in cells[0]] == list(master.columns)
    assert len(cells) == 231
    note = list(master.columns).index("=note")
    assert all(row[note].data_type == "s" and row[note].value in ("=1+1", "=note") for row in cells)
    shown = pd.read_excel(tmp_path / "out/predictions.xlsx", engine="calamine")
    np.testing.assert_allclose(shown["probability_yes"], master["probability_yes"], rtol=1e-12)


@pytest.mark.parametrize("start", list("=+-@\t\r"))
def test_text_that_begins_like_a_formula_is_guarded(start):
    import pyarrow as pa

    out = output.for_csv(pa.table({"t": [f"{start}x", "x", None], "n": [-1.0, 2.0, 3.0]}))
    assert out.column("t").to_pylist() == [f"'{start}x", "x", None]
    assert out.column("n").to_pylist() == [-1, 2, 3]


def test_chosen_columns_are_kept(churn_bundle, table, tmp_path):
    run(churn_bundle, table, tmp_path / "some", keep=("customer_id",), warnings=False)
    names = pq.read_schema(tmp_path / "some" / batch.MASTER).names
    assert names == ["customer_id", "prediction", "probability_no", "probability_yes"]
    run(churn_bundle, table, tmp_path / "none", keep=())
    assert pq.read_schema(tmp_path / "none" / batch.MASTER).names[0] == "prediction"
    with pytest.raises(ColumnError, match="customer_id"):
        run(churn_bundle, table, tmp_path / "odd", keep=("customer",))


def test_an_excel_sheet_has_a_limit_and_says_so(churn_bundle, table, tmp_path, monkeypatch):
    monkeypatch.setattr(output, "EXCEL_ROWS", 230)
    with pytest.raises(PredictionError, match="at most 229 rows; this table has 230"):
        run(churn_bundle, table, tmp_path / "out", formats=("xlsx",))
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("suffix", ["csv", "parquet", "csv.gz"])
def test_a_large_file_is_as_a_small_one(churn_bundle, rows, tmp_path, monkeypatch, suffix):
    rows = rows.assign(since=rows["since"].dt.strftime("%Y-%m-%d"))
    path = tmp_path / f"rows.{suffix}"
    rows.to_parquet(path, index=False) if suffix == "parquet" else rows.to_csv(path, index=False)
    predict.predict_file(churn_bundle, path, tmp_path / "small.csv")
    monkeypatch.setattr(reading, "LARGE_BYTES", 1)
    predict.predict_file(churn_bundle, path, tmp_path / "large.csv")
    small, large = (pd.read_csv(tmp_path / f"{n}.csv") for n in ("small", "large"))
    pd.testing.assert_frame_equal(small, large)
    assert ingest.LARGE_BYTES > 1


def test_what_is_stopped_leaves_no_file(churn_bundle, rows, tmp_path):
    rows.to_csv(tmp_path / "rows.csv", index=False)

    def stop(share):
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        predict.predict_file(churn_bundle, tmp_path / "rows.csv", tmp_path / "out.csv", progress=stop)
    assert [p.name for p in tmp_path.iterdir()] == ["rows.csv"]


def test_undecided_columns_end_a_batch_before_it_begins(churn_bundle, rows, tmp_path):
    rows.drop(columns="calls").to_csv(tmp_path / "rows.csv", index=False)
    with pytest.raises(PredictionError, match="'calls' is not in the table"):
        predict.predict_file(churn_bundle, tmp_path / "rows.csv", tmp_path / "o.csv", Wishes(Choices()))


def test_few_rows_have_the_reasons_that_a_row_alone_has(churn_bundle, rows, tmp_path):
    few, many = rows.head(12), rows
    for name, frame in (("few", few), ("many", many)):
        frame.to_parquet(tmp_path / f"{name}.parquet", index=False)
        extras = Extras(reasons=2, quick=True)
        run(churn_bundle, predict.open_table(tmp_path / f"{name}.parquet"), tmp_path / name, extras=extras)
    got = {name: pd.read_parquet(tmp_path / name / batch.MASTER).head(12) for name in ("few", "many")}
    alone = predict.predict_frame(churn_bundle, few, reasons=2).table
    assert got["few"]["reason_1"].tolist() == alone["reason_1"].tolist()
    assert got["many"]["reason_1"].tolist() != alone["reason_1"].tolist()  # 230 rows: the quick ones
