"""How many quotations an answer shows, and in which order."""

from __future__ import annotations

from collections.abc import Sequence

from onrecord.question import Query
from onrecord.reading import in_order_of_date
from onrecord.types import Quote

__all__ = ["choose"]

_MARGIN = 4.0
"""A quotation this far below the first (about 55 to 1 in the reader's odds) is not shown."""
_COMPARED = 4.5


def choose(ranked: Sequence[Quote], query: Query, *, limit: int) -> tuple[Quote, ...]:
    """Choose what to show.

    Args:
        ranked: Quotations, best first; at least one.
        query: The question, read.
        limit: How many, at most.

    Returns:
        The quotations to show: best first, or in order of date where the question compares.
    """
    if query.comparing:
        return in_order_of_date(_across(ranked, limit))
    return tuple(quote for quote in ranked if quote.score >= ranked[0].score - _MARGIN)[:limit]


def _across(ranked: Sequence[Quote], limit: int) -> list[Quote]:
    """Take the best of each article before a second of any."""
    near = [quote for quote in ranked if quote.score >= ranked[0].score - _COMPARED]
    firsts: list[Quote] = []
    for quote in near:
        if all(quote.article_id != other.article_id for other in firsts):
            firsts.append(quote)
    rest = [quote for quote in near if quote not in firsts]
    return (firsts + rest)[: max(2, min(limit, len(firsts)))]
