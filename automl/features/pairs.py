"""Differences, ratios, sums and products of two numbers, where they say more than the two side by side."""

from __future__ import annotations

import itertools
from typing import Self

import numpy as np

PARENTS = 12  # pairs are made of the strongest so many columns
MAX_PAIRS = 12
BINS = 16
GRID = 8  # bins of each parent, 64 cells: what a tree of a usual size tells apart
# Share of the variance that a pair must explain beyond the grid of its parents; on n rows at least
# NOISE / √n, or chance would choose.
SURPLUS, NOISE = 0.01, 0.7
ALIKE = 10.0  # what is added must spread alike within this factor, or the one drowns the other
OPERATIONS = ("minus", "over", "plus", "times")


def in_bins(values: np.ndarray, bins: int) -> np.ndarray:
    """The quantile bin of each value, 0 … bins-1; missing ones have the bin `bins` of their own."""
    known = np.isfinite(values)
    out = np.full(len(values), bins)
    if known.any():
        edges = np.quantile(values[known], np.linspace(0, 1, bins + 1)[1:-1])
        out[known] = np.searchsorted(edges, values[known], side="right")
    return out


def explained(place: np.ndarray, targets: np.ndarray) -> float:
    """Share of the variance that is between places, 0 for noise (adjusted R², the mean over the outcomes).

    >>> round(explained(np.repeat([0, 1], 50), np.repeat([[0.0], [1.0]], 50, axis=0)), 3)
    1.0
    """
    n = np.bincount(place)
    groups, rows = (n > 0).sum(), len(place)
    if rows <= groups:
        return 0.0
    shares = []
    for column in (targets - targets.mean(axis=0)).T:
        total = float(column @ column)
        between = float((np.bincount(place, column) ** 2 / np.maximum(n, 1)).sum())
        shares.append(1 - (1 - between / total) * (rows - 1) / (rows - groups) if total > 0 else 0.0)
    return float(np.mean(shares))


def combine_numbers(a: np.ndarray, b: np.ndarray, operation: str) -> np.ndarray:
    """Elementwise; NaN where a number is missing or divided by 0."""
    if operation == "minus":
        return a - b
    if operation == "plus":
        return a + b
    if operation == "times":
        return a * b
    return np.divide(a, b, out=np.full(np.shape(a), np.nan), where=b != 0)


class Pairs:
    """`pairs` holds [column, operation, column], columns by their position."""

    def fit(self, matrix: np.ndarray, targets: np.ndarray) -> Self:
        """Choose by a sample of training rows. matrix : (rows, columns) with NaN; targets : (rows, outcomes)."""
        strength = np.array([explained(in_bins(c, BINS), targets) for c in matrix.T])
        parents = sorted(np.argsort(-strength, kind="stable")[:PARENTS].tolist())
        coarse = {i: in_bins(matrix[:, i], GRID) for i in parents}
        spread = {i: spreads(matrix[:, i]) for i in parents}
        least = max(SURPLUS, NOISE / np.sqrt(max(len(matrix), 1)))
        found = []
        for a, b in itertools.combinations(parents, 2):
            grid = explained(coarse[a] * (GRID + 1) + coarse[b], targets)
            for operation in OPERATIONS:
                by = 0 if operation in ("minus", "plus") else 1
                if not spread[a][by] < ALIKE * spread[b][by] < ALIKE**2 * spread[a][by]:
                    continue
                values = combine_numbers(matrix[:, a], matrix[:, b], operation)
                surplus = explained(in_bins(values, BINS), targets) - max(grid, strength[a], strength[b])
                if surplus > least:
                    found.append((-surplus, a, b, operation))
        best: dict[tuple[int, int], str] = {}
        for _, a, b, operation in sorted(found):
            best.setdefault((a, b), operation)
        self.pairs = [[a, operation, b] for (a, b), operation in best.items()][:MAX_PAIRS]
        return self

    def transform(self, matrix: np.ndarray) -> np.ndarray:
        out = np.empty((len(matrix), len(self.pairs)))
        with np.errstate(over="ignore"):
            for i, (a, operation, b) in enumerate(self.pairs):
                out[:, i] = combine_numbers(matrix[:, a], matrix[:, b], operation)
        return out

    def output_names(self, names: list[str]) -> list[str]:
        return [f"{names[a]} {operation} {names[b]}" for a, operation, b in self.pairs]


def spreads(values: np.ndarray) -> tuple[float, float]:
    """The range of the middle 80 %, and its share of the usual size: what counts in sums, and in products."""
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 0.0
    low, high = np.quantile(known, [0.1, 0.9])
    size = float(np.abs(known).mean())
    return float(high - low), float(high - low) / size if size > 0 else 0.0
