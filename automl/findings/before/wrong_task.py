from __future__ import annotations

from collections.abc import Iterable

from automl.findings.before.base import Check, Table
from automl.types import Finding, Fix, Severity, Task


class WrongTask(Check):
    """The kind of problem was a close call."""

    code = "wrong_model_type"
    title = "The kind of problem"

    def look(self, table: Table) -> Iterable[Finding]:
        problem = table.problem
        assert problem is not None
        if not problem.borderline:
            return
        other = Task.MULTICLASS if problem.task is Task.REGRESSION else Task.REGRESSION
        yield self.finding(
            Severity.INFO,
            f"{problem.task.label} may be the wrong model type",
            f"{problem.reason} A {other.label.lower()} is possible too: choose it if "
            + ("the values are labels without an order." if other.has_probabilities else "the distance between values matters."),
            (problem.target,),
            Fix(f"Choose {other.label.lower()}", "choose_task", (problem.target,), other.value),
        )
