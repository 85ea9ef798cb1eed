"""A large text file before it is read: turned into UTF-8, and a sample of its lines from all over it."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from automl.data import fixed, marks, sniff
from automl.data.encoding import WINDOWS, decode, windows_counted
from automl.data.fixed import Fixed
from automl.data.mend import IN_BRACKETS, mend
from automl.errors import DataError

BLOCK_BYTES = 16 << 20
HEAD_BYTES = 1 << 20
LEAST_VALUES, MOST_HEAD = 0.02, 64 << 20  # share of the head that is in cells, else it is read on, down to so many bytes
PIECES, PIECE_BYTES = 64, 64 << 10  # the sample beyond the head


@dataclass(frozen=True)
class Survey:
    """The file as UTF-8, and a sample of its lines."""

    path: Path
    encoding: str
    errors: str
    garbled: int
    skip: int  # bytes of a byte order mark
    size: int
    head: bytes
    pieces: tuple[bytes, ...]
    starts: tuple[int, ...]  # where each piece begins in the file
    lined_up: Fixed | None = None  # cells were lined up with spaces, and are separated by commas now
    mark: str = ""  # what separated cells where another character does now, which is `cut`
    cut: str = ""
    mended: str = ""


def take(path: Path, name: str, options: dict[str, Any], folder: Path) -> Survey:
    """Look at a text file.

    Parameters
    ----------
    path : Path
    name : str
        What to call the file in sentences.
    options : dict
        As for `data.read.read_table`.
    folder : Path
        Where the file is written anew where it is no UTF-8, or its cells are not separated by one character.

    Raises
    ------
    DataError
        It can't be read with the encoding that was chosen.
    """
    with path.open("rb") as file:
        first = file.read(HEAD_BYTES)
    encoding = options.get("encoding") or _encoding(first)
    skip = 3 if first.startswith(b"\xef\xbb\xbf") else 0
    errors, garbled = options.get("encoding_errors") or "strict", 0
    if encoding not in ("utf-8", "utf-8-sig") or errors != "strict":
        errors, garbled = _transcode(path, folder / "utf8", encoding, errors, name, chosen="encoding" in options)
        path, skip = folder / "utf8", 0
    elif (at := _first_broken(path)) is not None:
        if "encoding" in options and "sampled" not in options:
            raise DataError(f"'{name}' can't be read with the encoding '{encoding}'. Leave the choice open.")
        encoding, errors = _what_breaks(path, at, name)
        errors, garbled = _transcode(path, folder / "utf8", encoding, errors, name)
        path, skip = folder / "utf8", 0
    encoding = "utf-8-sig" if skip else encoding
    if _has_old_line_ends(path):
        _with_line_ends(path, folder / "lines")
        path = folder / "lines"
    lined_up = _lined_up(path, options)
    if lined_up:
        _separated(path, folder / "cells", lined_up)
        path, skip = folder / "cells", 0
    mark, cut, mended = ("", "", "") if lined_up else _other_mark(path, options)
    if cut:
        _with_one_mark(path, folder / "marks", mark, mended)
        path, skip = folder / "marks", 0
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)[skip:]
        while len(head.translate(None, sniff.NOTHING + b'"')) < LEAST_VALUES * HEAD_BYTES and len(head) < MOST_HEAD and (more := file.read(HEAD_BYTES)):
            head += more  # mostly empty rows
        pieces: dict[int, bytes] = {}
        for start in np.linspace(len(head), max(size - PIECE_BYTES, len(head)), PIECES).astype(int):
            file.seek(int(start))
            piece = file.read(PIECE_BYTES)
            begin = piece.find(b"\n") + 1
            if whole := piece[begin : piece.rfind(b"\n") + 1]:
                pieces[int(start) + begin] = whole
    if size > len(head) + skip:
        head = head[: head.rfind(b"\n") + 1]
        if not head:
            raise DataError(f"'{name}' has no line end in its first {HEAD_BYTES >> 20:,} MB, so it is hardly a table. Check how it was exported.")
    return Survey(path, encoding, errors, garbled, skip, size, head, tuple(pieces.values()), tuple(pieces), lined_up, mark, cut, mended)


def _has_old_line_ends(path: Path) -> bool:
    """Whether lines end as on a Mac before 2001."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return b"\r" in head and b"\n" not in head


def _with_line_ends(path: Path, out: Path) -> None:
    with path.open("rb") as source, out.open("wb") as target:
        while block := source.read(BLOCK_BYTES):
            target.write(block.replace(b"\r", b"\n"))


def _lined_up(path: Path, options: dict[str, Any]) -> Fixed | None:
    """How the columns of a text are lined up with spaces, if they are."""
    if options.get("delimiter") not in (None, fixed.FIXED):
        return None
    if options.get("lined_up"):
        return Fixed.of(options["lined_up"])
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES).removeprefix(b"\xef\xbb\xbf")
    if options.get("delimiter") == fixed.FIXED or sniff.sniff_delimiter(head) == fixed.FIXED:
        return fixed.find(sniff.sample_lines(head))
    return None


def _other_mark(path: Path, options: dict[str, Any]) -> tuple[str, str, str]:
    """What separates cells where that has to become one character first, that character, and how the text is mended; else nothing."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES).removeprefix(b"\xef\xbb\xbf")
    mark = options.get("delimiter") or sniff.sniff_delimiter(head)
    if mark == sniff.SPACES:
        return mark, " ", "brackets" if options.get("mended") == "brackets" or IN_BRACKETS.search(head) else ""
    return (mark, marks.CUT, "") if marks.is_long(mark) and mark.encode() in head else ("", "", "")


def _with_one_mark(path: Path, out: Path, mark: str, mended: str) -> None:
    """Write a text with one character for each long mark, or one space for several, a line for each."""
    with path.open("rb") as source, out.open("wb") as target:
        if source.read(3) != b"\xef\xbb\xbf":
            source.seek(0)
        while block := source.read(BLOCK_BYTES) + source.readline():
            if mark == sniff.SPACES:
                target.write(sniff.one_space(mend(block, mended, mark)))
            else:
                target.write(marks.as_one(block, mark))


def _separated(path: Path, out: Path, lined_up: Fixed) -> None:
    """Write a text whose columns are lined up as one with commas, a line for each."""
    top = lined_up.top
    with path.open("rb") as source, out.open("wb") as target:
        if source.read(3) != b"\xef\xbb\xbf":
            source.seek(0)
        while block := source.read(BLOCK_BYTES) + source.readline():
            target.write(fixed.fixed_cells(block.decode(), list(lined_up.gaps), top).encode())
            top = 0


def _encoding(first: bytes) -> str:
    """UTF-8 until shown otherwise; UTF-16 by its mark or its zeros."""
    from automl.data.formats import is_utf16

    return is_utf16(first[:4096]) or "utf-8"


def _first_broken(path: Path) -> int | None:
    """Where the file stops being UTF-8."""
    decoder, at, room = codecs.getincrementaldecoder("utf-8")(), 0, bytearray(BLOCK_BYTES)
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(room):
            block = room if size == len(room) else room[:size]
            if not block.isascii() or decoder.getstate()[0]:
                try:
                    decoder.decode(block)
                except UnicodeDecodeError as e:
                    return at + e.start
            at += size
    return at - 1 if decoder.getstate()[0] else None


def _what_breaks(path: Path, at: int, name: str) -> tuple[str, str]:
    """The encoding of a file that is no UTF-8, judged by lines around where it breaks."""
    with path.open("rb") as file:
        file.seek(max(at - (1 << 20), 0))
        around = file.read(4 << 20)
    around = around[around.find(b"\n") + 1 : around.rfind(b"\n") + 1] or around
    found = decode(around, name)
    return found.encoding, found.errors


def _transcode(path: Path, out: Path, encoding: str, errors: str, name: str, chosen: bool = False) -> tuple[str, int]:
    """Write the file as UTF-8; returns how errors were dealt with, and characters that became U+FFFD."""
    garbled, (counted, broken) = 0, windows_counted()
    try:
        decoder = codecs.getincrementaldecoder(encoding)(counted if errors == WINDOWS else errors)
        with path.open("rb") as source, out.open("wb") as target:
            while block := source.read(BLOCK_BYTES):
                text = decoder.decode(block)
                garbled += text.count("\ufffd") if errors == "replace" else 0
                target.write(text.encode())
            text = decoder.decode(b"", True)
            target.write(text.encode())
    except (UnicodeError, LookupError) as e:
        if errors == "strict" and isinstance(e, UnicodeError) and not chosen:
            return _transcode(path, out, encoding, "replace", name)
        raise DataError(
            f"'{name}' can't be read with the encoding '{encoding}'. Leave the choice open."
        ) from e
    return errors, garbled + len(broken)
