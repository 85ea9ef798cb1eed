from __future__ import annotations

import numpy as np
import pandas as pd

from automl.explain import nearest
from automl.explain.nearest import column_distance


def rows():
    return pd.DataFrame(
        {
            "age": [30.0, 31.0, 60.0, np.nan],
            "plan": pd.Series(["a", "b", "a", None], dtype=object),
            "since": pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03", None]),
        }
    )


def test_a_row_is_nearest_to_itself():
    for at in range(4):
        order, away = nearest(rows(), rows().iloc[[at]], {"age": 1.0, "plan": 1.0, "since": 1.0})
        assert order[0] == at and away[0] == 0
        assert (np.diff(away) >= 0).all() and away[-1] <= 1


def test_what_matters_more_counts_more():
    row = rows().iloc[[0]].assign(age=31.0)
    assert nearest(rows(), row, {"plan": 1.0})[0][0] == 0
    assert nearest(rows(), row, {"age": 1.0})[0][0] == 1


def test_missing_is_like_missing_only():
    ages = rows()["age"].to_numpy()
    assert column_distance(ages, np.nan).tolist() == [1, 1, 1, 0]
    assert column_distance(ages, 30.0)[3] == 1
    assert column_distance(rows()["since"].to_numpy(), np.datetime64("NaT")).tolist() == [1, 1, 1, 0]
