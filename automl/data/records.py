"""JSON: lines of objects, a list of objects, or an object that holds such a list or columns."""

from __future__ import annotations

import json

import pandas as pd

from automl.data.words import count, shorten
from automl.errors import DataError
from automl.types import BadRow, Note

MAX_BAD_SHARE = 0.5
_SORRY = {"error", "errors", "message", "detail", "status", "statusCode", "code", "timestamp", "path"}


def json_records(text: str) -> tuple[list[dict], list[int]]:
    """The objects in a JSON text, objects inside them flattened, and the lines that are no objects."""
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
            names, rows = value.get("columns"), value.get("data")
            split = isinstance(names, list) and isinstance(rows, list) and rows  # as pandas splits a table
            if split and all(isinstance(row, list) and len(row) == len(names) for row in rows):
                return [dict(zip(map(str, names), row, strict=True)) for row in rows]
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
            return [value]
        if value and all(isinstance(row, list) for row in value):  # rows under a row of names
            width = len(value[0])
            return [dict(zip(map(str, value[0]), row, strict=True)) for row in value[1:] if len(row) == width]
        return value

    try:
        found = whole(json.loads(text))
        if not isinstance(found, list):
            return [], []
        return [flat(row) for row in found if isinstance(row, dict)], []
    except ValueError:
        pass  # not one JSON text: one a line
    records, bad = [], []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line.strip().rstrip(","))
        except ValueError:
            value = None
        if isinstance(value, dict):
            records.append(flat(value))
        else:
            bad.append(number)
    return records, bad


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
    if len(bad) > MAX_BAD_SHARE * (len(records) + len(bad)):
        line = text.splitlines()[bad[0] - 1]
        raise DataError(
            f"'{name}' is no table: {count(len(bad), 'line')} of {len(records) + len(bad):,} are no JSON objects, "
            f"first line {bad[0]}: {shorten(line, 60)}"
        )
    if len(records) == 1 and records[0].keys() and {key.split(".")[0] for key in records[0]} <= _SORRY:
        said = shorten(next((v for v in reversed(records[0].values()) if isinstance(v, str)), ""), 60)
        raise DataError(f"'{name}' holds a server's message ({said}), not a table. Download the file again.")
    frame = pd.DataFrame(records)
    if not frame.shape[1]:
        raise DataError(f"'{name}' holds empty JSON objects only. Export it again or choose another file.")
    notes = [Note("read", f"Read {count(len(frame), 'row')} and {count(frame.shape[1], 'column')} from JSON.")]
    if bad:
        shown = ", ".join(f"{line:,}" for line in bad[:5]) + (f" and {len(bad) - 5:,} more" if bad[5:] else "")
        notes.append(
            Note("bad_rows", f"{count(len(bad), 'line')} set aside because they are no JSON objects: line {shown}.")
        )
    lines = text.splitlines() if bad else []
    return frame, notes, [BadRow(n, "no JSON object", shorten(lines[n - 1], 500)) for n in bad]
