"""How many threads the libraries that multiply matrices may use.

On matrices of a table's shape two threads wait for each other most of the time, and add up in another order than
one: the last bits would hang on the machine.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any


def at_most(count: int) -> Any:
    """Inside `with at_most(1):` they use one thread.

    >>> with at_most(1):
    ...     {library["num_threads"] for library in _libraries().select(user_api="blas").info()}
    {1}
    """
    return _libraries().limit(limits=count, user_api="blas")


@cache
def _libraries() -> Any:
    """Numpy's and scipy's; looking for them takes 8 ms, as long as a small fit, so it is done once."""
    from threadpoolctl import ThreadpoolController

    importlib.import_module("scipy.linalg")  # its own is loaded with it
    return ThreadpoolController()
