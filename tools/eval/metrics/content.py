"""Content spans: how many of the gold spans were found, and how many of those found are gold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Found", "count_found", "overlap", "trim"]

Span = tuple[int, int]

_MARKS = "\"'“”„‟‘’‚«»‹›「」『』`"


@dataclass(frozen=True, slots=True)
class Found:
    """Spans counted over any number of documents.

    Attributes:
        gold: How many there are.
        shown: How many a system gave.
        both: Pairs of the two, each span in one pair at most.
    """

    gold: int = 0
    shown: int = 0
    both: int = 0

    def __add__(self, other: Found) -> Found:
        return Found(self.gold + other.gold, self.shown + other.shown, self.both + other.both)

    @property
    def precision(self) -> float | None:
        """Share of the shown that are gold; None when nothing is shown."""
        return self.both / self.shown if self.shown else None

    @property
    def recall(self) -> float | None:
        """Share of the gold that is shown; None when there is none."""
        return self.both / self.gold if self.gold else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both (Dice); None when there is nothing on either side."""
        total = self.gold + self.shown
        return 2 * self.both / total if total else None


def overlap(one: Span, other: Span) -> float:
    """Give the shared part of two spans as a share of the longer one."""
    longer = max(one[1] - one[0], other[1] - other[0])
    return max(min(one[1], other[1]) - max(one[0], other[0]), 0) / longer if longer else 0.0


def trim(text: str, span: Span, *, points: str = "") -> Span:
    """Cut white space, quotation marks and the given points from both ends."""
    start, end = span
    while start < end and (text[start].isspace() or text[start] in _MARKS + points):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in _MARKS + points):
        end -= 1
    return start, end


def count_found(gold: Sequence[Span], shown: Sequence[Span], *, at_least: float) -> Found:
    """Pair gold and shown spans that overlap by at least this much, the closest pairs first."""
    pairs = sorted(
        ((overlap(one, other), i, k) for i, one in enumerate(gold) for k, other in enumerate(shown)),
        key=lambda pair: -pair[0],
    )
    left, right = set(range(len(gold))), set(range(len(shown)))
    both = 0
    for share, i, k in pairs:
        if share >= at_least and share > 0 and i in left and k in right:
            left.remove(i)
            right.remove(k)
            both += 1
    return Found(len(gold), len(shown), both)
