"""The tabs of the Analyze page, drawn from what the build stored."""

from __future__ import annotations

from typing import Any

import streamlit as st

from automl import wording
from automl.bundle import Bundle
from automl.metrics import METRICS
from automl.types import Finding, ModelVersion
from automl.ui import actions, charts, tables, widgets
from automl.ui.state import go

IMPACT_SHOWN, FINDINGS_SHOWN, SENTENCES_SHOWN = 10, 3, 6
MOST_CELLS = 15  # classes of a confusion matrix that is drawn


def show(model: ModelVersion, bundle: Bundle) -> None:
    """All tabs; only the open one is drawn."""
    found = bundle.evaluation
    if found is None:
        st.info(
            "No test rows were set aside for this model, so there is no score on unseen rows.",
            icon=":material/info:",
        )
        leaderboard(bundle)
        return
    count = len(bundle.findings)
    parts = {
        "Overview": lambda: overview(model, bundle, found),
        "Scoring": lambda: scoring(bundle, found),
        "Advanced metrics": lambda: advanced(found),
        "Leaderboard": lambda: leaderboard(bundle),
        f"Findings · {count}" if count else "Findings": lambda: findings(model, bundle),
    }
    tabs = st.tabs(list(parts), key="view", on_change="rerun", bind="query-params")
    for tab, draw in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab:
                draw()


def overview(model: ModelVersion, bundle: Bundle, found: dict[str, Any]) -> None:
    """The headline, the metric, column impact, what is worth knowing."""
    left, right = st.columns([3, 2])
    with left, st.container(border=True, height="stretch"):
        _headline(bundle, found)
    with right, st.container(border=True, height="stretch"):
        _metric(bundle, found)
    left, right = st.columns([3, 2])
    with left, st.container(border=True):
        _impact(found)
    with right, st.container(border=True):
        widgets.card_title("Worth knowing")
        for i, finding in enumerate(bundle.findings[:FINDINGS_SHOWN]):
            _finding(model, finding, f"overview-{i}")
        if not bundle.findings:
            widgets.muted("Nothing unusual was found.")
        if bundle.ledger:
            with st.expander("What was done with the rows"):
                widgets.bullets([note["message"] for note in bundle.ledger])


def _headline(bundle: Bundle, found: dict[str, Any]) -> None:
    head, percent = found["headline"], bundle.spec.problem.has_probabilities
    widgets.big_number(
        f"On {wording.count(found['rows_test'])} rows it had never seen", head["value"], head["detail"]
    )
    st.markdown(widgets.plain(head["text"]))
    name = "accuracy" if percent else "mae"
    main = next((m for m in found["metrics"] if m["name"] == name), None)
    if main is None or main.get("baseline") is None:
        return
    shown = wording.percent if percent else wording.number
    labels = (f"guessing {shown(main['baseline'])}", f"this model {shown(main['value'])}")
    widgets.scale(main["low"], main["value"], main["high"], main["baseline"], labels)


def _metric(bundle: Bundle, found: dict[str, Any]) -> None:
    metric, (low, high) = METRICS[found["metric"]], found["interval"]
    widgets.big_number(
        metric.label, wording.number(found["score"]), f"{wording.number(low)} – {wording.number(high)}"
    )
    promised, std = found["validation_score"], found["validation_std"]
    if promised is not None:
        spread = f" ± {wording.number(std, 2)}" if std else ""
        kept = ": as promised" if low <= promised <= high else ""
        widgets.muted(f"validation said {wording.number(promised)}{spread}{kept}")
    widgets.muted(f"{metric.sentence} {'Higher' if metric.greater_is_better else 'Lower'} is better.")
    best = bundle.leaderboard[0]
    widgets.muted(f"The model: {best.candidate}, learned from {wording.count(found['rows_train'])} rows.")


def _impact(found: dict[str, Any]) -> None:
    widgets.card_title("What moves the prediction")
    entries = [(e["column"], e["impact"]) for e in found["impact"]]
    if not entries:
        widgets.muted("There was no time left to measure it. Give the build a little more time.")
        return
    top = max(share for _, share in entries) or 1.0
    tables.bars(entries[:IMPACT_SHOWN], of=top)
    if len(entries) > IMPACT_SHOWN:
        with st.expander(f"{len(entries) - IMPACT_SHOWN} more columns"):
            tables.bars(entries[IMPACT_SHOWN:], of=top)
    widgets.muted(found["impact_method"])


def _finding(model: ModelVersion, finding: Finding, key: str) -> None:
    widgets.finding(finding)
    fix = finding.fix
    if fix is None or fix.action != "exclude_columns":
        return
    if st.button(
        fix.label,
        key=f"fix-{key}",
        help="Opens a new version with these columns switched off. This one stays.",
    ):
        go("build", model=actions.new_version(model, exclude=fix.columns).id)


def scoring(bundle: Bundle, found: dict[str, Any]) -> None:
    """Where it errs: the confusion matrix, or predicted against actual and residuals."""
    if bundle.spec.problem.has_probabilities:
        _confusion(found)
        return
    data, target = found["regression"], widgets.short(bundle.spec.problem.target, 30)
    values = {m["name"]: m["value"] for m in found["metrics"]}
    left, right = st.columns(2)
    with left, st.container(border=True):
        share = wording.percent(max(values["r2"], 0))
        charts.predicted_against_actual(
            data["actual"], data["predicted"], target, f"The model explains {share} of the variation"
        )
    with right, st.container(border=True):
        half = wording.number(values["median_absolute_error"])
        charts.residuals(data["residual_histogram"], target, f"Half of the predictions are within {half}")


def _confusion(found: dict[str, Any]) -> None:
    matrix = found["confusion"]
    labels, counts = matrix["labels"], matrix["counts"]
    left, right = st.columns([3, 2])
    with left, st.container(border=True):
        if len(labels) > MOST_CELLS:
            _confusion_table(labels, counts)
        else:
            shares = False
            if len(labels) > charts.BOTH_IN_A_CELL:
                options = ["Rows", "Share of each class"]
                shares = options[1] == st.segmented_control(
                    "Show", options, default=options[0], required=True, key="confusion-as"
                )
            charts.confusion(labels, counts, _most_common_mistake(labels, counts), shares=shares)
    with right, st.container(border=True):
        widgets.card_title("In words")
        if found.get("threshold") is not None:
            widgets.muted(f"Called from a probability of {wording.percent(found['threshold'])} on.")
        sentences = found["class_sentences"]
        widgets.bullets(sentences[:SENTENCES_SHOWN])
        if len(sentences) > SENTENCES_SHOWN:
            with st.expander(f"{len(sentences) - SENTENCES_SHOWN} more classes"):
                widgets.bullets(sentences[SENTENCES_SHOWN:])


def _most_common_mistake(labels: list[str], counts: list[list[int]]) -> str:
    pairs = [(counts[i][j], i, j) for i in range(len(labels)) for j in range(len(labels)) if i != j]
    worst, i, j = max(pairs, default=(0, 0, 0))
    if not worst:
        return "No row was predicted wrong"
    times = "once" if worst == 1 else f"{wording.count(worst)} times"
    return f"Most common mistake: {widgets.short(labels[i], 24)} taken for {widgets.short(labels[j], 24)}, {times}"


def _confusion_table(labels: list[str], counts: list[list[int]]) -> None:
    import pandas as pd

    table = pd.DataFrame(counts, columns=[f"predicted {x}" for x in labels])
    table.insert(0, "really", labels)
    widgets.card_title(_most_common_mistake(labels, counts))
    st.dataframe(table, hide_index=True, key="confusion-table")


def advanced(found: dict[str, Any]) -> None:
    """Every metric with its interval; ROC and precision-recall curves."""
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


def leaderboard(bundle: Bundle) -> None:
    """Every candidate, and what the ensemble is made of."""
    metric, best = METRICS[bundle.spec.problem.metric], bundle.leaderboard[0]
    with st.container(border=True):
        better = "higher" if metric.greater_is_better else "lower"
        widgets.card_title(f"{metric.label} on validation rows, {better} is better")
        tables.leaderboard(bundle.leaderboard, metric.sign, metric.label, reasons=True)
    if weights := best.params.get("weights"):
        with st.container(border=True):
            widgets.card_title("What the ensemble is made of")
            tables.bars(sorted(weights.items(), key=lambda kv: -kv[1]))


def findings(model: ModelVersion, bundle: Bundle) -> None:
    """All advice."""
    if not bundle.findings:
        with st.container(border=True):
            widgets.empty(
                "Nothing to report", "Checks for leaks, imbalance, rare classes and mismatch found nothing."
            )
    for i, finding in enumerate(bundle.findings):
        with st.container(border=True):
            _finding(model, finding, f"all-{i}")
