"""Show or choose from which probability on rows are called the outcome."""

from __future__ import annotations

import argparse

from automl.errors import PredictionError

SUMMARY = "Show or choose from which probability on rows are called the outcome."


def arguments(sub: argparse.ArgumentParser) -> None:
    """What it takes."""
    sub.add_argument("model", metavar="MODEL_DIR")
    sub.add_argument("value", nargs="?", metavar="P", help="a probability, or auto for the build's own")


def run(args: argparse.Namespace) -> None:
    """Run the command."""
    from automl import bundle, choices, wording
    from automl.metrics import LIKELIEST

    loaded = bundle.load(args.model)
    task = loaded.spec.problem
    if len(task.classes) != 2:
        raise PredictionError(choices.FIXED)
    if args.value is not None:
        try:
            value = None if args.value == "auto" else float(args.value)
        except ValueError as e:
            raise PredictionError(
                f"'{args.value}' is no probability. Give a number such as 0.3, or auto."
            ) from e
        choices.save(loaded.folder, task, choices.Choices(value))
        loaded = bundle.load(args.model, verify=False)
    value = LIKELIEST if loaded.threshold is None else loaded.threshold
    by = "chosen" if loaded.choices.threshold is not None else "the build's own"
    name = task.classes[task.positive_code]
    print(f"{task.target} is called {name} from a probability of {wording.percent(value)} on ({by}).")
