from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from automl import schema
from automl.features.typed import to_typed
from automl.types import Problem, Task

KINDS = {"amount": "numeric", "whole": "numeric", "plan": "categorical", "flag": "boolean", "when": "datetime",
         "note": "text"}  # fmt: skip
PROBLEM = Problem(target="y", task=Task.REGRESSION, metric="rmse", features=tuple(KINDS))


def described(raw):
    kinds = {k: v for k, v in KINDS.items() if k in raw}
    found = schema.describe(raw, to_typed(raw, kinds), kinds, PROBLEM)
    json.dumps(found, allow_nan=False)
    return {c["name"]: c for c in found["columns"]}


@pytest.fixture
def raw():
    return pd.DataFrame(
        {
            "amount": [1.5, 2.5, 10.0, np.nan],
            "whole": ["1", "3", "$3", "junk"],
            "plan": ["pro", "pro", "basic", None],
            "flag": [True, True, False, True],
            "when": ["2024-01-01", "2024-03-01", "2024-02-01", None],
            "note": ["one", "two words", "two words", None],
            "id": list("abcd"),
        }
    )


def test_each_kind_is_described(raw):
    found = described(raw)
    assert found["amount"]["missing_share"] == 0.25
    assert (found["amount"]["low"], found["amount"]["default"], found["amount"]["high"]) == (1.5, 2.5, 10)
    assert not found["amount"]["integer"]
    assert found["whole"]["integer"] and found["whole"]["default"] == 3
    assert found["plan"]["default"] == "pro"
    assert found["plan"]["categories"] == ["pro", "basic"] and found["plan"]["categories_complete"]
    assert found["flag"]["categories"] == ["True", "False"]
    assert found["when"]["low"] == "2024-01-01T00:00:00" and found["when"]["default"] == found["when"]["high"]
    assert found["note"]["default"] == "two words" and "categories" not in found["note"]
    assert found["id"] == {"name": "id", "kind": "identifier", "importance": 0.0}


def test_columns_without_a_value(raw):
    found = described(raw.iloc[:2].mask(raw.iloc[:2].notna()))
    for name in KINDS:
        assert found[name]["default"] is None
        assert found[name]["missing_share"] == 1


def test_many_categories_are_cut_by_frequency():
    words = [f"w{i}" for i in range(300) for _ in range(1 + (i == 250))]
    plan = described(pd.DataFrame({"plan": words}))["plan"]
    assert len(plan["categories"]) == schema.MAX_CATEGORIES
    assert plan["categories"][0] == "w250" == plan["default"]
    assert not plan["categories_complete"]


def test_rows_as_json_come_back(raw):
    raw["when"] = pd.to_datetime(raw["when"])
    data = json.loads(json.dumps(schema.rows_to_json(raw), allow_nan=False))
    back = schema.rows_from_json(data)
    assert list(back.columns) == list(raw.columns)
    pd.testing.assert_frame_equal(to_typed(back, KINDS), to_typed(raw, KINDS))


def test_a_model_knows_its_columns(churn_bundle):
    found = churn_bundle.schema
    assert (found["target"], found["task"]) == ("churn", "binary")
    names = [c["name"] for c in found["columns"]]
    assert "churn" not in names and "customer_id" not in names and "country" not in names
    assert sum(c["importance"] for c in found["columns"]) == pytest.approx(1)


def test_columns_without_a_gap_are_described_as_those_with_one():
    rng = np.random.default_rng(0)
    whole = pd.DataFrame({"amount": rng.normal(size=57).round(2), "whole": rng.integers(0, 9, 57)})
    gap = pd.concat([whole, pd.DataFrame({"amount": [np.nan], "whole": [np.nan]})])
    with_gap, without = described(gap), described(whole)
    for name in whole:
        assert with_gap[name].pop("missing_share") == pytest.approx(1 / 58)
        assert without[name].pop("missing_share") == 0
        assert without[name] == with_gap[name]
        values = np.sort(whole[name].to_numpy(dtype=float))
        assert without[name]["q95"] == np.quantile(values, 0.95)
        at = without[name]["spread"]["at"]
        assert at == sorted({values[-(-i * 57 // 10) - 1] for i in range(1, 10)})
        assert without[name]["spread"]["below"] == [float(np.mean(values <= a)) for a in at]
