"""Runs the candidates against the clock and keeps what each one scored.

Where fits are cheap, each candidate is fitted on every fold at once. Where they are dear, it is
fitted on the first fold only (a first look), and the best ones are completed: those that an
ensemble of the first looks would be made of. The clock is kept here, in the parent: children are told their deadlines, and killed when they
pass them. With a budget in candidates the order of answers is fixed (rounds), so that the same
seed gives the same race; without one, a free process takes the next candidate at once.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from automl.engine import ensemble
from automl.engine.folds import Folds, looks_at_every_fold
from automl.engine.plan import CHILD_MB, FIRST_ROUND, Candidate, Slots
from automl.engine.pool import Pool
from automl.engine.tune import Tuner
from automl.engine.watch import Watch
from automl.engine.workfolder import WorkFolder
from automl.families import family
from automl.metrics import Metric, for_task
from automl.types import Task, Trial, TrialState, replace

POLL_SECONDS = 0.1
MEMORY_SECONDS = 0.3  # between two looks at what the processes hold
# A candidate may take at most this share of the time left, so that one slow family can't starve
# the others; a booster that meets its deadline hands in the trees it has.
SHARE_OF_TIME_LEFT = 0.45
SHARE_OF_A_LOOK = 0.3  # the same, where the first fold is all that is fitted
LOOKING_SHARE = 0.5  # of the race's time after which the best are completed, even if some wait for their look
COMPLETED_FROM = 12  # the best so many first looks are considered for completion
MIN_CANDIDATE_SECONDS = 2.0
OVERTIME = 2.0  # times its share until a candidate is killed, if the build's end allows
ROOM = 0.9  # of the time left, what the missing folds of a candidate may be expected to take
SELF_STOP = 0.85  # of the time until it would be killed, a fit may use at most
MAX_FAILURES_IN_A_ROW = 10
WARM_UP_SECONDS = 3.0  # with less time left, this process imports nothing beside the fits
HALF = 0.5  # of the usual time of its family: with less, a booster hands in too few trees to be useful
MAX_PASSED_OVER = 12  # candidates that came too late; then the race is over


def open_pool(folder: Path, slots: Slots, families: tuple[str, ...], log: Path, aside_mb: float = 0.0) -> Pool:
    """Start the children; they import what the first candidates need while the rows are prepared."""
    warm = [key for key in FIRST_ROUND if key in families][: slots.count]
    return Pool(slots.count, {"folder": str(folder), "warm": warm}, slots.threads, log, aside_mb)


@dataclass
class Finished:
    """A completed candidate: its trial, out-of-fold predictions and, for each fold done, what replays it."""

    trial: Trial
    prediction: np.ndarray
    replays: dict[int, dict[str, Any]]

    @property
    def folds(self) -> tuple[int, ...]:
        return tuple(sorted(self.replays))


@dataclass
class Progress:
    """What the folds of a candidate reported so far; predictions are zero where there is none yet."""

    prediction: np.ndarray
    parts: dict[int, dict[str, Any]]


class Race:
    """One build's candidates.

    Parameters
    ----------
    work : WorkFolder
        Already laid out (`WorkFolder.write`).
    memory_mb, room_mb : float
        What this process and all fits may hold together, and what one fit.
    end : float
        `time.monotonic()` at which no fit may be running any more.
    grace : float
        Seconds more for the fits that are running then, if all there is so far is the baseline.
    load : float
        See `folds.load_of`.
    every_fold : bool or None
        Whether candidates are fitted on every fold at once; None to decide by what a fold of them takes.
    most : int or None
        Candidates beyond the baseline; None to go on until `end`.
    emit : callable
        Takes a Trial whenever one changes.
    should_stop : callable
        Returns None, "finish" or "cancel".
    watch : Watch, optional
        Keeps what the fits report, and asks the rules.
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
        room_mb: float,
        end: float,
        grace: float = 0.0,
        load: float,
        every_fold: bool | None,
        most: int | None,
        seed: int,
        emit: Callable[[Trial], None],
        should_stop: Callable[[], str | None],
        pool: Pool,
        watch: Watch | None = None,
    ) -> None:
        self.work, self.task, self.metric, self.classes = work, task, metric, classes
        self.y, self.weight, self.folds, self.slots = y, weight, folds, slots
        self.columns, self.memory_mb, self.end, self.most = columns, memory_mb, end, most
        self.room_mb, self.grace = room_mb, grace
        self.emit, self.should_stop = emit, should_stop
        self.load, self.every_fold, self.started = load, every_fold, time.monotonic()
        self.queue = deque(candidates)
        self.tuner = Tuner(task, metric.sign, seed, any("target_power" in c.params for c in candidates))
        self.trials: dict[int, Trial] = {}
        self.finished: dict[int, Finished] = {}
        self.progress: dict[int, Progress] = {}
        self.stopped: str | None = None
        self.passed_over = 0
        self.given_up: set[int] = set()  # candidates that failed when they were to be completed
        self.tuning_from = max(c.number for c in candidates) + 1
        self.failures = 0
        self._memory_looked = 0.0
        self.pool = pool
        self.watch = watch or Watch(metric.name, metric.sign)
        self._next_number = self.tuning_from
        self._weights: dict[tuple[int, ...], dict[int, float]] = {}

    # -- the loop ------------------------------------------------------------------------

    def run(self, meanwhile: Callable[[], None] = lambda: None) -> list[Finished]:
        """Race until the time, the candidates or the user's patience end; best first.

        `meanwhile` is work of this process that needs no candidate: it is done while the first of them are fitted.
        """
        self._adopt()
        baseline = self.queue.popleft() if self.queue and self.queue[0].family == "prior" else None
        try:
            self._fill()
            if baseline is not None:
                self._score_here(baseline)
            meanwhile()
            while not self._over():
                self._fill()
                for order, message in self.pool.poll(POLL_SECONDS):
                    self._hear(order, message)
                for order in self.pool.orders:
                    if reason := self.watch.quiet(order["number"]):
                        self._stop(order["number"], reason)
                self._look_at_memory()
        finally:
            self._close()
        return self.ranked()

    def ranked(self) -> list[Finished]:
        """Best first, those fitted on more folds before the others."""
        return sorted(
            self.finished.values(),
            key=lambda f: (-len(f.folds), -self.metric.sign * f.trial.score, f.trial.order),
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

    def _score_here(self, candidate: Candidate) -> None:
        """Score the baseline in this process while the children start: there is always an answer."""
        from automl.engine.child import Fitter

        order = self._order(candidate, list(range(self.folds.count)), deadline=None, kill=None)
        self._set(self._running(candidate))
        self.watch.begin(order)
        Fitter(self.work.folder).run(order, lambda message: self._hear(order, message))

    def _over(self) -> bool:
        self.stopped = self.stopped or self.should_stop()
        if self.stopped:
            return True
        last = self._last if self.pool.orders else self.end
        if time.monotonic() >= last or self.failures >= MAX_FAILURES_IN_A_ROW:
            return True
        return not self.pool.orders and not self._more() and self._completion() is None

    @property
    def _last(self) -> float:
        """When the fits that are running must end: somewhat later if nothing but the baseline would be left."""
        alone = all(t.family == "prior" for t in self._completed())
        return self.end + self.grace if alone else self.end

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
        while self.pool.idle and time.monotonic() < self.end - 0.2:
            if completion := self._completion():
                self._start(*completion)
                continue
            if not self._more() or (candidate := self._next()) is None:
                return
            if self._too_late(candidate):
                self._pass_over(candidate)
                continue
            self._start(candidate, self._look(candidate))

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
        each = self._expected(candidate.family)
        if each is None or self.most is not None:
            return False
        return self.end - time.monotonic() < HALF * each * len(self._look(candidate))

    def _expected(self, key: str) -> float | None:
        """Seconds that one fold of a family took."""
        took = [_seconds_a_fold(f.trial) for f in self.finished.values() if f.trial.family == key]
        return float(np.median(took)) if took else None

    def _look(self, candidate: Candidate) -> list[int]:
        """The folds that a candidate is fitted on first."""
        every = self._at_once(self._expected(candidate.family))
        return list(range(self.folds.count)) if every else [0]

    def _at_once(self, seconds: float | None) -> bool:
        """Whether every fold should be fitted, by what one takes; if that is not known, by the size of the data."""
        if self.every_fold is not None:
            return self.every_fold
        if seconds is None:
            return looks_at_every_fold(self.load, None)
        budget = (self.end - self.started) * self.slots.count
        return looks_at_every_fold(self.load, seconds / max(budget, 1e-9))

    def _next(self) -> Candidate | None:
        if self.queue:
            return self.queue.popleft()
        known = self._completed()
        if any(len(t.fold_scores) < self.folds.count for t in known):  # then they share the first fold
            known = [replace(t, score=t.fold_scores[0]) for t in known]
        candidate = self.tuner.next(self._next_number, known)
        self._next_number += 1
        return candidate

    # -- from a first look to every fold -------------------------------------------------

    def _completion(self) -> tuple[Candidate, list[int]] | None:
        """The candidate whose other folds are worth fitting now, and which of them."""
        busy = {order["number"] for order in self.pool.orders}
        shut = busy | self.given_up
        open_ = [
            f for f in self.finished.values() if len(f.folds) < self.folds.count and f.trial.order not in shut
        ]
        if not open_:
            return None
        cheap = [f for f in open_ if self._at_once(_seconds_a_fold(f.trial))]
        if cheap:
            return self._affordable(min(cheap, key=lambda f: f.trial.order))
        looking = time.monotonic() - self.started < LOOKING_SHARE * (self.end - self.started)
        if self.most is None and self.queue and looking:
            return None
        if self.most is not None and self._more():
            return None
        weights = self._first_looks()
        wanted = [f for f in open_ if f.trial.order in weights]
        # fold by fold, so that what time allows is spread over all of them
        wanted.sort(key=lambda f: (len(f.folds), -weights[f.trial.order], f.trial.order))
        return next((c for f in wanted if (c := self._affordable(f, at_most=1))), None)

    def _affordable(self, found: Finished, at_most: int | None = None) -> tuple[Candidate, list[int]] | None:
        """As many of the missing folds as there is time for."""
        missing = [fold for fold in range(self.folds.count) if fold not in found.replays][:at_most]
        if self.most is None:
            each = max(_seconds_a_fold(found.trial), 1e-3)
            missing = missing[: int(ROOM * (self.end - time.monotonic()) / each)]
        trial = found.trial
        return (
            (Candidate(trial.order, trial.candidate, trial.family, trial.params), missing)
            if missing
            else None
        )

    def _first_looks(self) -> dict[int, float]:
        """The weights of an ensemble of what is known of all candidates on the first fold."""
        first = self.metric.sign
        known = [f for f in self.finished.values() if f.trial.family != "prior"]
        known.sort(key=lambda f: (-first * f.trial.fold_scores[0], f.trial.order))
        known, rows = known[:COMPLETED_FROM], self.folds.valid_rows(0)
        rows = rows[:: -(-len(rows) // ensemble.SELECTION_ROWS)]
        key = tuple(f.trial.order for f in known)
        if key not in self._weights:
            weight = None if self.weight is None else self.weight[rows]
            chosen = ensemble.select([f.prediction[rows] for f in known], self.y[rows], self.metric, weight)
            self._weights = {key: {known[i].trial.order: w for i, w in chosen.items()}}
        return self._weights[key]

    # -- one candidate -------------------------------------------------------------------

    def _order(
        self, candidate: Candidate, folds: list[int], deadline: float | None, kill: float | None
    ) -> dict[str, Any]:
        return {
            "number": candidate.number,
            "candidate": candidate.name,
            "family": candidate.family,
            "params": candidate.params,
            "folds": folds,
            "deadline": deadline,
            "kill": kill,
        }

    def _running(self, candidate: Candidate) -> Trial:
        return Trial(
            candidate=candidate.name,
            family=candidate.family,
            state=TrialState.RUNNING,
            metric=self.metric.name,
            params=candidate.params,
            order=candidate.number,
        )

    def _start(self, candidate: Candidate, folds: list[int]) -> None:
        known = self.finished.get(candidate.number)
        trial = replace(known.trial, state=TrialState.RUNNING) if known else self._running(candidate)
        kind = family(candidate.family)
        columns = self.columns + kind.needs_for(candidate.params).more
        need = kind.memory_mb(len(self.y), columns, self.classes)
        if need > self.room_mb:
            reason = f"would need about {need:,.0f} MB of memory, the limit is {self.room_mb:,.0f} MB"
            self._set(replace(trial, state=TrialState.SKIPPED, reason=reason))
            return
        now = time.monotonic()
        left = self.end - now
        # with a budget in candidates the clock must not shape a fit, unless all the time is in danger
        at_most = SHARE_OF_A_LOOK if len(folds) < self.folds.count else SHARE_OF_TIME_LEFT
        share = left if known or self.most is not None else max(MIN_CANDIDATE_SECONDS, left * at_most)
        # fits stop themselves some time before they would be killed, to predict, save and report
        overdue = now + share * OVERTIME
        deadline = min(now + share, now + (min(self.end, overdue) - now) * SELF_STOP)
        kill = min(self._last, overdue)
        self._set(self._with_fold(trial))
        order = self._order(candidate, folds, deadline, kill)
        self.watch.begin(order)
        self.pool.give(order, most_mb=self.room_mb + CHILD_MB - need)

    # -- what children report ------------------------------------------------------------

    def _hear(self, order: dict[str, Any], message: dict[str, Any]) -> None:
        trial, kind = self.trials[order["number"]], message["kind"]
        if reason := self.watch.hear(order, message):
            self._stop(trial.order, reason)
        elif kind == "state":
            return
        elif kind == "fold":
            self._take(trial, message)
            if message["fold"] != order["folds"][-1]:
                self._set(self._with_fold(trial))
        elif kind == "done":
            self._complete(trial)
        elif kind == "timed out":
            self._break_off(trial, TrialState.TIMED_OUT, "the time for this candidate ran out")
        else:
            self.failures += 1
            self.given_up.add(trial.order)
            self._break_off(trial, TrialState.FAILED, message.get("reason", "it failed"))

    def _stop(self, number: int, reason: str) -> None:
        """End a candidate that a rule wants stopped: it is not used, unless it was finished before."""
        self.pool.drop(number)
        self.given_up.add(number)
        if number in self.finished:
            self._set(replace(self.finished[number].trial, reason=reason))
        else:
            self._end(self.trials[number], TrialState.CANCELLED, reason)

    def _look_at_memory(self) -> None:
        """End the largest fit if all together hold more than they may: estimates can be wrong."""
        if time.monotonic() - self._memory_looked < MEMORY_SECONDS:
            return
        self._memory_looked = time.monotonic()
        held, order = self.pool.held_mb, self.pool.largest
        if held > self.memory_mb and order is not None:
            number, reason = order["number"], f"stopped at {held:,.0f} MB of memory in all, the limit is {self.memory_mb:,.0f} MB"
            self.pool.drop(number)
            self.given_up.add(number)
            self._break_off(self.trials[number], TrialState.CANCELLED, reason)

    def _take(self, trial: Trial, message: dict[str, Any]) -> None:
        """Note what a fold reported."""
        prediction, fold = message.pop("prediction"), message["fold"]
        if trial.order not in self.progress:
            empty = np.zeros((len(self.y), *prediction.shape[1:]), dtype=np.float32)
            self.progress[trial.order] = Progress(empty, {})
        progress = self.progress[trial.order]
        progress.prediction[self.folds.valid_rows(fold)] = prediction
        progress.parts[fold] = message

    def _with_fold(self, trial: Trial) -> Trial:
        done = len(self.progress[trial.order].parts) if trial.order in self.progress else 0
        return replace(trial, reason=f"fold {done + 1} of {self.folds.count}") if done else trial

    def _break_off(self, trial: Trial, state: TrialState, reason: str) -> None:
        """End a candidate; the folds that are done stay, unless it failed before it was scored."""
        if trial.order in self.progress and (state is not TrialState.FAILED or trial.order in self.finished):
            self._complete(trial)
        else:
            self._end(trial, state, reason)

    def _complete(self, trial: Trial) -> None:
        progress = self.progress[trial.order]
        parts, prediction = progress.parts, progress.prediction
        done = sorted(parts)
        scores = [parts[f]["score"] for f in done]
        rows = sum(len(self.folds.valid_rows(f)) for f in done)
        each = sum(parts[f]["predict_seconds"] for f in done) / max(rows, 1) * 1000
        count = self.folds.count
        trial = replace(
            trial,
            state=TrialState.COMPLETED,
            reason="" if len(done) == count else f"validated on {len(done)} of {count} folds",
            score=float(np.mean(scores)),
            score_std=float(np.std(scores, ddof=1)) if len(scores) > 1 else None,
            fold_scores=tuple(float(s) for s in scores),
            metrics=fold_metrics(
                self.task, self.metric, self.y, prediction, self.folds, self.weight, done
            ),
            fit_seconds=float(sum(parts[f]["seconds"] for f in done)),
            predict_ms_per_row=each,
            curve=tuple(float(c) for c in parts[done[-1]]["curve"] if np.isfinite(c))[-200:],
        )
        if not np.isfinite(trial.score):
            self.failures += 1
            self._end(trial, TrialState.FAILED, "its score is not a number")
            return
        self.failures = 0
        replays = {f: parts[f]["replay"] for f in done}
        self.finished[trial.order] = Finished(trial, prediction, replays)
        self.work.save_trial(trial, prediction, replays)
        self._set(trial)
        self.tuner.tell(trial)
        if self.end - time.monotonic() > WARM_UP_SECONDS:
            family(trial.family).warm_up()  # here too: loading the winner must not wait for an import

    def _end(self, trial: Trial, state: TrialState, reason: str) -> None:
        self.progress.pop(trial.order, None)
        self.finished.pop(trial.order, None)
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
                rows = sum(len(self.folds.valid_rows(f)) for f in replays)
                spent = {"seconds": _seconds_a_fold(trial), "curve": trial.curve}
                spent["predict_seconds"] = trial.predict_ms_per_row * rows / 1000 / len(replays)
                self.progress[trial.order] = Progress(
                    prediction,
                    {
                        f: {"replay": replays[f], "score": score, **spent}
                        for f, score in zip(sorted(replays), trial.fold_scores, strict=True)
                    },
                )
                self._set(trial)

    def _close(self) -> None:
        orders = self.pool.orders
        self.pool.close()
        ran_out = {"finish": "you chose to finish", "cancel": "you cancelled the build"}
        for order in orders:
            trial = self.trials[order["number"]]
            if self.stopped:
                self._break_off(trial, TrialState.CANCELLED, ran_out[self.stopped])
            else:
                self._break_off(trial, TrialState.TIMED_OUT, "the build's time ran out")
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


def _seconds_a_fold(trial: Trial) -> float:
    return trial.fit_seconds / len(trial.fold_scores)


def fold_metrics(
    task: Task,
    metric: Metric,
    y: np.ndarray,
    prediction: np.ndarray,
    folds: Folds,
    weight: np.ndarray | None,
    done: Iterable[int],
) -> dict[str, tuple[float, float]]:
    """Mean and standard deviation over the folds that are done of every metric of the task.

    Outcome of interest and threshold are those of the build's metric.
    """
    out = {}
    for each in (m.for_outcome(metric.positive, metric.threshold) for m in for_task(task)):
        scores = []
        for fold in done:
            rows = folds.valid_rows(fold)
            if len(rows):
                w = None if weight is None else weight[rows]
                scores.append(each.score(y[rows], prediction[rows], sample_weight=w))
        scores = [s for s in scores if np.isfinite(s)]
        if scores:
            out[each.name] = (
                float(np.mean(scores)),
                float(np.std(scores, ddof=1)) if len(scores) > 1 else 0.0,
            )
    return out
