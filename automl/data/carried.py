"""The tables that a model was joined with travel with it, so that rows of the base table alone can be predicted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from automl.data.doctor import mismatch, triples, type_word
from automl.data.join import Load, keys_of, needed
from automl.data.merge import COUNT, as_dates, join_rows, key_frames, one_row_a_key
from automl.data.words import shorten
from automl.errors import ForetableError
from automl.store.files import write_table
from automl.types import JoinKey, JoinPlan, JoinStep, Note, from_json, replace, to_json
from automl.wording import filesize

FOLDER = "joined"
MOST_BYTES = 200_000_000  # of all tables that a model carries


@dataclass(frozen=True)
class Carried:
    """The steps of a join with their tables: each key once, and only the columns that the model needs."""

    plan: JoinPlan
    tables: tuple[pd.DataFrame, ...]


def pack(folder: Path, plan: JoinPlan, load: Load, inputs: Iterable[str], names: Sequence[str]) -> Note:
    """Write into a staged bundle what a model needs to join new rows by itself.

    Parameters
    ----------
    folder : Path
        The staged bundle.
    plan : JoinPlan
        How its table was joined.
    load : callable
        As for `join.replay`.
    inputs : iterable of str
        The model's input columns.
    names : sequence of str
        All columns of the joined table.

    Returns
    -------
    Note
        What the ledger says about it: that it is there, or why it can't be.
    """
    target, steps, size = folder / FOLDER, [], 0
    target.mkdir()
    try:
        for step, part in zip(plan.steps, needed(plan, {"": names}, inputs)[1:], strict=True):
            columns = {old: new for old, new in step.columns.items() if old in part or old == COUNT}
            if not set(columns) - ({COUNT} if COUNT not in step.columns else set()):
                continue
            part = set(columns) - {COUNT} | keys_of(step)
            table = load(step.table, sorted(part))
            once = "first" if step.repeats == "all" else step.repeats
            table = one_row_a_key(table, triples(step.keys), once, step.latest)
            table = table.dropna(subset=[k.right for k in step.keys]).reset_index(drop=True)
            path = target / f"{len(steps)}.parquet"
            write_table(table[list(dict.fromkeys([*(k.right for k in step.keys), *columns]))], path)
            size += path.stat().st_size
            steps.append(replace(step, table=path.name, columns=columns, how="left", repeats="all", latest=None))
            if size > MOST_BYTES:
                _clear(target)
                return Note(
                    "joined_left_behind",
                    f"The tables that were joined are too large to travel with the model ({filesize(size)} and more, at "
                    f"most {filesize(MOST_BYTES)}). Give it rows that are joined already.",
                )
    except ForetableError as e:
        _clear(target)
        return Note("joined_left_behind", f"The joined tables do not travel with the model: {e} Give it joined rows.")
    if not steps:
        _clear(target)
        return Note("joined_unused", f"The model needs nothing but the columns of '{shorten(plan.name)}'.")
    (target / "plan.json").write_text(to_json(replace(plan, base="", steps=tuple(steps))) + "\n", encoding="utf-8")
    return Note(
        "joined_carried",
        f"The model carries the rows it was joined with ({', '.join(shorten(s.name) for s in steps)}; "
        f"{filesize(size)}): it predicts rows of '{shorten(plan.name)}' alone, and joined ones.",
    )


def _clear(target: Path) -> None:
    for path in target.iterdir():
        path.unlink()
    target.rmdir()


def unpack(folder: Path) -> Carried | None:
    """What a bundle carries; None for a model of a table that was not joined."""
    path = folder / FOLDER / "plan.json"
    if not path.is_file():
        return None
    plan = from_json(path.read_text(encoding="utf-8"), JoinPlan)
    return Carried(plan, tuple(pd.read_parquet(folder / FOLDER / step.table) for step in plan.steps))


def partners(keys: pd.DataFrame, table: pd.DataFrame, step: JoinStep) -> tuple[np.ndarray, int]:
    """The row of `table` that belongs to each row, -1 where there is none; and how many have one."""
    pairs = []
    keys = keys.reset_index(drop=True)
    for key in step.keys:
        column, other = keys[key.left], table[key.right]
        if column.dtype == object:
            keys[key.left] = column = column.infer_objects()
        if key.compare == "same" and mismatch(column, other, (key.left, key.right)):
            if type_word(other) == "a date":
                keys[key.left] = as_dates(column)
            else:  # a form or another file wrote it otherwise
                key = JoinKey(key.left, key.right, "number" if type_word(other) == "a number" else "text")
        pairs.append(key)
    one, two = key_frames(keys, table, triples(tuple(pairs)))
    two = two[~two.duplicated()]  # as text or numbers two keys may have become one
    rows, at = join_rows(one, two, "left")
    at = np.where(at >= 0, two.index.to_numpy()[np.maximum(at, 0)] if len(two) else -1, -1)
    return at, int((at >= 0).sum())
