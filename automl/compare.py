"""Two models side by side, on test rows that neither has learned from.

Both were built on the same table: the rows that both set aside are compared, pair by pair. Otherwise each
keeps the score of its own test rows, and nothing is said of the difference.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from automl.bundle import Bundle
from automl.errors import PredictionError
from automl.evaluate import noise
from automl.evaluate.segments import FEWEST, losses, parts
from automl.holdout import Holdout
from automl.metrics import for_task
from automl.types import ColumnKind, Problem, SplitKind

MOST_SEGMENTS, MOST_ROWS = 12, 50
NAMED = 3  # columns in a sentence
LEAK = "target_leakage_suspected"  # code of the finding that a column may give the answer away


@dataclass(frozen=True)
class MetricPair:
    """A metric of both models; how much better the second is, where it can be said."""

    name: str
    label: str
    greater_is_better: bool
    first: float
    second: float
    gain: noise.Difference | None = None


@dataclass(frozen=True)
class SegmentPair:
    """A part of the rows: what each model's rows cost there (wrong or not, or the absolute error)."""

    column: str
    name: str
    rows: int
    first: float
    second: float
    gain: float
    is_clear: bool


@dataclass(frozen=True)
class Comparison:
    """What `compare` found.

    Attributes
    ----------
    rows : int
        Test rows that both were compared on; 0 where they share none.
    disagreements : DataFrame
        The rows that the two predict differently, the farthest apart first: actual, first, second, inputs.
    disagreeing : int
        How many rows the two call differently (classes), or how many differ at all.
    """

    metrics: tuple[MetricPair, ...]
    rows: int = 0
    segments: tuple[SegmentPair, ...] = ()
    disagreements: pd.DataFrame | None = None
    disagreeing: int = 0
    apart: float = 0.0  # mean absolute difference of the predictions
    harder: str = ""  # "first" or "second": the shared rows are later than all that it has learned from
    only: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())  # columns that the first alone learns from, and the second alone
    leaks: tuple[str, ...] = ()  # those of them that may give the answer away

    @property
    def main(self) -> MetricPair:
        """The metric that the second model was built for."""
        return self.metrics[0]


def compare(first: Bundle, second: Bundle, suspected: Collection[str] | None = None) -> Comparison:
    """Compare two models of the same target.

    Parameters
    ----------
    first, second : Bundle
    suspected : collection of str, optional
        Columns that may give the answer away; by default those that the builds found.

    Raises
    ------
    PredictionError
        They predict different things.
    """
    one, two = first.spec.problem, second.spec.problem
    if (one.target, one.task, sorted(map(str, one.classes))) != (
        two.target,
        two.task,
        sorted(map(str, two.classes)),
    ):
        raise PredictionError(
            f"The models predict different things ('{one.target}' and '{two.target}', {one.task.label} and "
            f"{two.task.label}). Compare versions that predict the same column."
        )
    a, b = first.test_rows(), second.test_rows()
    shared = _shared(first, second, a, b)
    if shared is None:
        return Comparison(_side_by_side(first, second))
    at_a, at_b = shared
    y, left, right = b.y[at_b], _aligned(a.values[at_a], one.classes, two.classes), b.values[at_b]
    metrics = []
    for plain in for_task(two.task):
        mine = plain.for_outcome(two.positive_code, second.threshold)
        other = plain.for_outcome(two.positive_code, first.threshold)
        (gain,) = noise.compare(mine, y, right, [left], other_metric=other)
        metrics.append(
            MetricPair(
                plain.name,
                plain.label,
                plain.greater_is_better,
                other.score(y, left),
                mine.score(y, right),
                gain,
            )
        )
    metrics.sort(key=lambda m: m.name != two.metric)
    inputs = b.inputs.iloc[at_b].reset_index(drop=True)
    cost_a = losses(two, y, left, first.threshold)
    cost_b = losses(two, y, right, second.threshold)
    table, count, apart = _disagreements(b, at_b, y, left, right, inputs, first.threshold, second.threshold)
    speaking = {c.name for c in second.spec.columns if c.kind not in (ColumnKind.TEXT, ColumnKind.IDENTIFIER)}
    segments = _segments(inputs[[c for c in inputs if c in speaking]], cost_a, cost_b)
    only = tuple(tuple(c for c in p.features if c not in other.features) for p, other in ((one, two), (two, one)))
    if suspected is None:
        suspected = {c for b in (first, second) for f in b.findings if f.code == LEAK for c in f.columns}
    leaks = tuple(c for columns in only for c in columns if c in suspected)
    return Comparison(tuple(metrics), len(y), segments, table, count, apart, _harder(one, two), only, leaks)


def _harder(one: Problem, two: Problem) -> str:
    """Which of two models, "first" or "second", has learned from earlier rows only, where the other one has not."""
    by_time = [p.split.kind is SplitKind.TIME for p in (one, two)]
    return "" if by_time[0] == by_time[1] else "first" if by_time[0] else "second"


def note(found: Comparison, first: str = "the first", second: str = "the second") -> str:
    """What is to be kept in mind: other columns to learn from, a split by time; empty where there is nothing.

    >>> note(Comparison((), harder="second"))[:48]
    'The second has learned from earlier rows only, t'
    """
    said = [_with(name, columns, found.leaks) for name, columns in zip((first, second), found.only, strict=True) if columns]
    if not found.harder:
        return " ".join(said)
    early, late = (first, second) if found.harder == "first" else (second, first)
    said.append(
        f"{early[:1].upper()}{early[1:]} has learned from earlier rows only, {late} also from rows of the same time as "
        f"these. So {early} had the harder task, the one that rows to come will be."
    )
    return " ".join(said)


def _with(name: str, columns: tuple[str, ...], leaks: tuple[str, ...]) -> str:
    """What one of two models alone learns from."""
    from automl import wording

    some, more = ", ".join(columns[:NAMED]), len(columns) - NAMED
    rest = f" and {wording.count(more)} more" if more > 0 else ""
    said = f"{name[:1].upper()}{name[1:]} alone learns from {some}{rest}."
    given = [c for c in columns if c in leaks]
    if not given:
        return said
    return f"{said} As {given[0]} may give the answer away, its score is then too good to be true, and the other one is honest."


def _side_by_side(first: Bundle, second: Bundle) -> tuple[MetricPair, ...]:
    """The scores of each on its own test rows."""
    tables = [
        {m["name"]: m["value"] for m in (b.evaluation or {"metrics": []})["metrics"]} for b in (first, second)
    ]
    task, main = second.spec.problem.task, second.spec.problem.metric
    pairs = [
        MetricPair(
            m.name, m.label, m.greater_is_better, tables[0].get(m.name, np.nan), tables[1].get(m.name, np.nan)
        )
        for m in for_task(task)
    ]
    return tuple(sorted(pairs, key=lambda m: m.name != main))


def _shared(
    first: Bundle, second: Bundle, a: Holdout | None, b: Holdout | None
) -> tuple[np.ndarray, np.ndarray] | None:
    """Places of the rows that both set aside; None where the tables differ or share too few."""
    if a is None or b is None or first.spec.dataset != second.spec.dataset:
        return None
    _, at_a, at_b = np.intersect1d(a.rows, b.rows, return_indices=True)
    if len(at_a) < FEWEST or not _same_table(a, b, at_a, at_b):
        return None
    return at_a, at_b


def _same_table(a: Holdout, b: Holdout, at_a: np.ndarray, at_b: np.ndarray) -> bool:
    """Whether rows of the same number hold the same: models of files are not tied to a data set."""
    if a.problem.has_probabilities:
        return bool((a.labels[a.y[at_a]].astype(str) == b.labels[b.y[at_b]].astype(str)).all())
    return bool(np.allclose(a.y[at_a], b.y[at_b]))


def _aligned(values: np.ndarray, mine: tuple, theirs: tuple) -> np.ndarray:
    """Probabilities with the columns in the other model's order of classes."""
    if values.ndim == 1 or tuple(mine) == tuple(theirs):
        return values
    place = {str(label): i for i, label in enumerate(mine)}
    return values[:, [place[str(label)] for label in theirs]]


def _segments(inputs: pd.DataFrame, cost_a: np.ndarray, cost_b: np.ndarray) -> tuple[SegmentPair, ...]:
    """Parts of the rows where one model costs less, the surest first; the level allows for how many were looked at."""
    found = []
    for column in inputs:
        for name, rows in parts(inputs[column]).items():
            if not FEWEST <= len(rows) < len(inputs):
                continue
            gain = cost_a[rows] - cost_b[rows]
            error = float(gain.std(ddof=1)) / len(rows) ** 0.5
            sure = abs(float(gain.mean())) / error if error > 0 else 0.0
            found.append((sure, column, name, rows, float(gain.mean())))
    from statistics import NormalDist

    bar = NormalDist().inv_cdf(1 - 0.025 / max(len(found), 1))
    found.sort(key=lambda f: (-f[0], str(f[1]), f[2]))
    return tuple(
        SegmentPair(
            str(column),
            name,
            len(rows),
            float(cost_a[rows].mean()),
            float(cost_b[rows].mean()),
            gain,
            sure >= bar,
        )
        for sure, column, name, rows, gain in found[:MOST_SEGMENTS]
        if gain
    )


def _disagreements(
    held: Holdout,
    places: np.ndarray,
    y: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    inputs: pd.DataFrame,
    first_threshold: float | None,
    second_threshold: float | None,
) -> tuple[pd.DataFrame, int, float]:
    from automl.metrics import labels

    problem = held.problem
    if problem.has_probabilities:
        one = labels(left, problem.positive_code, first_threshold)
        two = labels(right, problem.positive_code, second_threshold)
        apart = np.abs(left - right).max(axis=1)
        differ = one != two
        shown = {"actual": held.labels[y], "first": held.labels[one], "second": held.labels[two]}
        order = np.lexsort((-apart, ~differ))[:MOST_ROWS]
        order = order[differ[order]]
    else:
        apart = np.abs(left - right)
        differ = apart > 0
        shown = {"actual": y, "first": left, "second": right}
        order = np.argsort(-apart, kind="stable")[:MOST_ROWS]
        order = order[differ[order]]
    table = pd.DataFrame({"row": held.rows[places] + 1, **shown, "apart": apart})
    table = pd.concat(
        [table, inputs.add_prefix("") if not set(inputs) & set(table) else inputs.add_suffix(" ")], axis=1
    )
    return table.iloc[order].reset_index(drop=True), int(differ.sum()), float(apart.mean())


def verdict(found: Comparison) -> str:
    """The comparison in a sentence.

    >>> verdict(Comparison((MetricPair("roc_auc", "ROC AUC", True, 0.8, 0.9),)))
    'The models share no test rows: ROC AUC is 0.800 and 0.900, each on its own rows, so little can be said of the difference.'
    """
    from automl import wording

    main = found.main
    a, b = wording.number(main.first), wording.number(main.second)
    if not found.rows or main.gain is None:
        return (
            f"The models share no test rows: {main.label} is {a} and {b}, each on its own rows, so little can be said "
            "of the difference."
        )
    low, high = sorted((main.gain.low, main.gain.high))
    on = f"on the same {wording.count(found.rows)} test rows ({main.label} {a} and {b})"
    if not main.gain.is_clear:
        span = f"{wording.number(-low)} worse and {wording.number(high)} better"
        return f"The two can't be told apart {on}: the second may be anything between {span}."
    word = "better" if main.gain.value > 0 else "worse"
    least, most = sorted((abs(low), abs(high)))
    return f"The second is {word} {on}: by {wording.number(least)} to {wording.number(most)} with 95 % confidence."
