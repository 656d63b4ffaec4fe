"""The seed questions on the project's own two articles: the goals, and a line for each miss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.eval.metrics.auroc import auroc
from tests.eval.metrics.quotation import first_by_place, rate_at
from tests.eval.outcome import Outcome
from tests.eval.sets import QuestionSet

__all__ = ["GOAL_FIRST", "GOAL_THREE", "SeedResult", "judge"]

GOAL_THREE = 0.95
GOAL_FIRST = 0.80


@dataclass(frozen=True, slots=True)
class SeedResult:
    """How the seed questions went.

    Attributes:
        answerable: How many there are.
        unanswerable: How many there are.
        first: Share of the answerable with a gold quotation in the first one shown.
        three: As above, among the first three.
        refused: Unanswerable questions refused.
        falsely_refused: Answerable questions refused.
        auroc: Of the confidence.
        misses: One line for each question that went wrong.
    """

    answerable: int
    unanswerable: int
    first: float
    three: float
    refused: int
    falsely_refused: int
    auroc: float
    misses: tuple[str, ...]

    @property
    def met(self) -> bool:
        """Whether every goal is reached."""
        return (
            self.three >= GOAL_THREE
            and self.first >= GOAL_FIRST
            and self.refused == self.unanswerable
            and self.falsely_refused <= 1
        )


def judge(questions: QuestionSet, outcomes: Sequence[Outcome]) -> SeedResult:
    """Judge what was shown, after the decision to refuse."""
    pairs = list(zip(questions.questions, outcomes, strict=True))
    yes = [(q, o) for q, o in pairs if q.answerable]
    no = [(q, o) for q, o in pairs if not q.answerable]
    ranks = [first_by_place(o.shown, q, questions.documents) for q, o in yes]
    misses = [
        f"{q.id} {_verdict(o, rank)}: {q.text} | wanted: {' / '.join(e.quote or '' for e in q.evidence)}"
        f" | first: {o.quotations[0].text if o.quotations else 'nothing'}"
        for (q, o), rank in zip(yes, ranks, strict=True)
        if rank != 1
    ]
    misses += [
        f"{q.id} answered, though nothing answers it ({o.confidence:.2f}): {q.text} | {o.shown[0].text}"
        for q, o in no
        if not o.refused
    ]
    return SeedResult(
        len(yes),
        len(no),
        rate_at(ranks, 1) or 0.0,
        rate_at(ranks, 3) or 0.0,
        sum(bool(o.refused) for _, o in no),
        sum(bool(o.refused) for _, o in yes),
        auroc([o.confidence for _, o in yes], [o.confidence for _, o in no]) or 0.0,
        tuple(misses),
    )


def _verdict(outcome: Outcome, rank: int | None) -> str:
    if outcome.refused:
        return f"falsely refused ({outcome.confidence:.2f})"
    return f"gold is quotation {rank}" if rank else "gold not shown"
