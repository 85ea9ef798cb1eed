"""What really happened: scores equal scikit-learn's, rows matched by order or key, everything odd a sentence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from automl import predict
from automl.errors import ColumnError, PredictionError
from automl.predict import Wishes, compare, truth
from tests.conftest import customers


@pytest.fixture(scope="module")
def batch(churn_bundle, tmp_path_factory):
    folder = tmp_path_factory.mktemp("batch")
    frame = customers(120, seed=21)
    frame.drop(columns="churn").to_parquet(folder / "rows.parquet", index=False)
    (folder / "out").mkdir()
    done = predict.run(churn_bundle, predict.open_table(folder / "rows.parquet"), folder / "out", Wishes())
    master = folder / "out/predictions.parquet"
    return frame, master, done.added, pd.read_parquet(master)


def score(bundle, batch, table, **how):
    return truth.realised(bundle, batch[1], batch[2], table, **how)


def test_scores_are_scikit_learns(churn_bundle, batch):
    frame, _, _, got = batch
    found = score(churn_bundle, batch, frame)
    by_name = {m.name: m for m in found.metrics}
    y, p = (frame["churn"] == "yes").to_numpy(), got["probability_yes"].to_numpy()
    assert by_name["roc_auc"].value == pytest.approx(sk.roc_auc_score(y, p))
    assert by_name["log_loss"].value == pytest.approx(sk.log_loss(y, p))
    called = (got["prediction"] == "yes").to_numpy()
    assert by_name["accuracy"].value == pytest.approx(sk.accuracy_score(y, called))
    assert by_name["f1"].value == pytest.approx(sk.f1_score(y, called))
    main = found.metrics[0]
    assert main.name == churn_bundle.spec.problem.metric and main.low <= main.value <= main.high
    promised = next(m for m in churn_bundle.evaluation["metrics"] if m["name"] == main.name)
    assert (main.promised, main.promised_low) == (promised["value"], promised["low"])
    assert (found.rows, found.left_out, found.how) == (120, 0, "matched row by row")
    assert found.sentence.startswith("On the 120 rows whose outcome is known now, ROC AUC is 0.")
    assert "the test rows had promised 0." in found.sentence


def test_rows_are_matched_by_a_key_in_any_order(churn_bundle, batch):
    frame = batch[0]
    usual = score(churn_bundle, batch, frame)
    shuffled = frame[["customer_id", "churn"]].sample(frac=1, random_state=1).rename(columns={"churn": "CHURN"})
    by_key = score(churn_bundle, batch, shuffled, key="customer_id")
    assert by_key.metrics[0].value == usual.metrics[0].value
    some = score(churn_bundle, batch, shuffled.head(80), key="customer_id")
    assert (some.rows, some.left_out) == (80, 40) and "40 rows without a known outcome are left out." in some.sentence


def test_of_a_table_of_outcomes_only_what_is_needed_is_read(churn_bundle, batch, tmp_path):
    frame = batch[0]
    frame.to_csv(tmp_path / "truth.csv", index=False)
    (tmp_path / "read").mkdir()
    table = predict.to_table(churn_bundle, tmp_path / "truth.csv", tmp_path / "read", name="truth.csv")
    needed = truth.columns_of(table, "churn", "customer_id", "churn")
    assert list(needed) == ["churn", "customer_id"] and len(needed) == 120
    usual = score(churn_bundle, batch, frame)
    assert score(churn_bundle, batch, needed, key="customer_id").metrics[0].value == usual.metrics[0].value


def test_unknown_outcomes_are_left_out(churn_bundle, batch):
    frame = batch[0].copy()
    frame.loc[:9, "churn"] = None
    frame.loc[10:14, "churn"] = "perhaps"
    assert score(churn_bundle, batch, frame).left_out == 15


@pytest.mark.parametrize(
    ("change", "how", "error", "words"),
    [
        (lambda f: f.drop(columns="churn"), {}, ColumnError, "no column 'churn'"),
        (lambda f: f.head(7), {}, PredictionError, "has 7 rows, the batch 120"),
        (lambda f: f, {"key": "nope"}, ColumnError, "no column 'nope'"),
        (lambda f: f.assign(customer_id="same"), {"key": "customer_id"}, PredictionError, "more than once"),
        (lambda f: f.assign(churn="perhaps"), {}, PredictionError, "Only 0 rows of 120 have a known outcome"),
        (lambda f: f.assign(customer_id=range(120)), {"key": "customer_id"}, PredictionError, "Only 0 rows"),
    ],
)
def test_what_does_not_fit_is_a_sentence(churn_bundle, batch, change, how, error, words):
    with pytest.raises(error, match=words):
        score(churn_bundle, batch, change(batch[0].copy()), **how)


def test_a_promise_is_kept_or_not():
    made = truth.Scored("roc_auc", "ROC AUC", 0.8, 0.78, 0.82, True, 0.9, 0.88, 0.92)
    assert truth.verdict(made) == "That is worse than promised."
    assert "as promised" in truth.verdict(truth.Scored("a", "A", 0.8, 0.7, 0.9, True, 0.85, 0.8, 0.9))


@pytest.fixture(scope="module")
def other(churn_bundle, batch, tmp_path_factory):
    folder = tmp_path_factory.mktemp("other")
    frame = batch[0].drop(columns="churn").assign(calls=batch[0]["calls"] + 2).iloc[::-1].head(100)
    frame.to_parquet(folder / "rows.parquet", index=False)
    (folder / "out").mkdir()
    done = predict.run(churn_bundle, predict.open_table(folder / "rows.parquet"), folder / "out", Wishes())
    return folder / "out/predictions.parquet", done.added


def test_batches_are_compared_by_key(batch, other):
    got, theirs = batch[3], pd.read_parquet(other[0])
    found = compare.compare(batch[1], other[0], (batch[2], other[1]), classes=["no", "yes"], key="customer_id")
    both = got.merge(theirs, on="customer_id", suffixes=("", "_2"))
    change = (both["probability_yes_2"] - both["probability_yes"]).to_numpy()
    assert found.matched == len(both) == 100
    assert found.changed["change"].abs().iloc[0] == pytest.approx(np.abs(change).max())
    assert found.changed["customer_id"][0] == both["customer_id"][np.abs(change).argmax()]
    np.testing.assert_allclose(found.spread["first"], [(got["prediction"] == c).mean() for c in ("no", "yes")])
    otherwise = int((both["prediction"] != both["prediction_2"]).sum())
    assert f"Of the 100 rows in both, {otherwise} are called otherwise." in found.sentence


def test_batches_of_other_lengths_are_compared_without_rows(batch, other):
    found = compare.compare(batch[1], other[0], (batch[2], other[1]), classes=["no", "yes"])
    assert found.matched == 0 and "different numbers of rows" in found.note


def test_values_are_compared(tmp_path):
    for name, values in (("a", [1.0, 2.0, 3.0]), ("b", [1.0, 2.0, 6.0])):
        pd.DataFrame({"prediction": values}).to_parquet(tmp_path / f"{name}.parquet")
    found = compare.compare(tmp_path / "a.parquet", tmp_path / "b.parquet", (["prediction"], ["prediction"]), classes=[])
    assert found.changed["row"].tolist() == [3] and found.changed["change"].tolist() == [3.0]
    assert found.sentence == "3 is predicted on average, before 2. Of the 3 rows in both, predictions moved by 1 on average."
