"""Pieces of a page that Streamlit has no widget for. The one place that writes HTML: all data is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import streamlit as st

from automl import wording
from automl.types import Finding, Severity, Trial, TrialState

KIND_ICON = {
    "numeric": "123",
    "categorical": "abc",
    "boolean": "y/n",
    "datetime": "date",
    "text": "text",
    "identifier": "id",
}

STYLE = """
<style>
.block-container{max-width:1200px;padding-top:2.6rem;padding-bottom:4rem}
:root{--ft-line:color-mix(in srgb,currentColor 14%,transparent)}
.ft{--line:color-mix(in srgb,currentColor 14%,transparent);--soft:color-mix(in srgb,currentColor 8%,transparent);
  --dim:color-mix(in srgb,currentColor 68%,transparent);--accent:#4a63dd;font-size:.93rem;line-height:1.45}
.ft table{width:100%;border-collapse:collapse}
.ft th{font-weight:600;color:var(--dim);font-size:.82rem;text-align:left;padding:.45rem .6rem;border:0;
  border-bottom:1px solid var(--line);white-space:nowrap}
.ft td{padding:.55rem .6rem;border:0;border-bottom:1px solid var(--line);vertical-align:middle}
.ft tr:last-child td{border-bottom:0}
.ft .r{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.ft .dim{color:var(--dim)}
.ft .small{font-size:.84rem}
.ft .name{overflow-wrap:anywhere;font-weight:550}
.ft .bar{display:inline-block;vertical-align:middle;width:92px;height:7px;border-radius:4px;background:var(--soft);
  overflow:hidden;margin-right:.5rem}
.ft .bar i{display:block;height:100%;background:var(--accent);border-radius:4px}
.ft .bar.gap i{background:color-mix(in srgb,currentColor 42%,transparent)}
.ft .chip{display:inline-block;min-width:2.6rem;text-align:center;padding:.05rem .35rem;margin-right:.45rem;
  border-radius:5px;background:var(--soft);color:var(--dim);font-size:.72rem;font-weight:600}
.ft svg .col{fill:color-mix(in srgb,currentColor 36%,transparent)}
.ft .big{font-size:1.85rem;font-weight:700;line-height:1.2;margin-right:.5rem}
.ft .scroll{overflow-x:auto}
.ft-finding{border-left:4px solid #8b95a7;padding:.15rem 0 .15rem .8rem;margin:.35rem 0 .8rem}
.ft-finding.warning{border-color:#b4690e}.ft-finding.high{border-color:#b3261e}
.ft-finding b{display:block}
.ft-row{display:grid;grid-template-columns:minmax(9rem,15rem) 1fr 4.2rem;gap:.8rem;align-items:center;
  padding:.42rem 0;border-bottom:1px solid color-mix(in srgb,currentColor 12%,transparent)}
.ft-row:last-child{border-bottom:0}
.ft-row .track{height:9px;border-radius:5px;background:color-mix(in srgb,currentColor 8%,transparent)}
.ft-row .track i{display:block;height:100%;border-radius:5px;background:#4a63dd}
.ft-scale{position:relative;height:3.4rem;margin:.9rem .4rem 0}
.ft-scale .line{position:absolute;left:0;right:0;top:.55rem;height:.4rem;border-radius:4px;
  background:color-mix(in srgb,currentColor 12%,transparent)}
.ft-scale .range{position:absolute;top:.55rem;height:.4rem;background:#4a63dd;border-radius:4px}
.ft-scale .dot{position:absolute;top:.3rem;width:.9rem;height:.9rem;margin-left:-.45rem;border-radius:50%;background:#4a63dd}
.ft-scale .tick{position:absolute;top:.2rem;width:2px;height:1.1rem;background:currentColor;opacity:.6}
.ft-scale span{position:absolute;top:1.7rem;transform:translateX(-50%);white-space:nowrap;font-size:.82rem}
.ft-steps a{text-decoration:none}
@media (max-width:640px){
  .ft .wide{display:none}
  .ft td,.ft th{padding:.45rem .35rem}
  .block-container{padding-left:1rem;padding-right:1rem}
  .ft .bar{width:52px}
  .ft-row{grid-template-columns:7.5rem 1fr 3.4rem;gap:.5rem}
}
</style>
"""


def style() -> None:
    """The few rules beyond the theme; once a page."""
    st.html(STYLE)


def _html(text: str) -> None:
    st.html(f'<div class="ft">{text}</div>')


def bar(share: float | None, css: str = "") -> str:
    width = 0 if share is None else max(0.0, min(1.0, share)) * 100
    return f'<span class="bar {css}"><i style="width:{width:.1f}%"></i></span>'


def big_number(label: str, value: str, detail: str = "") -> None:
    """A card's figure: label, number, what it refers to."""
    _html(
        f'<div class="dim small">{escape(label)}</div><div><span class="big">{escape(value)}</span>'
        f'<span class="dim">{escape(detail)}</span></div>'
    )


def muted(text: str) -> None:
    """A quiet line of text."""
    _html(f'<span class="dim">{escape(text)}</span>')


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
    _html(f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>')


def column_overview(columns: Sequence[Any], rows: int, charts: dict[str, dict[str, Any]]) -> None:
    """Every column: name, kind, missing share, distinct values, distribution."""
    body = []
    for c in columns:
        share = c.missing / rows if rows else 0.0
        gap = f"{bar(share, 'gap')}{wording.percent(share)}" if c.missing else '<span class="dim">none</span>'
        body.append(
            f'<tr><td class="name">{escape(_short(c.name))}</td>'
            f'<td title="{escape(c.reason)}"><span class="chip">{KIND_ICON[c.kind.value]}</span>'
            f'<span class="wide">{escape(c.kind.word)}</span></td>'
            f'<td>{gap}</td><td class="r wide">{wording.count(c.distinct)}</td>'
            f'<td class="wide">{_spark(charts.get(c.name))}</td></tr>'
        )
    _html(
        '<table><thead><tr><th>Column</th><th>Kind</th><th>Missing</th><th class="r wide">Distinct</th>'
        f'<th class="wide">Distribution</th></tr></thead><tbody>{"".join(body)}</tbody></table>'
    )


def _spark(chart: dict[str, Any] | None) -> str:
    if not chart:
        return ""
    if chart["type"] == "histogram":
        counts = chart["counts"]
        top = max(counts, default=0) or 1
        width = 8
        cols = "".join(
            f'<rect class="col" x="{i * (width + 1)}" y="{26 - max(1, round(25 * n / top)) if n else 26}" '
            f'width="{width}" height="{max(1, round(25 * n / top)) if n else 0}"/>'
            for i, n in enumerate(counts)
        )
        label = f"{_edge(chart['edges'][0])} to {_edge(chart['edges'][-1])}" if chart.get("edges") else ""
        return (
            f'<svg width="{len(counts) * (width + 1)}" height="26" role="img" aria-label="{escape(label)}">'
            f"<title>{escape(label)}</title>{cols}</svg>"
        )
    total = sum(chart["counts"]) + chart.get("other", 0) or 1
    shown = [
        f"{_short(str(v), 18)} {n / total:.0%}"
        for v, n in zip(chart["values"][:3], chart["counts"][:3], strict=False)
    ]
    more = len(chart["values"]) - 3
    tail = f", {more} more" if more > 0 else ""
    return f'<span class="dim small">{escape(", ".join(shown) + tail)}</span>'


def _edge(value: Any) -> str:
    return wording.number(value) if isinstance(value, int | float) else str(value)[:10]


def leaderboard(trials: Sequence[Trial], sign: int, label: str, *, reasons: bool = False) -> None:
    """Every candidate, best first; the reason where there is no score."""
    scores = [sign * t.score for t in trials if t.score is not None]
    low, high = (min(scores), max(scores)) if scores else (0.0, 1.0)
    body, rank = [], 0
    for t in trials:
        done = t.state is TrialState.COMPLETED
        rank += done
        if done:
            share = 0.12 + 0.88 * ((sign * t.score - low) / (high - low) if high > low else 1.0)
            score = f"{bar(share)}{wording.number(t.score)}"
            std = f"± {wording.number(t.score_std, 2)}" if t.score_std is not None else ""
        else:
            score, std = f'<span class="dim">{escape(_short(t.reason, 160))}</span>', ""
        each = f"{wording.number(t.predict_ms_per_row, 2)} ms" if t.predict_ms_per_row is not None else ""
        fit = wording.duration(t.fit_seconds) if t.fit_seconds is not None else ""
        dim = "" if done else ' class="dim"'
        body.append(
            f'<tr><td class="r">{rank if done else ""}</td><td{dim}><span class="name">{escape(t.candidate)}</span></td>'
            f'<td>{score}</td><td class="r wide">{std}</td><td class="r wide">{fit}</td><td class="r wide">{each}</td>'
            f'<td class="{"" if reasons else "wide"}">{escape(str(t.state.value))}</td></tr>'
        )
    _html(
        f'<table><thead><tr><th class="r">#</th><th>Candidate</th><th>{escape(label)}</th><th class="r wide">± std</th>'
        '<th class="r wide">Fit</th><th class="r wide">Per row</th>'
        f'<th class="{"" if reasons else "wide"}">State</th></tr></thead><tbody>{"".join(body)}</tbody></table>'
    )


def impact(entries: Sequence[dict[str, Any]]) -> None:
    """Column impact as bars, largest first."""
    top = max((e["impact"] for e in entries), default=0) or 1
    rows = "".join(
        f'<div class="ft-row"><span class="name">{escape(_short(e["column"]))}</span>'
        f'<span class="track"><i style="width:{100 * e["impact"] / top:.1f}%"></i></span>'
        f'<span class="r">{wording.percent(e["impact"])}</span></div>'
        for e in entries
    )
    _html(rows)


def scale(low: float, value: float, high: float, baseline: float, labels: tuple[str, str]) -> None:
    """A score with its interval beside the baseline, on one line."""
    ends = [low, high, value, baseline]
    span = (max(ends) - min(ends)) or 1.0
    left, width = min(ends) - span * 0.25, span * 1.5

    def at(x: float) -> float:
        return 100 * (x - left) / width

    close = abs(at(value) - at(baseline)) < 22
    lift = ' style="left:{:.1f}%;top:{}"'
    _html(
        '<div class="ft-scale" role="img" aria-label="'
        + escape(f"{labels[0]}, {labels[1]}")
        + f'"><div class="line"></div><div class="range" style="left:{at(low):.1f}%;width:{at(high) - at(low):.1f}%"></div>'
        f'<div class="dot" style="left:{at(value):.1f}%"></div><div class="tick" style="left:{at(baseline):.1f}%"></div>'
        f"<span{lift.format(at(baseline), '2.6rem' if close else '1.7rem')} class='dim'>{escape(labels[0])}</span>"
        f"<span{lift.format(at(value), '1.7rem')}><b>{escape(labels[1])}</b></span></div>"
    )


def finding(found: Finding) -> None:
    """Advice: a title, the number in a sentence."""
    css = {Severity.HIGH: "high", Severity.WARNING: "warning", Severity.INFO: "info"}[found.severity]
    word = {Severity.HIGH: "Important", Severity.WARNING: "Worth a look", Severity.INFO: "Good to know"}[
        found.severity
    ]
    _html(
        f'<div class="ft-finding {css}"><span class="dim small">{word}</span><b>{escape(found.title)}</b>'
        f"{escape(found.message)}</div>"
    )


def probabilities(entries: Sequence[tuple[str, float]]) -> None:
    """The likelihood of each class as bars."""
    rows = "".join(
        f'<div class="ft-row"><span class="name">{escape(_short(name))}</span>'
        f'<span class="track"><i style="width:{100 * p:.1f}%"></i></span><span class="r">{wording.percent(p)}</span></div>'
        for name, p in entries
    )
    _html(rows)


def empty(title: str, text: str) -> None:
    """What will be here, before anything is."""
    _html(
        f'<div style="padding:.6rem 0"><b>{escape(title)}</b><br><span class="dim">{escape(text)}</span></div>'
    )


def plain(text: str) -> str:
    """Text from data for places that read Markdown: nothing in it is markup any more."""
    for mark in "\\`*_{}[]()#+-.!|~<>$:":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())


def _short(text: str, most: int = 60) -> str:
    text = " ".join(str(text).split())
    return text if len(text) <= most else text[: most - 1] + "…"


short = _short
