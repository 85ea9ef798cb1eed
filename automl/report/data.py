"""The report of a data set, in the sections of SageMaker Autopilot's data exploration report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from automl import wording
from automl.data.insights import ColumnFacts, Insights, Power, Relation, explore, relation
from automl.data.words import count, listed, shorten
from automl.findings.before import Table as Subject
from automl.findings.before import validate
from automl.report.document import (
    Advice,
    Bars,
    Block,
    Bullets,
    Columns,
    Document,
    Numbers,
    Section,
    Table,
    Text,
    section,
)
from automl.types import Column, ColumnKind, Note, Severity

if TYPE_CHECKING:
    import pandas as pd

SAMPLE_ROWS, CELL = 8, 28
POWER_SHOWN, RELATIONS_SHOWN, PAIRS_SHOWN, NAME = 20, 6, 40, 34
BLOCKS = "▁▂▃▄▅▆▇█"  # a histogram in letters: small, and printed anywhere
DEFINITIONS = (
    "Prediction power: what a small model of one column alone knows about the target on rows that it has not seen. 0 is a "
    "plain guess, 1 is always right; from 0.85 on the column may give the answer away. For classes it is 2 × AUC − 1 of each "
    "class against the others, weighted by their rows; for numbers R², of the values or of their ranks.",
    "Both rise or fall together: two numbers, by the correlation of their ranks (Spearman's ρ), from 0 (no relation) to 1 "
    "(one always rises or falls with the other).",
    "One category tells the other: two categories, from 0 to 1 (Cramér's V, corrected for bias, Bergsma 2013).",
    "The category sets the number apart: how far its values do so, from 0 to 1 (the correlation ratio η).",
    "One to one: each value of one column stands for one value of the other; one of the two is enough.",
    "Anomalous rows: rows that random cuts separate from the others after few cuts (isolation forest, Liu et al. 2008), "
    "with a score of 0.6 or more; ordinary rows have about 0.5.",
    "Duplicate rows: rows that repeat an earlier one in every column.",
    "Kinds: numbers, categories, yes/no, dates, text, and identifiers, which name rows and are left out of models.",
)


def data_report(
    frame: pd.DataFrame,
    columns: tuple[Column, ...],
    target: str | None = None,
    *,
    name: str,
    rows: int | None = None,
    notes: Sequence[Note] = (),
) -> Document:
    """What a table holds, and what its columns know about a target.

    Parameters
    ----------
    frame : DataFrame
        The table, or a random sample of it.
    columns : tuple of Column
        The whole table's profile.
    target : str, optional
        The column to predict.
    name : str
        Of the data set.
    rows : int, optional
        Of the whole table, where the frame is a sample.
    notes : sequence of Note
        How it was read.

    Raises
    ------
    ColumnError
        For a target that isn't there.

    >>> import pandas as pd
    >>> from automl.data.profile import profile
    >>> table = pd.DataFrame({"paid": ["no", "yes"] * 20, "n": range(40)})
    >>> [s.title for s in data_report(table, profile(table), "paid", name="t").sections][:3]
    ['Dataset summary', 'Target analysis', 'Data sample']
    """
    found = explore(frame, columns, rows)
    subject = Subject.of(frame, columns, target, rows=rows) if target is not None else None
    findings = validate(subject) if subject else []
    power = subject.power if subject and subject.problem else {}
    sections = [
        _summary(found, columns, notes, findings),
        _target(found, subject, frame, columns, power) if subject else None,
        _sample(frame, found, power),
        _duplicates(found),
        _together(found),
        _anomalies(found, frame),
        _columns(found),
        _missing(found),
        section("Definitions", [Bullets(DEFINITIONS)]),
    ]
    about = f"{wording.count(found.rows)} rows · {len(columns)} columns" + (f" · predicting {shorten(target)}" if target else "")
    return Document(f"Data report: {name}", about, tuple(s for s in sections if s is not None))


def _summary(found: Insights, columns: tuple[Column, ...], notes: Sequence[Note], findings: list[Any]) -> Section | None:
    cells = found.rows * max(len(columns), 1)
    missing = sum(c.missing for c in columns)
    kinds = {kind: sum(c.kind is kind for c in columns) for kind in ColumnKind}
    important = sum(f.severity is Severity.HIGH for f in findings)
    entries = [
        ("Rows", wording.count(found.rows), f"{len(columns)} columns"),
        ("Missing cells", wording.percent(missing / max(cells, 1)), f"in {_columns_with(sum(c.missing > 0 for c in columns))}"),
        ("Duplicate rows", wording.count(found.duplicates), "exact copies"),
        ("Findings", wording.count(len(findings)), f"{important} important") if findings else
        ("Unusual rows", wording.count(found.anomalies.count), f"of {wording.count(found.anomalies.rows)} looked at"),
    ]  # fmt: skip
    said = ", ".join(f"{n} {kind.word}" for kind, n in kinds.items() if n)
    blocks: list[Block | None] = [
        Numbers(tuple(entries)),
        Text(f"Columns by kind: {said}."),
        Text(f"Charts and measures are from a random sample of {wording.count(found.sampled)} rows; counts are scaled up.", quiet=True)
        if found.sampled
        else None,
        *(Advice(f.severity.value, f.title, f.message) for f in findings),
        Bullets(tuple(n.message for n in notes)) if notes else None,
    ]
    return section("Dataset summary", blocks)


def _target(
    found: Insights, subject: Subject, frame: pd.DataFrame, columns: tuple[Column, ...], power: dict[str, Power]
) -> Section | None:
    facts = next(c for c in found.columns if c.column.name == subject.target)
    blocks: list[Block | None] = []
    if subject.problem is None:
        blocks.append(Advice("high", "This column can't be predicted", subject.refusal))
    else:
        blocks.append(Text(subject.problem.reason))
    blocks += [_spread(facts), _statistics(facts)]
    if power:
        strong = sorted(power.items(), key=lambda item: -item[1].score)
        shown = strong[:POWER_SHOWN]
        top = shown[0]
        blocks.append(
            Bars(
                f"{shorten(top[0], NAME)} alone knows most about {shorten(subject.target, NAME)}",
                tuple(shorten(n, NAME) for n, _ in shown),
                tuple(p.score for _, p in shown),
                tuple(f"{p.score:.2f}" for _, p in shown),
                marks=(0,),
            )
        )
        known = {c.name: c for c in columns}
        for name, one in strong[:RELATIONS_SHOWN]:
            if one.score > 0:
                moved = relation(frame, known[name], subject.outcome)
                blocks.append(_moves(moved, subject) if moved and len(moved.parts) > 1 else None)
    return section("Target analysis", blocks)


def _moves(found: Relation, subject: Subject) -> Bars:
    assert subject.problem is not None
    goal, name = shorten(subject.target, NAME), shorten(found.column, NAME)
    if not found.labels:
        values = tuple(float(p.mean or 0) for p in found.parts)
        texts = tuple(wording.number(v) for v in values)
        title = f"Mean {goal} by {name}; {wording.number(found.whole.mean)} in all rows"
    else:
        labels = list(found.labels)
        label = str(subject.problem.positive_class)
        i = labels.index(label) if label in labels else max(range(len(labels)), key=lambda j: found.whole.shares[j])
        values = tuple(p.shares[i] for p in found.parts)
        texts = tuple(wording.percent(v) for v in values)
        title = f"How often {goal} is {shorten(labels[i], 20)}, by {name}; {wording.percent(found.whole.shares[i])} in all rows"
    return Bars(title, tuple(shorten(p.label, NAME) for p in found.parts), values, texts)


def _spread(facts: ColumnFacts) -> Block | None:
    chart, name = facts.chart, shorten(facts.column.name, NAME)
    if not chart["counts"]:
        return None
    if chart["type"] == "histogram" and facts.column.kind is ColumnKind.NUMERIC:
        return Columns(f"How {name} is spread", name, tuple(chart["edges"]), tuple(chart["counts"]))
    names = chart.get("values") or [e[:10] for e in chart["edges"][:-1]]
    counts = tuple(float(n) for n in chart["counts"])
    total = sum(counts) + chart.get("other", 0)
    title = f"{wording.percent(counts[0] / max(total, 1))} are {shorten(names[0], 24)}" if "values" in chart else f"{name} over time"
    return Bars(title, tuple(shorten(n, NAME) for n in names), counts, tuple(wording.count(n) for n in counts))


def _statistics(facts: ColumnFacts) -> Table | None:
    rows = tuple((f.name, _worded(f.value, facts.column.name)) for f in facts.facts)
    return Table(("Figure", "Value"), rows, right=(1,)) if rows else None


def _worded(value: float | str, name: str) -> str:
    return value if isinstance(value, str) else wording.value(value, name)


def _sample(frame: pd.DataFrame, found: Insights, power: dict[str, Power]) -> Section | None:
    head = frame.head(SAMPLE_ROWS)
    rows = []
    ordered = sorted(found.columns, key=lambda c: -power[c.column.name].score if c.column.name in power else -2.0)
    for facts in ordered if power else found.columns:
        name = facts.column.name
        known = power.get(name)
        cells = [shorten(v, CELL) for v in head[name].dropna().astype("str").unique()[:4]]
        rows.append(
            (shorten(name, 60), facts.column.kind.word, *((f"{known.score:.2f}" if known else "–",) if power else ()), ", ".join(cells))
        )
    header = ("Column", "Kind", *(("Power",) if power else ()), "First values")
    return section(
        "Data sample",
        [
            Text(f"Values of the first {len(head)} rows" + (", the columns that know most about the target first." if power else ".")),
            Table(header, tuple(rows), right=(2,) if power else (), most=500),
        ],
    )


def _duplicates(found: Insights) -> Section | None:
    rows = found.sampled or found.rows
    text = (
        f"{wording.count(found.duplicates)} of {wording.count(rows)} rows ({wording.percent(found.duplicates / max(rows, 1))}) "
        "repeat an earlier row in every column. Copies never stand on both sides of a split."
        if found.duplicates
        else f"None of {wording.count(rows)} rows repeats another."
    )
    return section("Duplicate rows", [Text(text)])


def _together(found: Insights) -> Section | None:
    pairs = found.associations.pairs
    if not pairs:
        return section("Cross-column correlations", [Text("No two columns say nearly the same.")])
    rows = tuple(
        (shorten(p.first, 50), shorten(p.second, 50), f"{p.value:.2f}", p.same or p.measure) for p in pairs
    )
    return section(
        "Cross-column correlations",
        [
            Text(f"{count(len(pairs), 'pair')} of columns with a strength of 0.7 or more, from {wording.count(found.associations.rows)} rows."),
            Table(("Column", "Goes with", "Strength", "Measure"), rows, right=(2,), most=PAIRS_SHOWN),
        ],
    )


def _anomalies(found: Insights, frame: pd.DataFrame) -> Section | None:
    odd = found.anomalies
    if not odd.shown:
        return section("Anomalous rows", [Text("No row stands out from the others.")])
    rows = tuple((wording.count(a.row + 1), "; ".join(a.reasons), f"{a.score:.2f}") for a in odd.shown)
    where = " of the sample" if found.sampled else ""
    return section(
        "Anomalous rows",
        [
            Text(f"{wording.count(odd.count)} of {wording.count(odd.rows)} rows stand out. The most unusual{where}:"),
            Table(("Row", "What is unusual", "Score"), rows, right=(0, 2)),
        ],
    )


def _columns(found: Insights) -> Section | None:
    rows = []
    for facts in found.columns:
        c = facts.column
        share = wording.percent(c.missing / max(found.rows, 1)) if c.missing else "none"
        figures = " · ".join(f"{f.name} {_worded(f.value, c.name)}" for f in [f for f in facts.facts if not f.name.startswith("quarter")][:5])
        notes = " ".join(n.message for n in facts.warnings)
        rows.append((shorten(c.name, 60), share, wording.count(c.distinct), letters(facts.chart), " — ".join(filter(None, (figures, notes)))))
    return section(
        "Missing values, cardinality and statistics",
        [Table(("Column", "Missing", "Distinct", "Distribution", "Statistics and warnings"), tuple(rows), right=(1, 2, 3), most=500)],
    )


def _columns_with(n: int) -> str:
    return count(n, "column") if n else "any column"


def letters(chart: dict[str, Any], most: int = 12) -> str:
    """A chart's counts as letters.

    >>> letters({"counts": [1, 8, 4]})
    '▂█▅'
    """
    counts = chart["counts"]
    if len(counts) > most and chart.get("type") == "histogram":
        step = -(-len(counts) // most)
        counts = [sum(counts[i : i + step]) for i in range(0, len(counts), step)]
    top = max(counts, default=0) or 1
    return "".join(BLOCKS[min(7, round(7 * n / top))] if n else " " for n in counts[:most])


def _missing(found: Insights) -> Section | None:
    gaps = found.missingness
    if gaps.whole == gaps.rows:
        return section("Patterns of missing values", [Text("Every row is complete.")])
    blocks: list[Block | None] = [
        Text(f"{wording.count(gaps.whole)} of {wording.count(gaps.rows)} rows ({wording.percent(gaps.whole / max(gaps.rows, 1))}) are complete."),
        Bullets(tuple(f"{listed(g, 6, quote='')} are missing in the same rows." for g in gaps.together)) if gaps.together else None,
        Table(
            ("Missing in these columns", "Rows"),
            tuple((listed(p.columns, 6, quote=""), wording.count(p.rows)) for p in gaps.patterns),
            right=(1,),
        ),
    ]  # fmt: skip
    return section("Patterns of missing values", blocks)
