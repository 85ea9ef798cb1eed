from __future__ import annotations

from automl.findings.base import BuildResult, Check
from automl.types import Finding, Severity
from automl.wording import duration

MAX_SECONDS = 20 * 60.0  # SageMaker Debugger's profiler, MaxInitializationTime: 20 min
MAX_SHARE = 0.5  # of the build, where that is shorter; of builds of a minute and more
SHORTEST = 60.0


class MaxInitializationTime(Check):
    """Half of the build passed before the first candidate was begun."""

    code = "max_initialization_time"

    def look(self, result: BuildResult) -> Finding | None:
        profile = result.profile
        if profile is None or not profile.stages or profile.seconds < SHORTEST:
            return None
        name, start, end = profile.stages[0]
        if end - start <= min(MAX_SECONDS, MAX_SHARE * profile.seconds):
            return None
        return self.finding(
            Severity.INFO,
            "Much of the time went into preparing the rows",
            f"{duration(end - start)} of {duration(profile.seconds)} passed before the first candidate. Give the build more time, "
            "or leave out columns of long texts.",
        )
