"""Refusals of a system that only has a confidence: below which threshold does it refuse?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from onrecord.evaluation.outcome import Outcome
from onrecord.evaluation.questions import QuestionSet

__all__ = ["decided", "threshold_at"]


def threshold_at(answerable: Sequence[float], rate: float) -> float:
    """Give the highest threshold that refuses at most this share of the answerable.

    A question is refused when its confidence is below the threshold.
    """
    ordered = sorted(answerable)
    allowed = int(rate * len(ordered) + 1e-9)
    return ordered[allowed] if allowed < len(ordered) else float("inf")


def decided(questions: QuestionSet, outcomes: Sequence[Outcome], *, false_refusals: float) -> list[Outcome]:
    """Refuse below the highest confidence that costs at most this share of the answerable questions."""
    pairs = zip(questions.questions, outcomes, strict=True)
    limit = threshold_at(
        [outcome.confidence for question, outcome in pairs if question.answerable], false_refusals
    )
    return [
        replace(
            outcome,
            refused=outcome.confidence < limit,
            shown=() if outcome.confidence < limit else outcome.quotations,
        )
        for outcome in outcomes
    ]
