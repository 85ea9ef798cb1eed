"""Training: how the candidates were fitted, what the rules say of it, where the build's time went."""

from __future__ import annotations

import streamlit as st

from automl import wording
from automl.bundle import Bundle
from automl.findings.record import Profile, Record
from automl.findings.training import all_rules
from automl.metrics import METRICS
from automl.types import ModelVersion, RuleAction, from_dict
from automl.ui import evidence, tables, training_charts, widgets
from automl.ui.analysis import findings


def show(model: ModelVersion, bundle: Bundle) -> None:
    """The tab."""
    if bundle.training is None:
        with st.container(border=True):
            widgets.empty(
                "This model was built before training was written down",
                "Build a new version: its training curves, rules and profile will be here.",
            )
        return
    records = [from_dict(r, Record) for r in bundle.training["candidates"]]
    records = [r for r in records if r.family != "prior"]
    profile = from_dict(bundle.training["profile"], Profile)
    _rules(model, bundle, records)
    if records:
        _curves(bundle, records)
        _by_heart(bundle, records)
    _profile(records, profile)


def _rules(model: ModelVersion, bundle: Bundle, records: list[Record]) -> None:
    found = [f for f in bundle.findings if f.candidate]
    chosen = {s.code: s for s in bundle.spec.rules}
    with st.container(border=True):
        rules = all_rules()
        on = [r for r in rules if r.code not in chosen or chosen[r.code].action is not RuleAction.OFF]
        candidates = "1 candidate" if len(records) == 1 else f"{len(records)} candidates"
        said = "none found anything in what was shipped" if not found else f"{len(found)} found something"
        widgets.card_title(f"{len(on)} rules watched {candidates}: {said}")
        for i, finding in enumerate(found):
            findings.card(model, finding, f"training-{i}", bundle)
        raised = {f.code for f in found}
        with st.expander("All rules and their thresholds"):
            rows = []
            for rule in rules:
                setting = chosen.get(rule.code)
                limits = {**rule.thresholds, **(setting.thresholds if setting else {})}
                action = (setting.action if setting else rule.action).value
                state = "found something" if rule.code in raised else "off" if action == "off" else "quiet"
                limit = ", ".join(f"{k.replace('_', ' ')} {wording.number(v)}" for k, v in limits.items())
                rows.append((rule.title, rule.code, limit, action, state))
            tables.table(("Rule", "Code", "Thresholds", "Then", "State"), rows, wide=(1, 2, 3))


def _curves(bundle: Bundle, records: list[Record]) -> None:
    shown = [r for r in records if evidence.curves(r, "score")]
    if not shown:
        return
    shown.sort(key=lambda r: not r.shipped)
    with st.container(border=True):
        one, two = st.columns(2)
        names = [r.candidate for r in shown]
        name = one.selectbox("Candidate", names, key="curve-candidate", format_func=widgets.short)
        record = shown[names.index(name)]
        figure = two.selectbox(
            "What is drawn", ["score", *record.figure_names], key=f"curve-figure-{record.number}", format_func=evidence.words
        )
        series = evidence.curves(record, figure)
        title = evidence.course_title(figure, series)
        training_charts.course(series, evidence.words(figure), f"course-{record.number}-{figure}", title)
        widgets.muted(
            "One line a fold, the last one in colour. Boosters and networks watch a smooth score near the build's metric; "
            "the best step is kept."
        )
        importance = record.folds[-1].importance if record.folds else {}
        if importance:
            with st.expander("Features that its splits gained most from"):
                tables.bars(list(importance.items()), of=max(importance.values()))


def _by_heart(bundle: Bundle, records: list[Record]) -> None:
    known = [r for r in records if any(f.train_score is not None and f.score is not None for f in r.folds)]
    if not known:
        return
    metric = METRICS[bundle.spec.problem.metric]
    raised = any(f.code == "overfit" for f in bundle.findings)
    title = (
        "Part of the model learned its training rows by heart"
        if raised
        else "What was learned holds on rows it was not learned from"
    )
    with st.container(border=True):
        training_charts.by_heart(known, metric.label, title)
        widgets.muted(
            "Boosted trees and extra trees always fit their own rows better; what counts is how much is left on others."
        )


def _profile(records: list[Record], profile: Profile) -> None:
    with st.container(border=True):
        widgets.card_title(f"Where {wording.duration(profile.seconds)} went")
        longest = max((end - start for _, start, end in profile.stages), default=1.0) or 1.0
        rows = [(name, end - start) for name, start, end in profile.stages]
        tables.amounts([(name, seconds, wording.duration(seconds)) for name, seconds in rows], of=longest)
        if profile.fitting:
            widgets.muted(f"Candidates were fitted and validated for {wording.duration(profile.fitting)} of it.")
    fitted = [r for r in records if r.folds]
    if fitted:
        seconds = {r.candidate: sum(f.seconds for f in r.folds) for r in fitted}
        most = max(seconds, key=seconds.__getitem__)
        share = wording.percent(seconds[most] / max(sum(seconds.values()), 1e-9))
        with st.container(border=True):
            training_charts.spans(fitted, profile, f"{widgets.short(most, 30)} took the longest, {share} of all fits")
            widgets.muted("A bar a fold; candidates that are part of the model are in colour.")
    if len(profile.times) > 1:
        with st.container(border=True):
            training_charts.machine(profile)
