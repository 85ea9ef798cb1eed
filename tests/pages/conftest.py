"""The pages as Streamlit's own test runner sees them, on a workspace of the test's own."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from automl.data.profile import profile
from automl.data.read import read_with_report
from automl.jobs import client
from automl.jobs.events import NAME, EventWriter
from automl.jobs.queue import Queue
from automl.spec import order
from automl.store import Workspace
from automl.types import (
    Column,
    Dataset,
    Finding,
    Job,
    JobState,
    ModelVersion,
    ReadReport,
    Severity,
    Trial,
    TrialState,
    replace,
    to_dict,
)

ROOT = Path(__file__).parents[2]
SECONDS = 60


def texts(app: AppTest) -> str:
    """All that is written on a page, without the markup."""
    out = []
    for kind in ("title", "header", "markdown", "caption", "error", "warning", "info", "success", "html"):
        for element in app.get(kind):
            body = str(element.proto.body)
            out.append(html.unescape(re.sub(r"<[^>]+>", " ", body)) if kind == "html" else body)
    out += [e.label for kind in ("button", "expander", "download_button") for e in app.get(kind)]
    out += [t.label.replace("**", "") for t in app.toggle]
    return re.sub(r"[ ]+", " ", "\n".join(out).replace("\\", ""))


@cache
def _read(path: Path, written: int) -> tuple[pd.DataFrame, ReadReport, tuple[Column, ...]]:
    """Once for all tests that begin with the same file."""
    frame, report = read_with_report(path)
    return frame, report, profile(frame)


@dataclass
class Bench:
    """A workspace, and pages opened on it."""

    workspace: Workspace

    def open(self, page: str = "home", **query: str) -> AppTest:
        """Run app.py at an address; fails when the page raised."""
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        if page != "home":
            app.switch_page(f"pages/{page}.py")
            for name, value in query.items():
                app.query_params[name] = value
            app.run()
        return self.checked(app)

    @staticmethod
    def checked(app: AppTest) -> AppTest:
        assert not app.exception, [e.message for e in app.exception]
        return app

    def click(self, app: AppTest, key: str) -> AppTest:
        """Press a button; fails when the page raised."""
        return self.checked(app.button(key=key).click().run())

    def dataset(self, path: Path, name: str = "customers.csv") -> Dataset:
        frame, report, columns = _read(path, path.stat().st_mtime_ns)
        return self.workspace.add_dataset(frame.copy(), name=name, report=report, columns=columns)

    def draft(self, dataset: Dataset, target: str | None = "churn", name: str = "Leaving") -> ModelVersion:
        return self.workspace.add_model(name, dataset.id, draft={"target": target} if target else {})

    def ordered(self, dataset: Dataset, name: str = "Leaving") -> tuple[ModelVersion, Job]:
        """A model whose build waits in the queue."""
        model = self.draft(dataset, name=name)
        spec = order(
            self.workspace.frame(dataset.id), dataset.columns, "churn", dataset=dataset.id, seconds=SECONDS
        )
        payload = {"spec": to_dict(replace(spec, id=model.id, name=name))}
        job = client.submit(self.workspace, "build", model.id, payload)
        return self.workspace.model(model.id), job

    def running(self, dataset: Dataset) -> tuple[ModelVersion, Job]:
        """A model whose build has done two candidates and is at a third; one was skipped."""
        model, job = self.ordered(dataset)
        job = Queue(self.workspace.database).claim()
        assert job is not None
        writer = EventWriter(self.workspace.build_folder(model.id) / NAME)
        for event in EVENTS:
            writer.write(event)
        return model, job

    def end(self, job: Job, state: JobState, error: str | None = None) -> Job:
        return Queue(self.workspace.database).finish(job.id, job.lease, state, error)

    def built(self, dataset: Dataset, bundle: Any) -> ModelVersion:
        """A model with a sealed bundle."""
        model, job = self.running(dataset)
        shutil.copytree(bundle.folder, self.workspace.build_folder(model.id) / "bundle")
        self.end(job, JobState.SUCCEEDED)
        return self.workspace.model(model.id)


def trial(candidate: str, family: str, state: TrialState, score: float | None = None, **more: Any) -> dict:
    made = Trial(candidate, family, state, "roc_auc", score=score, **more)
    return {"type": "trial", "t": more.pop("t", 2.0), "trial": to_dict(made)}


EVENTS = [
    {"type": "started", "attempt": 1, "resume": False},
    {"type": "stage", "stage": "candidates", "n": 2, "of": 6, "message": "Trying candidates", "t": 1.0},
    {"type": "note", "message": "60 rows locked away for the final score before anything was learned.", "t": 1.0},
    trial("Baseline", "prior", TrialState.COMPLETED, 0.5),
    trial("Linear", "linear", TrialState.COMPLETED, 0.81, score_std=0.02, predict_ms_per_row=0.00001),
    trial("LightGBM", "lightgbm", TrialState.COMPLETED, 0.87, score_std=0.01, fit_seconds=1.2),
    trial("CatBoost", "catboost", TrialState.RUNNING, reason="fold 2 of 5"),
    trial("Extra trees", "trees", TrialState.SKIPPED, reason="would pass the memory limit"),
    {
        "type": "finding", "t": 2.5,
        "finding": to_dict(Finding("overfit", Severity.WARNING, "By heart", "Linear: 9% of it is left.", candidate="Linear")),
    },
]


_made = PagesManager.__init__


def _only_the_table_of_pages(self: PagesManager, *args: Any, **options: Any) -> None:
    """As the server has it: else the file of a page would be run by itself, without app.py's frame."""
    PagesManager.uses_pages_directory = False
    _made(self, *args, **options)


@pytest.fixture(scope="session", autouse=True)
def _packages_are_looked_through_once() -> Iterator[None]:
    """For components that none of them has; each AppTest would do so again, which takes longer than the page."""
    with pytest.MonkeyPatch.context() as patch:
        found = manifest_scanner.scan_component_manifests()
        patch.setattr(manifest_scanner, "scan_component_manifests", lambda: found)
        yield


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    home = tmp_path / "home"
    monkeypatch.setenv("FORETABLE_HOME", str(home))
    monkeypatch.setenv("FORETABLE_SUPERVISOR", "off")
    monkeypatch.setattr(PagesManager, "__init__", _only_the_table_of_pages)
    workspace = Workspace(home)
    yield Bench(workspace)
    workspace.close()


@pytest.fixture
def customers(bench: Bench, customers_csv: Path) -> Dataset:
    """The small table, as a data set."""
    return bench.dataset(customers_csv)
