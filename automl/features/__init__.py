"""One learned transform a file: numpy, pandas, scipy and scikit-learn only."""

from __future__ import annotations


def notebook_modules():
    """The modules whose source stands in a notebook, in an order that runs."""
    from automl.features import (
        categories,
        clean,
        dates,
        numbers,
        pairs,
        pipeline,
        rich,
        target_means,
        text,
        typed,
    )

    return [typed, clean, numbers, categories, dates, text, target_means, pairs, rich, pipeline]
