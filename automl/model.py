"""Fitted features + members + weights: the only thing that predicts.

A model is a folder that the build lays out (`write`) and anything below the engine can read:

    model.json                       what is here, in which order, with which weight
    features/<needs>-<fold>/         fitted features
    members/<n>/                     fitted models, each in its library's native format

It holds no times and no ids, so that the same build gives the same bytes.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl import choices, config
from automl.data import clean
from automl.families import family, target_scale
from automl.features.pipeline import Features, TableFeatures, values_of
from automl.features.state import load_state
from automl.features.typed import to_typed
from automl.metrics import labels
from automl.types import Problem, Recipe, from_dict, to_dict

MANY_ROWS = 500  # from which on several threads are worth starting


@dataclass(frozen=True)
class Member:
    """One fitted model of one fold. `replay` are the exact parameters that fit it again.

    `fold` is -1 for a member that learned from all training rows.
    """

    family: str
    candidate: str
    fold: int
    features: str
    weight: float
    replay: dict[str, Any]


@dataclass(frozen=True)
class ModelDocument:
    """model.json. `kinds` are the columns that the model reads, after the recipe, in order.

    `inputs` are the columns that rows to predict have, `input_kinds` their kinds where the recipe makes other
    columns of them, and `learned` the recipe's steps that the features were fitted with.
    """

    problem: Problem
    recipe: Recipe
    kinds: dict[str, str]
    inputs: tuple[str, ...]
    impute: dict[str, Any] | None = None  # of models of earlier versions; now in `learned`
    clip: dict[str, Any] | None = None
    members: tuple[Member, ...] = ()
    threshold: float | None = None
    calibration: tuple[float, float] | None = None  # slope and bias of the log odds, see `recalibrate`
    learned: tuple[dict[str, Any], ...] = ()
    input_kinds: dict[str, str] = field(default_factory=dict)


def recalibrate(values, slope, bias):
    """Probabilities whose log odds are stretched by `slope`; of two classes those of the second moved by `bias`."""
    odds = slope * np.log(np.clip(np.asarray(values, dtype=np.float64), 1e-12, None))
    if odds.shape[1] == 2:
        odds[:, 1] += bias
    raised = np.exp(odds - odds.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def write(folder: Path, document: ModelDocument, sources: list[tuple[Path, Path]]) -> None:
    """Lay out a model: `sources` are the fitted folders (member, features), one pair a member."""
    (folder / "features").mkdir(parents=True, exist_ok=True)
    for number, (member, (fitted, features)) in enumerate(zip(document.members, sources, strict=True)):
        shutil.copytree(fitted, folder / "members" / str(number))
        target = folder / "features" / member.features
        if not target.exists():
            shutil.copytree(features, target)
    text = json.dumps(to_dict(document), indent=1, ensure_ascii=False)
    (folder / "model.json").write_text(text, encoding="utf-8")


def read_inputs(frame: pd.DataFrame, recipe: Recipe, kinds: dict[str, str]) -> pd.DataFrame:
    """Columns as they come, read as their kinds: of the recipe's steps, only those that read text."""
    return to_typed(clean.apply_steps(frame, clean.reading_steps(recipe)), kinds)


class Model:
    """A fitted model, read from the folder that `write` laid out. Parts are loaded once, at first use.

    Parameters
    ----------
    folder : Path
        Holds model.json, features/ and members/.

    Attributes
    ----------
    threshold : float or None
        Of two classes, the probability from which on a row is called the outcome of interest: the user's
        choice when the model was opened (see `choices`), or the build's; None for the likeliest.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        text = (self.folder / "model.json").read_text(encoding="utf-8")
        self.document = from_dict(json.loads(text), ModelDocument)
        self.problem = self.document.problem
        chosen = choices.read(self.folder).threshold
        self.threshold = self.document.threshold if chosen is None else chosen
        self.threads: int | None = None
        self._features: dict[str, TableFeatures] = {}
        self._members: list[Any] | None = None

    @property
    def classes(self) -> np.ndarray:
        """The labels, in the order of the probability columns, with their original dtype."""
        labels = self.problem.classes
        return np.array(
            labels,
            dtype=object if self.problem.class_dtype in ("str", "object") else self.problem.class_dtype,
        )

    def load(self) -> Model:
        """Read every part now, so that the first prediction is not slower than the next."""
        if self._members is None:
            self._members = [
                target_scale.load(family(m.family), self.folder / "members" / str(i), m.replay)
                for i, m in enumerate(self.document.members)
            ]
            for name in {m.features for m in self.document.members}:
                self._features[name] = TableFeatures.from_state(*load_state(self.folder / "features" / name))
        return self

    def prepare(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Raw rows with the model's input columns → typed rows. Learns nothing, drops no row."""
        cleaned = clean.apply_steps(frame, self.document.recipe)
        return to_typed(cleaned, self.document.kinds)

    def given(self, frame: pd.DataFrame, typed: pd.DataFrame | None = None) -> pd.DataFrame:
        """The input columns as their kinds, read but not changed by the recipe: what rows to predict are held against.

        `typed` is what `prepare` makes of the same rows, if that is known; where the recipe only reads it is the answer.
        """
        if not self.document.input_kinds:
            return self.prepare(frame) if typed is None else typed
        return read_inputs(frame, self.document.recipe, self.document.input_kinds)

    @property
    def candidates(self) -> tuple[tuple[int, ...], ...]:
        """The members of each candidate, by number: its folds."""
        found: dict[tuple[str, str], list[int]] = {}
        for number, member in enumerate(self.document.members):
            found.setdefault((member.family, member.candidate), []).append(number)
        return tuple(map(tuple, found.values()))

    @property
    def weights(self) -> tuple[float, ...]:
        """What each member counts in a prediction."""
        return tuple(member.weight for member in self.document.members)

    def predict_typed(self, typed: pd.DataFrame, part: int | None = None) -> np.ndarray:
        """Typed rows → values of shape (rows,) or probabilities of shape (rows, classes).

        `part`: by this one member, in a fraction of the time; their mean by `weights` is about the model.
        """
        self.load()
        if not len(typed):
            return np.zeros((0, len(self.problem.classes)) if self.problem.has_probabilities else 0)
        threads = self.threads or (1 if len(typed) < MANY_ROWS else config.available_threads())
        columns = values_of(typed, typed.columns)  # once for all members
        ready: dict[str, Features] = {}
        total: np.ndarray | None = None
        for number, weight in enumerate(self.weights) if part is None else ((part, 1.0),):
            member, fitted = self.document.members[number], self._members[number]
            if member.features not in ready:
                ready[member.features] = self._features[member.features].transform(typed, columns)
            found = weight * fitted.predict(ready[member.features], threads=threads)
            total = found if total is None else total + found
        return total if self.document.calibration is None else recalibrate(total, *self.document.calibration)

    def free_columns(self) -> list[str]:
        """The columns of the file that the model reads under their own name, and that no other column is computed from.

        Changing one of them, and nothing else, is a change that a row to predict can have.
        """
        steps = [(clean.op_of(s), s) for s in self.document.recipe.steps]
        used = {n for op, step in steps if op.makes_columns for n in op.columns(step)}
        return [n for n in self.document.kinds if n in self.document.inputs and n not in used]

    def fitted_steps(self) -> list[list[dict[str, Any]]]:
        """What the recipe's learned steps learned: their states, a list for each fold."""
        self.load()
        found: dict[str, list[dict[str, Any]]] = {}
        for name, table in sorted(self._features.items()):
            if table.steps and table.inputs:
                found.setdefault(name.rsplit("-", 1)[-1], table.step_states())
        return list(found.values())

    def predict_values(self, frame: pd.DataFrame) -> np.ndarray:
        """Raw rows → values of shape (rows,) or probabilities of shape (rows, classes)."""
        return self.predict_typed(self.prepare(frame))

    def decide(self, values: np.ndarray) -> np.ndarray:
        """Probabilities → labels (the likeliest, or by the threshold); values stay as they are."""
        if not self.problem.has_probabilities:
            return values
        return self.classes[labels(values, self.problem.positive_code, self.threshold)]
