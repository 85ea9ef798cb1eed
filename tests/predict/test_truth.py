"""What really happened: scores equal scikit-learn's, rows matched by order or key, everything odd a sentence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from automl import predict
from automl.errors import ColumnError, PredictionError
from automl.predict import Wishes, compare, reading, truth
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


@pytest.fixture
def score(churn_bundle, batch, tmp_path):
    """The realised score by a table of outcomes."""

    def scored(table, **how):
        table.to_parquet(tmp_path / "truth.parquet", index=False)
        return truth.realised(churn_bundle, batch[1], batch[2], predict.open_table(tmp_path / "truth.parquet"), **how)

    return scored


def test_scores_are_scikit_learns(churn_bundle, batch, score):
    frame, _, _, got = batch
    found = score(frame)
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


def test_rows_are_matched_by_a_key_in_any_order(batch, score):
    frame = batch[0]
    usual = score(frame)
    shuffled = frame[["customer_id", "churn"]].sample(frac=1, random_state=1).rename(columns={"churn": "CHURN"})
    by_key = score(shuffled, key="customer_id")
    assert by_key.metrics[0].value == usual.metrics[0].value
    some = score(shuffled.head(80), key="customer_id")
    assert (some.rows, some.left_out) == (80, 40) and "40 rows without a known outcome are left out." in some.sentence


def test_pieces_of_both_tables_give_the_same_score(batch, score, monkeypatch):
    frame = batch[0].assign(customer_id=batch[0]["customer_id"].where(batch[0].index % 9 > 0))  # some without a key
    shuffled = frame[["customer_id", "churn"]].sample(frac=1, random_state=3)
    whole = score(shuffled, key="customer_id"), score(batch[0])
    real = reading.pieces
    monkeypatch.setattr(truth, "pieces", lambda table, columns: real(table, columns, 7))
    assert (score(shuffled, key="customer_id"), score(batch[0])) == whole
    assert whole[0].rows == 106
    with pytest.raises(PredictionError, match="'C00077' is in the table more than once"):
        score(pd.concat([frame, pd.DataFrame({"customer_id": ["C00077"], "churn": ["no"]})]), key="customer_id")


def test_a_number_is_the_same_key_as_its_word(batch, churn_bundle, tmp_path):
    for name, keys in (("batch", list(range(120))), ("truth", [f" {i} " for i in range(120)])):
        pd.read_parquet(batch[1]).assign(id=keys, churn=batch[0]["churn"]).to_parquet(tmp_path / f"{name}.parquet")
    table = predict.open_table(tmp_path / "truth.parquet")
    found = truth.realised(churn_bundle, tmp_path / "batch.parquet", batch[2], table, key="id")
    assert (found.rows, found.left_out) == (120, 0)


def test_a_column_tells_rows_apart_or_not(tmp_path, monkeypatch):
    ids = [f"a{i}" for i in range(100)]
    frame = pd.DataFrame({"id": ids, "half": ids[:50] * 2, "same": "x"})
    frame.to_parquet(tmp_path / "t.parquet")
    table, real, read = predict.open_table(tmp_path / "t.parquet"), reading.pieces, []

    def counted(table, columns):
        for piece in real(table, columns, 50):
            read.append(columns)
            yield piece

    monkeypatch.setattr(truth, "pieces", counted)
    assert [truth.tells_rows_apart(table, name) for name in frame] == [True, False, False]
    assert len(read) == 5  # what is the same all over is not read on


def test_unknown_outcomes_are_left_out(batch, score):
    frame = batch[0].copy()
    frame.loc[:9, "churn"] = None
    frame.loc[10:14, "churn"] = "perhaps"
    assert score(frame).left_out == 15


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
def test_what_does_not_fit_is_a_sentence(batch, score, change, how, error, words):
    with pytest.raises(error, match=words):
        score(change(batch[0].copy()), **how)


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
