from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as reference

from automl import build, bundle, notebook
from automl.engine import calibrate
from automl.evaluate.curves import calibration
from automl.metrics import METRICS
from automl.model import recalibrate
from tests.conftest import a_spec, customers


def rows(shrink: float, n: int = 4000, seed: int = 0):
    """Outcomes, and probabilities whose log odds are shrunk: too cautious below 1, too sure above."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(0, 2, n)
    y = (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(int)
    shown = 1 / (1 + np.exp(-odds * shrink))
    return np.column_stack([1 - shown, shown]), y, np.arange(n) % 5


@pytest.mark.parametrize("shrink", [0.5, 2.0])
def test_what_is_off_is_put_right_and_the_order_stays(shrink) -> None:
    p, y, fold = rows(shrink)
    found = calibrate.choose(p, y, fold, METRICS["roc_auc"])
    assert found.slope == pytest.approx(1 / shrink, rel=0.1)
    assert found.after < found.before
    fresh, truth, _ = rows(shrink, seed=1)
    mended = recalibrate(fresh, found.slope, found.bias)
    assert calibration(truth == 1, fresh[:, 1])["error"] > 0.05
    assert calibration(truth == 1, mended[:, 1])["error"] < 0.03
    assert reference.roc_auc_score(truth, mended[:, 1]) == pytest.approx(
        reference.roc_auc_score(truth, fresh[:, 1])
    )
    np.testing.assert_allclose(mended.sum(axis=1), 1)


def test_what_is_right_is_left_alone() -> None:
    assert calibrate.choose(*rows(1.0), METRICS["roc_auc"]) is None


def test_several_classes_keep_their_likeliest() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (3000, 4))
    real = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    y = (real.cumsum(axis=1) > rng.random((3000, 1))).argmax(axis=1)
    shy = np.exp(logits * 0.4) / np.exp(logits * 0.4).sum(axis=1, keepdims=True)
    found = calibrate.choose(shy, y, np.arange(3000) % 5, METRICS["log_loss"])
    assert (found.slope, found.bias) == (pytest.approx(2.5, rel=0.1), 0.0)
    assert (recalibrate(shy, found.slope, 0.0).argmax(axis=1) == shy.argmax(axis=1)).all()


def test_few_rows_and_one_fold_are_left_alone() -> None:
    p, y, fold = rows(0.3, n=150)
    assert calibrate.choose(p, y, fold, METRICS["roc_auc"]) is None
    p, y, fold = rows(0.3)
    assert calibrate.choose(p, y, fold * 0, METRICS["roc_auc"]) is None


def test_a_build_ships_it(tmp_path, monkeypatch) -> None:
    """The model, its out-of-fold rows, the ledger and the notebook know the calibration."""
    found = calibrate.Calibration(2.0, 0.25, 0.5, 0.4)
    monkeypatch.setattr(calibrate, "choose", lambda *args: found)
    frame = customers(200)
    spec = a_spec(frame, candidates=1, families=("linear",))
    for name in ("mended", "plain"):
        build.fit(frame, spec, target=tmp_path / name, scratch=tmp_path / "w",
                  source=build.Source("x.csv", build.ReadReport("frame")) if name == "mended" else None)  # fmt: skip
        monkeypatch.setattr(calibrate, "choose", lambda *args: None)
    mended, plain = (bundle.load(tmp_path / name) for name in ("mended", "plain"))
    assert mended.model.document.calibration == (2.0, 0.25)
    np.testing.assert_allclose(
        mended.test_rows().values, recalibrate(plain.test_rows().values, 2.0, 0.25), rtol=1e-6
    )
    np.testing.assert_allclose(
        mended.validation_rows.values, recalibrate(plain.validation_rows.values, 2.0, 0.25), atol=1e-5
    )
    assert any(note["code"] == "calibration" for note in mended.ledger)
    assert "recalibrate(total, 2.0, 0.25)" in notebook.text(mended)
