"""What is added to a sealed model later: each addition has a seal of its own, the model's files stay as they are.

An addition is a JSON file in the model's folder that the manifest does not list. It names the manifest
it belongs to, so that it can't be taken for another model's, and the digest of its own content.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from automl.errors import BundleError
from automl.store import files

MANIFEST = "manifest.json"


def write(folder: Path, name: str, content: Any) -> None:
    """Add `content` (plain JSON) to the model in `folder` as the file `name`; whole or not at all.

    Raises BundleError when the folder can't be written.
    """
    document = {"model": files.digest(folder / MANIFEST), "digest": _digest(content), "content": content}
    staged = folder / f".{name}.{os.getpid()}.part"
    try:
        staged.write_text(
            json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False), encoding="utf-8"
        )
        files.flush(staged)
        files.publish(staged, folder / name)
    except OSError as e:
        raise BundleError(
            f"The model's folder can't be written ({e.strerror or e}). Check the rights to '{folder}' and the room."
        ) from e
    finally:
        staged.unlink(missing_ok=True)


def remove(folder: Path, name: str) -> None:
    """Take an addition away; missing is fine."""
    (folder / name).unlink(missing_ok=True)


def read(folder: Path, name: str) -> Any:
    """The content of an addition, or None where there is none.

    Raises
    ------
    BundleError
        It was changed by hand, cut short, or belongs to another model.
    """
    path = folder / name
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        document = json.loads(text)
        belongs, digest, content = document["model"], document["digest"], document["content"]
    except (ValueError, KeyError, TypeError) as e:
        raise BundleError(_damaged(path)) from e
    if belongs != files.digest(folder / MANIFEST) or digest != _digest(content):
        raise BundleError(_damaged(path))
    return content


def _digest(content: Any) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _damaged(path: Path) -> str:
    return (
        f"'{path.name}' in the model '{path.parent}' is damaged or belongs to another model. "
        "Remove this file to use the model as it was built."
    )
