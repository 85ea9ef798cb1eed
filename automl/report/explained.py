"""What moves predictions and which way, the effects of the columns that do, and what a threshold is worth, for a report."""

from __future__ import annotations

from typing import Any

import numpy as np

from automl import insight, wording
from automl.bundle import Bundle
from automl.data.words import shorten
from automl.evaluate import money
from automl.evaluate.threshold import Ladder
from automl.explain import Effect
from automl.report.document import Bars, Block, Bullets, Lines, Section, Series, Table, Text

COLUMNS_SHOWN, EFFECTS_SHOWN = 15, 4
YEAR = np.timedelta64(365, "D") + np.timedelta64(6, "h")


def explained(bundle: Bundle) -> Section | None:
    """How far each column moves predictions, and what is predicted along those that move it most."""
    document = bundle.model.document
    if not document.kinds or all(m.family == "prior" for m in document.members) or insight.too_wide(bundle):
        return None
    problem, output = bundle.spec.problem, outcome_of(bundle)
    found, rows, tested = insight.column_influence(bundle)
    found = sorted(found, key=lambda f: -f.size[output])
    what = insight.outcome(problem, output) if problem.has_probabilities else problem.target
    table = tuple(
        (
            f.column,
            f"{insight.size(problem, float(f.size[output]))} ± {insight.size(problem, float(f.error[output]), unit=False)}",
            insight.direction(f.direction[output]) if f.size[output] > 0 else "not used",
        )
        for f in found[:COLUMNS_SHOWN]
    )
    first = found[0]
    blocks: list[Block] = [
        Text(f"{first.column} moves {what} most: by {insight.size(problem, float(first.size[output]))} on average."),
        Table(("Column", "Moves it by", "Which way"), table, right=(1,)),
        Text(
            f"The mean size of what each column adds to a prediction: Shapley values of {wording.count(rows)} "
            f"{'test' if tested else 'training'} rows, ± their standard error.",
            quiet=True,
        ),
    ]
    effects = [insight.column_effect(bundle, f.column) for f in found[:EFFECTS_SHOWN] if f.size[output] > 0]
    blocks.append(Bullets(tuple(insight.effect_title(problem, e, output) for e in effects)))
    blocks += [_effect(bundle, e, output) for e in effects]
    return Section("What moves a prediction", tuple(blocks))


def outcome_of(bundle: Bundle) -> int:
    """The outcome whose chance is explained: that of interest of two, of more the most frequent."""
    problem, held = bundle.spec.problem, bundle.test_rows()
    if not problem.has_probabilities:
        return 0
    if len(problem.classes) == 2 or held is None:
        return problem.positive_code
    return int(np.bincount(held.y).argmax())


def _effect(bundle: Bundle, found: Effect, output: int) -> Block:
    problem = bundle.spec.problem
    title, mean = shorten(found.column, 36), found.mean(output)
    if found.words:
        names = tuple(insight.shown(v, found.column) for v in found.values)
        said = tuple(insight.predicted(problem, float(v)) for v in mean)
        return Bars(title, names, tuple(map(float, mean)), said, marks=(int(mean.argmax()),))
    values, label = found.values, found.column
    if values.dtype.kind == "M":
        values, label = 1970 + (values - np.datetime64("1970-01-01")) / YEAR, f"{label} (year)"
    what = f"chance of {shorten(problem.classes[output], 20)}" if problem.has_probabilities else problem.target
    line = Series(found.column, tuple(map(float, values)), tuple(map(float, mean)))
    return Lines(title, label, what, (line,), across=2)


def worth(bundle: Bundle) -> list[Block]:
    """What the threshold that was chosen by money brings; nothing where none was."""
    payoff, held, problem = bundle.choices.payoff, bundle.test_rows(), bundle.spec.problem
    if payoff is None or held is None or bundle.threshold is None:
        return []
    code = problem.positive_code
    outcome = Ladder(held.y == code, held.values[:, code]).at(bundle.threshold)
    profit = money.expected(outcome, payoff)
    each = ", ".join(
        f"{name} {wording.number(value)}"
        for name, value in (
            ("rightly called", payoff.hit), ("false alarm", payoff.false_alarm), ("missed", payoff.miss),
            ("rightly left", payoff.passed),
        )
    )  # fmt: skip
    return [
        Text(
            f"Of every {money.PER:,} rows that brings {_amount(profit.value, payoff.currency)}, between "
            f"{_amount(profit.low, payoff.currency)} and {_amount(profit.high, payoff.currency)} with 95 % confidence, "
            f"where a row is worth in {payoff.currency}: {each}."
        )
    ]


def _amount(value: float, currency: str) -> str:
    return f"{wording.number(round(value) if abs(value) >= 100 else value)} {currency}"


def gain_and_calibration(curves: dict[str, Any]) -> list[Block]:
    """Gain of each outcome that is shown; calibration where there is one: lines of several would cross each other."""
    some = {name: c for name, c in curves.items() if "gain" in c}
    if not some:
        return []  # built by an earlier version
    even = Series("at random", (0.0, 1.0), (0.0, 1.0), dashed=True)
    gain = [Series(name, tuple(c["gain"]["share"]), tuple(c["gain"]["found"])) for name, c in some.items()]
    out: list[Block] = [
        Lines("Gain: found among the likeliest", "rows taken, likeliest first", "found", (*gain, even), square=True, across=2)
    ]
    if len(some) == 1:
        told = next(iter(some.values()))["calibration"]
        line = Series("probabilities", tuple(told["predicted"]), tuple(told["happened"]))
        title = f"Calibration: off by {wording.number(told['error'] * 100, 2)} points"
        out.append(Lines(title, "probability it gave", "how often it happened", (line, even), square=True, across=2))
    return out


def by_class(curves: dict[str, Any]) -> Table | None:
    """Every class against all others, where there are more than two."""
    if len(curves) < 2:
        return None
    rows = tuple(
        (
            name, wording.percent(c.get("share")), wording.number(c["roc"]["auc"]), wording.number(c["pr"]["ap"]),
            wording.number(c["calibration"]["error"], 2) if "calibration" in c else wording.NOTHING,
        )
        for name, c in curves.items()
    )  # fmt: skip
    header = ("Class, against all others", "Share of rows", "ROC area", "Average precision", "Calibration error")
    return Table(header, rows, right=(1, 2, 3, 4))
