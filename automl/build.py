"""The product's story: from a table and a spec to a sealed model.

set rows aside → lock the test rows away → clean → race the candidates → combine the best
→ score once on the test rows → look for trouble → write the notebook → seal
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from automl import (
    bundle,
    config,
    conformal,
    evaluate,
    explain,
    holdout,
    memory,
    model,
    notebook,
    notify,
    predict,
    problem,
    schema,
    wording,
)
from automl.data import carried, joined, words
from automl.data.join import Load
from automl.engine import combine, doubt, learning, plan
from automl.engine.advise import advise
from automl.engine.calibrate import Calibration
from automl.engine.folds import Folds, looks_at_every_fold
from automl.engine.layout import lay_out
from automl.engine.pool import Pool
from automl.engine.prepare import Prepared, baseline_prediction, prepare
from automl.engine.profiler import Profiler
from automl.engine.race import Finished, Race, open_pool
from automl.engine.watch import Watch
from automl.engine.workfolder import WorkFolder
from automl.errors import BuildCancelled, BuildError
from automl.families import target_scale
from automl.features.rich import MAX_OUTCOMES, has_names
from automl.features.target_means import outcomes
from automl.findings.training import check_settings
from automl.insight import speed
from automl.metrics import METRICS, Metric
from automl.spec import narrowed
from automl.types import (
    Budget,
    BuildSpec,
    Finding,
    JoinPlan,
    Note,
    Problem,
    ReadReport,
    Task,
    Trial,
    TrialState,
    order_trials,
    replace,
    to_dict,
)

Emit = Callable[[dict[str, Any]], None]
ShouldStop = Callable[[], str | None]

# Seconds kept back for combining, scoring and sealing: a share of the budget, within bounds.
FINISH_SHARE, FINISH_MIN, FINISH_MAX = 0.05, 1.0, 20.0
GRACE_SHARE = 0.4  # of what is kept back, for fits that would leave nothing but the baseline
COLUMN_SECONDS = 0.0001  # for each column, which is described, written and named in the contract
SCORING_SHARE = 0.05  # more of it, at most, for as many test rows as the slowest winner would take so long for
REFIT_SHARE = 0.25  # kept back as well where one holdout makes a final refit necessary
# Of a budget from so many seconds on, kept for the learning curve; shorter ones need all of it.
LEARNING_SHARE, LEARNING_FROM = 0.05, 100.0
DOUBT_SHARE = 0.01  # at most, for telling candidates apart
SEAL_SECONDS = 1.2  # for notebook, hashes and rename
REFERENCE_ROWS = 1_000
SAMPLE_ROWS = 5
STAGES = ("preparing", "candidates", "tuning", "combining", "scoring", "saving")


@dataclass(frozen=True)
class Source:
    """Where the table came from, for the notebook: a path that can be read again, and how.

    `upload` is the report of the file that a stored table was made of: files to predict are read so.
    `notes` are what the ledger says of the reading. `join` says how the table was joined, `load` loads the tables.
    """

    path: str
    report: ReadReport
    upload: ReadReport | None = None
    notes: tuple[Note, ...] = ()
    join: JoinPlan | None = None
    load: Load | None = None


class Clock:
    """Counts from the call to the return; every event carries its time."""

    def __init__(self, seconds: float, emit: Emit, started: float | None) -> None:
        self.started = time.monotonic() if started is None else started
        self.seconds, self._emit = seconds, emit
        self.end = self.started + seconds
        self.prepared = 0.0  # seconds that preparing took: the test rows go through the same steps later
        self.profiler = Profiler(started=self.started)

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.started

    def emit(self, kind: str, **content: Any) -> None:
        self._emit({"type": kind, "t": round(self.elapsed, 3), **content})

    def stage(self, name: str, message: str) -> None:
        self.profiler.stage(message)
        self.emit("stage", stage=name, n=STAGES.index(name) + 1, of=len(STAGES), message=message)

    def share_end(self, share: float) -> float:
        """When what may take this share of the budget must end."""
        return min(time.monotonic() + share * self.seconds, self.end - SEAL_SECONDS)

    def race_end(self, refit: bool, columns: int, scoring: float) -> float:
        """When no fit may run any more; `scoring` is what predicting the test rows takes at most."""
        described = FINISH_MIN + self.prepared + columns * COLUMN_SECONDS
        back = min(max(self.seconds * FINISH_SHARE, described), FINISH_MAX)
        back += min(scoring, self.seconds * SCORING_SHARE)
        if self.seconds >= LEARNING_FROM:
            back += self.seconds * LEARNING_SHARE
        return self.end - back - (self.seconds * REFIT_SHARE if refit else 0.0)


class Processes:
    """The processes that fit candidates: they load their libraries while the table is read, described and prepared.

    Parameters
    ----------
    budget : Budget
    families : sequence of str
        Those that were chosen, all where there are none.
    scratch : Path
        The build's scratch folder; what is in it is removed, but where a build is resumed.
    """

    def __init__(self, budget: Budget, families: Sequence[str], scratch: Path, *, resume: bool = False) -> None:
        self.budget, self.families, self.scratch, self.resume = budget, tuple(families), scratch, resume
        self.slots: plan.Slots | None = None
        self.pool: Pool | None = None

    def start(self, rows: int, columns: int) -> Pool:
        """As many as suit a table of so many rows and features; what runs already stays, if it is what suits.

        Raises ProblemError where the budget's memory is too small for any fit.
        """
        slots = plan.slots_within(self.budget, rows, columns)
        if self.pool is None or slots != self.slots:
            self.close()
            if not self.resume:
                shutil.rmtree(self.scratch, ignore_errors=True)
            self.scratch.mkdir(parents=True, exist_ok=True)
            first, log = self.families or plan.FIRST_ROUND, self.scratch / "fits.log"
            self.slots, self.pool = slots, open_pool(self.scratch, slots, first, log, plan.aside_mb(self.budget))
        return self.pool

    def close(self) -> None:
        if self.pool is not None:
            self.pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()


def run(
    spec: BuildSpec,
    emit: Emit,
    should_stop: ShouldStop,
    *,
    workspace: Any,
    out: Path,
    resume: bool = False,
    started: float | None = None,
) -> Path:
    """Build the model of a spec whose data set is in the workspace; returns the sealed bundle's folder.

    Parameters
    ----------
    spec : BuildSpec
    emit : callable
        Takes each event (a dict with "type" and "t", seconds since the start).
    should_stop : callable
        Returns None, "finish" (keep the best so far) or "cancel".
    workspace : Workspace
        Resolves the data set.
    out : Path
        The build's folder; the bundle is sealed as ``out / "bundle"``.
    resume : bool
        Go on from candidates that an interrupted build of the same spec had finished.

    Raises
    ------
    BuildCancelled, BuildError, ProblemError, StoreError
    """
    dataset = workspace.dataset(spec.dataset)
    most = config.loaded_rows(len(dataset.columns))
    frame = workspace.frame(spec.dataset, most)
    report, notes = ReadReport("frame"), (learned_from(dataset.name, dataset.rows, dataset.version),)
    if dataset.rows > most:
        report = ReadReport("frame", {"sample": most})
        said = f"{most:,} of {dataset.rows:,} rows were loaded, a random sample: the whole table is too large."
        notes = (*notes, Note("rows_loaded", said),)
    path, steps = str(workspace.data_path(spec.dataset)), joined.plan_of(dataset)
    if steps is not None and not report.options and (found := joined.sources(workspace, steps)):
        path, report = str(workspace.data_path(steps.base)), found
    source = Source(path, report, dataset.report, notes, steps, joined.loader(workspace))
    return fit(frame, spec, target=out / "bundle", scratch=out / "work", emit=emit, should_stop=should_stop,
               source=source, resume=resume, started=started)  # fmt: skip


def learned_from(name: str, rows: int, version: int | None = None) -> Note:
    """What the ledger says of the data that a model learned from."""
    which = f", version {version}" if version else ""
    return Note("data_version", f"Learned from '{name}'{which}, {wording.count(rows)} rows.")


@memory.few_collections()
def fit(
    frame: pd.DataFrame,
    spec: BuildSpec,
    *,
    target: Path,
    scratch: Path,
    emit: Emit = lambda event: None,
    should_stop: ShouldStop = lambda: None,
    source: Source | None = None,
    hold_out: bool = True,
    sample_weight: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    resume: bool = False,
    started: float | None = None,
    pool: Pool | None = None,
    describing: float = 0.0,
) -> Path:
    """Build a model from a table; returns the folder `target`, sealed. See `run`.

    `describing` are the seconds of the budget that describing the table took, where that was part of it. `pool` are processes that
    were started before (`Processes`, with the same budget and scratch folder); whoever did so closes them.
    """
    check_settings(spec.rules)
    clock = Clock(spec.budget.seconds, emit, started)
    spec, narrow = narrowed(spec, describing, clock.seconds - clock.elapsed)
    with clock.profiler:
        return _fit(
            frame, spec, clock, target=target, scratch=scratch, should_stop=should_stop, source=source,
            hold_out=hold_out, sample_weight=sample_weight, groups=groups, resume=resume, pool=pool, narrow=narrow,
        )  # fmt: skip


def _fit(
    frame: pd.DataFrame,
    spec: BuildSpec,
    clock: Clock,
    *,
    target: Path,
    scratch: Path,
    should_stop: ShouldStop,
    source: Source | None,
    hold_out: bool,
    sample_weight: np.ndarray | None,
    groups: np.ndarray | None,
    resume: bool,
    pool: Pool | None,
    narrow: tuple[Note, ...],
) -> Path:
    clock.stage("preparing", "Setting test rows aside and cleaning")
    plan.check_families(spec.families, spec.problem.task)
    if pool is None:
        pool = Processes(spec.budget, spec.families, scratch, resume=resume).start(len(frame), frame.shape[1] - 1)
    try:
        began = clock.elapsed
        rows = prepare(frame, spec, hold_out=hold_out, sample_weight=sample_weight, groups=groups)
        clock.prepared = clock.elapsed - began if len(rows.test) else 0.0
        rows = replace(rows, notes=(*(source.notes if source is not None else ()), *narrow, *rows.notes))
        for note in rows.notes:
            clock.emit("note", message=note.message)
        race, folds = _start_race(rows, spec, scratch, clock, should_stop, pool)
        staged, contract = scratch / "bundle", {}
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir()
        ranked = race.run(meanwhile=lambda: contract.update(_describe_rows(staged, rows)))
        clock.profiler.fitting = pool.busy_seconds / len(pool.children)
    finally:
        pool.close()
    if race.stopped == "cancel":
        raise BuildCancelled("The build was cancelled; no model was kept.")
    if not ranked:
        raise BuildError(_nothing_finished(race))
    clock.stage("combining", "Combining the best candidates")
    trials = list(race.trials.values())
    if spec.budget.predict_us is not None:
        limit_us, every = spec.budget.predict_us, len(ranked)
        ranked = combine.quick_enough(ranked, limit_us)
        kept = all(combine.keeps(f, limit_us) for f in ranked if f.trial.family != "prior")
        rows = replace(rows, notes=(*rows.notes, _quick_note(every - len(ranked), limit_us, kept)))
    winner, mixed = combine.choose(
        ranked, task=rows.problem.task, metric=race.metric, y=rows.y, weight=rows.weight, folds=folds,
        deadline=clock.end - 0.5, number=len(trials) + 1000, tune=rows.problem.threshold is None,
        limit_us=combine.most_us(spec.budget),
    )  # fmt: skip
    if winner.threshold is not None:
        rows = replace(rows, notes=(*rows.notes, _threshold_note(winner, race.metric, rows.problem)))
    if winner.calibration is not None:
        rows = replace(rows, notes=(*rows.notes, _calibration_note(winner.calibration)))
    rooted = sum("target_power" in f.trial.params for f in ranked if f.trial.order in winner.members)
    if rooted:
        rows = replace(rows, notes=(*rows.notes, _roots_note(rooted, len(winner.members), rows.problem)))
    if mixed is not None:
        trials.append(mixed)
        clock.emit("trial", trial=to_dict(mixed))
    refitted = set()
    if not folds.covers_all:
        refitted = race.refit(sorted(winner.members), clock.end - 1.0, scratch / "fits.log")
        rows = replace(rows, notes=(*rows.notes, _refit_note(len(refitted), len(winner.members))))
    _write_model(staged, rows, winner, {f.trial.order: f for f in ranked}, folds, refitted, race.work)
    if source is not None and source.join is not None and source.load is not None:
        note = carried.pack(staged, source.join, source.load, rows.raw.columns, rows.columns)
        rows = replace(rows, notes=(*rows.notes, note))
    clock.stage("scoring", "Scoring once on the test rows" if len(rows.test) else "Checking the model")
    board = order_trials(trials, race.metric.sign)
    board.sort(key=lambda t: t.order != winner.trial.order)  # what ships comes first
    finished = {f.trial.order: f for f in ranked}
    board = doubt.mark(board, winner, finished, folds, race.metric, rows.y, clock.share_end(DOUBT_SHARE))
    scored, mixed_rows = doubt.out_of_fold(winner, finished, folds)
    validated = holdout.Validated(
        rows.train[scored], folds.assignment[scored], rows.y[scored], mixed_rows[scored]
    )
    holdout.write_validation(staged, validated)
    threshold = _score_and_describe(staged, rows, spec, contract, winner, board, clock, race.watch)
    how_far_off = conformal.calibrate(rows.problem, validated.y, validated.values, threshold)
    bundle.write_json(staged / "intervals.json", how_far_off)
    if spec.budget.seconds >= LEARNING_FROM and race.stopped is None:  # last: it takes what time is left
        course = learning.measure(
            race.work, ranked, set(winner.members), race.metric, clock.share_end(LEARNING_SHARE)
        )
        bundle.write_json(staged / "learning.json", course)
    clock.stage("saving", "Writing the notebook and sealing the model")
    if source is not None:
        how = (source.upload or source.report).options
        called = {"renamed": how["renamed"]} if how.get("renamed") else {}
        bundle.write_json(staged / "reading.json", {"columns": how.get("columns", {}), **called})
        notebook.write(staged, report=source.report, path=source.path, spec=spec, rows=rows, folds=folds)
    sealed = bundle.seal(staged, target)
    shutil.rmtree(scratch, ignore_errors=True)
    clock.emit("done", bundle=str(sealed), seconds=clock.elapsed)
    return sealed


def _metric(task: Problem) -> Metric:
    """The build's metric, about the outcome of interest."""
    return METRICS[task.metric].for_outcome(task.positive_code, task.threshold)


def _threshold_note(winner: combine.Winner, metric: Metric, problem_: Problem) -> Note:
    found, name = winner.threshold, problem_.classes[problem_.positive_code]
    return Note(
        "threshold",
        f"Rows are called “{name}” from a probability of {wording.percent(found.value)} on, not 50 %: on rows that "
        f"were not learned from, {metric.label} is then {wording.number(found.score)} instead of "
        f"{wording.number(found.before)}.",
        problem_.target,
    )


def _calibration_note(found: Calibration) -> Note:
    way = "surer" if found.slope > 1 else "less sure"
    return Note(
        "calibration",
        f"Probabilities were made {way}, to agree with what happens: on rows that were not learned from, log loss is "
        f"then {wording.number(found.after)} instead of {wording.number(found.before)}.",
    )


def _quick_note(slower: int, limit_us: float, kept: bool) -> Note:
    if not kept:
        return Note("predict_limit", f"No candidate takes at most {limit_us:g} µs for a row of many; the quickest is used.")
    left_out = f" {words.count(slower, 'candidate')} would take longer." if slower else ""
    return Note(
        "predict_limit", f"Models that take at most {limit_us:g} µs for a row of many were used, as was asked for.{left_out}"
    )


def _roots_note(rooted: int, members: int, problem_: Problem) -> Note:
    of = "It" if members == 1 else f"{rooted} of the {members} candidates in the model"
    return Note(
        "target_root",
        f"'{problem_.target}' is never negative and has a long tail of large values. {of} learned a root of it, so that "
        "the largest few do not count for everything; what is predicted is on the usual scale.",
        problem_.target,
    )


def _refit_note(done: int, wanted: int) -> Note:
    if done == wanted:
        return Note("refit", "After validation the model learned once more, from all training rows.")
    return Note(
        "refit",
        f"The time was too short for {wanted - done} of {wanted} members to learn once more from all training rows; "
        "they are used as they were validated.",
    )


def _start_race(
    rows: Prepared, spec: BuildSpec, scratch: Path, clock: Clock, should_stop: ShouldStop, pool: Pool
) -> tuple[Race, Folds]:
    problem_, n, columns = rows.problem, len(rows.y), len(rows.kinds)
    families = plan.check_families(spec.families, problem_.task)
    slots = plan.Slots(len(pool.children), pool.threads)
    work, folds, load = lay_out(rows, spec, scratch, slots.threads)
    every_fold = True if folds.ordered or folds.count == 1 else None
    if every_fold is None and spec.budget.candidates is not None:
        every_fold = looks_at_every_fold(load, None)  # the same on every machine
    targets = outcomes(rows.y, problem_.task.value, rows.classes, MAX_OUTCOMES)
    names = has_names({name: rows.typed[name].to_numpy() for name in rows.kinds}, rows.kinds, targets)
    roots = problem_.task is Task.REGRESSION and target_scale.suits_roots(rows.y)
    quick = load <= plan.QUICK_LOAD
    candidates = plan.portfolio(families, problem_.task, n, columns, rows.classes, names, roots, quick)
    best: list[float] = []
    metric = _metric(problem_)
    tuning_from, tuning = len(candidates), False

    def on_trial(trial: Trial) -> None:
        nonlocal tuning
        clock.emit("trial", trial=to_dict(trial))
        if trial.order >= tuning_from and not tuning:
            tuning = True
            clock.stage("tuning", "Tuning the best families")
        completed = trial.state is TrialState.COMPLETED
        if completed and (not best or metric.sign * trial.score > metric.sign * best[-1]):
            best.append(trial.score)
            clock.emit("best", score=trial.score, candidate=trial.candidate)

    def tell(finding: Finding, behind: dict[str, Any]) -> None:
        clock.emit("finding", finding=to_dict(finding), behind=behind)

    name = spec.name or problem_.target
    watch = Watch(metric.name, metric.sign, spec.rules, tell, lambda finding: notify.notify(name, finding))
    limit = plan.memory_limit_mb(spec.budget)
    refit = not folds.covers_all
    scoring = len(rows.test) * combine.most_us(spec.budget) / 1e6 / plan.thread_count(spec.budget)
    end = clock.race_end(refit, columns, scoring)
    clock.stage("candidates", "Trying candidates of every family")
    race = Race(
        work, candidates, task=problem_.task, metric=metric, classes=rows.classes, y=rows.y, weight=rows.weight,
        folds=folds, slots=slots, columns=columns, memory_mb=limit, room_mb=plan.room_mb(limit, len(rows.raw), columns, slots.count, n),
        end=end, grace=0.0 if refit else GRACE_SHARE * (clock.end - end), load=load, every_fold=every_fold, most=spec.budget.candidates, seed=spec.seed, emit=on_trial,
        should_stop=should_stop, pool=pool, watch=watch,
    )  # fmt: skip
    return race, folds


def _write_model(
    folder: Path,
    rows: Prepared,
    winner: combine.Winner,
    finished: dict[int, Finished],
    folds: Folds,
    refitted: set[int],
    work: WorkFolder,
) -> None:
    from automl.families import family

    members, sources = [], []
    for number, weight in winner.members.items():
        entry = finished[number]
        use = [-1] if number in refitted else winner.folds[number]
        if folds.ordered and number not in refitted:
            use = use[-1:]  # the last window has learned from the most
        for fold in use:
            replay = entry.replays[max(entry.replays) if fold < 0 else fold]
            key = family(entry.trial.family).needs_for(replay).key
            name = f"{key}-{'all' if fold < 0 else f'f{fold}'}"
            members.append(
                model.Member(entry.trial.family, entry.trial.candidate, fold, name, weight / len(use), replay)
            )
            sources.append((work.member(number, fold), work.features(key, fold)))
    document = model.ModelDocument(
        problem=rows.problem,
        recipe=rows.recipe,
        kinds=rows.kinds,
        inputs=tuple(rows.raw.columns),
        learned=tuple(rows.learned),
        input_kinds=rows.input_kinds,
        members=tuple(members),
        threshold=winner.threshold.value if winner.threshold else rows.problem.threshold,
        calibration=(winner.calibration.slope, winner.calibration.bias) if winner.calibration else None,
    )
    model.write(folder, document, sources)


def _describe_rows(staged: Path, rows: Prepared) -> dict[str, Any]:
    """What is known of the training rows without a model: reference rows and a few samples are written; returns the contract."""
    raw, kinds = rows.raw.iloc[rows.train], rows.input_kinds or rows.kinds
    pick = np.sort(np.random.default_rng(0).permutation(len(raw))[:REFERENCE_ROWS])
    target = rows.target.iloc[rows.train[pick]].rename(rows.problem.target)
    reference = pd.concat([raw.iloc[pick], target], axis=1)  # `assign` complains of a table of many parts
    predict.portable(reference).to_parquet(staged / "reference.parquet", index=False)
    bundle.write_json(staged / "sample_input.json", schema.rows_to_json(raw.iloc[pick[:SAMPLE_ROWS]]))
    given = model.read_inputs(raw, rows.recipe, rows.input_kinds) if rows.input_kinds else rows.typed
    return schema.describe(raw, given, kinds, rows.problem)


def _score_and_describe(
    staged: Path,
    rows: Prepared,
    spec: BuildSpec,
    contract: dict[str, Any],
    winner: combine.Winner,
    board: list[Trial],
    clock: Clock,
    watch: Watch,
) -> float | None:
    """All that is known of the finished model, written beside it; returns the threshold that its rows are called by."""
    fitted = model.Model(staged).load()
    threshold = fitted.document.threshold
    metric = _metric(rows.problem).for_outcome(rows.problem.positive_code, threshold)
    fitted.threads = plan.thread_count(spec.budget)  # the race is over, all cores are free
    evaluation, impact, prediction, typed_test = None, [], None, None
    if len(rows.test):
        y_test = problem.encode_target(rows.target.iloc[rows.test], rows.problem)
        typed_test = fitted.prepare(rows.raw.iloc[rows.test])
        prediction = fitted.predict_typed(typed_test)
        holdout.write(staged, rows.problem, rows.test, rows.raw.iloc[rows.test], y_test, prediction)
        baseline = baseline_prediction(rows, len(y_test))
        evaluation = evaluate.evaluate(
            rows.problem, y_test, prediction, baseline_prediction=baseline, threshold=threshold,
            rows_train=len(rows.y), validation=winner.metrics,
        )  # fmt: skip
        # after what every model has, since this takes what time is left
        impact = explain.column_impact(
            fitted, typed_test, y_test, metric, deadline=clock.end - SEAL_SECONDS, seed=spec.seed
        )
        evaluation["impact"] = [{"column": i.column, "impact": i.impact, "std": i.std} for i in impact]
        _measure_latency(staged, rows.raw.iloc[rows.test], fitted, clock)
        share = explain.of_inputs({i.column: i.impact for i in impact}, rows.sources)
        for column in contract["columns"]:
            column["importance"] = share.get(column["name"], 0.0)
    profile = clock.profiler.profile()
    found = advise(
        rows, winner, board, watch, evaluation=evaluation, prediction=prediction, typed_test=typed_test,
        profile=profile, seconds=0.0 if spec.budget.candidates is not None else spec.budget.seconds,
    )  # fmt: skip
    notes = [*rows.problem.notes, *rows.notes]
    bundle.write_json(staged / "schema.json", contract)
    bundle.write_json(staged / "evaluation.json", evaluation)
    bundle.write_json(staged / "spec.json", to_dict(spec))
    bundle.write_json(staged / "leaderboard.json", [to_dict(t) for t in board])
    bundle.write_json(staged / "findings.json", [to_dict(f) for f in found])
    training = {"candidates": watch.document(set(winner.members)), "profile": to_dict(profile)}
    bundle.write_json(staged / "training.json", training)
    bundle.write_json(staged / "ledger.json", [to_dict(n) for n in notes])
    sample = schema.rows_from_json(json.loads((staged / "sample_input.json").read_text(encoding="utf-8")))
    bundle.write_json(staged / "sample_output.json", {"values": fitted.predict_values(sample).tolist()})
    pins = [f"{name}=={version}" for name, version in bundle.library_versions().items()]
    (staged / "requirements.txt").write_text("\n".join(pins) + "\n", encoding="utf-8")
    return threshold


def _measure_latency(staged: Path, raw: pd.DataFrame, fitted: model.Model, clock: Clock) -> None:
    """How long a prediction takes, where there is time left to see; else it is measured when somebody asks."""
    some = raw.iloc[: speed.ROWS]
    if len(some) and time.monotonic() <= clock.end - SEAL_SECONDS - 0.5:
        bundle.write_json(staged / "latency.json", speed.measure(fitted, some))


def _nothing_finished(race: Race) -> str:
    failed = [t for t in race.trials.values() if t.state is TrialState.FAILED]
    if failed:
        return f"No candidate finished. The first failure, {failed[0].candidate}: {failed[0].reason}."
    return "No candidate finished in the time given. Give the build more time."
