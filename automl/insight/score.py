"""The scores of the test rows as they are now: by the threshold that was chosen since the build."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from automl.evaluate import evaluate

if TYPE_CHECKING:
    from automl.bundle import Bundle


def is_as_built(bundle: Bundle) -> bool:
    """Whether what the build stored is still so; also where nothing is stored to look at again."""
    found = bundle.evaluation
    return bundle.choices.threshold is None or bundle.test_rows() is None or not (found or {}).get("guess")


def evaluation_now(bundle: Bundle) -> dict[str, Any] | None:
    """What `evaluate` says of the test rows, by the threshold that predictions use now; None without test rows."""
    held, found = bundle.test_rows(), bundle.evaluation
    if is_as_built(bundle):
        return found
    validation = {m["name"]: (m["validation_mean"], m["validation_std"]) for m in found["metrics"]}
    return evaluate(
        bundle.spec.problem, held.y, held.values, baseline_prediction=np.tile(found["guess"], (len(held.y), 1)),
        threshold=bundle.threshold, rows_train=found["rows_train"], validation=validation, impact=found["impact"],
    )  # fmt: skip
