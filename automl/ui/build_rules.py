"""The folded rules of a build: what is watched while candidates are fitted, and what follows."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from automl import notify
from automl.findings.training import Rule, all_rules
from automl.types import ModelVersion, RuleAction, RuleSetting, from_dict, to_dict
from automl.ui import widgets
from automl.ui.build_settings import save

ACTIONS = {
    RuleAction.REPORT: "Say it",
    RuleAction.NOTIFY: "Say it and notify",
    RuleAction.STOP: "Stop the candidate",
    RuleAction.OFF: "Off",
}


def show(draft: dict[str, Any], model: ModelVersion) -> None:
    """Draw the fold; a change is kept in the draft."""
    chosen = {s.code: s for s in (from_dict(r, RuleSetting) for r in draft.get("rules", ()))}
    rules = all_rules()
    changed = "as usual" if not chosen else "1 changed" if len(chosen) == 1 else f"{len(chosen)} changed"
    with st.expander(f"Rules while training · {len(rules)} rules, {changed}", key=f"rules-{model.id}"):
        widgets.muted(_how())
        settings = [_row(rule, chosen.get(rule.code), model) for rule in rules]
        wanted = [to_dict(s) for s in settings if s is not None]
        if wanted != [to_dict(chosen[r.code]) for r in rules if r.code in chosen]:
            save(model, draft, rules=wanted or None)
        if chosen and st.button("As usual again", key=f"rules-reset-{model.id}"):
            for rule in rules:
                for key in [k for k in st.session_state if str(k).startswith(f"rule-{model.id}-{rule.code}")]:
                    del st.session_state[key]
            save(model, draft, rules=None)


def _how() -> str:
    ways = notify.ways()
    if ways:
        return f"Each rule looks at every candidate while it is fitted. Who is notified: by {' and '.join(ways)}."
    return (
        "Each rule looks at every candidate while it is fitted. Nobody can be notified yet: whoever runs Foretable sets "
        "FORETABLE_WEBHOOK_URL, or FORETABLE_SMTP_URL and FORETABLE_MAIL_TO."
    )


def digits(usual: float) -> str:
    """How a threshold is written: without an exponent.

    >>> digits(1800) % 1800, digits(0.5) % 0.5, digits(1e-7) % 1e-7
    ('1800', '0.5', '0.0000001')
    """
    return "%.4g" if usual >= 1e-4 else f"%.{math.ceil(-math.log10(usual))}f"


def _row(rule: Rule, setting: RuleSetting | None, model: ModelVersion) -> RuleSetting | None:
    """One rule's controls; None where it is as usual."""
    key = f"rule-{model.id}-{rule.code}"
    name, then, limits = st.columns([3, 2, 3], vertical_alignment="center")
    with name:
        widgets.said(rule.title, rule.code)
    action = setting.action if setting else rule.action
    options = list(ACTIONS)
    action = then.selectbox(
        f"What follows: {rule.title}", options, index=options.index(action), format_func=ACTIONS.__getitem__,
        key=f"{key}-then", label_visibility="collapsed",
    )  # fmt: skip
    thresholds = {}
    if rule.thresholds:
        with limits, st.container(horizontal=True):
            for threshold, usual in rule.thresholds.items():
                value = (setting.thresholds if setting else {}).get(threshold, usual)
                value = st.number_input(
                    threshold.replace("_", " "), value=float(value), format=digits(usual), key=f"{key}-{threshold}",
                    help=f"Usually {digits(usual) % usual}", width=140,
                )  # fmt: skip
                if value is not None and abs(value - usual) > 1e-12:
                    thresholds[threshold] = float(value)
    if action is rule.action and not thresholds:
        return None
    return RuleSetting(rule.code, action, thresholds)
