"""What one column alone knows: 1 for a copy, 0 for noise, of every kind."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.data.insights import Outcome, prediction_power
from automl.data.profile import profile
from automl.types import ColumnKind, replace

ROWS = 1200


def power(y, is_number: bool, /, **columns) -> dict[str, float]:
    table = pd.DataFrame({**columns, "y": y})
    found = prediction_power(table, profile(table), Outcome.of(table, "y", number=is_number))
    return {name: p.score for name, p in found.items()}


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def test_of_every_kind_a_giveaway_is_near_one_and_noise_near_zero(rng) -> None:
    y = rng.integers(0, 2, ROWS)
    day = pd.Timestamp("2024-01-01")
    words = np.array(["pear apple plum", "car bus tram"])
    filler = [f"note {a} {b} {c} done" for a, b, c in rng.integers(0, 900, (ROWS, 3))]
    mixed = rng.permutation(y)
    found = power(
        np.where(y, "yes", "no"), False,
        number=y * 10 + rng.normal(size=ROWS), number_noise=rng.normal(size=ROWS),
        category=np.where(y, rng.choice(["a", "b"], ROWS), rng.choice(["c", "d"], ROWS)),
        category_noise=rng.choice(list("abcd"), ROWS),
        date=day + pd.to_timedelta(y * 400 + rng.integers(0, 300, ROWS), unit="D"),
        date_noise=day + pd.to_timedelta(rng.integers(0, 300, ROWS), unit="D"),
        weekday=day + pd.to_timedelta(7 * rng.integers(0, 99, ROWS) + 3 * y, unit="D"),
        text=[f"{words[i]} {f}" for i, f in zip(y, filler, strict=True)],
        text_noise=[f"{words[i]} {f}" for i, f in zip(mixed, filler, strict=True)],
        gaps=np.where(y, rng.normal(size=ROWS), np.nan),
    )  # fmt: skip
    for name in ("number", "category", "date", "weekday", "text", "gaps"):
        assert found[name] > 0.97, name
    for name in ("number_noise", "category_noise", "date_noise", "text_noise"):
        assert found[name] < 0.15, name


def test_a_number_is_judged_by_value_or_rank(rng) -> None:
    y = np.exp(rng.normal(0, 2, ROWS))
    found = power(
        y, True, copy=y * 3 + 1, logarithm=np.log(y), tenth=(pd.Series(y).rank(pct=True) * 10).round(),
        noisy=np.log(y) + rng.normal(0, 2, ROWS), noise=rng.normal(size=ROWS),
    )  # fmt: skip
    assert found["copy"] > 0.98
    assert found["logarithm"] > 0.98
    assert found["tenth"] > 0.975
    assert 0.25 < found["noisy"] < 0.6  # the rank correlation is about .7
    assert found["noise"] < 0.05


def test_one_huge_value_hides_no_copy(rng) -> None:
    y = rng.normal(size=ROWS)
    y[0] = 1e12
    assert power(y, True, copy=y + rng.normal(0, 0.05, ROWS))["copy"] > 0.975


def test_an_identifier_in_the_order_of_the_target(rng) -> None:
    y = np.sort(rng.integers(0, 3, ROWS))
    table = pd.DataFrame({"id": [f"C{i:06d}" for i in range(ROWS)], "y": y.astype(str)})
    columns = profile(table)
    assert columns[0].kind is ColumnKind.IDENTIFIER
    assert prediction_power(table, columns, Outcome.of(table, "y", number=False))["id"].score > 0.99
    mixed = table.assign(y=rng.permutation(table["y"]))
    assert prediction_power(mixed, columns, Outcome.of(mixed, "y", number=False))["id"].score < 0.1


def test_copies_of_rows_do_not_look_like_knowledge(rng) -> None:
    half = pd.DataFrame({"name": [f"n{i}" for i in range(ROWS // 3)], "y": rng.choice(["a", "b"], ROWS // 3)})
    table = pd.concat([half, half.head(ROWS // 8)], ignore_index=True)
    columns = tuple(replace(c, kind=ColumnKind.CATEGORICAL) for c in profile(table))
    assert prediction_power(table, columns, Outcome.of(table, "y", number=False))["name"].score < 0.2


def test_too_few_rows_or_one_value_say_nothing() -> None:
    assert power(["a", "b"] * 5, False, x=range(10)) == {}
    assert power([1.0] * 50, True, x=range(50)) == {}


def test_rare_classes_are_drawn_whole() -> None:
    y = np.repeat(["a", "b", "c"], [30_000, 40, 3_000])
    table = pd.DataFrame({"y": y, "i": np.arange(len(y))})
    seen = Outcome.of(table, "y", number=False).sample(table, 5_000)
    assert np.bincount(seen.codes).tolist() == [2480, 40, 2480]
    assert seen.shares == pytest.approx([30_000 / 33_040, 40 / 33_040, 3_000 / 33_040])


@settings(max_examples=12, deadline=None)
@given(st.integers(30, 200), st.integers(0, 10_000), st.booleans())
def test_power_is_a_share_and_the_same_again(rows, seed, number) -> None:
    rng = np.random.default_rng(seed)
    x = np.where(rng.random(rows) < 0.3, np.nan, rng.normal(size=rows))
    y = rng.normal(size=rows) if number else rng.choice(["a", "b", "c"], rows)
    first, second = (power(y, number, x=x, z=np.arange(rows) / 7) for _ in range(2))
    assert 0 <= first["x"] <= 1
    assert first["x"] == second["x"]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([lambda v: v * 9 - 4, np.exp, lambda v: -(v**3)]))
def test_a_number_may_be_rewritten_in_any_order_keeping_way(seed, way) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=150)
    y = np.where(x + rng.normal(size=150) > 0, "up", "down")
    found = power(y, False, x=x, rewritten=way(x))
    assert found["x"] == pytest.approx(found["rewritten"], abs=0.12)  # trees cut halfway between ranks


def test_where_a_column_is_filled_may_follow_from_the_target(rng) -> None:
    y = rng.choice(list("abcdef"), ROWS)
    table = pd.DataFrame({"y": y, "only_a": np.where(y == "a", 1.0, np.nan), "by_chance": np.where(rng.random(ROWS) < 0.2, 1.0, np.nan)})
    found = prediction_power(table, profile(table), Outcome.of(table, "y", number=False))
    assert found["only_a"].told == 1
    assert found["only_a"].score < 0.6  # of six classes it tells one
    assert found["by_chance"].told < 0.2
    z = rng.normal(size=ROWS)
    table = pd.DataFrame({"z": z, "upper": np.where(z > 1, "paid", None)})
    assert prediction_power(table, profile(table), Outcome.of(table, "z", number=True))["upper"].told == 1


@pytest.mark.parametrize("number", [False, True])
def test_a_wide_table_is_looked_at_in_parts_and_its_leaks_are_found(number) -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=400)
    frame = pd.DataFrame({f"n{i}": rng.normal(size=400).round(2) for i in range(420)})
    frame["copy"], frame["hint"] = y * 3 + 1, y + rng.normal(0, 0.6, 400)
    frame["day"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.argsort(np.argsort(y)), unit="D")
    frame.loc[::7, ["copy", "day"]] = None
    frame["y"] = y if number else np.where(y > 0, "up", "down")
    outcome = Outcome.of(frame, "y", number=number)
    wide = prediction_power(frame, profile(frame), outcome)
    few = frame[["copy", "hint", "day", "n0", "y"]]
    narrow = prediction_power(few, profile(few), outcome)
    for name in ("copy", "hint", "day"):
        assert wide[name].score == narrow[name].score > 0.4, name
        assert wide[name].how.startswith("decision tree")
    assert wide["n0"].how == "mean of each sixteenth of its values"
    assert max(wide[f"n{i}"].score for i in range(420)) < 0.5
