"""The rules that import-linter can't check, and that the documents say what is there."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(ROOT.glob("automl/**/*.py"))
PAGES = sorted(ROOT.glob("pages/*.py"))
DOCUMENTS = "\n".join(p.read_text("utf-8") for p in (ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))))

# A page reads state, calls one of these and renders. It computes nothing.
PAGE_MAY_IMPORT = (
    "ui", "types", "errors", "wording", "config", "store", "jobs.client", "data", "problem", "metrics", "bundle",
    "predict", "notebook", "families",
)  # fmt: skip
# What features import, notebooks import too: nothing of ours but the features themselves.
FEATURES_MAY_IMPORT = {"numpy", "pandas", "scipy", "sklearn", "threadpoolctl", "automl.features"}
HEAVY = ("lightgbm", "xgboost", "catboost", "optuna", "plotly", "streamlit")
# Installed because another one asks for it at run time: nothing of ours imports it.
NEEDED_UNSEEN = {"websockets": "uvicorn speaks to browsers with it"}


def imports(path: Path) -> set[str]:
    """Full names of all modules that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = node.module == "automl" or node.module.startswith("automl.")
            found |= {f"{node.module}.{a.name}" for a in node.names} if inside else {node.module}
    return found


def under(name: str, *parents: str) -> bool:
    return any(name == parent or name.startswith(parent + ".") for parent in parents)


def outside(path: Path) -> set[str]:
    """Top names of third-party modules that a file imports."""
    return {n.split(".")[0] for n in imports(path)} - set(sys.stdlib_module_names) - {"automl", "pages"}


def loaded_by(statement: str) -> tuple[set[str], float]:
    """Top names of the modules that a statement loads in a fresh process, and the seconds it took."""
    code = (
        f"import sys, time; t = time.perf_counter(); {statement}; t = time.perf_counter() - t; "
        "import json; print(json.dumps([sorted({m.split('.')[0] for m in sys.modules}), t]))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    names, seconds = json.loads(answer.stdout)
    return set(names), seconds


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_a_page_only_shows(page) -> None:
    assert outside(page) <= {"streamlit"}
    for name in imports(page):
        assert not under(name, "automl") or under(name, *(f"automl.{m}" for m in PAGE_MAY_IMPORT)), name


def test_only_the_interface_imports_streamlit() -> None:
    importers = {p.relative_to(ROOT).parts[:2] for p in SOURCES if "streamlit" in outside(p)}
    assert importers <= {("automl", "ui")}


@pytest.mark.parametrize("source", sorted(ROOT.glob("automl/features/*.py")), ids=lambda p: p.stem)
def test_features_can_stand_in_a_notebook(source) -> None:
    for name in imports(source):
        top = name.split(".")[0]
        assert top in sys.stdlib_module_names or under(name, *FEATURES_MAY_IMPORT), name


def test_importing_the_package_is_fast() -> None:
    runs = [loaded_by("import automl") for _ in range(3)]
    assert not runs[0][0] & {"pandas", "numpy", "sklearn", "cattrs", *HEAVY}
    assert min(seconds for _, seconds in runs) < 0.3


def test_the_command_line_answers_before_anything_heavy_is_loaded() -> None:
    assert not loaded_by("import automl.__main__")[0] & {"pandas", "sklearn", *HEAVY}


@pytest.mark.parametrize(
    "module", ["build", "predict", "bundle", "notebook", "estimators", "jobs.client", "store"]
)
def test_model_libraries_are_loaded_where_they_are_used(module) -> None:
    assert not loaded_by(f"import automl.{module}")[0] & set(HEAVY)


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_one_concept_a_file(source) -> None:
    assert len(source.read_text("utf-8").splitlines()) <= 600


# -- what is installed ----------------------------------------------------------------------


def pinned(file: str, section: slice) -> dict[str, str]:
    """Names and versions of a requirements file before or after its "what these need"."""
    text = (ROOT / file).read_text("utf-8").split("# what these need")[section]
    lines = [line for line in "".join(text).splitlines() if line and not line.startswith(("#", "-r"))]
    assert all("==" in line for line in lines)
    return {normal(line.split("==")[0]): line.split("==")[1] for line in lines}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_what_is_imported_is_required_and_the_other_way_round() -> None:
    ours = [*SOURCES, *PAGES, *ROOT.glob("app.py"), *ROOT.glob("sample_data/*.py")]
    modules = set().union(*(outside(p) for p in ours))
    distributions = packages_distributions()
    used = {normal(distributions[m][0]) for m in modules}
    assert used == set(pinned("requirements.txt", slice(0, 1))) - set(NEEDED_UNSEEN)


def test_every_pin_is_what_is_installed() -> None:
    from importlib.metadata import version

    for file in ("requirements.txt", "requirements-dev.txt"):
        for name, pin in pinned(file, slice(None)).items():
            assert version(name) == pin, name


# -- what is written ------------------------------------------------------------------------


def commands() -> list[str]:
    from automl.__main__ import _parser

    chosen = [a for a in _parser()._actions if hasattr(a, "choices") and isinstance(a.choices, dict)]
    return list(chosen[0].choices)


def test_every_page_is_in_the_documents() -> None:
    for page in PAGES:
        assert f"**{page.stem.replace('_', ' ').capitalize()}**" in DOCUMENTS


def test_every_command_is_in_the_documents() -> None:
    for command in commands():
        assert f"python -m automl {command}" in DOCUMENTS


def test_every_family_is_in_the_documents() -> None:
    from automl.families import FAMILIES

    for key in FAMILIES:
        assert f"`{key}`" in DOCUMENTS


def test_every_setting_is_in_the_documents() -> None:
    settings = set(
        re.findall(r"\bFORETABLE_[A-Z0-9_]+[A-Z]\b", "\n".join(p.read_text("utf-8") for p in SOURCES))
    )
    assert {s for s in settings if f"`{s}`" not in DOCUMENTS} == set()


def test_every_layer_is_in_the_documents() -> None:
    for path in ROOT.glob("automl/*"):
        if path.suffix == ".py" or (path / "__init__.py").exists():
            assert f"{path.stem}" in DOCUMENTS, path.stem


def test_what_the_documents_ask_make_for_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in set(re.findall(r"`make ([a-z-]+)", DOCUMENTS)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_what_the_documents_point_to_is_there() -> None:
    for document in (ROOT / "README.md", *ROOT.glob("docs/**/*.md")):
        for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text("utf-8")):
            assert (document.parent / link).exists(), f"{document.name}: {link}"
