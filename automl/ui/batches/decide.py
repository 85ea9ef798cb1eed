"""A batch that was checked: what was found, what has to be decided, what the output is to hold."""

from __future__ import annotations

from typing import Any

import streamlit as st

from automl import insight, wording
from automl.bundle import Bundle
from automl.errors import ForetableError
from automl.jobs import batches
from automl.predict import Check, Choices, Extras, Fill, Status, Violation, Wishes, fits_excel
from automl.predict.columns import usual_value
from automl.predict.extras import MANY_ROWS
from automl.types import Batch, ModelVersion, from_dict, to_dict
from automl.ui import widgets
from automl.ui.batches import output
from automl.ui.boundary import failing_softly
from automl.ui.state import workspace

START_SECONDS = 3.0  # until a process of its own is at work
SLOWER = 2.0  # members that count more may be the slower ones
ALL, SOME, NONE = "All columns of the table", "Some of them", "None, the predictions alone"
TITLES = {
    Status.REPAIRED: ("Repaired", "and nothing to be done about it"),
    Status.DOUBT: ("Worth a look", "it is predicted all the same"),
}


def show(model: ModelVersion, bundle: Bundle, batch: Batch) -> None:
    """The check, the decisions, the output, and the button that starts it."""
    names = list(batch.contract["names"])
    check = from_dict({k: v for k, v in batch.contract.items() if k != "names"}, Check)
    if check.refused:
        st.error(widgets.plain(check.refused), icon=":material/block:")
        _discard(batch, "Choose another table")
        return
    left, right = st.columns([3, 2], gap="medium")
    with left:
        choices, open_ = _decisions(bundle, check, names, batch)
        if choices.renames or choices.fills:
            check = _again(batch.id, str(to_dict(choices)), bundle, choices, batch)
        found(check)
    with right:
        with st.container(border=True):
            wishes = _output(bundle, check, names, batch, choices)
        if open_:
            widgets.muted(f"First decide about {open_} {'column' if open_ == 1 else 'columns'}.")
        st.button(
            f"Predict {wording.count(batch.rows)} rows" if batch.rows != 1 else "Predict 1 row",
            type="primary", key="start-batch", width="stretch", disabled=bool(open_), icon=":material/play_arrow:",
            on_click=failing_softly(_start), args=(batch.id, to_dict(wishes)),
        )  # fmt: skip
        _discard(batch, "Don't predict this table")


def found(check: Check) -> None:
    """What was found, by what it means."""
    with st.container(border=True):
        which = f"All {check.needed}" if check.fine == check.needed else f"{check.fine} of the {check.needed}"
        widgets.card_title(f"{which} columns that the model reads are as in training")
        if check.looked_at < check.rows:
            widgets.muted(
                f"The first {wording.count(check.looked_at)} rows were looked at; all are while they are predicted."
            )
        shown = False
        for status, (title, detail) in TITLES.items():
            violations = check.of(status)
            if violations:
                shown = True
                widgets.said(title, detail)
                widgets.bullets([v.sentence for v in violations])
        if not shown and not check.undecided:
            widgets.muted("Nothing had to be repaired, and nothing is doubtful.")


def _decisions(bundle: Bundle, check: Check, names: list[str], batch: Batch) -> tuple[Choices, int]:
    """One question for each column that is missing or holds something else; and how many are still open."""
    asked = [v for v in check.undecided if v.column]
    if not asked:
        return Choices(), 0
    renames, fills, taken = {}, {}, set()
    with st.container(border=True):
        title = "One column needs a decision" if len(asked) == 1 else f"{len(asked)} columns need a decision"
        widgets.card_title(title)
        if len(asked) > 1:
            st.button(
                "Count all of them as missing", key="all-missing", on_click=_all_missing,
                args=([_key(batch, v.column) for v in asked],),
            )  # fmt: skip
        for violation in asked:
            options = _options(violation, bundle, names)
            chosen = st.selectbox(
                widgets.plain(violation.sentence), list(options), index=None, placeholder="Choose what stands in for it",
                format_func=lambda o, options=options: options[o], key=_key(batch, violation.column),
            )  # fmt: skip
            if chosen is None:
                continue
            if chosen in (Fill.MISSING, Fill.USUAL):
                fills[violation.column] = str(chosen)
            elif chosen in taken:
                st.warning(f"'{widgets.plain(chosen[7:])}' stands for another column already.", icon=":material/error:")
            else:
                taken.add(chosen)
                renames[violation.column] = chosen.removeprefix("column:")
    return Choices(renames, fills), len(asked) - len(renames) - len(fills)


def _options(violation: Violation, bundle: Bundle, names: list[str]) -> dict[str, str]:
    column = next(c for c in bundle.schema["columns"] if c["name"] == violation.column)
    options = {}
    if violation.suggestion:
        options[f"column:{violation.suggestion}"] = f"It is '{widgets.short(violation.suggestion, 40)}' here"
    options[Fill.MISSING.value] = "Count it as missing in every row"
    if column.get("default") is not None:
        options[Fill.USUAL.value] = f"Fill it with its usual value, {usual_value(column)}"
    known = {c["name"] for c in bundle.schema["columns"]}
    for name in names:
        if name not in known and name != violation.suggestion:
            options[f"column:{name}"] = f"It is '{widgets.short(name, 40)}' here"
    return options


def _key(batch: Batch, column: str | None) -> str:
    return f"decide-{batch.id}-{column}"


def _all_missing(keys: list[str]) -> None:
    for key in keys:
        st.session_state[key] = Fill.MISSING.value


@st.cache_data(show_spinner="Checking again", max_entries=32)
def _again(id: str, chosen: str, _bundle: Bundle, _choices: Choices, _batch: Batch) -> Check:
    return batches.recheck(workspace(), _batch, _bundle, _choices)


def _output(bundle: Bundle, check: Check, names: list[str], batch: Batch, choices: Choices) -> Wishes:
    widgets.card_title("The output")
    kept = st.selectbox("Columns beside the predictions", [ALL, SOME, NONE], key=f"keep-{batch.id}")
    keep: tuple[str, ...] | None = None
    if kept == SOME:
        keep = tuple(st.multiselect("Which", names, format_func=widgets.short, key=f"keep-some-{batch.id}"))
    elif kept == NONE:
        keep = ()
    extras = _extras(bundle, batch)
    warnings = output.warnings(batch.id)
    formats = ["csv"]
    too_large = fits_excel(batch.rows, len(names) + 10)
    if st.toggle("An Excel file as well", key=f"excel-{batch.id}", disabled=too_large is not None):
        formats.append("xlsx")
    if too_large:
        widgets.muted(too_large)
    widgets.muted("CSV and Parquet are always written.")
    return Wishes(choices, keep, tuple(formats), warnings, extras)


def _extras(bundle: Bundle, batch: Batch) -> Extras:
    level = output.how_sure(bundle, batch.id)
    plain, explained = _seconds(bundle, batch)
    reasons = output.reasons(bundle, batch.id)
    if plain is not None:
        widgets.muted(
            f"With the reasons it takes up to {wording.duration(round(explained))}." if reasons
            else f"Takes about {wording.duration(round(plain))}"
            + (f"; with the reasons up to {wording.duration(round(explained))}." if explained is not None else ".")
        )
    return Extras(level, reasons, quick=True)


def _seconds(bundle: Bundle, batch: Batch) -> tuple[float | None, float | None]:
    """How long the batch takes without and with reasons, told from how long a row takes the model."""
    each = (bundle.latency or {}).get("many_ms")
    if each is None:  # not measured: that of the best candidate
        each = next((t.predict_ms_per_row for t in bundle.leaderboard if t.predict_ms_per_row is not None), None)
    if each is None:
        return None, None
    plain = each * batch.rows / 1000
    if insight.too_wide(bundle):
        return START_SECONDS + plain, None
    explainer = insight.explainer(bundle, quick=batch.rows > MANY_ROWS)
    # hybrid rows are predicted by one member each, some of them slower than others
    explained = plain * (2 + SLOWER * explainer.steps / max(len(bundle.model.weights), 1))
    return START_SECONDS + plain, START_SECONDS + explained


def _start(id: str, wishes: dict[str, Any]) -> None:
    batches.submit(workspace(), workspace().batches.get(id), wishes)


def _discard(batch: Batch, label: str) -> None:
    if st.button(label, key="discard-batch", width="stretch"):
        try:
            workspace().batches.delete(batch.id)
        except ForetableError as e:
            st.error(widgets.plain(str(e)), icon=":material/error:")
            return
        st.query_params.pop("batch", None)
        st.rerun()
