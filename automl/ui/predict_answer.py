"""The answer of one prediction: what, how sure, against the start, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from automl import insight, wording
from automl.bundle import Bundle
from automl.data import words
from automl.explain import Reasons
from automl.types import ModelVersion, Problem
from automl.ui import tables, widgets

CLASSES_SHOWN = 6
REASONS_SHOWN = 8
CHANGES_SHOWN = 4


def show(
    model: ModelVersion,
    bundle: Bundle,
    values: dict[str, Any],
    start: dict[str, Any],
    back: Callable[[], None],
) -> None:
    """The prediction with its interval or set, what changed since the start, and the reasons."""
    from automl.predict import predict_one

    problem, level = bundle.spec.problem, _level(model, bundle)
    too_wide = insight.too_wide(bundle)
    said = predict_one(bundle, values, level=level, reasons=too_wide is None)
    question = f"{widgets.short(problem.target, 40)} will probably be"
    if problem.has_probabilities:
        label, chances = said["prediction"], said["probabilities"]
        likely = f"{wording.percent(chances[label])} likely"
        if chances[label] < max(chances.values()):  # by a threshold
            question = f"{widgets.short(problem.target, 40)} is taken to be"
            likely = f"{likely}, though the other outcome is likelier"
        widgets.big_number(question, widgets.short(str(label), 40), likely)
        ranked = sorted(chances.items(), key=lambda kv: -kv[1])
        most = len(ranked) if len(ranked) == CLASSES_SHOWN + 1 else CLASSES_SHOWN
        tables.bars([(str(name), share) for name, share in ranked[:most]])
        if len(ranked) > most:
            rest = sum(share for _, share in ranked[most:])
            widgets.muted(f"{len(ranked) - most} more outcomes, {wording.percent(rest)} together.")
    else:
        widgets.big_number(question, wording.number(said["prediction"], 4), _interval(said, bundle))
    _sure(model, bundle, said, level)
    _against_start(model, bundle, values, said, start, back)
    for warning in (*said["warnings"], *_unseen(bundle, values)):
        st.warning(widgets.plain(warning), icon=":material/info:")
    if too_wide:
        widgets.muted(too_wide)
    else:
        _reasons(problem, said["reasons"], bundle, values)


# -- how sure --------------------------------------------------------------------------------


def _level(model: ModelVersion, bundle: Bundle) -> float | None:
    """The level that is chosen below the answer; it is drawn there, after the answer."""
    if not insight.can_tell_how_sure(bundle):
        return None
    return st.session_state.get(f"level-{model.id}") or insight.usual_level(bundle)


def _interval(said: dict[str, Any], bundle: Bundle) -> str:
    if "interval" not in said:
        return _usual_error(bundle)
    low, high = said["interval"]
    return f"between {wording.number(low)} and {wording.number(high)}"


def _usual_error(bundle: Bundle) -> str:
    metrics = bundle.evaluation["metrics"] if bundle.evaluation else []
    error = next((m["value"] for m in metrics if m["name"] == "mae"), None)
    return f"on average off by {wording.number(error)}" if error is not None else ""


def _sure(model: ModelVersion, bundle: Bundle, said: dict[str, Any], level: float | None) -> None:
    if level is None:
        widgets.muted("This model was built without what intervals need; a new build has them.")
        return
    share = insight.held_share(bundle, level)
    if "interval" in said:
        widgets.muted(f"The interval holds the truth for {_promise(bundle, level)}.")
    else:
        widgets.said(*_answers(said["set"], f"{wording.of_100(share)} %"))
        widgets.muted(f"Such answers hold the truth for {_promise(bundle, level)}.")
        widgets.quiet_lines(*filter(None, (_weighed(bundle), _by_class(bundle, level), _unsure(bundle, level))))
    options = insight.levels(bundle)
    st.segmented_control(
        "How sure it has to be", options, default=insight.usual_level(bundle), required=True,
        key=f"level-{model.id}", format_func=lambda each: f"{wording.of_100(insight.held_share(bundle, each))} %",
        help="Conformal prediction: calibrated on rows that the model had not learned from.",
    )  # fmt: skip


def _promise(bundle: Bundle, level: float) -> str:
    """What a level promises, and what it was worth on the test rows."""
    promised, measured = wording.of_100(insight.held_share(bundle, level)), insight.measured(bundle, level)
    if measured is None:
        return f"{promised} of 100 rows"
    share, rows = measured
    return f"{promised} of 100 rows; measured on the {words.count(rows, 'test row')}: {wording.of_100(share)} of 100"


def _answers(found: list[Any], level: str) -> tuple[str, str]:
    """The outcomes that are likely enough, in words, and what that means."""
    names = [widgets.short(str(name), 24) for name in found]
    if not names:
        return "Unsure", f"no answer is likely enough at {level}: look at this row yourself"
    if len(names) == 1:
        return names[0], f"likely enough at {level}, and nothing else is"
    shown = " or ".join(names) if len(names) < 4 else f"{', '.join(names[:4])} … ({len(names)} outcomes)"
    return shown, f"none of them can be ruled out at {level}"


def _unsure(bundle: Bundle, level: float) -> str:
    """How many rows get no answer, and what the likeliest is worth there."""
    found = insight.unsure(bundle, level)
    if not found.share:
        return ""
    right = "" if found.right is None else f"; of those what is predicted is right for {wording.of_100(found.right)} of 100"
    return f"Unsure of {wording.of_100(found.share)} of 100 rows{right}."


def _weighed(bundle: Bundle) -> str:
    """What a threshold of its own does to the answers."""
    if insight.calls_the_likeliest(bundle):
        return ""
    problem = bundle.spec.problem
    name = widgets.short(str(problem.classes[problem.positive_code]), 24)
    return f"By the threshold of this model a row is called {name} from {wording.percent(bundle.threshold)} on; answers follow it."


def _by_class(bundle: Bundle, level: float) -> str:
    """How often sets hold the truth of each outcome, or of the one that they hold least often."""
    held = {widgets.short(str(label), 24): share for label, share in insight.held_by_class(bundle, level).items()}
    if len(held) < 2:
        return ""
    if len(held) == 2:
        (one, ones), (other, others) = held.items()
        return f"Of rows that turn out {one}: {wording.of_100(ones)} of 100; {other}: {wording.of_100(others)} of 100."
    least = min(held, key=held.__getitem__)
    return f"Least often of rows that turn out {least}: {wording.of_100(held[least])} of 100."


# -- against the start -----------------------------------------------------------------------


def _against_start(
    model: ModelVersion,
    bundle: Bundle,
    values: dict[str, Any],
    said: dict[str, Any],
    start: dict[str, Any],
    back: Callable[[], None],
) -> None:
    from automl.predict import predict_one

    changed = {n: (start["values"].get(n), v) for n, v in values.items() if not _same(start["values"].get(n), v)}
    if not changed:
        widgets.muted("Change a field and the answer follows; the start stays beside it.")
        return
    problem, before = bundle.spec.problem, predict_one(bundle, start["values"])
    then, now = (_figure(problem, each) for each in (before, said))
    amount = insight.moved(problem, now - then) if now != then else "no change"
    told = [f"{insight.predicted(problem, each)}" for each in (then, now)]
    if problem.has_probabilities:
        name = widgets.short(str(problem.classes[problem.positive_code]), 20)
        if len(problem.classes) > 2:
            name = widgets.short(str(said["prediction"]), 20)
            then = before["probabilities"][said["prediction"]]
            now = said["probabilities"][said["prediction"]]
            told = [insight.predicted(problem, each) for each in (then, now)]
            amount = insight.moved(problem, now - then) if now != then else "no change"
        labels = [(f"Chance of {name} at the start", told[0]), ("Now", told[1]), ("Change", amount)]
    else:
        labels = [("At the start", told[0]), ("Now", told[1]), ("Change", amount)]
    tables.figures(labels)
    lines = [
        f"{widgets.short(n, 30)}: {_plain(a, n)} → {_plain(b, n)}" for n, (a, b) in list(changed.items())[:CHANGES_SHOWN]
    ]
    if len(changed) > CHANGES_SHOWN:
        lines.append(f"{words.count(len(changed) - CHANGES_SHOWN, 'more column')} changed")
    widgets.quiet_lines(*lines)
    st.button("Back to the start", key=f"back-{model.id}", on_click=back, type="tertiary", icon=":material/undo:")


def _figure(problem: Problem, said: dict[str, Any]) -> float:
    if not problem.has_probabilities:
        return float(said["prediction"])
    return said["probabilities"][problem.classes[problem.positive_code]]


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, str) and isinstance(b, str):
        return a.removesuffix("T00:00:00") == b.removesuffix("T00:00:00")
    return a == b


def _plain(value: Any, name: str) -> str:
    return insight.shown(value.removesuffix("T00:00:00") if isinstance(value, str) else value, name)


def _unseen(bundle: Bundle, values: dict[str, Any]) -> list[str]:
    """Numbers outside of all that the model has learned from."""
    out = []
    for column in bundle.schema["columns"]:
        value, low, high = values.get(column["name"]), column.get("low"), column.get("high")
        if isinstance(value, int | float) and low is not None and not low <= value <= high:
            out.append(
                f"{widgets.short(column['name'])} {wording.value(value, column['name'])} is outside of what was seen in training: "
                f"{wording.value(low, column['name'])} to {wording.value(high, column['name'])}"
            )
    return out


# -- why -------------------------------------------------------------------------------------


def _reasons(problem: Problem, why: Reasons, bundle: Bundle, values: dict[str, Any]) -> None:
    amounts = why.contributions[0]
    order = [int(i) for i in why.top(len(amounts))[0] if amounts[i]]
    base, end = (insight.predicted(problem, float(v)) for v in (why.base[0], why.prediction[0]))
    output = 0 if why.outcome is None else int(why.outcome[0])
    what = insight.outcome(problem, output)
    if not order:
        widgets.card_title(f"No column moves {what} from the usual {base}")
        return
    widgets.card_title(f"Why {what} is {end}, where {base} is usual")
    shown = order if len(order) == REASONS_SHOWN + 1 else order[:REASONS_SHOWN]
    entries = [
        (why.columns[i], _plain(values.get(why.columns[i]), why.columns[i]), float(amounts[i]), insight.moved(problem, float(amounts[i])))
        for i in shown
    ]
    most = max(abs(float(amounts[i])) for i in shown)
    if rest := order[len(shown) :]:
        amount = float(amounts[rest].sum())
        entries.append((words.count(len(rest), "more column"), "together", amount, insight.moved(problem, amount) if amount else "0"))
    tables.reasons(entries, most)
    widgets.muted(f"{base}, and what the columns add and take, make {end} exactly.")
