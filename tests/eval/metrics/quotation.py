"""Answer in quotation @k: is the answer among the first k quotations?

Two ways to tell: by the place of the gold quote in its article, and by the
words of the answer standing in the quotation, wherever it is from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.eval.metrics.spans import covers, occurrences
from tests.eval.outcome import Shown
from tests.eval.sets import Document, Question

__all__ = ["first_by_place", "first_by_words", "rate_at"]


def first_by_place(
    quotations: Sequence[Shown], question: Question, documents: Mapping[str, Document]
) -> int | None:
    """Give the rank, from 1, of the first quotation that covers a gold quote; None when none does."""
    gold = {
        (piece.document, place)
        for piece in question.evidence
        if piece.quote
        for place in occurrences(documents[piece.document].text, piece.quote)
    }
    for rank, quotation in enumerate(quotations, start=1):
        span = (quotation.start, quotation.end)
        if any(document == quotation.document and covers(span, place) for document, place in gold):
            return rank
    return None


def first_by_words(quotations: Sequence[Shown], question: Question) -> int | None:
    """Give the rank, from 1, of the first quotation that holds an answer's words; None when none does."""
    answers = [answer.casefold() for answer in question.answers if answer]
    for rank, quotation in enumerate(quotations, start=1):
        text = quotation.text.casefold()
        if any(answer in text for answer in answers):
            return rank
    return None


def rate_at(ranks: Sequence[int | None], k: int) -> float | None:
    """Give the share of ranks that are at most k; None when there is nothing to count."""
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks) if ranks else None
