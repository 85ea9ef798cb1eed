"""Cells of text as the training file meant them: its way of writing dates and numbers, its letter case."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from automl.bundle import Bundle
from automl.data.guess import COMMA_DECIMAL
from automl.data.parse import to_date
from automl.types import ColumnKind

LISTED = (ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN)
FEW = 30  # rows
COMMA_NUMBER = re.compile(COMMA_DECIMAL)


def as_trained(bundle: Bundle, inputs: pd.DataFrame, recased: Counter[str] | None = None) -> pd.DataFrame:
    """Text that the training file's way of writing explains, read in that way.

    Where the training file wrote 31/01/2024, 1,5 or TRUE, so may a row that is given as text; where a category
    is known in another letter case only, that one is meant.

    Parameters
    ----------
    bundle : Bundle
    inputs : DataFrame of shape (rows, the model's inputs)
    recased : Counter, optional
        Counts the cells of each column whose letter case was changed.
    """
    read: dict[str, pd.Series] = {}
    for name, plan in bundle.reading.items():
        if name in inputs and _is_special(plan) and inputs[name].dtype.kind not in "biufM":
            read[name] = _read(inputs[name], plan)
    for column in bundle.schema["columns"]:
        name = column["name"]
        if column["kind"] in LISTED and column.get("categories_complete") and name in inputs:
            given = read.get(name, inputs[name])
            if given.dtype.kind not in "biufM":
                changed, cells = _known_case(given, column["categories"])
                if cells:
                    read[name] = changed
                    if recased is not None:
                        recased[name] += cells
    return inputs.assign(**read) if read else inputs


def _is_special(plan: dict[str, Any]) -> bool:
    return (
        (plan["type"] == "date" and plan["format"] != "ISO8601")
        or plan.get("decimal") == ","
        or plan["type"] == "flag"
    )


def _read(column: pd.Series, plan: dict[str, Any]) -> pd.Series:
    codes, distinct = pd.factorize(column.astype(object))
    meant = list(distinct)
    texts = [i for i, value in enumerate(distinct) if isinstance(value, str)]
    if plan["type"] == "date" and texts:
        stripped = pd.Series([distinct[i].strip() for i in texts], dtype="str")
        for i, date in zip(texts, to_date(stripped, plan["format"]), strict=True):
            if date is not pd.NaT:
                meant[i] = date.isoformat()
    else:
        for i in texts:
            meant[i] = _meant(distinct[i].strip(), distinct[i], plan)
    values = np.array([*meant, np.nan], dtype=object)
    return pd.Series(values[codes], index=column.index, dtype=object)


def _meant(text: str, given: str, plan: dict[str, Any]) -> Any:
    if plan["type"] == "flag":
        return text.capitalize() if text.lower() in ("true", "false") else given
    if plan["type"] == "number" and COMMA_NUMBER.fullmatch(text):
        return float(text.replace(".", "").replace(",", "."))
    return given


@lru_cache(256)
def _spellings(categories: tuple[str, ...]) -> tuple[frozenset[str], dict[str, str]]:
    """The categories, and those that are told apart by more than letter case, without it."""
    folded = Counter(c.casefold() for c in categories)
    return frozenset(categories), {c.casefold(): c for c in categories if folded[c.casefold()] == 1}


def _known_case(column: pd.Series, categories: list[str]) -> tuple[pd.Series, int]:
    """Values that are a category but for letter case, as that category; and how many cells changed."""
    known, by_fold = _spellings(tuple(categories))
    if len(column) <= FEW and all(not isinstance(v, str) or v in known for v in column.tolist()):
        return column, 0  # of few rows, counting values takes longer than looking at each
    codes, distinct = pd.factorize(column.astype(object))
    changes = {
        i: by_fold[value.strip().casefold()]
        for i, value in enumerate(distinct)
        if isinstance(value, str) and value.strip() not in known and value.strip().casefold() in by_fold
    }
    if not changes:
        return column, 0
    values = np.array([*distinct, np.nan], dtype=object)
    values[list(changes)] = list(changes.values())
    return pd.Series(values[codes], index=column.index, dtype=object), int(np.isin(codes, list(changes)).sum())
