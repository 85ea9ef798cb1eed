"""The controls of how a file is read: one for each choice, beginning as it was decided."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import streamlit as st

from automl.data.fixed import FIXED
from automl.data.sniff import DELIMITER_WORDS, SPACES
from automl.ui import widgets

AUTOMATIC = "Automatic"
MOST_SKIPPED = 100_000

DELIMITERS = (",", ";", "\t", "|", SPACES, FIXED, "~", "^", ":")
ENCODINGS = {
    "utf-8": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252 · Western Europe",
    "latin-1": "Latin-1 · Western Europe", "cp1250": "Windows-1250 · Central Europe", "cp1251": "Windows-1251 · Cyrillic",
    "cp1253": "Windows-1253 · Greek", "cp1254": "Windows-1254 · Turkish", "koi8_r": "KOI8-R · Russian",
    "shift_jis": "Shift-JIS · Japanese", "gb18030": "GB 18030 · Chinese", "euc_kr": "EUC-KR · Korean",
}  # fmt: skip
HEADERS = {True: "The first row holds names", False: "The first row holds values"}
QUOTING = {True: "They enclose values", False: "They are part of values"}
TOTALS = {"aside": "Are set aside", "kept": "Stay a row"}
SUBTOTALS = {"aside": "Are set aside", "kept": "Stay rows"}
BLANK_ROWS = {"aside": "Are left out", "kept": "Stay rows"}
NAMELESS = {"first": "The first ones", "last": "The last ones"}
COMMENTS = {"aside": "Are set aside", "kept": "Stay rows"}
UNDER_NAMES = {"aside": "Are no values", "kept": "Are values like others"}
AS_WRITTEN = {True: "Stay as they are written"}
BAD_ROWS = {"aside": "Are set aside, however many"}
DECIMALS = {".": "Decimal point (1,234.5)", ",": "Decimal comma (1.234,5)"}
ORDERS = {True: "Day first (31/01/2024)", False: "Month first (01/31/2024)"}
PARTS = {"sheet": "Sheet", "member": "File in the archive"}


class Choices:
    """Draws controls in rows of three; `made` is what is chosen, automatic choices left out.

    Parameters
    ----------
    key : str
        The end of the widgets' keys: of a file, so that no control remembers another one.
    now : mapping
        What was chosen before.
    found : mapping
        What was decided where nothing was chosen; shown beside "Automatic".
    """

    def __init__(self, key: str, now: Mapping[str, Any], found: Mapping[str, Any]) -> None:
        self.key, self.now, self.found = key, now, found
        self.made: dict[str, Any] = {}
        self._row: list[Any] = []

    def pick(self, key: str, label: str, values: Sequence[Any], word: Callable[[Any], str], help: str) -> None:
        """One of several values, or the automatic one."""
        automatic = AUTOMATIC
        if key not in self.now and self.found.get(key) is not None:
            automatic = f"{AUTOMATIC} · {word(self.found[key])}"
        known = [AUTOMATIC, *values]
        if key in self.now and self.now[key] not in known:
            known.append(self.now[key])
        with self._place():
            value = st.selectbox(
                label, known, index=known.index(self.now.get(key, AUTOMATIC)), key=f"read-{key}-{self.key}",
                format_func=lambda v: automatic if v == AUTOMATIC else word(v), help=help,
            )  # fmt: skip
        if value != AUTOMATIC:
            self.made[key] = value

    def count(self, key: str, label: str, help: str) -> None:
        """A whole number, 0 for nothing."""
        with self._place():
            value = st.number_input(
                label, 0, MOST_SKIPPED, int(self.now.get(key) or 0), step=1, key=f"read-{key}-{self.key}", help=help
            )
        if value:
            self.made[key] = int(value)

    def _place(self) -> Any:
        if not self._row:
            self._row = list(st.columns(3))
        return self._row.pop(0)


def of_file(
    choices: Choices, format: str, parts: Mapping[str, Sequence[str]], noted: Collection[str], *, everything: bool = False
) -> None:
    """All controls that a file of this format has.

    Parameters
    ----------
    choices : Choices
    format : str
        csv, excel, json or parquet.
    parts : mapping
        Sheets and files inside, where there are several (see `data.again.parts`).
    noted : collection of str
        Codes of what was found in the file; some controls are there only where it was.
    everything : bool
        Draw these too, for a file that could not be read at all.
    """

    def there(key: str, code: str = "") -> bool:
        return everything or key in choices.now or (code or key) in noted

    for key, names in parts.items():
        choices.pick(key, PARTS[key], names, lambda v: widgets.short(str(v), 40), "Which one holds the table.")
    if format == "csv":
        choices.pick("delimiter", "Between the cells", DELIMITERS, delimiter_word, "What separates one cell from the next.")
        choices.pick("encoding", "Encoding", list(ENCODINGS), encoding_word, "How letters such as é or ш are stored in the file.")
        choices.pick("quoting", "Quotation marks", [True, False], QUOTING.__getitem__, 'What "…" around or in a value means.')
    if format in ("csv", "excel"):
        choices.pick("header", "Names", [True, False], HEADERS.__getitem__, "Whether the columns' names are in the file.")
        choices.count("skip", "Lines to leave out at the top", "Titles and remarks above the names that were taken for rows.")
    if format in ("csv", "excel") and there("bad_rows"):
        choices.pick("bad_rows", "Rows that do not fit", ["aside"], BAD_ROWS.__getitem__, "Rows with too few or too many cells. Automatic: set aside while most rows fit.")
    if there("total_row") and not everything:
        choices.pick("total_row", "Totals at the foot", ["aside", "kept"], TOTALS.__getitem__, "A last row that sums up those above.")
    if there("subtotals") and not everything:
        choices.pick("subtotals", "Subtotals", ["aside", "kept"], SUBTOTALS.__getitem__, "Rows that sum up those above them.")
    if there("blank_rows", "empty_rows") and not everything:
        choices.pick("blank_rows", "Rows without any value", ["aside", "kept"], BLANK_ROWS.__getitem__, "At the foot of the table or within it.")
    if there("nameless") and format in ("csv", "excel"):
        choices.pick("nameless", "Columns without a name", ["first", "last"], NAMELESS.__getitem__, "Where rows have more cells than there are names.")
    if there("comments") and format in ("csv", "excel"):
        choices.pick("comments", "Lines with a number sign", ["aside", "kept"], COMMENTS.__getitem__, "Comments between the rows, or a sign before the names.")
    if there("under_names") and not everything:
        choices.pick("under_names", "Rows under the names", ["aside", "kept"], UNDER_NAMES.__getitem__, "Units, kinds, descriptions or further names.")
    if there("as_written") and format == "csv":
        choices.pick("as_written", "Quotes and escapes in cells", [True], AS_WRITTEN.__getitem__, "Marks within cells that were read in a way of their own.")
    choices.pick("decimal", "Decimal mark", [".", ","], DECIMALS.__getitem__, "For the whole file; one column can differ, below." if not everything else "For the whole file.")
    choices.pick("day_first", "Dates such as 03/04/2024", [True, False], ORDERS.__getitem__, "Which comes first, day or month.")


def delimiter_word(mark: str) -> str:
    """A separator in words."""
    word = DELIMITER_WORDS.get(mark, mark).capitalize()
    return f"{word} ( {mark} )" if len(mark) == 1 and mark.isprintable() else word


def encoding_word(name: str) -> str:
    """An encoding in words."""
    return ENCODINGS.get(name, {"utf-8-sig": "UTF-8 with a mark"}.get(name, name.upper()))
