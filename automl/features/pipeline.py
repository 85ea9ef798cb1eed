"""Typed rows → the numbers a family needs. Fitted on training rows only; see `Needs`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from automl.features.categories import Categories
from automl.features.clean import Clip, Impute
from automl.features.dates import Dates
from automl.features.numbers import Numbers
from automl.features.text import Text


@dataclass(frozen=True)
class Needs:
    """What a family needs of its features."""

    categories: str = "codes"
    scale: bool = False
    impute: bool = False
    text: str = "svd"
    sparse: bool = False
    nothing: bool = False  # no column at all: the baseline looks at none

    @property
    def key(self):
        if self.nothing:
            return "nothing"
        flags = "".join(
            letter for letter, on in (("s", self.scale), ("i", self.impute), ("p", self.sparse)) if on
        )
        return f"{self.categories}-{self.text}{'-' + flags if flags else ''}"


@dataclass(frozen=True)
class Features:
    """`matrix` (float32 array or CSR), the names of its columns, and which hold category codes."""

    matrix: object
    names: tuple
    categorical: tuple = ()


class TableFeatures:
    def __init__(self, needs, kinds, impute=None, clip=None):
        self.needs = needs
        self.kinds = {k: v for k, v in kinds.items() if v != "identifier" and not needs.nothing}
        self.clip = Clip(clip["columns"], clip.get("factor", 3.0)) if clip else None
        self.filler = Impute(impute["columns"], impute.get("numeric", "median")) if impute else None

    def _columns(self, typed):
        columns = {name: typed[name].to_numpy() for name in self.kinds}
        if self.clip:
            columns = self.clip.transform(columns)
        return self.filler.transform(columns) if self.filler else columns

    def fit(self, typed):
        columns = {name: typed[name].to_numpy() for name in self.kinds}
        if self.clip:
            columns = self.clip.fit(columns).transform(columns)
        if self.filler:
            columns = self.filler.fit(columns).transform(columns)
        self.dates = {n: Dates().fit(columns[n]) for n, k in self.kinds.items() if k == "datetime"}
        self.categories = {
            n: Categories(self.needs.categories).fit(columns[n])
            for n, k in self.kinds.items()
            if k in ("categorical", "boolean")
        }
        self.texts = {n: Text(self.needs.text).fit(columns[n]) for n, k in self.kinds.items() if k == "text"}
        matrix, names = self._numeric(columns, len(typed))
        self.numbers = Numbers(self.needs.impute, self.needs.scale).fit(matrix, names)
        return self

    def _numeric(self, columns, rows):
        names = [n for n, k in self.kinds.items() if k == "numeric"]
        blocks = [np.column_stack([columns[n] for n in names])] if names else [np.zeros((rows, 0))]
        for name, block in self.dates.items():
            blocks.append(block.transform(columns[name]))
            names = names + block.output_names(name)
        return np.hstack(blocks), names

    def transform(self, typed):
        columns = self._columns(typed)
        matrix, _ = self._numeric(columns, len(typed))
        rows = len(typed)
        blocks, names, categorical = [self.numbers.transform(matrix)], list(self.numbers.output_names()), []
        for name, block in self.categories.items():
            codes = block.codes(columns[name])
            if self.needs.categories == "codes":
                categorical.append(len(names))
                names.append(name)
                blocks.append(codes[:, None].astype(float))
            else:
                size = len(block.values) + 1
                known = codes >= 0
                hot = sparse.csr_matrix(
                    (np.ones(known.sum()), (np.flatnonzero(known), codes[known])), shape=(rows, size)
                )
                blocks.append(hot if self.needs.sparse else hot.toarray())
                names += [f"{name} = {v}" for v in block.values] + [f"{name} = other"]
        for name, block in self.texts.items():
            part = block.transform(columns[name])
            blocks.append(part if self.needs.sparse or not sparse.issparse(part) else part.toarray())
            names += [f"{name} {i}" for i in range(part.shape[1])]
        if self.needs.sparse:
            out = sparse.csr_matrix(
                sparse.hstack([sparse.csr_matrix(b) for b in blocks], format="csr"), dtype=np.float32
            )
        else:
            out = np.ascontiguousarray(np.hstack(blocks), dtype=np.float32)
        return Features(out, tuple(names), tuple(categorical))

    def state(self):
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
    def from_state(cls, document, arrays):
        table = cls(Needs(**document["needs"]), document["kinds"])
        for key, kind in (("clip", Clip), ("impute", Impute)):
            if document[key] is not None:
                block = kind(document[key]["columns"])
                vars(block).update(document[key])
                setattr(table, "filler" if key == "impute" else key, block)

        def part(prefix):
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
        return table
