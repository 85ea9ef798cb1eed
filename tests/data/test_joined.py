"""Joined tables in the workspace: kept with their steps, and made again from newer versions."""

from __future__ import annotations

import pandas as pd
import pytest

from automl.data.joined import keep, newer_inputs, plan_of, refresh
from automl.data.profile import profile
from automl.errors import ColumnError, DataError
from automl.store import Workspace
from automl.types import ColumnKind, JoinKey, JoinPlan, JoinStep, ReadReport


@pytest.fixture
def workspace(tmp_path):
    made = Workspace(tmp_path / "home")
    yield made
    made.close()


def add(workspace, name, frame):
    report = ReadReport("frame", {"columns": {c: {"type": "text"} for c in frame.columns}})
    return workspace.add_dataset(frame, name=name, report=report, columns=profile(frame))


ORDERS = pd.DataFrame({"order": range(20), "client": [f"K{i % 5}" for i in range(20)]})
CLIENTS = pd.DataFrame({"client": ["K0", "K1", "K2"], "city": ["Riga", "Oslo", "Rome"], "zip": [1001, 1002, 1003]})


@pytest.fixture
def joined(workspace):
    orders, clients = add(workspace, "orders", ORDERS), add(workspace, "clients", CLIENTS)
    workspace.set_kind(clients.id, "zip", ColumnKind.CATEGORICAL)
    step = JoinStep(clients.id, "clients", (JoinKey("client", "client"),), columns={"city": "city", "zip": "area"})
    return keep(workspace, JoinPlan(orders.id, "orders", (step,)), name="both")


def test_kept_with_steps_kinds_and_ways_of_reading(workspace, joined):
    table = workspace.frame(joined.id)
    assert table["city"].notna().sum() == 12
    assert plan_of(joined).steps[0].columns == {"city": "city", "zip": "area"}
    assert joined.report.options["found"] == [0.6]
    assert set(joined.report.options["columns"]) == {"order", "client", "city", "area"}
    assert joined.column("area").kind is ColumnKind.CATEGORICAL
    assert joined.report.notes[0].message == "'orders' joined with 'clients': 20 rows and 4 columns."
    assert [d.id for d in workspace.users(joined.report.options["inputs"][0])[1]] == [joined.id]


def test_refreshed_from_newer_versions_with_what_changed(workspace, joined):
    assert newer_inputs(workspace, joined) == {}
    with pytest.raises(DataError, match="newer version"):
        refresh(workspace, joined)
    more = pd.concat([CLIENTS, pd.DataFrame({"client": ["K3"], "city": ["Bern"], "zip": [1004]})], ignore_index=True)
    newer = add(workspace, "clients", more)
    assert newer.version == 2
    again = refresh(workspace, joined)
    assert (again.version, again.name, again.parent) == (2, "both", joined.id)
    assert workspace.frame(again.id)["city"].notna().sum() == 16
    said = [n.message for n in again.report.notes]
    assert "clients: 80.0 % of the rows found a partner, 60.0 % before." in said
    assert newer_inputs(workspace, again) == {}


def test_a_newer_table_without_a_needed_column_is_a_sentence(workspace, joined):
    add(workspace, "clients", CLIENTS.rename(columns={"city": "town"}))
    with pytest.raises(ColumnError, match="no column 'city'"):
        refresh(workspace, joined)
    assert len(workspace.versions(joined.id)) == 1


def test_nothing_left_is_refused(workspace):
    one, two = add(workspace, "one", ORDERS), add(workspace, "two", CLIENTS.assign(client="nobody"))
    step = JoinStep(two.id, "two", (JoinKey("client", "client"),), "inner", {"city": "city"})
    with pytest.raises(DataError, match="No row is left"):
        keep(workspace, JoinPlan(one.id, "one", (step,)), name="both")


def test_a_large_join_is_a_job(workspace, monkeypatch):
    from automl.jobs import client
    from automl.jobs.queue import Queue
    from automl.jobs.worker import run_job
    from automl.types import JobState

    monkeypatch.setenv("FORETABLE_SUPERVISOR", "off")
    orders, clients = add(workspace, "orders", ORDERS), add(workspace, "clients", CLIENTS)
    step = JoinStep(clients.id, "clients", (JoinKey("client", "client"),), columns={"city": "city"})
    job = client.join(workspace, JoinPlan(orders.id, "orders", (step,)), name="both", project=orders.project)
    claimed = Queue(workspace.database).claim()
    assert claimed.id == job.id
    assert run_job(workspace, job.id, claimed.lease) is JobState.SUCCEEDED
    assert workspace.dataset(job.subject).rows == 20
    assert not list((workspace.home / "intake").iterdir())
