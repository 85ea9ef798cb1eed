from __future__ import annotations

import numpy as np
import pytest

from automl.evaluate import errors


def test_ranges_hold_all_rows_and_their_mean_error() -> None:
    rng = np.random.default_rng(0)
    y = rng.gamma(2, 100, 2000)
    p = y + rng.normal(size=2000) * y * 0.1 - 5
    found = errors.by_range(y, p)
    assert len(found) == errors.RANGES
    assert sum(e["rows"] for e in found) == 2000
    assert sum(e["rows"] * e["error"] for e in found) / 2000 == pytest.approx(np.abs(p - y).mean())
    assert sum(e["rows"] * e["bias"] for e in found) / 2000 == pytest.approx((p - y).mean())
    assert [e["worst"] for e in found] == [False] * 7 + [True]
    assert all(e["low"] <= e["error"] <= e["high"] for e in found)


@pytest.mark.parametrize("y", [np.array([3.0]), np.full(50, 3.0), np.repeat([0.0, 1.0], 40)])
def test_few_and_equal_values(y) -> None:
    found = errors.by_range(y, y + 1)
    assert sum(e["rows"] for e in found) == len(y)
    assert all(e["error"] == pytest.approx(1) for e in found)
    assert len({e["label"] for e in found}) == len(found)
