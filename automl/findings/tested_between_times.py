from __future__ import annotations

from automl.data.words import shorten
from automl.findings.base import BuildResult, Check
from automl.types import Finding, Fix, Severity, SplitKind


class TestedBetweenTimes(Check):
    """The target changes over time, but the test rows were drawn from all times."""

    __test__ = False  # not a test, whatever pytest thinks of its name
    code = "tested_between_times"

    def look(self, result: BuildResult) -> Finding | None:
        if not result.drift or result.problem.split.kind in (SplitKind.TIME, SplitKind.GROUP):
            return None
        name, said = next(iter(result.drift.items()))
        short = shorten(name, 24)
        return self.finding(
            Severity.WARNING,
            "The target changes over time",
            f"By '{shorten(name)}': {said[0].lower()}{said[1:]} The test rows were drawn from all times, so the score may "
            "promise too much for what comes after your data. Tested on the latest rows, it says what to expect next.",
            (name,),
            Fix(f"Build again, split by {short}", "split_time", (name,)),
        )
