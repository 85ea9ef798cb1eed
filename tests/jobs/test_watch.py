"""What predicts by itself does so once for each version and each complete file, and only where it may look."""

from __future__ import annotations

import os
import shutil
import time

import pandas as pd
import pytest

from automl.data.profile import profile
from automl.errors import StoreError
from automl.jobs import batches, client, watch, worker
from automl.jobs.queue import Queue
from automl.jobs.supervisor import Supervisor
from automl.predict import Choices, Extras, Wishes
from automl.types import JobState, ReadReport, to_dict
from tests.conftest import customers

WISHES = to_dict(Wishes(Choices(fill="missing")))


@pytest.fixture
def model(workspace, churn_bundle, bench):
    made = workspace.add_model("Leaving", bench.dataset.id)
    shutil.copytree(churn_bundle.folder, workspace.build_folder(made.id) / "bundle")
    return made


@pytest.fixture
def inbox(tmp_path, monkeypatch):
    folder = tmp_path / "imports" / "inbox"
    folder.mkdir(parents=True)
    monkeypatch.setenv("FORETABLE_IMPORT_DIR", str(tmp_path / "imports"))
    return folder


def add(workspace, seed):
    frame = customers(30, seed=seed)
    return workspace.add_dataset(frame, name="customers", report=ReadReport("frame"), columns=profile(frame))


def started(workspace, automation):
    return [b.name for b in reversed(workspace.batches.of(automation=automation.id))]


def work_off(workspace):
    while job := Queue(workspace.database).claim():
        worker.run_job(workspace, job.id, job.lease)


def test_a_new_version_is_predicted_once(workspace, model):
    first = add(workspace, 1)
    made = watch.watch_dataset(workspace, model.id, first.series, first.name, WISHES)
    watcher = watch.Watcher(workspace)
    watcher.look()
    assert started(workspace, made) == []
    add(workspace, 2)
    for _ in range(3):
        watcher.look()
    assert started(workspace, made) == ["customers, version 2"]
    work_off(workspace)
    (batch,) = workspace.batches.of(automation=made.id)
    assert batches.state(workspace, batch) == "done" and batch.outcome["rows"] == 30
    workspace.batches.switch(made.id, False)
    add(workspace, 3)
    watch.Watcher(workspace).look()
    assert len(started(workspace, made)) == 1
    workspace.batches.switch(made.id, True)
    watch.Watcher(workspace).look()
    assert started(workspace, made)[1:] == ["customers, version 3"]


def test_a_complete_new_file_is_predicted_once_whatever_its_name(workspace, model, inbox):
    customers(20, seed=1).to_csv(inbox / "old.csv", index=False)
    made = watch.watch_folder(workspace, model.id, "inbox", WISHES)
    watcher = watch.Watcher(workspace, stable_seconds=0.2)
    watcher.look()
    shutil.copyfile(inbox / "old.csv", inbox / "the same again.csv")
    customers(20, seed=2).to_csv(inbox / "new.csv", index=False)
    (inbox / ".hidden.csv").write_text("a\n1\n")
    (inbox / "half.csv.part").write_text("a\n1\n")
    (inbox / "link.csv").symlink_to("/etc/hostname")
    watcher.look()
    assert started(workspace, made) == []  # too fresh
    with (inbox / "new.csv").open("a") as file:
        file.write("")
    time.sleep(0.3)
    for _ in range(2):
        watcher.look()
    assert started(workspace, made) == ["new.csv"]
    (inbox / "new.csv").rename(inbox / "renamed.csv")
    os.utime(inbox / "old.csv")
    watcher.look()
    time.sleep(0.3)
    watch.Watcher(workspace, stable_seconds=0.0).look()  # another supervisor, later
    assert started(workspace, made) == ["new.csv"]
    work_off(workspace)
    assert workspace.batches.of(automation=made.id)[0].outcome["rows"] == 20


def test_a_growing_file_is_waited_for(workspace, model, inbox):
    made = watch.watch_folder(workspace, model.id, "inbox", WISHES)
    watcher, text = watch.Watcher(workspace, stable_seconds=0.3), customers(20, seed=4).to_csv(index=False)
    for cut in (200, 500, 900):
        (inbox / "rows.csv").write_text(text[:cut])
        watcher.look()
        time.sleep(0.1)
    assert started(workspace, made) == []
    (inbox / "rows.csv").write_text(text)
    watcher.look()
    time.sleep(0.35)
    watcher.look()
    work_off(workspace)
    assert [b.outcome["rows"] for b in workspace.batches.of(automation=made.id)] == [20]


def test_a_bad_file_is_a_failed_batch_and_the_next_one_goes_on(workspace, model, inbox):
    made = watch.watch_folder(workspace, model.id, "inbox", WISHES)
    (inbox / "a.csv").write_text("x,y\n1,2\n")
    customers(20, seed=5).to_csv(inbox / "b.csv", index=False)
    watch.Watcher(workspace, stable_seconds=0.0).look()
    work_off(workspace)
    second, first = workspace.batches.of(automation=made.id)
    assert (first.name, second.name) == ("a.csv", "b.csv")
    assert client.status(workspace, first.job).state is JobState.FAILED
    assert "right table" in client.status(workspace, first.job).error
    assert second.outcome["rows"] == 20


def test_results_are_copied_where_that_is_wished_for(workspace, model, inbox, tmp_path, monkeypatch):
    out = tmp_path / "results"
    out.mkdir()
    monkeypatch.setenv("FORETABLE_EXPORT_DIR", str(out))
    made = watch.watch_folder(workspace, model.id, "inbox", {**WISHES, "export": True})
    customers(20, seed=6).to_csv(inbox / "march 24.csv", index=False)
    watch.Watcher(workspace, stable_seconds=0.0).look()
    work_off(workspace)
    (file,) = out.iterdir()
    assert file.name.startswith("march-24-predictions-") and len(pd.read_csv(file)) == 20
    assert len(workspace.batches.of(automation=made.id)) == 1


def test_all_that_is_wished_for_is_written_and_copied(workspace, model, inbox, tmp_path, monkeypatch):
    out = tmp_path / "results"
    out.mkdir()
    monkeypatch.setenv("FORETABLE_EXPORT_DIR", str(out))
    wishes = to_dict(Wishes(Choices(fill="missing"), formats=("parquet", "xlsx"), extras=Extras(0.9, 2, quick=True)))
    watch.watch_folder(workspace, model.id, "inbox", {**wishes, "export": True})
    customers(20, seed=6).to_csv(inbox / "march.csv", index=False)
    watch.Watcher(workspace, stable_seconds=0.0).look()
    work_off(workspace)
    assert sorted(f.suffix for f in out.iterdir()) == [".parquet", ".xlsx"]
    got = pd.read_parquet(next(out.glob("*.parquet")))
    assert {"prediction_set", "reason_1", "reason_2"} <= set(got.columns) and len(got) == 20
    assert got["reason_1"].str.contains(" is ").any()


def test_what_is_too_large_for_excel_is_written_as_csv(workspace, model, inbox, monkeypatch):
    monkeypatch.setattr("automl.predict.output.EXCEL_ROWS", 10)
    wishes = to_dict(Wishes(Choices(fill="missing"), formats=("xlsx",)))
    made = watch.watch_folder(workspace, model.id, "inbox", wishes)
    customers(20, seed=6).to_csv(inbox / "march.csv", index=False)
    watch.Watcher(workspace, stable_seconds=0.0).look()
    work_off(workspace)
    (batch,) = workspace.batches.of(automation=made.id)
    assert sorted(batch.outcome["files"]) == ["csv", "parquet"]


@pytest.mark.parametrize("folder", ["..", "/etc", "../other", "nowhere"])
def test_only_folders_inside_may_be_watched(workspace, model, inbox, folder):
    (inbox.parent.parent / "other").mkdir()
    with pytest.raises(StoreError, match=r"inside of|There is no folder"):
        watch.watch_folder(workspace, model.id, folder, WISHES)


def test_without_a_setting_no_folder_is_watched(workspace, model, monkeypatch):
    monkeypatch.delenv("FORETABLE_IMPORT_DIR", raising=False)
    with pytest.raises(StoreError, match="FORETABLE_IMPORT_DIR"):
        watch.watch_folder(workspace, model.id, ".", WISHES)
    assert watch.folders() == []


def test_trouble_is_said_and_goes_away(workspace, model, inbox):
    made = watch.watch_folder(workspace, model.id, "inbox", WISHES)
    inbox.rename(inbox.parent / "away")
    watch.Watcher(workspace).look()
    (now,) = workspace.batches.automations(model=model.id)
    assert "There is no folder 'inbox'" in now.error
    (inbox.parent / "away").rename(inbox)
    watch.Watcher(workspace).look()
    assert workspace.batches.automations(model=model.id)[0].error is None
    with pytest.raises(StoreError, match="predicted by itself already"):
        watch.watch_folder(workspace, model.id, "inbox", WISHES)
    workspace.batches.forget(made.id)
    assert workspace.batches.automations() == []


def test_the_supervisor_stays_while_something_is_looked_out_for(workspace, model):
    supervisor = Supervisor(workspace)
    assert supervisor._no_work()
    made = watch.watch_dataset(workspace, model.id, "d0", "customers", WISHES)
    assert not supervisor._no_work()
    workspace.batches.switch(made.id, False)
    assert supervisor._no_work()
