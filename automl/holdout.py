"""The test rows beside what the model said of them: what segments, thresholds and comparisons are measured on.

test_rows.parquet holds, by position: the row's number in the table as it was read; the model's input
columns as they came; then the actual value, the prediction and one probability a class.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from automl.metrics import labels
from automl.store import files
from automl.types import Problem

NAME, VALIDATION = "test_rows.parquet", "validation_rows.parquet"
MOST_ROWS = 100_000  # a sample of more: an interval of so many rows is narrow, and the file stays small


@dataclass(frozen=True)
class Holdout:
    """Test rows and predictions.

    Attributes
    ----------
    problem : Problem
    rows : ndarray of shape (rows,)
        Positions in the table as it was read.
    inputs : DataFrame of shape (rows, input columns)
        Raw, as they came.
    y : ndarray of shape (rows,)
        Class codes, or values.
    values : ndarray of shape (rows, classes) or (rows,)
        Probabilities, or predicted values.
    total : int
        Test rows there were; more than are here when these are a sample.
    """

    problem: Problem
    rows: np.ndarray
    inputs: pd.DataFrame
    y: np.ndarray
    values: np.ndarray
    total: int

    @property
    def is_sample(self) -> bool:
        return self.total > len(self.y)

    @functools.cached_property
    def labels(self) -> np.ndarray:
        """The class labels, by code."""
        return np.array(self.problem.classes, dtype=object)

    def called(self, threshold: float | None = None) -> np.ndarray:
        """Class codes as the model calls them: the likeliest, or from a threshold on; values stay as they are."""
        if not self.problem.has_probabilities:
            return self.values
        return labels(self.values, self.problem.positive_code, threshold)

    def frame(self, threshold: float | None = None) -> pd.DataFrame:
        """The rows as a table for people: inputs, `actual`, `prediction` and one probability a class.

        A name that an input column has already gets `_foretable` behind it, as predictions have it.
        """
        classes = self.problem.has_probabilities
        called = self.called(threshold)
        added = {
            "actual": self.labels[self.y] if classes else self.y,
            "prediction": self.labels[called] if classes else called,
        }
        for code, label in enumerate(self.problem.classes):
            added[f"probability_{label}"] = self.values[:, code]
        return pd.concat([self.inputs, pd.DataFrame(_free(added, self.inputs.columns))], axis=1)


@dataclass(frozen=True)
class Validated:
    """Out-of-fold predictions of the training rows: what choices are made on, so that test rows stay a test.

    `fold` validated the row, `y` and `values` are as in `Holdout`, `rows` positions in the table as it was read.
    """

    rows: np.ndarray
    fold: np.ndarray
    y: np.ndarray
    values: np.ndarray


def _free(added: dict[str, np.ndarray], taken: pd.Index) -> dict[str, np.ndarray]:
    out, names = {}, {str(name) for name in taken}
    for name, data in added.items():
        while name in names:
            name += "_foretable"
        names.add(name)
        out[name] = data
    return out


def write(
    folder: Path,
    problem: Problem,
    rows: np.ndarray,
    inputs: pd.DataFrame,
    y: np.ndarray,
    values: np.ndarray,
    most: int = MOST_ROWS,
) -> None:
    """Store test rows in a staged bundle, a random sample where they are more than `most`.

    Parameters
    ----------
    folder : Path
    problem : Problem
    rows : ndarray of shape (rows,)
        Positions in the table as it was read.
    inputs : DataFrame of shape (rows, input columns)
    y, values : ndarray
        As in `Holdout`.
    """
    total = len(y)
    if total > most:
        pick = np.sort(np.random.default_rng(0).choice(total, most, replace=False))
        rows, inputs, y, values = rows[pick], inputs.iloc[pick], y[pick], values[pick]
    table = Holdout(problem, rows, inputs.reset_index(drop=True), y, values, total).frame()
    if problem.has_probabilities:  # labels as text: a class may be a word, a number or a flag
        for at in (inputs.shape[1], inputs.shape[1] + 1):
            table.isetitem(at, table.iloc[:, at].map(str))
    first = _free({"row": rows, "test_rows": np.full(len(rows), total)}, table.columns)
    files.write_table(pd.concat([pd.DataFrame(first), table], axis=1), folder / NAME)


def read(folder: Path, problem: Problem) -> Holdout | None:
    """The test rows of a bundle; None where none were set aside, or by an earlier version not stored."""
    path = folder / NAME
    if not path.is_file():
        return None
    table = files.read_table(path)
    classes = len(problem.classes) if problem.has_probabilities else 0
    end = table.shape[1] - 2 - classes
    actual = table.iloc[:, end]
    y, values = actual.to_numpy(), table.iloc[:, end + 1].to_numpy()
    if classes:
        y = pd.Index([str(label) for label in problem.classes]).get_indexer(actual)
        values = table.iloc[:, end + 2 :].to_numpy(dtype=np.float64)
    total = int(table.iloc[0, 1]) if len(table) else 0
    return Holdout(problem, table.iloc[:, 0].to_numpy(), table.iloc[:, 2:end], y, values, total)


def write_validation(folder: Path, validated: Validated, most: int = MOST_ROWS) -> None:
    """Store out-of-fold predictions in a staged bundle, a random sample where they are more than `most`."""
    pick = np.arange(len(validated.y))
    if len(pick) > most:
        pick = np.sort(np.random.default_rng(0).choice(len(pick), most, replace=False))
    values = validated.values.astype(np.float32)[pick]
    table = pd.DataFrame({"row": validated.rows[pick], "fold": validated.fold[pick], "actual": validated.y[pick]})
    columns = values if values.ndim > 1 else values[:, None]
    named = pd.DataFrame(columns, columns=[f"value_{code}" for code in range(columns.shape[1])])
    table = pd.concat([table, named], axis=1)
    files.write_table(table, folder / VALIDATION)


def read_validation(folder: Path, problem: Problem) -> Validated | None:
    """The out-of-fold predictions of a bundle; None where an earlier version stored none."""
    path = folder / VALIDATION
    if not path.is_file():
        return None
    table = files.read_table(path)
    values = table.iloc[:, 3:].to_numpy(dtype=np.float64)
    parts = (table[name].to_numpy() for name in ("row", "fold", "actual"))
    return Validated(*parts, values if problem.has_probabilities else values[:, 0])
