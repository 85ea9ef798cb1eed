"""How many threads the libraries that multiply matrices may use.

On matrices of a table's shape two threads wait for each other most of the time, and add up in another order than
one: the last bits would hang on the machine.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

_lock = threading.Lock()
_inside: list[Any] = []  # what takes the limit off again, once for each that is inside


@contextmanager
def at_most(count: int) -> Iterator[None]:
    """Inside `with at_most(1):` they use one thread.

    The libraries have one number for the whole process. While several threads of this process are inside, that of the
    first one holds, and it is taken off when the last one leaves: else the first to leave would change what the others get.

    >>> with at_most(1):
    ...     {library["num_threads"] for library in _libraries().select(user_api="blas").info()}
    {1}
    """
    with _lock:
        if not _inside:
            _free()
        _inside.append(_inside[-1] if _inside else _libraries().limit(limits=count, user_api="blas"))
    try:
        yield
    finally:
        with _lock:
            limit = _inside.pop()
            if not _inside:
                _free()
                limit.restore_original_limits()
                _free()


def _free() -> None:
    """Let any thread set the number: threadpoolctl leaves that to the first one that does, and ignores the others."""
    for library in _libraries().lib_controllers:
        if hasattr(library, "clear_controlling_thread"):
            library.clear_controlling_thread(force=True)


@cache
def _libraries() -> Any:
    """Numpy's and scipy's; looking for them takes 8 ms, as long as a small fit, so it is done once."""
    from threadpoolctl import ThreadpoolController

    importlib.import_module("scipy.linalg")  # its own is loaded with it
    return ThreadpoolController()
