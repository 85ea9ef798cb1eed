"""A recipe as pandas for notebooks: the functions it needs, then a few lines a step."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

from automl.data import parse
from automl.data.clean import functions
from automl.data.clean.apply import op_of, sees_the_table_as_read
from automl.types import Recipe, Step

IMPORTS = ("re", "unicodedata")


def _known() -> dict[str, Callable[..., Any]]:
    found = {}
    for module in (parse, functions):
        found |= {n: v for n, v in vars(module).items() if inspect.isfunction(v) and v.__module__ == module.__name__}
    return found


def notebook_source(recipe: Recipe, *, rows: bool = True) -> str:
    """Python source, without this package, that applies the recipe to `table`.

    Where rows are left out of training it also defines `kept_for_training`, an array of bool, unless `rows` is
    False. Learned steps are not here: they are fitted on training rows with the features.
    """
    steps = [s for s in recipe.steps if s.enabled and not op_of(s).learned]
    removing = [s for s in steps if op_of(s).removes_rows] if rows else []
    later = [s for s in removing if not sees_the_table_as_read(s)]
    body = []
    for step in removing:
        if sees_the_table_as_read(step):
            body.append(_lines(step, "kept_for_training", first=not body))
    if later and not body:
        body.append("kept_for_training = np.ones(len(table), dtype=bool)\n")
    for step in steps:
        if step in later:
            body.append(_lines(step, "kept_for_training"))
        elif not op_of(step).removes_rows:
            body.append(f"{_comment(step)}\n{op_of(step).source(step)}")
    text = "\n".join(body)
    sources = [inspect.getsource(f).rstrip() + "\n\n\n" for f in _used(text)]
    everything = "".join(sources) + text
    standard = "".join(f"import {m}\n" for m in IMPORTS if f"{m}." in everything)
    third = "".join(
        line
        for line, mark in (("import numpy as np\n", "np."), ("import pandas as pd\n", "pd."))
        if re.search(rf"\b{re.escape(mark)}", everything)
    )
    imports = standard + ("\n" if standard and third else "") + third
    return (imports + "\n\n" if imports else "") + "".join(sources) + text


def _lines(step: Step, name: str, first: bool = False) -> str:
    """A step that removes rows: of the rows that are still there."""
    source = op_of(step).source(step)
    if sees_the_table_as_read(step):
        text = re.sub(r"^kept =", f"{name} =" if first else f"{name} &=", source, flags=re.MULTILINE)
        return f"{_comment(step)}\n{text}"
    return (
        f"{_comment(step)}\nwhole_table, table = table, table[{name}]\n{source}"
        f"{name}[{name}] = kept\ntable = whole_table\n"
    )


def _used(text: str) -> list[Callable[..., Any]]:
    """The functions that a source calls, those that they call before them."""
    known, found = _known(), []

    def add(source: str) -> None:
        for name, function in known.items():
            if function not in found and re.search(rf"\b{name}\b", source):
                inner = inspect.getsource(function)
                add(re.sub(rf"\b{name}\b", "", inner))
                if function not in found:
                    found.append(function)

    add(text)
    return found


def _comment(step: Step) -> str:
    title = step.title or op_of(step).title(step)
    return "# " + re.sub(r"\s+", " ", f"{title}: {step.reason}" if step.reason else title)
