"""Where predicted values are off: by ranges of what really is."""

from __future__ import annotations

from typing import Any

import numpy as np

from automl import wording

RANGES = 8
FEWEST = 10  # rows of a range; fewer ranges before there are fewer rows
Z = 1.959963984540054  # of a 95 % interval


def by_range(y: np.ndarray, prediction: np.ndarray) -> list[dict[str, Any]]:
    """The average error in ranges of the target with equally many rows, the lowest first.

    Returns
    -------
    list of dict
        `label`, `rows`, `error` (mean absolute), its 95 % interval `low` and `high`, `bias` (mean of
        predicted minus real) and whether the range is the `worst`.

    >>> [e["error"] for e in by_range(np.arange(20.0), np.arange(20.0) + 1)]
    [1.0, 1.0]
    """
    count = max(1, min(RANGES, len(y) // FEWEST))
    edges = np.unique(np.quantile(y, np.linspace(0, 1, count + 1)))
    at = np.searchsorted(edges[1:-1], y, side="right")
    out = []
    for i in range(max(len(edges) - 1, 1)):
        rows = at == i
        if not rows.any():
            continue
        off = prediction[rows] - y[rows]
        size = np.abs(off)
        reach = Z * size.std(ddof=1) / len(size) ** 0.5 if len(size) > 1 else 0.0
        low, high = float(y[rows].min()), float(y[rows].max())
        label = wording.number(low) if low == high else f"{wording.number(low)} – {wording.number(high)}"
        out.append(
            {
                "label": label, "rows": int(rows.sum()), "error": float(size.mean()),
                "low": float(max(size.mean() - reach, 0.0)), "high": float(size.mean() + reach),
                "bias": float(off.mean()), "worst": False,
            }
        )  # fmt: skip
    if len(out) > 1:
        max(out, key=lambda e: e["error"])["worst"] = True
    return out
