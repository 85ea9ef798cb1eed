"""How long a prediction takes, from raw row to answer: as the build measured it, or now, where it had no time left."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from automl import additions
from automl.errors import BundleError

if TYPE_CHECKING:
    from automl.bundle import Bundle
    from automl.model import Model

ROWS, TIMES = 2_000, 5
LATER = "latency_later.json"


def latency(bundle: Bundle) -> dict[str, Any] | None:
    """Milliseconds a row takes, of many and alone; None where there are no rows to measure it on.

    Returns
    -------
    dict
        `many_ms` and `one_ms`, the `rows` it was measured on, and whether that was `later`, maybe on another machine
        than built the model.
    """
    if bundle.latency is not None:
        return {**bundle.latency, "later": False}
    found = additions.read(bundle.folder, LATER)
    if found is None:
        held = bundle.test_rows()
        if held is None or not len(held.inputs):
            return None
        found = measure(bundle.model, held.inputs.iloc[:ROWS])
        with contextlib.suppress(BundleError):  # a folder that can't be written: measured again the next time
            additions.write(bundle.folder, LATER, found)
    return {**found, "later": True}


def measure(model: Model, raw: pd.DataFrame) -> dict[str, Any]:
    """Raw rows to predictions: many at once, and one alone (the median of a few).

    Parameters
    ----------
    model : Model
    raw : DataFrame of shape (rows, columns)
        At least one row.
    """
    started = time.perf_counter()
    model.predict_values(raw)
    many = time.perf_counter() - started
    took = []
    for _ in range(TIMES):
        started = time.perf_counter()
        model.predict_values(raw.iloc[:1])
        took.append(time.perf_counter() - started)
    return {"many_ms": many * 1000 / len(raw), "one_ms": float(np.median(took)) * 1000, "rows": len(raw)}
