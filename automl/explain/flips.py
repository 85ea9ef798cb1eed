"""The smallest change of a row that gives another outcome, or a value that is wished for.

A beam search over few columns: of each allowed column the values that training rows have are tried; the
changes that come nearest to the goal are gone on from, until one reaches it. Fewer columns come before
more, then what is changed least. A number that is changed is moved back as far as the goal allows.
(Counterfactual explanations: Wachter, Mittelstadt & Russell 2018; sparse and seen values: Keane & Smyth 2020.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from automl.explain.grid import as_numbers, is_words, missing, try_values
from automl.explain.nearest import column_distance
from automl.explain.walks import frame_of

if TYPE_CHECKING:
    from automl.model import Model

MOST_COLUMNS = 3
BEAM = 12
POINTS, WORDS = 16, 10
CLOSER = 40  # values between the old and the found one that are tried
TRIED = 40_000  # predictions of one step, at most


@dataclass(frozen=True)
class Flip:
    """A change that reaches the goal: column → (value before, value after), and what is predicted then."""

    changes: dict[str, tuple[Any, Any]]
    predicted: np.ndarray
    size: float


def flips(
    model: Model,
    reference: pd.DataFrame,
    row: pd.DataFrame,
    allowed: tuple[str, ...],
    goal: Callable[[np.ndarray], np.ndarray],
    *,
    most: int = 3,
) -> list[Flip]:
    """The smallest changes that reach a goal, smallest first, each of other columns; none where none was found.

    Parameters
    ----------
    model : Model
    reference, row : DataFrame of shape (rows, columns) and (1, columns)
        Typed.
    allowed : tuple of str
        Columns that may be changed.
    goal : callable
        Predictions → how far each is from the goal, of shape (rows,); 0 or less where it is reached.
    most : int
    """
    choices = {c: _choices(reference[c].to_numpy(), row[c].to_numpy()[0]) for c in allowed}
    distance = {c: column_distance(choices[c][0], row[c].to_numpy()[0]) for c in allowed}
    beam: list[dict[str, int]] = [{}]
    found: list[dict[str, int]] = []
    for _ in range(min(MOST_COLUMNS, len(allowed))):
        taken = [set(f) for f in found]
        states = [
            state | {name: at}
            for state in beam
            for name in allowed
            if name not in state and not any(t <= {*state, name} for t in taken)
            for at in range(len(choices[name][0]))
        ]
        states = list({tuple(sorted(s.items())): s for s in states}.values())[:TRIED]
        if not states:
            break
        values = model.predict_typed(_table(row, choices, states))
        far = goal(values)
        size = np.array([sum(distance[c][at] for c, at in s.items()) for s in states])
        for at in np.lexsort((size, far > 0)):
            if far[at] > 0 or len(found) >= most:
                break
            if not any(set(f) == set(states[at]) for f in found):
                found.append(states[at])
        if len(found) >= most:
            break
        beam = _beam(states, far, size)
    done = [_closer(model, reference, row, {c: choices[c][0][at] for c, at in f.items()}, goal) for f in found]
    return sorted(done, key=lambda f: (len(f.changes), f.size))


def _choices(values: np.ndarray, own: Any) -> tuple[np.ndarray]:
    """Values to try other than the row's own."""
    tried = try_values(values, POINTS, WORDS)
    tried = tried[~missing(tried)]
    same = tried == own if own is not None else np.zeros(len(tried), dtype=bool)
    return (tried[~np.asarray(same, dtype=bool)],)


def _table(row: pd.DataFrame, choices: dict[str, tuple[np.ndarray]], states: list[dict[str, int]]) -> pd.DataFrame:
    table = {name: np.repeat(row[name].to_numpy(), len(states)) for name in row.columns}
    for number, state in enumerate(states):
        for name, at in state.items():
            table[name][number] = choices[name][0][at]
    return frame_of(table)


def _beam(states: list[dict[str, int]], far: np.ndarray, size: np.ndarray) -> list[dict[str, int]]:
    """The changes to go on from: nearest to the goal, two of the same columns at most."""
    kept: list[dict[str, int]] = []
    seen: dict[frozenset[str], int] = {}
    for at in np.lexsort((size, far)):
        key = frozenset(states[at])
        if far[at] > 0 and seen.get(key, 0) < 2:
            seen[key] = seen.get(key, 0) + 1
            kept.append(states[at])
        if len(kept) == BEAM:
            break
    return kept


def _closer(
    model: Model,
    reference: pd.DataFrame,
    row: pd.DataFrame,
    change: dict[str, Any],
    goal: Callable[[np.ndarray], np.ndarray],
) -> Flip:
    """The same columns, each number moved back towards the row's own as far as the goal allows."""
    change = dict(change)
    for name in list(change):
        values, own = reference[name].to_numpy(), row[name].to_numpy()
        if is_words(values) or missing(own)[0]:
            continue
        numbers, start, end = as_numbers(values), as_numbers(own)[0], as_numbers(np.array([change[name]], values.dtype))[0]
        between = np.unique(values[(numbers > min(start, end)) & (numbers < max(start, end))])
        if not len(between):
            continue
        tried = between[np.unique(np.linspace(0, len(between) - 1, CLOSER).round().astype(int))]
        table = {n: np.repeat(row[n].to_numpy(), len(tried)) for n in row.columns}
        for other, value in change.items():
            table[other][:] = value
        table[name] = tried
        reached = goal(model.predict_typed(frame_of(table))) <= 0
        if reached.any():
            candidates = tried[reached]
            change[name] = candidates[np.abs(as_numbers(candidates) - start).argmin()]
    table = {n: row[n].to_numpy().copy() for n in row.columns}
    for name, value in change.items():
        table[name][:] = value
    predicted = model.predict_typed(frame_of(table))
    size = sum(
        float(column_distance(np.append(reference[n].to_numpy(), [v]), row[n].to_numpy()[0])[-1]) for n, v in change.items()
    )
    return Flip({n: (row[n].to_numpy()[0], v) for n, v in change.items()}, predicted, size)
