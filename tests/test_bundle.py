from __future__ import annotations

import json
import pickletools
import shutil
import zipfile

import pytest

from automl import bundle
from automl.errors import BundleError


@pytest.fixture
def copy(churn_bundle, tmp_path):
    return shutil.copytree(churn_bundle.folder, tmp_path / "copy")


def files(folder):
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "manifest.json")


def test_manifest_lists_every_file(churn_bundle):
    listed = set(churn_bundle.manifest["files"])
    assert listed == {p.relative_to(churn_bundle.folder).as_posix() for p in files(churn_bundle.folder)}
    assert listed >= {
        *bundle.REQUIRED,
        "reading.json",
        "requirements.txt",
        "notebook.ipynb",
        "reference.parquet",
    }
    assert churn_bundle.manifest["format"] == bundle.FORMAT_VERSION
    assert "scikit-learn" in churn_bundle.manifest["libraries"]


def test_every_changed_file_is_found(copy):
    for path in files(copy):
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(BundleError, match="is damaged"):
            bundle.load(copy)
        path.write_bytes(content)
    bundle.load(copy)


def test_a_missing_file_is_named(copy):
    shutil.rmtree(copy / "members")
    with pytest.raises(BundleError, match="members/0/.* is missing"):
        bundle.load(copy)


@pytest.mark.parametrize(
    ("manifest", "says"),
    [
        ("{", "damaged"),
        ("[]", "damaged"),
        ("{}", "damaged"),
        ('{"format": "x", "files": {}}', "damaged"),
        ('{"format": 1, "files": 3}', "damaged"),
        ('{"format": 1, "files": {}}', "does not list"),
        ('{"format": 2, "files": {}}', "newer version"),
    ],
)
def test_a_bad_manifest_is_said(copy, manifest, says):
    (copy / "manifest.json").write_text(manifest)
    with pytest.raises(BundleError, match=says):
        bundle.load(copy)


def test_no_model_there(tmp_path):
    for folder in (tmp_path, tmp_path / "nosuch"):
        with pytest.raises(BundleError, match="no Foretable model"):
            bundle.load(folder)


def test_parity_holds_and_a_changed_model_is_refused(churn_bundle, copy):
    bundle.check_parity(churn_bundle)
    path = copy / "sample_output.json"
    values = json.loads(path.read_text())["values"]
    values[0][0] += 1e-4
    path.write_text(json.dumps({"values": values}))
    with pytest.raises(BundleError, match="predicts otherwise"):
        bundle.check_parity(bundle.load(copy, verify=False))


def test_parity_sample_is_of_training_rows_without_the_target(churn_bundle):
    sample = json.loads((churn_bundle.folder / "sample_input.json").read_text())
    assert set(sample) == {c["name"] for c in churn_bundle.schema["columns"]}


def is_pickle(data: bytes) -> bool:
    """Whether data runs as a pickle to its end."""
    try:
        ops = [op.name for op, _, _ in pickletools.genops(data)]
    except Exception:
        return False
    return len(ops) > 1 and ops[-1] == "STOP" and ("PROTO" in ops or "GLOBAL" in ops)


def test_nothing_is_pickled(churn_bundle):
    assert is_pickle(b"\x80\x04N.")
    for path in files(churn_bundle.folder):
        parts = [path.read_bytes()]
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    part = archive.read(name)
                    assert b"|O" not in part[:128], path  # an object array is a pickle inside
                    parts.append(part)
        for part in parts:
            assert not is_pickle(part), path
            assert b"joblib" not in part and b"sklearn.linear_model._" not in part, path


def test_two_seals_of_one_folder_are_the_same(copy, tmp_path):
    twin = shutil.copytree(copy, tmp_path / "twin")
    first, second = (bundle.seal(f, tmp_path / f"{f.name}-sealed") for f in (copy, twin))
    assert (first / "manifest.json").read_bytes() == (second / "manifest.json").read_bytes()
    assert not copy.exists()
