from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from automl.types import Finding, Severity
from automl.ui import widgets

HOSTILE = "<img src=x onerror=alert(1)>"


def drawn(function, *args, **options) -> str:
    """The HTML that a function writes."""

    def script(function, args, options):
        function(*args, **options)

    app = AppTest.from_function(script, args=(function, args, options)).run()
    assert not app.exception
    return "".join(e.proto.body for e in app.get("html"))


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (widgets.big_number, (HOSTILE, HOSTILE, HOSTILE)),
        (widgets.muted, (HOSTILE, HOSTILE)),
        (widgets.said, (HOSTILE, HOSTILE)),
        (widgets.quiet_lines, (HOSTILE, HOSTILE)),
        (widgets.bullets, ([HOSTILE],)),
        (widgets.group, (HOSTILE,)),
        (widgets.empty, (HOSTILE, HOSTILE)),
        (widgets.scale, (0.1, 0.2, 0.3, 0.1, (HOSTILE, HOSTILE))),
        (widgets.finding, (Finding("c", Severity.HIGH, HOSTILE, HOSTILE),)),
    ],
)
def test_data_is_never_markup(function, args) -> None:
    body = drawn(function, *args)
    assert "<img" not in body.lower()
    assert "img src=x" in body.lower()


@pytest.mark.parametrize(
    "text", ["*a*", "_a_", "`a`", "[a](b)", "# a", "- a", "1. a", ":red[a]", "$a$", "~a~", "<b>", ":smile:"]
)
def test_plain_takes_away_what_markdown_would_read(text) -> None:
    made = widgets.plain(text)
    assert made.replace("\\", "").replace("\u2060", "") == text
    assert made != text


@pytest.mark.parametrize(
    "name", ["day_minutes", "Umsatz (EUR)", "a.b", "Total + tax", "x-y", "price 12%", "Größe", "customer id"]
)
def test_a_label_stays_what_it_is_for_screen_readers(name) -> None:
    assert widgets.label(name) == name


@pytest.mark.parametrize(
    "name", ["*bold*", "_it_", "[a](b)", ":material/home:", "<b>", "$x$", "# one", "a--b"]
)
def test_a_label_that_would_be_markup_is_escaped(name) -> None:
    assert widgets.label(name) == widgets.plain(name)


def test_long_names_are_cut_and_can_break() -> None:
    assert len(widgets.short("n" * 300)) == widgets.SHORT
    assert widgets.breakable("a_b<c") == "a_<wbr>b&lt;c"


def test_a_bar_stays_within_its_track() -> None:
    assert "width:100.0%" in widgets.bar(7.0)
    assert "width:0.0%" in widgets.bar(-1.0)
    assert "width:0.0%" in widgets.bar(None)


def test_labels_of_a_scale_that_are_close_stand_under_each_other() -> None:
    far = drawn(widgets.scale, 0.94, 0.95, 0.96, 0.5, ("guessing", "model"))
    near = drawn(widgets.scale, 0.5, 0.9, 1.0, 0.85, ("guessing", "model"))
    assert "top:2.6rem" not in far
    assert "top:2.6rem" in near


@pytest.mark.parametrize("text", [":material/delete:", ":smile:", "a :red[b] :streamlit: c:d:e"])
def test_no_name_is_an_icon(text) -> None:
    for written in (widgets.plain(text), widgets.label(text)):
        assert ":material/" not in written  # looked for before the escapes are
        shown = re.sub(r"\\(.)", r"\1", written)
        assert shown.replace("\u2060", "") == text
        assert not re.search(r":[\w+/-]+:", shown)


def test_a_name_from_right_to_left_keeps_its_direction_to_itself() -> None:
    assert widgets.short("\u05e2\u05d1") == "\u2068\u05e2\u05d1\u2069"
    assert widgets.short("\u202eevil\u202c \u00e9t\u00e9") == "evil \u00e9t\u00e9"
