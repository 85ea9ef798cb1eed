"""Fitted features on disk: one JSON file and one file of arrays, byte for byte reproducible."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np


def save_state(folder: Path, document: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Write what `TableFeatures.state()` gave."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, ensure_ascii=False)
    (folder / "features.json").write_text(text, encoding="utf-8")
    np.savez(folder / "features.npz", **arrays)


def load_state(folder: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read what `save_state` wrote, for `TableFeatures.from_state(*…)`. Never unpickles."""
    document = json.loads((folder / "features.json").read_text(encoding="utf-8"))
    with np.load(folder / "features.npz", allow_pickle=False) as arrays:
        return document, {name: arrays[name] for name in arrays.files}
