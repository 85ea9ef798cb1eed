from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from automl.data import profile as profiles
from automl.data.profile import distribution, profile, profile_file
from automl.store.files import sample_rows
from automl.types import ColumnKind


def a_file(tmp_path, rows=5_000):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "customer_id": np.arange(rows),
            "code": [f"c{i}" for i in range(rows)],
            "shop": rng.integers(0, rows // 10, rows).astype(str),
            "x": np.where(rng.random(rows) < 0.3, np.nan, rng.normal(size=rows)),
            "plan": rng.choice(["a", "b"], rows),
        }
    )
    pq.write_table(pa.Table.from_pandas(frame), tmp_path / "t.parquet", row_group_size=700)
    return frame, tmp_path / "t.parquet"


def test_random_rows_in_order(tmp_path):
    frame, path = a_file(tmp_path)
    some = sample_rows(str(path), 1_000, seed=3)
    assert len(some) == 1_000
    assert some["customer_id"].is_monotonic_increasing
    assert 2_200 < some["customer_id"].mean() < 2_800
    pd.testing.assert_frame_equal(some, frame.iloc[some["customer_id"]].reset_index(drop=True))
    assert some.equals(sample_rows(str(path), 1_000, seed=3))
    assert sample_rows(str(path), 5_000).equals(frame)


def test_a_large_file_is_described_as_a_whole(tmp_path, monkeypatch):
    frame, path = a_file(tmp_path)
    monkeypatch.setattr(profiles, "PROFILE_ROWS", 600)
    described = {c.name: c for c in profile_file(path)}
    for column in profile(frame):
        found = described[column.name]
        assert (found.kind, found.missing, found.distinct) == (column.kind, column.missing, column.distinct)
    assert described["customer_id"].kind is ColumnKind.IDENTIFIER
    assert described["customer_id"].reason.endswith("and its name says so")
    assert described["shop"].kind is not ColumnKind.IDENTIFIER  # 500 names, though nearly all differ in the sample


def test_charts_of_a_sample_count_the_whole(tmp_path):
    frame, path = a_file(tmp_path)
    some = sample_rows(str(path), 1_000)
    for column in profile(frame):
        chart = distribution(some, column, rows=5_000)
        counted = sum(chart["counts"]) + chart.get("other", 0)
        assert abs(counted - (5_000 - column.missing)) < 300
