"""What a check before training looks at, what a check is, and the changes that a fix can ask for."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from automl.data.insights import Outcome, Power, prediction_power
from automl.errors import ProblemError
from automl.findings.base import Adviser
from automl.types import Column, Finding, Fix, Problem, SplitPlan, Task

if TYPE_CHECKING:
    import pandas as pd

# What a fix changes in a draft: action → what its columns and value are.
FIXES = {
    "exclude_columns": "columns to leave out",
    "change_kind": "column; the kind to read it as",
    "split_group": "the column whose rows stay together",
    "split_time": "the column that orders the rows in time",
    "choose_task": "the task",
    "choose_metric": "the metric",
    "switch_step_on": "the key of a cleaning step (spec.step_key)",
}


# One column of business data seldom knows so much. Canvas and Data Wrangler call 1 a likely leak and
# name no limit below it; these are ours. At .975 a yes/no outcome is ranked right in 98.8 of 100
# pairs, and 97.5 % of the spread of a number is known.
NEARLY_GIVES_AWAY, GIVES_AWAY = 0.85, 0.975


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
        """
        from automl.problem import infer

        problem, refusal = None, ""
        try:
            problem = infer(frame, columns, target, task=task, metric=metric, split=split)
        except ProblemError as e:
            refusal = str(e)
        return cls(frame, columns, target, problem, refusal, rows or len(frame), tuple(excluded))

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
        scale = self.rows / max(len(self.frame), 1)
        counts = self.frame[self.target].value_counts()
        return {str(label): round(n * scale) for label, n in counts.items()}

    @cached_property
    def rows_with_target(self) -> int:
        column = next(c for c in self.columns if c.name == self.target)
        return self.rows - column.missing


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
