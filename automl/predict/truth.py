"""What really happened, beside what was predicted: the realised score of a batch next to the promised one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from automl import wording
from automl.bundle import Bundle
from automl.data.target import as_outcomes
from automl.data.words import count, shorten
from automl.errors import ColumnError, PredictionError, unknown_name
from automl.features.typed import typed_words
from automl.metrics import bootstrap_interval, for_task
from automl.predict.columns import fold
from automl.predict.reading import Table, open_table, pieces
from automl.problem import class_codes, encode_target, has_target
from automl.types import Problem

FEWEST_ROWS = 5  # with fewer, a score says nothing


@dataclass(frozen=True)
class Scored:
    """One metric on the rows whose outcome is known; `promised` is what the test rows gave when it was built."""

    name: str
    label: str
    value: float
    low: float
    high: float
    greater_is_better: bool
    promised: float | None = None
    promised_low: float | None = None
    promised_high: float | None = None


@dataclass(frozen=True)
class Truth:
    """The realised score of a batch.

    Attributes
    ----------
    rows, left_out : int
        Rows that were scored, and those without a known outcome.
    how : str
        How rows were matched.
    metric : str
        The one the model was built for; first in `metrics`.
    metrics : tuple of Scored
    sentence : str
    """

    rows: int
    left_out: int
    how: str
    metric: str
    metrics: tuple[Scored, ...]
    sentence: str


def truth_column(bundle: Bundle, names: Sequence[str]) -> str | None:
    """The column of a table that holds the model's target, by its name."""
    target = bundle.schema["target"]
    return next((n for n in names if fold(n) == fold(target)), None)


def tells_rows_apart(table: Table, name: str) -> bool:
    """Whether no two rows have the same value in a column; a table in which many do is not read to its end."""
    found = np.zeros(0, dtype=np.uint64)
    for _, piece in pieces(table, [name]):
        keys = _hashed(piece[name])[0]
        if len(np.unique(keys)) < len(keys):
            return False
        found = np.append(found, keys)
    return len(np.unique(found)) == len(found)


def realised(
    bundle: Bundle,
    master: Path,
    added: Sequence[str],
    truth: Table,
    *,
    column: str | None = None,
    key: str | None = None,
) -> Truth:
    """Score a batch with what really happened.

    Both tables are read in pieces: of the one stay an outcome and eight bytes of the key a row, of the other the
    probabilities of those rows whose outcome is known.

    Parameters
    ----------
    bundle : Bundle
        The model that predicted.
    master : Path
        predictions.parquet of the batch.
    added : sequence of str
        The columns that were added, the prediction first.
    truth : Table
        What really happened; may hold some of the rows, in any order, if there is a key.
    column : str, optional
        The column with the outcome; by default the one called like the target.
    key : str, optional
        A column of both tables that tells rows apart; None: rows are matched by their order.

    Raises
    ------
    ColumnError, PredictionError
        A column is missing, the tables don't match, or too few outcomes are known.
    """
    problem, batch = bundle.model.problem, open_table(master)
    column = column or truth_column(bundle, truth.names)
    if column is None or column not in truth.names:
        raise ColumnError(
            f"The table has no column '{problem.target}' with what really happened. Add it, or say which one it is."
        )
    if key and key not in batch.names:
        raise ColumnError(unknown_name("column", key, batch.names, "in the predictions"))
    if key:
        places, how = _by_key(batch, key, truth), f"matched by '{shorten(key)}'"
    else:
        if truth.rows != batch.rows:
            raise PredictionError(
                f"The table has {count(truth.rows, 'row')}, the batch {batch.rows:,}: they can't be matched row "
                "by row. Choose a column that both have, such as an id."
            )
        places, how = np.arange(batch.rows), "matched row by row"
    there = np.concatenate([_encoded(piece[column], problem) for _, piece in pieces(truth, [column])])
    outcomes = np.where(places < 0, np.nan, there[places])
    known = ~np.isnan(outcomes)
    rows, left = int(known.sum()), int((~known).sum())
    if rows < FEWEST_ROWS:
        raise PredictionError(
            f"Only {count(rows, 'row')} of {batch.rows:,} {'has' if rows == 1 else 'have'} a known "
            f"outcome in '{shorten(column)}' ({how}). Check the column and the way of matching."
        )
    classes = problem.has_probabilities
    y = outcomes[known].astype(np.int64 if classes else np.float64)
    metrics = _scores(bundle, y, _predicted(batch, added[1 : 1 + len(problem.classes)] if classes else added[:1], known))
    return Truth(rows, left, how, problem.metric, metrics, _sentence(rows, left, metrics[0]))


def _predicted(batch: Table, columns: Sequence[str], known: np.ndarray) -> np.ndarray:
    """What was predicted of some rows: probabilities of shape (rows, classes), or values."""
    found, at = [], 0
    for _, piece in pieces(batch, list(columns)):
        found.append(piece[known[at : at + len(piece)]].to_numpy(np.float64))
        at += len(piece)
    values = np.concatenate(found)
    return values if len(columns) > 1 else values[:, 0]


def _by_key(batch: Table, key: str, truth: Table) -> np.ndarray:
    """Where the truth has the key of each predicted row; -1 where it has not."""
    own = next((n for n in truth.names if n == key), None) or next((n for n in truth.names if fold(n) == fold(key)), None)
    if own is None:
        raise ColumnError(unknown_name("column", key, list(truth.names), "in the table"))
    (theirs, given), (ours, here) = _keys(truth, own), _keys(batch, key)
    order = np.argsort(theirs, kind="stable")
    order = order[given[order]]
    ordered = theirs[order]
    twice = np.flatnonzero(ordered[1:] == ordered[:-1])
    if len(twice):
        raise PredictionError(
            f"'{shorten(key)}' can't tell rows apart: '{shorten(_word(truth, own, order[twice[0]]))}' is in the table more "
            "than once. Choose another column."
        )
    at = np.searchsorted(ordered, ours).clip(max=max(len(ordered) - 1, 0))
    if not len(ordered):
        return np.full(len(ours), -1)
    return np.where(here & (ordered[at] == ours), order[at], -1)


def _keys(table: Table, name: str) -> tuple[np.ndarray, np.ndarray]:
    """A number for each value of a column, the same for the same word, and whether there is one."""
    found = [_hashed(piece[name]) for _, piece in pieces(table, [name])]
    return np.concatenate([keys for keys, _ in found]), np.concatenate([given for _, given in found])


def _hashed(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    words = typed_words(column)
    given = np.array([word is not None for word in words], dtype=bool)
    return pd.util.hash_array(words, categorize=False), given


def _word(table: Table, name: str, row: int) -> str:
    """The value in one row of a column."""
    at = 0
    for _, piece in pieces(table, [name]):
        if row < at + len(piece):
            return typed_words(piece[name].iloc[[row - at]])[0]
        at += len(piece)
    raise IndexError(row)


def _encoded(outcomes: pd.Series, problem: Problem) -> np.ndarray:
    """Class codes or values as floats; NaN where the outcome is missing, or is one that the model does not know."""
    outcomes = as_outcomes(outcomes, problem)
    if not problem.has_probabilities:
        known, out = has_target(outcomes), np.full(len(outcomes), np.nan)
        if known.any():
            out[known] = encode_target(outcomes[known], problem)
        return out
    codes = class_codes(outcomes, problem)
    return np.where(codes < 0, np.nan, codes)


def _scores(bundle: Bundle, y: np.ndarray, values: np.ndarray) -> tuple[Scored, ...]:
    problem = bundle.model.problem
    promised = {m["name"]: m for m in (bundle.evaluation or {}).get("metrics", [])}
    same = bundle.model.threshold == (bundle.evaluation or {}).get("threshold")
    out = []
    for metric in for_task(problem.task):
        ours = metric.for_outcome(problem.positive_code, bundle.model.threshold)
        low, high = bootstrap_interval(ours, y, values)
        # the promise of a metric that counts labels was made at the build's own threshold
        then = promised.get(metric.name) if same or metric.needs != "labels" else None
        past = (then["value"], then["low"], then["high"]) if then else (None, None, None)
        score = float(ours.score(y, values))
        out.append(Scored(metric.name, metric.label, score, low, high, metric.greater_is_better, *past))
    return tuple(sorted(out, key=lambda s: s.name != problem.metric))


def _sentence(rows: int, left: int, main: Scored) -> str:
    said = (
        f"On the {count(rows, 'row')} whose outcome is known now, {main.label} is {wording.number(main.value)} "
        f"({wording.number(main.low)} to {wording.number(main.high)} with 95 % confidence)"
    )
    rest = f" {count(left, 'row')} without a known outcome {'is' if left == 1 else 'are'} left out." if left else ""
    if main.promised is None:
        return f"{said}.{rest}"
    promise = f"{wording.number(main.promised)} ({wording.number(main.promised_low)} to {wording.number(main.promised_high)})"
    return f"{said}; the test rows had promised {promise}. {verdict(main)}{rest}"


def verdict(score: Scored) -> str:
    """Whether a promise was kept.

    >>> verdict(Scored("rmse", "RMSE", 5.0, 4.8, 5.2, False, 4.0, 3.8, 4.2))
    'That is worse than promised.'
    """
    if score.promised_low is None or score.promised_high is None:
        return ""
    if score.low <= score.promised_high and score.high >= score.promised_low:
        return "The two intervals overlap: as promised."
    better = (score.value > score.promised) == score.greater_is_better
    return f"That is {'better' if better else 'worse'} than promised."
