"""What the report of a model says: everything Analyze shows, for someone who has no access to it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from automl import insight, wording
from automl.bundle import Bundle
from automl.data import words
from automl.engine import doubt
from automl.evaluate.segments import losses, worst
from automl.findings import late
from automl.findings.record import Profile, Record
from automl.metrics import METRICS
from automl.report.document import (
    Advice,
    Bars,
    Block,
    Bullets,
    Columns,
    Document,
    Lines,
    Matrix,
    Numbers,
    Section,
    Series,
    Table,
    Text,
    section,
)
from automl.report.explained import by_class, explained, gain_and_calibration, worth
from automl.types import TrialState, from_dict, replace

IMPACT_SHOWN, SEGMENTS_SHOWN, CURVES_SHOWN = 15, 8, 6
ALIKE = 3  # candidates without a score for the same reason that are counted instead of listed
FEW_CURVES = 6  # of candidates, two beside each other; more are drawn smaller, three beside each other
MATRIX_LABELS = 15  # Autopilot's report draws as many
DEFINITIONS = {
    "95 % interval": "If many other sets of test rows were drawn, the score would lie in it for 95 of 100 of them (bootstrap).",
    "Test rows": "Set aside before anything was learned, and looked at once, for this report's scores.",
    "Validation": "Scores on rows that a candidate had not learned from, over several folds of the training rows.",
    "Plain guess": "The most frequent class, the class shares, or the average: what one would say without a model.",
    "Column impact": "How much worse the score gets when a column's values are shuffled, as a share of all columns.",
}


def model_report(bundle: Bundle, name: str, *, version: int = 1, date: str = "", data: str = "") -> Document:
    """The whole story of a model.

    Parameters
    ----------
    bundle : Bundle
    name : str
        The model's name.
    version : int
    date : str
        When it was built, as it is to be read.
    data : str
        What it learned from, as it is to be read.
    """
    problem = bundle.spec.problem
    subtitle = [f"Version {version}", problem.task.label, f"predicts {problem.target}", data, date]
    found, impact = insight.evaluation_now(bundle), insight.column_losses(bundle)  # first: findings look at it
    sections = [
        _good(bundle, found) if found else _unscored(bundle),
        section("Worth knowing", [Advice(f.severity.value, f.title, f.message) for f in late.every(bundle)]),
        _impact(impact, found) if found else None,
        explained(bundle),
        _more_rows(bundle),
        _errs(bundle, found) if found else None,
        _curves(found) if found else None,
        _metrics(bundle, found) if found else None,
        _leaderboard(bundle),
        training_section(bundle),
        _rows(bundle),
        section("Definitions", [Bullets(tuple(f"{k}: {v}" for k, v in _definitions(found).items()))]),
    ]
    return Document(name, " · ".join(s for s in subtitle if s), tuple(s for s in sections if s is not None))


def training_report(bundle: Bundle, name: str, *, version: int = 1, date: str = "") -> Document:
    """How a model was trained: what was tried, what rules found, where the time went."""
    parts = [
        section(
            "What rules and checks found",
            [Advice(f.severity.value, f.title, f.message) for f in late.every(bundle)]
            or [Text("Nothing: all rules were quiet.")],
        ),
        _leaderboard(bundle, every=True),
        _rows(bundle),
        training_section(bundle, every=True),
    ]
    subtitle = " · ".join(s for s in (f"Version {version}", "how it was trained", date) if s)
    return Document(name, subtitle, tuple(s for s in parts if s is not None))


def _definitions(found: dict[str, Any] | None) -> dict[str, str]:
    metric = METRICS[found["metric"]] if found else None
    own = (
        {metric.label: f"{metric.sentence} {'Higher' if metric.greater_is_better else 'Lower'} is better."}
        if metric
        else {}
    )
    return {**own, **DEFINITIONS}


def _unscored(bundle: Bundle) -> Section:
    said = "No test rows were set aside for this model, so there is no score on unseen rows."
    return Section("How good it is", (Text(said),))


def _good(bundle: Bundle, found: dict[str, Any]) -> Section:
    metric, (low, high) = METRICS[found["metric"]], found["interval"]
    head = found["headline"]
    promised = found["validation_score"]
    numbers = [
        (f"On {wording.count(found['rows_test'])} rows it had never seen", head["value"], head["detail"]),
        (
            metric.label,
            wording.number(found["score"]),
            f"{wording.number(low)} – {wording.number(high)} (95 %)",
        ),
        ("A plain guess", wording.number(found["baseline_score"]), metric.label),
    ]
    if promised is not None:
        std = found["validation_std"]
        numbers.append(
            (
                "Validation said",
                wording.number(promised),
                f"± {wording.number(std, 2)} over folds" if std else "",
            )
        )
    blocks: list[Block] = [Text(found["sentence"]), Numbers(tuple(numbers))]
    if head["text"]:
        blocks.append(Text(head["text"]))
    if "gain" in found:  # not in models of an earlier version
        blocks.append(Text(found["gain"]["sentence"]))
    if found["threshold"] is not None:
        problem = bundle.spec.problem
        name, at = problem.classes[problem.positive_code], wording.percent(found["threshold"])
        blocks.append(Text(f"Rows are called “{name}” from a probability of {at} on."))
        blocks += worth(bundle)
    best = bundle.leaderboard[0]
    blocks.append(
        Text(
            f"The model: {best.candidate}, learned from {wording.count(found['rows_train'])} rows.",
            quiet=True,
        )
    )
    return Section("How good it is", tuple(blocks))


def _impact(impact: list[dict[str, Any]], found: dict[str, Any]) -> Section | None:
    entries = sorted(impact, key=lambda e: -e["impact"])[:IMPACT_SHOWN]
    if not entries:
        return None
    first = entries[0]
    title = f"{first['column']} carries most: {wording.percent(first['impact'])} of the score"
    chart = Bars(
        title,
        tuple(e["column"] for e in entries),
        tuple(e["impact"] for e in entries),
        tuple(wording.percent(e["impact"]) for e in entries),
        tuple(e["std"] for e in entries),
        marks=(0,),
    )
    return Section("Column impact: what the score rests on", (chart, Text(found["impact_method"], quiet=True)))


def _errs(bundle: Bundle, found: dict[str, Any]) -> Section | None:
    blocks: list[Block | None] = []
    if matrix := found["confusion"]:
        labels, counts = matrix["labels"], matrix["counts"]
        if len(labels) <= MATRIX_LABELS:
            blocks.append(
                Matrix(
                    "What was predicted, of what really was", tuple(labels), tuple(tuple(r) for r in counts)
                )
            )
        blocks.append(Bullets(tuple(found["class_sentences"])))
    if values := found["regression"]:
        low = min([*values["actual"], *values["predicted"]])
        high = max([*values["actual"], *values["predicted"]])
        target = bundle.spec.problem.target
        blocks += [
            Lines(
                "Predicted against actual: points on the dashed line are exact", f"{target}, actual", f"{target}, predicted",
                (
                    Series("rows", tuple(values["actual"]), tuple(values["predicted"]), points=True),
                    Series("exact", (low, high), (low, high), dashed=True),
                ),
            ),
            Columns(
                "How far predictions are off", f"predicted minus actual {target}",
                tuple(values["residual_histogram"]["edges"]), tuple(values["residual_histogram"]["counts"]),
            ),
        ]  # fmt: skip
    blocks.append(_segments(bundle))
    return section("Where it errs", blocks)


def _segments(bundle: Bundle) -> Table | Text | None:
    held = bundle.test_rows()
    if held is None:
        return None
    parts = worst(
        held.inputs, losses(bundle.spec.problem, held.y, held.values, bundle.threshold), SEGMENTS_SHOWN
    )
    parts = [p for p in parts if p.is_clear]
    if not parts:
        return Text("No part of the rows is clearly worse than the others.")
    classes = bundle.spec.problem.has_probabilities
    shown = wording.percent if classes else wording.number
    rows = tuple(
        (f"{p.column}: {p.name}", wording.count(p.rows), shown(p.score), f"{shown(p.low)} – {shown(p.high)}")
        for p in parts
    )
    what = "Wrong" if classes else "Off by on average"
    return Table(
        ("Rows that it is clearly worse for", "Test rows", what, "95 % interval"), rows, right=(1, 2, 3)
    )


def _curves(found: dict[str, Any]) -> Section | None:
    curves = found["curves"]
    if not curves:
        return None
    some = list(curves.items())[:CURVES_SHOWN]
    roc = [Series(name, tuple(c["roc"]["fpr"]), tuple(c["roc"]["tpr"])) for name, c in some]
    pr = [Series(name, tuple(c["pr"]["recall"]), tuple(c["pr"]["precision"])) for name, c in some]
    one = some[0][1]
    area = f": area {wording.number(one['roc']['auc'])}" if len(curves) == 1 else ""
    precise = f"Average precision {wording.number(one['pr']['ap'])}" if len(curves) == 1 else "Precision and recall"
    chance = Series("chance", (0.0, 1.0), (0.0, 1.0), dashed=True)
    return Section(
        "Curves",
        (
            Lines(f"ROC curve{area}", "false alarms", "found", (*roc, chance), square=True, across=2),
            Lines(precise, "recall: found of all", "precision: right when called",
                  tuple(pr), square=True, across=2),
            *gain_and_calibration(dict(some)),
            *([table] if (table := by_class(curves)) is not None else []),
        ),
    )  # fmt: skip


def _metrics(bundle: Bundle, found: dict[str, Any]) -> Section:
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
            )
        )
    header = ("Metric", "Test", "95 % interval", "Plain guess", "Validation ± std", "Better")
    table = Table(header, tuple(rows), right=(1, 2, 3, 4))
    took = insight.latency(bundle)
    if took is None:
        return Section("Every metric", (table,))
    each, one = (f"{wording.number(took[key], 2)} ms" for key in ("many_ms", "one_ms"))
    said = f"Inference latency, from raw row to prediction: {each} for a row of many, {one} for a row alone."
    return Section("Every metric", (table, Text(said, quiet=True)))


def _leaderboard(bundle: Bundle, *, every: bool = False) -> Section:
    """The candidates; without `every`, many that have no score for one and the same reason are one line."""
    metric = METRICS[bundle.spec.problem.metric]
    rows, rank = [], 0
    unscored = Counter(t.reason for t in bundle.leaderboard if t.state is not TrialState.COMPLETED and t.reason)
    many = {} if every else {reason: n for reason, n in unscored.items() if n >= ALIKE}
    for t in bundle.leaderboard:
        if t.state is not TrialState.COMPLETED and t.reason in many:
            continue
        done = t.state is TrialState.COMPLETED
        rank += done
        rows.append(
            (
                str(rank) if done else "",
                t.candidate,
                wording.number(t.score) if done else "",
                f"± {wording.number(t.score_std, 2)}" if done and t.score_std else "",
                wording.duration(t.fit_seconds) if t.fit_seconds is not None else "",
                "" if done and not t.reason else t.reason or t.state.value,
            )
        )
    rows += [("", words.count(n, "more candidate"), "", "", "", reason) for reason, n in many.items()]
    better = "higher" if metric.greater_is_better else "lower"
    header = ("#", "Candidate", metric.label, "", "Fit", "Note")
    return Section(
        "Candidates",
        (
            Text(
                f"{metric.label} on validation rows, {better} is better; the first one is the model.",
                quiet=True,
            ),
            Table(header, tuple(rows), right=(0, 2, 3, 4)),
            *(Text(line, quiet=True) for line in doubt.said(bundle.leaderboard)),
        ),
    )


def training_section(bundle: Bundle, *, every: bool = False) -> Section | None:
    """How it was trained: where the time went; with `every`, the curve of each candidate too."""
    if bundle.training is None:
        return None
    profile = from_dict(bundle.training["profile"], Profile)
    records = [from_dict(r, Record) for r in bundle.training["candidates"]]
    stages = [(name, end - start) for name, start, end in profile.stages]
    blocks: list[Block] = [
        Bars(
            f"Where {wording.duration(profile.seconds)} went",
            tuple(n for n, _ in stages), tuple(s for _, s in stages), tuple(wording.duration(s) for _, s in stages),
        ),
    ]  # fmt: skip
    if profile.busy_cores:
        mean = sum(profile.busy_cores) / len(profile.busy_cores)
        blocks.append(
            Text(
                f"{wording.number(mean, 2)} of {profile.cores} cores were busy on average; at most "
                f"{wording.filesize(max(profile.memory_mb) * 2**20)} of memory was held."
            )
        )
    if every and records:
        blocks.append(Text("The score on validation rows, step by step; the last fold stands out.", quiet=True))
    curves = []
    for record in records if every else ():
        course = {fold: points for fold, points in record.series("score").items() if len(points) > 1}
        if course:
            last = max(course)
            lines = tuple(
                Series(f"fold {f + 1}", tuple(s + 1.0 for s, _ in p), tuple(v for _, v in p), quiet=f != last)
                for f, p in course.items()
            )
            curves.append(Lines(record.candidate, "step", "score", lines))
    blocks += [replace(c, across=2 if len(curves) <= FEW_CURVES else 3) for c in curves]
    return Section("How it was trained", tuple(blocks))


def _more_rows(bundle: Bundle) -> Section | None:
    course = bundle.learning
    if course is None:
        return None
    points, label = course["points"], METRICS[course["metric"]].label
    rows, scores = (tuple(float(p[key]) for p in points) for key in ("rows", "score"))
    title = f"{label} after {wording.count(rows[0])} to {wording.count(rows[-1])} rows"
    line = Series(course["candidate"], rows, scores)
    return Section(
        "Would more rows help?", (Text(course["sentence"]), Lines(title, "rows learned from", label, (line,)))
    )


def _rows(bundle: Bundle) -> Section | None:
    steps = [s for s in bundle.spec.recipe.steps if s.enabled]
    blocks: list[Block | None] = [
        Bullets(tuple(note["message"] for note in bundle.ledger)) if bundle.ledger else None,
        Bullets(tuple(f"{s.title}: {s.reason}" if s.reason else s.title for s in steps)) if steps else None,
    ]
    return section("What was done with the rows", blocks)
