from __future__ import annotations

from automl.findings.base import BuildResult, Check
from automl.metrics import METRICS
from automl.types import Finding, Fix, Severity
from automl.wording import number, percent

# A score this close to perfect on business data is nearly always a leak.
PERFECT = {"roc_auc": 0.9995, "roc_auc_ovr": 0.9995, "accuracy": 0.9995, "f1": 0.9995, "r2": 0.9995}
TOP_SHARE = 0.5


class TooGood(Check):
    """A nearly perfect score carried by one column: it probably gives the answer away."""

    code = "target_leakage_suspected"

    def look(self, result: BuildResult) -> Finding | None:
        if not result.evaluation or not result.impact:
            return None
        values = {m["name"]: m["value"] for m in result.evaluation["metrics"]}
        hit = next((name for name, limit in PERFECT.items() if (values.get(name) or 0.0) >= limit), None)
        top = result.impact[0]
        if hit is None or top["impact"] < TOP_SHARE:
            return None
        return self.finding(
            Severity.HIGH,
            f"{top['column']} may give the answer away",
            f"The model is almost perfect ({METRICS[hit].label} {number(values[hit], 4)}) and {percent(top['impact'])} of that comes from "
            f"'{top['column']}'. Check that it is known before the outcome; if not, leave it out and build again.",
            (top["column"],),
            Fix("Build again without it", "exclude_columns", (top["column"],)),
        )
