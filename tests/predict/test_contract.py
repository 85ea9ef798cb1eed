"""A table is checked before it is predicted: each way of differing has its name, its status and its sentence."""

from __future__ import annotations

import numpy as np
import pytest

from automl import predict
from automl.errors import ColumnError, PredictionError
from automl.predict import Choices, Status, batch
from automl.predict.columns import suggest
from automl.types import Severity
from tests.conftest import customers


@pytest.fixture(scope="module")
def rows():
    return customers(200, seed=9).drop(columns="churn")


@pytest.fixture
def check(churn_bundle, tmp_path):
    def go(frame, choices=Choices()):
        frame.to_csv(tmp_path / "rows.csv", index=False)
        return predict.check_file(churn_bundle, tmp_path / "rows.csv", choices)

    return go


def said(check, code, column=None):
    found = [v for v in check.violations if v.code == code and column in (None, v.column)]
    assert found, [v.sentence for v in check.violations]
    return found[0]


def test_rows_like_those_of_training_are_fine(check, rows):
    found = check(rows)
    assert (found.rows, found.needed, found.present) == (200, 6 - 0, 6)
    assert found.fine >= 5
    assert found.refused is None and found.undecided == []
    assert [v.code for v in found.of(Status.REPAIRED)] == ["extra_column_check"] or not found.of(Status.REPAIRED)


def test_a_file_may_use_the_name_of_a_later_version(check, churn_bundle, rows, monkeypatch):
    expected = predict.predict_frame(churn_bundle, rows).table["prediction"]
    monkeypatch.setattr(churn_bundle, "later_names", {"tariff": "plan", "minutes": "Day Minutes", "shoe": "hat"})
    other = rows.rename(columns={"plan": "Tariff"}).assign(minutes=0.5)
    found = check(other)
    assert found.undecided == []
    assert said(found, "renamed_column").sentence.endswith("as was said of its data set: 'Tariff' read as 'plan'.")
    assert "'minutes'" in said(found, "extra_column_check").sentence  # the name itself is there
    assert predict.predict_frame(churn_bundle, other).table["prediction"].equals(expected)
    assert predict.predict_one(churn_bundle, {"tariff": "pro", "calls": 3}) == predict.predict_one(churn_bundle, {"plan": "pro", "calls": 3})
    chosen = check(other.rename(columns={"Tariff": "tariff"}), Choices(renames={"plan": "last note"}))
    assert "'last note' read as 'plan'" in " ".join(v.sentence for v in chosen.violations)


def with_cells(frame, column, share, value):
    frame = frame.astype({column: object})
    frame.loc[frame.index[: int(share * len(frame))], column] = value
    return frame


CASES = [
    ("renamed_column", "repaired", None, lambda f: f.rename(columns=str.upper), "'PLAN' read as 'plan'"),
    ("renamed_column", "repaired", None, lambda f: f.rename(columns={"Day Minutes": " day  minutes"}), "read as"),
    ("column_order", "repaired", None, lambda f: f[list(f.columns)[::-1]], "taken by name"),
    ("target_present", "repaired", None, lambda f: f.assign(churn="no"), "'churn' is in the table"),
    ("extra_column_check", "repaired", None, lambda f: f.assign(shoe=44), "'shoe'"),
    ("category_case", "repaired", "plan", lambda f: f.assign(plan=f["plan"].str.upper()), "another letter case"),
    (
        "date_format", "repaired", "since",
        lambda f: f.assign(since=f["since"].dt.strftime("%d.%m.%Y")), "read as dates, day first",
    ),
    (
        "number_format", "repaired", "spend",
        lambda f: f.assign(spend=[f"{v + 1000:,.2f}" for v in f["spend"]]), "thousands separated",
    ),
    ("missing_column_check", "needs a decision", "calls", lambda f: f.drop(columns="calls"), "is not in the table."),
    (
        "missing_column_check", "needs a decision", "calls",
        lambda f: f.rename(columns={"calls": "Calls (no.)"}), "Perhaps it is 'Calls (no.)' here.",
    ),
    (
        "data_type_check", "needs a decision", "spend",
        lambda f: with_cells(f, "spend", 0.6, "a lot"), "120 of 200 values here are no number ('a lot').",
    ),
    (
        "data_type_check", "worth a look", "spend",
        lambda f: with_cells(f, "spend", 0.1, "a lot"), "20 values taken as missing (not a number).",
    ),
    (
        "completeness_check", "worth a look", "spend",
        lambda f: with_cells(f, "spend", 0.2, None), "20.0 % of the cells are missing, none were in training.",
    ),
    (
        "categorical_values_check", "worth a look", "plan",
        lambda f: with_cells(f, "plan", 0.1, "gold"), "20 rows with a value not seen in training ('gold').",
    ),
    (
        "baseline_drift_check", "worth a look", "spend",
        lambda f: with_cells(f, "spend", 0.05, 999.0), "10 rows outside of ",
    ),
    (
        "baseline_drift_check", "worth a look", "plan",
        lambda f: f.assign(plan=f["plan"].replace({"team": "pro"})), "are 'pro'; in training ",
    ),
    (
        "baseline_drift_check", "worth a look", "Day Minutes",
        lambda f: f.assign(**{"Day Minutes": f["Day Minutes"] + 40}), "of the values are at most ",
    ),
    ("missing_column_check", "refused", None, lambda f: f[["plan", "country"]], "of the 6 columns that the model needs are not in this table"),
    ("missing_column_check", "refused", None, lambda f: f[["country"]], "None of the 6 columns that the model needs is in this table"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "status", "column", "change", "words"), CASES, ids=lambda v: str(v)[:24])
def test_each_violation_has_its_name_and_sentence(check, rows, code, status, column, change, words):
    found = check(change(rows.copy()))
    violation = said(found, code, column)
    assert violation.status == status
    assert words in violation.sentence
    assert (found.refused is not None) == (status == "refused")


def test_noise_alone_is_no_drift(check):
    for seed in range(3):
        found = check(customers(60, seed=100 + seed).drop(columns="churn"))
        high = [v.sentence for v in found.of(Status.DOUBT) if v.severity is not Severity.INFO]
        assert not [s for s in high if "in training" in s and "outside" not in s], high


def test_nothing_is_predicted_before_it_is_decided(churn_bundle, rows):
    short = rows.drop(columns="calls")
    with pytest.raises(PredictionError, match="was not decided what stands in"):
        predict.predict_frame(churn_bundle, short, Choices())
    missing = predict.predict_frame(churn_bundle, short, Choices(fills={"calls": "missing"}))
    usual = predict.predict_frame(churn_bundle, short, Choices(fills={"calls": "usual"}))
    np.testing.assert_array_equal(missing.values, predict.predict_frame(churn_bundle, rows.assign(calls=np.nan)).values)
    default = next(c for c in churn_bundle.schema["columns"] if c["name"] == "calls")["default"]
    np.testing.assert_array_equal(usual.values, predict.predict_frame(churn_bundle, rows.assign(calls=default)).values)


def test_a_confirmed_name_is_read_and_said(churn_bundle, check, rows):
    other = rows.rename(columns={"calls": "Calls (no.)"})
    choices = Choices(renames={"calls": "Calls (no.)"})
    np.testing.assert_array_equal(
        predict.predict_frame(churn_bundle, other, choices).values, predict.predict_frame(churn_bundle, rows).values
    )
    found = check(other, choices)
    assert found.undecided == [] and "'Calls (no.)' read as 'calls'" in said(found, "renamed_column").sentence
    with pytest.raises(ColumnError, match="There is no column 'Call' in the table"):
        check(other, Choices(renames={"calls": "Call"}))


def test_columns_that_the_model_does_not_read_are_not_asked_for(check, rows):
    found = check(rows.drop(columns=["country", "customer_id"]))
    assert found.undecided == [] and found.present == found.needed


def test_an_unreadable_column_is_filled_when_that_is_decided(churn_bundle, check, rows):
    odd = rows.assign(spend="a lot")
    assert [v.column for v in check(odd).undecided] == ["spend"]
    choices = Choices(fills={"spend": "usual"})
    assert check(odd, choices).undecided == []
    table = predict.predict_frame(churn_bundle, odd, choices).table
    assert table["spend"].eq("a lot").all() and not table["warnings"].str.contains("not a number").any()


def test_names_are_suggested_once_and_only_when_alike():
    assert suggest(["tenure_months"], ["Tenure (months)", "colour"]) == {"tenure_months": "Tenure (months)"}
    assert suggest(["a_name"], ["other"]) == {}
    assert suggest(["day_charge", "day_charges"], ["Day Charge"]) == {"day_charge": "Day Charge"}


def test_a_large_table_is_checked_on_its_first_rows(churn_bundle, rows, tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "CHECKED_ROWS", 50)
    monkeypatch.setattr(predict.pieces, "__defaults__", (None, 50))
    rows.to_parquet(tmp_path / "rows.parquet")
    found = predict.check_table(churn_bundle, predict.open_table(tmp_path / "rows.parquet"))
    assert (found.rows, found.looked_at) == (200, 50)


@pytest.mark.parametrize("name", ["<script>x</script>", "=cmd", "a" * 300, "naïve\n\"quote\"'"])
def test_hostile_names_are_just_names(check, rows, name):
    assert name[:20].split("\n")[0] in said(check(rows.assign(**{name: 1})), "extra_column_check").sentence
