"""Guesses at the token: counted for each address and in all, and slowed down."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable

import anyio

from onrecord.faces.http.peer import neighbourhood

_TRIES = 5
_TRIES_OF_ALL = 50
_WINDOW = 60.0
_ADDRESSES = 10_000
_SHORTEST = 0.1
_LONGEST = 2.0
_DOUBLED = 10  # by so many guesses of all, or by one of an address
_WAITING = 64


class Guesses:
    """Counts wrong tokens and keeps their senders waiting. A right one never comes here.

    Args:
        clock: Seconds of a clock that never goes back.
        sleep: Waits so many seconds.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._of: OrderedDict[str, deque[float]] = OrderedDict()
        self._all: deque[float] = deque(maxlen=_TRIES_OF_ALL)
        self._waiting = 0

    async def wrong(self, address: str) -> int:
        """Count a wrong token, and keep its sender waiting."""
        wait = self.wait(address)
        if not wait:
            self._count(address)
        if self._waiting >= _WAITING:
            return wait or 1
        self._waiting += 1
        try:
            await self._sleep(self.delay(address))
        finally:
            self._waiting -= 1
        return wait

    def wait(self, address: str) -> int:
        """Give the seconds until a wrong token is one of few again; 0 where it is."""
        own, now = self._recent(address), self._clock()
        full = [
            times[-most] for times, most in ((own, _TRIES), (self._all, _TRIES_OF_ALL)) if len(times) >= most
        ]
        left = max((_WINDOW - (now - first) for first in full), default=0.0)
        return int(left + 0.999) if left > 0 else 0

    def delay(self, address: str) -> float:
        """Give the seconds that the answer to a wrong token is held back."""
        own, now = self._recent(address), self._clock()
        of_all = sum(now - at < _WINDOW for at in self._all)
        doublings = max(len(own) - 1, of_all // _DOUBLED, 0)
        return min(_LONGEST, _SHORTEST * 2.0**doublings)

    def _recent(self, address: str) -> deque[float]:
        now = self._clock()
        times = self._of.get(neighbourhood(address), ())
        return deque((at for at in times if now - at < _WINDOW), maxlen=_TRIES)

    def _count(self, address: str) -> None:
        recent = self._recent(address)
        recent.append(self._clock())
        self._all.append(self._clock())
        self._of[neighbourhood(address)] = recent
        self._of.move_to_end(neighbourhood(address))
        while len(self._of) > _ADDRESSES:
            self._of.popitem(last=False)
