"""What can only be said once each column's share of the score is measured, where a short build had no time for that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl import insight
from automl.findings.base import BuildResult, by_severity
from automl.findings.feature_importance_overweight import FeatureImportanceOverweight
from automl.findings.too_good import TooGood
from automl.types import Finding

if TYPE_CHECKING:
    from automl.bundle import Bundle

CHECKS = (TooGood, FeatureImportanceOverweight)


def is_unchecked(bundle: Bundle) -> bool:
    """Whether the rules that look at columns' shares of the score still wait for these."""
    return insight.known_losses(bundle) is None


def every(bundle: Bundle) -> list[Finding]:
    """The build's findings, and what the shares say that were measured after it; the most severe first."""
    known = insight.known_losses(bundle)
    if known is None or insight.losses_are_sealed(bundle):
        return bundle.findings
    result = BuildResult(
        problem=bundle.spec.problem,
        rows_train=bundle.evaluation["rows_train"],
        class_counts={},
        evaluation=bundle.evaluation,
        validation_score=None,
        validation_std=None,
        baseline_validation=None,
        impact=known,
    )
    said = {f.code for f in bundle.findings}
    late = [found for check in CHECKS if (found := check().look(result)) is not None and found.code not in said]
    return by_severity([*bundle.findings, *late])
