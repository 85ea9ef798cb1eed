from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl.explain import flips


class Formula:
    def predict_typed(self, t):
        score = t["a"].to_numpy() + t["b"].to_numpy() + 2.0 * (t["plan"] == "pro").to_numpy() - 4
        yes = 1 / (1 + np.exp(-score))
        return np.column_stack([1 - yes, yes])


def to_yes(p):
    return 0.5 - p[:, 1]


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.uniform(0, 3, 400), "b": rng.uniform(0, 3, 400), "fixed": rng.uniform(0, 1, 400)})
    frame["plan"] = pd.Series(np.array(["basic", "pro"], dtype=object)[rng.integers(0, 2, 400)], dtype=object)
    return frame


def row(**values):
    frame = pd.DataFrame({"a": [1.0], "b": [0.5], "fixed": [0.5], "plan": ["basic"]}).assign(**values)
    return frame.astype({"plan": object})


def test_it_really_flips_with_values_that_were_seen(rows):
    own = row()
    assert to_yes(Formula().predict_typed(own))[0] > 0
    found = flips(Formula(), rows, own, ("a", "b", "plan", "fixed"), to_yes)
    assert found
    for flip in found:
        changed = own.copy()
        for name, (before, after) in flip.changes.items():
            assert before == own[name].iloc[0] and after in set(rows[name])
            changed[name] = pd.Series([after], dtype=own[name].dtype)
        predicted = Formula().predict_typed(changed)
        assert to_yes(predicted)[0] <= 0
        np.testing.assert_allclose(predicted, flip.predicted)
        assert "fixed" not in flip.changes


def test_one_column_is_preferred_and_moved_no_further_than_needed(rows):
    found = flips(Formula(), rows, row(a=1.9, plan="pro", b=0.0), ("a", "b"), to_yes)
    assert len(found[0].changes) == 1
    before, after = found[0].changes["a"]
    assert before == 1.9 and 2.0 <= after < 2.1


def test_only_allowed_columns_are_changed(rows):
    found = flips(Formula(), rows, row(a=2.2), ("plan",), to_yes)
    assert [f.changes for f in found] == [{"plan": ("basic", "pro")}]
    assert flips(Formula(), rows, row(), ("fixed",), to_yes) == []
    assert flips(Formula(), rows, row(), (), to_yes) == []


def test_two_columns_where_one_is_not_enough(rows):
    found = flips(Formula(), rows, row(a=0.5, b=0.2), ("a", "b", "plan"), to_yes)
    assert found and len(found[0].changes) == 2


def test_a_number_that_is_wished_for_is_reached(rows):
    class Value:
        def predict_typed(self, t):
            return 10 * t["a"].to_numpy() + t["b"].to_numpy()

    found = flips(Value(), rows, row(), ("a", "b"), lambda v: 20 - v)
    assert found[0].predicted[0] >= 20
    assert set(found[0].changes) == {"a"}


def test_the_same_every_time(rows):
    first, again = (flips(Formula(), rows, row(), ("a", "b", "plan"), to_yes) for _ in range(2))
    assert [f.changes for f in first] == [f.changes for f in again]
