"""Every error a user can meet. One tree, so that one `except` at a boundary is enough.

ForetableError            bad input: one clear sentence, shown as it is
├── DataError             a file or table that can't be read or used
│   └── ColumnError       a column that is missing, unusable or mistaken
├── RecipeError           a cleaning step that can't be applied
├── ProblemError          a target, task or metric that can't be predicted
├── BuildError            a build that ended without a model
│   └── BuildCancelled    … because the user wanted it so
├── BundleError           a model on disk that is damaged or too new
├── PredictionError       rows that a model can't predict
├── StoreError            the workspace: unknown id, deleted, locked
├── JobError              the queue: illegal transition, lost lease
└── MissingExtraError     an optional library that is not installed

Those about what a table holds are ValueErrors too, as scikit-learn's callers expect.
"""

from __future__ import annotations

from collections.abc import Iterable


class ForetableError(Exception):
    """Something the user can mend. `str(error)` is one sentence: what, why, what to do."""


class DataError(ForetableError, ValueError):
    """A file or table that can't be read or used."""


class ColumnError(DataError):
    """A column that is missing, unusable or mistaken."""


class RecipeError(ForetableError):
    """A cleaning step that can't be applied."""


class ProblemError(ForetableError, ValueError):
    """A target, task or metric that can't be predicted."""


class BuildError(ForetableError):
    """A build that ended without a model."""


class BuildCancelled(BuildError):
    """A build that its user cancelled."""


class BundleError(ForetableError):
    """A model on disk that is damaged, incomplete or written by a newer version."""


class PredictionError(ForetableError, ValueError):
    """Rows that a model can't predict."""


class StoreError(ForetableError):
    """The workspace can't do it: unknown id, deleted, locked."""


class JobError(ForetableError):
    """The queue can't do it: illegal transition, lost lease."""


class MissingExtraError(ForetableError):
    """An optional library is not installed; the sentence holds the install command."""


def unknown_name(what: str, name: str, known: Iterable[str], where: str = "") -> str:
    """Return a sentence that names the nearest valid choice.

    >>> unknown_name("column", "chrun", ["churn", "state"])
    "There is no column 'chrun'. Did you mean 'churn'?"
    >>> unknown_name("column", "id", ["key"], "in the right table")
    "There is no column 'id' in the right table. Valid ones are 'key'."
    """
    import difflib

    def short(text: str) -> str:
        return text if len(text) <= 80 else f"{text[:79]}…"

    known = [str(k) for k in known]
    lowered = {k.lower(): k for k in reversed(known)}
    near = difflib.get_close_matches(str(name).lower(), lowered, n=1, cutoff=0.5)
    if near:
        hint = f"Did you mean '{short(lowered[near[0]])}'?"
    else:
        shown = ", ".join(f"'{short(k)}'" for k in known[:8]) + (" …" if len(known) > 8 else "")
        hint = f"Valid ones are {shown}." if known else "There are none."
    return f"There is no {what} '{short(str(name))}'{' ' + where if where else ''}. {hint}"
