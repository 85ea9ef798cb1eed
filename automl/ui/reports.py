"""Downloads of a model's reports; each is written when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from automl.bundle import Bundle
from automl.types import Dataset, ModelVersion
from automl.ui import actions, header, widgets

HTML, PDF = "text/html", "application/pdf"


def button(model: ModelVersion, bundle: Bundle) -> None:
    """The button behind which the downloads are."""
    with st.popover("Report", icon=":material/description:", key="reports"):
        widgets.muted("One file with all that is here, for someone who has no access to it.")
        name = f"{actions.file_name(model.name)}-report"
        _download("Download as PDF", lambda: _pdf(_whole, model, bundle), f"{name}.pdf", PDF, "report-pdf")
        _download("Download as HTML", lambda: _html(_whole, model, bundle), f"{name}.html", HTML, "report-html")
        st.divider()
        widgets.muted("How it was trained: every candidate, its curves, what rules found.")
        name = f"{actions.file_name(model.name)}-training"
        _download("Training report", lambda: _html(_training, model, bundle), f"{name}.html", HTML, "report-training")


def _download(label: str, data: Callable[[], Any], name: str, mime: str, key: str) -> None:
    st.download_button(label, data=data, file_name=name, mime=mime, key=key, on_click="ignore", width="stretch")


def _html(make: Callable[[ModelVersion, Bundle], Any], model: ModelVersion, bundle: Bundle) -> bytes:
    from automl.report import html

    return html.render(make(model, bundle)).encode()


def _pdf(make: Callable[[ModelVersion, Bundle], Any], model: ModelVersion, bundle: Bundle) -> bytes:
    from automl.report import pdf

    return pdf.render(make(model, bundle))


def _whole(model: ModelVersion, bundle: Bundle) -> Any:
    from automl.report.model import model_report

    return model_report(bundle, model.name, version=model.number, date=_date(model), data=_data(model))


def _training(model: ModelVersion, bundle: Bundle) -> Any:
    from automl.report.model import training_report

    return training_report(bundle, model.name, version=model.number, date=_date(model))


def _date(model: ModelVersion) -> str:
    return f"{model.created[:10]} UTC"


def _data(model: ModelVersion) -> str:
    dataset: Dataset | None = header.dataset_of(header.Opened(model, None))
    return f"learned from {dataset.name}" if dataset else ""
