"""Runs the candidates against the clock and keeps what each one scored.

The clock is kept here, in the parent: children are told their deadlines, and killed when they
pass them. With a budget in candidates the order of answers is fixed (rounds), so that the same
seed gives the same race; without one, a free process takes the next candidate at once.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from automl.engine.folds import Folds
from automl.engine.plan import FIRST_ROUND, Candidate, Slots
from automl.engine.pool import Pool
from automl.engine.tune import Tuner
from automl.engine.workfolder import WorkFolder
from automl.families import family
from automl.metrics import Metric, for_task
from automl.types import Task, Trial, TrialState, replace

POLL_SECONDS = 0.1
# A candidate may take at most this share of the time left, so that one slow family can't starve
# the others; a booster that meets its deadline hands in the trees it has.
SHARE_OF_TIME_LEFT = 0.45
MIN_CANDIDATE_SECONDS = 2.0
OVERTIME = 2.0  # times its share until a candidate is killed, if the build's end allows
SELF_STOP = 0.85  # of the time until it would be killed, a fit may use at most
MAX_FAILURES_IN_A_ROW = 10
WARM_UP_SECONDS = 6.0  # with less time left, this process imports nothing beside the fits
HALF = 0.5  # of the usual time of its family: with less, a booster hands in too few trees to be useful
MAX_PASSED_OVER = 12  # candidates that came too late; then the race is over


def open_pool(folder: Path, slots: Slots, families: tuple[str, ...], log: Path) -> Pool:
    """Start the children; they import what the first candidates need while the rows are prepared."""
    warm = [key for key in FIRST_ROUND if key in families][: slots.count]
    return Pool(slots.count, {"folder": str(folder), "warm": warm}, slots.threads, log)


@dataclass
class Finished:
    """A completed candidate: its trial, out-of-fold predictions and what replays it."""

    trial: Trial
    prediction: np.ndarray
    replays: dict[int, dict[str, Any]]


class Race:
    """One build's candidates.

    Parameters
    ----------
    work : WorkFolder
        Already laid out (`WorkFolder.write`).
    end : float
        `time.monotonic()` at which no fit may be running any more.
    most : int or None
        Candidates beyond the baseline; None to go on until `end`.
    emit : callable
        Takes a Trial whenever one changes.
    should_stop : callable
        Returns None, "finish" or "cancel".
    """

    def __init__(
        self,
        work: WorkFolder,
        candidates: list[Candidate],
        *,
        task: Task,
        metric: Metric,
        classes: int,
        y: np.ndarray,
        weight: np.ndarray | None,
        folds: Folds,
        slots: Slots,
        columns: int,
        memory_mb: float,
        end: float,
        most: int | None,
        seed: int,
        emit: Callable[[Trial], None],
        should_stop: Callable[[], str | None],
        pool: Pool,
    ) -> None:
        self.work, self.task, self.metric, self.classes = work, task, metric, classes
        self.y, self.weight, self.folds, self.slots = y, weight, folds, slots
        self.columns, self.memory_mb, self.end, self.most = columns, memory_mb, end, most
        self.emit, self.should_stop = emit, should_stop
        self.queue = deque(candidates)
        self.tuner = Tuner(task, metric.sign, seed)
        self.trials: dict[int, Trial] = {}
        self.finished: dict[int, Finished] = {}
        self.partial: dict[int, dict[int, dict[str, Any]]] = {}
        self.stopped: str | None = None
        self.passed_over = 0
        self.tuning_from = max(c.number for c in candidates) + 1
        self.failures = 0
        self.pool = pool
        self._next_number = self.tuning_from

    # -- the loop ------------------------------------------------------------------------

    def run(self) -> list[Finished]:
        """Race until the time, the candidates or the user's patience end; best first."""
        self._adopt()
        self._baseline()
        try:
            while not self._over():
                self._fill()
                for order, message in self.pool.poll(POLL_SECONDS):
                    self._hear(order, message)
        finally:
            self._close()
        return self.ranked()

    def ranked(self) -> list[Finished]:
        return sorted(
            self.finished.values(), key=lambda f: (-self.metric.sign * f.trial.score, f.trial.order)
        )

    def refit(self, numbers: list[int], seconds_end: float, log: Path) -> set[int]:
        """Fit chosen candidates again on all training rows, iterations replayed; returns those done."""
        pool, done = open_pool(self.work.folder, self.slots, (), log), set()
        waiting = deque(numbers)
        try:
            while (waiting or pool.orders) and time.monotonic() < seconds_end:
                while waiting and pool.idle:
                    trial = self.finished[waiting[0]]
                    replay = trial.replays[max(trial.replays)]
                    order = {"number": waiting.popleft(), "candidate": trial.trial.candidate}
                    order |= {"family": trial.trial.family, "params": replay, "folds": [-1]}
                    pool.give(order | {"deadline": None, "kill": seconds_end, "replay": True})
                for order, message in pool.poll(POLL_SECONDS):
                    if message["kind"] == "done":
                        done.add(order["number"])
        finally:
            pool.close()
        return done

    def _baseline(self) -> None:
        """Score the baseline in this process while the children start: there is always an answer."""
        from automl.engine.child import Fitter

        if not self.queue or self.queue[0].family != "prior":
            return
        candidate = self.queue.popleft()
        order = {"number": candidate.number, "candidate": candidate.name, "family": candidate.family}
        order |= {
            "params": candidate.params,
            "folds": list(range(self.folds.count)),
            "deadline": None,
            "kill": None,
        }
        self.partial[candidate.number] = {}
        self._set(self._running(candidate))
        Fitter(self.work.folder).run(order, lambda message: self._hear(order, message))

    def _over(self) -> bool:
        self.stopped = self.stopped or self.should_stop()
        if self.stopped:
            return True
        if time.monotonic() >= self.end or self.failures >= MAX_FAILURES_IN_A_ROW:
            return True
        return not self.pool.orders and not self._more()

    def _more(self) -> bool:
        if self.passed_over >= MAX_PASSED_OVER or (self.most is not None and self._started() >= self.most):
            return False
        return bool(self.queue) or any(t.family != "prior" for t in self._completed())

    def _started(self) -> int:
        return sum(1 for number in self.trials if number != 0)

    def _completed(self) -> list[Trial]:
        return [f.trial for f in self.finished.values()]

    def _fill(self) -> None:
        """Give every idle process its next candidate."""
        if self.most is not None and self.pool.orders:
            return  # rounds: all answers of a round are in before the next one is planned
        while self.pool.idle and self._more() and time.monotonic() < self.end - 0.2:
            candidate = self._next()
            if candidate is None:
                return
            if self._too_late(candidate):
                self._pass_over(candidate)
                continue
            self._start(candidate)

    def _pass_over(self, candidate: Candidate) -> None:
        """Leave out a candidate for want of time; after a few of them the race is over."""
        self.passed_over += 1
        reason = "the time left is too short for it"
        trial = replace(self._running(candidate), state=TrialState.SKIPPED, reason=reason)
        if candidate.number < self.tuning_from:
            self._set(trial)
        self.tuner.tell(trial)

    def _too_late(self, candidate: Candidate) -> bool:
        """Whether less than half of what a candidate of its family took before is left."""
        took = [f.trial.fit_seconds for f in self.finished.values() if f.trial.family == candidate.family]
        left = self.end - time.monotonic()
        return bool(took) and self.most is None and left < HALF * float(np.median(took))

    def _next(self) -> Candidate | None:
        if self.queue:
            return self.queue.popleft()
        candidate = self.tuner.next(self._next_number, self._completed())
        self._next_number += 1
        return candidate

    def _running(self, candidate: Candidate) -> Trial:
        return Trial(
            candidate=candidate.name,
            family=candidate.family,
            state=TrialState.RUNNING,
            metric=self.metric.name,
            params=candidate.params,
            order=candidate.number,
        )

    def _start(self, candidate: Candidate) -> None:
        trial = self._running(candidate)
        kind = family(candidate.family)
        columns = self.columns + kind.needs_for(candidate.params).more
        need = kind.memory_mb(len(self.y), columns, self.classes)
        if need > self.memory_mb / self.slots.count:
            limit = f"{self.memory_mb / self.slots.count:,.0f}"
            reason = f"would need about {need:,.0f} MB of memory, the limit is {limit} MB"
            self._set(replace(trial, state=TrialState.SKIPPED, reason=reason))
            return
        now = time.monotonic()
        left = self.end - now
        share = max(MIN_CANDIDATE_SECONDS, left * SHARE_OF_TIME_LEFT)
        # fits stop themselves some time before they would be killed, to predict, save and report
        kill = min(self.end, now + share * OVERTIME)
        deadline = min(now + share, now + (kill - now) * SELF_STOP)
        self.partial[candidate.number] = {}
        self._set(trial)
        self.pool.give(
            {
                "number": candidate.number,
                "candidate": candidate.name,
                "family": candidate.family,
                "params": candidate.params,
                "folds": list(range(self.folds.count)),
                "deadline": deadline,
                "kill": kill,
            }
        )

    # -- what children report ------------------------------------------------------------

    def _hear(self, order: dict[str, Any], message: dict[str, Any]) -> None:
        number, kind = order["number"], message["kind"]
        trial = self.trials[number]
        if kind == "fold":
            self.partial[number][message["fold"]] = message
            done = len(self.partial[number])
            if done < self.folds.count:
                self._set(replace(trial, reason=f"fold {done + 1} of {self.folds.count}"))
        elif kind == "done":
            self._complete(trial)
        elif kind == "timed out":
            self._end(trial, TrialState.TIMED_OUT, "the time for this candidate ran out")
        else:
            self.failures += 1
            self._end(trial, TrialState.FAILED, message.get("reason", "it failed"))

    def _complete(self, trial: Trial) -> None:
        parts = self.partial.pop(trial.order)
        prediction = self._assemble(parts)
        scores = [parts[f]["score"] for f in sorted(parts)]
        rows = sum(len(parts[f]["prediction"]) for f in parts)
        each = sum(parts[f]["predict_seconds"] for f in parts) / max(rows, 1) * 1000
        curve = parts[max(parts)]["curve"]
        trial = replace(
            trial,
            state=TrialState.COMPLETED,
            reason="",
            score=float(np.mean(scores)),
            score_std=float(np.std(scores, ddof=1)) if len(scores) > 1 else None,
            fold_scores=tuple(float(s) for s in scores),
            metrics=fold_metrics(
                self.task, self.metric.positive, self.y, prediction, self.folds, self.weight
            ),
            fit_seconds=float(sum(parts[f]["seconds"] for f in parts)),
            predict_ms_per_row=each,
            curve=tuple(float(c) for c in curve)[-200:],
        )
        if not np.isfinite(trial.score):
            self.failures += 1
            self._end(trial, TrialState.FAILED, "its score is not a number")
            return
        self.failures = 0
        replays = {f: parts[f]["replay"] for f in parts}
        self.finished[trial.order] = Finished(trial, prediction, replays)
        self.work.save_trial(trial, prediction, replays)
        self._set(trial)
        self.tuner.tell(trial)
        if self.end - time.monotonic() > WARM_UP_SECONDS:
            family(trial.family).warm_up()  # here too: loading the winner must not wait for an import

    def _assemble(self, parts: dict[int, dict[str, Any]]) -> np.ndarray:
        first = parts[0]["prediction"]
        out = np.zeros((len(self.y), *first.shape[1:]))
        for fold, part in parts.items():
            out[self.folds.valid_rows(fold)] = part["prediction"]
        return out

    def _end(self, trial: Trial, state: TrialState, reason: str) -> None:
        self.partial.pop(trial.order, None)
        trial = replace(trial, state=state, reason=reason)
        self._set(trial)
        self.tuner.tell(trial)

    def _set(self, trial: Trial) -> None:
        self.trials[trial.order] = trial
        self.emit(trial)

    def _adopt(self) -> None:
        """Take over candidates that an interrupted build had finished."""
        known = {c.number: c for c in self.queue}
        for trial, prediction, replays in self.work.finished_trials():
            same = known.get(trial.order)
            if same is None or (same.family, same.params) != (trial.family, trial.params):
                continue
            if prediction.shape[0] == len(self.y):
                self.queue.remove(same)
                self.finished[trial.order] = Finished(trial, prediction, replays)
                self._set(trial)

    def _close(self) -> None:
        orders = self.pool.orders
        self.pool.close()
        ran_out = {"finish": "you chose to finish", "cancel": "you cancelled the build"}
        for order in orders:
            trial = self.trials[order["number"]]
            if self.stopped:
                self._end(trial, TrialState.CANCELLED, ran_out[self.stopped])
            else:
                self._end(trial, TrialState.TIMED_OUT, "the build's time ran out")
        if self.most is None and not self.stopped:
            for candidate in self.queue:
                waiting = Trial(
                    candidate.name,
                    candidate.family,
                    TrialState.SKIPPED,
                    self.metric.name,
                    order=candidate.number,
                )
                self._set(replace(waiting, reason="the build's time ran out before its turn"))


def fold_metrics(
    task: Task, positive: int, y: np.ndarray, prediction: np.ndarray, folds: Folds, weight: np.ndarray | None
) -> dict[str, tuple[float, float]]:
    """Mean and standard deviation over the folds of every metric of the task."""
    out = {}
    for metric in (m.for_outcome(positive) for m in for_task(task)):
        scores = []
        for fold in range(folds.count):
            rows = folds.valid_rows(fold)
            if len(rows):
                w = None if weight is None else weight[rows]
                scores.append(metric.score(y[rows], prediction[rows], sample_weight=w))
        scores = [s for s in scores if np.isfinite(s)]
        if scores:
            out[metric.name] = (
                float(np.mean(scores)),
                float(np.std(scores, ddof=1)) if len(scores) > 1 else 0.0,
            )
    return out
