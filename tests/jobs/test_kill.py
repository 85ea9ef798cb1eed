"""Long tests that kill -9 again and again: `make kill`."""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

import pytest

from automl.jobs import client
from automl.types import Budget, BuildSpec, JobState, Recipe, replace, to_dict

pytestmark = [pytest.mark.kill, pytest.mark.timeout(600)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_storm_of_kills_loses_and_doubles_nothing(bench, kill, seed):
    """Workers and supervisors are killed at random moments; every build ends, once, with its model."""
    draw = random.Random(seed)
    subjects = [bench.submit("steps").subject for _ in range(6)]
    workspace, supervisor = bench.workspace, bench.supervise(FORETABLE_SLOTS="3")
    quiet_after, end = time.monotonic() + 20, time.monotonic() + 120
    kills = 0
    while True:
        jobs = [client.status(workspace, workspace.model(s).job) for s in subjects]
        if all(j.state is JobState.SUCCEEDED for j in jobs):
            break
        assert time.monotonic() < end, [(j.state, j.error) for j in jobs]
        for job in jobs:
            if job.state is JobState.FAILED:
                assert job.error.startswith("The build's process stopped unexpectedly after ")
                client.retry(workspace, job.id)
        if time.monotonic() < quiet_after:
            at_work = [j for j in jobs if j.state is JobState.RUNNING and j.pid]
            if at_work and draw.random() < 0.6:
                try:
                    kill(draw.choice(at_work).pid)
                except ProcessLookupError:
                    kills -= 1
                kills += 1
            if draw.random() < 0.4:
                kill(supervisor)
                supervisor = bench.supervise(FORETABLE_SLOTS="3")
                kills += 1
        time.sleep(draw.random() * 0.4)
    assert kills > 5
    for subject in subjects:
        folder = workspace.build_folder(subject)
        assert workspace.bundle_folder(subject)
        assert not (folder / "two at once").exists()
        found = client.events(workspace, subject)[0]
        assert found[0]["type"] == "started"
        assert sum(e["type"] == "done" for e in found) == 1
    assert client.jobs(workspace, active=True) == []


@pytest.fixture
def real_build(workspace, monkeypatch):
    """A build of the real engine by the real supervisor, on a few hundred rows."""
    pd = pytest.importorskip("pandas")
    from automl.data import clean
    from automl.data.profile import profile
    from automl.data.read import read_with_report
    from automl.problem import infer

    sample = next((Path(__file__).parents[2] / "sample_data").glob("customer_churn.*"))
    frame, report = read_with_report(sample)
    frame = pd.DataFrame(frame).head(1500)
    columns = profile(frame)
    dataset = workspace.add_dataset(frame, name="churn", report=report, columns=columns)
    problem = infer(frame, columns, "churn")
    spec = BuildSpec(
        id="b", dataset=dataset.id, columns=columns, recipe=Recipe(clean.propose(frame, columns, "churn").steps),
        problem=problem, budget=Budget(60.0, candidates=4), families=("linear", "lightgbm", "trees"),
    )  # fmt: skip
    model = workspace.add_model("Churn", dataset.id)
    monkeypatch.delenv("FORETABLE_SUPERVISOR")
    job = client.submit(workspace, "build", model.id, {"spec": to_dict(replace(spec, id=model.id))})
    yield job
    client.cancel(workspace, job.id)
    end = time.monotonic() + 30
    while client.jobs(workspace, active=True) and time.monotonic() < end:
        time.sleep(0.1)
    shutil.rmtree(workspace.home)  # the supervisor goes with it


def completed(workspace, model_id) -> list[str]:
    trials = [e["trial"] for e in client.events(workspace, model_id)[0] if e["type"] == "trial"]
    return [t["candidate"] for t in trials if t["state"] == "completed" and t["family"] != "prior"]


def test_a_real_build_goes_on_from_what_was_finished(workspace, real_build, kill, wait_until):
    model = real_build.subject
    wait_until(lambda: completed(workspace, model), "a finished candidate")
    kill(client.status(workspace, real_build.id).pid)
    wait_until(lambda: client.status(workspace, real_build.id).state.is_finished, "the death to be seen")
    failed, before = client.status(workspace, real_build.id), set(completed(workspace, model))
    assert f"{len(before)} finished candidate" in failed.error
    again = client.retry(workspace, real_build.id)
    end = time.monotonic() + 120
    while not client.status(workspace, again.id).state.is_finished and time.monotonic() < end:
        time.sleep(0.2)
    job = client.status(workspace, again.id)
    assert (job.state, job.error) == (JobState.SUCCEEDED, None)
    assert before <= set(completed(workspace, model))
    assert workspace.bundle_folder(model)
