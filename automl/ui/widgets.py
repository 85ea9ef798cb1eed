"""Pieces of a page that Streamlit has no widget for. The one place that writes HTML: all data is escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

import streamlit as st

from automl import wording
from automl.types import Finding, Severity

SHORTCODE = re.compile(r":(?=[\w+/-]+:)")
MARKUP = re.compile(r"[*`\[\]<>~$\\|]|--|(^|\W)_|_(\W|$)|:[\w/]|^([#+-]|\d+[.)])")
SHORT = 60  # characters of a name before it is cut


def html(text: str) -> None:
    """Write HTML whose data the caller has escaped; for this module and `ui.tables` only."""
    st.html(f'<div class="ft">{text}</div>')


def plain(text: str) -> str:
    """Text from data for places that read Markdown: nothing in it is markup any more.

    Icons and emoji (`:material/home:`, `:smile:`) are looked for after the escapes are gone, so their colon gets a
    word joiner, which nobody sees.
    """
    text = SHORTCODE.sub(":\u2060", text)
    for mark in "\\`*_{}[]()#+-.!|~<>$:":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())


def label(name: str, most: int = SHORT) -> str:
    """A name as the label of a control: escaped only where it would be read as Markdown.

    Streamlit hands a label as it is written to screen readers, so `day_minutes` must not become
    `day\\_minutes`.

    >>> label("day_minutes"), label("*day*")
    ('day_minutes', '\\\\*day\\\\*')
    """
    text = short(name, most)
    return plain(text) if MARKUP.search(text) else text


def short(text: str, most: int = SHORT) -> str:
    """A name on one line, cut where it gets long.

    >>> short("a  name"), short("abcdef", 4)
    ('a name', 'abc…')
    """
    text = " ".join(str(text).split())
    return wording.isolated(text if len(text) <= most else text[: most - 1] + "…")


def breakable(name: str, most: int = SHORT) -> str:
    """A name as HTML that may break where its words end.

    >>> breakable("day_minutes")
    'day_<wbr>minutes'
    """
    text = escape(short(name, most))
    for mark in ("_", ".", "/"):
        text = text.replace(mark, f"{mark}<wbr>")
    return text


def bar(share: float | None, css: str = "") -> str:
    """A small bar as HTML, for cells."""
    width = 0 if share is None else max(0.0, min(1.0, share)) * 100
    return f'<span class="bar {css}"><i style="width:{width:.1f}%"></i></span>'


def big_number(label: str, value: str, detail: str = "") -> None:
    """A card's figure: label, number, what it refers to."""
    html(
        f'<div class="dim small">{escape(label)}</div><div><span class="big">{escape(value)}</span>'
        f'<span class="dim">{escape(detail)}</span></div>'
    )


def muted(text: str, help: str = "") -> None:
    """A quiet line of text."""
    title = f' title="{escape(help)}"' if help else ""
    html(f'<span class="dim"{title}>{escape(text)}</span>')


def said(what: str, why: str) -> None:
    """A conclusion and its reason."""
    html(f'<b>{escape(what)}</b> <span class="dim">· {escape(why)}</span>')


def quiet_lines(*lines: str) -> None:
    """Quiet lines under each other."""
    html("".join(f'<div class="dim small">{escape(line)}</div>' for line in lines))


def group(name: str) -> None:
    """The title of a group of links."""
    html(
        f'<div class="dim" style="font-size:.74rem;font-weight:650;letter-spacing:.06em;padding:.5rem .7rem .3rem">'
        f"{escape(name.upper())}</div>"
    )


def bullets(lines: Sequence[str]) -> None:
    """Sentences under each other."""
    html("<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>")


def title(text: str) -> None:
    """The heading of a page."""
    st.title(plain(short(text, 80)), anchor=False, width="content")


def card_title(text: str) -> None:
    """The heading of a card."""
    st.markdown(f"**{plain(text)}**")


def download_link(label: str, detail: str, address: str, name: str, *, primary: bool = False) -> None:
    """A link to a file of ours that looks like a button; `address` is made by us."""
    css = "ft-download primary" if primary else "ft-download"
    html(
        f'<a class="{css}" href="{escape(address)}" download="{escape(name)}">{escape(label)}'
        f'<span class="dim"> · {escape(detail)}</span></a>'
    )


def empty(title: str, text: str) -> None:
    """What will be here, before anything is."""
    html(
        f'<div style="padding:.3rem 0"><b>{escape(title)}</b><br><span class="dim">{escape(text)}</span></div>'
    )


def finding(found: Finding) -> None:
    """Advice: how urgent it is, a title, the number in a sentence."""
    css = {Severity.HIGH: "high", Severity.WARNING: "warning", Severity.INFO: "info"}[found.severity]
    word = {Severity.HIGH: "Important", Severity.WARNING: "Worth a look", Severity.INFO: "Good to know"}[
        found.severity
    ]
    html(
        f'<div class="ft-finding {css}"><span class="dim small">{word}</span><b>{escape(found.title)}</b>'
        f"{escape(found.message)}</div>"
    )


def hint(text: str) -> None:
    """A quiet remark that deserves a look."""
    html(f'<div class="ft-finding warning">{escape(text)}</div>')


def done(text: str) -> None:
    """Something that was changed on the user's word."""
    html(f'<span class="ft-done" aria-hidden="true">✓</span> {escape(text)}')


def scale(low: float, value: float, high: float, baseline: float, labels: tuple[str, str]) -> None:
    """A score with its interval beside the baseline, on one line; labels of the baseline and the score."""
    ends = [low, high, value, baseline]
    span = (max(ends) - min(ends)) or 1.0
    left, width = min(ends) - span * 0.25, span * 1.5

    def at(x: float) -> float:
        return 100 * (x - left) / width

    close = abs(at(value) - at(baseline)) < 22  # their labels would overlap
    lift = ' style="left:{:.1f}%;top:{}"'
    html(
        '<div class="ft-scale" role="img" aria-label="'
        + escape(f"{labels[0]}, {labels[1]}")
        + f'"><div class="track"></div><div class="range" style="left:{at(low):.1f}%;width:{at(high) - at(low):.1f}%"></div>'
        f'<div class="dot" style="left:{at(value):.1f}%"></div><div class="tick" style="left:{at(baseline):.1f}%"></div>'
        f"<span{lift.format(at(baseline), '2.6rem' if close else '1.7rem')} class='dim'>{escape(labels[0])}</span>"
        f"<span{lift.format(at(value), '1.7rem')}><b>{escape(labels[1])}</b></span></div>"
    )
