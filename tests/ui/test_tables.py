from __future__ import annotations

import re

import pytest

from automl.types import Column, ColumnKind, Trial, TrialState, order_trials
from automl.ui import tables
from tests.ui.test_widgets import HOSTILE, drawn


def trial(name: str, score: float | None, state: TrialState = TrialState.COMPLETED, **more) -> Trial:
    return Trial(name, "linear", state, "roc_auc", score=score, **more)


def widths(body: str) -> list[float]:
    return [float(w) for w in re.findall(r"width:([\d.]+)%", body)]


def test_names_and_values_of_a_table_are_escaped() -> None:
    columns = [
        Column(HOSTILE, ColumnKind.CATEGORICAL, missing=1, distinct=2, reason=HOSTILE),
        Column("n", ColumnKind.NUMERIC, distinct=9),
    ]
    charts = {
        HOSTILE: {"type": "top", "values": [HOSTILE, "b"], "counts": [6, 3], "other": 0},
        "n": {"type": "histogram", "edges": [0.0, 1.0, 2.0], "counts": [4, 6]},
    }
    for body in (
        drawn(tables.column_overview, columns, 10, charts),
        drawn(tables.table, [HOSTILE], [[HOSTILE]]),
        drawn(tables.bars, [(HOSTILE, 0.4)]),
        drawn(tables.leaderboard, [trial(HOSTILE, None, TrialState.FAILED, reason=HOSTILE)], 1, HOSTILE),
    ):
        assert "<img" not in body.lower()


def test_a_column_says_kind_missing_distinct_and_shape() -> None:
    columns = [
        Column("Day", ColumnKind.NUMERIC, missing=5, distinct=20),
        Column("id", ColumnKind.IDENTIFIER, distinct=100),
        Column("word", ColumnKind.CATEGORICAL, distinct=80),
        Column("gone", ColumnKind.NUMERIC, missing=100),
    ]
    charts = {
        "Day": {"type": "histogram", "edges": [0.0, 5.0, 10.0], "counts": [10, 5]},
        "word": {"type": "top", "values": ["a"], "counts": [1], "other": 99},
        "gone": {"type": "histogram", "edges": [], "counts": []},
    }
    body = drawn(tables.column_overview, columns, 100, charts)
    assert "5.0 %" in body
    assert 'title="0 to 10"' in body
    assert "height:25px" in body
    assert "height:12px" in body
    assert "left out of models" in body
    assert "80 values, none frequent" in body
    assert "no values" in body


def test_the_most_frequent_values_are_named() -> None:
    column = Column("c", ColumnKind.CATEGORICAL, distinct=40)
    chart = {"type": "top", "values": ["a", "b", "c", "d"], "counts": [40, 30, 20, 1], "other": 9}
    assert "a 40.0 %, b 30.0 %, c 20.0 %, 37 more" in drawn(
        tables.column_overview, [column], 100, {"c": chart}
    )


def test_a_score_has_the_same_bar_in_every_part_of_a_leaderboard() -> None:
    trials = [trial("a", 0.9), trial("b", 0.8), trial("c", 0.5)]
    whole = widths(drawn(tables.leaderboard, trials, 1, "AUC"))
    part = widths(drawn(tables.leaderboard, trials[1:2], 1, "AUC", scale=trials, first_rank=2))
    assert whole == [100.0, 78.0, 12.0]
    assert part == whole[1:2]


def test_a_candidate_keeps_its_place_while_further_folds_are_fitted() -> None:
    going = trial("b", 0.9, TrialState.RUNNING, reason="fold 2 of 5")
    some = trial("c", 0.85, reason="validated on 3 of 5 folds")
    stopped = trial("e", 0.7, reason="stopped by the rule overfit: it scores 1 on rows it learned from")
    assert ">stopped by the rule overfit<" in drawn(tables.leaderboard, [stopped], 1, "AUC")
    ordered = order_trials([trial("a", 0.8), some, trial("d", None, TrialState.RUNNING, reason="fold 1 of 5"), going], 1)
    assert [t.candidate for t in ordered] == ["b", "c", "a", "d"]
    body = drawn(tables.leaderboard, ordered, 1, "AUC")
    assert re.findall(r'<td class="r">(\d*)</td>', body) == ["1", "2", "3", ""]
    assert "fold 2 of 5" in body and "0.900" in body and ">3 of 5 folds<" in body


def test_lower_is_better_fills_the_bar_of_the_lowest() -> None:
    body = drawn(tables.leaderboard, [trial("a", 10.0), trial("b", 20.0)], -1, "RMSE")
    assert widths(body) == [100.0, 12.0]


def test_what_has_no_score_has_its_reason_and_no_rank() -> None:
    waiting = trial("slow", None, TrialState.TIMED_OUT, reason="the time was up")
    body = drawn(tables.leaderboard, [trial("a", 0.9), waiting], 1, "AUC", reasons=True)
    assert "the time was up" in body
    assert "timed out" in body
    assert body.count('<td class="r">1</td>') == 1
    assert '<td class="r">2</td>' not in body


@pytest.mark.parametrize("hidden", ["wide", "narrow"])
def test_every_row_is_as_long_as_the_header_on_a_phone_and_on_a_laptop(hidden) -> None:
    waiting = trial("slow", None, TrialState.TIMED_OUT, reason="the time was up")
    body = drawn(tables.leaderboard, [trial("a", 0.9), waiting], 1, "AUC", reasons=True)
    lengths = []
    for row in re.findall("<tr>(.*?)</tr>", body):
        cells = [c for c in re.findall("<t[hd]([^>]*)>", row) if hidden not in c]
        lengths.append(sum(int((re.findall('colspan="(.)"', c) or [1])[0]) for c in cells))
    assert lengths == [4 if hidden == "wide" else 7] * 3


def test_no_figure_is_smaller_than_people_can_read() -> None:
    body = drawn(tables.leaderboard, [trial("a", 0.5, score_std=0.0, predict_ms_per_row=2.6e-5)], 1, "AUC")
    assert "under 0.01 ms" in body
    assert "e-05" not in body
    assert "0.000026" not in body
