"""Threshold: from which probability on a row is called the outcome of interest, by eye or by money."""

from __future__ import annotations

from typing import Any

import streamlit as st

from automl import choices, wording
from automl.bundle import Bundle
from automl.choices import Choices, Payoff
from automl.evaluate import money
from automl.evaluate.threshold import Ladder, Outcome
from automl.metrics import LIKELIEST
from automl.types import ModelVersion
from automl.ui import charts, score_charts, tables, widgets

USUAL = Payoff(hit=100.0, false_alarm=-10.0)  # a first example; the user's own figures count
ROWS = 1_000


def fits(bundle: Bundle) -> bool:
    """Whether a model has a threshold: two classes, and test rows to see it on."""
    return len(bundle.spec.problem.classes) == 2 and bundle.test_rows() is not None


def show(model: ModelVersion, bundle: Bundle) -> None:
    """The slider, what it does to the test rows, and the threshold that pays most."""
    _panel(bundle)


@st.fragment
def _panel(bundle: Bundle) -> None:
    """All of it in one fragment: nothing else of the page moves when the slider does."""
    ladders = _ladders(str(bundle.folder), bundle)
    left, right = st.columns([2, 3])
    with left, st.container(border=True, height="stretch"):
        threshold = _slider(bundle, ladders)
        _words(bundle, ladders["test"].at(threshold))
        _save(bundle, threshold)
    with right, st.container(border=True, height="stretch"):
        _outcome(bundle, ladders["test"].at(threshold))
    with st.container(border=True):
        course = ladders["course"]
        score_charts.by_threshold(course, threshold, _course_title(ladders["test"].at(threshold), threshold))
    with st.container(border=True):
        _money(bundle, ladders, threshold)


@st.cache_resource(show_spinner=False, max_entries=16)
def _ladders(folder: str, _bundle: Bundle) -> dict[str, Any]:
    """Test rows in the order of their probability, and out-of-fold rows to choose a threshold on."""
    code, held = _bundle.spec.problem.positive_code, _bundle.test_rows()
    test = Ladder(held.y == code, held.values[:, code])
    validated = _bundle.validation_rows
    chosen_on = test
    if validated is not None and len(validated.y):
        chosen_on = Ladder(validated.y == code, validated.values[:, code])
    return {
        "test": test, "choose": chosen_on, "apart": chosen_on is not test, "course": test.course(),
        "best_f1": chosen_on.best_f1(),
    }  # fmt: skip


def _name(bundle: Bundle) -> str:
    problem = bundle.spec.problem
    return f"“{widgets.short(str(problem.classes[problem.positive_code]), 24)}”"


def _percent(value: float) -> float:
    return round(min(max(value * 100, 0.1), 99.9), 1)


def _slider(bundle: Bundle, ladders: dict[str, Any]) -> float:
    now = LIKELIEST if bundle.threshold is None else bundle.threshold
    built = LIKELIEST if bundle.built_threshold is None else bundle.built_threshold
    widgets.card_title(f"Call a row {_name(bundle)} from which probability on?")
    if (wanted := st.session_state.pop("threshold-next", None)) is not None:
        _set_money(wanted)
    st.session_state.setdefault("threshold", _percent(now))
    st.slider(
        "Probability in percent", 0.1, 99.9, step=0.1, format="%.1f %%", key="threshold",
        help="Lower finds more of them and raises more false alarms; higher the other way round.",
    )  # fmt: skip
    with st.container(horizontal=True, gap="small"):
        for label, value, key in (
            ("Automatic", built, "automatic"), ("Best F1", ladders["best_f1"], "best-f1"),
        ):  # fmt: skip
            st.button(
                f"{label}: {wording.percent(value)}", key=f"threshold-{key}", on_click=_set, args=(value,)
            )
    value = st.session_state["threshold"]
    for exact in (now, built, ladders["best_f1"], st.session_state.get("threshold-exact")):
        if exact is not None and _percent(exact) == value:  # the slider rounds, the choice does not
            return exact
    return value / 100


def _set(value: float) -> None:
    st.session_state["threshold"] = _percent(value)
    st.session_state["threshold-exact"] = value


def _words(bundle: Bundle, found: Outcome) -> None:
    name = _name(bundle)
    called = wording.of_100(found.called / max(found.rows, 1))
    if not found.called:
        widgets.bullets([f"It calls no row {name}."])
        return
    widgets.bullets(
        [
            f"Of 100 rows it calls {called} {name}.",
            f"Of 100 it calls {name}, {wording.of_100(found.precision)} are (precision).",
            f"Of 100 that are {name}, it finds {wording.of_100(found.recall)} (recall).",
        ]
    )


def _save(bundle: Bundle, threshold: float) -> None:
    problem, now = bundle.spec.problem, LIKELIEST if bundle.threshold is None else bundle.threshold
    chosen = bundle.choices.threshold is not None
    with st.container(horizontal=True, gap="small", key="end-threshold"):
        if st.button(
            f"Use {wording.percent(threshold)} for predictions", key="threshold-save", icon=":material/save:",
            disabled=threshold == now,
            help="Saved with the model. Every prediction follows it: here, in the shell, in Python, in the notebook.",
        ):  # fmt: skip
            payoff = _payoff() if st.session_state.get("threshold-money") == threshold else None
            _store(bundle, problem, Choices(threshold, payoff))
        if chosen and st.button("Back to automatic", key="threshold-undo", help="The threshold that the build set."):
            st.session_state.pop("threshold", None)
            _store(bundle, problem, Choices())
    said = "chosen by you" if chosen else "automatic"
    widgets.muted(f"Predictions now use {wording.percent(now)} ({said}).")


def _store(bundle: Bundle, problem: Any, chosen: Choices) -> None:
    choices.save(bundle.folder, problem, chosen)
    st.toast("Saved with the model." if chosen.threshold is not None else "Back to the automatic threshold.")
    st.rerun(scope="app")


def _outcome(bundle: Bundle, found: Outcome) -> None:
    problem = bundle.spec.problem
    yes = problem.positive_code
    labels = [str(problem.classes[1 - yes]), str(problem.classes[yes])]
    counts = [[found.passes, found.false_alarms], [found.misses, found.hits]]
    figures = (
        ("Precision", found.precision), ("Recall", found.recall), ("F1", found.f1), ("Accuracy", found.accuracy),
    )  # fmt: skip
    tables.figures([(label, wording.percent(value)) for label, value in figures])
    charts.confusion(
        labels, counts,
        f"{wording.count(found.hits)} found, {wording.count(found.misses)} missed, "
        f"{wording.count(found.false_alarms)} false alarms on {wording.count(found.rows)} test rows",
    )  # fmt: skip


def _course_title(found: Outcome, threshold: float) -> str:
    return (
        f"From {wording.percent(threshold)} on: precision {wording.percent(found.precision)}, "
        f"recall {wording.percent(found.recall)}"
    )


# -- money -----------------------------------------------------------------------------------


def _payoff() -> Payoff:
    state = st.session_state
    return Payoff(
        float(state["pay-hit"] or 0), float(state["pay-false"] or 0), float(state["pay-miss"] or 0),
        float(state["pay-pass"] or 0), (state["pay-currency"] or "").strip()[:8] or "€",
    )  # fmt: skip


def _money(bundle: Bundle, ladders: dict[str, Any], threshold: float) -> None:
    widgets.card_title("What is a decision worth?")
    name, saved = _name(bundle), bundle.choices.payoff or USUAL
    for key, value in (
        ("hit", saved.hit), ("false", saved.false_alarm), ("miss", saved.miss), ("pass", saved.passed),
        ("currency", saved.currency),
    ):  # fmt: skip
        st.session_state.setdefault(f"pay-{key}", value)
    widgets.muted("Profit of one row in each case; write a cost with a minus.")
    places = st.columns(5)
    for place, (key, label, help) in zip(
        places,
        (
            ("hit", "Rightly called", f"Called {name}, and it is."),
            ("false", "False alarm", f"Called {name}, and it is not."),
            ("miss", "Missed", f"Not called, and it is {name}."),
            ("pass", "Rightly left", f"Not called, and it is not {name}."),
        ),
        strict=False,
    ):
        place.number_input(label, key=f"pay-{key}", step=1.0, format="%.2f", help=help)
    places[4].text_input("Currency", key="pay-currency", max_chars=8)
    payoff = _payoff()
    best = money.best_threshold(ladders["choose"], payoff)
    test = ladders["test"]
    found, now = money.expected(test.at(best), payoff), money.expected(test.at(threshold), payoff)
    everyone = money.expected(test.at(0.0), payoff)
    nobody = money.expected(test.at(1.1), payoff)
    _verdict(name, payoff, best, test.at(best), found)
    tables.table(
        ("Decision", f"Per {money.PER:,} rows, {payoff.currency}", "95 % interval", "Rows called"),
        [
            _line(f"Best, from {wording.percent(best)} on", found, test.at(best)),
            _line(f"The slider's, from {wording.percent(threshold)} on", now, test.at(threshold)),
            _line("Call every row", everyone, test.at(0.0)),
            _line("Call no row", nobody, test.at(1.1)),
        ],
        right=(1, 2, 3),
        wide=(2,),
    )
    widgets.muted(
        "Chosen on rows validated while the model was built, measured on the test rows."
        if ladders["apart"]
        else "Chosen and measured on the test rows: a little too good."
    )
    with st.container(horizontal=True, gap="small"):
        st.button(
            f"Set the slider to {wording.percent(best)}", key="threshold-best-money", on_click=_set_money, args=(best,)
        )
        chosen = Choices(best, payoff)
        if st.button(
            f"Use {wording.percent(best)} for predictions", key="threshold-save-money", icon=":material/save:",
            disabled=bundle.choices == chosen, help="Saved with the model and what a decision is worth.",
        ):  # fmt: skip
            st.session_state["threshold-next"] = best  # the slider is drawn already: it follows when drawn again
            _store(bundle, bundle.spec.problem, chosen)
    left, right = st.columns(2)
    with left:
        along = money.by_threshold(test, payoff)
        score_charts.profit_by_threshold(
            along, best, threshold, payoff.currency,
            f"{_amount(found.value, payoff.currency)} per {money.PER:,} rows at {wording.percent(best)}",
        )  # fmt: skip
    with right:
        st.session_state.setdefault("pay-rows", ROWS)
        rows = int(st.number_input("Rows you will decide on", min_value=1, step=100, key="pay-rows"))
        top = money.by_number(test, payoff, rows)
        number, profit = test.at(best).called * rows / max(len(test.chance), 1), found.value * rows / money.PER
        score_charts.profit_by_number(
            top, number, profit, payoff.currency,
            f"Contact the likeliest {wording.count(number)} of {wording.count(rows)}: "
            f"{_amount(profit, payoff.currency)}",
        )  # fmt: skip


def _set_money(value: float) -> None:
    _set(value)
    st.session_state["threshold-money"] = value


def _amount(value: float, currency: str) -> str:
    return f"{wording.number(round(value) if abs(value) >= 100 else value)} {currency}"


def _line(name: str, found: money.Profit, outcome: Outcome) -> tuple[str, ...]:
    def shown(value: float) -> str:
        return wording.number(round(value) if abs(value) >= 100 else value)

    return (
        name, shown(found.value), f"{shown(found.low)} – {shown(found.high)}",
        wording.percent(outcome.called / max(outcome.rows, 1)),
    )  # fmt: skip


def _verdict(name: str, payoff: Payoff, best: float, outcome: Outcome, found: money.Profit) -> None:
    if not outcome.called:
        st.markdown(widgets.plain(f"With these figures it pays most to call no row {name}."))
    elif outcome.called == outcome.rows:
        st.markdown(widgets.plain(f"With these figures it pays most to call every row {name}."))
    else:
        low, high = _amount(found.low, payoff.currency), _amount(found.high, payoff.currency)
        st.markdown(
            f"**{widgets.plain(f'Call a row {name} from {wording.percent(best)} on.')}** "
            + widgets.plain(
                f"Of every {money.PER:,} rows that brings {_amount(found.value, payoff.currency)}, "
                f"between {low} and {high} with 95 % confidence."
            )
        )
