from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.features.categories import MAX_CODES, MAX_DENSE, MIN_DENSE, Categories, room_for_values


def words(*values):
    return np.array([*values, None], dtype=object)[:-1]


@pytest.mark.parametrize("how", ["onehot", "codes"])
def test_known_unseen_and_missing(how):
    block = Categories(how).fit(words("b", "a", "b", None, "c", "c", "b"))
    assert block.values == ["b", "c", "a"]
    assert block.codes(words("b", "c", "a", "new", None)).tolist() == [0, 1, 2, 3, -1]
    assert block.codes(words()).shape == (0,)


@pytest.mark.parametrize("how", ["onehot", "codes"])
def test_all_missing(how):
    block = Categories(how).fit(words(None, None))
    assert block.values == []
    assert block.codes(words(None, "x")).tolist() == [-1, 0]


@pytest.mark.parametrize(("how", "most"), [("onehot", 60), ("codes", MAX_CODES)])
def test_the_rare_ones_share_a_place(how, most):
    values = [f"w{i:04d}" for i in range(most + 10)]
    block = Categories(how, most).fit(words(*values, values[-1]))
    assert len(block.values) == most and block.values[0] == values[-1]
    assert block.codes(words(values[-2]))[0] == most


def test_where_values_are_left_out_the_common_are_told_from_the_rare():
    block = Categories("onehot", 2).fit(words(*"aaaabbbbccd"))
    found = block.frequency(words("a", "c", "d", "new", None))
    assert found[0] == 1 and 0 < found[1] < 1 and found[2:].tolist() == [0, 0, 0]
    assert Categories("onehot", 4).fit(words(*"aaaabbbbccd")).shares is None
    again = Categories.from_state(json.loads(json.dumps(block.state())))
    assert again.frequency(words("a", "c")).tolist() == found[:2].tolist()


def test_room_shrinks_with_the_table_only_where_zeros_cost():
    assert room_for_values("onehot", False, 100, 1) == MAX_DENSE
    assert room_for_values("onehot", False, 10_000_000, 20) == MIN_DENSE
    assert room_for_values("onehot", True, 10_000_000, 20) == room_for_values("onehot", True, 10, 0)
    assert room_for_values("codes", False, 10_000_000, 20) == MAX_CODES


@settings(max_examples=80, deadline=None)
@given(st.lists(st.none() | st.text(min_size=1), min_size=1), st.lists(st.none() | st.text(min_size=1)))
def test_state_comes_back(train, new):
    block = Categories("codes").fit(words(*train))
    again = Categories.from_state(json.loads(json.dumps(block.state())))
    for rows in (words(*train), words(*new)):
        assert again.codes(rows).tolist() == block.codes(rows).tolist()
    known = block.codes(words(*train))
    assert ((known >= 0) == [w is not None for w in train]).all()


letters = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=3)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.none() | letters, max_size=40), st.integers(1, 5))
def test_values_are_ordered_by_count_and_then_by_name(train, most):
    """The rule in NumPy's words, with which models on disk were fitted."""
    values, counts = np.unique(np.array([w for w in train if w is not None], dtype=str), return_counts=True)
    order = np.argsort(-counts, kind="stable")
    block = Categories("codes", most).fit(words(*train))
    assert block.values == values[order][:most].tolist()
    if len(values) > most:
        scale = np.log1p(counts.max())
        often = {str(values[i]): float(np.log1p(counts[i]) / scale) for i in order if counts[i] > 1}
        assert block.shares == often
    else:
        assert block.shares is None
