"""Two batches side by side: how the predictions are spread, and which rows changed most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from automl import wording
from automl.data.words import count, shorten
from automl.errors import ColumnError, PredictionError, unknown_name
from automl.features.typed import typed_words

MOST_ROWS = 50  # of those that changed most
BINS = 20


@dataclass(frozen=True)
class Comparison:
    """How two batches differ.

    Attributes
    ----------
    spread : DataFrame
        Of labels: label, first, second (shares of rows). Of values: from, to, first, second.
    matched : int
        Rows that are in both; 0 where they can't be matched.
    changed : DataFrame
        The matched rows whose prediction changed most: key or row number, first, second, change.
    sentence : str
    note : str
        Why rows were not matched, if they were not.
    """

    spread: pd.DataFrame
    matched: int
    changed: pd.DataFrame
    sentence: str
    note: str = ""


def compare(
    first: Path,
    second: Path,
    added: tuple[Sequence[str], Sequence[str]],
    *,
    classes: Sequence[str],
    positive: int = 1,
    key: str | None = None,
) -> Comparison:
    """Compare two batches of models of the same target.

    Parameters
    ----------
    first, second : Path
        Their predictions.parquet.
    added : pair of sequences of str
        The columns that were added to each, the prediction first.
    classes : sequence of str
        The labels; empty where numbers are predicted.
    positive : int
        Of two classes, the one whose probability is compared.
    key : str, optional
        A column of both that tells rows apart; None: row by row, where both have as many.
    """
    one, two = (_load(p, a, len(classes), key) for p, a in zip((first, second), added, strict=True))
    spread, moved = _labels(one, two, classes) if classes else _values(one, two)
    pairs, note = _matched(one, two, key)
    if pairs is None:
        return Comparison(spread, 0, pd.DataFrame(), moved, note)
    at_one, at_two, names = pairs
    a, b = one.iloc[at_one].reset_index(drop=True), two.iloc[at_two].reset_index(drop=True)
    if classes:
        p, q = (f.iloc[:, 1 : 1 + len(classes)].to_numpy(np.float64) for f in (a, b))
        change = q[:, positive] - p[:, positive] if len(classes) == 2 else np.abs(q - p).sum(axis=1) / 2
        other = int((a.iloc[:, 0].astype(str) != b.iloc[:, 0].astype(str)).sum())
        told = f"Of the {count(len(a), 'row')} in both, {wording.count(other)} {'is' if other == 1 else 'are'} called otherwise."
    else:
        change = b.iloc[:, 0].to_numpy(np.float64) - a.iloc[:, 0].to_numpy(np.float64)
        told = f"Of the {count(len(a), 'row')} in both, predictions moved by {wording.number(float(np.abs(change).mean()))} on average."
    order = np.argsort(-np.abs(change), kind="stable")[:MOST_ROWS]
    order = order[np.abs(change[order]) > 0]
    changed = pd.DataFrame(
        {
            shorten(key) if key else "row": names[order],
            "first": a.iloc[order, 0].to_numpy(),
            "second": b.iloc[order, 0].to_numpy(),
            "change": change[order],
        }
    )
    return Comparison(spread, len(a), changed, f"{moved} {told}")


def _load(path: Path, added: Sequence[str], classes: int, key: str | None) -> pd.DataFrame:
    import pyarrow.parquet as pq

    names = pq.read_schema(path).names
    if key and key not in names:
        raise ColumnError(unknown_name("column", key, names, "in the predictions"))
    wanted = [*added[: 1 + classes], *([key] if key else [])]
    return pd.read_parquet(path, columns=wanted)[wanted]


def _labels(one: pd.DataFrame, two: pd.DataFrame, classes: Sequence[str]) -> tuple[pd.DataFrame, str]:
    shares = [f.iloc[:, 0].astype(str).value_counts(normalize=True) for f in (one, two)]
    table = pd.DataFrame(
        {
            "label": list(classes),
            "first": [float(shares[0].get(c, 0.0)) for c in classes],
            "second": [float(shares[1].get(c, 0.0)) for c in classes],
        }
    )
    most = int((table["second"] - table["first"]).abs().argmax())
    label, a, b = table.iloc[most]
    if a == b:
        return table, "Each label is predicted as often in both."
    said = f"'{shorten(label)}' is predicted for {wording.percent(b)} of the rows, before for {wording.percent(a)}."
    return table, said


def _values(one: pd.DataFrame, two: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    a, b = one.iloc[:, 0].to_numpy(np.float64), two.iloc[:, 0].to_numpy(np.float64)
    edges = np.histogram_bin_edges(np.concatenate([a, b]), BINS)
    table = pd.DataFrame(
        {
            "from": edges[:-1], "to": edges[1:],
            "first": np.histogram(a, edges)[0] / len(a), "second": np.histogram(b, edges)[0] / len(b),
        }
    )  # fmt: skip
    return table, f"{wording.number(float(b.mean()))} is predicted on average, before {wording.number(float(a.mean()))}."


def _matched(
    one: pd.DataFrame, two: pd.DataFrame, key: str | None
) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray] | None, str]:
    """Positions of the rows in both, and what they are called."""
    if key is None:
        if len(one) != len(two):
            return None, "The batches have different numbers of rows. Choose a column that tells rows apart to match them."
        at = np.arange(len(one))
        return (at, at, at + 1), ""
    a, b = (pd.Series(typed_words(f[key])) for f in (one, two))
    for keys in (a, b):
        if keys[keys.notna()].duplicated().any():
            example = keys[keys.notna() & keys.duplicated()].iloc[0]
            raise PredictionError(
                f"'{shorten(key)}' can't tell rows apart: '{shorten(example)}' is there more than once. Choose another column."
            )
    places = pd.Series(np.arange(len(b)), index=pd.Index(b))
    places = places[places.index.notna()]
    found = places.reindex(a).to_numpy()
    at = np.flatnonzero(~np.isnan(found))
    if not len(at):
        return None, f"No value of '{shorten(key)}' is in both batches."
    return (at, found[at].astype(int), a.to_numpy()[at]), ""
