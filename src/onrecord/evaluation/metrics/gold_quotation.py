"""Gold quotation: does a quotation cover the place where the gold one stands?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from onrecord.evaluation.metrics.spans import covers, occurrences
from onrecord.evaluation.outcome import Shown
from onrecord.evaluation.questions import Document, Question

Place = tuple[str, tuple[int, int]]


def gold_places(question: Question, documents: Mapping[str, Document]) -> frozenset[Place]:
    """Give every place of every gold quote: document, and span in code points."""
    return frozenset(
        (piece.document, span)
        for piece in question.evidence
        if piece.quote
        for span in occurrences(documents[piece.document].text, piece.quote)
    )


def first_with_gold(quotations: Sequence[Shown], places: frozenset[Place]) -> int:
    """Give the rank, from 1, of the first quotation that covers a gold place; 0 when none does."""
    for rank, quotation in enumerate(quotations, start=1):
        span = (quotation.start, quotation.end)
        if any(document == quotation.document and covers(span, place) for document, place in places):
            return rank
    return 0
