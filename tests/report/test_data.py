"""The report of a data set: its sections, its figures, and nothing but text from the data."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from automl.data.profile import profile
from automl.errors import ColumnError
from automl.report import html
from automl.report.data import data_report
from tests.conftest import customers

SECTIONS = [
    "Dataset summary", "Target analysis", "Data sample", "Duplicate rows", "Cross-column correlations", "Anomalous rows",
    "Missing values, cardinality and statistics", "Patterns of missing values", "Definitions",
]  # fmt: skip


@pytest.fixture(scope="module")
def page() -> str:
    frame = customers()
    frame["again"] = frame["churn"].str.upper()
    return html.render(data_report(frame, profile(frame), "churn", name="customers.csv"))


def test_it_has_autopilots_sections(page) -> None:
    assert re.findall(r"<h2>(.*?)</h2>", page) == SECTIONS


def test_it_says_the_figures(page) -> None:
    assert "300 rows · 10 columns · predicting churn" in page
    assert "again is a copy of the target" in page
    assert "How often churn is yes, by again" in page
    assert re.search(r"<td>again</td><td>yes/no</td><td class=r>1\.00</td>", page)
    assert re.search(r"<td>again</td><td>churn</td>|<td>churn</td><td>again</td>", page)


def test_it_stands_alone(page) -> None:
    assert not re.search(r"<script|<link|@import|url\((?!#)", page)
    assert not re.findall(r'(?:src|href)="(?!#)', page)
    assert len(page) < 400_000


def test_what_comes_from_the_data_is_text() -> None:
    name, value = "<script>alert(1)</script>", "<img src=x onerror=alert(1)>"
    frame = pd.DataFrame({name: [value, "b"] * 60, "n" * 300: np.arange(120) / 7, "$x_1$": range(120), "y": ["no", "yes"] * 60})
    page = html.render(data_report(frame, profile(frame), name, name=value))
    assert "<script" not in page
    assert "<img" not in page


def test_without_a_target_and_of_a_sample() -> None:
    frame = customers()
    page = html.render(data_report(frame, profile(frame), name="t", rows=3000))
    assert "Target analysis" not in page
    assert "random sample of 300 rows" in page


def test_a_target_that_is_refused_or_not_there() -> None:
    frame = customers()
    assert "can&#x27;t be predicted" in html.render(data_report(frame, profile(frame), "since", name="t"))
    with pytest.raises(ColumnError):
        data_report(frame, profile(frame), "chrun", name="t")


def test_the_shell_writes_it(tmp_path, customers_csv, capsys) -> None:
    from automl.__main__ import main

    out = tmp_path / "r.html"
    assert main(["report", str(customers_csv), "--target", "churn", "--out", str(out)]) == 0
    assert "Target analysis" in out.read_text("utf-8")
    assert main(["report", str(customers_csv), "--target", "chrun", "--out", str(out)]) == 2
    assert main(["report", str(tmp_path), "--target", "churn", "--out", str(out)]) == 2
