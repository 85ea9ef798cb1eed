from __future__ import annotations

import numpy as np
import pytest

from tests.pages.conftest import texts


@pytest.fixture
def model(bench, customers, churn_bundle):
    return bench.built(customers, churn_bundle)


def test_any_column_with_its_sizes(bench, model, churn_bundle) -> None:
    app = bench.open("analyze", model=model.id, view="Segments")
    bench.checked(app.selectbox(key="segment-column").set_value("plan").run())
    bench.checked(app.selectbox(key="segment-metric").set_value("accuracy").run())
    said, held = texts(app), churn_bundle.test_rows()
    right = held.values.argmax(axis=1) == held.y
    for value in ("basic", "pro", "team"):
        inside = (held.inputs["plan"] == value).to_numpy()
        score = np.round(right[inside].mean(), 3)
        assert f"{score:.3f}" in said or f"{score:.0f}" in said
        assert value in said
    assert "(missing)" in said
    assert "too few to tell" in said  # 75 test rows: some parts have fewer than 30


def test_the_worst_parts_are_judged(bench, model) -> None:
    said = texts(bench.open("analyze", model=model.id, view="Segments"))
    assert "No part" in said or "Worst where" in said
    assert "Every column was looked at, on all test rows" in said or "at least 30 test rows" in said
