"""Typed rows → the numbers a family needs. Fitted on training rows only; see `Needs`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy import sparse

from automl.features.categories import Categories, room_for_values
from automl.features.clean import Clip, Impute
from automl.features.dates import Dates
from automl.features.numbers import Numbers
from automl.features.rich import MAX_OUTCOMES, MAX_RICH, Rich
from automl.features.target_means import outcomes
from automl.features.text import Text

LARGEST = 1e38  # what a float32 holds, with room for the difference of two
FEW_ROWS = 30  # up to so many are read cell by cell


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
    rich: bool = False  # the columns of `features.rich` as well, some of which look at the target
    nothing: bool = False  # no column at all: the baseline looks at none

    @property
    def more(self) -> int:
        """Columns on top of the table's own, at most."""
        return MAX_RICH if self.rich else 0

    @property
    def key(self) -> str:
        """Families with the same key share their fitted features."""
        if self.nothing:
            return "nothing"
        flags = "".join(
            letter
            for letter, on in (("s", self.scale), ("i", self.impute), ("p", self.sparse), ("r", self.rich))
            if on
        )
        return f"{self.categories}-{self.text}{'-' + flags if flags else ''}"


@dataclass(frozen=True)
class Features:
    """`matrix` (float32 array or CSR), the names of its columns, and which hold category codes."""

    matrix: Any
    names: tuple[str, ...]
    categorical: tuple[int, ...] = ()


class TableFeatures:
    """All that is learned of a table's columns: fitted once a fold and kind of features.

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

    def fit(self, typed: pd.DataFrame, y: np.ndarray | None = None, **about_y: Any) -> Self:
        """Learn from the typed training rows; see `fit_transform`, whose features are the ones to train on."""
        self.fit_transform(typed, y, **about_y)
        return self

    def fit_transform(
        self,
        typed: pd.DataFrame,
        y: np.ndarray | None = None,
        *,
        task: str = "regression",
        classes: int = 0,
        sample_weight: np.ndarray | None = None,
    ) -> Features:
        """Learn from the typed training rows, and give their features: none holds its own row's target.

        Parameters
        ----------
        typed : DataFrame of shape (rows, columns)
        y : ndarray of shape (rows,), optional
            Codes or values; only rich features look at it.
        task : "binary", "multiclass" or "regression"
        classes : int
        sample_weight : ndarray of shape (rows,), optional
        """
        columns = self._read(typed)
        if self.clip:
            columns = self.clip.fit(columns).transform(columns)
        if self.filler:
            columns = self.filler.fit(columns).transform(columns)
        needs, words = self.needs, [n for n, k in self.kinds.items() if k in ("categorical", "boolean")]
        most = room_for_values(needs.categories, needs.sparse, len(typed), len(words))
        self.categories = {n: Categories(needs.categories, most).fit(columns[n]) for n in words}
        self.dates = {n: Dates().fit(columns[n]) for n, k in self.kinds.items() if k == "datetime"}
        self.texts = {n: Text(needs.text).fit(columns[n]) for n, k in self.kinds.items() if k == "text"}
        matrix, names = self._numeric(columns, len(typed))
        if needs.rich:
            weight = np.ones(len(typed)) if sample_weight is None else sample_weight
            targets = outcomes(y, task, classes, MAX_OUTCOMES)
            plain = [n for n, k in self.kinds.items() if k == "numeric"]
            self.rich = Rich(self.kinds)
            more = self.rich.fit_transform(columns, matrix[:, : len(plain)], targets, weight)
            matrix, names = with_more(matrix, more), names + self.rich.output_names(plain)
        self.numbers = Numbers(needs.impute, needs.scale).fit(matrix, names)
        return self._assemble(columns, matrix)

    def _read(self, typed: pd.DataFrame) -> dict[str, np.ndarray]:
        if len(typed) > FEW_ROWS:
            return {name: typed[name].to_numpy() for name in self.kinds}
        # for few rows, asking the frame for column after column would take longer than all the rest
        cells, place = typed.to_numpy(dtype=object), {name: i for i, name in enumerate(typed.columns)}
        return {
            name: typed[name].to_numpy()
            if kind == "datetime"
            else cells[:, place[name]].astype(float if kind == "numeric" else object)
            for name, kind in self.kinds.items()
        }

    def _columns(self, typed: pd.DataFrame) -> dict[str, np.ndarray]:
        columns = self._read(typed)
        if self.clip:
            columns = self.clip.transform(columns)
        return self.filler.transform(columns) if self.filler else columns

    def _numeric(self, columns: dict[str, np.ndarray], rows: int) -> tuple[np.ndarray, list[str]]:
        """Numbers, what dates give, and how common the values of columns with very many are."""
        names = [n for n, k in self.kinds.items() if k == "numeric"]
        blocks = [np.column_stack([columns[n] for n in names])] if names else [np.zeros((rows, 0))]
        for name, block in self.dates.items():
            blocks.append(block.transform(columns[name]))
            names = names + block.output_names(name)
        for name, block in self.categories.items():
            if block.shares:
                blocks.append(block.frequency(columns[name])[:, None])
                names = [*names, f"{name} frequency"]
        return np.clip(np.hstack(blocks), -LARGEST, LARGEST), names

    def transform(self, typed: pd.DataFrame) -> Features:
        """Any typed rows, one or many, as the family needs them; a row alone gives what it gives in a batch."""
        columns = self._columns(typed)
        matrix, _ = self._numeric(columns, len(typed))
        if self.needs.rich:
            plain = sum(k == "numeric" for k in self.kinds.values())
            matrix = with_more(matrix, self.rich.transform(columns, matrix[:, :plain]))
        return self._assemble(columns, matrix)

    def _assemble(self, columns: dict[str, np.ndarray], matrix: np.ndarray) -> Features:
        """Numbers, categories and texts side by side."""
        rows = len(matrix)
        blocks, names, categorical = [self.numbers.transform(matrix)], list(self.numbers.output_names()), []
        for name, block in self.categories.items():
            codes = block.codes(columns[name])
            if self.needs.categories == "codes":
                categorical.append(len(names))
                names.append(name)
                blocks.append(codes[:, None])
            else:
                blocks.append(one_hot(codes, len(block.values) + 1, self.needs.sparse))
                names += [f"{name} = {v}" for v in block.values] + [f"{name} = other"]
        for name, block in self.texts.items():
            part = block.transform(columns[name])
            blocks.append(part if self.needs.sparse or not sparse.issparse(part) else part.toarray())
            names += [f"{name} {i}" for i in range(part.shape[1])]
        if not names and not self.needs.nothing:  # no column says anything; no library fits on none
            names, blocks = ["nothing"], [np.zeros((rows, 1))]
        if self.needs.sparse:
            stacked = sparse.hstack([sparse.csr_matrix(b) for b in blocks], format="csr")
            return Features(sparse.csr_matrix(stacked, dtype=np.float32), tuple(names), ())
        out, at = np.empty((rows, len(names)), dtype=np.float32), 0
        for part in blocks:
            out[:, at : at + part.shape[1]] = part
            at += part.shape[1]
        return Features(out, tuple(names), tuple(categorical))

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
        if self.needs.rich:
            document["rich"], more = self.rich.state()
            arrays |= {f"rich/{k}": v for k, v in more.items()}
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
        if table.needs.rich:
            table.rich = Rich.from_state(kinds, document["rich"], part("rich"))
        return table


def with_more(matrix: np.ndarray, more: np.ndarray) -> np.ndarray:
    """Side by side, within what a float32 holds."""
    return np.hstack([matrix, np.clip(more, -LARGEST, LARGEST)])


def one_hot(codes: np.ndarray, size: int, as_sparse: bool) -> Any:
    """A column a code, 1 where it is; a row of zeros for -1."""
    at = np.flatnonzero(codes >= 0)
    if as_sparse:
        return sparse.csr_matrix((np.ones(len(at)), (at, codes[at])), shape=(len(codes), size))
    out = np.zeros((len(codes), size), dtype=np.float32)
    out[at, codes[at]] = 1
    return out
