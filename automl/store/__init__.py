"""The workspace: everything that lasts, in one folder with a SQLite index."""

from __future__ import annotations

from automl.store.workspace import Workspace

__all__ = ["Workspace"]
