"""What really happened, beside what was predicted: the realised score of a batch next to the promised one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl import wording
from automl.bundle import Bundle
from automl.data.words import count, shorten
from automl.errors import ColumnError, PredictionError, ProblemError, unknown_name
from automl.features.typed import typed_words
from automl.metrics import bootstrap_interval, for_task
from automl.predict.columns import fold
from automl.predict.reading import Table, pieces
from automl.problem import encode_target, has_target

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


def columns_of(table: Table, *names: str) -> pd.DataFrame:
    """Some columns of a table of outcomes: a large one is never in memory whole."""
    wanted = list(dict.fromkeys(names))
    return pd.concat([piece for _, piece in pieces(table, wanted)], ignore_index=True)


def realised(
    bundle: Bundle,
    master: Path,
    added: Sequence[str],
    truth: pd.DataFrame,
    *,
    column: str | None = None,
    key: str | None = None,
) -> Truth:
    """Score a batch against what really happened.

    Parameters
    ----------
    bundle : Bundle
    master : Path
        predictions.parquet of the batch.
    added : sequence of str
        The columns that were added to it, the prediction first.
    truth : DataFrame
        Has the outcomes in `column`, by default the one named like the target.
    key : str, optional
        A column of both by which rows are matched; None: row by row, in the same order.

    Raises
    ------
    PredictionError, ColumnError, ProblemError
        Rows can't be matched, or no outcome is known.
    """
    import pyarrow.parquet as pq

    problem = bundle.model.problem
    column = column or truth_column(bundle, [str(c) for c in truth.columns])
    if column is None or column not in truth:
        raise ColumnError(
            f"The table has no column '{problem.target}' with what really happened. Add it, or say which one it is."
        )
    classes = list(added[1 : 1 + len(problem.classes)]) if problem.has_probabilities else []
    wanted = [*(classes or added[:1]), *([key] if key else [])]
    names = pq.read_schema(master).names
    if key and key not in names:
        raise ColumnError(unknown_name("column", key, names, "in the predictions"))
    predicted = pd.read_parquet(master, columns=wanted)
    if key:
        outcomes, how = _by_key(predicted[key], truth, key, column), f"matched by '{shorten(key)}'"
    else:
        if len(truth) != len(predicted):
            raise PredictionError(
                f"The table has {count(len(truth), 'row')}, the batch {len(predicted):,}: they can't be matched row "
                "by row. Choose a column that both have, such as an id."
            )
        outcomes, how = truth[column].reset_index(drop=True), "matched row by row"
    values = predicted[classes].to_numpy(np.float64) if classes else predicted[added[0]].to_numpy(np.float64)
    known = has_target(outcomes) & _understood(outcomes, problem)
    if known.sum() < FEWEST_ROWS:
        raise PredictionError(
            f"Only {count(int(known.sum()), 'row')} of {len(values):,} {'has' if known.sum() == 1 else 'have'} a known "
            f"outcome in '{shorten(column)}' ({how}). Check the column and the way of matching."
        )
    y = encode_target(outcomes[known].reset_index(drop=True), problem)
    metrics = _scores(bundle, y, values[known])
    rows, left = int(known.sum()), int((~known).sum())
    return Truth(rows, left, how, problem.metric, metrics, _sentence(rows, left, metrics[0]))


def _by_key(keys: pd.Series, truth: pd.DataFrame, key: str, column: str) -> pd.Series:
    """The outcome of each predicted row; missing where the truth does not have its key."""
    own = next((str(n) for n in truth.columns if n == key), None) or next(
        (str(n) for n in truth.columns if fold(n) == fold(key)), None
    )
    if own is None:
        raise ColumnError(unknown_name("column", key, [str(c) for c in truth.columns], "in the table"))
    theirs = pd.Series(typed_words(truth[own]))
    twice = theirs[theirs.notna() & theirs.duplicated()]
    if len(twice):
        raise PredictionError(
            f"'{shorten(key)}' can't tell rows apart: '{shorten(twice.iloc[0])}' is in the table more than once. "
            "Choose another column."
        )
    outcomes = pd.Series(truth[column].to_numpy(), index=pd.Index(theirs), dtype=truth[column].dtype)
    outcomes = outcomes[outcomes.index.notna()]
    return outcomes.reindex(typed_words(keys)).reset_index(drop=True)


def _understood(outcomes: pd.Series, problem: Any) -> np.ndarray:
    """Rows whose outcome is one that the model knows; what it has never seen can't be scored."""
    if not problem.has_probabilities:
        return np.ones(len(outcomes), dtype=bool)
    codes, distinct = pd.factorize(outcomes)
    fine = np.zeros(len(distinct) + 1, dtype=bool)
    for i, value in enumerate(distinct):
        try:
            encode_target(pd.Series([value]), problem)
            fine[i] = True
        except ProblemError:
            continue
    return fine[codes]


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
