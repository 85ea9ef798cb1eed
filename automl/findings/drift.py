"""How the target of the latest rows differs from that of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from automl.data.insights.outcome import CLIPPED
from automl.data.words import shorten
from automl.wording import class_label, number, percent

LATEST = 0.2  # of the rows, held against the earlier ones
FEWEST_ROWS = 50
DRIFTED = 0.25  # of a standard deviation (Cohen 1988: .2 is a small effect), or …
DRIFTED_SHARE = 0.05  # … of the rows in another class


def drift(times: np.ndarray, target: np.ndarray, labels: Sequence[Any] = ()) -> str:
    """A sentence where the target changes over time; empty where it hardly does.

    Parameters
    ----------
    times : ndarray of shape (rows,)
        Numbers, ascending in time; NaN where it is not known.
    target : ndarray of shape (rows,)
        Positions in `labels`, or values where there are none.

    >>> drift(np.arange(100.0), np.where(np.arange(100) < 80, 10.0, 30.0))
    'It is 30 on average in the latest fifth of the rows, and 10 before.'
    >>> drift(np.arange(100.0), np.arange(100) % 2, ("no", "yes"))
    ''
    """
    known = np.isfinite(times)
    if known.sum() < FEWEST_ROWS:
        return ""
    late = known & (times > np.quantile(times[known], 1 - LATEST))
    early = known & ~late
    if not late.any() or not early.any():
        return ""
    if not len(labels):
        clipped = np.clip(target, *np.quantile(target, CLIPPED))
        spread = clipped.std()
        before, after = clipped[early].mean(), clipped[late].mean()
        if spread <= 0 or abs(after - before) < DRIFTED * spread:
            return ""
        return f"It is {number(float(after))} on average in the latest fifth of the rows, and {number(float(before))} before."
    size = len(labels)
    before, after = (np.bincount(target[m], minlength=size) / m.sum() for m in (early, late))
    i = int(np.argmax(np.abs(after - before)))
    if abs(after[i] - before[i]) < DRIFTED_SHARE:
        return ""
    label = shorten(class_label(labels[i]))
    return f"'{label}' is {percent(float(after[i]))} of the latest fifth of the rows, and {percent(float(before[i]))} before."
