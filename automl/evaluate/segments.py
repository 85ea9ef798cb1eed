"""How good a model is for parts of the rows: by the values of a column, the worst first, with what is noise.

A numeric or date column is cut into ranges of equally many rows; of any other the most frequent values
are taken. A part is told from all other rows by the difference of two independent means.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from automl import wording
from automl.evaluate import noise
from automl.metrics import Metric, labels
from automl.types import Problem

TOP_VALUES = 8
RANGES = 5
MANY_VALUES = 12  # a numeric column with more is cut into ranges
FEWEST = 30  # rows; of fewer nothing is said (the normal interval of a mean)
LEVEL = 0.95
MISSING, OTHER = "(missing)", "(all others)"


@dataclass(frozen=True)
class Segment:
    """A part of the rows. `behind` is how much worse it is than all other rows, above 0 when worse."""

    column: str
    name: str
    rows: int
    score: float
    low: float
    high: float
    behind: float = 0.0
    surprise: float = 0.0  # `behind` in standard errors
    is_clear: bool = False  # worse than the others by more than chance
    is_better: bool = False  # better by more than chance

    @property
    def is_small(self) -> bool:
        """Whether there are too few rows to judge, or none of them varies."""
        return self.rows < FEWEST or not self.has_interval

    @property
    def has_interval(self) -> bool:
        """Whether its rows vary, so that it can be said how sure the score is."""
        return self.high > self.low


def parts(values: pd.Series) -> dict[str, np.ndarray]:
    """Name of each part → its row positions; ranges in their order, values by frequency.

    >>> {k: len(v) for k, v in parts(pd.Series(["a", "b", "a", None])).items()}
    {'a': 2, 'b': 1, '(missing)': 1}
    """
    values = values.reset_index(drop=True)
    missing = values.isna().to_numpy()
    kind = values.dtype.kind if isinstance(values.dtype, np.dtype) else "O"
    if kind == "M" or (kind in "iuf" and values.nunique() > MANY_VALUES):
        out = _ranges(values, missing, kind == "M")
    else:
        out = _values(values, missing)
    if missing.any():
        out[MISSING] = np.flatnonzero(missing)
    return out


def _ranges(values: pd.Series, missing: np.ndarray, dates: bool) -> dict[str, np.ndarray]:
    numbers = values.to_numpy().astype("int64" if dates else "float64")
    known = numbers[~missing]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, RANGES + 1), method="nearest"))
    at = np.searchsorted(edges[1:-1], numbers, side="right")
    out = {}
    for i in range(max(len(edges) - 1, 1)):
        rows = np.flatnonzero((at == i) & ~missing)
        if not len(rows):
            continue
        inside = values.iloc[rows]
        low, high = inside.min(), inside.max()
        if dates:
            name = f"{low:%Y-%m-%d} to {high:%Y-%m-%d}"
        else:
            first, last = (wording.value(v, str(values.name)) for v in (low, high))
            name = first if low == high else f"{first} to {last}"
        while name in out:  # two ranges that read alike
            name += " "
        out[name] = rows
    return out


def _values(values: pd.Series, missing: np.ndarray) -> dict[str, np.ndarray]:
    text = values.astype(object).map(str, na_action="ignore").to_numpy(dtype=object)
    codes, names = pd.factorize(text)  # missing is -1
    counts = np.bincount(codes[~missing], minlength=len(names))
    top = np.argsort(-counts, kind="stable")[:TOP_VALUES]
    out = {str(names[i]): np.flatnonzero(codes == i) for i in top if counts[i]}
    rest = np.flatnonzero(~np.isin(codes, top) & ~missing)
    if len(rest):
        out[OTHER] = rest
    return out


def losses(problem: Problem, y: np.ndarray, values: np.ndarray, threshold: float | None) -> np.ndarray:
    """What each row costs: 1 where the wrong class is called, or the absolute error."""
    if problem.has_probabilities:
        return (labels(values, problem.positive_code, threshold) != y).astype(np.float64)
    return np.abs(values - y)


def worst(columns: pd.DataFrame, loss: np.ndarray, most: int = 10) -> list[Segment]:
    """The parts of all columns where the loss is higher than elsewhere: those that surely are first, the worst before
    the less bad; then those that may be chance, the surest first.

    The level is divided by the number of parts that were looked at (Bonferroni), so that the worst of
    many is not taken for bad when it is only unlucky.

    Parameters
    ----------
    columns : DataFrame of shape (rows, columns)
    loss : ndarray of shape (rows,)
    """
    found = []
    for column in columns:
        for name, rows in parts(columns[column]).items():
            if FEWEST <= len(rows) <= len(loss) - FEWEST:
                found.append(_against_rest(column, name, rows, loss))
    bar = _bar(len(found))
    judged = [_judged(s, bar) for s in found if s.behind > 0]
    return sorted(judged, key=_worst_first)[:most]


def _worst_first(segment: Segment) -> tuple[bool, float, str, str]:
    by = segment.behind if segment.is_clear else segment.surprise
    return not segment.is_clear, -by, segment.column, segment.name


def _against_rest(column: str, name: str, rows: np.ndarray, loss: np.ndarray) -> Segment:
    inside = loss[rows]
    n, rest = len(rows), len(loss) - len(rows)
    mean = float(inside.mean())
    other = (loss.sum() - inside.sum()) / rest
    spread = inside.var(ddof=1) / n
    rest_var = max((np.square(loss).sum() - np.square(inside).sum()) / rest - other**2, 0.0)
    error = float(np.sqrt(spread + rest_var / rest))
    behind = float(mean - other)
    reach = noise.Z * float(np.sqrt(spread))
    surprise = behind / error if error > 0 else 0.0
    return Segment(column, name, n, mean, max(mean - reach, 0.0), mean + reach, behind, surprise)


def _bar(looked_at: int) -> float:
    """Standard errors from which on a difference is no luck, of so many that were looked at."""
    return NormalDist().inv_cdf(1 - (1 - LEVEL) / 2 / max(looked_at, 1))


def _judged(segment: Segment, bar: float) -> Segment:
    from dataclasses import replace

    judged = not segment.is_small
    return replace(segment, is_clear=judged and segment.surprise >= bar, is_better=judged and -segment.surprise >= bar)


def by_column(
    values: pd.Series, metric: Metric, y: np.ndarray, prediction: np.ndarray, seed: int = 0
) -> list[Segment]:
    """The score of each part of a column with its bootstrap interval, worst first; small parts last.

    Parameters
    ----------
    values : Series of shape (rows,)
    metric : Metric
        About the outcome of interest, with the model's threshold.
    y, prediction : ndarray
        As in `Metric.score`.
    """
    groups = parts(values)
    everything = np.arange(len(y))
    out = []
    for name, rows in groups.items():
        scores, spread = _drawn(metric, y, prediction, rows, seed)
        if not np.isfinite(scores):
            continue
        rest = np.setdiff1d(everything, rows, assume_unique=True)
        behind = surprise = 0.0
        if len(rest) >= 2 and len(rows) >= 2:
            other, other_spread = _drawn(metric, y, prediction, rest, seed + 1)
            behind = metric.sign * (other - scores)
            error = float(np.hypot(spread, other_spread))
            surprise = behind / error if error > 0 else 0.0
        low, high = np.clip([scores - noise.Z * spread, scores + noise.Z * spread], *metric.bounds)
        out.append(
            Segment(str(values.name), name, len(rows), scores, float(low), float(high), behind, surprise)
        )
    bar = _bar(len(out))
    judged = [_judged(s, bar) for s in out]
    return sorted(judged, key=lambda s: (s.is_small, metric.sign * s.score, s.name))


def _drawn(
    metric: Metric, y: np.ndarray, prediction: np.ndarray, rows: np.ndarray, seed: int
) -> tuple[float, float]:
    """The score of some rows and its standard error; NaN where the metric needs what is not there."""
    needs_both = metric.needs == "probabilities" and metric.name in ("roc_auc", "average_precision")
    if needs_both and len(np.unique(y[rows])) < 2:
        return float("nan"), 0.0
    score = metric.prepare(y[rows], prediction[rows])
    value = score(np.ones(len(rows)))
    if len(rows) < 2:
        return value, 0.0
    pick = rows
    if len(rows) > noise.MOST_ROWS:
        pick = np.random.default_rng(seed).choice(rows, noise.MOST_ROWS, replace=False)
        score = metric.prepare(y[pick], prediction[pick])
    drawn = noise.spread([score], len(pick), noise.RESAMPLES // 2, seed)[:, 0]
    return value, float(drawn.std(ddof=1)) * (len(pick) / len(rows)) ** 0.5
