"""JSON: lines of objects, a list of objects, or an object that holds such a list or columns."""

from __future__ import annotations

import json
import re

import pandas as pd

from automl.data.words import count, shorten
from automl.errors import DataError
from automl.types import BadRow, Note

MAX_BAD_SHARE = 0.5
_SORRY = {"error", "errors", "message", "detail", "status", "statusCode", "code", "timestamp", "path"}


def json_records(text: str) -> tuple[list[dict], list[tuple[int, str, str]]]:
    """The objects in a JSON text, objects inside them flattened, and what is none: the line or row, why, and its text.

    Lists that are all as long are rows; the first one holds the names where it is text throughout.
    """
    halves = "\\ud" in text.lower()  # half a character may be written so, and no text can hold it

    def mended(value):
        if halves and isinstance(value, str):
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return value

    def flat(record, prefix=""):
        found = {}
        for key, value in record.items():
            if isinstance(value, dict) and value:
                found.update(flat(value, f"{prefix}{key}."))
            else:
                found[mended(f"{prefix}{key}")] = mended(value)
        return found

    def whole(value):
        if isinstance(value, dict):
            found = [v for v in value.values() if isinstance(v, list) and v]
            for names in (v for v in found if all(isinstance(name, str) for name in v)):  # as pandas splits a table
                for rows in (v for v in found if all(isinstance(row, list) and len(row) == len(names) for row in v)):
                    return [dict(zip(names, row, strict=True)) for row in rows]
            lists = {k: v for k, v in value.items() if isinstance(v, list)}
            tables = [v for v in lists.values() if v and all(isinstance(r, dict) for r in v)]
            if tables:
                return max(tables, key=len)
            if lists and len(lists) == len(value) and len({len(v) for v in lists.values()}) == 1:
                return [dict(zip(value, row, strict=True)) for row in zip(*value.values(), strict=True)]
            maps = all(isinstance(v, dict) for v in value.values()) and value
            keys = {tuple(v) for v in value.values()} if maps else set()
            if len(keys) == 1 and all(key.isdigit() for key in next(iter(keys))):  # as pandas writes columns
                return [{k: v[i] for k, v in value.items()} for i in next(iter(value.values()))]
            if len(keys) == 1 and len(value) > len(next(iter(keys))) > 1:  # records by their keys
                key_name = "key"
                while key_name in next(iter(keys)):
                    key_name += "_"
                return [{key_name: key, **record} for key, record in value.items()]
            return below(value, 3) or [value]
        return value

    def below(value, levels):
        """The longest list of objects some levels down, where there is one of several."""
        inner = [v for v in value.values() if isinstance(v, dict)] if levels else []
        tables = [v for d in inner for v in d.values() if isinstance(v, list) and len(v) > 1 and all(isinstance(r, dict) for r in v)]
        return max([*tables, *(found for d in inner if (found := below(d, levels - 1)))], key=len, default=[])

    def sorted_out(found):
        """Numbered values as records, and those that are none."""
        lists = [value for _, value, _ in found if isinstance(value, list)]
        widths = [len(value) for value in lists]
        if len(lists) < 2 or 2 * len(lists) <= len(found) or not widths[0]:
            bad = [(number, "no JSON object", text) for number, value, text in found if not isinstance(value, dict)]
            return [flat(value) for _, value, _ in found if isinstance(value, dict)], bad
        names = [mended(name) for name in lists[0]] if all(isinstance(name, str) and name for name in lists[0]) else []
        width = len(names) or max(widths, key=widths.count)
        names = names if len(set(names)) == width else []
        keys = names or [f"column_{i}" for i in range(1, width + 1)]
        rows = [entry for entry in found if entry[1] is not lists[0]] if names else found
        fit = [isinstance(value, list) and len(value) == width for _, value, _ in rows]
        records = [dict(zip(keys, map(mended, row[1]), strict=True)) for row, fits in zip(rows, fit, strict=True) if fits]
        return records, [
            (number, f"{len(value)} values instead of {width}" if isinstance(value, list) else "no list of values", text)
            for (number, value, text), fits in zip(rows, fit, strict=True) if not fits
        ]

    if text.lstrip("\ufeff \t\r\n")[:1] == "[" and re.search(r",\s*\]\s*$", text[-1000:]):  # a comma too many
        text = re.sub(r",(\s*\]\s*)$", r"\1", text)
    try:
        found = whole(json.loads(text))
        if not isinstance(found, list):
            return [], []
        records, bad = sorted_out([(number, value, "") for number, value in enumerate(found, 1)])
        return records, [(number, why, json.dumps(found[number - 1])) for number, why, _ in bad] if records else []
    except ValueError:
        pass  # not one JSON text: one a line
    values = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            values.append((number, json.loads(line.strip().rstrip(",")), line))
        except ValueError:
            values.append((number, None, line))
    if 2 * sum(isinstance(value, (dict, list)) for _, value, _ in values) < len(values) or len(values) == 1:
        decoder, between, behind = json.JSONDecoder(), re.compile(r"[\s,]*"), []  # one behind the other, over lines or on one
        try:
            at = between.match(text).end()
            while at < len(text):
                value, end = decoder.raw_decode(text, at)
                behind.append((len(behind) + 1, value, text[at:end]))
                at = between.match(text, end).end()
            return sorted_out(behind)
        except ValueError:
            pass
    return sorted_out(values)


def _what_breaks(text: str) -> str:
    """Where a JSON text stops being one, and what stands there."""
    try:
        json.loads(text)
    except ValueError as e:
        at = getattr(e, "pos", 0)
        stands = f"'{shorten(text[at : at + 20], 20)}' can't stand there" if text[at:].strip() else "it ends there"
        return f"in line {text.count(chr(10), 0, at) + 1:,}, at character {at - text.rfind(chr(10), 0, at):,}, {stands}"
    return "it holds no objects"


def read_records(text: str, name: str) -> tuple[pd.DataFrame, list[Note], list[BadRow]]:
    """The table in a JSON text, what to say about it, and the lines that were set aside.

    Raises
    ------
    DataError
        Where no objects are inside, or most lines are none.
    """
    try:
        records, bad = json_records(text)
    except RecursionError as e:
        raise DataError(f"'{name}' is no table: its JSON has lists or records in lists, thousands deep.") from e
    if not records and not bad:
        raise DataError(f"'{name}' holds JSON, but no list of records. Use one object a line: {{\"a\": 1}}.")
    reasons = {why for _, why, _ in bad}
    one, kind = len(bad) == 1, reasons <= {"no JSON object"}
    if kind:
        fault = "is no JSON object" if one else "are no JSON objects"
    else:
        fault = "is no list with as many values as the others" if one else "are no lists with as many values as the others"
    lines = text.splitlines() if bad else []
    word = "line" if all(number <= len(lines) and lines[number - 1] == line for number, _, line in bad) else "row"
    if not records and len(bad) == 1:
        raise DataError(f"'{name}' is JSON that is damaged or cut short: {_what_breaks(text)}. Export it again.")
    if len(bad) > MAX_BAD_SHARE * (len(records) + len(bad)):
        number, _, line = bad[0]
        raise DataError(
            f"'{name}' is no table: {count(len(bad), word)} of {len(records) + len(bad):,} {fault}, "
            f"first {word} {number}: {shorten(line, 60)}"
        )
    if len(records) == 1 and records[0].keys() and {key.split(".")[0] for key in records[0]} <= _SORRY:
        said = shorten(next((v for v in reversed(records[0].values()) if isinstance(v, str)), ""), 60)
        raise DataError(f"'{name}' holds a server's message ({said}), not a table. Download the file again.")
    frame = pd.DataFrame(records)
    if not frame.shape[1]:
        raise DataError(f"'{name}' holds empty JSON objects only. Export it again or choose another file.")
    notes = [Note("read", f"Read {count(len(frame), 'row')} and {count(frame.shape[1], 'column')} from JSON.")]
    if bad:
        shown = ", ".join(f"{number:,}" for number, _, _ in bad[:5]) + (f" and {len(bad) - 5:,} more" if bad[5:] else "")
        notes.append(Note("bad_rows", f"{count(len(bad), word)} set aside because {'it' if one else 'they'} {fault}: {word} {shown}."))
    return frame, notes, [BadRow(number, why, shorten(line, 500)) for number, why, line in bad]
