from __future__ import annotations

from automl.findings.base import BuildResult, Check
from automl.types import Finding, Fix, Severity
from automl.wording import duration

MIN_SHARE = 0.5  # of the candidates of the plan that had no time
TIMES = 4.0  # as long, offered


class ShortOfTime(Check):
    """Much of what could have been tried had no time."""

    code = "short_of_time"

    def look(self, result: BuildResult) -> Finding | None:
        tried, waited = result.tried, result.had_no_time
        if not result.seconds or not tried + waited or waited < MIN_SHARE * (tried + waited):
            return None
        longer = result.seconds * TIMES
        return self.finding(
            Severity.INFO,
            "More time may give a better model",
            f"{waited} of {tried + waited} candidates had no time in {duration(result.seconds)}.",
            fix=Fix(f"Build again in {duration(longer)}", "more_time", (), f"{longer:.0f}"),
        )
