from __future__ import annotations

import gc
import os
import subprocess
import sys

import psutil
import pytest

from automl import memory
from automl.errors import JobError
from automl.jobs import processes


def test_a_job_may_use_most_of_what_is_free_and_its_own(monkeypatch):
    monkeypatch.delenv("FORETABLE_MEMORY_MB", raising=False)
    assert memory.limit_bytes(held=500, available=500) == 900
    assert memory.limit_bytes(held=0) < psutil.virtual_memory().total


def test_the_environment_sets_the_limit(monkeypatch):
    monkeypatch.setenv("FORETABLE_MEMORY_MB", "100")
    assert memory.limit_bytes(held=10**12) == 100 * 2**20


def test_a_setting_that_is_no_number_is_refused(monkeypatch):
    monkeypatch.setenv("FORETABLE_MEMORY_MB", "4GB")
    with pytest.raises(JobError, match="not '4GB'"):
        memory.limit_bytes(0)


def test_a_container_has_the_tighter_limit(tmp_path):
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("700\n")
    (tmp_path / "memory.stat").write_text("anon 500\ninactive_file 200\n")
    assert memory.available_bytes(tmp_path) == 500


def test_a_container_of_the_older_kind(tmp_path):
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory" / "memory.limit_in_bytes").write_text("1000")
    (tmp_path / "memory" / "memory.usage_in_bytes").write_text("1200")
    assert memory.available_bytes(tmp_path) == 0


def test_no_limit_is_no_limit(tmp_path):
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("5\n")
    assert memory.available_bytes(tmp_path) > 10**6


def test_children_count_into_a_tree():
    code = "import sys; x = b'x' * 60_000_000; print(flush=True); sys.stdin.read()"
    alone = processes.tree_bytes(os.getpid())
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        assert processes.tree_bytes(child.pid) > 55e6
        assert processes.tree_bytes(os.getpid()) > alone + 50e6
        child.stdin.close()
    assert processes.tree_bytes(child.pid) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's")
def test_freed_memory_is_handed_back():
    cells = [bytes(1_000) for _ in range(100_000)]
    kept = cells[::1_000]  # pieces in use between the freed ones
    del cells
    before = memory.private_bytes(psutil.Process())
    memory.give_back()
    assert memory.private_bytes(psutil.Process()) < before - 50_000_000
    assert len(kept) == 100


def test_python_looks_for_unused_objects_seldom_until_the_last_is_out():
    usual = gc.get_threshold()
    first, second = memory.few_collections(), memory.few_collections()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold() == memory.FEW_COLLECTIONS
    second.__exit__(None, None, None)
    assert gc.get_threshold() == usual
