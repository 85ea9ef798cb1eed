"""Advice after a build: one small class a check.

A check has a stable `code` and a `look(result)` that returns a Finding or None; None is not a
failure, it means there is nothing to say. A new check is one file and one line in CHECKS.
"""

from __future__ import annotations

import logging

from automl.findings.base import BuildResult, Check, by_severity, made
from automl.types import Finding

CHECKS = (
    "automl.findings.few_rows:FewRows",
    "automl.findings.class_imbalance:ClassImbalance",
    "automl.findings.rare_classes:RareClasses",
    "automl.findings.no_better_than_baseline:NoBetterThanBaseline",
    "automl.findings.too_good:TooGood",
    "automl.findings.feature_importance_overweight:FeatureImportanceOverweight",
    "automl.findings.validation_test_mismatch:ValidationTestMismatch",
    "automl.findings.tested_between_times:TestedBetweenTimes",
    "automl.findings.train_test_mismatch:TrainTestMismatch",
    "automl.findings.constant_predictions:ConstantPredictions",
    "automl.findings.confusion:Confusion",
    "automl.findings.max_initialization_time:MaxInitializationTime",
    "automl.findings.short_of_time:ShortOfTime",
)

log = logging.getLogger(__name__)

__all__ = ["CHECKS", "BuildResult", "Check", "all_checks", "by_severity", "look"]


def all_checks() -> list[Check]:
    """Every check, in the order of the table."""
    return made(CHECKS)


def look(result: BuildResult) -> list[Finding]:
    """Run every check; the most severe findings first. A check that fails is logged, never fatal."""
    found = []
    for check in all_checks():
        try:
            finding = check.look(result)
        except Exception:  # the boundary: advice must not cost the user a finished model
            log.exception("check %s", check.code)
            continue
        if finding is not None:
            found.append(finding)
    return by_severity(found)
