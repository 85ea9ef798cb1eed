"""A model on disk: staged in a temporary folder, sealed with hashes, renamed; verified at load.

    manifest.json      format version, library versions, SHA-256 of every file; written last
    model.json features/ members/       the model itself (see model.py)
    schema.json        the prediction contract: names, kinds, ranges, categories
    spec.json leaderboard.json evaluation.json findings.json ledger.json
    training.json      how the candidates were fitted, where the time went (absent in older bundles)
    reference.parquet  a sample of the training rows
    test_rows.parquet  the test rows with what the model said of them (absent when none were set aside)
    validation_rows.parquet   out-of-fold predictions of the training rows
    latency.json       how long a prediction takes
    learning.json      what it scored after learning from ever more rows
    intervals.json     how far off predictions are on rows not learned from (see conformal.py; may be absent)
    sample_input.json sample_output.json   a parity check at load
    reading.json       how the columns of the training file were written (absent for a table in memory)
    joined/            the tables that the training table was joined with, and how (absent for any other)
    requirements.txt notebook.ipynb
    choices.json       what a user chose later; not sealed with the rest, but by itself (see additions.py)
    learning_curve.json column_impact.json latency_later.json   measured later, in the same way

Nothing in it is ever unpickled.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from automl import choices
from automl.choices import Choices
from automl.errors import BundleError
from automl.holdout import Holdout, Validated, read, read_validation
from automl.types import BuildSpec, Finding, Trial, from_dict

FORMAT_VERSION = 1
REQUIRED = (
    "model.json", "schema.json", "spec.json", "leaderboard.json", "evaluation.json", "findings.json", "ledger.json",
)  # fmt: skip
LIBRARIES = ("numpy", "pandas", "scipy", "scikit-learn", "xgboost-cpu", "lightgbm", "catboost")
PARITY_TOLERANCE = 1e-6  # relative; a model that predicts otherwise than when it was sealed is refused


def library_versions() -> dict[str, str]:
    """Versions of the installed libraries that a model may need."""
    return dict(_versions())


@functools.cache
def _versions() -> dict[str, str]:
    from importlib import metadata

    found = {}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False), encoding="utf-8")


def seal(staged: Path, target: Path) -> Path:
    """Write the manifest over everything in `staged`, flush it to disk and rename it to `target`."""
    files = {}
    for path in sorted(p for p in staged.rglob("*") if p.is_file()):
        files[path.relative_to(staged).as_posix()] = _digest(path)
        with path.open("rb") as handle:
            os.fsync(handle.fileno())
    manifest = {
        "format": FORMAT_VERSION,
        "product": "foretable",
        "libraries": library_versions(),
        "files": files,
    }
    write_json(staged / "manifest.json", manifest)
    target.parent.mkdir(parents=True, exist_ok=True)
    staged.rename(target)
    return target


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


class Bundle:
    """A verified bundle; its parts are read when they are asked for.

    Attributes
    ----------
    folder : Path
    manifest : dict
    later_names : dict
        What later versions of the data set call its columns, as far as whoever opened the bundle knows: ``{name: name here}``.
    """

    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        self.folder, self.manifest = folder, manifest
        self.later_names: dict[str, str] = {}

    def _read(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    @functools.cached_property
    def schema(self) -> dict[str, Any]:
        return self._read("schema.json")

    @functools.cached_property
    def spec(self) -> BuildSpec:
        return from_dict(self._read("spec.json"), BuildSpec)

    @functools.cached_property
    def leaderboard(self) -> list[Trial]:
        return [from_dict(t, Trial) for t in self._read("leaderboard.json")]

    @functools.cached_property
    def evaluation(self) -> dict[str, Any] | None:
        return self._read("evaluation.json")

    @functools.cached_property
    def findings(self) -> list[Finding]:
        return [from_dict(f, Finding) for f in self._read("findings.json")]

    @functools.cached_property
    def training(self) -> dict[str, Any] | None:
        """How the candidates were fitted, and where the build's time went; None in a bundle without it.

        {"candidates": [findings.record.Record], "profile": findings.record.Profile}, as dicts.
        """
        return self._read("training.json") if (self.folder / "training.json").is_file() else None

    @functools.cached_property
    def ledger(self) -> list[dict[str, Any]]:
        return self._read("ledger.json")

    @functools.cached_property
    def reading(self) -> dict[str, dict[str, Any]]:
        """How each column of the training file was read (see data.guess); empty for a table in memory."""
        return self._read("reading.json")["columns"] if (self.folder / "reading.json").is_file() else {}

    @functools.cached_property
    def _called(self) -> dict[str, str]:
        return dict(self._read("reading.json").get("renamed", {})) if (self.folder / "reading.json").is_file() else {}

    @property
    def called_otherwise(self) -> dict[str, str]:
        """What files call columns otherwise: ``{name in a file: name}``, of the training file and of later versions."""
        return {**self._called, **self.later_names}

    def test_rows(self) -> Holdout | None:
        """The test rows beside what the model said of them; None where the bundle holds none."""
        return self._test_rows

    @functools.cached_property
    def choices(self) -> Choices:
        """What was chosen for the model after it was built, as it was when this was first asked."""
        return choices.read(self.folder)

    @property
    def stamp(self) -> str:
        """What answers of this model can be kept under: its folder, and what was chosen for it later."""
        return f"{self.folder} {self.choices}"

    @property
    def built_threshold(self) -> float | None:
        """The threshold that the build decided on, or the spec asked for; None for the likeliest class."""
        return (self.evaluation or {}).get("threshold", self.spec.problem.threshold)

    @property
    def threshold(self) -> float | None:
        """The threshold that predictions use: the chosen one, or the build's; None for the likeliest class."""
        chosen = self.choices.threshold
        return self.built_threshold if chosen is None else chosen

    @functools.cached_property
    def _test_rows(self) -> Holdout | None:
        return read(self.folder, self.spec.problem)

    @functools.cached_property
    def validation_rows(self) -> Validated | None:
        """Out-of-fold predictions of the training rows; None in a bundle of an earlier version."""
        return read_validation(self.folder, self.spec.problem)

    @property
    def learning(self) -> dict[str, Any] | None:
        """The learning curve (see evaluate.learning), as it was measured last; None where it was not."""
        from automl.evaluate import learning

        if (found := learning.kept(self.folder)) is not None:
            return found
        return self._read("learning.json") if (self.folder / "learning.json").is_file() else None

    @functools.cached_property
    def latency(self) -> dict[str, float] | None:
        """`many_ms`: milliseconds a row of many, `one_ms`: for a row alone; None where it was not measured."""
        return self._read("latency.json") if (self.folder / "latency.json").is_file() else None

    @functools.cached_property
    def intervals(self) -> dict[str, Any] | None:
        """What intervals and sets are made of; None for models of earlier versions and of very few rows."""
        return self._read("intervals.json") if (self.folder / "intervals.json").is_file() else None

    @functools.cached_property
    def reference(self) -> Any:
        """A sample of the training rows as they came, with their target."""
        import pandas as pd

        return pd.read_parquet(self.folder / "reference.parquet")

    @functools.cached_property
    def typed_reference(self) -> Any:
        """The sample as the model reads it."""
        return self.model.prepare(self.reference[list(self.model.document.inputs)])

    @functools.cached_property
    def joins(self) -> Any:
        """The steps and tables that rows of the base table are joined with (see data.carried); None where there are none."""
        from automl.data.carried import unpack

        return unpack(self.folder)

    @functools.cached_property
    def model(self) -> Any:
        from automl.model import Model

        return Model(self.folder).load()

    @property
    def notebook(self) -> Path:
        return self.folder / "notebook.ipynb"


def load(folder: str | Path, *, verify: bool = True) -> Bundle:
    """Open a bundle.

    Parameters
    ----------
    folder : path
        What `train --out` or `save` wrote.
    verify : bool
        Compare every file with its SHA-256.

    Raises
    ------
    BundleError
        The folder is no model, is damaged, or was written by a newer version.
    """
    folder = Path(folder)
    path = folder / "manifest.json"
    if not path.is_file():
        raise BundleError(
            f"There is no Foretable model in '{folder}': it has no manifest.json. Check the path."
        )
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        version, files = int(manifest["format"]), dict(manifest["files"])
        lacking = [name for name in REQUIRED if name not in files]
    except (ValueError, KeyError, TypeError) as e:
        raise BundleError(f"The manifest of the model in '{folder}' is damaged. Build it again.") from e
    if version > FORMAT_VERSION:
        raise BundleError(
            f"The model in '{folder}' was written by a newer version of Foretable. Update Foretable."
        )
    if lacking:
        raise BundleError(
            f"The manifest of the model in '{folder}' does not list {lacking[0]}. Build it again."
        )
    for name, digest in files.items() if verify else ():
        if not (folder / name).is_file():
            raise BundleError(f"The model in '{folder}' is incomplete: {name} is missing. Build it again.")
        if _digest(folder / name) != digest:
            raise BundleError(f"The model in '{folder}' is damaged: {name} was changed. Build it again.")
    return Bundle(folder, manifest)


def check_parity(bundle: Bundle) -> None:
    """Predict the stored sample again; raises BundleError when the outcome differs from what was sealed."""
    import numpy as np

    from automl.schema import rows_from_json

    sample = json.loads((bundle.folder / "sample_input.json").read_text(encoding="utf-8"))
    expected = np.array(
        json.loads((bundle.folder / "sample_output.json").read_text(encoding="utf-8"))["values"]
    )
    got = bundle.model.predict_values(rows_from_json(sample))
    if got.shape != expected.shape or not np.allclose(got, expected, rtol=PARITY_TOLERANCE, atol=1e-9):
        versions = ", ".join(f"{k} {v}" for k, v in bundle.manifest["libraries"].items())
        raise BundleError(
            f"The model in '{bundle.folder}' predicts otherwise here than when it was built with {versions}. "
            "Install these versions (requirements.txt in its folder)."
        )
