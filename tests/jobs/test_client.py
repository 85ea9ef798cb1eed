from __future__ import annotations

import pytest

from automl.errors import ForetableError, JobError, StoreError
from automl.jobs import client
from automl.jobs.queue import Queue
from automl.types import JobState, replace, to_dict


def fail(bench, job):
    queue = Queue(bench.workspace.database)
    queue.claim()
    return queue.finish(job.id, 1, JobState.FAILED, "x")


def seal(bench, job):
    folder = bench.workspace.build_folder(job.subject) / "bundle"
    folder.mkdir()
    (folder / "manifest.json").write_text("{}")


def test_submit_stores_the_spec_and_the_job_with_the_model(bench):
    job = bench.submit()
    model = bench.workspace.model(job.subject)
    assert (model.spec, model.job) == (bench.spec(), job.id)
    assert job.payload == {"act": "quick", "resume": False}
    assert (job.project, job.state) == (model.project, JobState.QUEUED)


def test_a_stored_spec_needs_no_payload(bench):
    model = bench.workspace.add_model("M", bench.dataset.id)
    with pytest.raises(JobError, match="Choose a target"):
        client.submit(bench.workspace, "build", model.id, {})
    bench.workspace.update_model(model.id, spec=bench.spec())
    assert client.submit(bench.workspace, "build", model.id, {}).state is JobState.QUEUED


def test_two_tabs_start_one_build(bench):
    job = bench.submit()
    assert client.submit(bench.workspace, "build", job.subject, {}).id == job.id
    assert len(client.jobs(bench.workspace, active=True)) == 1


def test_a_built_model_is_not_built_again(bench):
    job = bench.submit()
    fail(bench, job)
    seal(bench, job)
    for again in (
        lambda: client.submit(bench.workspace, "build", job.subject, {}),
        lambda: client.retry(bench.workspace, job.id),
    ):
        with pytest.raises(JobError, match="built already"):
            again()


def test_a_second_tab_changes_nothing_of_the_build(bench):
    job = bench.submit()
    other = to_dict(replace(bench.spec(), seed=7))
    client.submit(bench.workspace, "build", job.subject, {"spec": other})
    assert bench.workspace.model(job.subject).spec.seed == 0


def test_a_deleted_data_set_is_refused_at_once(bench):
    job = bench.submit()
    fail(bench, job)
    bench.workspace.delete_dataset(bench.dataset.id)
    for again in (
        lambda: client.submit(bench.workspace, "build", job.subject, {}),
        lambda: client.retry(bench.workspace, job.id),
    ):
        with pytest.raises(StoreError, match="'t' was deleted"):
            again()
    assert bench.workspace.model(job.subject).job == job.id


def test_wrong_orders_are_refused(bench):
    model = bench.workspace.add_model("M", bench.dataset.id)
    with pytest.raises(JobError, match="'predict' can't be run"):
        client.submit(bench.workspace, "predict", model.id, {})
    with pytest.raises(StoreError, match="no such model"):
        client.submit(bench.workspace, "build", "m1", {})
    with pytest.raises(ForetableError, match="not a valid BuildSpec"):
        client.submit(bench.workspace, "build", model.id, {"spec": {"id": "b"}})


def test_retry_is_a_new_job_that_goes_on(bench):
    job = bench.submit()
    fail(bench, job)
    again = client.retry(bench.workspace, job.id)
    assert again.id != job.id
    assert (again.payload["resume"], again.payload["retry_of"], again.attempt) == (True, job.id, 1)
    assert bench.workspace.model(job.subject).job == again.id
    assert client.retry(bench.workspace, job.id).id == again.id
    assert client.status(bench.workspace, job.id).state is JobState.FAILED


def test_retry_after_a_cancel_starts_anew(bench):
    job = bench.submit()
    client.cancel(bench.workspace, job.id)
    assert client.retry(bench.workspace, job.id).payload["resume"] is False


def test_a_success_is_not_retried(bench):
    job = bench.submit()
    queue = Queue(bench.workspace.database)
    queue.claim()
    queue.finish(job.id, 1, JobState.SUCCEEDED)
    with pytest.raises(JobError, match="this one is succeeded"):
        client.retry(bench.workspace, job.id)


def test_the_queue_can_be_looked_at(bench):
    first, second, third = (bench.submit() for _ in range(3))
    Queue(bench.workspace.database).claim()
    assert client.waiting_before(bench.workspace, first.id) == 0
    assert client.waiting_before(bench.workspace, second.id) == 0
    assert client.waiting_before(bench.workspace, third.id) == 1
    assert client.active_job(bench.workspace, second.subject).id == second.id
    assert [j.id for j in client.jobs(bench.workspace, active=True)] == [first.id, second.id, third.id]


def test_a_model_being_built_is_not_deleted(bench):
    job = bench.submit()
    with pytest.raises(StoreError, match="Cancel the build first"):
        bench.workspace.delete_model(job.subject)
    client.cancel(bench.workspace, job.id)
    bench.workspace.delete_model(job.subject)
    with pytest.raises(JobError, match="deleted with its model"):
        client.status(bench.workspace, job.id)


def test_events_of_a_model_that_was_not_built_are_none(bench):
    model = bench.workspace.add_model("M", bench.dataset.id)
    assert client.events(bench.workspace, model.id) == ([], 0)


def test_no_supervisor_is_started_where_another_is_responsible(bench):
    assert client.ensure_supervisor(bench.workspace) is False
    assert not client.supervisor_running(bench.workspace)
