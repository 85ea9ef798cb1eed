from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from automl.store import Workspace
from automl.types import Column, ColumnKind, Dataset, ReadReport


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace(tmp_path / "home")
    yield made
    made.close()


@pytest.fixture
def table() -> pd.DataFrame:
    return pd.DataFrame({"age": [31, 45, 27], "plan": ["a", "b", None], "churn": [True, False, True]})


@pytest.fixture
def add() -> Callable[..., Dataset]:
    """Store a table in a workspace, with a profile that serves any table."""

    def add(workspace: Workspace, table: pd.DataFrame, name: str = "customers", **options: Any) -> Dataset:
        columns = [Column(str(c), ColumnKind.CATEGORICAL) for c in table.columns]
        return workspace.add_dataset(table, name=name, report=ReadReport("frame"), columns=columns, **options)

    return add


@pytest.fixture
def dataset(workspace: Workspace, table: pd.DataFrame, add: Callable[..., Dataset]) -> Dataset:
    return add(workspace, table)
