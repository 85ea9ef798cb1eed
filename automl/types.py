"""What flows between the stages: frozen dataclasses with a JSON round trip.

Nothing here computes. `to_json` and `from_json` work for every class on this page;
unknown keys are refused, so that a typing mistake in a stored file is found at once.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

T = TypeVar("T")
Label = str | int | float | bool


class ColumnKind(StrEnum):
    """What a column holds, as the engine uses it."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    TEXT = "text"
    IDENTIFIER = "identifier"

    @property
    def word(self) -> str:
        """The word shown to people."""
        return {
            "numeric": "number",
            "categorical": "category",
            "boolean": "yes/no",
            "datetime": "date",
            "text": "text",
            "identifier": "identifier",
        }[self.value]


class Task(StrEnum):
    """The kind of problem. Pages ask its properties; they never compare strings."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"

    @property
    def has_probabilities(self) -> bool:
        return self is not Task.REGRESSION

    @property
    def label(self) -> str:
        """SageMaker Canvas's name of the model type."""
        return {
            "binary": "2 category prediction",
            "multiclass": "3+ category prediction",
            "regression": "Numeric prediction",
        }[self.value]


class TrialState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    COMPLETED = "completed"
    SKIPPED = "skipped"
    FAILED = "failed"
    TIMED_OUT = "timed out"
    CANCELLED = "cancelled"

    @property
    def is_finished(self) -> bool:
        return self not in (TrialState.WAITING, TrialState.RUNNING)


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_finished(self) -> bool:
        return self in (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)

    def can_become(self, other: JobState) -> bool:
        """Legal transitions; a running job may go back to the queue (a retry after a crash)."""
        return other in {
            JobState.QUEUED: (JobState.RUNNING, JobState.CANCELLED),
            JobState.RUNNING: (
                JobState.SUCCEEDED,
                JobState.FAILED,
                JobState.CANCELLED,
                JobState.QUEUED,
            ),
        }.get(self, ())


class JobKind(StrEnum):
    INGEST = "ingest"
    BUILD = "build"
    PREDICT = "predict"
    REPORT = "report"
    LEARN = "learn"  # the learning curve of a model that is built


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    HIGH = "high"


class RuleAction(StrEnum):
    """What follows when a rule over training finds something."""

    OFF = "off"
    REPORT = "report"
    NOTIFY = "notify"
    STOP = "stop"  # the candidate; it is reported too


class SplitKind(StrEnum):
    RANDOM = "random"
    STRATIFIED = "stratified"
    GROUP = "group"
    TIME = "time"


# --- data -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Project:
    """The unit of ownership: everything stored belongs to one."""

    id: str
    name: str
    owner: str


@dataclass(frozen=True)
class Column:
    """One column of a data set, as profiled. `missing` and `distinct` count cells and values."""

    name: str
    kind: ColumnKind
    missing: int = 0
    distinct: int = 0
    examples: tuple[str, ...] = ()
    reason: str = ""  # why this kind, in a few words
    kind_by_user: bool = False


@dataclass(frozen=True)
class Note:
    """One decision that was made for the user: a ledger entry in a plain sentence."""

    code: str
    message: str
    column: str | None = None


@dataclass(frozen=True)
class BadRow:
    """A row of a file that did not fit: its line (from 1), why, and its text (cut where it is long)."""

    line: int
    reason: str
    text: str


@dataclass(frozen=True)
class ReadReport:
    """How a file was read. `options` suffices to read it again the same way (see data.read)."""

    format: str  # csv | excel | json | parquet | frame | join | append
    options: dict[str, Any] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    bad_rows: int = 0
    set_aside: tuple[BadRow, ...] = ()  # the first of them


@dataclass(frozen=True)
class Dataset:
    """A table in the workspace: one version of a series. The id is opaque; the store resolves it to files."""

    id: str
    project: str
    name: str
    version: int
    digest: str
    rows: int
    columns: tuple[Column, ...]
    report: ReadReport
    bytes: int = 0
    created: str = ""  # ISO 8601, UTC
    origin: str = "upload"  # upload | sample | join | append, or the source it was fetched from
    target: str | None = None  # a sample's suggested target
    series: str = ""  # the id that all versions share
    parent: str | None = None  # the version that this one follows

    @property
    def is_proposed(self) -> bool:
        """Whether it waits for someone to keep it as the next version, or to discard it."""
        return self.version == 0

    def column(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        from automl.errors import ColumnError, unknown_name

        raise ColumnError(unknown_name("column", name, [c.name for c in self.columns]))


@dataclass(frozen=True)
class Step:
    """One step of a cleaning recipe.

    `effect` counts what it touches ({"cells": 455} or {"rows": 14} or {"columns": 2}).
    `learned` steps are fitted inside each training fold; `removes_rows` steps touch training
    rows only; all others are replayed on every row that is ever predicted.
    """

    op: str
    columns: tuple[str, ...] = ()
    params: dict[str, Any] = field(default_factory=dict)
    title: str = ""
    reason: str = ""
    effect: dict[str, int] = field(default_factory=dict)
    enabled: bool = True
    learned: bool = False
    removes_rows: bool = False


@dataclass(frozen=True)
class Recipe:
    steps: tuple[Step, ...] = ()


# --- joins ------------------------------------------------------------------------------


@dataclass(frozen=True)
class JoinKey:
    """Two columns that belong together. `compare` says how their values are held against each other.

    same, text, zeros (text without leading zeros), folded (text without regard to case and spaces),
    number, day, hour: see `data.merge.key_values`.
    """

    left: str
    right: str
    compare: str = "same"


@dataclass(frozen=True)
class JoinStep:
    """One table that is added to those before it.

    `table` is a data set's id, in the shell a path. `columns` are brought along: name there to name in the
    result. `repeats` says what becomes of right rows that share a key: all, first, latest (by the date in
    `latest`), mean, sum or count.
    """

    table: str
    name: str
    keys: tuple[JoinKey, ...]
    how: str = "left"
    columns: dict[str, str] = field(default_factory=dict)
    repeats: str = "all"
    latest: str | None = None


@dataclass(frozen=True)
class JoinPlan:
    """A base table and the tables that are added to it, in order."""

    base: str
    name: str
    steps: tuple[JoinStep, ...] = ()


# --- the problem and the order ----------------------------------------------------------


@dataclass(frozen=True)
class SplitPlan:
    """Honoured by the test rows, the folds and early stopping alike."""

    kind: SplitKind = SplitKind.RANDOM
    test_share: float = 0.2
    folds: int | None = None  # None: by size (engine.folds); 1: one holdout
    column: str | None = None
    seed: int = 0


@dataclass(frozen=True)
class TargetReading:
    """How the values of the column to predict are read before anything else; what is empty is not done.

    `part` is month or weekday of a date, or number of a text. `missing` is what rows without a value count as.
    Labels with fewer than `least_rows` rows count as `rare`; where that is empty, their rows are set aside.
    """

    part: str = ""
    missing: str = ""
    least_rows: int = 0
    rare: str = ""


@dataclass(frozen=True)
class Problem:
    """What is to be predicted from what. Inferred with a reason, editable."""

    target: str
    task: Task
    metric: str
    features: tuple[str, ...]
    split: SplitPlan = SplitPlan()
    reason: str = ""
    classes: tuple[Label, ...] = ()
    class_dtype: str = "str"
    positive_class: Label | None = None
    threshold: float | None = None  # of the outcome of interest; None: chosen where the metric counts labels
    weight_column: str | None = None
    borderline: bool = False  # the task was a close call: ask
    notes: tuple[Note, ...] = ()
    reading: TargetReading | None = None

    @property
    def has_probabilities(self) -> bool:
        return self.task.has_probabilities

    @property
    def positive_code(self) -> int:
        """The code of the outcome of interest; the second class where none is chosen."""
        return self.classes.index(self.positive_class) if self.positive_class in self.classes else 1


@dataclass(frozen=True)
class Budget:
    """`seconds` from call to return; `candidates` beyond the baseline; memory in MB; `predict_us` for a row of many."""

    seconds: float = 60.0
    candidates: int | None = None
    threads: int | None = None
    memory_mb: int | None = None
    max_rows: int | None = None
    predict_us: float | None = None


@dataclass(frozen=True)
class RuleSetting:
    """A rule over training as a user wants it; thresholds that are not named keep their defaults."""

    code: str
    action: RuleAction = RuleAction.REPORT
    thresholds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class BuildSpec:
    """Everything a build needs: same spec, same seed, same candidates, same model."""

    id: str
    dataset: str
    columns: tuple[Column, ...]
    recipe: Recipe
    problem: Problem
    budget: Budget
    families: tuple[str, ...]
    preset: str = "quick"
    seed: int = 0
    name: str = ""
    rules: tuple[RuleSetting, ...] = ()


# --- what comes out ---------------------------------------------------------------------


@dataclass(frozen=True)
class Trial:
    """One candidate: a family with a configuration, scored on the validation folds."""

    candidate: str  # unique in the build, shown: "LightGBM, extra trees"
    family: str
    state: TrialState
    metric: str
    score: float | None = None
    score_std: float | None = None
    fold_scores: tuple[float, ...] = ()
    metrics: dict[str, tuple[float, float]] = field(default_factory=dict)  # name: mean, std
    fit_seconds: float | None = None
    predict_ms_per_row: float | None = None
    reason: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    curve: tuple[float, ...] = ()
    order: int = 0
    # how far behind the model that ships, on the same out-of-fold rows, and the 95 % interval of that
    behind: tuple[float, float, float] | None = None

    @property
    def has_standing(self) -> bool:
        """Whether its score counts: also while further folds are fitted."""
        return self.state is TrialState.COMPLETED or (self.state is TrialState.RUNNING and self.score is not None)


def order_trials(trials: Iterable[Trial], sign: int) -> list[Trial]:
    """Candidates with a score, best first (`sign` -1 where lower is better), then the others."""
    return sorted(
        trials,
        key=lambda t: (
            not t.has_standing,
            -sign * t.score if t.score is not None else 0.0,
            t.order,
        ),
    )


def standings(trials: Iterable[Trial]) -> list[dict[str, Any]]:
    """What a leaderboard shows of each candidate, in the order given."""
    return [
        {
            "rank": place if t.score is not None else None,
            "candidate": t.candidate,
            "family": t.family,
            "state": str(t.state),
            "metric": t.metric,
            "score": t.score,
            "score_std": t.score_std,
            "fit_seconds": t.fit_seconds,
            "predict_ms_per_row": t.predict_ms_per_row,
            "reason": t.reason,
        }
        for place, t in enumerate(trials, 1)
    ]


@dataclass(frozen=True)
class Fix:
    """A change that mends a finding, offered as a button. `action` is known to the page.

    `value` is what it changes to: a kind, a task, a metric, a number of rows.
    """

    label: str
    action: str
    columns: tuple[str, ...] = ()
    value: str = ""


@dataclass(frozen=True)
class Finding:
    """Advice with a stable code and the number in the sentence."""

    code: str
    severity: Severity
    title: str
    message: str
    columns: tuple[str, ...] = ()
    fix: Fix | None = None
    candidate: str = ""  # of a finding about one candidate
    figure: str = ""  # the curve behind it, see findings.training
    more: tuple[Fix, ...] = ()  # further ways to mend it

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """Every way to mend it, the first one first."""
        return ((self.fix,) if self.fix else ()) + self.more


@dataclass(frozen=True)
class ModelVersion:
    """A model in the workspace: one version per build."""

    id: str  # opaque; the address of the model's pages
    project: str
    name: str
    number: int
    dataset: str
    created: str
    job: str | None = None
    draft: dict[str, Any] = field(default_factory=dict)  # the build page's unsent choices
    spec: BuildSpec | None = None


@dataclass(frozen=True)
class Batch:
    """A table that is, or was, predicted with a model; what lies in its folder says `store.batches`."""

    id: str
    project: str
    model: str
    name: str  # of the input
    created: str
    source: dict[str, Any]  # {"kind": upload | dataset | folder, "dataset": id, "target": …}
    wishes: dict[str, Any]  # predict.Wishes as plain JSON
    automation: str | None = None  # what started it; None: a person
    job: str | None = None  # the latest
    rows: int = 0
    contract: dict[str, Any] | None = None  # predict.Check as plain JSON
    outcome: dict[str, Any] | None = None  # predict.Outcome as plain JSON, once it is done
    truth: dict[str, Any] | None = None  # the realised score, once it is known


@dataclass(frozen=True)
class Automation:
    """A data set, or a folder, whose new versions or files are predicted by themselves."""

    id: str
    project: str
    model: str
    kind: str  # dataset | folder
    source: str  # the series of data sets; the folder within FORETABLE_IMPORT_DIR
    name: str
    wishes: dict[str, Any]
    enabled: bool
    created: str
    error: str | None = None  # why it can't look just now


@dataclass(frozen=True)
class Job:
    id: str
    kind: JobKind
    project: str
    subject: str  # the model id (build) or data set id
    state: JobState
    lease: int = 0
    attempt: int = 0
    created: str = ""
    started: str | None = None
    heartbeat: str | None = None
    finished: str | None = None
    pid: int | None = None
    wish: str | None = None  # cancel | finish (asked by the user)
    error: str | None = None
    payload: dict[str, Any] = field(default_factory=dict)


# --- JSON -------------------------------------------------------------------------------


@functools.cache
def _converter() -> Any:
    from cattrs.preconf.json import make_converter

    return make_converter(forbid_extra_keys=True)


def to_dict(value: Any) -> Any:
    """Turn a dataclass of this page into plain dicts, lists, strings and numbers.

    >>> to_dict(Note("a", "b"))
    {'code': 'a', 'message': 'b', 'column': None}
    """
    return _converter().unstructure(value)


def from_dict(data: Any, cls: type[T]) -> T:
    """Rebuild a dataclass; raises ForetableError on unknown keys or wrong types.

    >>> from_dict({"code": "a", "message": "b", "column": None}, Note)
    Note(code='a', message='b', column=None)
    """
    from cattrs.errors import BaseValidationError

    try:
        return _converter().structure(data, cls)
    except (BaseValidationError, TypeError, ValueError, KeyError, AttributeError) as e:
        from cattrs import transform_error

        from automl.errors import ForetableError

        raise ForetableError(f"This is not a valid {cls.__name__}: {'; '.join(transform_error(e))}.") from e


def to_json(value: Any) -> str:
    import json

    return json.dumps(to_dict(value), ensure_ascii=False, indent=1, allow_nan=False)


def from_json(text: str, cls: type[T]) -> T:
    import json

    return from_dict(json.loads(text), cls)


replace = dataclasses.replace
