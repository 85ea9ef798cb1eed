"""What a check before training looks at, what a check is, and the changes that a fix can ask for."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from automl.data.insights import Outcome, Power, prediction_power
from automl.data.profile import with_kept
from automl.data.target import read_target
from automl.errors import ProblemError
from automl.findings.base import Adviser
from automl.types import Column, Finding, Fix, Problem, SplitPlan, TargetReading, Task, replace

if TYPE_CHECKING:
    import pandas as pd

# What a fix changes in a draft: action → what its columns and value are.
FIXES = {
    "exclude_columns": "columns to leave out",
    "keep_columns": "useless columns to learn from all the same",
    "change_kind": "column; the kind to read it as",
    "split_group": "the column whose rows stay together",
    "split_time": "the column that orders the rows in time",
    "choose_task": "the task",
    "choose_metric": "the metric",
    "switch_step_on": "the key of a cleaning step (spec.step_key)",
    "switch_step_off": "the same",
    "choose_target": "the column to predict instead",
    "target_part": "the target; what of it is predicted (data.target.PARTS)",
    "count_missing": "the target; what rows without a value count as",
    "group_labels": "the target; the rows that a label needs, to not count as 'other'",
    "drop_labels": "the target; the rows that a label needs, for its rows to be learned from",
    "reset_choices": "nothing: task, metric, split and the way the target is read are found anew",
}
# Where a fix leads that no choice can make: it changes nothing by itself.
PLACES = {
    "show_rows": "the target; the rows to look at: missing, words aside, or words",
    "append_rows": "further rows are put under the data set, as its next version",
    "join_table": "columns of another table are brought along",
}


# One column of business data seldom knows so much. Canvas and Data Wrangler call 1 a likely leak and
# name no limit below it; these are ours. At .975 a yes/no outcome is ranked right in 98.8 of 100
# pairs, and 97.5 % of the spread of a number is known.
NEARLY_GIVES_AWAY, GIVES_AWAY = 0.85, 0.975
FEW = 10  # rows of a label: with fewer, nothing can be learned about it


@dataclass(frozen=True)
class Table:
    """A table with a target, before training.

    `rows` are of the whole table, of which `frame` may be a sample. `problem` is None where the target
    is refused; `refusal` says why.
    """

    frame: pd.DataFrame
    columns: tuple[Column, ...]
    target: str
    problem: Problem | None
    refusal: str = ""
    rows: int = 0
    excluded: tuple[str, ...] = field(default=())
    kept_all_the_same: tuple[str, ...] = ()
    steps: Mapping[str, bool] = field(default_factory=dict)
    only_by_choice: bool = False  # refused, and would not be with the usual choices

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        columns: tuple[Column, ...],
        target: str,
        *,
        rows: int | None = None,
        excluded: Iterable[str] = (),
        task: Task | str | None = None,
        metric: str | None = None,
        split: SplitPlan | None = None,
        kept: Iterable[str] = (),
        reading: TargetReading | None = None,
        steps: Mapping[str, bool] | None = None,
    ) -> Table:
        """Infer the problem as a build would; a target that can't be predicted is a finding, not an error.

        Parameters
        ----------
        frame : DataFrame
            The table, or a random sample of it.
        columns : tuple of Column
            The whole table's profile, with the user's kinds.
        target : str
        rows : int, optional
            Of the whole table.
        excluded : iterable of str
            Columns that the user left out: nothing is said about them.
        task, metric, split
            Choices that replace the inferred ones.
        kept : iterable of str
            Identifiers and columns with one value that are learned from all the same.
        reading : TargetReading, optional
            How the target is read before anything else; what is said is of the values that come out.
        steps : mapping of str to bool, optional
            Which operations of the cleaning plan the user switched on or off.
        """
        from automl.problem import infer

        kept = tuple(kept)
        columns = with_kept(frame, columns, kept)
        problem, refusal, by_choice = None, "", False
        try:
            problem = infer(frame, columns, target, task=task, metric=metric, split=split, reading=reading, kept=kept)
        except ProblemError as e:
            refusal = str(e)
            if task or metric or split or reading:
                with suppress(ProblemError):
                    infer(frame, columns, target, kept=kept)
                    by_choice = True
        if problem is not None and problem.reading is not None:
            was = next(c for c in columns if c.name == target)
            read = read_target(frame[target], was, problem.reading)
            frame = frame.assign(**{target: read.values})
            missing = 0 if problem.reading.missing else was.missing
            columns = tuple(replace(read.column, missing=missing) if c is was else c for c in columns)
        return cls(
            frame, columns, target, problem, refusal, rows or len(frame), tuple(excluded), kept, steps or {}, by_choice
        )

    def does(self, op: str, *, usually: bool) -> bool:
        """Whether the cleaning plan does an operation: as the user switched it, else as it is proposed."""
        return self.steps.get(op, usually)

    @cached_property
    def goal(self) -> Column:
        """The column to predict."""
        return next(c for c in self.columns if c.name == self.target)

    @cached_property
    def kept(self) -> tuple[Column, ...]:
        """Columns that are looked at: neither the target nor left out by the user."""
        out = {self.target, *self.excluded}
        return tuple(c for c in self.columns if c.name not in out and c.name in self.frame.columns)

    @cached_property
    def left_out(self) -> tuple[Column, ...]:
        """Columns that the user left out and that don't give the target away: they may still say which rows belong together."""
        away = {c for c in self.excluded if c != self.target and c in self.frame.columns}
        return tuple(c for c in self.columns if c.name in away and self.power_of(c) < GIVES_AWAY)

    @cached_property
    def learned_from(self) -> frozenset[str]:
        """Names of the columns that a model would learn from."""
        return frozenset(self.problem.features if self.problem else ()) - set(self.excluded)

    @cached_property
    def outcome(self) -> Outcome:
        assert self.problem is not None
        return Outcome.of(self.frame, self.target, number=not self.problem.has_probabilities)

    @cached_property
    def power(self) -> dict[str, Power]:
        """What each column alone knows about the target."""
        return prediction_power(self.frame, self.kept, self.outcome)

    @cached_property
    def _power_left_out(self) -> dict[str, Power]:
        out = [c for c in self.columns if c.name in self.excluded and c.name != self.target and c.name in self.frame.columns]
        return prediction_power(self.frame, out, self.outcome) if out else {}

    def power_of(self, column: Column) -> float:
        """The prediction power of one column, left out or not; 0 where it can't be said."""
        known = self.power.get(column.name) or self._power_left_out.get(column.name)
        return known.score if known else 0.0

    @cached_property
    def copies(self) -> list[tuple[Column, str]]:
        """Columns that are the target again, and how (`target_copy.copies`)."""
        from automl.findings.before.target_copy import copies

        return copies(self)

    @cached_property
    def class_counts(self) -> dict[str, int]:
        """Rows of each class, most frequent first; of a sample scaled up to the table."""
        if self.problem is None or not self.problem.has_probabilities:
            return {}
        counts = self.frame[self.target].value_counts()
        return {str(label): round(n * self.scale) for label, n in counts.items()}

    @property
    def scale(self) -> float:
        """Rows of the table for each of the frame."""
        return self.rows / max(len(self.frame), 1)

    @cached_property
    def rows_with_target(self) -> int:
        if self.problem is not None and self.problem.reading is not None:  # of a rare label rows may be set aside
            return round(int(self.frame[self.target].notna().sum()) * self.scale)
        return self.rows - self.goal.missing


class Check(Adviser):
    """One rule over a table."""

    title: str  # what is being looked for, while it is
    needs_problem = True  # not asked where the target is refused

    @abstractmethod
    def look(self, table: Table) -> Iterable[Finding]:
        """Yield findings; none when there is nothing to say."""


def leave_out(*columns: str) -> Fix:
    """The fix that switches columns off.

    >>> leave_out("a").label, leave_out("a", "b").label
    ('Leave it out', 'Leave them out')
    """
    return Fix("Leave it out" if len(columns) == 1 else "Leave them out", "exclude_columns", columns)


def keep(*columns: str) -> Fix:
    """The fix that has a model learn from columns that it leaves out by itself."""
    return Fix("Keep it after all" if len(columns) == 1 else "Keep them after all", "keep_columns", columns)


def step(label: str, key: str, columns: tuple[str, ...] = (), *, on: bool) -> Fix:
    """The fix that switches a step of the cleaning plan."""
    return Fix(label, f"switch_step_{'on' if on else 'off'}", columns, key)


def add_rows(table: Table) -> Fix:
    """The fix that leads to further rows."""
    return Fix("Add rows", "append_rows", (table.target,))


def show_rows(table: Table, which: str) -> Fix:
    """The fix that shows the rows which a sentence counts: missing, words that are set aside, or words."""
    return Fix("Show these rows", "show_rows", (table.target,), which)


def least_rows(table: Table, most_labels: int) -> int | None:
    """The rows that a label needs so that few enough are left, at least two; None where there is no such number.

    Counted are the rows of the frame, which the labels are grouped by.
    """
    counts = table.frame[table.target].value_counts().to_numpy()
    for least in sorted({FEW, *(int(n) + 1 for n in counts if n >= FEW)}):
        left = int((counts >= least).sum())
        if left < 2:
            return None
        if left <= most_labels:
            return least
    return None
