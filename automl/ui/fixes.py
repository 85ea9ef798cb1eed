"""A finding's fix as a change of a draft that can be taken back. Nothing here draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automl.data.clean.ops import OPS
from automl.data.target import OTHER, that_fits
from automl.findings.before import PLACES
from automl.types import Finding, Fix, SplitKind, SplitPlan, TargetReading, Task, from_dict, replace, to_dict

Draft = dict[str, Any]
HANGS_ON_TASK = ("task", "metric", "positive_class", "threshold")
KEPT_WITH_TARGET = ("preset", "seconds", "families", "fast", "excluded", "kept", "rules", "recipe")  # what doesn't hang on the target
READS_TARGET = {"target_part": "part", "count_missing": "missing", "group_labels": "least_rows", "drop_labels": "least_rows"}
CHOICES = ("excluded", "kept", "task", "metric", "split", "reading")  # of a draft, see `choices`
DONE = {
    "exclude_columns": "Left out {columns}",
    "keep_columns": "Kept {columns} after all",
    "change_kind": "{columns} is read as {word}",
    "split_group": "Rows of the same {columns} stay together",
    "split_time": "The latest rows by {columns} are the test",
    "choose_task": "Another kind of prediction was chosen",
    "choose_metric": "Another metric was chosen",
    "more_time": "The build has more time",
    "choose_target": "{columns} is predicted instead",
    "target_part": "Of {columns}, the {value} is predicted",
    "count_missing": "Rows without {columns} count as {value}",
    "group_labels": "Labels with fewer than {value} rows count as other",
    "drop_labels": "Rows of labels with fewer than {value} rows are left out",
    "reset_choices": "Task, metric and split are chosen anew",
}
STEPS = {  # operation: what is said when it is switched on, and off
    "drop_duplicates": ("Copies are set aside in training", "Copies are kept"),
    "drop_near_duplicates": ("Near copies are set aside in training", "Near copies are kept"),
    "impute": ("Gaps are filled", "Gaps stay open"),
}


def apply(draft: Draft, finding: Finding, fix: Fix | None = None) -> Draft:
    """The draft with a finding's fix made, and a record of how to take it back; made twice it is made once.

    >>> from automl.types import Severity
    >>> found = Finding("c", Severity.HIGH, "t", "m", ("a",), Fix("Leave it out", "exclude_columns", ("a",)))
    >>> new = apply({"target": "y"}, found)
    >>> new["excluded"], undo(new, 0), apply(new, found) == new
    (['a'], {'target': 'y'}, True)
    """
    fix = fix or finding.fix
    assert fix is not None
    if fix.action in PLACES or any(r["fix"] == to_dict(fix) and is_in_force(draft, r) for r in draft.get("mended", ())):
        return draft
    changes = _changes(draft, fix)
    before = {key: draft.get(key) for key in changes}
    record = {"code": finding.code, "fix": to_dict(fix), "before": before}
    mended = changes.pop("mended", draft.get("mended")) or ()
    return _without_gaps({**draft, **changes, "mended": [*mended, record]})


def undo(draft: Draft, index: int) -> Draft:
    """The draft with one fix taken back; what was changed since by others stays."""
    records = list(draft.get("mended", ()))
    record = records.pop(index)
    action, columns, before = record["fix"]["action"], record["fix"]["columns"], record["before"]
    if action == "exclude_columns":
        mine = set(columns) - set(before.get("excluded") or ())
        changes: Draft = {"excluded": [c for c in draft.get("excluded", ()) if c not in mine]}
    elif action == "keep_columns":
        mine = set(columns) - set(before.get("kept") or ())
        changes = {"kept": [c for c in draft.get("kept", ()) if c not in mine]}
        if "recipe" in draft:
            steps = [*draft["recipe"]["steps"], to_dict(OPS["drop_columns"].new(tuple(sorted(mine))))]
            changes["recipe"] = {**draft["recipe"], "steps": steps}
    elif action == "change_kind":
        kinds = {k: v for k, v in (draft.get("kinds") or {}).items() if k not in columns}
        kinds |= {k: v for k, v in (before.get("kinds") or {}).items() if k in columns}
        changes = {**before, "kinds": kinds}
    elif action in ("switch_step_on", "switch_step_off"):
        changes = _switch(draft, from_dict(record["fix"], Fix), on=action == "switch_step_off", back=before)
    elif action in READS_TARGET:
        mine = ("least_rows", "rare") if READS_TARGET[action] == "least_rows" else (READS_TARGET[action],)
        then, usual = before.get("reading") or {}, to_dict(TargetReading())
        changes = {**before, "reading": {**usual, **draft.get("reading", {}), **{k: then.get(k, usual[k]) for k in mine}}}
    else:
        changes = dict(before)
        records = (changes.pop("mended") or []) if "mended" in changes else records
    return _without_gaps({**draft, "mended": records, **changes})


def is_in_force(draft: Draft, record: Mapping[str, Any]) -> bool:
    """Whether a fix that was made still holds: the user may have chosen otherwise since, elsewhere on the page.

    >>> record = {"fix": {"label": "", "action": "exclude_columns", "columns": ["a"], "value": ""}}
    >>> is_in_force({"excluded": ["a", "b"]}, record), is_in_force({"excluded": ["b"]}, record)
    (True, False)
    """
    fix = from_dict(record["fix"], Fix)
    match fix.action:
        case "choose_task":
            return draft.get("task") == fix.value
        case "change_kind":
            return all((draft.get("kinds") or {}).get(c) == fix.value for c in fix.columns)
        case "choose_target":
            return draft.get("target") == fix.columns[0]
        case action if action in READS_TARGET:
            task = Task(draft["task"]) if draft.get("task") else None
            way = that_fits(choices(draft)["reading"], task) or TargetReading()
            if READS_TARGET[action] == "least_rows":
                return bool(way.least_rows) and way.rare == (OTHER if action == "group_labels" else "")
            return getattr(way, READS_TARGET[action]) == fix.value
        case _:
            return all((draft.get(k) or None) == (v or None) for k, v in _changes(draft, fix).items())


def choices(draft: Draft) -> dict[str, Any]:
    """What a draft says of a problem, as `spec.order` and a check's `Table.of` take it."""
    split = draft.get("split")
    return {
        "excluded": tuple(sorted(draft.get("excluded", ()))),
        "kept": tuple(sorted(draft.get("kept", ()))),
        "task": draft.get("task"),
        "metric": draft.get("metric"),
        "split": SplitPlan(SplitKind(split["kind"]), column=split["column"]) if split else None,
        "reading": from_dict(draft["reading"], TargetReading) if draft.get("reading") else None,
    }


def steps(draft: Draft) -> dict[str, bool]:
    """Which operations the user switched in the cleaning plan; all of one that is the user's own."""
    if "recipe" in draft:
        done = {s["op"] for s in draft["recipe"]["steps"] if s.get("enabled", True)}
        return {op: op in done for op in STEPS}
    found = {k.split(":")[0]: False for k in draft.get("off", ())} | {k.split(":")[0]: True for k in draft.get("on", ())}
    return {op: on for op, on in found.items() if op in STEPS}


def with_least_rows(draft: Draft, least: int) -> Draft:
    """The draft with another number of rows that a label needs; what was mended says that number from then on."""
    records = [
        {**r, "fix": {**r["fix"], "value": str(least)}} if READS_TARGET.get(r["fix"]["action"]) == "least_rows" else r
        for r in draft.get("mended", ())
    ]
    return _without_gaps({**draft, "reading": {**draft.get("reading", {}), "least_rows": least}, "mended": records})


def _changes(draft: Draft, fix: Fix) -> Draft:
    match fix.action:
        case "exclude_columns":
            return {"excluded": sorted({*draft.get("excluded", ()), *fix.columns})}
        case "keep_columns":
            return _kept(draft, fix)
        case "change_kind":
            goal = draft.get("target") in fix.columns
            kinds = {**(draft.get("kinds") or {}), **dict.fromkeys(fix.columns, fix.value)}
            return {**(dict.fromkeys(HANGS_ON_TASK) if goal else {}), "kinds": kinds}
        case "split_group" | "split_time":
            return {"split": {"kind": fix.action.removeprefix("split_"), "column": fix.columns[0]}}
        case "choose_task":
            return {**dict.fromkeys(HANGS_ON_TASK), "task": fix.value}
        case "choose_metric":
            return {"metric": fix.value}
        case "more_time":
            key = preset_of(draft)
            return {"seconds": {**(draft.get("seconds") or {}), key: int(float(fix.value))}}
        case "switch_step_on" | "switch_step_off":
            return _switch(draft, fix, on=fix.action == "switch_step_on")
        case "choose_target":
            return {**dict.fromkeys([k for k in draft if k not in KEPT_WITH_TARGET] + ["mended"]), **for_target(draft, fix.columns[0])}
        case "reset_choices":
            return dict.fromkeys((*HANGS_ON_TASK, "split", "reading"))
        case action if action in READS_TARGET:
            return {**dict.fromkeys(HANGS_ON_TASK), "reading": _reading(draft, fix)}
        case _:
            return {}


def for_target(draft: Draft, target: str) -> Draft:
    """What changes in a draft, but for what hangs on the target and goes, when another column is predicted."""
    return {"target": target, "excluded": [c for c in draft.get("excluded", ()) if c != target]}


def _reading(draft: Draft, fix: Fix) -> dict[str, Any]:
    reading = from_dict(draft.get("reading") or {}, TargetReading)
    if READS_TARGET[fix.action] == "least_rows":
        return to_dict(replace(reading, least_rows=int(fix.value), rare=OTHER if fix.action == "group_labels" else ""))
    return to_dict(replace(reading, **{READS_TARGET[fix.action]: fix.value}))


def _kept(draft: Draft, fix: Fix) -> Draft:
    """Useless columns kept; no step of the user's own plan leaves them out any more."""
    changes: Draft = {"kept": sorted({*draft.get("kept", ()), *fix.columns})}
    if "recipe" in draft:
        kept = []
        for step in draft["recipe"]["steps"]:
            if step["op"] == "drop_columns" and set(step["columns"]) & set(fix.columns):
                left = tuple(c for c in step["columns"] if c not in fix.columns)
                step = {**to_dict(OPS["drop_columns"].new(left)), "enabled": step.get("enabled", True)} if left else None
            kept += [step] if step else []
        changes["recipe"] = {**draft["recipe"], "steps": kept}
    return changes


def preset_of(draft: Draft) -> str:
    """The preset that a draft's time limit belongs to."""
    return str(draft.get("preset", "quick"))


def _switch(draft: Draft, fix: Fix, *, on: bool, back: Draft | None = None) -> Draft:
    """A step of the cleaning plan switched: in the plan that the user made their own, or beside the proposed one.

    A plan of the user's that has not the step gets it, where the fix names its columns. `back` is what the lists
    beside the proposed plan were, for a step that is switched back.
    """
    key = fix.value
    if "recipe" in draft:
        keys = [f"{s['op']}:{'|'.join(s['columns'])}" for s in draft["recipe"]["steps"]]
        steps = [{**s, "enabled": on} if k == key else s for k, s in zip(keys, draft["recipe"]["steps"], strict=True)]
        if on and key not in keys and fix.columns:
            steps.append(to_dict(OPS[key.split(":")[0]].new(fix.columns)))
        return {"recipe": {**draft["recipe"], "steps": steps}}
    out = {}
    for name, here in (("on", on), ("off", not on)):
        if back is not None:
            here = key in (back.get(name) or ())
        others = {k for k in draft.get(name, ()) if k != key}
        out[name] = sorted(others | ({key} if here else set()))
    return out


def _without_gaps(draft: Draft) -> Draft:
    if draft.get("reading") == to_dict(TargetReading()):
        draft = {**draft, "reading": None}
    return {k: v for k, v in draft.items() if v is not None and v != [] and v != {}}


def said(record: dict[str, Any]) -> str:
    """What a fix did, in a few words.

    >>> said({"fix": {"action": "exclude_columns", "columns": ["a", "b"], "value": ""}})
    'Left out a and b'
    """
    from automl.data.words import listed
    from automl.types import ColumnKind

    fix = record["fix"]
    word = ColumnKind(fix["value"]).word if fix["action"] == "change_kind" else ""
    if fix["action"] in ("switch_step_on", "switch_step_off"):
        return STEPS[fix["value"].split(":")[0]][fix["action"] == "switch_step_off"]
    columns, value = listed(fix["columns"], quote=""), fix["value"]
    value = {"weekday": "day of the week"}.get(value, value)
    return DONE.get(fix["action"], "{columns}").format(columns=columns, word=f"a {word}", value=value)
