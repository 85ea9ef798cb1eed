from __future__ import annotations

import json
from pathlib import Path

import pytest

from automl.data.profile import profile
from automl.data.read import read_table
from automl.problem import infer

FOLDER = Path(__file__).resolve().parents[1] / "sample_data"
SAMPLES = json.loads((FOLDER / "samples.json").read_text("utf-8"))
README = (FOLDER / "README.md").read_text("utf-8")


def sample(name: str):
    return read_table(FOLDER / next(s["file"] for s in SAMPLES if s["name"] == name))


@pytest.mark.parametrize("entry", SAMPLES, ids=lambda e: e["name"])
def test_each_sample_is_what_its_entry_says(entry) -> None:
    table = read_table(FOLDER / entry["file"])
    assert table.shape == (entry["rows"], entry["columns"])
    assert (FOLDER / entry["file"]).stat().st_size == entry["bytes"]
    assert entry["title"]
    assert entry["description"].endswith(".")
    assert f"`{entry['file']}`" in README
    if entry["target"]:
        problem = infer(table, profile(table), entry["target"])
        assert problem.task.label == entry["task"]


def test_the_folder_stays_small() -> None:
    sizes = {p: p.stat().st_size for p in FOLDER.rglob("*") if p.is_file()}
    assert sum(sizes.values()) < 8e6
    assert sum(size for p, size in sizes.items() if p.parent.name == "nycflights13") < 5e6


@pytest.mark.parametrize(
    ("table", "on"),
    [
        ("weather", {"origin": "origin", "time_hour": "time_hour"}),
        ("planes", {"tailnum": "tailnum"}),
        ("airlines", {"carrier": "carrier"}),
        ("airports", {"dest": "faa"}),
    ],
)
def test_flights_join_the_other_tables(table, on) -> None:
    right = sample(table)
    keys = list(on.values())
    assert not right.duplicated(keys).any()
    joined = sample("flights").merge(
        right[keys], left_on=list(on), right_on=keys, how="left", indicator="found"
    )
    assert (joined["found"] == "both").mean() > 0.8
