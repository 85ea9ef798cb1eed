"""The command line: the product's job from the shell. Exit 0 on success, 2 with one line on bad input."""

from __future__ import annotations

import time

_STARTED = time.monotonic()

import argparse  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import shutil  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

from automl import config, table_commands  # noqa: E402
from automl.errors import BundleError, DataError, ForetableError, PredictionError  # noqa: E402

HOWS = ("inner", "left", "right", "outer")
BAD_ROWS_SHOWN = 10


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    for name, value in config.OPENMP_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        args = _parser().parse_args(argv)
        return args.run(args) or 0
    except ForetableError as e:
        print(f"error: {' '.join(str(e).split())}", file=sys.stderr)
        return 2
    except OSError as e:
        if isinstance(e, BrokenPipeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        where = f"'{e.filename}': " if e.filename else ""
        print(f"error: {where}{e.strerror or e}. Check the path and the rights to it.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("error: stopped by the keyboard; nothing was written", file=sys.stderr)
        return 130


class _Parser(argparse.ArgumentParser):
    """Bad usage is bad input: one line, exit code 2."""

    def error(self, message: str) -> Any:
        print(f"error: {message}. See: {self.prog} --help", file=sys.stderr)
        raise SystemExit(2)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m automl", description="Foretable: from a table to a model that can be trusted."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    def command(name: str, run: Any, summary: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=summary, description=summary)
        sub.set_defaults(run=run)
        return sub

    def reading(sub: argparse.ArgumentParser) -> None:
        group = sub.add_argument_group("how FILE is read, where the automatic choice is wrong")
        group.add_argument("--sheet", metavar="NAME", help="of a workbook; the first by default")
        group.add_argument("--member", metavar="NAME", help="of a ZIP archive with several files")
        group.add_argument("--delimiter", metavar="D", help="between cells; tab and spaces are words for it")
        group.add_argument("--encoding", metavar="E", help="such as utf-8 or cp1252")
        group.add_argument("--no-header", action="store_true", help="the first row holds values")
        group.add_argument("--decimal", choices=(".", ","), help="the decimal mark of its numbers")
        group.add_argument("--dates", choices=("day-first", "month-first"), help="what 03/04/2024 means")

    sub = command("inspect", _inspect, "Show a file's columns, their kinds and how it was read.")
    sub.add_argument("file", metavar="FILE")
    reading(sub)
    sub.add_argument("--json", action="store_true", help="print one JSON object")

    sub = command("join", table_commands.join, "Join tables on shared columns, one after the other.")
    sub.add_argument("left", metavar="BASE", help="the table whose rows are added to")
    sub.add_argument("right", metavar="OTHER", nargs="*", help="joined in this order")
    group = sub.add_argument_group("choices", "each once for all tables, or once for each OTHER, in order")
    group.add_argument(
        "--on", action="append", default=[], metavar="KEY[,KEY]",
        help="BASEKEY=OTHERKEY where the names differ; the best suggestion by default",
    )  # fmt: skip
    group.add_argument("--how", action="append", default=[], choices=HOWS, help="rows to keep; left by default")
    group.add_argument(
        "--as", action="append", default=[], dest="compare", metavar="WAY[,WAY]",
        help="how each key is compared: same, number, text, zeros (text without zeros in front), folded "
        "(ignoring case and spaces), day or hour",
    )  # fmt: skip
    group.add_argument(
        "--repeats", action="append", default=[], metavar="R",
        help="rows of OTHER with the same key: all, first, latest:COLUMN, mean, sum or count",
    )  # fmt: skip
    group.add_argument("--columns", action="append", default=[], metavar="COL[,COL]", help="to bring along; all by default")
    group.add_argument("--suffix", action="append", default=[], metavar="S", help="for names that are taken")
    sub.add_argument("--steps", metavar="FILE.json", help="repeat the steps of that file instead of choices")
    sub.add_argument("--save-steps", metavar="FILE.json", help="write the steps, to be repeated or given to train")
    sub.add_argument("--out", required=True, metavar="FILE", help=".csv or .parquet")

    sub = command("append", table_commands.append, "Put files with the same columns under each other.")
    sub.add_argument("files", metavar="FILE", nargs="+", help="two or more")
    sub.add_argument(
        "--columns", choices=("all", "common", "first"), default="all",
        help="all columns, those that every file has, or those of the first",
    )  # fmt: skip
    sub.add_argument("--source", metavar="COL", help="a column that says which file a row came from")
    sub.add_argument(
        "--as", dest="kinds", metavar="COL=KIND", action="append", default=[],
        help="text, number or date, where the files differ and the automatic choice is wrong",
    )  # fmt: skip
    sub.add_argument("--out", required=True, metavar="FILE", help=".csv or .parquet")

    sub = command("train", _train, "Build a model that predicts one column of a file.")
    sub.add_argument("file", metavar="FILE")
    sub.add_argument("--target", required=True, metavar="COL", help="the column to predict")
    sub.add_argument("--time-limit", type=float, metavar="S", help="seconds; the preset's by default")
    sub.add_argument("--max-candidates", type=int, metavar="N")
    sub.add_argument("--metric", metavar="M", help="a scikit-learn name, such as roc_auc")
    sub.add_argument(
        "--threshold", type=float, metavar="P", help="probability from which on the outcome of interest is called"
    )
    sub.add_argument("--task", choices=("binary", "multiclass", "regression"), metavar="T")
    sub.add_argument("--preset", default="quick", metavar="P", help="quick or standard")
    sub.add_argument(
        "--families", metavar="a,b", help="some of linear, xgboost, lightgbm, catboost, trees, mlp"
    )
    sub.add_argument("--seed", type=int, default=0, metavar="N")
    sub.add_argument(
        "--rule", action="append", default=[], metavar="CODE=ACTION[,THRESHOLD=N]",
        help="a rule while training: report, notify, stop (the candidate) or off; such as overfit=stop",
    )  # fmt: skip
    sub.add_argument("--out", required=True, metavar="MODEL_DIR")
    sub.add_argument("--json", action="store_true", help="print one JSON object")
    reading(sub)

    sub = command("leaderboard", _leaderboard, "Show every candidate of a model.")
    sub.add_argument("model", metavar="MODEL_DIR")
    sub.add_argument("--json", action="store_true", help="print one JSON object")

    def contract(sub: argparse.ArgumentParser) -> None:
        group = sub.add_argument_group("what stands in for columns that FILE lacks")
        group.add_argument(
            "--fill", choices=("missing", "usual"), help="count as missing (the default), or its usual value"
        )
        group.add_argument("--refuse", action="store_true", help="predict nothing when a column is missing")
        group.add_argument(
            "--rename", action="append", default=[], metavar="OWN=COL", help="FILE's column OWN is the model's COL"
        )

    sub = command("check", _check, "Check a file against a model, as predict would do first.")
    sub.add_argument("model", metavar="MODEL_DIR")
    sub.add_argument("file", metavar="FILE")
    contract(sub)
    sub.add_argument("--json", action="store_true", help="print one JSON object")

    sub = command("predict", _predict, "Predict every row of a file.")
    sub.add_argument("model", metavar="MODEL_DIR")
    sub.add_argument("file", metavar="FILE")
    sub.add_argument("--out", required=True, metavar="OUT.csv|OUT.parquet|OUT.xlsx")
    sub.add_argument("--keep", metavar="a,b", help="columns of FILE in the output; all by default, none with ''")
    sub.add_argument("--no-warnings", action="store_true", help="without the column of doubts about each row")
    sub.add_argument(
        "--intervals", nargs="?", const=0.9, type=float, metavar="LEVEL",
        help="add an interval, or a set of outcomes, that holds the truth for this share of rows (0.9)",
    )  # fmt: skip
    sub.add_argument(
        "--reasons", nargs="?", const=3, default=0, type=int, metavar="N", help="add the N strongest reasons (3)"
    )
    contract(sub)

    sub = command("threshold", _threshold, "Show or choose from which probability on rows are called the outcome.")
    sub.add_argument("model", metavar="MODEL_DIR")
    sub.add_argument("value", nargs="?", metavar="P", help="a probability, or auto for the build's own")

    sub = command("notebook", _notebook, "Write a model's notebook, which runs without Foretable.")
    sub.add_argument("model", metavar="MODEL_DIR")
    sub.add_argument("--out", required=True, metavar="FILE.ipynb")

    sub = command("app", _app, "Start the app and the worker.")
    sub.add_argument("--port", type=int, default=8501)
    sub.add_argument("--host", default="127.0.0.1", help="listen here; localhost by default")
    sub.add_argument("--no-browser", action="store_true", help="do not open a browser window")
    sub.add_argument("--no-worker", action="store_true", help="start no worker; run `worker` by itself")

    command("worker", _worker, "Start the supervisor that runs builds, one per workspace.")
    return parser


# -- commands -----------------------------------------------------------------------------


def _reading_options(args: argparse.Namespace) -> dict[str, Any]:
    """What the shell said about reading, as `data.read` takes it."""
    delimiter = {"tab": "\t", "\\t": "\t", "space": r"\s+", "spaces": r"\s+"}.get(args.delimiter, args.delimiter)
    given = {
        "sheet": args.sheet,
        "member": args.member,
        "delimiter": delimiter,
        "encoding": args.encoding,
        "header": False if args.no_header else None,
        "decimal": args.decimal,
        "day_first": None if args.dates is None else args.dates == "day-first",
    }
    return {key: value for key, value in given.items() if value is not None}


def _inspect(args: argparse.Namespace) -> None:
    from automl import wording
    from automl.data.profile import profile
    from automl.data.read import read_with_report

    frame, report = read_with_report(args.file, options=_reading_options(args))
    columns = profile(frame)
    if args.json:
        shown = [
            {"name": c.name, "kind": c.kind.value, "missing": c.missing, "distinct": c.distinct}
            for c in columns
        ]
        notes = [{"code": n.code, "message": n.message, "column": n.column} for n in report.notes]
        bad = [{"line": b.line, "reason": b.reason, "text": b.text} for b in report.set_aside]
        found = {"rows": len(frame), "columns": shown, "report": notes}
        _print_json({**found, "bad_rows": report.bad_rows, "set_aside": bad})
        return
    print(f"{wording.count(len(frame))} rows · {len(columns)} columns")
    lines = [
        (
            c.name,
            c.kind.word,
            wording.percent(c.missing / len(frame) if len(frame) else 0),
            wording.count(c.distinct),
        )
        for c in columns
    ]
    _print_table(("Column", "Kind", "Missing", "Distinct"), lines, right=(2, 3))
    for note in report.notes:
        print(f"- {note.message}")
    for bad in report.set_aside[:BAD_ROWS_SHOWN]:
        print(f"  line {wording.count(bad.line)}: {bad.reason}: {bad.text}")
    if report.bad_rows > BAD_ROWS_SHOWN:
        print(f"  and {wording.count(report.bad_rows - BAD_ROWS_SHOWN)} more; --json lists up to 1,000 of them")


def _train(args: argparse.Namespace) -> None:
    from automl import build, bundle
    from automl.data.profile import profile
    from automl.data.read import read_with_report
    from automl.engine.plan import check_families
    from automl.findings.training import setting_of
    from automl.spec import order
    from automl.types import replace

    out = Path(args.out)
    if out.exists():
        raise BundleError(f"'{out}' exists already. Choose another folder or remove it first.")
    config.preset(args.preset)
    frame, report = read_with_report(args.file, options=_reading_options(args))
    spec = order(
        frame,
        profile(frame),
        args.target,
        name=out.name,
        preset=args.preset,
        seconds=args.time_limit,
        candidates=args.max_candidates,
        metric=args.metric,
        task=args.task,
        threshold=args.threshold,
        families=[f.strip() for f in (args.families or "").split(",") if f.strip()],
        seed=args.seed,
    )
    spec = replace(spec, rules=tuple(map(setting_of, args.rule)))
    check_families(spec.families, spec.problem.task)
    made = [folder for folder in out.parents if not folder.exists()]
    out.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{out.name}.building-", dir=out.parent))
    progress = _Progress(spec.budget.seconds, quiet=args.json, problem=spec.problem)
    try:
        notes = (build.learned_from(Path(args.file).name, len(frame)),)
        source = build.Source(str(Path(args.file).resolve()), report, notes=notes)
        sealed = build.fit(
            frame, spec, target=out, scratch=scratch / "work", emit=progress, source=source, started=_STARTED
        )
    finally:
        progress.close()
        shutil.rmtree(scratch, ignore_errors=True)
        for folder in made if not out.exists() else ():
            folder.rmdir()
    loaded = bundle.load(sealed, verify=False)
    result = _train_result(loaded, time.monotonic() - _STARTED)
    if args.json:
        _print_json(result)
        return
    _print_leaderboard(loaded)
    print(f"\n{loaded.evaluation['sentence']}")
    for finding in loaded.findings:
        print(f"- {finding.title}: {finding.message}")
    print(f"Model written to {out}")


def _train_result(loaded: Any, seconds: float) -> dict[str, Any]:
    from automl.types import to_dict

    found, problem = loaded.evaluation, loaded.spec.problem
    return {
        "task": problem.task.value,
        "metric": problem.metric,
        "validation_score": found["validation_score"],
        "test_score": found["score"],
        "test_interval": found["interval"],
        "leaderboard": _leaderboard_rows(loaded),
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


def _leaderboard_rows(loaded: Any) -> list[dict[str, Any]]:
    from automl.estimators import leaderboard_frame

    rows = leaderboard_frame(loaded).astype(object).to_dict("records")
    return [
        {k: None if v is None or v != v or str(v) == "<NA>" else v for k, v in row.items()} for row in rows
    ]


def _leaderboard(args: argparse.Namespace) -> None:
    from automl import bundle

    loaded = bundle.load(args.model)
    if args.json:
        rows = _leaderboard_rows(loaded)
        _print_json({"metric": loaded.spec.problem.metric, "data": _learned_from(loaded), "leaderboard": rows})
    else:
        if said := _learned_from(loaded):
            print(said)
        _print_leaderboard(loaded)


def _learned_from(loaded: Any) -> str | None:
    """What the ledger says of the data; models of before it did have no such note."""
    return next((note["message"] for note in loaded.ledger if note["code"] == "data_version"), None)


def _print_leaderboard(loaded: Any) -> None:
    from automl import wording
    from automl.metrics import METRICS

    metric = METRICS[loaded.spec.problem.metric]
    better = "higher is better" if metric.greater_is_better else "lower is better"
    print(f"{metric.label}, {better}")
    rows = []
    for r in _leaderboard_rows(loaded):
        std = "" if r["score_std"] is None else f"± {wording.number(r['score_std'])}"
        fit = "" if r["fit_seconds"] is None else wording.duration(r["fit_seconds"])
        each = "" if r["predict_ms_per_row"] is None else f"{wording.number(r['predict_ms_per_row'])} ms"
        score = "" if r["score"] is None else wording.number(r["score"])
        rows.append(
            (str(r["rank"] or ""), r["candidate"], score, std, fit, each, r["state"], r["reason"][:60])
        )
    _print_table(
        ("#", "Candidate", "Score", "", "Fit", "Per row", "State", "Reason"), rows, right=(0, 2, 4, 5)
    )


def _choices(args: argparse.Namespace, fill: str | None) -> Any:
    """What the shell decided about the table's columns."""
    from automl.predict import Choices

    pairs = [pair.partition("=") for pair in args.rename]
    if any(not own or not column for own, _, column in pairs):
        raise DataError("--rename takes the file's column and the model's, such as --rename Tenure=tenure_months.")
    if args.refuse and args.fill:
        raise DataError("Choose one of --fill and --refuse.")
    return Choices({column.strip(): own.strip() for own, _, column in pairs}, fill=args.fill or fill)


def _check(args: argparse.Namespace) -> None:
    from automl import bundle, predict, wording
    from automl.types import to_dict

    loaded = bundle.load(args.model)
    found = predict.check_file(loaded, args.file, _choices(args, None))
    if args.json:
        _print_json({"refused": found.refused, **to_dict(found)})
        return
    print(
        f"{wording.count(found.rows)} rows · {found.present} of the {found.needed} columns that the model reads · "
        f"{found.fine} as in training"
    )
    for status in predict.Status:
        for violation in found.of(status):
            print(f"- {status}: {violation.sentence} [{violation.code}]")


def _predict(args: argparse.Namespace) -> None:
    from automl import bundle, predict, wording

    out = Path(args.out)
    predict.check_output(out, predict.FORMATS)
    loaded = bundle.load(args.model)
    wishes = predict.Wishes(
        choices=_choices(args, None if args.refuse else "missing"),
        keep=None if args.keep is None else tuple(c.strip() for c in args.keep.split(",") if c.strip()),
        warnings=not args.no_warnings,
        extras=predict.Extras(args.intervals, args.reasons, quick=True),
    )
    done = predict.predict_file(loaded, args.file, out, wishes)
    print(f"{wording.count(done.rows)} rows predicted, written to {out}")
    for violation in done.check.violations:
        print(f"- {violation.sentence}")


def _threshold(args: argparse.Namespace) -> None:
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
            raise PredictionError(f"'{args.value}' is no probability. Give a number such as 0.3, or auto.") from e
        choices.save(loaded.folder, task, choices.Choices(value))
        loaded = bundle.load(args.model, verify=False)
    value = LIKELIEST if loaded.threshold is None else loaded.threshold
    by = "chosen" if loaded.choices.threshold is not None else "the build's own"
    name = task.classes[task.positive_code]
    print(f"{task.target} is called {name} from a probability of {wording.percent(value)} on ({by}).")


def _notebook(args: argparse.Namespace) -> None:
    from automl import bundle, notebook

    out = Path(args.out)
    if out.suffix.lower() != ".ipynb":
        raise DataError(f"'{out.name}' must end in .ipynb.")
    loaded = bundle.load(args.model)
    if not loaded.notebook.is_file():
        raise BundleError(
            f"The model in '{args.model}' has no notebook: it was built from a table in memory."
        )
    if not out.parent.is_dir():
        raise DataError(f"The folder '{out.parent}' does not exist. Create it or choose another one.")
    staged = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        staged.write_text(notebook.text(loaded), encoding="utf-8")
        staged.replace(out)
    finally:
        staged.unlink(missing_ok=True)
    print(f"Notebook written to {out}")


def _app(args: argparse.Namespace) -> None:
    # a new program image: OpenMP's settings must stand before numpy is loaded
    order = [sys.executable, "-m", "automl.ui.server", "--host", args.host, "--port", str(args.port)]
    order += ["--no-browser"] * args.no_browser + ["--no-worker"] * args.no_worker
    os.execv(sys.executable, order)


def _worker(args: argparse.Namespace) -> None:
    from automl.jobs.supervisor import main as supervise

    supervise()


# -- output -------------------------------------------------------------------------------


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, allow_nan=False, default=lambda v: v.item()))


def _print_table(header: tuple[str, ...], rows: list[tuple[str, ...]], right: tuple[int, ...] = ()) -> None:
    widths = [max(len(str(r[i])) for r in [header, *rows]) for i in range(len(header))]
    for row in [header, *rows]:
        cells = [
            str(c).rjust(w) if i in right else str(c).ljust(w)
            for i, (c, w) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


if __name__ == "__main__":
    sys.exit(main())
