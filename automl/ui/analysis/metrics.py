"""Advanced metrics: every metric with its interval, and the curves."""

from __future__ import annotations

import streamlit as st

from automl import wording
from automl.bundle import Bundle
from automl.types import ModelVersion
from automl.ui import charts, tables, widgets


def show(model: ModelVersion, bundle: Bundle) -> None:
    """Every metric with its interval; ROC and precision-recall curves."""
    found = bundle.evaluation
    rows = []
    for m in found["metrics"]:
        std = f" ± {wording.number(m['validation_std'], 2)}" if m["validation_std"] else ""
        known = m["validation_mean"] is not None
        rows.append(
            (
                m["label"],
                wording.number(m["value"]),
                f"{wording.number(m['low'])} – {wording.number(m['high'])}",
                wording.number(m.get("baseline")),
                f"{wording.number(m['validation_mean'])}{std}" if known else wording.NOTHING,
                "higher" if m["greater_is_better"] else "lower",
                m["sentence"],
            )
        )
    with st.container(border=True):
        widgets.card_title("Every metric on the test rows")
        header = ("Metric", "Test", "95 % interval", "Guess", "Validation ± std", "Better", "What it says")
        tables.table(header, rows, right=(1, 2, 3, 4), wide=(3, 4, 5, 6))
    if not found["curves"]:
        return
    first, single = next(iter(found["curves"].values())), len(found["curves"]) == 1
    left, right = st.columns(2)
    more = len(found["curves"]) > charts.MOST_CURVES
    each = f"the {charts.MOST_CURVES} largest classes" if more else "each class"
    with left, st.container(border=True):
        auc = f"ROC curve: area {wording.number(first['roc']['auc'])}"
        charts.curve(found["curves"], "roc", auc if single else f"ROC curve of {each} against the rest")
    with right, st.container(border=True):
        ap = f"Precision and recall: average precision {wording.number(first['pr']['ap'])}"
        charts.curve(found["curves"], "pr", ap if single else f"Precision and recall of {each}")
