from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pandas as pd
import pytest

from automl.errors import ColumnError, StoreError
from automl.store import Workspace, files
from automl.types import (
    Budget,
    BuildSpec,
    Column,
    ColumnKind,
    Note,
    Problem,
    ReadReport,
    Recipe,
    Step,
    Task,
)


def spec(dataset: str) -> BuildSpec:
    return BuildSpec(
        id="b1", dataset=dataset, columns=(Column("age", ColumnKind.NUMERIC, examples=("31",)),),
        recipe=Recipe((Step("trim", ("plan",), {"a": [1, 2.5, None]}, effect={"cells": 3}),)),
        problem=Problem("churn", Task.BINARY, "roc_auc", ("age", "plan"), classes=("no", "yes")),
        budget=Budget(5.0, candidates=2), families=("linear",),
    )  # fmt: skip


# -- projects -----------------------------------------------------------------------------


def test_there_is_a_project_with_an_owner_from_the_start(workspace):
    assert workspace.project().owner == "local"
    assert workspace.projects() == [workspace.project()]


def test_projects_hold_their_own(workspace, table, add):
    other = workspace.add_project("  Other ", owner="ann")
    mine, theirs = add(workspace, table), add(workspace, table, project=other)
    assert (mine.project, theirs.project) == (workspace.project().id, other.id)
    assert (mine.version, theirs.version) == (1, 1)
    assert workspace.datasets(other) == [theirs]
    assert workspace.datasets(other.id) == [theirs]
    assert workspace.datasets() == [theirs, mine]
    assert workspace.projects(owner="ann") == [other]
    assert workspace.add_model("M", theirs.id).project == other.id


def test_an_unknown_project_is_refused(workspace, table, add):
    with pytest.raises(StoreError, match="no such project"):
        add(workspace, table, project="p1")
    assert list((workspace.home / "datasets").iterdir()) == []


# -- data sets ----------------------------------------------------------------------------


def test_a_data_set_comes_back_with_all_that_was_given(workspace, table):
    report = ReadReport("csv", {"separator": ";", "columns": {"a": [1, None]}}, (Note("n", "m", "a"),), 2)
    columns = (Column("age", ColumnKind.NUMERIC, 0, 3, ("31", "45"), "numbers"),)
    made = workspace.add_dataset(
        table, name=" customer  churn ", report=report, columns=columns, origin="sample", target="churn"
    )
    assert workspace.dataset(made.id) == made
    assert (made.name, made.version, made.rows, made.target, made.origin) == (
        "customer churn", 1, 3, "churn", "sample",
    )  # fmt: skip
    assert (made.report, made.columns) == (report, columns)
    path = workspace.data_path(made.id)
    assert made.digest == files.digest(path)
    assert made.bytes == path.stat().st_size
    pd.testing.assert_frame_equal(workspace.frame(made.id), table)
    pd.testing.assert_frame_equal(pd.read_parquet(path), table)


def test_data_sets_are_listed_newest_first(workspace, table, add):
    made = [add(workspace, table, name) for name in "abc"]
    assert [d.id for d in workspace.datasets()] == [d.id for d in reversed(made)]


def test_the_same_name_gets_the_next_version(workspace, table, add):
    assert [add(workspace, table).version for _ in range(3)] == [1, 2, 3]


def test_an_upload_that_fails_leaves_nothing(workspace, table, monkeypatch, add):
    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "flush", full)
    with pytest.raises(StoreError, match="The disk is full. This was not saved"):
        add(workspace, table)
    assert workspace.datasets() == []
    for folder in ("datasets", "staging"):
        assert list((workspace.home / folder).iterdir()) == []


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        (pd.DataFrame(), "no columns"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "two columns called 'a'"),
    ],
)
def test_unusable_tables_are_refused(workspace, frame, sentence, add):
    with pytest.raises(StoreError, match=sentence):
        add(workspace, frame)


def test_a_name_is_needed(workspace, table, add):
    with pytest.raises(StoreError, match="needs a name"):
        add(workspace, table, "  ")


def test_a_kind_can_be_set(workspace, dataset):
    changed = workspace.set_kind(dataset.id, "age", "numeric")
    assert workspace.dataset(dataset.id) == changed
    column = changed.column("age")
    assert (column.kind, column.kind_by_user) == (ColumnKind.NUMERIC, True)
    assert not changed.column("plan").kind_by_user
    with pytest.raises(ColumnError, match="Did you mean 'age'"):
        workspace.set_kind(dataset.id, "aeg", "numeric")


def test_kinds_set_at_once_are_both_kept(workspace, dataset):
    def change(column: str) -> None:
        Workspace(workspace.home).set_kind(dataset.id, column, "text")

    threads = [threading.Thread(target=change, args=(c,)) for c in ("age", "plan", "churn")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {c.kind for c in workspace.dataset(dataset.id).columns} == {ColumnKind.TEXT}


def test_a_data_set_can_be_renamed(workspace, table, dataset, add):
    other = add(workspace, table, "others")
    assert workspace.rename_dataset(other.id, "customers").version == 2
    assert workspace.dataset(other.id).name == "customers"
    assert workspace.rename_dataset(other.id, "customers").version == 2


def test_a_deleted_data_set_is_gone_and_named(workspace, table, dataset, add):
    path = workspace.data_path(dataset.id)
    workspace.delete_dataset(dataset.id)
    assert not path.exists()
    assert workspace.datasets() == []
    for ask in (workspace.dataset, workspace.frame, workspace.data_path, workspace.delete_dataset):
        with pytest.raises(StoreError, match="'customers' was deleted"):
            ask(dataset.id)
    assert add(workspace, table).version == 1


@pytest.mark.parametrize("id", ["d1", "../../etc", ""])
def test_an_id_that_is_unknown_never_becomes_a_path(workspace, id):
    for ask in (workspace.dataset, workspace.frame, workspace.data_path):
        with pytest.raises(StoreError, match="no such data set"):
            ask(id)
    for ask in (workspace.model, workspace.build_folder, workspace.bundle_folder):
        with pytest.raises(StoreError, match="no such model"):
            ask(id)


def test_a_damaged_or_missing_file_is_said_so(workspace, dataset):
    path = workspace.data_path(dataset.id)
    path.write_bytes(b"nothing")
    with pytest.raises(StoreError, match="damaged"):
        workspace.frame(dataset.id)
    path.unlink()
    with pytest.raises(StoreError, match="missing"):
        workspace.frame(dataset.id)


# -- models -------------------------------------------------------------------------------


def test_a_model_keeps_its_draft_and_spec(workspace, dataset):
    model = workspace.add_model("Churn", dataset.id, {"target": "churn", "off": ["age"]})
    assert workspace.model(model.id) == model
    assert (model.number, model.spec, model.job) == (1, None, None)
    changed = workspace.update_model(model.id, draft={"target": "age"}, spec=spec(dataset.id), job="j1")
    assert workspace.model(model.id) == changed
    assert (changed.draft, changed.spec, changed.job) == ({"target": "age"}, spec(dataset.id), "j1")
    assert workspace.update_model(model.id, job=None).job is None
    assert workspace.model(model.id).spec == spec(dataset.id)


def test_versions_count_by_name(workspace, dataset):
    one, two, other = (workspace.add_model(name, dataset.id) for name in ("A", "A", "B"))
    assert (one.number, two.number, other.number) == (1, 2, 1)
    assert workspace.update_model(other.id, name="A").number == 3
    assert workspace.update_model(two.id, name="A").number == 2
    assert [m.id for m in workspace.models()] == [other.id, two.id, one.id]


def test_a_model_needs_its_data_set(workspace, dataset):
    workspace.delete_dataset(dataset.id)
    with pytest.raises(StoreError, match="was deleted"):
        workspace.add_model("A", dataset.id)


def test_a_draft_must_be_json(workspace, dataset):
    with pytest.raises(StoreError, match="JSON"):
        workspace.add_model("A", dataset.id, {"a": object()})


def test_a_bundle_is_found_once_it_is_sealed(workspace, dataset):
    model = workspace.add_model("A", dataset.id)
    folder = workspace.build_folder(model.id)
    assert folder.is_dir()
    assert workspace.bundle_folder(model.id) is None
    (folder / "bundle").mkdir()
    assert workspace.bundle_folder(model.id) is None
    (folder / "bundle" / "manifest.json").write_text("{}")
    assert workspace.bundle_folder(model.id) == folder / "bundle"


def test_a_deleted_model_takes_its_files_along(workspace, dataset):
    model = workspace.add_model("A", dataset.id)
    folder = workspace.build_folder(model.id)
    workspace.delete_model(model.id)
    assert not folder.exists()
    assert workspace.models() == []
    with pytest.raises(StoreError, match="no such model"):
        workspace.build_folder(model.id)


# -- the folder ---------------------------------------------------------------------------


def test_sweep_removes_old_folders_without_a_row(workspace, dataset):
    model = workspace.add_model("A", dataset.id)
    past = time.time() - 2 * files.LEFTOVER_SECONDS
    for folder in (workspace.home / "datasets" / "dlost", workspace.home / "models" / "mlost"):
        folder.mkdir()
        os.utime(folder, (past, past))
    kept = workspace.build_folder(model.id)
    os.utime(kept, (past, past))
    os.utime(workspace.data_path(dataset.id).parent, (past, past))
    workspace.sweep()
    assert [p.name for p in (workspace.home / "datasets").iterdir()] == [dataset.id]
    assert [p.name for p in (workspace.home / "models").iterdir()] == [model.id]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="FORETABLE_HOME"):
        Workspace(tmp_path / "file" / "home")


def test_home_comes_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("FORETABLE_HOME", str(tmp_path / "x"))
    assert Workspace().home == (tmp_path / "x").resolve()


def test_opening_a_workspace_imports_nothing_heavy(tmp_path):
    code = (
        "import sys; from automl.store import Workspace; Workspace().projects();"
        "print([m for m in ('pandas', 'numpy', 'pyarrow', 'cattrs') if m in sys.modules])"
    )
    env = {"FORETABLE_HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


# -- versions -----------------------------------------------------------------------------


def test_a_new_version_is_explicit_whatever_its_file_is_called(workspace, table, add):
    first = add(workspace, table, "customers.csv")
    second = add(workspace, table, "export (3).csv", version_of=first.id)
    assert (second.name, second.version, second.series, second.parent) == ("customers.csv", 2, first.series, first.id)
    assert add(workspace, table, "export (3).csv").version == 1
    assert [d.id for d in workspace.versions(first.id)] == [second.id, first.id]
    third = add(workspace, table, "customers.csv")  # by its name
    assert (third.version, third.parent, third.series) == (3, second.id, first.series)


def test_a_proposed_version_is_none_until_it_is_kept(workspace, table, add):
    first = add(workspace, table)
    proposed = add(workspace, table, version_of=first.id, proposed=True)
    assert proposed.is_proposed and workspace.has_dataset(proposed.id)
    assert workspace.datasets() == [first] and workspace.versions(first.id) == [first]
    second = add(workspace, table)
    kept = workspace.keep_version(proposed.id)
    assert (second.version, kept.version, kept.parent) == (2, 3, first.id)
    assert workspace.keep_version(proposed.id) == kept
    assert [d.version for d in workspace.versions(first.id)] == [3, 2, 1]


def test_a_proposal_follows_its_series(workspace, table, add):
    first = add(workspace, table)
    proposed = add(workspace, table, version_of=first.id, proposed=True)
    workspace.rename_dataset(first.id, "clients")
    assert (workspace.dataset(proposed.id).name, workspace.keep_version(proposed.id).version) == ("clients", 2)
    orphan = add(workspace, table, version_of=first.id, proposed=True)
    for version in workspace.versions(first.id):
        workspace.delete_dataset(version.id)
    assert workspace.keep_version(orphan.id).version == 1  # nothing is left to follow


def test_a_deleted_version_s_number_never_comes_back(workspace, table, add):
    made = [add(workspace, table) for _ in range(3)]
    workspace.delete_dataset(made[2].id)
    assert add(workspace, table).version == 4
    for version in workspace.versions(made[0].id):
        workspace.delete_dataset(version.id)
    assert add(workspace, table).version == 1
    assert workspace.remembered(made[2].id).version == 3
    assert workspace.remembered("d0") is None


def test_all_versions_are_renamed_and_join_another_series(workspace, table, add):
    one = [add(workspace, table, "a"), add(workspace, table, "a")]
    other = add(workspace, table, "b")
    workspace.rename_dataset(one[1].id, "c")
    assert [(d.name, d.version) for d in workspace.versions(one[0].id)] == [("c", 2), ("c", 1)]
    assert workspace.rename_dataset(one[0].id, "b").version == 2
    assert [d.id for d in workspace.versions(other.id)] == [one[1].id, one[0].id, other.id]
    assert add(workspace, table, "b").version == 4


def test_versions_that_come_at_once_get_numbers_of_their_own(workspace, table, add):
    first, made = add(workspace, table), []

    def upload(proposed: bool) -> None:
        own = Workspace(workspace.home)
        new = add(own, table, "x", version_of=first.id, proposed=proposed)
        made.append(own.keep_version(new.id))

    threads = [threading.Thread(target=upload, args=(i % 2 == 0,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(d.version for d in made) == [2, 3, 4, 5, 6, 7]
    assert {d.series for d in made} == {first.series}


def test_what_uses_a_data_set_is_named(workspace, table, add):
    first = add(workspace, table)
    model = workspace.add_model("M", first.id)
    made = workspace.add_dataset(
        table, name="both", report=ReadReport("append", {"inputs": [first.id]}), columns=first.columns
    )
    assert workspace.users(first.id) == ([model], [made])
    assert workspace.users(made.id) == ([], [])


def test_proposals_that_nobody_kept_go(workspace, table, add):
    first = add(workspace, table)
    proposed = add(workspace, table, version_of=first.id, proposed=True)
    workspace.sweep()
    assert workspace.has_dataset(proposed.id)
    with workspace.database.write() as db:
        db.execute("UPDATE datasets SET created = '2020-01-01' WHERE id IN (?, ?)", (first.id, proposed.id))
    workspace.sweep()
    assert workspace.has_dataset(first.id) and not workspace.has_dataset(proposed.id)
