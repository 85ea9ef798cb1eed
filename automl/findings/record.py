"""What is written down while candidates are fitted: the states a fit went through, how each fold ended.

Times are in seconds since the fold's fit began, memory in MB of the process that fits.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class State:
    """A fit at one moment.

    Attributes
    ----------
    fold, step : int
        The step is the round of a booster or network, 0 being the first.
    score : float or None
        On the validation rows, by what the family watches: near the build's metric, but smooth.
    figures : dict
        The inside of a network (see families.network_state); empty for others.
    """

    fold: int
    step: int
    seconds: float
    score: float | None = None
    figures: dict[str, float] = field(default_factory=dict)
    memory_mb: float | None = None


@dataclass(frozen=True)
class FoldEnd:
    """A fold that was fitted: its score by the build's metric on validation rows and on some training rows.

    `importance` is a column's share of what a booster gained by its splits.
    """

    fold: int
    rows: int
    seconds: float
    score: float | None = None
    train_score: float | None = None
    predict_seconds: float | None = None
    started: float = 0.0  # seconds since the build began
    importance: dict[str, float] = field(default_factory=dict)
    rounds: int | None = None


@dataclass(frozen=True)
class Record:
    """All that is known of the fitting of one candidate.

    Attributes
    ----------
    sign : int
        1 where more of the build's metric is better, else -1.
    baseline : float or None
        What the plain guess scores on validation rows.
    quiet : float
        Seconds since the fit was last heard of; 0 once it has ended.
    shipped : bool
        Whether it is part of the model; known after the build.
    """

    candidate: str
    family: str
    metric: str
    sign: int
    number: int = 0
    params: dict[str, Any] = field(default_factory=dict)
    baseline: float | None = None
    states: tuple[State, ...] = ()
    folds: tuple[FoldEnd, ...] = ()
    quiet: float = 0.0
    shipped: bool = False

    def of_fold(self, fold: int) -> tuple[State, ...]:
        """The states of one fold, in order."""
        return tuple(s for s in self.states if s.fold == fold)

    def series(self, name: str) -> dict[int, list[tuple[int, float]]]:
        """A figure's course: fold to (step, value); `score` is the validation score."""
        found: dict[int, list[tuple[int, float]]] = {}
        for state in self.states:
            value = state.score if name == "score" else state.figures.get(name)
            if value is not None:
                found.setdefault(state.fold, []).append((state.step, value))
        return found

    @property
    def figure_names(self) -> tuple[str, ...]:
        """The figures of the inside that were written down, in the order they were first seen."""
        return tuple(dict.fromkeys(name for state in self.states for name in state.figures))


def behind(record: Record, figure: str, most: int = 100) -> Record:
    """A record with what one figure needs to be drawn: at most so many of its states, evenly over their course.

    >>> one = Record("c", "mlp", "f1", 1, states=tuple(State(0, i, 1.0, 0.5, {"loss": 1.0, "dead_0": 0.0}) for i in range(9)))
    >>> [(s.step, s.score, s.figures) for s in behind(one, "loss", 3).states]
    [(0, None, {'loss': 1.0}), (4, None, {'loss': 1.0}), (8, None, {'loss': 1.0})]
    """
    kept = []
    for state in record.states:
        figures = {n: v for n, v in state.figures.items() if n == figure or n.startswith(f"{figure}_")}
        score = state.score if figure == "score" else None
        if figure and (figures or score is not None):
            kept.append(replace(state, figures=figures, score=score))
    if len(kept) > most:
        kept = [kept[round(i * (len(kept) - 1) / (most - 1))] for i in range(most)]
    folds = tuple(replace(f, importance={}) for f in record.folds)
    return replace(record, states=tuple(kept), folds=folds, params={})


@dataclass(frozen=True)
class Profile:
    """Where a build's time, processors and memory went.

    Attributes
    ----------
    seconds : float
        From call to return.
    cores : int
        That the build might use.
    stages : tuple of (name, start, end)
    times, busy_cores, memory_mb : tuples of equal length
        Looks at the whole tree of processes.
    fitting : float
        Seconds that a process was busy with candidates, on average of those of the race: their features, fits and validation.
    """

    seconds: float
    cores: int
    stages: tuple[tuple[str, float, float], ...] = ()
    times: tuple[float, ...] = ()
    busy_cores: tuple[float, ...] = ()
    memory_mb: tuple[float, ...] = ()
    fitting: float = 0.0
