from __future__ import annotations

import math
import threading

import numpy as np
import pytest

from automl.jobs import events


@pytest.fixture
def path(tmp_path):
    return tmp_path / events.NAME


def write(path, *items):
    writer = events.EventWriter(path)
    for item in items:
        writer.write(item)
    writer.close()


def started(resume: bool) -> dict:
    return {"type": "started", "resume": resume}


def test_what_is_written_is_read_once(path):
    write(path, {"type": "a"}, {"type": "b", "text": "é\n"})
    found, offset = events.read(path)
    assert found == [{"type": "a"}, {"type": "b", "text": "é\n"}]
    assert events.read(path, offset) == ([], offset)
    write(path, {"type": "c"})
    assert events.read(path, offset)[0] == [{"type": "c"}]


def test_no_file_is_no_events(path):
    assert events.read(path, 12) == ([], 0)


def test_a_torn_last_line_is_left_for_later(path):
    write(path, {"type": "a"})
    with path.open("ab") as handle:
        handle.write(b'{"type": "b"')
    found, offset = events.read(path)
    assert found == [{"type": "a"}]
    with path.open("ab") as handle:
        handle.write(b"}\n")
    assert events.read(path, offset)[0] == [{"type": "b"}]


def test_a_line_torn_for_good_is_closed_and_skipped(path):
    write(path, {"type": "a"})
    with path.open("ab") as handle:
        handle.write('{"type": "é'.encode()[:-1])
    write(path, {"type": "c"})
    assert [e["type"] for e in events.read(path)[0]] == ["a", "c"]


def test_an_offset_past_the_end_starts_over(path):
    write(path, {"type": "a"})
    assert events.read(path, 10_000)[0] == [{"type": "a"}]


def test_numbers_without_a_json_word_are_null(path):
    write(path, {"type": "a", "x": [math.nan, np.float64(math.inf), np.float32(0.5), np.int64(3)], "y": (1, 2)})
    assert events.read(path)[0] == [{"type": "a", "x": [None, None, 0.5, 3], "y": [1, 2]}]


def test_a_fresh_start_drops_what_stood_before_and_a_retry_does_not(path):
    write(path, started(False), {"type": "a"}, started(True), {"type": "b"})
    assert [e["type"] for e in events.read(path)[0]] == ["started", "a", "started", "b"]
    write(path, started(False), {"type": "c"})
    assert [e["type"] for e in events.read(path)[0]] == ["started", "c"]


def test_two_threads_never_mix_their_lines(path):
    writer = events.EventWriter(path)

    def work(number: int) -> None:
        for _ in range(20):
            writer.write({"type": "x", "n": number, "long": "y" * 5000})

    threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    assert len(events.read(path)[0]) == 60


def trial(candidate: str, state: str, family: str = "linear") -> dict:
    return {"type": "trial", "trial": {"candidate": candidate, "family": family, "state": state}}


def test_finished_candidates_are_counted_once_without_baseline_and_ensemble():
    found = [
        trial("Baseline", "completed", "prior"),
        trial("A", "running"),
        trial("A", "completed"),
        trial("A", "completed"),
        trial("B", "failed"),
        trial("C", "running"),
        trial("Mix", "completed", "ensemble"),
        {"type": "note", "message": "m"},
    ]
    assert events.finished_candidates(found) == 1


def test_sealed_looks_at_the_last_attempt_only():
    assert events.sealed([started(False), {"type": "done"}])
    assert not events.sealed([started(False), {"type": "done"}, started(True), {"type": "stage"}])
    assert not events.sealed([])
