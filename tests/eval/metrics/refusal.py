"""Refusals both ways: how many of the unanswerable are refused, how many of the answerable wrongly so?"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["refusal_rate", "threshold_at"]


def refusal_rate(refused: Sequence[bool]) -> float | None:
    """Give the share refused; None when there is nothing to count."""
    return sum(refused) / len(refused) if refused else None


def threshold_at(answerable: Sequence[float], rate: float) -> float:
    """Give the highest threshold that refuses at most this share of the answerable.

    A question is refused when its confidence is below the threshold.
    """
    ordered = sorted(answerable)
    allowed = int(rate * len(ordered) + 1e-9)
    return ordered[allowed] if allowed < len(ordered) else float("inf")
