"""What many tests share: one small, dirty table and one model built from it."""

from __future__ import annotations

import os

os.environ.setdefault("GOMP_SPINCOUNT", "1000")

import numpy as np
import pandas as pd
import pytest

from automl.data import clean
from automl.data.profile import profile, with_kept
from automl.engine import race
from automl.problem import infer
from automl.types import Budget, BuildSpec
from tests.in_process import HerePool

# Files that take longest, begun first: else one of them is what all others wait for at the end.
LONGEST = (
    "browser/test_main_job.py", "test_build.py", "test_check_estimator.py", "browser/test_threshold.py",
    "families/test_contract.py", "browser/test_automatic.py", "data/test_corpus.py", "data/test_stream.py",
    "test_notebook.py", "report/test_report.py", "browser/test_reading.py", "test_estimators.py", "test_cli.py",
    "browser/",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    path = item.path.as_posix()
    return next((turn for turn, name in enumerate(LONGEST) if f"tests/{name}" in path), len(LONGEST))


def customers(n: int = 300, seed: int = 0) -> pd.DataFrame:
    """Customers who leave or stay: numbers, words, dates, text, gaps, an identifier, a constant."""
    rng = np.random.default_rng(seed)
    minutes = rng.normal(180, 50, n).round(1)
    plan = np.array(["basic", "pro", "team"])[rng.integers(0, 3, n)]
    calls = rng.poisson(1.5, n)
    risk = (minutes - 180) / 50 + (plan == "basic") * 0.8 + calls * 0.5 - 1.2 + rng.normal(0, 0.6, n)
    words = ["asked for a refund", "happy with the price", "line was down again", "called about the bill"]
    frame = pd.DataFrame(
        {
            "customer_id": [f"C{i:05d}" for i in rng.permutation(n)],
            "Day Minutes": minutes,
            "plan": plan,
            "calls": calls,
            "since": pd.to_datetime("2020-01-01") + pd.to_timedelta(rng.integers(0, 1500, n), unit="D"),
            "last note": [
                f"{words[i]} on day {d}"
                for i, d in zip(rng.integers(0, 4, n), rng.integers(0, 900, n), strict=True)
            ],
            "country": "NL",
            "spend": (minutes * 0.3 + rng.normal(0, 5, n)).round(2),
            "churn": np.where(risk > 0.6, "yes", "no"),
        }
    )
    frame.loc[rng.random(n) < 0.1, "plan"] = None
    frame.loc[rng.random(n) < 0.1, "Day Minutes"] = np.nan
    return frame


def a_spec(frame: pd.DataFrame, target: str = "churn", **options) -> BuildSpec:
    kept = options.get("kept", ())
    columns = with_kept(frame, profile(frame), kept)
    families = options.pop("families", ("linear", "lightgbm"))
    seconds, candidates = options.pop("seconds", 60), options.pop("candidates", 2)
    recipe = options.pop("recipe", None) or clean.propose(frame, columns, target, kept)
    return BuildSpec(
        id="test",
        dataset="",
        columns=columns,
        recipe=recipe,
        problem=infer(frame, columns, target, **options),
        budget=Budget(seconds=seconds, candidates=candidates, threads=2),
        families=families,
        seed=0,
        name="Leaving customers",
    )


@pytest.fixture(scope="session", autouse=True)
def _fits_here():
    """Builds fit in this process: seconds faster than to start some of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("automl.build.open_pool", lambda folder, *rest: HerePool(folder))
        yield


@pytest.fixture
def own_processes(monkeypatch):
    """Builds start processes, as they do for everyone: for tests of these, of limits and of wishes in the middle."""
    monkeypatch.setattr("automl.build.open_pool", race.open_pool)


@pytest.fixture(scope="session")
def customers_csv(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "customers.csv"
    customers().to_csv(path, index=False)
    return path


@pytest.fixture(scope="session")
def churn_bundle(tmp_path_factory, customers_csv):
    """A sealed model of the small table, built once, with its events."""
    from automl import build, bundle
    from automl.data.read import read_with_report

    frame, report = read_with_report(customers_csv)
    folder, events = tmp_path_factory.mktemp("model"), []
    sealed = build.fit(
        frame,
        a_spec(frame),
        target=folder / "bundle",
        scratch=folder / "work",
        emit=events.append,
        source=build.Source(str(customers_csv), report),
    )
    loaded = bundle.load(sealed)
    loaded.events = events
    return loaded


@pytest.fixture(scope="session")
def plain_bundle(tmp_path_factory):
    """A sealed model of 900 rows, built in a short time: without a learning curve."""
    from automl import build, bundle

    frame, folder = customers(900), tmp_path_factory.mktemp("plain")
    spec = a_spec(frame, candidates=1, families=("linear",), seconds=30)
    return bundle.load(build.fit(frame, spec, target=folder / "bundle", scratch=folder / "work"))
