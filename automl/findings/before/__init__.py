"""Validate data: advice before anything is learned, one small class a check.

A check has a stable `code` and `look(table)`, which yields Findings; none means there is nothing to say.
A finding's fix is a change of the build's draft that a page offers as a button (`FIXES` names them all), or leads to
a place where it is mended (`PLACES`).
A new check is one file and one line in CHECKS.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from automl.findings.base import by_severity, made
from automl.findings.before.base import FIXES, PLACES, Check, Table
from automl.types import Finding

CHECKS = (
    "automl.findings.before.target_refused:TargetRefused",
    "automl.findings.before.target_mixed:TargetMixed",
    "automl.findings.before.target_missing:TargetMissing",
    "automl.findings.before.wrong_task:WrongTask",
    "automl.findings.before.target_copy:TargetCopy",
    "automl.findings.before.target_leakage:TargetLeakage",
    "automl.findings.before.known_afterwards:KnownAfterwards",
    "automl.findings.before.too_many_labels:TooManyLabels",
    "automl.findings.before.rare_classes:RareClasses",
    "automl.findings.before.class_imbalance:ClassImbalance",
    "automl.findings.before.few_rows:FewRows",
    "automl.findings.before.no_complete_row:NoCompleteRow",
    "automl.findings.before.groups:Groups",
    "automl.findings.before.time_order:TimeOrder",
    "automl.findings.before.duplicates:Duplicates",
    "automl.findings.before.mixed_types:MixedTypes",
    "automl.findings.before.identifiers:Identifiers",
    "automl.findings.before.constants:Constants",
)

log = logging.getLogger(__name__)

__all__ = ["CHECKS", "FIXES", "PLACES", "Check", "Table", "all_checks", "validate"]


def all_checks() -> list[Check]:
    """Every check, in the order of the table."""
    return made(CHECKS)


def validate(table: Table, progress: Callable[[float, str], None] | None = None) -> list[Finding]:
    """Run every check; the most severe findings first.

    Parameters
    ----------
    table : Table
    progress : callable, optional
        Told the share that is done and what comes next.

    >>> import pandas as pd
    >>> from automl.data.profile import profile
    >>> frame = pd.DataFrame({"paid": ["no", "yes"] * 40, "receipt": ["", "sent"] * 40, "n": range(80)})
    >>> found = validate(Table.of(frame, profile(frame), "paid"))
    >>> found[0].code, found[0].columns, found[0].fix.label
    ('target_copy', ('receipt',), 'Leave it out')
    """
    found: list[Finding] = []
    checks = all_checks()
    for i, check in enumerate(checks):
        if progress:
            progress(i / len(checks), check.title)
        if table.problem is None and check.needs_problem:
            continue
        try:
            found += check.look(table)
        except Exception:  # the boundary: advice must not keep anyone from building
            log.exception("check %s", check.code)
    return by_severity(found)
