"""Builds tables that trip systems over, through Python and the command line, and checks each model.

    python -m benchmarks.odd [--time-limit 10] [--only NAME,NAME] [--way python,shell]

Every build must return within its limit (x 1.02 + 1 s) with a model that predicts new rows, one
row, no row and reordered columns. "memory" is the highest sum of the processes' proportional set
sizes (PSS), sampled five times a second. The exit code is 1 when something failed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
HEAD = ("table", "way", "rows", "columns", "seconds", "limit", "metric", "score", "baseline", "completed",
        "failed", "memory MB", "result")  # fmt: skip
SAMPLE_SECONDS = 0.2


@dataclass
class Odd:
    """A table with its target, and rows to predict that differ from it (by default its own first rows)."""

    X: Any
    y: Any
    new: Any = None
    weight: Any = None
    regression: bool = False
    file: str | None = "csv"  # what the command line reads; None where no file can hold the table
    refused: str = ""  # a part of the sentence that says why there can't be a model


TABLES: dict[str, Callable[[np.random.Generator], Odd]] = {}


def table(make: Callable[[np.random.Generator], Odd]) -> Callable[[np.random.Generator], Odd]:
    TABLES[make.__name__] = make
    return make


def plain(rng: np.random.Generator, rows: int = 500) -> tuple[pd.DataFrame, np.ndarray]:
    """Two numbers and a word, with two classes that depend on them."""
    X = pd.DataFrame({"size": rng.normal(size=rows), "age": rng.integers(18, 90, rows)})
    X["plan"] = np.array(["basic", "pro", "team"])[rng.integers(0, 3, rows)]
    risk = X["size"] + (X["plan"] == "pro") + rng.normal(0, 0.5, rows)
    return X, np.where(risk > 0.3, "leaves", "stays")


# --- targets ----------------------------------------------------------------------------


@table
def two_rows_in_a_class(rng):
    X, y = plain(rng, 300)
    y[:2] = "rare"
    return Odd(X, y)


@table
def one_row_in_a_class(rng):
    X, y = plain(rng, 300)
    y[0] = "rare"
    return Odd(X, y)


@table
def classes_200(rng):
    X = pd.DataFrame(rng.normal(size=(6000, 8))).add_prefix("x")
    code = (X["x0"].rank(pct=True) * 19.99).astype(int) * 10 + (X["x1"].rank(pct=True) * 9.99).astype(int)
    return Odd(X, "c" + code.astype(str))


@table
def dominant_class(rng):
    X, _ = plain(rng, 4000)
    return Odd(X, np.where(X["size"].rank() > 3980, "fraud", "fine"))


@table
def skewed_target(rng):
    X, _ = plain(rng, 1000)
    y = np.sign(X["size"]) * np.exp(6 * X["size"].abs()) * (rng.random(1000) > 0.3)
    return Odd(X, y, regression=True)


@table
def huge_target(rng):
    X, _ = plain(rng)
    return Odd(X, X["size"] * 1e300, regression=True, refused="Divide the column by a constant first.")


@table
def tiny_target(rng):
    X, _ = plain(rng)
    return Odd(X, X["size"] * 1e-300, regression=True)


@table
def target_with_gaps(rng):
    X, y = plain(rng)
    y = pd.Series(y).mask(rng.random(500) < 0.5)
    return Odd(X, y)


@table
def target_named_like_a_feature(rng):
    X, y = plain(rng)
    X["prediction"], X["warnings"] = rng.normal(size=500), rng.normal(size=500)
    X["when"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 999, 500), unit="D")
    X["target"], X["when_year"], X["plan=pro"] = rng.normal(size=(3, 500))
    return Odd(X, pd.Series(y, name="size_missing"))


# --- sizes ------------------------------------------------------------------------------


@table
def columns_3000(rng):
    X = pd.DataFrame(rng.normal(size=(500, 3000))).add_prefix("x")
    return Odd(X, X["x7"] + X["x2999"] > 0)


@table
def columns_3000_words(rng):
    """Answers, and codes that hold digits."""
    words = np.array([["never", "rarely", "often", "always"], ["A1", "B2", "C3", "D4"]])
    codes = rng.integers(0, 4, size=(500, 3000))
    X = pd.DataFrame(words[np.arange(3000) % 2, codes]).add_prefix("x")
    return Odd(X, np.where(rng.random(500) < 0.1, codes[:, 8] > 1, codes[:, 7] > 1))


@table
def columns_3000_dates(rng):
    """Dates and amounts, written as text."""
    days = np.datetime64("2020-01-01") + rng.integers(0, 900, size=(500, 1500))
    amounts = rng.integers(0, 9999, size=(500, 1500))
    X = pd.DataFrame(np.datetime_as_string(days)).add_prefix("day")
    X = X.join(pd.DataFrame(np.char.add("$", amounts.astype(str))).add_prefix("paid"))
    return Odd(X, amounts[:, 7] > 5000)


@table
def rows_300000(rng):
    X, y = plain(rng, 300_000)
    X["when"] = pd.Timestamp("2015-01-01") + pd.to_timedelta(rng.integers(0, 10**8, 300_000), unit="s")
    X["city"] = rng.integers(0, 400, 300_000).astype(str)
    X["city"] = "city " + X["city"]
    return Odd(X, y)


@table
def cells_30_million(rng):
    """Numbers, and words in every second column."""
    X = pd.DataFrame(rng.normal(size=(300_000, 50)).astype(np.float32)).add_prefix("x")
    words = np.array([f"word {i}" for i in range(60)])
    X = X.join(pd.DataFrame(words[rng.integers(0, 60, size=(300_000, 50))]).add_prefix("w"))
    return Odd(X, X["x7"] + X["w9"].str.len() + rng.normal(size=300_000) > 6.8, file="parquet")


@table
def rows_12(rng):
    X, y = plain(rng, 12)
    y[:4] = "leaves"
    y[4:8] = "stays"
    return Odd(X, y)


@table
def rows_12_numbers(rng):
    X, _ = plain(rng, 12)
    return Odd(X, 3 * X["size"] + 1.5, regression=True)


# --- columns ----------------------------------------------------------------------------


@table
def constant_column(rng):
    X, y = plain(rng)
    return Odd(X.assign(country="NL", year=2024, one=1.0), y, new=X.assign(country="BE", year=2025, one=2.0))


@table
def missing_columns(rng):
    X, y = plain(rng)
    return Odd(X.assign(empty=np.nan, nothing=None, never=pd.NaT), y)


@table
def only_text(rng):
    words = np.array(["line", "down", "refund", "happy", "price", "bill", "called", "again", "thanks"])
    text = [" ".join(words[rng.integers(0, 9, 12)]) for _ in range(600)]
    return Odd(pd.DataFrame({"note": text}), ["refund" in t for t in text])


@table
def only_dates(rng):
    when = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 1400, 600), unit="D")
    return Odd(pd.DataFrame({"day": when, "paid": when + pd.Timedelta(days=9)}), when.day_of_week > 4)


@table
def only_booleans(rng):
    X = pd.DataFrame({"a": rng.random(400) > 0.5, "b": rng.random(400) > 0.5})
    return Odd(X, X["a"] & X["b"])


@table
def equal_rows(rng):
    X = pd.DataFrame({"a": [1.0, 2.0] * 150, "b": ["x", "y"] * 150})
    return Odd(X, np.where(rng.random(300) < 0.3 + 0.4 * (X["a"] > 1), "yes", "no"))


@table
def lists_and_dicts(rng):
    X, y = plain(rng)
    X["tags"] = [["a", "b"][: i % 3] for i in range(500)]
    X["more"] = [{"k": i % 5} for i in range(500)]
    X["sets"] = [{i % 4} for i in range(500)]
    X["vector"] = [np.arange(3) + i % 4 for i in range(500)]
    return Odd(X, y, file="parquet")


@table
def infinities(rng):
    X, y = plain(rng)
    X.loc[::7, "size"], X.loc[1::7, "size"] = np.inf, -np.inf
    return Odd(X, y, new=X.assign(size=np.inf))


@table
def huge_numbers(rng):
    X, y = plain(rng)
    X["huge"], X["tiny"] = X["size"] * 1e300, X["size"] * 1e-300
    X["big"] = rng.integers(-(2**62), 2**62, 500)
    X["unsigned"] = rng.integers(2**63, 2**64, 500, dtype=np.uint64)
    X["python"] = [10**30 + i for i in range(500)]
    return Odd(X, y)


@table
def booleans_with_gaps(rng):
    X, y = plain(rng)
    flag = pd.Series(X["size"] > 0, dtype=object).mask(rng.random(500) < 0.2)
    return Odd(X[["age"]].assign(flag=flag, nullable=flag.astype("boolean")), y)


@table
def identifier_beside_useful(rng):
    X, y = plain(rng)
    X["customer"] = [f"C-{i:06d}" for i in rng.permutation(500)]
    X["mail"] = [f"{i}@example.org" for i in rng.permutation(500)]
    return Odd(X, y)


@table
def duplicate_names(rng):
    X, y = plain(rng)
    return Odd(X.set_axis(["size", "size", "plan"], axis=1), y)


@table
def awkward_names(rng):
    X, y = plain(rng)
    names = [
        "a[0] <b> {c}",
        'say "hi", it\'s',
        "größe\t📈\n\\u0000:/,",
        "",
        " ",
        "x" * 5000,
        "=SUM(A1)",
        "__class__",
    ]
    for name in names:
        X[name] = rng.normal(size=500)
    X["données: [été]"] = X.pop("size")
    return Odd(X, pd.Series(y, name='tar"get\\ {🎯}, [x]'))


@table
def names_of_other_types(rng):
    X, y = plain(rng)
    return Odd(X.set_axis([0, (1, "a"), None], axis=1), pd.Series(y, name=7), file=None)


@table
def unseen_categories(rng):
    X, y = plain(rng)
    return Odd(X, y, new=X.assign(plan="gold", age=10**12))


@table
def pandas_types(rng):
    X, y = plain(rng)
    when = pd.Series(pd.Timestamp("2020-03-01") + pd.to_timedelta(rng.integers(0, 10**7, 500), unit="s"))
    X["category"] = X["plan"].astype("category")
    X["ordered"] = pd.Categorical(X["plan"], ["team", "pro", "basic"], ordered=True)
    X["whole"] = X["age"].astype("Int64").mask(rng.random(500) < 0.1)
    X["float"] = X["size"].astype("Float32").mask(rng.random(500) < 0.1)
    X["arrow"] = X["plan"].astype("string[pyarrow]").mask(rng.random(500) < 0.1)
    X["arrow_number"] = X["age"].astype("int64[pyarrow]")
    X["arrow_time"] = when.astype("timestamp[us][pyarrow]")
    X["zone"] = when.dt.tz_localize("Europe/Amsterdam", ambiguous="NaT", nonexistent="NaT")
    X["delta"] = when - when.min()
    X["half"] = X["size"].astype("float16")
    return Odd(X, pd.Series(y).astype("category"), file=None)


@table
def pandas_types_in_a_file(rng):
    odd = pandas_types(rng)
    return Odd(odd.X.drop(columns=["half"]), odd.y, file="parquet")


@table
def sparse_columns(rng):
    X, y = plain(rng)
    X["sparse"] = pd.arrays.SparseArray(np.where(X["size"] > 1, X["size"], 0.0), fill_value=0.0)
    return Odd(X, y, refused="Sparse pandas data (column sparse) not supported.", file=None)


@table
def periods_and_intervals(rng):
    X, y = plain(rng)
    X["month"] = pd.period_range("1990-01", periods=500, freq="M")
    X["band"] = pd.cut(X["size"], 4)
    return Odd(X, y, file=None)


@table
def bytes_in_a_column(rng):
    X, y = plain(rng)
    return Odd(X.assign(raw=[p.encode() for p in X["plan"]]), y, file="parquet")


@table
def mixed_types(rng):
    X, y = plain(rng)
    values = [1, 2.5, "three", None, True, "2020-01-01", pd.Timestamp("2021-01-01"), "12 kg", b"x", -0.0]
    X["mixed"] = [values[i] for i in rng.integers(0, len(values), 500)]
    X["nearly"] = [str(a) if i % 97 else "?" for i, a in enumerate(X["age"])]
    return Odd(X, y)


@table
def weights_with_zeros(rng):
    X, y = plain(rng)
    y[:50] = "never counts"
    return Odd(X, y, weight=np.where(np.arange(500) < 50, 0.0, rng.random(500)), file=None)


@table
def array_of_objects(rng):
    X, y = plain(rng)
    return Odd(X.to_numpy(dtype=object), y, file=None)


# --- one build --------------------------------------------------------------------------


def trouble(model: Any, odd: Odd) -> list[str]:
    """What is wrong with the predictions of a model, as sentences."""
    found = []
    rows = odd.X if odd.new is None else odd.new
    rows = rows[:200]
    ask = model.predict if odd.regression else model.predict_proba

    def check(what: str, rows: Any, same: np.ndarray | None = None) -> np.ndarray | None:
        try:
            values = ask(rows)
        except Exception as e:  # noqa: BLE001 - whatever goes wrong stands in the table
            found.append(f"{what}: {type(e).__name__}: {e}")
            return None
        if len(values) != len(rows):
            found.append(f"{what}: {len(values)} predictions of {len(rows)} rows")
        elif not np.isfinite(values).all():
            found.append(f"{what}: not finite")
        elif same is not None and not np.allclose(values, same, rtol=1e-5, atol=1e-7):
            found.append(f"{what}: other predictions")
        return values

    values = check("new rows", rows)
    if values is not None:
        check("no row", rows[:0])
        check("one row", rows[:1], values[:1])
        if isinstance(rows, pd.DataFrame) and rows.columns.is_unique:
            check("reordered", rows[rows.columns[::-1]], values)
            check("as text", rows.astype(object))
    if values is not None and not odd.regression and not np.allclose(values.sum(axis=1), 1):
        found.append("probabilities don't add up to 1")
    return found


def summary(board: list[dict[str, Any]]) -> dict[str, Any]:
    """Scores and counts of a leaderboard, best first."""
    plain_guess = next((r for r in board if r["family"] == "prior"), {"score": None})
    others = [r for r in board if r["family"] not in ("prior", "ensemble")]
    failed = [f"{r['candidate']}: {r['reason']}" for r in others if r["state"] == "failed"]
    return {
        "metric": board[0]["metric"],
        "score": board[0]["score"],
        "baseline": plain_guess["score"],
        "completed": sum(r["state"] == "completed" for r in others),
        "failed": len(failed),
        "trouble": failed[:2],
    }


def by_python(odd: Odd, limit: float, folder: Path) -> dict[str, Any]:
    from automl import AutoMLClassifier, AutoMLRegressor, load_model

    kind = AutoMLRegressor if odd.regression else AutoMLClassifier
    started = time.monotonic()
    model = kind(time_limit=limit, random_state=0).fit(odd.X, odd.y, sample_weight=odd.weight)
    seconds = time.monotonic() - started
    result = summary(model.leaderboard_.astype(object).to_dict("records")) | {"seconds": seconds}
    result["trouble"] += trouble(model, odd)
    result["trouble"] += [f"saved: {t}" for t in trouble(load_model(model.save(folder / "saved")), odd)[:1]]
    return result


def by_shell(odd: Odd, limit: float, folder: Path) -> dict[str, Any]:
    from automl import load_model

    name = getattr(odd.y, "name", None) or "target"
    frame = pd.DataFrame(odd.X).reset_index(drop=True)
    write(
        frame.assign(**{name: np.asarray(odd.y)}) if frame.columns.is_unique else with_target(frame, odd.y),
        folder / "train",
        odd.file,
    )
    write(pd.DataFrame(odd.X if odd.new is None else odd.new)[:200], folder / "new", odd.file)
    order = [sys.executable, "-m", "automl"]
    train = [str(folder / f"train.{odd.file}"), "--target", str(name), "--time-limit", str(limit)]
    task = ["--task", "regression"] * odd.regression
    started = time.monotonic()
    done = run([*order, "train", *train, *task, "--out", str(folder / "model"), "--json"])
    seconds = time.monotonic() - started
    if done.returncode:
        return {"seconds": seconds, "trouble": [last_line(done)]}
    result = summary(json.loads(done.stdout)["leaderboard"]) | {"seconds": seconds}
    out = folder / "out.csv"
    done = run([*order, "predict", str(folder / "model"), str(folder / f"new.{odd.file}"), "--out", str(out)])
    if done.returncode:
        result["trouble"].append(f"predict: {last_line(done)}")
    else:
        predicted = pd.read_csv(out)["prediction"]
        if len(predicted) != min(200, len(odd.X)) or predicted.isna().any():
            result["trouble"].append("predict: not one prediction a row")
        load_model(folder / "model")
    return result


def with_target(frame: pd.DataFrame, y: Any) -> pd.DataFrame:
    return pd.concat([frame, pd.Series(np.asarray(y), name="target")], axis=1)


def write(frame: pd.DataFrame, path: Path, kind: str) -> None:
    if kind == "csv":
        frame.to_csv(path.with_suffix(".csv"), index=False)
    else:
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns = [frame.iloc[:, i] for i in range(frame.shape[1])]
        arrays = [
            pa.array([sorted(v) if isinstance(v, set) else v for v in c])
            if c.dtype == object
            else pa.array(c)
            for c in columns
        ]
        pq.write_table(pa.Table.from_arrays(arrays, names=list(frame.columns)), path.with_suffix(".parquet"))


def run(order: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(order, cwd=ROOT, capture_output=True, text=True, check=False)


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]


# --- the table --------------------------------------------------------------------------


def inside(name: str, way: str, limit: float) -> None:
    """Run one build in this process and print what came out as JSON."""
    warnings.simplefilter("ignore", pd.errors.PerformanceWarning)
    odd = TABLES[name](np.random.default_rng(0))
    size = {"rows": len(odd.X), "columns": np.shape(odd.X)[1]}
    with tempfile.TemporaryDirectory() as folder:
        try:
            result = (by_python if way == "python" else by_shell)(odd, limit, Path(folder))
        except Exception as e:  # noqa: BLE001 - the same
            result = {"trouble": [f"{type(e).__name__}: {e}"]}
    print(json.dumps(size | result, default=lambda v: getattr(v, "item", lambda: str(v))()))


def measured(name: str, way: str, limit: float) -> dict[str, Any]:
    """Run one build in a process of its own and watch the memory of all that it starts."""
    import psutil

    order = [
        sys.executable,
        "-m",
        "benchmarks.odd",
        "--inside",
        name,
        "--way",
        way,
        "--time-limit",
        str(limit),
    ]
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process, peak = psutil.Popen(order, cwd=ROOT, stdout=out, stderr=err), 0
        while process.poll() is None:
            now = 0
            try:
                family = [process, *process.children(recursive=True)]
            except psutil.NoSuchProcess:
                break
            for one in family:
                try:
                    now += one.memory_full_info().pss
                except psutil.Error:
                    continue
            peak = max(peak, now)
            time.sleep(SAMPLE_SECONDS)
        process.wait()
        out.seek(0)
        err.seek(0)
        text = out.read().strip()
        result = json.loads(text.splitlines()[-1]) if text else {"trouble": [err.read().strip()[-300:]]}
    return result | {"memory MB": peak / 2**20}


def line(name: str, way: str, limit: float) -> tuple[str, bool]:
    """One line of the printed table, and whether all was well."""
    result = measured(name, way, limit)
    most = limit * 1.02 + 1
    seconds, score, baseline = (result.get(key) for key in ("seconds", "score", "baseline"))
    wrong = list(result["trouble"])
    if refused := TABLES[name](np.random.default_rng(0)).refused:
        said = bool(wrong) and refused in wrong[0]
        wrong = [] if said else ["not refused", *wrong]
        result["completed"] = result.get("completed") or said
    if seconds is not None and seconds > most:
        wrong.append("late")
    if not wrong and not result["completed"]:
        wrong.append("nothing but the baseline")
    cells = {**result, "table": name, "way": way, "limit": most, "result": "; ".join(wrong) or "ok"}
    shown = []
    for key in HEAD:
        value = cells.get(key, "")
        shown.append(
            f"{value:.4g}" if isinstance(value, float) else str(value).replace("|", "/").replace("\n", " ")
        )
    return f"| {' | '.join(shown)} |", not wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--time-limit", type=float, default=10.0)
    parser.add_argument("--only", help="names, separated by commas")
    parser.add_argument("--way", default="python,shell")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.inside:
        inside(args.inside, args.way, args.time_limit)
        return 0
    print(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}", flush=True)
    fine = True
    for name in args.only.split(",") if args.only else TABLES:
        for way in args.way.split(","):
            if way == "python" or TABLES[name](np.random.default_rng(0)).file:
                text, ok = line(name, way, args.time_limit)
                fine = fine and ok
                print(text, flush=True)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
