"""A build's events: one JSON object a line, only ever appended, flushed to disk line by line.

A worker writes while it holds its job's lease; the supervisor adds the last line of a worker that
died. Each attempt begins with ``{"type": "started", "attempt": n, "resume": bool}``; what stands
before a start that doesn't resume belongs to a build that was dropped, and is not returned.
"""

from __future__ import annotations

import json
import math
import os
import threading
from pathlib import Path
from typing import Any

NAME = "events.jsonl"
KEPT_BY_RETRY = "completed"  # the state of a trial that a retry need not repeat
NOT_TRIALS = ("prior", "ensemble")  # families that are made in an instant: not counted as kept


class EventWriter:
    """Appends events to a file. A line that an earlier writer left torn is closed first.

    Parameters
    ----------
    path : Path
        Created when missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        self._guard = threading.Lock()
        size = os.fstat(self._handle).st_size
        if size and os.pread(self._handle, 1, size - 1) != b"\n":
            os.write(self._handle, b"\n")

    def write(self, event: dict[str, Any]) -> None:
        """Append one event; it is on the disk when this returns.

        Numbers that JSON has no word for (NaN, infinity) are written as null.
        """
        line = json.dumps(_plain(event), ensure_ascii=False, allow_nan=False, default=str) + "\n"
        data = line.encode()
        with self._guard:
            while data:
                data = data[os.write(self._handle, data) :]
            os.fsync(self._handle)

    def close(self) -> None:
        os.close(self._handle)


def read(path: Path, after: int = 0) -> tuple[list[dict[str, Any]], int]:
    """Read the events past an offset; returns them and the offset to go on from.

    A last line without its end is left for the next call; a line that is no JSON object is skipped.
    When a build was started anew, the list begins with that start: whoever collects events over
    several calls drops the earlier ones on ``{"type": "started", "resume": false}``.

    Parameters
    ----------
    path : Path
        A missing file has no events.
    after : int
        0, or the offset that an earlier call returned. One past the end counts as 0.
    """
    try:
        with path.open("rb") as handle:
            size = os.fstat(handle.fileno()).st_size
            start = after if 0 <= after <= size else 0
            handle.seek(start)
            data = handle.read()
    except FileNotFoundError:
        return [], 0
    end = data.rfind(b"\n") + 1
    events: list[dict[str, Any]] = []
    for line in data[:end].splitlines():
        event = _parse(line)
        if event is None:
            continue
        if event.get("type") == "started" and not event.get("resume"):
            events.clear()
        events.append(event)
    return events, start + end


def finished_candidates(events: list[dict[str, Any]]) -> int:
    """How many candidates a retry need not fit again; baseline and ensemble aside."""
    state: dict[str, str] = {}
    for event in events:
        trial = event.get("trial")
        if event.get("type") == "trial" and isinstance(trial, dict) and trial.get("family") not in NOT_TRIALS:
            state[str(trial.get("candidate"))] = str(trial.get("state"))
    return sum(s == KEPT_BY_RETRY for s in state.values())


def sealed(events: list[dict[str, Any]]) -> bool:
    """Whether the last attempt came to its end with a sealed model."""
    for event in reversed(events):
        if event.get("type") == "done":
            return True
        if event.get("type") == "started":
            return False
    return False


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:  # torn by a crash, and closed by the next writer
        return None
    return event if isinstance(event, dict) else None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):  # a NumPy number
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
