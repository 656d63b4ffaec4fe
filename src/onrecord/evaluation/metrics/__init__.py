"""One metric per module, each of pure functions; ``figures.METRICS`` names those that are printed."""

from __future__ import annotations

__all__: list[str] = []
