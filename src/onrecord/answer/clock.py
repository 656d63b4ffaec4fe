"""How long the steps of an answer take."""

from __future__ import annotations

import time


class Clock:
    """Runs from when it is made; a lap ends a step.

    Attributes:
        laps: Step to milliseconds.
    """

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._first = self._last = time.perf_counter()

    def lap(self, step: str) -> None:
        """End a step, and begin the next."""
        now = time.perf_counter()
        self.laps[step] = round(1000 * (now - self._last), 3)
        self._last = now

    def elapsed(self) -> float:
        """Give the seconds since it was made."""
        return time.perf_counter() - self._first
