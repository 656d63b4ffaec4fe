"""One metric per module, each of pure functions."""

from __future__ import annotations

__all__: list[str] = []
