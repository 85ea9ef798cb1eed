"""The curve behind what a rule found, while a build runs as well as afterwards."""

from __future__ import annotations

import streamlit as st

from automl import wording
from automl.bundle import Bundle
from automl.findings.record import Record
from automl.findings.training.base import layer_word
from automl.metrics import METRICS
from automl.types import Finding, from_dict
from automl.ui import training_charts

SCORE = "Score on validation rows"
FIGURES = {  # what boosters and networks tell of their inside, in words
    "strongest_feature": "Share of the strongest feature in what splits gained",
    "loss": "Loss on training rows",
    "gradient": "Size of gradients, layer",
    "dead": "Share of dead units, layer",
    "update_ratio": "Step beside the weights, layer",
}
STEPS_OF_A_CURVE = 2  # a curve has at least so many points


def record_of(bundle: Bundle, finding: Finding) -> Record | None:
    """The record of the candidate that a rule spoke of."""
    for document in (bundle.training or {}).get("candidates", ()):
        if document["candidate"] == finding.candidate:
            return from_dict(document, Record)
    return None


def show(record: Record | None, finding: Finding, key: str) -> None:
    """The curve in a fold, where there is one."""
    if record is None:
        return
    learned = finding.code == "overfit" and any(f.train_score is not None and f.score is not None for f in record.folds)
    name = figure_of(record, finding)
    series = curves(record, name) if name else {}
    if not learned and not series:
        return
    with st.expander("The curve behind it", key=f"behind-{key}"):
        if learned:
            training_charts.by_heart([record], METRICS[record.metric].label, "Rows it learned from, and others", f"heart-{key}")
        if series:
            training_charts.course(series, words(name), f"course-{key}", course_title(name, series))


def figure_of(record: Record, finding: Finding) -> str:
    """The figure that a finding is about: of several layers the one that it names; empty where there is none."""
    if finding.figure in ("", "score"):
        return finding.figure
    names = [n for n in record.figure_names if n == finding.figure or n.startswith(f"{finding.figure}_")]
    return next((n for n in names if n != finding.figure and layer_word(n) in finding.message), names[0] if names else "")


def curves(record: Record, figure: str) -> dict[int, list[tuple[int, float]]]:
    """The course of a figure in each fold that has one."""
    return {fold: c for fold, c in record.series(figure).items() if len(c) >= STEPS_OF_A_CURVE}


def words(figure: str) -> str:
    """What a figure is."""
    if figure == "score":
        return SCORE
    if figure == "members":
        return "Networks that are averaged"
    name, _, layer = figure.rpartition("_")
    return f"{FIGURES[name]} {int(layer) + 1}" if name in FIGURES else FIGURES.get(figure, figure)


def course_title(figure: str, series: dict[int, list[tuple[int, float]]]) -> str:
    """What a course comes to."""
    if not series:
        return "Too few looks were taken to draw a curve"
    last = series[max(series)]
    first, end = wording.number(last[0][1]), wording.number(last[-1][1])
    return f"{words(figure)}: from {first} to {end} in {wording.count(last[-1][0] + 1)} steps"
