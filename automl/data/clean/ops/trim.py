"""Tidy text: spaces around it and the words for missing."""

from __future__ import annotations

from typing import Any

import pandas as pd

from automl.data.clean.base import Op, Param, source_list
from automl.data.guess import DOUBTFUL_WORDS, MISSING_WORDS
from automl.data.parse import tidy_text
from automl.types import Step


class Trim(Op):
    key, label = "trim", "Tidy text"
    about = "Takes spaces away around text, and makes words such as NA, n/a or ? really missing."
    reads_text = True
    params = (
        Param("missing", "Words that mean missing", "words", [*MISSING_WORDS, *DOUBTFUL_WORDS]),
        Param("keep", "Words that stay values", "kept", {}),
    )

    def title(self, step: Step) -> str:
        return self.label

    def change(self, column: pd.Series, step: Step, name: str) -> pd.Series:
        kept: Any = self.value(step, "keep") or {}
        return tidy_text(column, set(self.value(step, "missing")) - set(kept.get(name, ())))

    def source(self, step: Step) -> str:
        words = f"missing_words = {{{source_list(sorted(self.value(step, 'missing')))[1:-1]}}}\n"
        kept = {name: words for name, words in (self.value(step, "keep") or {}).items() if words}
        ordinary = source_list(name for name in step.columns if name not in kept)
        source = words + (
            f"for name in table.columns.intersection({ordinary}):\n"
            "    table[name] = tidy_text(table[name], missing_words)\n"
        )
        for name, words in kept.items():
            if name in step.columns:
                source += (
                    f"if {name!r} in table:\n"
                    f"    table[{name!r}] = tidy_text(table[{name!r}], missing_words - {set(words)!r})\n"
                )
        return source
