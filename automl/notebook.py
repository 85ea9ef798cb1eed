"""The whole job as a notebook that runs without us: pandas, scikit-learn and the model libraries only.

Read, split, clean, features, every member of the winning model with its weight, test score,
predictions. The code in its cells is the product's own source (features, family fits, folds), put
in as it is, so that the notebook can't drift from the product; iterations and threads are replayed.
"""

from __future__ import annotations

import ast
import inspect
import json
import pprint
import re
import textwrap
from pathlib import Path
from types import ModuleType
from typing import Any

from automl import conformal, insight, model, problem, wording
from automl.bundle import Bundle
from automl.data import clean, parse, profile, read
from automl.data.target import notebook_source as target_source
from automl.engine import folds as folds_module
from automl.engine import prepare
from automl.engine.folds import Folds
from automl.engine.prepare import Prepared
from automl.families import family, target_scale
from automl.features import notebook_modules
from automl.metrics import LIKELIEST, METRICS
from automl.types import BuildSpec, Problem, ReadReport, Recipe

THRESHOLD_LINE = re.compile(r"^THRESHOLD = .*$", re.MULTILINE)
# scikit-learn's expression for each metric. `y`: codes or values, `p`: probabilities or values,
# `label`: predicted codes, `positive`: the code of the outcome of interest.
SCORES = {
    "roc_auc": "metrics.roc_auc_score(y, p[:, 1])",
    "average_precision": "metrics.average_precision_score(y == positive, p[:, positive])",
    "log_loss": "metrics.log_loss(y, p, labels=range(len(CLASSES)))",
    "brier": "float(((p[:, 1] - y) ** 2).mean())",
    "accuracy": "metrics.accuracy_score(y, label)",
    "balanced_accuracy": "metrics.balanced_accuracy_score(y, label)",
    "matthews_corrcoef": "metrics.matthews_corrcoef(y, label)",
    "f1": "metrics.f1_score(y == positive, label == positive, zero_division=0)",
    "precision": "metrics.precision_score(y == positive, label == positive, zero_division=0)",
    "recall": "metrics.recall_score(y == positive, label == positive, zero_division=0)",
    "f1_macro": "metrics.f1_score(y, label, average='macro', zero_division=0)",
    "precision_macro": "metrics.precision_score(y, label, average='macro', zero_division=0)",
    "recall_macro": "metrics.recall_score(y, label, average='macro', zero_division=0)",
    "roc_auc_ovr": (
        "float(np.mean([metrics.roc_auc_score(y == k, p[:, k]) for k in range(len(CLASSES)) "
        "if 0 < (y == k).sum() < len(y)]))"
    ),
    "rmse": "metrics.root_mean_squared_error(y, p)",
    "mse": "metrics.mean_squared_error(y, p)",
    "mae": "metrics.mean_absolute_error(y, p)",
    "r2": "metrics.r2_score(y, p)",
    "mape": "metrics.mean_absolute_percentage_error(y, p)",
    "median_absolute_error": "metrics.median_absolute_error(y, p)",
}


def write(
    folder: Path, *, report: ReadReport, path: str, spec: BuildSpec, rows: Prepared, folds: Folds
) -> Path:
    """Write notebook.ipynb into a staged bundle.

    Parameters
    ----------
    folder : Path
        Holds model.json and evaluation.json already.
    report : ReadReport
        How the table was read.
    path : str
        The file that the notebook reads.
    spec, rows, folds
        Of the build.
    """
    import nbformat

    document = model.Model(folder).document
    evaluation = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))
    stored = json.loads((folder / "intervals.json").read_text(encoding="utf-8"))
    book = nbformat.v4.new_notebook()
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = _cells(document, report, path, spec, rows, folds, evaluation, stored)
    for number, (kind, text) in enumerate(cells):
        make = nbformat.v4.new_markdown_cell if kind == "text" else nbformat.v4.new_code_cell
        cell = make(text.strip("\n"))
        cell["id"] = f"cell-{number:02d}"
        book.cells.append(cell)
    target = folder / "notebook.ipynb"
    target.write_text(nbformat.writes(book), encoding="utf-8")
    return target


def _cells(
    document: model.ModelDocument,
    report: ReadReport,
    path: str,
    spec: BuildSpec,
    rows: Prepared,
    folds: Folds,
    evaluation: dict[str, Any] | None,
    stored: dict[str, Any] | None,
) -> list[tuple[str, str]]:
    metric = METRICS[document.problem.metric]
    keys = sorted({m.family for m in document.members})
    return [
        ("text", _title(document, spec, evaluation)),
        ("code", _settings(document, path)),
        ("text", "## Read the table\nEvery choice the reader made is written out."),
        ("code", read.notebook_source(report, "DATA")),
        ("code", "table.head()"),
        ("text", "## Set the test rows aside\nNothing below learns from them; exact copies of a row stay on one side."),
        ("code", _rows(rows, spec)),
        ("text", "## Clean\nThese steps are done to every row, at training and at prediction alike."),
        ("code", _cleaning(document)),
        ("text", "## Features\nLearned inside each training fold. The values of each column are first read as its kind."),
        ("code", _modules(notebook_modules())),
        ("text", "## Models\nOne pair of functions a family: fit with exact settings, predict."),
        ("code", "\n\n".join(_strip(family(key).notebook_source()) for key in keys)),
        ("text", "## Folds\nEach member of the model learned from all folds but one."),
        ("code", _folds(rows, folds)),
        ("text", "## Fit every member\nIterations and threads are those of the build; nothing is searched again."),
        ("code", _members(document)),
        ("code", _fit(document, keys)),
        ("text", f"## Score on the test rows\n{metric.label}, {'higher' if metric.greater_is_better else 'lower'} is better."),
        ("code", _score(document, evaluation)),
        *(
            [
                ("text", "## How sure it is\nCalibrated on rows that were not learned from (conformal prediction)."),
                ("code", _how_sure(stored)),
            ] if stored else []
        ),
        ("text", "## Predict new rows\nGive `predict` any table with the same columns."),
        ("code", _predict(document, stored)),
    ]  # fmt: skip


def _title(document: model.ModelDocument, spec: BuildSpec, evaluation: dict[str, Any] | None) -> str:
    lines = [f"# {spec.name or 'Model'}: predict {document.problem.target}", document.problem.reason]
    if evaluation:
        lines.append(evaluation["sentence"])
    lines.append(
        "This notebook redoes the whole model from the file: it needs pandas, scikit-learn and the libraries "
        "imported below, and nothing of the product that wrote it."
    )
    return "\n\n".join(line for line in lines if line)


def _settings(document: model.ModelDocument, path: str) -> str:
    task = document.problem
    lines = [
        "import os",
        "",
        'os.environ.setdefault("GOMP_SPINCOUNT", "1000")  # threads that wait do not spin',
        "",
        "import numpy as np",
        "import pandas as pd",
        "",
        f"DATA = {path!r}  # change this if the file has moved",
        f"TARGET = {task.target!r}",
        f"TASK = {task.task.value!r}",
        f"CLASSES = {_literal(list(task.classes))}",
        f"KINDS = {_literal(document.kinds)}",
        f"LEARNED = {_literal(list(document.learned))}",
    ]
    if len(task.classes) == 2:
        lines.append(_threshold(document.threshold, task))
    return "\n".join(lines)


def _threshold(value: float | None, task: Problem) -> str:
    name = str(task.classes[task.positive_code]).replace("\n", " ")
    value = LIKELIEST if value is None else value
    return f"THRESHOLD = {value!r}  # from this probability on, a row is called {_literal(name)}"


def text(loaded: Bundle) -> str:
    """A model's notebook as it stands now: with the threshold that was chosen after the build, and a word about it."""
    source, task = loaded.notebook.read_text(encoding="utf-8"), loaded.spec.problem
    chosen = loaded.choices.threshold
    if chosen is None:
        return source
    import nbformat

    book = nbformat.reads(source, as_version=4)
    for cell in book.cells:
        if cell.cell_type == "code" and (line := THRESHOLD_LINE.search(cell.source)):
            cell.source = cell.source.replace(line.group(), _threshold(chosen, task))
        elif cell.source.startswith("LEVEL = ") and "called" in cell.source:
            cell.source = _how_sure(insight.calibrated(loaded))
    name = task.classes[task.positive_code]
    book.cells[0].source += (
        f"\n\nAfter the build it was decided to call a row “{name}” from a probability of "
        f"{wording.percent(chosen)} on: `THRESHOLD` below."
    )
    return nbformat.writes(book)


def _rows(rows: Prepared, spec: BuildSpec) -> str:
    task = rows.problem
    parts = [target_source(task)] if task.reading else []
    parts += [_target_as_numbers(rows.written)] if rows.written else []
    if len(rows.test):
        parts.append(_strip(problem.split_source(task)))
    else:
        parts.append("train_rows, test_rows = np.flatnonzero(table[TARGET].notna()), np.array([], dtype=int)")
    removing = [s for s in rows.recipe.steps if s.removes_rows and not s.learned]
    exact = all(s.op == "drop_duplicates" and clean.sees_the_table_as_read(s) for s in removing)
    for step in removing if exact else ():
        columns = _literal([c for c in step.columns if c in rows.columns])
        how = "" if step.params.get("keep", "first") == "first" else ', keep="last"'
        parts.append(
            f"# {step.title}: in the training rows only\n"
            f"repeated = table.iloc[train_rows].duplicated(subset={columns}{how}).to_numpy()\n"
            "train_rows = train_rows[~repeated]"
        )
    if not exact:
        body = textwrap.indent(clean.notebook_source(_without_learned(rows.recipe)).strip("\n"), "    ")
        parts.append(
            "def rows_to_learn_from(table):\n"
            '    """Which rows the cleaning steps leave in; only training rows are ever left out."""\n'
            f"    table = table.copy()\n{body}\n    return kept_for_training\n\n\n"
            "train_rows = train_rows[rows_to_learn_from(table.iloc[train_rows])]"
        )
    parts.append(_target_of(task))
    if rows.most_rows:
        parts.append(_source(prepare.cap_rows))
        labels = "target_of(train_rows)" if task.has_probabilities else "None"
        parts.append(
            f"train_rows = train_rows[cap_rows(len(train_rows), {labels}, {rows.most_rows}, {spec.seed})]"
        )
    parts.append("y_train, y_test = target_of(train_rows), target_of(test_rows)")
    weight = "None"
    if rows.weight is not None and task.weight_column:
        weight = f"pd.to_numeric(table[{task.weight_column!r}]).to_numpy(dtype=float)[train_rows]"
    parts.append(f"weight = {weight}")
    parts.append('print(f"{len(train_rows):,} rows to learn from, {len(test_rows):,} test rows")')
    return "\n\n".join(p.strip("\n") for p in parts if p)


def _target_of(task: Problem) -> str:
    if task.has_probabilities:
        body = "table[TARGET].iloc[rows].map(CODES).to_numpy(dtype=np.int64)"
        return (
            "CODES = {label: code for code, label in enumerate(CLASSES)}\n\n\n"
            f'def target_of(rows):\n    """The code of each row\'s class."""\n    return {body}'
        )
    return "def target_of(rows):\n    return table[TARGET].iloc[rows].to_numpy(dtype=np.float64)"


def _target_as_numbers(way: profile.Amounts) -> str:
    """What makes numbers of a target written as text; what is none is missing, and its row set aside."""
    call = f"to_amount(str(value), {way.decimal!r}, {way.thousands!r}, {way.unit!r})"
    return "\n\n".join(
        (
            "import re",
            _source(parse.to_amount),
            f"table[TARGET] = [np.nan if pd.isna(value) else {call} for value in table[TARGET]]\n"
            "table[TARGET] = table[TARGET].astype(float)",
        )
    )


def _cleaning(document: model.ModelDocument) -> str:
    body = textwrap.indent(clean.notebook_source(document.recipe, rows=False).strip("\n"), "    ")
    return (
        f"INPUTS = {_literal(list(document.inputs))}\n\n\n"
        f"def prepared(table):\n"
        '    """The input columns of any table with the same columns, cleaned."""\n'
        f"    table = table[INPUTS].copy()\n{body}\n    return table"
    )


def _without_learned(recipe: Recipe) -> Recipe:
    return Recipe(tuple(s for s in recipe.steps if not s.learned))


def _folds(rows: Prepared, folds: Folds) -> str:
    task = rows.problem
    parts = [
        "typed_train = to_typed(prepared(table.iloc[train_rows]), KINDS).reset_index(drop=True)",
        "typed_test = to_typed(prepared(table.iloc[test_rows]), KINDS)",
    ]
    if folds.ordered:
        parts += [
            _source(folds_module.assign_in_order),
            f"fold = assign_in_order(table[{task.split.column!r}].iloc[train_rows].to_numpy(), {folds.count})",
        ]
    else:
        groups = "None"
        if rows.groups is not None:
            groups = f"table[{task.split.column!r}].iloc[train_rows].to_numpy()"
        count = folds.count if folds.covers_all else 1
        share, most = folds_module.HOLDOUT_SHARE, folds_module.HOLDOUT_MAX_ROWS
        parts += [
            _source(folds_module.assign_folds),
            f"fold = assign_folds(typed_train, y_train, {count}, {not task.has_probabilities}, {task.split.seed}, "
            f"{groups}, {share}, {most})",
        ]
    all_rows = "np.arange(len(y_train))"
    some = f"np.flatnonzero(fold {'<' if folds.ordered else '!='} number)"
    if any(step["op"] == "remove_outliers" for step in rows.learned):
        codes = "y_train[rows]" if task.has_probabilities else "None"
        body = (
            f"    rows = {all_rows} if number < 0 else {some}\n"
            "    columns = values_of(typed_train.iloc[rows], typed_train.columns)\n"
            f"    return rows[rows_without_outliers(columns, LEARNED, {codes})]"
        )
    else:
        body = f"    if number < 0:\n        return {all_rows}\n    return {some}"
    parts.append(
        f'def rows_of(number):\n    """The rows a member learned from; -1 stands for all."""\n{body}'
    )
    return "\n\n".join(p.strip("\n") for p in parts)


def _members(document: model.ModelDocument) -> str:
    members, needs = [], {}
    for m in document.members:
        need = family(m.family).needs_for(m.replay)
        needs[need.key] = need
        members.append(
            {"family": m.family, "candidate": m.candidate, "fold": m.fold, "weight": m.weight}
            | {"features": need.key, "replay": m.replay}
        )
    lines = [f"MEMBERS = {_literal(members)}", "", "NEEDS = {"]
    lines += [f"    {key!r}: {need!r}," for key, need in sorted(needs.items())]
    return "\n".join([*lines, "}"])


def _fit(document: model.ModelDocument, keys: list[str]) -> str:
    fits = ", ".join(f"{k!r}: (fit_{k}, predict_{k})" for k in keys)
    mend = _source(model.recalibrate) + "\n\n" if document.calibration else ""
    y, replay, said = "y_train[rows]", 'member["replay"]', "predict_member(model, ready[key], TASK, len(CLASSES))"
    if any("target_power" in m.replay for m in document.members):
        scale = target_scale.to_scale, target_scale.from_scale, target_scale.of_library
        mend += "\n\n".join(_source(f) for f in scale) + "\n\n"
        y, replay = f"to_scale({y}, {replay})", f"of_library({replay})"
        said = f'from_scale({said}, member["replay"])'
    return f"""
{mend}FAMILIES = {{{fits}}}
fitted = []
features, learned = {{}}, {{}}
for member in MEMBERS:
    fit, _ = FAMILIES[member["family"]]
    key, rows = (member["features"], member["fold"]), rows_of(member["fold"])
    w = None if weight is None else weight[rows]
    if key not in features:
        features[key] = TableFeatures(NEEDS[member["features"]], KINDS, learned=LEARNED)
        learned[key] = features[key].fit_transform(
            typed_train.iloc[rows], y_train[rows], task=TASK, classes=len(CLASSES), sample_weight=w
        )
    fitted.append(fit(learned[key], {y}, TASK, len(CLASSES), {replay}, w))
    number = member["fold"] + 1 if member["fold"] >= 0 else "all"
    print(member["candidate"], "fold", number, "weight", round(member["weight"], 3))


def predict_values(typed):
    \"\"\"Probabilities (one column a class) or values, the weighted mean of all members.\"\"\"
    total, ready = 0.0, {{}}
    for member, model in zip(MEMBERS, fitted):
        _, predict_member = FAMILIES[member["family"]]
        key = (member["features"], member["fold"])
        if key not in ready:
            ready[key] = features[key].transform(typed)
        total = total + member["weight"] * {said}
    return {_calibrated(document)}
"""


def _calibrated(document: model.ModelDocument) -> str:
    """The expression of what members say together, put right where the build found that it helps."""
    if document.calibration is None:
        return "total"
    slope, bias = document.calibration
    return f"recalibrate(total, {slope!r}, {bias!r})"


def _score(document: model.ModelDocument, evaluation: dict[str, Any] | None) -> str:
    task, metric = document.problem, METRICS[document.problem.metric]
    lines = ["from sklearn import metrics", "", "y, p = y_test, predict_values(typed_test)"]
    if task.has_probabilities:
        lines += [f"label = {_label('p', document)}", f"positive = {task.positive_code}"]
    shown = [m for m in SCORES if m in METRICS and task.task in METRICS[m].tasks]
    lines += [f"print({METRICS[m].label!r}, {SCORES[m]})" for m in shown if m != metric.name]
    lines += [f"score = {SCORES[metric.name]}", f"print({metric.label!r}, score)"]
    if evaluation:
        said = f'print("The build said", {evaluation["score"]!r}, "difference", abs(score - {evaluation["score"]!r}))'
        if len(task.classes) == 2 and metric.needs == "labels":
            built = LIKELIEST if document.threshold is None else document.threshold
            said = f"if THRESHOLD == {built!r}:\n    {said}"
        lines.append(said)
    return "\n".join(lines)


def _label(values: str, document: model.ModelDocument) -> str:
    """The expression of the class codes of probabilities; see `metrics.labels`."""
    code = document.problem.positive_code
    if len(document.problem.classes) != 2:
        return f"{values}.argmax(axis=1)"
    return f"np.where({values}[:, {code}] >= THRESHOLD, {code}, {1 - code})"


def _how_sure(stored: dict[str, Any]) -> str:
    """The calibration as plain numbers, and the functions that read it."""
    numbers = stored["kind"] == "interval"
    functions = [conformal.interval] if numbers else [conformal.unlikely, conformal.outcome_sets]
    empty = "" if numbers else "; a set is empty where no class is likely enough"
    return "\n\n\n".join(
        (
            f"LEVEL = {conformal.LEVEL}  # the share of rows for which the truth is to be inside{empty}\n"
            f"# how far off the model was on rows it had not learned from, in order\nHOW_FAR_OFF = {_literal(stored)}",
            *(_source(f).strip("\n") for f in functions),
        )
    )


def _predict(document: model.ModelDocument, stored: dict[str, Any] | None) -> str:
    task = document.problem
    codes = _label("values", document)
    answer = f"np.array(CLASSES, dtype=object)[{codes}]" if task.has_probabilities else "values"
    extra = ""
    if task.has_probabilities:
        extra = (
            "\n    for number, label in enumerate(CLASSES):"
            '\n        out[f"probability_{label}"] = values[:, number]'
        )
    if stored and task.has_probabilities:
        extra += (
            "\n    inside = outcome_sets(HOW_FAR_OFF, values, LEVEL)"
            '\n    out["prediction_set"] = ['
            '\n        " | ".join(str(CLASSES[k]) for k in np.argsort(-p, kind="stable") if held[k])'
            "\n        for p, held in zip(values, inside)"
            "\n    ]"
        )
    elif stored:
        extra += '\n    out["prediction_low"], out["prediction_high"] = interval(HOW_FAR_OFF, values, LEVEL)'
    return f"""
def predict(new_table):
    \"\"\"The table with a prediction for each of its rows.\"\"\"
    values = predict_values(to_typed(prepared(new_table), KINDS))
    out = new_table.copy()
    out["prediction"] = {answer}{extra}
    return out


predict(table.iloc[test_rows[:5]])
"""


# -- source as it stands in a notebook ------------------------------------------------------


def _source(function: Any) -> str:
    return inspect.getsource(function)


def _modules(modules: list[ModuleType]) -> str:
    return "\n\n".join(_strip(inspect.getsource(m)).strip("\n") for m in modules)


def _strip(source: str) -> str:
    """Leave out imports of the product and of __future__; everything else stays as it is."""
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("automl", "__future__"):
            for at in range(node.lineno - 1, node.end_lineno):
                lines[at] = None
    return "\n".join(line for line in lines if line is not None)


def _literal(value: Any) -> str:
    """Python source of plain data, one that gives equal floats back."""
    return pprint.pformat(value, width=110, sort_dicts=False, compact=True)
