"""Whether the work of a function grows with its input, and not with its square."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

_TIMES = 4
_MOST = 9
"""Linear work takes 4 times as long for an input 4 times as large, quadratic work 16 times."""
_ROUNDS = 6
_FLOOR = 0.005
"""Seconds under the shorter time, so that what costs nearly nothing is not judged by the clock's grain."""


def assert_grows_linearly(made: Callable[[int], Callable[[], object]], size: int) -> None:
    """Assert that four times the input takes about four times as long.

    Only the shortest times of this thread count, without garbage collection: what else the machine does can
    only make one longer; they are taken until they show linear growth, at most six times over.

    Args:
        made: Makes what is to be run for an input of a size.
        size: The size of the smaller input.
    """
    runs = [made(size), made(_TIMES * size)]
    shortest = [float("inf")] * len(runs)
    collected = gc.isenabled()
    gc.disable()
    try:
        for _ in range(_ROUNDS):
            for at, run in enumerate(runs):
                begun = time.thread_time()
                run()
                shortest[at] = min(shortest[at], time.thread_time() - begun)
            if shortest[1] < _MOST * max(shortest[0], _FLOOR):
                return
    finally:
        if collected:
            gc.enable()
    raise AssertionError(
        f"{_TIMES} times the input takes {shortest[1] / shortest[0]:.1f} times as long: {shortest}"
    )
