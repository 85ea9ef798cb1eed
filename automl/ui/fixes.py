"""A finding's fix as a change of a draft that can be taken back. Nothing here draws."""

from __future__ import annotations

from typing import Any

from automl.data.clean.ops import OPS
from automl.types import Finding, Fix, from_dict, to_dict

Draft = dict[str, Any]
HANGS_ON_TASK = ("task", "metric", "positive_class", "threshold")
DONE = {
    "exclude_columns": "Left out {columns}",
    "change_kind": "{columns} is read as {word}",
    "split_group": "Rows of the same {columns} stay together",
    "split_time": "The latest rows by {columns} are the test",
    "choose_task": "Another kind of prediction was chosen",
    "choose_metric": "Another metric was chosen",
    "switch_step_on": "Copies are set aside in training",
    "more_time": "The build has more time",
}


def apply(draft: Draft, finding: Finding) -> Draft:
    """The draft with a finding's fix made, and a record of how to take it back.

    >>> from automl.types import Severity
    >>> found = Finding("c", Severity.HIGH, "t", "m", ("a",), Fix("Leave it out", "exclude_columns", ("a",)))
    >>> new = apply({"target": "y"}, found)
    >>> new["excluded"], undo(new, 0)
    (['a'], {'target': 'y'})
    """
    fix = finding.fix
    assert fix is not None
    changes = _changes(draft, fix)
    before = {key: draft.get(key) for key in changes}
    record = {"code": finding.code, "fix": to_dict(fix), "before": before}
    return _without_gaps({**draft, **changes, "mended": [*draft.get("mended", ()), record]})


def undo(draft: Draft, index: int) -> Draft:
    """The draft with one fix taken back; what was changed since by others stays."""
    records = list(draft.get("mended", ()))
    record = records.pop(index)
    action, columns, before = record["fix"]["action"], record["fix"]["columns"], record["before"]
    if action == "exclude_columns":
        mine = set(columns) - set(before.get("excluded") or ())
        changes: Draft = {"excluded": [c for c in draft.get("excluded", ()) if c not in mine] or None}
    elif action == "change_kind":
        kinds = {k: v for k, v in (draft.get("kinds") or {}).items() if k not in columns}
        kinds |= {k: v for k, v in (before.get("kinds") or {}).items() if k in columns}
        changes = {"kinds": kinds or None}
    elif action == "switch_step_on":
        changes = _switch(draft, from_dict(record["fix"], Fix), on=False)
    else:
        changes = dict(before)
    return _without_gaps({**draft, **changes, "mended": records or None})


def _changes(draft: Draft, fix: Fix) -> Draft:
    match fix.action:
        case "exclude_columns":
            return {"excluded": sorted({*draft.get("excluded", ()), *fix.columns})}
        case "change_kind":
            return {"kinds": {**(draft.get("kinds") or {}), **dict.fromkeys(fix.columns, fix.value)}}
        case "split_group" | "split_time":
            return {"split": {"kind": fix.action.removeprefix("split_"), "column": fix.columns[0]}}
        case "choose_task":
            return {**dict.fromkeys(HANGS_ON_TASK), "task": fix.value}
        case "choose_metric":
            return {"metric": fix.value}
        case "more_time":
            key = preset_of(draft)
            return {"seconds": {**(draft.get("seconds") or {}), key: int(float(fix.value))}}
        case "switch_step_on":
            return _switch(draft, fix, on=True)
        case _:
            return {}


def preset_of(draft: Draft) -> str:
    """The preset that a draft's time limit belongs to."""
    return str(draft.get("preset", "quick"))


def _switch(draft: Draft, fix: Fix, *, on: bool) -> Draft:
    """A step of the cleaning plan switched: in the plan that the user made their own, or beside the proposed one.

    A plan of the user's that has not the step gets it, where the fix names its columns.
    """
    key = fix.value
    if "recipe" in draft:
        keys = [f"{s['op']}:{'|'.join(s['columns'])}" for s in draft["recipe"]["steps"]]
        steps = [{**s, "enabled": on} if k == key else s for k, s in zip(keys, draft["recipe"]["steps"], strict=True)]
        if on and key not in keys and fix.columns:
            steps.append(to_dict(OPS[key.split(":")[0]].new(fix.columns)))
        return {"recipe": {**draft["recipe"], "steps": steps}}
    kept = {k for k in draft.get("on", ()) if k != key}
    return {
        "on": sorted(kept | ({key} if on else set())) or None,
        "off": [k for k in draft.get("off", ()) if k != key] or None,
    }


def _without_gaps(draft: Draft) -> Draft:
    return {k: v for k, v in draft.items() if v is not None and v != []}


def said(record: dict[str, Any]) -> str:
    """What a fix did, in a few words.

    >>> said({"fix": {"action": "exclude_columns", "columns": ["a", "b"], "value": ""}})
    'Left out a and b'
    """
    from automl.data.words import listed
    from automl.types import ColumnKind

    fix = record["fix"]
    word = ColumnKind(fix["value"]).word if fix["action"] == "change_kind" else ""
    text = DONE.get(fix["action"], "{columns}")
    if fix["value"].startswith("drop_near_duplicates:"):
        text = "Near copies are set aside in training"
    return text.format(columns=listed(fix["columns"], quote=""), word=f"a {word}")
