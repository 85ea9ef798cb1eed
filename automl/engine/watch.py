"""Keeps what children report of their fits, and asks the rules about it while the race goes on.

The child sends a fit's state at intervals (`Reporter`); the parent collects them (`Watch`), tells what the
rules found, and says which candidates they want stopped. Nothing here shapes a fit.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from automl.findings import training
from automl.findings.record import FoldEnd, Record, State, behind
from automl.types import Finding, RuleAction, RuleSetting, replace, to_dict

STATE_SECONDS = 0.5  # between two states of a fit; short fits so have few
FIRST_STEPS = 3  # are always sent
MOST_STATES = 400  # of a candidate: then every other one is left out, so that long fits stay small
LOOK_SECONDS = 1.0  # between two looks of the rules at the same candidate

Notify = Callable[[Finding], None]


class Reporter:
    """A family's `on_iteration`: sends states of one fit, not too often."""

    def __init__(self, fold: int, send: Callable[[dict[str, Any]], None]) -> None:
        self.fold, self.send = fold, send
        self.started = self.last = time.monotonic()
        self.sent = 0

    def __call__(self, step: int, score: float, look: Callable[[], dict[str, float]]) -> None:
        now = time.monotonic()
        if self.sent >= FIRST_STEPS and now - self.last < STATE_SECONDS:
            return
        self.last, self.sent = now, self.sent + 1
        state = State(self.fold, step, round(now - self.started, 3), float(score), look(), memory_mb())
        self.send({"kind": "state", "state": state})


def memory_mb() -> float:
    """What this process holds."""
    import psutil

    return round(psutil.Process().memory_info().rss / 2**20, 1)


class Watch:
    """The records of a build's candidates.

    Parameters
    ----------
    metric : str
    sign : int
        1 where more of it is better, else -1.
    settings : tuple of RuleSetting
    emit : callable
        Takes a Finding the first time that a rule finds something about a candidate, and the record behind it
        (`record.behind`) as a document.
    notify : callable
        Takes a Finding whose rule is to notify somebody.
    """

    def __init__(
        self,
        metric: str,
        sign: int,
        settings: tuple[RuleSetting, ...] = (),
        emit: Callable[[Finding, dict[str, Any]], None] = lambda finding, behind: None,
        notify: Notify = lambda finding: None,
    ) -> None:
        self.metric, self.sign, self.settings = metric, sign, settings
        self.emit, self.notify = emit, notify
        self.records: dict[int, Record] = {}
        self.baseline: float | None = None
        self.started = time.monotonic()
        self._heard: dict[int, float] = {}
        self._looked: dict[int, float] = {}
        self._said: set[tuple[int, str]] = set()

    def begin(self, order: dict[str, Any]) -> None:
        """A candidate is given to a child."""
        number = order["number"]
        self._heard[number] = time.monotonic()
        if number not in self.records:
            self.records[number] = Record(
                order["candidate"],
                order["family"],
                self.metric,
                self.sign,
                number,
                order["params"],
                self.baseline,
            )

    def hear(self, order: dict[str, Any], message: dict[str, Any]) -> str | None:
        """Note what a child reported; the reason why its candidate is to be stopped, if a rule says so."""
        number = order["number"]
        record = self.records.get(number)
        if record is None:
            return None
        self._heard[number] = time.monotonic()
        if message["kind"] == "state":
            states = (*record.states, message["state"])
            self.records[number] = replace(
                record, states=states[::2] if len(states) > MOST_STATES else states
            )
            if time.monotonic() - self._looked.get(number, 0.0) < LOOK_SECONDS:
                return None
        elif message["kind"] == "fold":
            end = FoldEnd(
                message["fold"], message["rows"], message["seconds"], message.get("score"),
                message.get("train_score"), message.get("predict_seconds"),
                max(time.monotonic() - self.started - message["seconds"], 0.0),
                message.get("importance", {}), len(message["curve"]) or None,
            )  # fmt: skip
            kept = tuple(f for f in record.folds if f.fold != end.fold)
            self.records[number] = replace(record, folds=(*kept, end))
            if order["family"] == "prior":
                scores = [f.score for f in self.records[number].folds if f.score is not None]
                self.baseline = sum(scores) / len(scores) if scores else None
        else:
            return None
        return None if order["family"] == "prior" else self._ask(number)

    def quiet(self, number: int) -> str | None:
        """Ask the rules about a fit that may not have been heard of for long."""
        record, heard = self.records.get(number), self._heard.get(number)
        if record is None or heard is None:
            return None
        now = time.monotonic()
        if now - max(heard, self._looked.get(number, 0.0)) < LOOK_SECONDS:
            return None
        return self._ask(number, now - heard)

    def _ask(self, number: int, quiet: float = 0.0) -> str | None:
        self._looked[number] = time.monotonic()
        reason = None
        record = replace(self.records[number], baseline=self.baseline, quiet=quiet)
        for finding, action in training.look(record, self.settings):
            if (number, finding.code) not in self._said:
                self._said.add((number, finding.code))
                self.emit(finding, _finite(to_dict(behind(record, finding.figure))))
                if action is RuleAction.NOTIFY:
                    self.notify(finding)
            if action is RuleAction.STOP:
                said = finding.message.partition(": ")[2].removesuffix(training.rule(finding.code).advice).rstrip(" .")
                reason = reason or f"stopped by the rule {finding.code}: {said}"
        return reason

    def findings(self, shipped: set[int]) -> list[Finding]:
        """What the rules say of the candidates that are part of the model."""
        found = []
        for number in sorted(shipped & set(self.records)):
            record = replace(self.records[number], baseline=self.baseline)
            found += [finding for finding, _ in training.look(record, self.settings)]
        return found

    def document(self, shipped: set[int]) -> list[dict[str, Any]]:
        """All records, as training.json keeps them; numbers that JSON has no word for are left out."""
        out = []
        for number, record in sorted(self.records.items()):
            if record.states or record.folds:
                whole = replace(record, baseline=self.baseline, shipped=number in shipped, quiet=0.0)
                out.append(_finite(to_dict(whole)))
        return out


def _finite(value: Any) -> Any:
    import math

    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
