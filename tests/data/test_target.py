"""The target read another way: at training, for outcomes known later, and in the notebook."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from automl.data.profile import profile
from automl.data.target import as_learned, as_outcomes, notebook_source
from automl.errors import ProblemError
from automl.problem import encode_target, has_target, infer
from automl.types import TargetReading, Task

N = 120
DAYS = pd.to_datetime("2024-01-01") + pd.to_timedelta(np.arange(N), unit="D")
LABELS = [*["a"] * 60, *["b"] * 40, *["c"] * 4, *["d"] * 3, *[None] * 13]
READINGS = {
    # name: target, reading, the counts of what comes out
    "gaps": (LABELS, TargetReading(missing="(missing)"), {"a": 60, "b": 40, "(missing)": 13, "c": 4, "d": 3}),
    "rare as one": (LABELS, TargetReading(least_rows=5, rare="other"), {"a": 60, "b": 40, "other": 7}),
    "rare set aside": (LABELS, TargetReading(least_rows=5), {"a": 60, "b": 40}),
    "all of it": (LABELS, TargetReading("", "none", 20, "other"), {"a": 60, "b": 40, "other": 20}),
    "as it is written": ([*LABELS[:100], *["Other"] * 2, *LABELS[102:]], TargetReading(least_rows=5, rare="other"), {"a": 60, "b": 40, "Other": 7}),
    "whole numbers": ([*[1.0] * 60, *[2.0] * 40, *[3.0] * 7, *[np.nan] * 13], TargetReading("", "(missing)", 10, "other"), {"1": 60, "2": 40, "(missing)": 13, "other": 7}),
    "yes and no": ([*[True] * 60, *[False] * 47, *[None] * 13], TargetReading(missing="?"), {"True": 60, "False": 47, "?": 13}),
    "months": (DAYS, TargetReading("month"), {"January": 31, "March": 31, "February": 29, "April": 29}),
    "weekdays": (DAYS.where(np.arange(N) % 7 < 3), TargetReading("weekday", "(missing)"), {"(missing)": 68, "Monday": 18, "Tuesday": 17, "Wednesday": 17}),
}  # fmt: skip


def table(target) -> pd.DataFrame:
    return pd.DataFrame({"x": np.arange(N) % 9, "y": pd.Series(target)})


def problem_of(frame, reading, **options):
    return infer(frame, profile(frame), "y", reading=reading, **options)


@pytest.mark.parametrize("case", READINGS)
def test_what_was_read_comes_out_again(case) -> None:
    target, reading, counts = READINGS[case]
    frame = table(target)
    problem = problem_of(frame, reading)
    assert set(problem.classes) == set(counts) and problem.reading == reading
    learned = as_learned(frame, problem)["y"]
    assert learned.value_counts().to_dict() == counts
    codes = encode_target(learned[has_target(learned)], problem)
    assert [int((codes == i).sum()) for i, _ in enumerate(problem.classes)] == [counts[c] for c in problem.classes]
    space = {"np": np, "pd": pd, "table": frame.copy(), "TARGET": "y", "CLASSES": list(problem.classes)}
    exec(notebook_source(problem), space)  # noqa: S102  # what a notebook runs
    pd.testing.assert_series_equal(space["table"]["y"], learned)


def test_what_is_done_is_said() -> None:
    notes = [n.message for n in problem_of(table(LABELS), TargetReading("", "(missing)", 5, "other")).notes]
    assert notes[:2] == [
        "13 rows without a value in 'y' count as '(missing)'.",
        "Two of five labels of 'y' have fewer than 5 rows each, 7 rows in all. They count as 'other'.",
    ]
    notes = [n.message for n in problem_of(table(LABELS), TargetReading(least_rows=5)).notes]
    assert notes[0].endswith("7 rows in all. Their rows are set aside.")
    assert notes[1] == "13 rows without a value in 'y' are set aside."


def test_numbers() -> None:
    amounts = table([*np.arange(100) / 7, *[np.nan] * 20])
    problem = problem_of(amounts, TargetReading(missing="0"))
    assert problem.task is Task.REGRESSION
    assert as_learned(amounts, problem)["y"].tail(20).tolist() == [0.0] * 20
    labels = problem_of(amounts, TargetReading("", "(missing)", 5, "other"), task="regression")
    assert labels.reading is None  # nothing of it fits a number
    texts = table([f"about {i}.5 kg" for i in range(N)])
    problem = problem_of(texts, TargetReading("number"))
    assert (problem.task, problem.reason.split(":")[0]) == (Task.REGRESSION, "Numeric prediction")
    assert as_learned(texts, problem)["y"].tolist() == [i + 0.5 for i in range(N)]
    assert as_outcomes(pd.Series([3.0, 4.0]), problem).tolist() == [3.0, 4.0]  # told as numbers later


def test_outcomes_that_are_known_later() -> None:
    frame = table(LABELS)
    problem = problem_of(frame, TargetReading("", "(missing)", 5, "other"))
    told = as_outcomes(pd.Series(["a", "c", "never seen", None]), problem)
    assert told.tolist()[:3] == ["a", "other", "other"] and told.isna().tolist()[3]  # unknown yet, not "(missing)"
    months = problem_of(table(DAYS), TargetReading("month"))
    assert as_outcomes(pd.Series(["2024-03-05", "2024-01-31"]), months).tolist() == ["March", "January"]
    assert as_outcomes(pd.Series(["March", "May"]), months).tolist() == ["March", "May"]


@pytest.mark.parametrize(
    ("target", "reading", "said"),
    [
        (LABELS, TargetReading(least_rows=61, rare="other"), "Too few labels of 'y' have 61 rows: the most frequent has 60"),
        (LABELS, TargetReading(least_rows=41), "Too few labels"),
        (LABELS, TargetReading("month"), "holds no dates"),
        (LABELS, TargetReading("number"), "no text with a number in it"),
        (LABELS, TargetReading("mnoth"), "Did you mean 'month'?"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(target, reading, said) -> None:
    with pytest.raises(ProblemError, match=re.escape(said)):
        problem_of(table(target), reading)
