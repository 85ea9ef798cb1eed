from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl.evaluate import segments
from automl.metrics import METRICS
from automl.types import Problem, Task


def test_parts_cover_every_row_once() -> None:
    rng = np.random.default_rng(0)
    columns = {
        "number": pd.Series(np.where(rng.random(500) < 0.1, np.nan, rng.normal(size=500))),
        "skewed": pd.Series(np.where(rng.random(500) < 0.7, 0.0, rng.normal(size=500))),
        "few numbers": pd.Series(rng.integers(0, 4, 500)),
        "flag": pd.Series(rng.random(500) < 0.5),
        "word": pd.Series(rng.choice([*"abcdefghijklm", None], 500)),
        "date": pd.Series(
            pd.to_datetime("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, 500), unit="D")
        ),
        "constant": pd.Series(np.full(500, 3.0)),
        "mixed": pd.Series([1, "x", None, True] * 125, dtype=object),
        "empty": pd.Series([None] * 500, dtype=object),
    }
    for name, column in columns.items():
        found = segments.parts(column)
        rows = np.concatenate(list(found.values()))
        assert sorted(rows) == list(range(500)), name
        assert len(found) <= segments.TOP_VALUES + 2
    assert list(segments.parts(columns["number"]))[-1] == segments.MISSING
    assert segments.OTHER in segments.parts(columns["word"])
    assert list(segments.parts(columns["few numbers"])) != ["0 to 3"]


def planted(n: int = 4000):
    """Predictions that are bad where shop is “north”."""
    rng = np.random.default_rng(0)
    shop = rng.choice(["north", "south", "east", "tiny"], n, p=[0.2, 0.4, 0.395, 0.005])
    y = rng.integers(0, 2, n)
    right = rng.random(n) < np.where(shop == "north", 0.65, 0.9)
    chance = np.where(right, np.where(y == 1, 0.8, 0.2), np.where(y == 1, 0.3, 0.7))
    columns = pd.DataFrame({"shop": shop, "noise": rng.normal(size=n), "colour": rng.choice(list("rgb"), n)})
    return columns, y, np.column_stack([1 - chance, chance]), right


def test_the_planted_segment_comes_first_and_nothing_else_is_clear() -> None:
    columns, y, p, right = planted()
    problem = Problem("t", Task.BINARY, "accuracy", (), classes=("no", "yes"))
    loss = segments.losses(problem, y, p, None)
    assert (loss == ~right).all()
    found = segments.worst(columns, loss)
    first = found[0]
    assert (first.column, first.name, first.is_clear) == ("shop", "north", True)
    inside = (columns["shop"] == "north").to_numpy()
    assert first.score == pytest.approx(loss[inside].mean())
    assert first.behind == pytest.approx(loss[inside].mean() - loss[~inside].mean())
    assert not any(s.is_clear for s in found[1:])
    assert not any(s.name == "tiny" for s in found)


def test_one_column_by_any_metric() -> None:
    columns, y, p, _ = planted()
    for name in ("accuracy", "roc_auc", "log_loss", "f1"):
        found = segments.by_column(columns["shop"], METRICS[name], y, p)
        assert [s.name for s in found][0] == "north"
        assert found[0].is_clear
        better = [s.name for s in found if s.is_better]
        assert set(better) <= {"south", "east"} and not any(s.is_better and s.is_clear for s in found)
        assert better if name != "f1" else True
        assert (found[-1].name, found[-1].is_small, found[-1].is_clear) == ("tiny", True, False)
        inside = (columns["shop"] == "north").to_numpy()
        assert found[0].score == pytest.approx(METRICS[name].score(y[inside], p[inside]))
        assert all(s.low <= s.score <= s.high for s in found)


def test_intervals_are_those_of_the_mean() -> None:
    columns, y, p, right = planted()
    first = segments.by_column(columns["shop"], METRICS["accuracy"], y, p)[0]
    inside = right[(columns["shop"] == "north").to_numpy()]
    assert first.high - first.low == pytest.approx(2 * 1.96 * inside.std() / len(inside) ** 0.5, rel=0.25)


def test_a_segment_of_one_class_has_no_area() -> None:
    y = np.array([0] * 40 + [0, 1] * 40)
    column = pd.Series(["a"] * 40 + ["b"] * 80, name="c")
    p = np.column_stack([1 - y * 0.5, y * 0.5])
    assert [s.name for s in segments.by_column(column, METRICS["roc_auc"], y, p)] == ["b"]


def test_values_are_judged_by_their_error() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=1000)
    wide = pd.DataFrame({"big": rng.random(1000) < 0.3})
    p = y + rng.normal(size=1000) * np.where(wide["big"], 3, 1)
    problem = Problem("t", Task.REGRESSION, "rmse", ())
    first = segments.worst(wide, segments.losses(problem, y, p, None))[0]
    assert (first.name, first.is_clear) == ("True", True)


def test_what_is_surely_worse_comes_worst_first() -> None:
    rng = np.random.default_rng(3)
    loss = rng.normal(10, 1, 4000)
    half, few = np.arange(4000) < 2000, np.arange(4000) % 40 == 0
    loss[half] += 0.5  # surest: so many rows
    loss[few] += 1.1  # worst
    columns = pd.DataFrame({"half": np.where(half, "bad", "good"), "few": np.where(few, "bad", "good"), "x": rng.normal(size=4000)})
    found = segments.worst(columns, loss)
    assert [(s.column, s.name) for s in found if s.is_clear] == [("few", "bad"), ("half", "bad")]
    assert found[0].surprise < found[1].surprise
    assert [s.is_clear for s in found] == sorted((s.is_clear for s in found), reverse=True)


def test_a_part_without_a_mistake_has_no_interval() -> None:
    y = np.array([0, 1] * 100)
    p = np.column_stack([1 - y, y]) * 0.8 + 0.1
    p[:100] = p[:100, ::-1]
    column = pd.Series(["wrong"] * 100 + ["right"] * 100, name="c")
    right = {s.name: s for s in segments.by_column(column, METRICS["accuracy"], y, p)}["right"]
    assert right.score == 1.0
    assert right.is_small and not right.has_interval


def test_luck_is_not_taken_for_a_weakness() -> None:
    clear = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        columns = pd.DataFrame({f"c{i}": rng.choice(list("abcd"), 600) for i in range(10)})
        clear += any(s.is_clear for s in segments.worst(columns, (rng.random(600) < 0.2).astype(float)))
    assert clear <= 3
