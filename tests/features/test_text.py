from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from automl.features.text import COMPONENTS, Text

NOTES = [
    "asked for a refund",
    "happy with the price",
    None,
    "line was down again, again and again",
    "",
    "refund refund",
]


def words(values):
    return np.array([*values, None], dtype=object)[:-1]


def dense(part):
    return part.toarray() if sparse.issparse(part) else part


def again(block):
    document, arrays = block.state()
    return Text.from_state(json.loads(json.dumps(document)), arrays)


def test_weights_are_tf_idf():
    block = Text("tfidf").fit(words(NOTES))
    texts = ["" if n is None else n for n in NOTES]
    expected = block.vectorizer.transform(texts)
    found = block.transform(words(NOTES))
    assert sparse.issparse(found) and found.has_sorted_indices
    np.testing.assert_allclose(found.toarray(), expected.toarray(), rtol=1e-12)
    assert found[2].nnz == found[4].nnz == 0


def test_condensed():
    block = Text("svd").fit(words(NOTES * 10))
    out = block.transform(words(["a refund please", None, "words never seen"]))
    assert out.shape[1] <= COMPONENTS
    assert (out[1:] == 0).all() and (out[0] != 0).any()


@pytest.mark.parametrize("how", ["tfidf", "svd"])
@pytest.mark.parametrize(
    "notes", [[None, None], ["", "a"], ["!?", "."], ["one"], ["same words", "same words"]]
)
def test_little_text(how, notes):
    block = Text(how).fit(words(notes))
    for b in (block, again(block)):
        out = dense(b.transform(words(["one more", None])))
        assert out.shape[0] == 2 and np.isfinite(out).all()


@pytest.mark.parametrize("how", ["tfidf", "svd"])
def test_no_rows(how):
    assert Text(how).fit(words(NOTES)).transform(words([])).shape[0] == 0


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.none() | st.text(), min_size=1, max_size=6),
    st.lists(st.none() | st.text(), min_size=1, max_size=4),
)
def test_state_comes_back_and_rows_stand_alone(train, new):
    for how in ("tfidf", "svd"):
        block = Text(how).fit(words(train))
        whole = dense(block.transform(words(new)))
        np.testing.assert_array_equal(dense(again(block).transform(words(new))), whole)
        for i, value in enumerate(new):
            np.testing.assert_array_equal(dense(block.transform(words([value])))[0], whole[i])
        assert np.isfinite(whole).all()
