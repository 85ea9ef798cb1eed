"""The network's own parts: scaling, categories, gradients, and a schedule that keeps to the clock."""

from __future__ import annotations

import time
from types import SimpleNamespace

import numpy as np
import pytest

from automl.families import family, mlp, network
from automl.features.pipeline import Features
from automl.metrics import METRICS

SETTINGS = {
    "members": 2, "hidden": [6, 5], "bins": 4, "learning_rate": 0.02, "weight_decay": 0.02,
    "dropout": 0.0, "batch_size": 32, "steps": 5, "seed": 0,
}  # fmt: skip
CHOSEN = {k: v for k, v in SETTINGS.items() if k not in ("batch_size", "steps", "seed")} | {"epochs": 20}


def table(rows=200, seed=0):
    """Two numbers, a flag that is always 1, a category of 3 values and one of 20; -1 is missing."""
    rng = np.random.default_rng(seed)
    numbers = np.column_stack([rng.normal(50, 10, rows), rng.exponential(1, rows), np.ones(rows)])
    few, many = rng.integers(-1, 3, rows), rng.integers(-1, 20, rows)
    matrix = np.column_stack([numbers, few, many]).astype(np.float32)
    return Features(matrix, ("a", "b", "one", "few", "many"), (3, 4))


def outcome(X, task):
    score = (X.matrix[:, 0] - 50) / 10 + (X.matrix[:, 3] == 1) + np.sin(X.matrix[:, 4])
    if task == "regression":
        return score.astype(np.float64)
    return np.digitize(score, [0.4] if task == "binary" else [-0.3, 0.8])


def classes_of(task):
    return {"binary": 2, "multiclass": 3, "regression": 0}[task]


def with_row(X, row):
    return Features(np.array([row], dtype=np.float32), X.names, X.categorical)


def test_numbers_are_scaled_by_their_middle_half_and_bent_towards_three():
    values = np.arange(9, dtype=np.float32)  # median 4, quartiles 2 and 6
    flag = (values == 8).astype(np.float32)  # quartiles alike: half its range counts
    X = Features(np.column_stack([values, flag, np.ones(9, dtype=np.float32)]), ("v", "flag", "one"))
    model = network.learn_inputs(X, bins=0)
    assert model["numeric"].tolist() == [0, 1]  # what never varies says nothing
    rows = np.array([[4, 0, 1], [8, 1, 1], [-1e38, 0, 1]], dtype=np.float32)
    got = network.scaled(model, rows)
    np.testing.assert_allclose(got[0], [0, 0])
    np.testing.assert_allclose(got[1], [1 / np.sqrt(1 + 1 / 9), 2 / np.sqrt(1 + 4 / 9)], rtol=1e-6)
    assert got[2, 0] == pytest.approx(-3, abs=1e-4)


def test_bends_rise_from_0_to_1_between_quantiles():
    X = Features(np.linspace(-1, 1, 101, dtype=np.float32)[:, None], ("v",))
    model = network.learn_inputs(X, bins=2) | {"mix": np.zeros((1, 2, 3)), "mix_bias": np.zeros(3)}
    _, way = network.inputs_of(model, np.array([[-1], [-0.5], [0], [2]], dtype=np.float32))
    bends = way["bends"][0]
    np.testing.assert_allclose(bends[[0, 2, 3]], [[0, 0], [1, 0], [1, 1]], atol=1e-6)
    assert 0.4 < bends[1, 0] < 0.6


def test_few_values_are_one_hot_and_many_embedded():
    X = table()
    model = network.learn_inputs(X, bins=0)
    assert model["hot_columns"].tolist() == [3] and int(model["hot_width"]) == 4
    assert model["embedded_columns"].tolist() == [4] and int(model["embedded_width"]) == 21
    assert network.places(model, X.matrix[:50], "hot")[:, 0].tolist() == (X.matrix[:50, 3] + 1).tolist()
    inputs, _ = network.inputs_of(model, np.array([[50, 1, 1, 1, 0], [50, 1, 1, 9, 0]], dtype=np.float32))
    np.testing.assert_array_equal(inputs[:, 2:6], [[0, 0, 1, 0], [0, 0, 0, 0]])


@pytest.mark.parametrize("code", [5, 30, 4000])
def test_an_unseen_code_is_other_than_all_known(code):
    X = table()
    X.matrix[X.matrix[:, 4] == 5, 4] = 6  # a code between known ones is as unseen as one above
    model = network.Training(X, outcome(X, "regression"), "regression", 0, SETTINGS)
    model.round(1.0)
    trained = model.trained()

    def predicted(many):
        return network.predict_mlp(trained, with_row(X, [50, 1, 1, 1, many]), "regression", 0)[0]

    assert predicted(code) == predicted(99)
    assert predicted(code) not in {predicted(known) for known in range(-1, 20) if known != 5}


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_gradients_agree_with_finite_differences(task):
    X = table(40)
    weight = np.random.default_rng(1).random(40)
    training = network.Training(X, outcome(X, task), task, classes_of(task), SETTINGS, weight)
    picked = np.arange(40)
    training.weight = training.weight.astype(np.float64)
    model = {k: v.astype(np.float64) if v.dtype == np.float32 else v for k, v in training.trained().items()}
    gradient = {k: np.zeros_like(model[k]) for k in training.gradient}

    def loss():
        out, _ = network.forward(model, X.matrix)
        if task == "regression":
            each = (out[:, :, 0] - training.y) ** 2 / 2
        else:
            each = -np.log(network.softmax(out)[:, picked, training.y])
        return (each * training.weight).mean(axis=1).sum()

    out, way = network.forward(model, X.matrix)
    network.backward(model, way, training._error(out, picked), gradient)
    assert set(gradient) == {
        "mix", "mix_bias", "embedding", "front", *(f"{k}{i}" for k in ("weight", "bias") for i in range(3))
    }  # fmt: skip
    for name, values in gradient.items():
        flat = model[name].reshape(-1)
        for at in np.argsort(-np.abs(values.reshape(-1)))[:3]:
            before, differences = flat[at], []
            for step in (1e-5, -1e-5):
                flat[at] = before + step
                differences.append(loss())
            flat[at] = before
            expected = (differences[0] - differences[1]) / 2e-5
            assert values.reshape(-1)[at] == pytest.approx(expected, rel=1e-4, abs=1e-7), name


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_replay_gives_the_same_bits(task):
    X, Xv, kind = table(300), table(100, seed=1), family("mlp")
    y, yv = outcome(X, task), outcome(Xv, task)
    params = kind.portfolio(task, 300, 5, classes_of(task))[0].params
    weight = np.random.default_rng(2).random(300)
    metric = METRICS["rmse" if task == "regression" else "log_loss"]
    fitted = kind.fit(
        X, y, task=task, classes=classes_of(task), params=params, sample_weight=weight,
        validation=(Xv, yv, None), metric=metric, deadline=time.monotonic() + 0.5, seed=3,
    )  # fmt: skip
    again = network.fit_mlp(X, y, task, classes_of(task), fitted.replay, weight)
    assert set(again) == set(fitted.model)
    for name, values in again.items():
        np.testing.assert_array_equal(values, fitted.model[name], err_msg=name)
    assert len(fitted.replay["progress"]) == 1 + int(np.argmin(fitted.curve))


class Clock:
    """A clock on which each step of training takes a second and a member."""

    def __init__(self, monkeypatch, cost=1.0):
        self.now, self.cost, step = 0.0, cost, network.Training.step

        def timed(training, speed):
            self.now += self.cost * training.replay["members"]
            step(training, speed)

        monkeypatch.setattr(network.Training, "step", timed)
        monkeypatch.setattr(mlp, "time", SimpleNamespace(monotonic=lambda: self.now))


@pytest.mark.parametrize(("seconds", "members", "rounds"), [(440, 2, 40), (300, 1, 40), (120, 1, 20)])
def test_the_schedule_ends_within_the_time(monkeypatch, seconds, members, rounds):
    """Time for all; for one member only; for fewer rounds too."""
    clock, X = Clock(monkeypatch), table(100)
    params = {**CHOSEN, "steps": 5}
    fitted = family("mlp").fit(
        X, outcome(X, "regression"), task="regression", classes=0, params=params, deadline=seconds
    )
    assert clock.now <= seconds
    assert fitted.replay["members"] == members
    progress = fitted.replay["progress"]
    assert len(progress) == rounds
    assert progress[-1] == 1 and progress == sorted(progress)


def test_a_machine_that_slows_down_ends_the_schedule_all_the_same(monkeypatch):
    clock, X = Clock(monkeypatch), table(100)
    marks = []

    def slower(training, progress, round_=network.Training.round):
        clock.cost *= 1.02
        marks.append(progress)
        round_(training, progress)

    monkeypatch.setattr(network.Training, "round", slower)
    family("mlp").fit(
        X,
        outcome(X, "regression"),
        task="regression",
        classes=0,
        params={**CHOSEN, "members": 1, "steps": 5},
        deadline=220,
    )
    assert clock.now <= 220
    assert marks[-1] == 1 and 15 < len(marks) < 40


def test_without_a_clock_all_rounds_are_run_evenly():
    X, kind = table(100), family("mlp")
    fitted = kind.fit(X, outcome(X, "binary"), task="binary", classes=2, params=CHOSEN)
    np.testing.assert_allclose(fitted.replay["progress"], np.arange(1, 41) / 40)


def test_values_stay_within_those_of_training():
    X = table()
    y = outcome(X, "regression")
    training = network.Training(X, y, "regression", 0, SETTINGS)
    training.round(1.0)
    model = training.trained()
    model["bias2"] = model["bias2"] + 1e6
    assert network.predict_mlp(model, X, "regression", 0).tolist() == [y.max()] * 200


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_there_may_be_nothing_to_learn_from(task):
    y = np.zeros(8, dtype=np.float64 if task == "regression" else np.int64)
    kind = family("mlp")
    for X in (
        Features(np.zeros((8, 0), dtype=np.float32), ()),
        Features(np.ones((8, 2), dtype=np.float32), ("one", "gone"), (1,)),
        table(8),
    ):
        params = kind.portfolio(task, 8, 2, classes_of(task))[0].params
        p = kind.fit(X, y, task=task, classes=classes_of(task), params=params).predict(X)
        expected = y if task == "regression" else np.eye(classes_of(task))[y]
        np.testing.assert_allclose(p, expected, atol=0.05)


def test_rows_of_many_chunks_predict_as_alone():
    X = table(3 * network.CHUNK + 1)
    training = network.Training(X, outcome(X, "multiclass"), "multiclass", 3, SETTINGS)
    training.round(0.5)
    p = network.predict_mlp(training.trained(), X, "multiclass", 3)
    assert p.shape == (len(X.matrix), 3)
    for row in (0, network.CHUNK, -1):
        one = network.predict_mlp(training.trained(), with_row(X, X.matrix[row]), "multiclass", 3)
        np.testing.assert_allclose(one[0], p[row], rtol=1e-10)


def test_outputs_are_those_of_the_training_pass():
    X = table(50)
    model = network.Training(X, outcome(X, "multiclass"), "multiclass", 3, SETTINGS).trained()
    forward, _ = network.forward(model, X.matrix)
    np.testing.assert_allclose(network.outputs(model, X.matrix), forward, rtol=1e-5, atol=1e-6)
