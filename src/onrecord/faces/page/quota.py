"""A quota: so many of a thing in so many seconds, for each of many visitors."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

_KNOWN = 10_000


class Quota:
    """Counts what each visitor does; safe for many threads.

    Args:
        most: So many are let through.
        seconds: Within this time.
        clock: Seconds of a clock that never goes back.
    """

    def __init__(self, most: int, *, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._taken: OrderedDict[str, deque[float]] = OrderedDict()

    def take(self, who: str) -> int:
        """Count one more, if it is within the quota."""
        with self._lock:
            now = self._clock()
            taken = self._taken.pop(who, None) or deque()
            self._taken[who] = taken  # the one who came last is forgotten last
            while len(self._taken) > _KNOWN:
                self._taken.popitem(last=False)
            while taken and now - taken[0] >= self._seconds:
                taken.popleft()
            if len(taken) >= self._most:
                return max(1, int(self._seconds - (now - taken[0]) + 0.999))
            taken.append(now)
            return 0
