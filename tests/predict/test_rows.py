from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from automl import build, bundle, predict
from automl.data.profile import profile
from automl.data.read import read_with_report
from automl.errors import PredictionError
from automl.store import Workspace
from automl.types import replace
from tests.conftest import a_spec, customers


@pytest.fixture(scope="module")
def rows():
    return customers(40, seed=9).drop(columns="churn")


def probabilities(done):
    return done.table["probability_yes"].to_numpy()


def notes(done):
    return {n.code: n.message for n in done.repairs}


def test_columns_are_added_at_the_end(churn_bundle, rows):
    done = predict.predict_frame(churn_bundle, rows)
    assert done.added == ("prediction", "probability_no", "probability_yes", "warnings")
    assert list(done.table.columns) == [*rows.columns, *done.added]
    pd.testing.assert_frame_equal(done.table[rows.columns], rows)
    assert done.values.shape == (40, 2)
    assert (done.table["prediction"] == np.where(done.values[:, 1] > 0.5, "yes", "no")).all()
    assert set(notes(done)) <= {"extra_column_check", "baseline_drift_check"}
    assert (done.table["warnings"] == "").all()


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f[list(f.columns)[::-1]],
        lambda f: f.rename(columns=str.upper),
        lambda f: f.rename(columns=lambda c: f"  {c.replace(' ', '  ')} "),
        lambda f: f.assign(churn="yes"),
        lambda f: f.assign(other=1.0),
        lambda f: f.astype({"calls": "float64"}),
        lambda f: f.astype({"calls": str}),
        lambda f: f.astype({"plan": "category", "calls": "Int64"}),
        lambda f: f.assign(since=f["since"].dt.strftime("%Y-%m-%d")),
        lambda f: f.assign(since=f["since"].dt.strftime("%d %B %Y")),
        lambda f: f.assign(since=f["since"].dt.strftime("%d.%m.%Y")),
        lambda f: f.assign(spend=[f"$ {v:,.2f}" for v in f["spend"]]),
        lambda f: f.set_index(np.zeros(len(f), dtype=int)),
        lambda f: f.drop(columns="country"),
        lambda f: f.drop(columns="customer_id"),
    ],
)
def test_the_same_rows_in_another_form_predict_the_same(churn_bundle, rows, change):
    usual = probabilities(predict.predict_frame(churn_bundle, rows))
    other = probabilities(predict.predict_frame(churn_bundle, change(rows)))
    np.testing.assert_allclose(other, usual, rtol=1e-9)


def test_repairs_are_said(churn_bundle, rows):
    frame = (
        rows.rename(columns={"Day Minutes": "day minutes"}).drop(columns="calls").assign(Churn="no", extra=1)
    )
    frame["plan"] = frame["plan"].astype(object)
    frame.loc[0, "plan"] = "platinum"
    frame["spend"] = frame["spend"].astype(object)
    frame.loc[1, "spend"] = "a lot"
    frame.loc[2, "spend"] = " "
    done = predict.predict_frame(churn_bundle, frame)
    said = notes(done)
    assert "'day minutes' read as 'Day Minutes'" in said["renamed_column"]
    assert "'calls' is not in the table" in said["missing_column_check"]
    assert "target_present" in said
    assert "'extra'" in said["extra_column_check"] and "Churn" not in said["extra_column_check"]
    assert "1 row with" in said["categorical_values_check"] and "platinum" in said["categorical_values_check"]
    assert "spend: 1 value taken as missing (not a number)." in said["data_type_check"]
    assert done.missing_columns == ("calls",)
    warnings = done.table["warnings"]
    assert warnings.str.startswith("'calls' not in the table").all()
    assert "'platinum' was not seen in training" in warnings[0]
    assert "'a lot' is not a number" in warnings[1]
    assert warnings[2] == "'calls' not in the table; spend is missing, as it never was in training"


def test_a_column_with_its_own_name_stands_for_no_other(churn_bundle, rows):
    twice = rows.assign(PLAN="basic")
    done = predict.predict_frame(churn_bundle, twice)
    assert "PLAN" in notes(done)["extra_column_check"]
    np.testing.assert_allclose(probabilities(done), probabilities(predict.predict_frame(churn_bundle, rows)))


def test_repeated_names_take_the_first(churn_bundle, rows):
    twice = pd.concat([rows, rows[["plan"]].assign(plan="basic")], axis=1)
    np.testing.assert_allclose(
        predict.predict_values(churn_bundle, twice), predict.predict_values(churn_bundle, rows)
    )


def test_a_clash_gets_a_suffix(churn_bundle, rows):
    done = predict.predict_frame(churn_bundle, rows.assign(prediction=1, prediction_foretable=2))
    assert done.added[0] == "prediction_foretable_foretable"
    assert "'prediction' is written as" in notes(done)["name_clash"]
    assert (done.table["prediction"] == 1).all()


def test_the_wrong_table_is_refused(churn_bundle):
    with pytest.raises(PredictionError, match="right table"):
        predict.predict_frame(churn_bundle, pd.DataFrame({"a": [1], "plan": ["pro"]}))


def test_no_rows_give_no_predictions(churn_bundle, rows):
    done = predict.predict_frame(churn_bundle, rows.iloc[:0])
    assert len(done.table) == 0 and list(done.table.columns)[-4:] == list(done.added)


def test_rows_without_any_value_are_predicted(churn_bundle, rows):
    done = predict.predict_frame(churn_bundle, rows.iloc[:3].mask(rows.iloc[:3].notna()))
    assert np.isfinite(done.values).all()


def test_one_row_is_as_in_a_batch(churn_bundle, rows):
    batch = predict.predict_frame(churn_bundle, rows)
    for i in (0, 7, 21):
        row = {k: None if pd.isna(v) else v for k, v in rows.iloc[i].to_dict().items()}
        one = predict.predict_one(churn_bundle, row)
        assert one["prediction"] == batch.table["prediction"][i]
        assert one["probabilities"]["yes"] == pytest.approx(batch.values[i, 1], rel=1e-9)
        assert list(one["probabilities"]) == ["no", "yes"]
        assert one["warnings"] == []


def test_one_row_warns_and_left_out_columns_are_missing(churn_bundle):
    one = predict.predict_one(churn_bundle, {"plan": "platinum", "since": "some day", "calls": "2"})
    assert len(one["warnings"]) == 2
    assert 0 <= one["probabilities"]["yes"] <= 1


@pytest.mark.alone
def test_one_row_takes_milliseconds(churn_bundle, rows):
    row = rows.iloc[0].to_dict()
    predict.predict_one(churn_bundle, row)
    taken = []
    for _ in range(15):
        started = time.perf_counter()
        predict.predict_one(churn_bundle, row)
        taken.append(time.perf_counter() - started)
    assert min(taken) < 0.03  # 10 ms on two cores of 2025


# --- files ------------------------------------------------------------------------------


def european(n: int, seed: int = 0) -> pd.DataFrame:
    """Prices with a decimal comma, dates day first, codes that start with zero, TRUE and FALSE."""
    rng = np.random.default_rng(seed)
    amount = rng.normal(20, 8, n).round(2).clip(1)
    day = rng.integers(1, 29, n)
    month = rng.integers(1, 13, n)
    code = rng.integers(1, 9, n)
    flag = rng.random(n) < 0.5
    y = amount / 8 + (month > 6) * 2 + (code > 4) + flag + rng.normal(0, 0.3, n)
    return pd.DataFrame(
        {
            "amount": [f"{v:.2f}".replace(".", ",") for v in amount],
            "when": [f"{d:02d}/{m:02d}/2023" for d, m in zip(day, month, strict=True)],
            "code": [f"00{c}" for c in code],
            "flag": np.where(flag, "TRUE", "FALSE"),
            "y": np.where(y > np.median(y), "high", "low"),
        }
    )


@pytest.fixture(scope="module")
def european_model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("european")
    european(250).to_csv(folder / "train.csv", sep=";", index=False)
    frame, report = read_with_report(folder / "train.csv")
    spec = a_spec(frame, "y", families=("linear",), candidates=1)
    sealed = build.fit(
        frame, spec, target=folder / "bundle", scratch=folder / "work",
        source=build.Source(str(folder / "train.csv"), report),
    )  # fmt: skip
    return bundle.load(sealed)


def predict_of(model, path):
    return predict.predict_frame(model, predict.read_rows(model, path))


def test_a_file_is_read_as_the_training_file_was(european_model, tmp_path):
    whole = european(60, seed=3)
    either = whole["when"].str[:2].astype(int) <= 12  # day and month could be either
    whole["amount"] = whole["amount"].mask(either, whole["amount"].str[:-3])  # nothing shows a decimal comma
    few = whole[either].head(6)
    whole.to_csv(tmp_path / "whole.csv", sep=";", index=False)
    few.to_csv(tmp_path / "few.csv", sep="\t", index=False)
    few.rename(columns=str.upper).to_csv(tmp_path / "upper.csv", sep="\t", index=False)
    usual = predict.predict_file(european_model, tmp_path / "whole.csv", tmp_path / "a.csv")
    assert usual.rows == 60
    expected = pd.read_csv(tmp_path / "a.csv")["probability_high"].to_numpy()[few.index]
    for name in ("few", "upper"):
        predict.predict_file(european_model, tmp_path / f"{name}.csv", tmp_path / "b.csv")
        done = pd.read_csv(tmp_path / "b.csv", keep_default_na=False)
        np.testing.assert_allclose(done["probability_high"], expected, rtol=1e-9)
        assert (done["warnings"] == "").all()


def test_a_stored_table_remembers_how_its_file_was_written(tmp_path):
    european(120).to_csv(tmp_path / "train.csv", sep=";", index=False)
    frame, report = read_with_report(tmp_path / "train.csv")
    workspace = Workspace(tmp_path / "home")
    stored = workspace.add_dataset(frame, name="train", report=report, columns=profile(frame))
    spec = replace(a_spec(frame, "y", families=("linear",), candidates=1), dataset=stored.id)
    sealed = build.run(spec, lambda e: None, lambda: None, workspace=workspace, out=tmp_path / "job")
    workspace.close()
    assert bundle.load(sealed).reading == report.options["columns"]
    assert bundle.load(sealed).reading["when"]["format"] == "%d/%m/%Y"


def test_other_ways_of_writing_are_still_read(european_model, tmp_path):
    frame = european(40, seed=4)
    frame.to_csv(tmp_path / "a.csv", sep=";", index=False)
    frame["amount"] = frame["amount"].str.replace(",", ".")
    frame["when"] = pd.to_datetime(frame["when"], format="%d/%m/%Y").dt.strftime("%Y-%m-%d")
    frame.to_csv(tmp_path / "b.csv", index=False)
    a, b = (predict_of(european_model, tmp_path / f"{n}.csv") for n in "ab")
    np.testing.assert_allclose(a.values, b.values, rtol=1e-9)


def test_rows_given_as_text_are_read_as_the_training_file_was(european_model, tmp_path):
    frame = european(30, seed=5)
    frame.to_csv(tmp_path / "a.csv", sep=";", index=False)
    usual = predict_of(european_model, tmp_path / "a.csv")
    as_text = predict.predict_frame(european_model, frame)
    np.testing.assert_allclose(as_text.values, usual.values, rtol=1e-9)
    one = predict.predict_one(european_model, frame.iloc[4].to_dict())
    assert one["probabilities"]["high"] == pytest.approx(usual.table["probability_high"][4], rel=1e-9)
    assert one["warnings"] == []
    typed = {"amount": 12.5, "when": "2023-11-02", "code": "003", "flag": True}
    assert predict.predict_one(european_model, typed)["warnings"] == []


def test_formulas_are_guarded_in_csv_only(churn_bundle, rows, tmp_path):
    rows = rows.assign(**{"last note": "=HYPERLINK(1)", "calls": -1})
    done = predict.predict_frame(churn_bundle, rows)
    predict.write_table(done.table, tmp_path / "o.csv")
    predict.write_table(done.table, tmp_path / "o.parquet")
    csv, parquet = pd.read_csv(tmp_path / "o.csv"), pd.read_parquet(tmp_path / "o.parquet")
    assert set(csv["last note"]) == {"'=HYPERLINK(1)"}
    assert set(csv["calls"]) == {-1}
    assert set(parquet["last note"]) == {"=HYPERLINK(1)"}


def test_mixed_columns_fit_into_parquet(tmp_path):
    table = pd.DataFrame({"a": [1, "x", None], 2: [1.0, 2.0, 3.0]})
    predict.write_table(table, tmp_path / "o.parquet")
    back = pd.read_parquet(tmp_path / "o.parquet")
    assert list(back.columns) == ["a", "2"]
    assert back["a"].tolist()[:2] == ["1", "x"] and pd.isna(back["a"][2])
