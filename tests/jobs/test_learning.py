"""The learning curve as a job: measured, cancelled, killed; the model stays as it was."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from automl import bundle
from automl.data.profile import profile
from automl.errors import JobError, StoreError
from automl.jobs import client, learning, worker
from automl.jobs.queue import Queue
from automl.jobs.supervisor import Supervisor, Worker
from automl.types import JobKind, JobState, ReadReport, replace, to_dict
from tests.conftest import customers


@pytest.fixture
def model(workspace, plain_bundle):
    frame = customers(900)
    dataset = workspace.add_dataset(frame, name="t", report=ReadReport("frame"), columns=profile(frame))
    made = workspace.add_model("Leaving", dataset.id)
    folder = workspace.build_folder(made.id)
    shutil.copytree(plain_bundle.folder, folder / "staged")
    spec = replace(plain_bundle.spec, dataset=dataset.id)
    bundle.write_json(folder / "staged" / "spec.json", to_dict(spec))
    (folder / "staged" / "manifest.json").unlink()
    bundle.seal(folder / "staged", folder / "bundle")
    return made


def test_it_is_measured_by_a_job_and_told(workspace, model):
    job = learning.submit(workspace, model.id)
    assert learning.submit(workspace, model.id).id == job.id  # a second press starts nothing
    assert client.active_job(workspace, model.id) is None  # it is no build
    claimed = Queue(workspace.database).claim([JobKind.LEARN])
    assert worker.run_job(workspace, claimed.id, claimed.lease) is JobState.SUCCEEDED
    course = bundle.load(workspace.bundle_folder(model.id)).learning
    assert course["folds"] == 5 and course["candidate"] == "Linear"
    assert learning.latest(workspace, model.id).state is JobState.SUCCEEDED
    assert 0 <= learning.share(workspace, model.id) < 1
    assert workspace.model(model.id).job is None  # the build's job stays the build's


def test_cancelled_nothing_is_kept(workspace, model):
    job = learning.submit(workspace, model.id)
    claimed = Queue(workspace.database).claim()
    client.cancel(workspace, job.id)
    assert worker.run_job(workspace, claimed.id, claimed.lease) is JobState.CANCELLED
    assert bundle.load(workspace.bundle_folder(model.id)).learning is None
    assert not (workspace.job_folder(JobKind.LEARN, model.id) / "work").exists()


def test_a_killed_one_says_so_and_the_model_stays(workspace, model):
    learning.submit(workspace, model.id)
    job = Queue(workspace.database).claim()
    child = subprocess.Popen([sys.executable, "-c", "pass"], start_new_session=True)
    child.wait()
    supervisor = Supervisor(workspace)
    supervisor._bury(Worker(job, None, child, child.pid))
    ended = learning.latest(workspace, model.id)
    assert ended.state is JobState.FAILED and "the model is as it was" in ended.error
    assert bundle.load(workspace.bundle_folder(model.id)).learning is None


def test_what_can_not_be_asked_for(workspace, model, bench):
    with pytest.raises(JobError, match="not built yet"):
        learning.submit(workspace, workspace.add_model("Draft", bench.dataset.id).id)
    workspace.delete_dataset(model.dataset)
    with pytest.raises(StoreError, match="was deleted"):
        learning.submit(workspace, model.id)


def test_a_model_is_deleted_while_it_is_measured(workspace, model):
    learning.submit(workspace, model.id)
    job = Queue(workspace.database).claim()
    workspace.delete_model(model.id)
    with pytest.raises(JobError, match="deleted"):
        worker.run_job(workspace, job.id, job.lease)
