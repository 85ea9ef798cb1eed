"""Show every candidate of a model."""

from __future__ import annotations

import argparse
from typing import Any

from automl.commands.output import print_json, print_table

SUMMARY = "Show every candidate of a model."


def arguments(sub: argparse.ArgumentParser) -> None:
    """What it takes."""
    sub.add_argument("model", metavar="MODEL_DIR")
    sub.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> None:
    """Run the command."""
    from automl import bundle

    loaded = bundle.load(args.model)
    if args.json:
        rows = leaderboard_rows(loaded)
        print_json({"metric": loaded.spec.problem.metric, "data": _learned_from(loaded), "leaderboard": rows})
    else:
        if said := _learned_from(loaded):
            print(said)
        print_leaderboard(loaded)


def _learned_from(loaded: Any) -> str | None:
    """What the ledger says of the data; models of before it did have no such note."""
    return next((note["message"] for note in loaded.ledger if note["code"] == "data_version"), None)


def leaderboard_rows(loaded: Any) -> list[dict[str, Any]]:
    """The leaderboard as JSON has it."""
    from automl.types import standings

    return [{k: None if v != v else v for k, v in row.items()} for row in standings(loaded.leaderboard)]


def print_leaderboard(loaded: Any) -> None:
    """The leaderboard as a table on stdout."""
    from automl import wording
    from automl.metrics import METRICS

    metric = METRICS[loaded.spec.problem.metric]
    better = "higher is better" if metric.greater_is_better else "lower is better"
    print(f"{metric.label}, {better}")
    rows = []
    for r in leaderboard_rows(loaded):
        std = "" if r["score_std"] is None else f"± {wording.number(r['score_std'])}"
        fit = "" if r["fit_seconds"] is None else wording.duration(r["fit_seconds"])
        each = "" if r["predict_ms_per_row"] is None else f"{wording.number(r['predict_ms_per_row'])} ms"
        score = "" if r["score"] is None else wording.number(r["score"])
        rows.append(
            (str(r["rank"] or ""), r["candidate"], score, std, fit, each, r["state"], r["reason"][:60])
        )
    print_table(
        ("#", "Candidate", "Score", "", "Fit", "Per row", "State", "Reason"), rows, right=(0, 2, 4, 5)
    )
