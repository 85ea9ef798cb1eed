"""Rows of a base table alone: what they lack is brought along from the tables that the model carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from automl.bundle import Bundle
from automl.data.carried import partners
from automl.data.doctor import shown
from automl.data.merge import take_rows
from automl.data.words import share, shorten
from automl.predict.cells import as_trained
from automl.predict.columns import fold
from automl.predict.contract import Status, Violation
from automl.types import JoinStep, Severity

THERE = 0.5  # with this share of a step's columns a table is taken to be joined already


@dataclass
class _Bringing:
    """A step that is done for this table: its keys' positions, the columns that come along, the rows that matched."""

    step: JoinStep
    table: pd.DataFrame
    keys: list[int]
    columns: dict[str, str]
    found: int = 0


class Joiner:
    """Completes rows piece by piece; rows that are joined already stay as they are.

    Every row stays one row: without a partner its new cells are empty, of several partners the first is taken.

    Parameters
    ----------
    bundle : Bundle
    given : sequence
        The table's column names.

    Attributes
    ----------
    names : list
        The table's names, then those of the columns that are brought along.
    """

    def __init__(self, bundle: Bundle, given: Sequence[Any]) -> None:
        self.bundle, self.names, self.own = bundle, list(given), len(given)
        self.rows, self.lacking = 0, []
        self.bringing: list[_Bringing] = []
        if bundle.joins is None:
            return
        for step, table in zip(bundle.joins.plan.steps, bundle.joins.tables, strict=True):
            known = {fold(name): at for at, name in reversed(list(enumerate(self.names)))}
            absent = {old: new for old, new in step.columns.items() if fold(new) not in known}
            if len(absent) <= len(step.columns) * (1 - THERE):
                continue
            missing = [k.left for k in step.keys if fold(k.left) not in known]
            if missing:
                self.lacking.append((step, missing[0]))
                continue
            self.bringing.append(_Bringing(step, table, [known[fold(k.left)] for k in step.keys], absent))
            self.names += absent.values()

    @property
    def used(self) -> set[int]:
        """Positions of the table's own columns that serve as keys."""
        return {at for each in self.bringing for at in each.keys if at < self.own}

    def complete(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Some rows with what they lack; the columns stand as in `names`."""
        self.rows += len(frame)
        for each in self.bringing:
            lefts = [k.left for k in each.step.keys]
            keys = pd.DataFrame({n: frame.iloc[:, at] for n, at in zip(lefts, each.keys, strict=True)})
            at, found = partners(as_trained(self.bundle, keys), each.table, each.step)
            each.found += found
            new = {new: take_rows(each.table[old], at).set_axis(frame.index) for old, new in each.columns.items()}
            frame = pd.concat([frame, pd.DataFrame(new, index=frame.index)], axis=1)
        return frame

    def complete_row(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row given as a dict under its own names, completed."""
        if not self.bringing:
            return row
        frame = pd.DataFrame({name: [np.nan if value is None else value] for name, value in row.items()})
        done = self.complete(frame).iloc[0]
        return {name: None if pd.isna(value) else value for name, value in done.items()}

    def violations(self) -> list[Violation]:
        """What was brought along, and what could not be."""
        out = []
        for each in self.bringing:
            found = f": {share(each.found, self.rows)} of the rows found a partner" if self.rows else ""
            sentence = (
                f"Joined with '{shorten(each.step.name)}' on {shown(each.step.keys)}, as in training{found}."
            )
            out.append(Violation("joined", Status.REPAIRED, Severity.INFO, sentence, count=len(each.columns)))
        for step, key in self.lacking:
            sentence = (
                f"Nothing was brought along from '{shorten(step.name)}': its key '{shorten(key)}' is not in the table."
            )
            out.append(Violation("joined_key_missing", Status.REPAIRED, Severity.WARNING, sentence, count=1))
        return out
