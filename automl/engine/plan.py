"""The order of the race: which candidates, in which order, on how many processes and threads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from automl import config, memory
from automl.errors import ProblemError
from automl.families import FAMILIES, USER_FAMILIES, family, target_scale
from automl.families.base import Config
from automl.types import Budget, Task

# Up to this many cells, fits are too short to gain from a second thread: two run side by side.
SIDE_BY_SIDE_CELLS = 2_000_000
# Up to so many thousand cells per second of budget (`folds.load_of`) a family gets more than one look.
QUICK_LOAD = 10.0
# The first of each family in this order: expected gain per second on middle-sized tables.
FIRST_ROUND = ("linear", "lightgbm", "catboost", "xgboost", "trees", "mlp")
MEMORY_SHARE = 0.9  # of what there is for a build, if no limit was given: it comes before what would end it
# What is held beside the fits, in MB: by this process with its libraries, and by a process of the pool before it fits;
OWN_MB, CHILD_MB = 300.0, 100.0
# and the table: so many times in this process (as it came, cleaned, on its way), once in each of the pool.
OWN_COPIES = 4.0
LEAST_FIT_MB = 60.0  # of the smallest fits
CELL_BYTES = 8  # of a table; a fit holds four times as much of it (its features, those of other folds, its own form)
FIT_COPIES = 4.0
CELLS_A_SECOND = 1_500_000  # of a budget and a thread: of twice as many, no family ended a fit in 5 seconds; words count twice
LEAST_ROWS = 1_000  # are learned from, whatever the memory


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
    families: tuple[str, ...],
    task: Task,
    rows: int,
    columns: int,
    classes: int,
    names: bool = False,
    roots: bool = False,
    quick: bool = False,
) -> list[Candidate]:
    """The zero-shot part of the race: the best default of each family first, then the next ones.

    Where columns name things (`features.rich.has_names`), configurations with rich features come
    first. Where the target suits roots (`target_scale.suits_roots`), the best and every second other configuration
    learn its square root: hardly more candidates, but more different ones. A root takes more rounds to learn, so
    it comes second, but where fits are `quick` first in every second family. Candidate 0 is the baseline; it does not count against a budget in candidates.
    """
    ordered = [k for k in FIRST_ROUND if k in families] + [k for k in families if k not in FIRST_ROUND]
    shelves = {k: family(k).portfolio(task, rows, columns, classes) for k in ordered}
    if names:
        for shelf in shelves.values():
            shelf.sort(key=lambda choice: choice.params.get("features") != "rich")
    if roots:
        for place, key in enumerate(ordered):
            shelves[key] = _with_roots(shelves[key], family(key).for_amounts(rows), quick and place % 2 > 0)
    out = [Candidate(0, "Baseline", "prior")]
    for place in range(max((len(s) for s in shelves.values()), default=0)):
        for key in ordered:
            if place < len(shelves[key]):
                choice = shelves[key][place]
                out.append(Candidate(len(out), choice.name, key, choice.params))
    return out


def _with_roots(shelf: list[Config], for_amounts: list[Config], root_first: bool) -> list[Config]:
    """A family's configurations: the best as it is and on the root, what it has for amounts; then the others in turn."""
    power = target_scale.POWERS[0]

    def root_of(choice: Config) -> Config:
        name = f"{choice.name}, {target_scale.NAMES[power]}"
        return Config(name, {**choice.params, "target_power": power})

    best, *others = shelf
    first, second = (root_of(best), best) if root_first else (best, root_of(best))
    turns = [c if place % 2 else root_of(c) for place, c in enumerate(others)]
    return [first, *for_amounts, second, *turns]


def memory_limit_mb(budget: Budget) -> float:
    """What the whole build may hold in MB: the budget's memory, or most of what there is for it (see `memory.limit_bytes`)."""
    if budget.memory_mb:
        return float(budget.memory_mb)
    import psutil

    held = memory.private_bytes(psutil.Process())
    return memory.limit_bytes(held) / 2**20 * MEMORY_SHARE


def aside_mb(budget: Budget) -> float:
    """MB that this process holds now and that a budget's memory is not for: tables and models of the caller's."""
    if not budget.memory_mb:
        return 0.0
    import psutil

    return max(memory.private_bytes(psutil.Process()) / 2**20 - OWN_MB, 0.0)


def room_mb(limit_mb: float, rows: int, columns: int, count: int, learned: int | None = None) -> float:
    """What a fit may hold of a build's memory, in MB, where `count` run side by side and learn from `learned` of the rows."""
    in_process = _table_mb(rows if learned is None else learned, columns)
    return (limit_mb - OWN_MB - OWN_COPIES * _table_mb(rows, columns)) / count - CHILD_MB - in_process


def slots_within(budget: Budget, rows: int, columns: int) -> Slots:
    """`slots`, but no more than there are candidates, and one at a time where the memory is too small for more.

    Raises
    ------
    ProblemError
        The budget's memory is too small for any.
    """
    found, limit = slots(rows, columns, thread_count(budget)), memory_limit_mb(budget)
    found = Slots(min(found.count, budget.candidates or found.count), found.threads)
    if _fitting_rows(limit, rows, columns, found.count) >= rows:
        return found
    least = min(rows, LEAST_ROWS)
    if budget.memory_mb and _fitting_rows(limit, rows, columns, 1) < least:
        held = OWN_MB + OWN_COPIES * _table_mb(rows, columns) + CHILD_MB + LEAST_FIT_MB
        enough = -(-(held + (1 + FIT_COPIES) * _table_mb(least, columns)) // 50) * 50
        raise ProblemError(
            f"{budget.memory_mb:,} MB of memory are too few for {rows:,} rows and {columns:,} columns. "
            f"Allow at least {enough:,.0f} MB, or set no limit."
        )
    return Slots(1, thread_count(budget))


def rows_within(budget: Budget, rows: int, columns: int, words: int = 0) -> int | None:
    """How many of a table's rows can be learned from, by the budget's rows, its time and the memory; None for all.

    `words` are the columns of words and text among the others.
    """
    most = [budget.max_rows] if budget.max_rows else []
    if (in_time := rows_in_time(budget, columns, words)) < rows:
        most.append(int(in_time))
    count = slots_within(budget, rows, columns).count
    fitting = _fitting_rows(memory_limit_mb(budget), rows, columns, count)
    if fitting < rows:
        most.append(max(int(fitting) // 100 * 100, min(rows, LEAST_ROWS)))
    return min(most, default=None)


def rows_in_time(budget: Budget, columns: int, words: int = 0) -> float:
    """Of how many rows the quickest family learns in the budget's time; no matter, with a budget in candidates.

    >>> rows_in_time(Budget(seconds=5.0, threads=2), columns=100)
    150000
    """
    if budget.candidates is not None:
        return float("inf")
    cells = CELLS_A_SECOND * thread_count(budget) * budget.seconds
    return max(int(cells / max(columns + words, 1)) // 100 * 100, LEAST_ROWS)


def _table_mb(rows: int, columns: int) -> float:
    return rows * columns * CELL_BYTES / 2**20


def _fitting_rows(limit_mb: float, rows: int, columns: int, count: int) -> float:
    """Of how many rows the smallest fit has room, beside the whole table in this process."""
    free = room_mb(limit_mb, rows, columns, count, learned=0) - LEAST_FIT_MB
    return free / max((1 + FIT_COPIES) * _table_mb(1, columns), 1e-9)


def thread_count(budget: Budget) -> int:
    """The budget's threads, or all the cores this process may use."""
    return budget.threads or config.available_threads()
