"""The build's scratch folder: what the parent lays out for its children, and what they leave there.

job.json  training.arrow  target.npz      written by the parent, read by every child
features/<needs>-f<fold>/                 fitted features, written once per fold
members/<candidate>/f<fold>/              fitted models
trials/<candidate>.json, .npz             finished candidates, so that a retry goes on from them
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl.engine.folds import Folds
from automl.features.pipeline import Needs, TableFeatures
from automl.features.state import save_state
from automl.types import Trial, from_json, to_json


class WorkFolder:
    """Paths and formats of the scratch folder; no decision is made here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    # -- written by the parent ---------------------------------------------------------

    def write(
        self, job: dict[str, Any], typed: pd.DataFrame, y: np.ndarray, weight: np.ndarray | None, folds: Folds
    ) -> None:
        import pyarrow as pa
        import pyarrow.feather as feather

        for name in ("features", "members", "trials"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        words = set(_objects(typed))
        columns = {
            name: _dictionary(typed[name].to_numpy()) if name in words else pa.array(typed[name].to_numpy())
            for name in typed.columns
        }
        table = pa.table(columns)
        feather.write_feather(table, str(self.folder / "training.arrow"), compression="uncompressed")
        arrays = {"y": y, "fold": folds.assignment}
        if weight is not None:
            arrays["weight"] = weight
        np.savez(self.folder / "target.npz", **arrays)
        job = {**job, "fold_count": folds.count, "ordered": folds.ordered, "object_columns": _objects(typed)}
        (self.folder / "job.json").write_text(json.dumps(job), encoding="utf-8")

    # -- read by the children ----------------------------------------------------------

    def read_job(self) -> dict[str, Any]:
        return json.loads((self.folder / "job.json").read_text(encoding="utf-8"))

    def read_target(self) -> tuple[np.ndarray, np.ndarray | None]:
        """The targets and the weights, if there are any."""
        with np.load(self.folder / "target.npz") as arrays:
            return arrays["y"], arrays["weight"] if "weight" in arrays.files else None

    def read_typed(self) -> pd.DataFrame:
        """The training rows."""
        import pyarrow.feather as feather

        table = feather.read_table(str(self.folder / "training.arrow"), memory_map=True)
        objects = set(self.read_job()["object_columns"])
        columns = {}
        for name, column in zip(table.column_names, table.columns, strict=True):
            if name in objects:  # each value once in memory, however many rows have it
                column = column.combine_chunks()
                values = np.array([*column.dictionary.to_pylist(), None], dtype=object)
                columns[name] = values[column.indices.fill_null(len(values) - 1).to_numpy()]
            else:
                columns[name] = column.combine_chunks().to_numpy(zero_copy_only=False)
        # of objects the dtype is said: pandas would make text of them, and NaN of what is missing
        return pd.DataFrame(
            {k: pd.Series(v, dtype=object) if v.dtype == object else v for k, v in columns.items()}, copy=False
        )

    def read_folds(self) -> Folds:
        job = self.read_job()
        with np.load(self.folder / "target.npz") as arrays:
            return Folds(arrays["fold"], job["fold_count"], job["ordered"])

    # -- fitted parts ------------------------------------------------------------------

    def features(self, needs_key: str, fold: int) -> Path:
        return self.folder / "features" / f"{needs_key}-{_fold_name(fold)}"

    def member(self, number: int, fold: int) -> Path:
        return self.folder / "members" / f"{number:03d}" / _fold_name(fold)

    def save_features(self, needs: Needs, fold: int, table: TableFeatures) -> None:
        """Write fitted features once; two children that race write the same bytes."""
        target = self.features(needs.key, fold)
        if target.exists():
            return
        staged = target.with_name(f"{target.name}.{os.getpid()}")
        save_state(staged, *table.state())
        try:
            staged.rename(target)
        except OSError:
            shutil.rmtree(staged)

    # -- finished candidates -----------------------------------------------------------

    def save_trial(self, trial: Trial, prediction: np.ndarray, replays: dict[int, dict[str, Any]]) -> None:
        base = self.folder / "trials" / f"{trial.order:03d}"
        np.savez(base.with_suffix(".npz"), prediction=prediction)
        document = {"trial": json.loads(to_json(trial)), "replays": {str(k): v for k, v in replays.items()}}
        staged = base.with_suffix(".tmp")
        staged.write_text(json.dumps(document), encoding="utf-8")
        staged.rename(base.with_suffix(".json"))  # last: a trial exists once this file does

    def finished_trials(self) -> list[tuple[Trial, np.ndarray, dict[int, dict[str, Any]]]]:
        found = []
        for path in sorted((self.folder / "trials").glob("*.json")):
            document = json.loads(path.read_text(encoding="utf-8"))
            trial = from_json(json.dumps(document["trial"]), Trial)
            with np.load(path.with_suffix(".npz")) as arrays:
                found.append(
                    (trial, arrays["prediction"], {int(k): v for k, v in document["replays"].items()})
                )
        return found


def _dictionary(words: np.ndarray) -> Any:
    """Words as Arrow keeps them where each stands once; sooner than Arrow finds that out itself."""
    import pyarrow as pa

    codes, values = pd.factorize(words)
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.astype(np.int32), mask=codes < 0), pa.array(values, type=pa.string())
    )


def _fold_name(fold: int) -> str:
    return "all" if fold < 0 else f"f{fold}"


def _objects(typed: pd.DataFrame) -> list[str]:
    return [
        name
        for name, dtype in typed.dtypes.items()
        if not isinstance(dtype, np.dtype) or dtype.kind == "O"
    ]
