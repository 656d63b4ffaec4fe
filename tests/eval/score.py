"""One line of the table: every metric of one system on one set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from tests.eval.metrics.auroc import auroc
from tests.eval.metrics.quotation import first_by_place, first_by_words, rate_at
from tests.eval.metrics.rank import first_gold, hit_at, mean_reciprocal_rank
from tests.eval.metrics.refusal import refusal_rate, threshold_at
from tests.eval.outcome import Outcome
from tests.eval.sets import SHORT_ANSWERS, QuestionSet

__all__ = ["Row", "score"]


@dataclass(frozen=True, slots=True)
class Row:
    """What is printed of one system. None: nothing to count."""

    system: str
    hit_1: float | None
    hit_10: float | None
    mrr: float | None
    quotation_1: float | None
    quotation_3: float | None
    words_1: float | None
    words_3: float | None
    auroc: float | None
    refused: float | None
    falsely_refused: float | None

    def as_dict(self) -> dict[str, str | float | None]:
        """Give the row for a JSON file."""
        return asdict(self)


def score(
    system: str,
    questions: QuestionSet,
    outcomes: Sequence[Outcome],
    *,
    false_refusals: float = 0.0,
) -> Row:
    """Measure one system on one set.

    Args:
        system: Its name in the table.
        questions: The set.
        outcomes: One for each question, in order.
        false_refusals: For a system that decides nothing itself: it refuses below the highest confidence
            that costs at most this share of the answerable questions.
    """
    pairs = list(zip(questions.questions, outcomes, strict=True))
    yes = [(q, o) for q, o in pairs if q.answerable and q.evidence]
    no = [o for q, o in pairs if not q.answerable]
    articles = [first_gold(o.articles, q.gold) for q, o in yes]
    quoted = [(q, o) for q, o in yes if any(piece.quote for piece in q.evidence)]
    places = [first_by_place(o.quotations, q, questions.documents) for q, o in quoted]
    words = [first_by_words(o.quotations, q) for q, o in yes if q.answers and questions.name in SHORT_ANSWERS]
    decided = _decisions([o for _, o in yes], no, false_refusals)
    return Row(
        system,
        hit_at(articles, 1),
        hit_at(articles, 10),
        mean_reciprocal_rank(articles),
        rate_at(places, 1),
        rate_at(places, 3),
        rate_at(words, 1),
        rate_at(words, 3),
        auroc([o.confidence for _, o in yes], [o.confidence for o in no]),
        refusal_rate(decided[1]),
        refusal_rate(decided[0]),
    )


def _decisions(
    yes: Sequence[Outcome], no: Sequence[Outcome], false_refusals: float
) -> tuple[list[bool], list[bool]]:
    """Give who is refused, of the answerable and of the others: by the system itself, or by a threshold."""
    if any(o.refused is None for o in (*yes, *no)):
        limit = threshold_at([o.confidence for o in yes], false_refusals)
        return [o.confidence < limit for o in yes], [o.confidence < limit for o in no]
    return [bool(o.refused) for o in yes], [bool(o.refused) for o in no]
