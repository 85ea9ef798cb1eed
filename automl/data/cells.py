"""The cells of a block of a large file: read by Arrow where they are plain, else worked out on their distinct values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from automl.data import values
from automl.data.guess import real_dates
from automl.data.marks import CUT

ENCODED = pa.dictionary(pa.int32(), pa.string())
ANY_NUMBER = {"type": "number", "decimal": ".", "thousands": "", "integer": False}


@dataclass
class Column:
    """One column on its way: its plan, how Arrow reads it, and what did not fit."""

    name: str
    plan: dict[str, Any]
    left_out: bool = False  # without a name and, so far, without a value
    mark: str = ""  # what stands for `marks.CUT` in its cells
    careful: bool = False  # some cells are no plain numbers: looked at one by one
    cells: int = 0
    missing: int = 0
    lost: int = 0
    far: int = 0  # of these, dates before 1677 or after 2262
    examples: list[str] = field(default_factory=list)

    @property
    def stored(self) -> pa.DataType:
        match self.plan["type"]:
            case "number":
                return pa.int64() if self.plan.get("integer") else pa.float64()
            case "date":
                return pa.timestamp("ns")
            case "flag" if self.plan.get("boolean"):
                return pa.bool_()
            case _:
                return pa.string()

    @property
    def written(self) -> pa.DataType:
        return ENCODED if self.stored == pa.string() else self.stored

    @property
    def read_as(self) -> pa.DataType:
        plan = self.plan
        plain = plan["type"] == "number" and plan.get("decimal", ".") == "." and not plan.get("thousands")
        plain = plain and not {"unit", "digits", "flags", "missing"} & set(plan) or (plan["type"], plan.get("format")) == ("date", "ISO8601")
        if plain and not self.careful:
            return self.stored
        return ENCODED


class Wider(Exception):
    """A column holds what its type can't: the file is read once more with another plan."""

    def __init__(self, column: str, plan: dict[str, Any]) -> None:
        self.column, self.plan = column, plan


def finite(column: Column, cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Numbers with infinite ones missing."""
    if not pa.types.is_floating(cells.type):
        return cells
    infinite = pc.fill_null(pc.is_inf(cells), False)
    if not pc.any(infinite).as_py():
        return cells
    return pc.if_else(infinite, pa.scalar(None, cells.type), cells)


def read_carefully(column: Column, cells: pa.ChunkedArray) -> pa.Array:
    """Cells as the plan says, worked out on the distinct values of the block."""
    encoded = cells.unify_dictionaries().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0)
    raw = pd.Series(encoded.dictionary, dtype="str")
    given = values.apply_plan(raw.str.replace(CUT, column.mark, regex=False) if column.mark else raw, {**column.plan, "type": "text"})
    done = _as_planned(column, given, given if column.mark else raw)
    lost = (given.notna() & pd.isna(done)).to_numpy()
    if lost.any():
        cells_of = np.bincount(encoded.indices.to_numpy(zero_copy_only=False), minlength=len(raw))
        column.lost += int(cells_of[lost].sum())
        if column.plan["type"] == "date":
            real = [real_dates(given[lost], written) for written in column.plan["format"].split(" or ")]
            column.far += int(cells_of[lost][np.any(real, axis=0)].sum())
        column.examples += [str(v) for v in raw[lost].head(3)]
        column.examples = column.examples[:3]
    if column.stored == pa.string():
        return _encoded(encoded, done, raw)
    if not encoded.null_count and not done.isna().any() or column.stored != pa.bool_():
        return pa.array(done, from_pandas=True).cast(column.stored).take(encoded.indices)
    raise Wider(column.name, {"type": "flag", "boolean": False})


def _encoded(cells: pa.DictionaryArray, done: pd.Series, raw: pd.Series) -> pa.DictionaryArray:
    """The cells with each of their distinct values (`raw`) replaced by what it became (`done`)."""
    if done.equals(raw):
        return cells
    codes, values = pd.factorize(done)
    places = cells.indices.fill_null(-1).to_numpy()
    new = np.where(places < 0, -1, codes[places]) if len(codes) else places
    indices = pa.array(new.astype(np.int32), mask=new < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(values, pa.string()))


def _as_planned(column: Column, given: pd.Series, raw: pd.Series) -> pd.Series:
    plan = column.plan
    if plan["type"] != "number":
        if plan["type"] == "flag":
            if not given.dropna().str.lower().isin(["true", "false"]).all():
                raise Wider(column.name, {"type": "text"})
            if given.isna().any() and plan.get("boolean"):
                raise Wider(column.name, {"type": "flag", "boolean": False})
        return values.apply_plan(raw, plan)
    if plan.get("empty"):  # as the sample had it
        return values.apply_plan(raw, {**ANY_NUMBER, "loose": True})
    wider = {**plan, "integer": False}
    try:
        numbers = values.apply_plan(raw, wider)
    except ValueError:
        numbers = values.apply_plan(raw, {**wider, "loose": True})
    if plan["integer"]:
        known = numbers.dropna()
        if (known != np.floor(known)).any() or (known.abs() >= 2.0**53).any():
            raise Wider(column.name, wider)
        return numbers.astype("Int64")
    return numbers
