"""Reports for someone who has no access to the app: one file, HTML or PDF, with nothing to load from elsewhere.

A report is a `Document` of sections and blocks (document.py) that knows neither HTML nor PDF; html.py and pdf.py
write it. What a report says is in model.py and data.py.
"""

from __future__ import annotations

from automl.report.document import Document

__all__ = ["Document"]
