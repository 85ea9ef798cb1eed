"""Two batches side by side: how the predictions shifted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from automl import wording
from automl.bundle import Bundle
from automl.errors import ForetableError
from automl.predict.compare import Comparison, compare
from automl.types import Batch, ModelVersion
from automl.ui import tables, widgets
from automl.ui.state import workspace

ORDER = "Row by row, in the same order"


def show(model: ModelVersion, bundle: Bundle, batch: Batch) -> None:
    """Choose another batch of this model or of its other versions."""
    others = _others(model, bundle, batch)
    with st.container(border=True):
        widgets.card_title("Compare with another batch")
        if not others:
            widgets.muted("There is no other finished batch of this model, or of another version, yet.")
            return
        left, right = st.columns(2)
        chosen = left.selectbox(
            "The earlier one", list(others), index=None, placeholder="None chosen", key=f"beside-{batch.id}",
            format_func=lambda id: others[id][1],
        )  # fmt: skip
        if chosen is None:
            return
        other = others[chosen][0]
        ways = [ORDER, *(n for n in _names(batch) if n in set(_names(other)))]
        usual = _key_like(batch, ways[1:])
        way = right.selectbox(
            "How rows are matched", ways, index=ways.index(usual) if usual else 0, format_func=widgets.short,
            key=f"beside-way-{batch.id}-{chosen}",
        )  # fmt: skip
        try:
            found = _compared(str(_path(other)), str(_path(batch)), (other, batch), bundle, None if way == ORDER else way)
        except ForetableError as e:
            st.error(widgets.plain(str(e)), icon=":material/error:")
            return
        _draw(found, bundle)


def _others(model: ModelVersion, bundle: Bundle, batch: Batch) -> dict[str, tuple[Batch, str]]:
    """Finished batches of models of the same name that predict the same labels."""
    out = {}
    for other in workspace().models(model.project):
        if other.name != model.name or not other.spec or not model.spec:
            continue
        if other.spec.problem.target != model.spec.problem.target or other.spec.problem.classes != model.spec.problem.classes:
            continue
        for found in workspace().batches.of(model=other.id):
            if found.outcome and found.id != batch.id:
                version = "" if other.id == model.id else f" · version {other.number}"
                said = f"{widgets.short(found.name, 40)} · {found.created[:16].replace('T', ' ')}{version}"
                out[found.id] = (found, said)
    return out


def _path(batch: Batch) -> Path:
    return workspace().batches.output(batch, "parquet")


def _names(batch: Batch) -> list[str]:
    import pyarrow.parquet as pq

    return [n for n in pq.read_schema(_path(batch)).names if n not in batch.outcome["added"]]


def _key_like(batch: Batch, names: list[str]) -> str | None:
    """The first column whose values are all different in the rows on top: an id, most likely."""
    from automl.ui.batches.result import _head

    head = _head(str(_path(batch)))
    return next((n for n in names if n in head and head[n].dtype.kind != "f" and head[n].is_unique), None)


@st.cache_data(show_spinner="Comparing", max_entries=8)
def _compared(first: str, second: str, _batches: tuple[Batch, Batch], _bundle: Bundle, key: str | None) -> Comparison:
    problem = _bundle.model.problem
    return compare(
        Path(first), Path(second), tuple(b.outcome["added"] for b in _batches),
        classes=[str(c) for c in problem.classes] if problem.has_probabilities else [],
        positive=problem.positive_code if len(problem.classes) == 2 else 1, key=key,
    )  # fmt: skip


def _draw(found: Comparison, bundle: Bundle) -> None:
    st.markdown(widgets.plain(found.sentence))
    if found.note:
        widgets.muted(found.note)
    rows = spread_rows(found.spread)
    if "label" in found.spread:
        tables.table(("Predicted", "Earlier", "This one"), rows, right=(1, 2))
    else:
        with st.expander("How the predictions are spread"):
            tables.table(("Predicted", "Earlier", "This one"), rows, right=(1, 2))
    if len(found.changed):
        problem = bundle.model.problem
        two = len(problem.classes) == 2
        label = str(problem.classes[problem.positive_code]) if two else ""
        widgets.said("The rows that changed most", f"by the probability of {widgets.short(label, 30)}" if two else "by how far the prediction moved")
        as_text = (lambda v: f"{v * 100:+.1f} points") if problem.has_probabilities else (lambda v: f"{'+' if v > 0 else '−'}{wording.number(abs(v))}")
        shown = [
            (str(row[0]), _said(row[1]), _said(row[2]), as_text(row[3]))
            for row in found.changed.head(10).itertuples(index=False)
        ]
        tables.table((str(found.changed.columns[0]), "Earlier", "This one", "Change"), shown, right=(3,))


def spread_rows(spread: Any) -> list[tuple[str, str, str]]:
    """The spread of both batches as cells: a label or a range, and the share of rows in each."""
    rows = []
    for entry in spread.to_dict("records"):
        name = entry.get("label") or f"{wording.number(entry['from'])} to {wording.number(entry['to'])}"
        rows.append((str(name), wording.percent(entry["first"]), wording.percent(entry["second"])))
    return rows


def _said(value: Any) -> str:
    return wording.number(value) if isinstance(value, float) else str(value)
