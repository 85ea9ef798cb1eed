"""Typed rows → the numbers a family needs. Fitted on training rows only; see `Needs`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy import sparse

from automl.features.categories import Categories, room_for_values
from automl.features.clean import LEARNED_STEPS, Impute, gap_of
from automl.features.dates import Dates
from automl.features.numbers import Numbers
from automl.features.rich import MAX_OUTCOMES, MAX_RICH, Rich
from automl.features.target_means import outcomes
from automl.features.text import Text

FEW_TAKEN = 30  # up to so many are taken out of a frame all columns at once
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
    rich : bool
        The columns of `features.rich` as well, some of which look at the target.

    >>> Needs(categories="onehot", impute=True).key
    'onehot-svd-i'
    """

    categories: str = "codes"
    scale: bool = False
    impute: bool = False
    text: str = "svd"
    sparse: bool = False
    rich: bool = False
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


def values_of(typed: pd.DataFrame, names: Iterable[str]) -> dict[str, np.ndarray]:
    """The values of columns by name."""
    if len(typed) > FEW_TAKEN:
        return {name: typed[name].to_numpy() for name in names}
    # of few rows, asking the frame for column after column would take longer than all that follows
    cells, place = typed.to_numpy(dtype=object), {name: i for i, name in enumerate(typed.columns)}
    dtypes = list(typed.dtypes)
    return {
        name: cells[:, place[name]].astype(dtypes[place[name]])
        if dtypes[place[name]] in (np.float64, object)
        else typed[name].to_numpy()
        for name in names
    }


class TableFeatures:
    """All that is learned of a table's columns: fitted once a fold and kind of features.

    Parameters
    ----------
    needs : Needs
    kinds : dict
        Column name → kind ("numeric", "categorical", "boolean", "datetime", "text", "identifier").
    learned : list of dict, optional
        The recipe's learned steps in their order: {"op": "impute", "columns": [...], "numeric": "median"}. Those that
        remove rows are not done here but before (see features.clean.rows_without_outliers).

    >>> rows = pd.DataFrame({"age": [31.0, np.nan], "plan": pd.Series(["a", None], dtype=object)})
    >>> table = TableFeatures(Needs(), {"age": "numeric", "plan": "categorical"}).fit(rows)
    >>> table.transform(rows).matrix.tolist()
    [[31.0, 0.0], [nan, -1.0]]
    """

    def __init__(
        self,
        needs: Needs,
        kinds: dict[str, str],
        learned: Iterable[dict[str, Any]] = (),
    ) -> None:
        self.needs = needs
        self.inputs = {k: v for k, v in kinds.items() if v != "identifier" and not needs.nothing}
        self._set_steps(
            LEARNED_STEPS[step["op"]](**{k: v for k, v in step.items() if k != "op"})
            for step in learned
            if step["op"] in LEARNED_STEPS
        )

    def _set_steps(self, steps: Iterable[Any]) -> None:
        """Take the learned steps, and the columns that they add."""
        self.steps, self.kinds, self.gaps = list(steps), dict(self.inputs), {}
        for step in self.steps:
            if isinstance(step, Impute):
                self.gaps |= step.indicators(self.kinds)
        self.kinds |= dict.fromkeys(self.gaps.values(), "numeric")

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
        columns = values_of(typed, self.inputs)
        for step in self.steps:
            columns = self._marked(step, columns)
            columns = step.fit(columns).transform(columns)
        needs, words = self.needs, [n for n, k in self.kinds.items() if k in ("categorical", "boolean")]
        most = room_for_values(needs.categories, needs.sparse, len(typed), len(words))
        self.categories = {n: Categories(needs.categories, most).fit(columns[n]) for n in words}
        self.dates = {n: Dates().fit(columns[n]) for n, k in self.kinds.items() if k == "datetime"}
        self.texts = {n: Text(needs.text).fit(columns[n]) for n, k in self.kinds.items() if k == "text"}
        matrix, names = self._numeric(columns, len(typed)), self._numeric_names()
        if needs.rich:
            weight = np.ones(len(typed)) if sample_weight is None else sample_weight
            targets = outcomes(y, task, classes, MAX_OUTCOMES)
            self.rich, plain = Rich(self.kinds), self._plain_numbers()
            more = self.rich.fit_transform(columns, matrix[:, : len(plain)], targets, weight)
            matrix, names = with_more(matrix, more), names + self.rich.output_names(plain)
        self.numbers = Numbers(needs.impute, needs.scale).fit(matrix, names)
        self._name_columns()
        return self._assemble(columns, matrix)

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
        for step in self.steps:
            columns = step.transform(self._marked(step, columns))
        return columns

    def _marked(self, step: Any, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The columns, and before values are filled in: where they were missing."""
        if not isinstance(step, Impute) or not step.indicator:
            return columns
        return columns | {self.gaps[n]: gap_of(columns[n]) for n in step.columns if n in self.gaps}

    def _numeric(self, columns: dict[str, np.ndarray], rows: int) -> np.ndarray:
        """Numbers, what dates give, and how common the values of columns with very many are."""
        blocks = [np.zeros((rows, 0))]
        blocks += [columns[n][:, None] for n, k in self.kinds.items() if k == "numeric"]
        blocks += [block.transform(columns[name]) for name, block in self.dates.items()]
        blocks += [b.frequency(columns[n])[:, None] for n, b in self.categories.items() if b.shares]
        matrix = np.hstack(blocks)
        return np.clip(matrix, -LARGEST, LARGEST, out=matrix)

    def _plain_numbers(self) -> list[str]:
        """The names of the columns that `_numeric` begins with."""
        return [n for n, k in self.kinds.items() if k == "numeric"]

    def _numeric_names(self) -> list[str]:
        names = self._plain_numbers()
        for name, block in self.dates.items():
            names += block.output_names(name)
        return names + [f"{n} frequency" for n, b in self.categories.items() if b.shares]

    def transform(self, typed: pd.DataFrame, columns: dict[str, np.ndarray] | None = None) -> Features:
        """Any typed rows, one or many, as the family needs them; a row alone gives what it gives in a batch.

        `columns` are the values of `typed`, where they were taken out of it before: for one row that
        takes longer than the rest.
        """
        columns = self._learned_steps(values_of(typed, self.inputs) if columns is None else columns)
        matrix = self._numeric(columns, len(typed))
        if self.needs.rich:
            numbers = matrix[:, : len(self._plain_numbers())]
            matrix = with_more(matrix, self.rich.transform(columns, numbers))
        return self._assemble(columns, matrix)

    def _assemble(self, columns: dict[str, np.ndarray], matrix: np.ndarray) -> Features:
        """Numbers, categories and texts side by side."""
        rows, blocks = len(matrix), [self.numbers.transform(matrix)]
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
            parts = [b.astype(np.float32) if sparse.issparse(b) else as_csr(b) for b in blocks]
            return Features(
                parts[0] if len(parts) == 1 else sparse.hstack(parts, format="csr"), self.names, ()
            )
        out, at = np.empty((rows, len(self.names)), dtype=np.float32), 0
        for part in blocks:
            end = at + part.shape[1]
            out[:, at:end] = part.toarray() if sparse.issparse(part) else part
            at = end
        return Features(out, self.names, self.categorical)

    def step_states(self) -> list[dict[str, Any]]:
        """The learned steps of the recipe and what they learned."""
        return [{"op": _op_of(step), **vars(step)} for step in self.steps]

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
            "kinds": self.inputs,
            "learned": self.step_states(),
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
        table._set_steps(_step_from(state) for state in _learned_states(document))

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
        table._name_columns()
        return table


def _op_of(step: Any) -> str:
    return next(op for op, kind in LEARNED_STEPS.items() if isinstance(step, kind))


def _step_from(state: dict[str, Any]) -> Any:
    """A fitted learned step from its state."""
    step = LEARNED_STEPS[state["op"]](state["columns"])
    vars(step).update({k: v for k, v in state.items() if k != "op"})
    return step


def _learned_states(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The states of the learned steps; models of earlier versions have one of each kind at most."""
    if "learned" in document:
        return document["learned"]
    known = (("clip_outliers", "clip"), ("impute", "impute"))
    return [{"op": op, **document[key]} for op, key in known if document.get(key)]


def with_more(matrix: np.ndarray, more: np.ndarray) -> np.ndarray:
    """Side by side, within what a float32 holds; `more` is changed."""
    return np.hstack([matrix, np.clip(more, -LARGEST, LARGEST, out=more)])


def as_csr(block: np.ndarray) -> Any:
    """A dense block as CSR of float32, several times as fast as scipy makes it of one that is nearly full.

    >>> as_csr(np.array([[0.0, 2.0], [3.0, 0.0]])).toarray().tolist()
    [[0.0, 2.0], [3.0, 0.0]]
    """
    rows, width = block.shape
    block = block.astype(np.float32)
    there = block != 0
    ends = np.concatenate([[0], np.cumsum(there.sum(axis=1))]).astype(np.int32)
    places = np.broadcast_to(np.arange(width, dtype=np.int32), block.shape)[there]
    return sparse.csr_matrix((block[there], places, ends), shape=(rows, width))


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
