from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.features.categories import MAX_CODES, MAX_ONEHOT, Categories


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


@pytest.mark.parametrize(("how", "most"), [("onehot", MAX_ONEHOT), ("codes", MAX_CODES)])
def test_the_rare_ones_share_a_place(how, most):
    values = [f"w{i:04d}" for i in range(most + 10)]
    block = Categories(how).fit(words(*values, values[-1]))
    assert len(block.values) == most and block.values[0] == values[-1]
    assert block.codes(words(values[-2]))[0] == most


@settings(max_examples=80, deadline=None)
@given(st.lists(st.none() | st.text(min_size=1), min_size=1), st.lists(st.none() | st.text(min_size=1)))
def test_state_comes_back(train, new):
    block = Categories("codes").fit(words(*train))
    again = Categories.from_state(json.loads(json.dumps(block.state())))
    for rows in (words(*train), words(*new)):
        assert again.codes(rows).tolist() == block.codes(rows).tolist()
    known = block.codes(words(*train))
    assert ((known >= 0) == [w is not None for w in train]).all()
