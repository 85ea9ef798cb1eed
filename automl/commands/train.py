"""Build a model that predicts one column of a file."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl import config, memory
from automl.commands import choices, reading, recipe
from automl.commands.leaderboard import leaderboard_rows, print_leaderboard
from automl.commands.output import print_json
from automl.errors import BundleError

if TYPE_CHECKING:
    from automl.build import Processes

SUMMARY = "Build a model that predicts one column of a file."


def arguments(sub: argparse.ArgumentParser) -> None:
    """What it takes."""
    sub.add_argument("file", metavar="FILE")
    sub.add_argument("--target", required=True, metavar="COL", help="the column to predict")
    sub.add_argument(
        "--join", metavar="FILE.json", help="join FILE first, by the steps that join --save-steps wrote"
    )
    sub.add_argument("--time-limit", type=float, metavar="S", help="seconds; the preset's by default")
    sub.add_argument("--max-candidates", type=int, metavar="N")
    sub.add_argument(
        "--threshold",
        type=float,
        metavar="P",
        help="probability from which on the outcome of interest is called",
    )
    sub.add_argument("--preset", default="quick", metavar="P", help="quick or standard")
    sub.add_argument(
        "--families", metavar="a,b", help="some of linear, xgboost, lightgbm, catboost, trees, mlp"
    )
    sub.add_argument(
        "--memory-limit",
        type=int,
        metavar="MB",
        help="memory that the whole build may use; most of what is free by default",
    )
    sub.add_argument(
        "--predict-limit",
        type=float,
        metavar="US",
        help="microseconds that the models may take for a row of many, such as 12: faster, a little less exact",
    )
    sub.add_argument("--recipe", metavar="R.json", help="a cleaning recipe; the proposed one by default")
    sub.add_argument("--seed", type=int, default=0, metavar="N")
    sub.add_argument(
        "--rule", action="append", default=[], metavar="CODE=ACTION[,THRESHOLD=N]",
        help="a rule while training: report, notify, stop (the candidate) or off; such as overfit=stop",
    )  # fmt: skip
    sub.add_argument("--out", required=True, metavar="MODEL_DIR")
    sub.add_argument("--json", action="store_true", help="print one JSON object")
    choices.arguments(sub)
    reading.arguments(sub)


@memory.few_collections()
def run(args: argparse.Namespace) -> None:
    """Run the command."""
    from automl import bundle
    from automl.build import Processes
    from automl.spec import budget_of

    out = Path(args.out)
    if out.exists():
        raise BundleError(f"'{out}' exists already. Choose another folder or remove it first.")
    config.preset(args.preset)
    allowed = budget_of(**_budget(args))
    with (
        reading.at_hand(args, out.with_name(f"{out.name}-data")) as found,
        _scratch(out) as scratch,
        Processes(allowed, _families(args), scratch / "work") as processes,
    ):
        sealed = _build(args, out, processes, *found)
    loaded = bundle.load(sealed, verify=False)
    result = _train_result(loaded, time.monotonic() - args.started)
    if args.json:
        print_json(result)
        return
    print_leaderboard(loaded)
    print(f"\n{loaded.evaluation['sentence']}")
    for finding in loaded.findings:
        print(f"- {finding.title}: {finding.message}")
    print(f"Model written to {out}")


def _budget(args: argparse.Namespace) -> dict[str, Any]:
    return {
        "preset": args.preset,
        "seconds": args.time_limit,
        "candidates": args.max_candidates,
        "memory_mb": args.memory_limit,
        "predict_us": args.predict_limit,
    }


def _families(args: argparse.Namespace) -> list[str]:
    return [f.strip() for f in (args.families or "").split(",") if f.strip()]


@contextmanager
def _scratch(out: Path) -> Iterator[Path]:
    """A folder beside the model's, for what a build leaves behind while it goes on."""
    made = [folder for folder in out.parents if not folder.exists()]
    out.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{out.name}.building-", dir=out.parent))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        for folder in made if not out.exists() else ():
            folder.rmdir()


def _build(
    args: argparse.Namespace, out: Path, processes: Processes, file: Path, frame: Any, report: Any
) -> Path:
    """Build the model of a table that was read from a file."""
    from automl import build
    from automl.data import join_plan
    from automl.data.profile import profile
    from automl.engine.plan import check_families
    from automl.findings.training import setting_of
    from automl.spec import looking_until, order
    from automl.types import replace

    plan = load = None
    if args.join:
        steps = join_plan.load(Path(args.join))
        frame, report, plan, load = join_plan.for_training(frame, report, str(file.resolve()), steps)
    pool, began = processes.start(len(frame), frame.shape[1] - 1), time.monotonic()
    own = bool(args.recipe or args.step or args.keep)  # wishes that count on every column as it is
    wanted = {args.target, (args.split or "").partition("=")[2]}
    until = None if own else looking_until(began, processes.budget)
    spec = order(
        frame,
        choices.with_kinds(args, profile(frame, until=until, whole=wanted)),
        args.target,
        name=out.name,
        threshold=args.threshold,
        families=_families(args),
        recipe=recipe.load(args.recipe) if args.recipe else None,
        seed=args.seed,
        **_budget(args),
        **choices.of_problem(args),
    )
    spec = replace(spec, recipe=choices.switched(spec.recipe, choices.of_steps(args)))
    spec = replace(spec, rules=tuple(map(setting_of, args.rule)))
    check_families(spec.families, spec.problem.task)
    describing = 0.0 if own else time.monotonic() - began
    progress = _Progress(spec.budget.seconds, quiet=args.json, problem=spec.problem)
    try:
        notes = (build.learned_from(reading.name_of(args.file), len(frame)),)
        source = build.Source(str(file.resolve()), report, notes=notes, join=plan, load=load)
        return build.fit(
            frame,
            spec,
            target=out,
            scratch=processes.scratch,
            emit=progress,
            source=source,
            started=args.started,
            pool=pool,
            describing=describing,
        )
    finally:
        progress.close()


def _train_result(loaded: Any, seconds: float) -> dict[str, Any]:
    from automl.types import to_dict

    found, problem = loaded.evaluation, loaded.spec.problem
    return {
        "task": problem.task.value,
        "metric": problem.metric,
        "validation_score": found["validation_score"],
        "test_score": found["score"],
        "test_interval": found["interval"],
        "leaderboard": leaderboard_rows(loaded),
        "seconds": round(seconds, 2),
        "findings": [to_dict(f) for f in loaded.findings],
    }


class _Progress:
    """A progress bar on stderr, fed by the build's events."""

    def __init__(self, seconds: float, *, quiet: bool, problem: Any) -> None:
        self.seconds, self.quiet, self.best, self.message = seconds, quiet, "", ""
        self.tty, self.reason = sys.stderr.isatty(), problem.reason

    def __call__(self, event: dict[str, Any]) -> None:
        if self.quiet or event.get("stage") == "preparing":
            return  # says nothing until the input is known to be good
        if self.reason:
            print(self.reason, file=sys.stderr)
            self.reason = ""
        if event["type"] == "stage":
            self.message = event["message"]
            if not self.tty:
                print(f"{event['t']:5.0f} s  {self.message}", file=sys.stderr)
        elif event["type"] == "best":
            self.best = f"best {event['score']:.4g} ({event['candidate']})"
            if not self.tty:
                print(f"{event['t']:5.0f} s  {self.best}", file=sys.stderr)
        if self.tty:
            share = min(event["t"] / self.seconds, 1.0)
            bar = "█" * round(share * 24) + "░" * (24 - round(share * 24))
            line = f"{bar} {event['t']:.0f}/{self.seconds:.0f} s  {self.message}  {self.best}"
            print(
                f"\r\033[K{line[: shutil.get_terminal_size().columns - 1]}",
                end="",
                file=sys.stderr,
                flush=True,
            )

    def close(self) -> None:
        if self.tty and not self.quiet:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
