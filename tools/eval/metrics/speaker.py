"""Speaker accuracy: is what is said given to the one who, by the annotators, said it?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from onrecord.people.names import speaks

__all__ = ["Accuracy", "Verdict", "judge_speaker"]

Span = tuple[int, int]


class Verdict(StrEnum):
    """What became of one gold attribution; only ``RIGHT`` counts."""

    RIGHT = "right"
    WRONG = "wrong"
    UNKNOWN = "unknown"
    """Found, and nobody is named for it."""
    MISSED = "missed"
    """Nothing shown covers it."""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Verdicts counted."""

    right: int
    total: int

    @classmethod
    def of(cls, verdicts: Iterable[Verdict]) -> Accuracy:
        """Count; what is unknown or missed is not right."""
        all_of_them = list(verdicts)
        return cls(sum(one is Verdict.RIGHT for one in all_of_them), len(all_of_them))

    @property
    def share(self) -> float | None:
        """Of what is right; None when there is nothing to count."""
        return self.right / self.total if self.total else None


def judge_speaker(
    gold: str, gold_spans: Sequence[Span], *, speaker: str | None, span: Span | None
) -> Verdict:
    """Hold a speaker against the annotated source.

    Args:
        gold: The source as printed.
        gold_spans: Where.
        speaker: Name or description that is shown; None or empty where unknown.
        span: Of the words that stand for the speaker.

    Returns:
        Right when both stand in the same place, or are the same person by name.
    """
    if span is not None and any(span[0] < end and start < span[1] for start, end in gold_spans):
        return Verdict.RIGHT
    if not speaker:
        return Verdict.UNKNOWN
    return Verdict.RIGHT if speaks(gold, speaker) or speaks(speaker, gold) else Verdict.WRONG
