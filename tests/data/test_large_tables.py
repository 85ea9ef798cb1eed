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


def test_cells_and_distinct_values_are_counted_group_by_group(tmp_path):
    rng = np.random.default_rng(1)
    table = pd.DataFrame(
        {
            "whole": rng.integers(-5, 5, 4_000),
            "part": np.where(rng.random(4_000) < 0.2, np.nan, rng.integers(0, 900, 4_000) / 8),
            "zero": np.where(np.arange(4_000) % 2, 0.0, -0.0),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, 4_000), unit="D"),
            "flag": rng.random(4_000) < 0.5,
            "name": pd.Series([f"é{i}" for i in rng.integers(0, 3_000, 4_000)]).mask(rng.random(4_000) < 0.1),
            "empty": pd.Series([None] * 4_000, dtype="str"),
        }
    )
    path = tmp_path / "t.parquet"
    table.to_parquet(path, row_group_size=700)
    file = pq.ParquetFile(path)
    for name in table.columns:
        assert profiles.count_values(file, name, 4_000) == (int(table[name].count()), table[name].nunique()), name


def test_progress_is_told_for_every_column(tmp_path, monkeypatch):
    _, path = a_file(tmp_path)
    monkeypatch.setattr(profiles, "PROFILE_ROWS", 600)
    told: list[float] = []
    profile_file(path, told.append)
    assert told == [0.2, 0.4, 0.6, 0.8, 1.0]
