"""The order of the race: which candidates, in which order, on how many processes and threads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from automl import config
from automl.errors import ProblemError
from automl.families import FAMILIES, USER_FAMILIES, family
from automl.types import Budget, Task

# Up to this many cells, fits are too short to gain from a second thread: two run side by side.
SIDE_BY_SIDE_CELLS = 2_000_000
# The first of each family in this order: expected gain per second on middle-sized tables.
FIRST_ROUND = ("linear", "lightgbm", "catboost", "xgboost", "trees", "mlp")
MEMORY_SHARE = 0.8  # of what is free when the build starts, if no limit was given


@dataclass(frozen=True)
class Candidate:
    """A family with a configuration. `number` names its folder and breaks ties."""

    number: int
    name: str
    family: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Slots:
    """`count` processes with `threads` threads each."""

    count: int
    threads: int


def slots(rows: int, columns: int, threads: int) -> Slots:
    """Several single-threaded fits side by side on small data, one on all cores on large.

    >>> slots(4000, 20, 2), slots(1_000_000, 20, 2)
    (Slots(count=2, threads=1), Slots(count=1, threads=2))
    """
    if rows * max(columns, 1) <= SIDE_BY_SIDE_CELLS:
        return Slots(max(threads, 1), 1)
    return Slots(1, max(threads, 1))


def check_families(keys: tuple[str, ...], task: Task) -> tuple[str, ...]:
    """The families of a build: those asked for, or all; raises ProblemError on unknown names."""
    chosen = tuple(keys) or tuple(USER_FAMILIES)
    for key in chosen:
        if key not in USER_FAMILIES:
            family(key)  # raises, naming the nearest
            raise ProblemError(
                f"'{key}' is not a family that can be chosen. Choose from {', '.join(USER_FAMILIES)}."
            )
    return tuple(key for key in FAMILIES if key in chosen and task in family(key).tasks)


def portfolio(
    families: tuple[str, ...], task: Task, rows: int, columns: int, classes: int, names: bool = False
) -> list[Candidate]:
    """The zero-shot part of the race: the best default of each family first, then the next ones.

    Where columns name things (`features.rich.has_names`), configurations with rich features come
    first. Candidate 0 is the baseline; it does not count against a budget in candidates.
    """
    ordered = [k for k in FIRST_ROUND if k in families] + [k for k in families if k not in FIRST_ROUND]
    shelves = {k: family(k).portfolio(task, rows, columns, classes) for k in ordered}
    if names:
        for shelf in shelves.values():
            shelf.sort(key=lambda choice: choice.params.get("features") != "rich")
    out = [Candidate(0, "Baseline", "prior")]
    for place in range(max((len(s) for s in shelves.values()), default=0)):
        for key in ordered:
            if place < len(shelves[key]):
                choice = shelves[key][place]
                out.append(Candidate(len(out), choice.name, key, choice.params))
    return out


def memory_limit_mb(budget: Budget) -> float:
    """The budget's memory in MB, or most of what is free now."""
    if budget.memory_mb:
        return float(budget.memory_mb)
    import psutil

    return psutil.virtual_memory().available / 2**20 * MEMORY_SHARE


def thread_count(budget: Budget) -> int:
    """The budget's threads, or all the cores this process may use."""
    return budget.threads or config.available_threads()
