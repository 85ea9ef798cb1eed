"""How good a model is, how sure that is, where it errs: everything the Analyze pages show of the test rows.

`evaluate` is the one look at the test rows when a model is built. The modules beside it answer what is
asked later, of the rows that the bundle keeps: thresholds and money, segments, noise, learning curves.
"""

from __future__ import annotations

from automl.evaluate.report import evaluate

__all__ = ["evaluate"]
