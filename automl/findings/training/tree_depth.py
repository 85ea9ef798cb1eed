from __future__ import annotations

from typing import Any, ClassVar

from automl.findings.record import Record
from automl.findings.training.base import Rule
from automl.types import Severity

ROWS_A_LEAF = 1.0  # fewer rows than leaves: the deepest splits tell single rows apart


class TreeDepth(Rule):
    """Trees are deeper than the rows can fill (SageMaker Debugger: depth 4; counted only where rows are few)."""

    code, title, severity = "tree_depth", "Trees are deep for so few rows", Severity.INFO
    thresholds: ClassVar = {"depth": 4.0, "rows_a_leaf": ROWS_A_LEAF}
    advice = "Shallower trees may hold better on new rows."

    def look(
        self, record: Record, *, depth: float = 4.0, rows_a_leaf: float = ROWS_A_LEAF, **more: Any
    ) -> str | None:
        found = record.params.get("max_depth") or record.params.get("depth")
        rows = min((f.rows for f in record.folds), default=None)
        if not found or rows is None or found <= depth or rows >= rows_a_leaf * 2**found:
            return None
        return f"its trees are {found:g} splits deep, room for {2**found:,.0f} leaves, and it learned from {rows:,} rows."
