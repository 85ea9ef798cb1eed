"""Typed rows → the numbers a family needs. Fitted on training rows only; see `Needs`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy import sparse

from automl.features.categories import Categories, room_for_values
from automl.features.clean import Clip, Impute
from automl.features.dates import Dates
from automl.features.numbers import Numbers
from automl.features.text import Text

LARGEST = 1e38  # what a float32 holds, with room for the difference of two


@dataclass(frozen=True)
class Needs:
    """What a family needs of its features.

    Attributes
    ----------
    categories : "onehot" or "codes"
    scale, impute : bool
        Numbers centred and scaled; missing numbers filled, and marked in a column of their own.
    text : "tfidf" or "svd"
        One column a word, or a few condensed ones.
    sparse : bool
        The matrix is CSR.

    >>> Needs(categories="onehot", impute=True).key
    'onehot-svd-i'
    """

    categories: str = "codes"
    scale: bool = False
    impute: bool = False
    text: str = "svd"
    sparse: bool = False
    nothing: bool = False  # no column at all: the baseline looks at none

    @property
    def key(self) -> str:
        """Families with the same key share their fitted features."""
        if self.nothing:
            return "nothing"
        flags = "".join(
            letter for letter, on in (("s", self.scale), ("i", self.impute), ("p", self.sparse)) if on
        )
        return f"{self.categories}-{self.text}{'-' + flags if flags else ''}"


@dataclass(frozen=True)
class Features:
    """`matrix` (float32 array or CSR), the names of its columns, and which hold category codes."""

    matrix: Any
    names: tuple[str, ...]
    categorical: tuple[int, ...] = ()


def values_of(typed: pd.DataFrame, names: Iterable[str]) -> dict[str, np.ndarray]:
    """The values of columns by name."""
    return {name: typed[name].to_numpy() for name in names}


class TableFeatures:
    """All that is learned of a table's columns, but the target: fitted once a fold and kind of family.

    Parameters
    ----------
    needs : Needs
    kinds : dict
        Column name → kind ("numeric", "categorical", "boolean", "datetime", "text", "identifier").
    impute, clip : dict, optional
        The recipe's learned steps: {"columns": [...], "numeric": "median"}, {"columns": [...], "factor": 3.0}.

    >>> rows = pd.DataFrame({"age": [31.0, np.nan], "plan": pd.Series(["a", None], dtype=object)})
    >>> table = TableFeatures(Needs(), {"age": "numeric", "plan": "categorical"}).fit(rows)
    >>> table.transform(rows).matrix.tolist()
    [[31.0, 0.0], [nan, -1.0]]
    """

    def __init__(
        self,
        needs: Needs,
        kinds: dict[str, str],
        impute: dict[str, Any] | None = None,
        clip: dict[str, Any] | None = None,
    ) -> None:
        self.needs = needs
        self.kinds = {k: v for k, v in kinds.items() if v != "identifier" and not needs.nothing}
        self.clip = Clip(clip["columns"], clip.get("factor", 3.0)) if clip else None
        self.filler = Impute(impute["columns"], impute.get("numeric", "median")) if impute else None

    def fit(self, typed: pd.DataFrame) -> Self:
        """Learn from the typed training rows."""
        columns = values_of(typed, self.kinds)
        if self.clip:
            columns = self.clip.fit(columns).transform(columns)
        if self.filler:
            columns = self.filler.fit(columns).transform(columns)
        needs, words = self.needs, [n for n, k in self.kinds.items() if k in ("categorical", "boolean")]
        most = room_for_values(needs.categories, needs.sparse, len(typed), len(words))
        self.categories = {n: Categories(needs.categories, most).fit(columns[n]) for n in words}
        self.dates = {n: Dates().fit(columns[n]) for n, k in self.kinds.items() if k == "datetime"}
        self.texts = {n: Text(needs.text).fit(columns[n]) for n, k in self.kinds.items() if k == "text"}
        matrix = self._numeric(columns, len(typed))
        self.numbers = Numbers(needs.impute, needs.scale).fit(matrix, self._numeric_names())
        self._name_columns()
        return self

    def _name_columns(self) -> None:
        """Once, as one-hot columns have thousands of names."""
        names, categorical = list(self.numbers.output_names()), ()
        if self.needs.categories == "codes":
            categorical = tuple(range(len(names), len(names) + len(self.categories)))
            names += self.categories
        else:
            for name, block in self.categories.items():
                names += [f"{name} = {v}" for v in block.values] + [f"{name} = other"]
        names += [f"{name} {i}" for name, block in self.texts.items() for i in range(block.width)]
        self.silent = not names and not self.needs.nothing  # no column says anything; no library fits on none
        if self.silent:
            names = ["nothing"]
        self.names, self.categorical = tuple(names), categorical

    def _learned_steps(self, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        if self.clip:
            columns = self.clip.transform(columns)
        return self.filler.transform(columns) if self.filler else columns

    def _numeric(self, columns: dict[str, np.ndarray], rows: int) -> np.ndarray:
        """Numbers, what dates give, and how common the values of columns with very many are."""
        blocks = [np.zeros((rows, 0))]
        blocks += [columns[n][:, None] for n, k in self.kinds.items() if k == "numeric"]
        blocks += [block.transform(columns[name]) for name, block in self.dates.items()]
        blocks += [b.frequency(columns[n])[:, None] for n, b in self.categories.items() if b.shares]
        return np.clip(np.hstack(blocks), -LARGEST, LARGEST)

    def _numeric_names(self) -> list[str]:
        names = [n for n, k in self.kinds.items() if k == "numeric"]
        for name, block in self.dates.items():
            names += block.output_names(name)
        return names + [f"{n} frequency" for n, b in self.categories.items() if b.shares]

    def transform(self, typed: pd.DataFrame, columns: dict[str, np.ndarray] | None = None) -> Features:
        """Any typed rows, one or many, as the family needs them; a row alone gives what it gives in a batch.

        `columns` are the values of `typed`, where they were taken out of it before: for one row that
        takes longer than the rest.
        """
        columns, rows = values_of(typed, self.kinds) if columns is None else columns, len(typed)
        columns = self._learned_steps(columns)
        blocks = [self.numbers.transform(self._numeric(columns, rows))]
        if self.categories:
            codes = np.column_stack([b.codes(columns[n]) for n, b in self.categories.items()])
            if self.needs.categories == "codes":
                blocks.append(codes)
            else:
                sizes = [len(b.values) + 1 for b in self.categories.values()]
                blocks.append(one_hot(codes, sizes, self.needs.sparse))
        blocks += [block.transform(columns[name]) for name, block in self.texts.items()]
        if self.silent:
            blocks = [np.zeros((rows, 1))]
        if self.needs.sparse:
            stacked = sparse.hstack([sparse.csr_matrix(b, dtype=np.float32) for b in blocks], format="csr")
            return Features(stacked, self.names, ())
        out, at = np.empty((rows, len(self.names)), dtype=np.float32), 0
        for part in blocks:
            end = at + part.shape[1]
            out[:, at:end] = part.toarray() if sparse.issparse(part) else part
            at = end
        return Features(out, self.names, self.categorical)

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """All that was learned, as plain data for JSON and arrays."""
        numbers, arrays = self.numbers.state()
        arrays = {f"numbers/{k}": v for k, v in arrays.items()}
        texts = {}
        for i, (name, block) in enumerate(self.texts.items()):
            texts[name], more = block.state()
            arrays |= {f"text{i}/{k}": v for k, v in more.items()}
        document = {
            "needs": vars(self.needs),
            "kinds": self.kinds,
            "clip": None if self.clip is None else vars(self.clip),
            "impute": None if self.filler is None else vars(self.filler),
            "numbers": numbers,
            "dates": {n: b.state() for n, b in self.dates.items()},
            "categories": {n: b.state() for n, b in self.categories.items()},
            "texts": texts,
        }
        return document, arrays

    @classmethod
    def from_state(cls, document: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        """What `state` gave, back to work."""
        table = cls(Needs(**document["needs"]), document["kinds"])
        for key, kind in (("clip", Clip), ("impute", Impute)):
            if document[key] is not None:
                block = kind(document[key]["columns"])
                vars(block).update(document[key])
                setattr(table, "filler" if key == "impute" else key, block)

        def part(prefix: str) -> dict[str, np.ndarray]:
            return {k.split("/", 1)[1]: v for k, v in arrays.items() if k.startswith(prefix + "/")}

        kinds = table.kinds  # order of columns is the order of kinds
        table.numbers = Numbers.from_state(document["numbers"], part("numbers"))
        table.dates = {n: Dates.from_state(document["dates"][n]) for n in kinds if n in document["dates"]}
        table.categories = {
            n: Categories.from_state(document["categories"][n]) for n in kinds if n in document["categories"]
        }
        names = [n for n in kinds if n in document["texts"]]
        table.texts = {
            n: Text.from_state(document["texts"][n], part(f"text{i}")) for i, n in enumerate(names)
        }
        table._name_columns()
        return table


def one_hot(codes: np.ndarray, sizes: list[int], as_sparse: bool) -> Any:
    """Codes of shape (rows, columns) → a column a code, 1 where it is; zeros for -1.

    >>> one_hot(np.array([[1, 0], [-1, 2]]), [2, 3], False).tolist()
    [[0.0, 1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0]]
    """
    starts = np.cumsum([0, *sizes])
    known = codes >= 0
    places = (codes + starts[:-1])[known]
    if as_sparse:
        ends = np.concatenate([[0], np.cumsum(known.sum(axis=1))])
        places, ends = places.astype(np.int32), ends.astype(np.int32)
        ones = np.ones(len(places), dtype=np.float32)
        return sparse.csr_matrix((ones, places, ends), shape=(len(codes), starts[-1]))
    out = np.zeros((len(codes), starts[-1]), dtype=np.float32)
    out[np.nonzero(known)[0], places] = 1
    return out
