"""The number of threads of matrix products: for every thread of the process, and as it was afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

from automl.families import threads


def counts() -> set[int]:
    return {library["num_threads"] for library in threads._libraries().select(user_api="blas").info()}


def test_every_thread_can_set_it_and_the_last_takes_it_off():
    before = counts()
    with threads.at_most(1):  # the main thread was first: others must not be ignored
        assert counts() == {1}
    left, looked, together = Event(), Event(), Barrier(2)

    def leaves_first() -> None:
        with threads.at_most(1):
            together.wait(5)
        left.set()
        looked.wait(5)

    def stays() -> set[int]:
        with threads.at_most(1):
            together.wait(5)
            left.wait(5)
            seen = counts()
        looked.set()
        return seen

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(leaves_first), pool.submit(stays)
        assert second.result() == {1}
        first.result()
    assert counts() == before
