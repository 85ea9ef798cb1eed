from __future__ import annotations

from automl.data.words import shorten
from automl.findings.base import BuildResult, Check
from automl.types import Finding, Fix, Severity, SplitKind
from automl.wording import number

MAX_INDEX = 0.25  # population stability index: a major shift (Siddiqi 2006, "Credit Risk Scorecards")
NAMED = 3


class TrainTestMismatch(Check):
    """Columns of the test rows hold other values than those of the training rows."""

    code = "train_test_mismatch"

    def look(self, result: BuildResult) -> Finding | None:
        split = result.problem.split  # its date moves by design: the test rows are the latest
        own = split.column if split.kind is SplitKind.TIME else None
        moved = sorted(((v, name) for name, v in result.shift.items() if v > MAX_INDEX and name != own), reverse=True)
        if not moved:
            return None
        named = ", ".join(f"'{name}' ({number(value, 2)})" for value, name in moved[:NAMED])
        more = f" and {len(moved) - NAMED} more" if len(moved) > NAMED else ""
        return self.finding(
            Severity.WARNING,
            "Test rows look different from training rows",
            f"How far a column's values moved from training to test rows is told by the stability index, and it is above "
            f"{MAX_INDEX}, a major shift, for {named}{more}. If rows change over time, new ones will differ "
            "even more: predict with care, and build again when there are newer rows.",
            tuple(name for _, name in moved),
            Fix(f"Build again without {shorten(moved[0][1], 24)}", "exclude_columns", (moved[0][1],)),
        )
