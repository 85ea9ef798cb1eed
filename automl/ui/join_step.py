"""One step of a join as a form: keys with their reason, how they are compared, rows and columns to keep."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from automl import wording
from automl.data.doctor import COMPARES
from automl.data.join import brought
from automl.types import Dataset, JoinKey, JoinPlan, JoinStep, replace
from automl.ui import join_work, widgets

MOST_KEYS = 4
ENDING = 24  # characters of a table's name that make names free
OTHER = "Other columns"
HOWS = {
    "left": ("Keep all rows of the first", "Rows without a partner stay, with empty cells. The usual choice."),
    "inner": ("Keep only rows that match", "Rows without a partner are left out, of both tables."),
    "right": ("Keep all rows of the added table", "Rows of the first without a partner are left out."),
    "outer": ("Keep all rows of both", "Nothing is left out; what has no partner gets empty cells."),
}
REPEATS = {
    "all": ("Accept it", "Each match becomes a row of its own."),
    "first": ("Keep the first row of each key", "In the order of the added table."),
    "latest": ("Keep the latest row of each key", "By a date column of the added table."),
    "mean": ("Average the rows of each key", "Numbers are averaged, of anything else the first value is kept."),
    "sum": ("Add up the rows of each key", "Numbers are added up, of anything else the first value is kept."),
    "count": ("Only count the rows of each key", "One column is brought along: how many rows there are."),
}


def bare(name: str) -> str:
    """A table's name without the ending of its file.

    >>> bare("flights.parquet"), bare("a/b"), bare("No. 7 of 9")
    ('flights', 'a/b', 'No. 7 of 9')
    """
    stem, dot, ending = name.rpartition(".")
    return stem if dot and stem and ending.isalnum() and len(ending) <= 7 else name


def show(plan: JoinPlan, right: Dataset) -> JoinStep | None:
    """The form; None until something that has to be chosen is."""
    place = f"{plan.base}-{len(plan.steps)}-{right.id}"
    names, others = join_work.names_so_far(plan), [c.name for c in right.columns]
    with st.container(border=True, key="join-form"):
        one, two = st.columns(2, gap="medium")
        with one:
            keys = _keys(plan, right, names, others, place)
        with two:
            how = st.radio(
                "Rows to keep", list(HOWS), format_func=lambda h: HOWS[h][0], key=f"join-how-{place}",
                captions=[HOWS[h][1] for h in HOWS],
            )  # fmt: skip
        ways = _ways(plan, right, keys, place)
    if ways is None:
        return None
    step = JoinStep(right.id, right.name, ways, how)
    step = _repeats(plan, step, right, place)
    return _columns(step, names, others, place)


def _keys(plan: JoinPlan, right: Dataset, names: Sequence[str], others: Sequence[str], place: str) -> list[JoinKey]:
    found = join_work.suggestions(plan, right)
    labels = [_label(s.keys) for s in found]
    chosen = len(found)
    if found:
        chosen = st.radio(
            "Keys: the columns that say which rows belong together",
            list(range(len(found) + 1)),
            format_func=lambda i: labels[i] if i < len(found) else OTHER,
            captions=[*(_sentence(s.reason) for s in found), "Choose them yourself."],
            key=f"join-keys-{place}",
        )
    else:
        widgets.muted("No columns of the two hold the same values. Choose the keys that belong together.")
    if chosen is not None and chosen < len(found):
        return list(found[chosen].keys)
    count = st.segmented_control(
        "Number of key columns", list(range(1, MOST_KEYS + 1)), default=1, required=True, key=f"join-count-{place}"
    )
    keys = []
    for i in range(int(count or 1)):
        left, other = st.columns(2)
        a = left.selectbox(f"Key {i + 1}, so far", names, key=f"join-a-{place}-{i}", format_func=widgets.short)
        b = other.selectbox(
            f"Key {i + 1}, in the added table", others, key=f"join-b-{place}-{i}", format_func=widgets.short
        )
        keys.append(JoinKey(a, b))
    return keys


def _sentence(reason: str) -> str:
    return widgets.plain(f"{reason[:1].upper()}{reason[1:]}.")


def _label(keys: Sequence[JoinKey]) -> str:
    shown = [k.left if k.left == k.right else f"{k.left} = {k.right}" for k in keys]
    return widgets.label(" and ".join(widgets.short(s, 40) for s in shown), 120)


def _ways(plan: JoinPlan, right: Dataset, keys: Sequence[JoinKey], place: str) -> tuple[JoinKey, ...] | None:
    """How each key is compared: asked where the types differ, offered where another way finds more."""
    out = []
    for key in keys:
        here = f"join-as-{place}-{key.left}-{key.right}"
        why, ways, better = join_work.compare(plan, right, key.left, key.right, "same")
        found = {way.compare: way.found for way in ways}
        options = list(found)
        if why:
            st.warning(f"{widgets.plain(why)} Choose how to compare them.", icon=":material/compare_arrows:")
        elif better:
            st.info(widgets.plain(better[1]), icon=":material/compare_arrows:")
        elif len(options) < 2 or (key.compare == "same" and found.get("same", 0) > 0):
            out.append(key)
            continue
        chosen = st.radio(
            f"Compare {widgets.label(key.left, 40)} and {widgets.label(key.right, 40)}",
            options,
            index=None if why else options.index(better[0].compare) if better and not found.get("same") else 0,
            format_func=lambda way: COMPARES[way][:1].upper() + COMPARES[way][1:],
            captions=[f"Finds {wording.percent(found[way])} of the rows" for way in options],
            key=here,
        )
        if chosen is None:
            return None
        out.append(replace(key, compare=chosen))
    return tuple(out)


def _repeats(plan: JoinPlan, step: JoinStep, right: Dataset, place: str) -> JoinStep:
    """What becomes of keys that repeat; asked where they do."""
    check = join_work.check(plan, step)
    if not check.multiplied or step.how == "right":
        return step
    dates = [c.name for c in right.columns if c.kind.value == "datetime"]
    options = [r for r in REPEATS if r != "latest" or dates]
    with st.container(border=True, key="join-repeats"):
        st.warning(
            f"{wording.count(check.repeated)} {'key repeats' if check.repeated == 1 else 'keys repeat'} in "
            f"{widgets.plain(widgets.short(right.name, 40))}: {wording.count(check.rows_left)} rows would become "
            f"{wording.count(check.rows_out)}.",
            icon=":material/call_split:",
        )
        one, two = st.columns([3, 2], gap="medium")
        with one:
            repeats = st.radio(
                "Rows that share a key", options, format_func=lambda r: REPEATS[r][0],
                captions=[REPEATS[r][1] for r in options], key=f"join-repeats-{place}",
            )  # fmt: skip
            latest = None
            if repeats == "latest":
                latest = st.selectbox("The latest by", dates, key=f"join-latest-{place}", format_func=widgets.short)
        with two:
            widgets.muted("The keys that multiply rows most")
            st.dataframe(
                {
                    "key": [r.key for r in check.top],
                    "rows so far": [r.left for r in check.top],
                    "rows added": [r.right for r in check.top],
                },
                hide_index=True,
                key="join-top",
            )
    return replace(step, repeats=repeats, latest=latest)


def _ending(stem: str) -> str:
    """A table's name as an ending: whole words of it, at most 24 characters where they allow."""
    words = [w for w in stem.split("_") if w]
    while len(words) > 1 and len("_".join(words)) > ENDING:
        words.pop()
    return "_".join(words)[:ENDING] or "added"


def _columns(step: JoinStep, names: Sequence[str], others: Sequence[str], place: str) -> JoinStep:
    """Which columns come along, and what they are called where a name is taken."""
    keys = {k.right for k in step.keys}
    free = [c for c in others if c not in keys]
    stem = "".join(c if c.isalnum() else "_" for c in bare(step.name).lower())
    suffix = f"_{_ending(stem)}"
    clashes = [c for c in free if c in set(names)]
    if step.repeats == "count":
        return replace(step, columns=brought(names, others, step, suffix=suffix))
    label = f"Columns to bring along · {len(free)}"
    if clashes:
        label += f" · {len(clashes)} {'name is' if len(clashes) == 1 else 'names are'} taken"
    with st.expander(label, key=f"join-columns-box-{place}"):
        wanted = st.multiselect(
            "Bring along", free, default=free, key=f"join-columns-{place}-{len(free)}", format_func=widgets.short
        )
        if clashes:
            suffix = st.text_input(
                "Added to names that are taken", suffix, key=f"join-suffix-{place}", max_chars=40,
                help="Both tables have columns of these names; those of the added table get this ending.",
            )  # fmt: skip
        columns = brought(names, others, step, suffix=suffix.strip() or "_added", wanted=wanted)
        changed = [f"{widgets.short(a, 40)} → {widgets.short(b, 60)}" for a, b in columns.items() if a != b]
        if changed:
            widgets.quiet_lines(*changed[:12])
    return replace(step, columns=columns)
