"""Tables and rows of bars: columns of a data set, the leaderboard, column impact. All data is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from automl import wording
from automl.types import Column, ColumnKind, Trial, TrialState
from automl.ui.widgets import bar, breakable, html, short

KIND_SIGN = {
    ColumnKind.NUMERIC: "123",
    ColumnKind.CATEGORICAL: "abc",
    ColumnKind.BOOLEAN: "y/n",
    ColumnKind.DATETIME: "date",
    ColumnKind.TEXT: "text",
    ColumnKind.IDENTIFIER: "id",
}
STATE_WORD = {TrialState.COMPLETED: "done"}
ON_FOLDS = "validated on "  # of a candidate that was not fitted on all of them
SMALLEST_MS = 0.01  # below it, a time per row says nothing more
RARE = 0.02  # when the most frequent value is rarer, naming values says nothing


def table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Sequence[int] = (),
    wide: Sequence[int] = (),
) -> None:
    """A plain table; `wide` columns are hidden on a phone, `right` ones are numbers."""

    def css(i: int) -> str:
        names = [n for n, on in (("r", i in right), ("wide", i in wide)) if on]
        return f' class="{" ".join(names)}"' if names else ""

    head = "".join(f"<th{css(i)}>{escape(h)}</th>" for i, h in enumerate(header))
    body = "".join(
        "<tr>" + "".join(f"<td{css(i)}>{escape(str(c))}</td>" for i, c in enumerate(row)) + "</tr>"
        for row in rows
    )
    html(f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>')


def date_formats(frame: Any) -> dict[str, Any]:
    """Column settings that leave out the time of columns whose dates have none."""
    import streamlit as st

    dates = [name for name in frame if frame[name].dtype.kind == "M"]
    whole = [n for n in dates if (frame[n].dropna() == frame[n].dropna().dt.normalize()).all()]
    return {name: st.column_config.DateColumn(format="YYYY-MM-DD") for name in whole}


def segments(header: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Parts of the rows: name, score, interval, difference, size, judgement, and whether to grey it."""
    css = ("name", "r", "r wide", "r wide", "r", "")
    head = "".join(f'<th class="{c}">{escape(h)}</th>' for c, h in zip(css, header, strict=True))
    body = []
    for *cells, grey in rows:
        shown = [breakable(cells[0]), *(escape(str(c)) for c in cells[1:])]
        body.append(
            f'<tr{" class=dim" if grey else ""}>'
            + "".join(f'<td class="{c}">{text}</td>' for c, text in zip(css, shown, strict=True))
            + "</tr>"
        )
    html(f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table></div>')


@dataclass(frozen=True)
class Moved:
    """A column with how far it moves the prediction: a bar, in words, which way, and the score it is worth."""

    column: str
    share: float
    size: str
    way: str
    loss: str


def moved(entries: Sequence[Moved], *, losses: bool = True) -> None:
    """How far columns move the prediction, and which way; without the score they are worth where it is not known."""
    body = "".join(
        f'<tr><td class="name">{breakable(e.column)}</td><td class="line">{bar(e.share)}{escape(e.size)}</td>'
        f'<td class="wide">{escape(e.way)}</td>' + (f'<td class="r wide">{escape(e.loss)}</td></tr>' if losses else "</tr>")
        for e in entries
    )
    last = '<th class="r wide">Score lost</th>' if losses else ""
    html(
        '<table><thead><tr><th>Column</th><th>Moves it by</th><th class="wide">Which way</th>'
        f"{last}</tr></thead><tbody>{body}</tbody></table>"
    )


def reasons(entries: Sequence[tuple[str, str, float, str]], most: float) -> None:
    """What each column adds or takes, as bars from the middle: name, value, amount and the amount in words."""
    rows = []
    for name, value, amount, said in entries:
        width = 50 * min(abs(amount) / (most or 1.0), 1.0)
        side = "left:50%" if amount >= 0 else f"left:{50 - width:.1f}%"
        css = "up" if amount >= 0 else "down"
        rows.append(
            f'<div class="ft-why"><span class="name">{breakable(name)} <span class="dim">{escape(value)}</span></span>'
            f'<span class="track"><i class="{css}" style="{side};width:{width:.1f}%"></i></span>'
            f'<span class="r">{escape(said)}</span></div>'
        )
    html("".join(rows))


def figures(entries: Sequence[tuple[str, str]]) -> None:
    """A few figures side by side, each under its name."""
    html(
        '<div class="ft-figures">'
        + "".join(
            f'<div><div class="dim small">{escape(name)}</div><div class="mid">{escape(value)}</div></div>'
            for name, value in entries
        )
        + "</div>"
    )


def column_overview(columns: Sequence[Column], rows: int, charts: dict[str, dict[str, Any]]) -> None:
    """Every column: name, kind, missing share, distinct values, distribution."""
    body = []
    for c in columns:
        gap = (
            f"{bar(c.missing / max(rows, 1), 'gap')}{wording.percent(c.missing / max(rows, 1))}"
            if c.missing
            else '<span class="dim">none</span>'
        )
        body.append(
            f'<tr><td class="name first" title="{escape(c.name)}">{breakable(c.name)}</td>'
            f'<td class="line" title="{escape(c.reason)}"><span class="chip">{KIND_SIGN[c.kind]}</span>'
            f'<span class="wide">{escape(c.kind.word)}</span></td>'
            f'<td class="line">{gap}</td><td class="r wide">{wording.count(c.distinct)}</td>'
            f'<td class="wide">{_spark(charts.get(c.name), c)}</td></tr>'
        )
    html(
        '<table><thead><tr><th>Column</th><th>Kind</th><th>Missing</th><th class="r wide">Distinct</th>'
        f'<th class="wide">Distribution</th></tr></thead><tbody>{"".join(body)}</tbody></table>'
    )


def column_power(columns: Sequence[Any], power: dict[str, Any], help: str, chosen: str) -> None:
    """Columns (`insights.ColumnFacts`) with their kind, distribution and prediction power; the chosen one marked."""
    body = []
    for facts in columns:
        c = facts.column
        mark = ' class="on"' if c.name == chosen else ""
        known = power.get(c.name)
        cell = f"{bar(known.score)}{known.score:.2f}" if known else '<span class="dim">–</span>'
        last = f'<td class="line">{cell}</td>' if power else f'<td class="r">{wording.count(c.distinct)}</td>'
        body.append(
            f'<tr{mark}><td class="name first" title="{escape(c.name)}">{breakable(c.name, 40)}</td>'
            f'<td class="line" title="{escape(c.kind.word)}"><span class="chip">{KIND_SIGN[c.kind]}</span></td>'
            f'<td class="wide">{_small(facts.chart, c.name)}</td>{last}</tr>'
        )
    head = f'<th title="{escape(help)}">Power</th>' if power else '<th class="r">Distinct</th>'
    html(
        f'<div class="ft-long"><table><thead><tr><th>Column</th><th>Kind</th><th class="wide">Distribution</th>{head}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


def _small(chart: dict[str, Any], name: str) -> str:
    """A distribution as small bars, of any kind."""
    if not chart["counts"]:
        return ""
    return _histogram({"edges": chart.get("edges") or [chart["values"][0], chart["values"][-1]], "counts": chart["counts"][:20]}, name, 4)


def facts(entries: Sequence[tuple[str, str]]) -> None:
    """Names with figures, several on a line."""
    html(
        '<div class="ft-facts">'
        + "".join(f'<div><span class="dim small">{escape(name)}</span><br>{escape(value)}</div>' for name, value in entries)
        + "</div>"
    )


def _spark(chart: dict[str, Any] | None, column: Column) -> str:
    if column.kind is ColumnKind.IDENTIFIER:
        return '<span class="dim small">left out of models</span>'
    if not chart or not chart["counts"]:
        return '<span class="dim small">no values</span>'
    if chart["type"] == "histogram":
        return _histogram(chart, column.name)
    total = sum(chart["counts"]) + chart.get("other", 0) or 1
    if chart["counts"][0] / total < RARE:
        return f'<span class="dim small">{wording.count(column.distinct)} values, none frequent</span>'
    values = list(zip(chart["values"], chart["counts"], strict=True))
    shown = [f"{short(str(v), 18)} {wording.percent(n / total)}" for v, n in values[:3]]
    more = column.distinct - len(shown)
    tail = f", {wording.count(more)} more" if more > 0 else ""
    return f'<span class="dim small">{escape(", ".join(shown) + tail)}</span>'


def _histogram(chart: dict[str, Any], name: str, width: int = 8) -> str:
    top = max(chart["counts"]) or 1
    label = f"{_edge(chart['edges'][0], name)} to {_edge(chart['edges'][-1], name)}"
    bars = "".join(
        f'<i style="height:{max(1, round(25 * n / top)) if n else 0}px;width:{width}px"></i>' for n in chart["counts"]
    )
    return (
        f'<span class="spark" role="img" aria-label="{escape(label)}" title="{escape(label)}">{bars}</span>'
    )


def _edge(value: Any, name: str) -> str:
    return wording.value(value, name) if isinstance(value, int | float) else str(value)[:10]


def leaderboard(
    trials: Sequence[Trial],
    sign: int,
    label: str,
    *,
    scale: Sequence[Trial] = (),
    first_rank: int = 1,
    reasons: bool = False,
) -> None:
    """Candidates, best first; the reason where there is no score.

    Parameters
    ----------
    trials : sequence of Trial
        In the order to show.
    sign : int
        1 where more is better, else -1.
    label : str
        The metric's name.
    scale : sequence of Trial
        All candidates, when only some are shown: a score's bar means the same in every part.
    first_rank : int
        The rank of the first one.
    reasons : bool
        Show the state on a phone too.
    """
    scores = [sign * t.score for t in scale or trials if t.score is not None]
    low, high = (min(scores), max(scores)) if scores else (0.0, 1.0)
    state_css = "" if reasons else "wide"
    body, rank = [], first_rank - 1
    for t in trials:
        folds = ""
        if t.has_standing:
            rank += 1
            share = 0.12 + 0.88 * ((sign * t.score - low) / (high - low) if high > low else 1.0)
            score = f'<td class="line">{bar(share)}{wording.number(t.score)}</td><td class="r wide">{_std(t)}</td>'
            place, name = str(rank), "first" if rank == 1 else ""
            if t.reason:  # how many of the folds, or which rule stopped it
                why = t.reason.removeprefix(ON_FOLDS).partition(":")[0]
                folds = f' <span class="dim small line">{escape(short(why, 40))}</span>'
        else:
            reason = escape(short(t.reason, 200))  # over the ± column too, where there is one
            score = f'<td class="dim wide" colspan="2">{reason}</td><td class="dim narrow">{reason}</td>'
            place, name = "", "dim"
        fit = wording.duration(t.fit_seconds) if t.fit_seconds is not None else ""
        running = ' class="on"' if t.state is TrialState.RUNNING else ""
        body.append(
            f'<tr><td class="r">{place}</td><td class="{name}">{escape(t.candidate)}{folds}</td>{score}'
            f'<td class="r wide">{fit}</td><td class="r wide">{per_row(t.predict_ms_per_row)}</td>'
            f'<td class="{state_css}"><span{running}>{_state(t)}</span></td></tr>'
        )
    html(
        f'<table><thead><tr><th class="r">#</th><th>Candidate</th><th>{escape(label)}</th><th class="r wide">± std</th>'
        '<th class="r wide">Fit</th><th class="r wide">Per row</th>'
        f'<th class="{state_css}">State</th></tr></thead><tbody>{"".join(body)}</tbody></table>'
    )


def _state(trial: Trial) -> str:
    if trial.behind is not None and trial.behind[1] <= 0:
        return "tie with the first"  # by a paired bootstrap, see engine.doubt
    return STATE_WORD.get(trial.state, trial.state.value)


def _std(trial: Trial) -> str:
    return wording.number(trial.score_std, 2) if trial.score_std else ""


def per_row(milliseconds: float | None) -> str:
    """The time that one row takes.

    >>> per_row(0.234), per_row(0.00003), per_row(None)
    ('0.23 ms', 'under 0.01 ms', '')
    """
    if milliseconds is None:
        return ""
    if milliseconds < SMALLEST_MS:
        return f"under {SMALLEST_MS} ms"
    return f"{wording.number(milliseconds, 2)} ms"


def bars(entries: Sequence[tuple[str, float]], *, of: float = 1.0) -> None:
    """Names with shares as bars; `of` is what a full bar stands for."""
    amounts([(name, share, wording.percent(share)) for name, share in entries], of=of)


def amounts(entries: Sequence[tuple[str, float, str]], *, of: float) -> None:
    """Names with amounts as bars, each with how it is written; `of` is what a full bar stands for."""
    html(
        "".join(
            f'<div class="ft-row"><span class="name">{breakable(name)}</span>'
            f'<span class="track"><i style="width:{100 * max(0.0, min(amount / of, 1.0)):.1f}%"></i></span>'
            f'<span class="r">{escape(text)}</span></div>'
            for name, amount, text in entries
        )
    )
