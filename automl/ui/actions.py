"""What buttons do, and what pages look up: calls into the engine and the store, cached by content."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from automl import choices, config
from automl.bundle import Bundle
from automl.errors import DataError
from automl.jobs import client
from automl.types import (
    BuildSpec,
    Column,
    ColumnKind,
    Dataset,
    Finding,
    Job,
    JobKind,
    ModelVersion,
    Recipe,
    RuleSetting,
    from_dict,
    replace,
    to_dict,
)
from automl.ui import fixes
from automl.ui.state import project, workspace
from automl.ui.uploader import Sent


class RefusedUpload(DataError):
    """A file that can't be read as it stands, and is kept for a while: other choices may help.

    `intake` is the id under which it waits in the workspace.
    """

    def __init__(self, message: str, intake: str) -> None:
        super().__init__(message)
        self.intake = intake


SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"


# -- samples and uploads --------------------------------------------------------------------


@st.cache_data(show_spinner=False)
def samples() -> list[dict[str, Any]]:
    """The sample data sets that ship with the app."""
    path = SAMPLES / "samples.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []


def use_sample(name: str) -> Dataset:
    """The sample as a data set of this project; imported once."""
    from automl.data.read import read_with_report

    sample = next(s for s in samples() if s["name"] == name)
    for known in workspace().datasets(project()):
        if known.origin == "sample" and known.name == sample["title"]:
            return known
    frame, report = read_with_report(SAMPLES / sample["file"])
    return add_table(frame, sample["title"], report, origin="sample", target=sample.get("target"))


def use_upload(sent: Sent, *, member: str | None = None, options: dict[str, Any] | None = None, **about: str) -> str:
    """The id of the data set that an uploaded file becomes; a large one is read by a job of its own.

    `member` is the file of an archive to read, `options` are choices as for `data.read.read_table`; `about` may hold
    `version_of` or `append_to`: the id of a data set. Raises RefusedUpload when it is no table as it stands, DataError
    when no choice would help; the file is gone then.
    """
    return _ingested(sent, options or ({"member": member} if member else None), **about)


def append_otherwise(proposal: Dataset, choices: dict[str, Any]) -> str:
    """Bring the columns of a proposal's appended rows together as chosen; the id of the table that takes its place.

    That is the proposal's own id, unless a job of its own reads it. `choices` are `kinds` and `renamed`, as for
    `data.append.append`. Raises DataError where that can't be done.
    """
    from automl.data.again import chosen, linked
    from automl.data.ingest import ingest

    original = workspace().original(proposal.id)
    if original is None:
        raise DataError("The file with the rows was not kept. Upload it again.")
    options, (before,), name = chosen(proposal.report), proposal.report.options["inputs"], proposal.report.options["file"]
    if _takes_long(original, before):
        sent = Sent(linked(workspace(), original), name)
        return _ingested(sent, options or None, append_to=before, choices=choices, instead_of=proposal.id)
    return ingest(
        workspace(), original, name=name, options=options, append_to=before, choices=choices, replaces=proposal.id
    ).id


def _ingested(sent: Sent, options: dict[str, Any] | None, **about: Any) -> str:
    from automl.data.again import may_help
    from automl.data.ingest import ingest

    try:
        if _takes_long(sent.path, about.get("append_to")):
            job = client.ingest(
                workspace(), sent.path, name=sent.name, project=project().id, options=options, **about
            )
            return job.subject
        made = ingest(
            workspace(), sent.path, name=sent.name, project=project(), original=sent.path, options=options, **about
        )
        return made.id
    except DataError as e:
        if may_help(sent.path, sent.name) is None:
            raise
        raise RefusedUpload(str(e), workspace().new_intake(sent.path)) from e
    finally:
        sent.path.unlink(missing_ok=True)


def _takes_long(path: Path, append_to: str | None) -> bool:
    """Whether a file is read, and its rows put under a data set, by a job of its own."""
    from automl.data.ingest import LARGE_BYTES, is_large

    return is_large(path) or (append_to is not None and workspace().dataset(append_to).bytes >= LARGE_BYTES)


def add_table(
    frame: pd.DataFrame, name: str, report: Any, *, origin: str = "upload", target: str | None = None
) -> Dataset:
    from automl.data.profile import profile

    if frame.empty:
        raise DataError(f"'{name}' has no rows. Choose a file with a header and at least one row.")
    return workspace().add_dataset(
        frame,
        name=name,
        report=report,
        columns=profile(frame),
        project=project(),
        origin=origin,
        target=target,
    )


# -- tables ----------------------------------------------------------------------------------


@st.cache_resource(show_spinner=False, max_entries=4)
def _frame(home: str, id: str, digest: str, rows: int) -> pd.DataFrame:
    return workspace().frame(id, rows)


def frame(dataset: Dataset) -> pd.DataFrame:
    """The table of a data set, of a large one a sample; shared between sessions, never changed."""
    most = config.loaded_rows(len(dataset.columns))
    return _frame(str(workspace().home), dataset.id, dataset.digest, most)


def is_sampled(dataset: Dataset) -> bool:
    """Whether `frame` gives a sample."""
    return dataset.rows > config.loaded_rows(len(dataset.columns))


@st.cache_data(show_spinner=False, max_entries=64)
def charts(
    id: str, digest: str, kinds: tuple[str, ...], names: tuple[str, ...] | None = None
) -> dict[str, dict[str, Any]]:
    """The small chart of every column, or of those named."""
    from automl.data.profile import distribution

    dataset = workspace().dataset(id)
    table = frame(dataset)
    wanted = None if names is None else set(names)
    columns = [c for c in _read_as(dataset, kinds) if wanted is None or c.name in wanted]
    return {c.name: distribution(table, c, rows=dataset.rows) for c in columns}


@st.cache_data(show_spinner=False, max_entries=64)
def table_facts(id: str, digest: str) -> dict[str, int]:
    """Counts over the whole table."""
    from automl.data.copies import copies

    dataset = workspace().dataset(id)
    table = frame(dataset)
    counted = [c.missing for c in dataset.columns] if is_sampled(dataset) else table.isna().sum().tolist()
    return {
        "missing": int(sum(counted)),
        "columns_missing": sum(n > 0 for n in counted),
        "cells": dataset.rows * len(dataset.columns),
        "sampled": len(table) if is_sampled(dataset) else 0,
        "duplicates": int(copies(table).sum()),
    }


def kinds_of(dataset: Dataset) -> tuple[str, ...]:
    return tuple(c.kind.value for c in dataset.columns)


# -- models ----------------------------------------------------------------------------------


def new_model(dataset: Dataset, target: str | None = None) -> ModelVersion:
    """A draft of a model on a data set."""
    name = Path(dataset.name).stem.replace("_", " ").strip().capitalize() or "Model"
    chosen = target or dataset.target
    return workspace().add_model(name, dataset.id, draft={"target": chosen} if chosen else {})


def new_version(
    model: ModelVersion, *, mend: Finding | None = None, dataset: Dataset | None = None
) -> ModelVersion:
    """A draft with a model's choices, a finding's fix made or on other data; the model stays as it is."""
    draft = dict(model.draft)
    if model.spec and "target" not in draft:
        draft["target"] = model.spec.problem.target
    if mend is not None:
        draft = fixes.apply(draft, mend)
    if dataset is not None:
        draft = of_dataset(draft, dataset)
    id = dataset.id if dataset is not None else model.dataset
    return workspace().add_model(model.name, id, draft=draft, project=model.project)


def of_dataset(draft: dict[str, Any], dataset: Dataset) -> dict[str, Any]:
    """A draft's choices as far as they are of columns that a data set has."""
    names = {c.name for c in dataset.columns}
    mine = {k: [c for c in draft[k] if c in names] for k in ("excluded", "kept") if k in draft}
    return {**draft, **mine}


def use_version(model: ModelVersion, dataset: Dataset) -> None:
    """Have a draft learn from another version of its data set."""
    draft = of_dataset(workspace().model(model.id).draft, dataset)
    workspace().update_model(model.id, draft=draft, dataset=dataset.id)


def learned_from(model: ModelVersion) -> str:
    """The data set of a model, and its version where there are several."""
    found = workspace().remembered(model.dataset)
    if found is None:
        return "a deleted data set"
    several = found.version > 1 or len(workspace().versions_of(found.series)) > 1
    version = f", version {found.version}" if several else ""
    return f"{found.name}{version}{'' if workspace().has_dataset(found.id) else ' (deleted)'}"


@st.cache_data(show_spinner="Looking at the target and the columns", max_entries=64)
def _proposal(
    id: str,
    digest: str,
    kinds: tuple[str, ...],
    target: str,
    positive: Any,
    threshold: float | None,
    chosen: str,
) -> BuildSpec:
    from automl.spec import order

    dataset = workspace().dataset(id)
    about = fixes.choices(json.loads(chosen))
    split = about.pop("split")
    return order(
        frame(dataset),
        _read_as(dataset, kinds),
        target,
        dataset=id,
        positive_class=positive,
        threshold=threshold,
        split=split.kind if split else None,
        split_column=split.column if split else None,
        **about,
    )


def _read_as(dataset: Dataset, kinds: tuple[str, ...]) -> tuple[Column, ...]:
    """A data set's columns with the kinds that a draft reads them as."""
    return tuple(
        c if c.kind.value == kind else replace(c, kind=ColumnKind(kind), kind_by_user=True)
        for c, kind in zip(dataset.columns, kinds, strict=True)
    )


def proposal(dataset: Dataset, draft: dict[str, Any]) -> BuildSpec:
    """The order of a build as the draft stands: problem, reason, cleaning plan."""
    return _proposal(
        dataset.id,
        dataset.digest,
        kinds_of(dataset),
        draft["target"],
        draft.get("positive_class"),
        draft.get("threshold"),
        json.dumps({k: draft[k] for k in fixes.CHOICES if k in draft}, sort_keys=True),
    )


def start_build(model: ModelVersion, spec: BuildSpec, draft: dict[str, Any], recipe: Recipe) -> Job:
    """Submit the build; its own process takes it from here."""
    preset = config.preset(draft.get("preset", "quick"))
    seconds = float(draft.get("seconds", {}).get(preset.key, preset.seconds))
    spec = replace(
        spec,
        id=model.id,
        name=model.name,
        preset=preset.key,
        recipe=recipe,
        families=tuple(draft.get("families") or ()),
        rules=tuple(from_dict(r, RuleSetting) for r in draft.get("rules", ())),
        budget=replace(
            spec.budget, seconds=seconds, max_rows=preset.max_rows, candidates=draft.get("candidates"),
            predict_us=config.FAST_US if draft.get("fast") else None,
        ),  # fmt: skip
    )
    workspace().update_model(model.id, draft=draft)
    return client.submit(workspace(), JobKind.BUILD, model.id, {"spec": to_dict(spec)})


def job_of(model: ModelVersion) -> Job | None:
    return client.status(workspace(), model.job) if model.job else None


@st.cache_resource(show_spinner="Opening the model", max_entries=8)
def _bundle(folder: str, stamp: tuple[int, int]) -> Bundle:
    from automl import bundle

    return bundle.load(folder)


def open_bundle(model: ModelVersion) -> Bundle | None:
    """The sealed model, verified and kept open; None while there is none."""
    from automl.data import renamed

    folder = workspace().bundle_folder(model.id)
    if folder is None:
        return None
    changed = folder / choices.NAME  # the threshold that a user chose: from then on all predictions follow it
    stamp = changed.stat().st_mtime_ns if changed.is_file() else 0
    loaded = _bundle(str(folder), ((folder / "manifest.json").stat().st_mtime_ns, stamp))
    loaded.later_names = renamed.known(workspace(), model.dataset)
    return loaded


def evaluation(bundle: Bundle) -> dict[str, Any]:
    """What is known of the test rows, by the threshold that predictions use now."""
    from automl import insight

    return bundle.evaluation if insight.is_as_built(bundle) else _evaluation(bundle.stamp, bundle)


@st.cache_data(show_spinner="Looking at the test rows again", max_entries=16)
def _evaluation(stamp: str, _bundle: Bundle) -> dict[str, Any]:
    from automl import insight

    return insight.evaluation_now(_bundle)


def file_name(name: str) -> str:
    """A name that is safe as a file's."""
    kept = "".join(c if c.isalnum() or c in "-_" else "-" for c in name.strip())
    return "-".join(filter(None, kept.split("-")))[:60] or "model"
