"""How many quotations an answer shows, and in which order."""

from __future__ import annotations

from collections.abc import Sequence

from onrecord.names import same_speaker
from onrecord.question import Query
from onrecord.reading import in_order_of_date
from onrecord.types import Quote

__all__ = ["choose"]

_MARGIN = 4.0
"""A quotation this far below the first (about 55 to 1 in the reader's odds) is not shown."""
_ELSEWHERE = 9.0
"""The same person's best words in another article may lie this far below."""


def choose(ranked: Sequence[Quote], query: Query, *, limit: int, at_least: int = 1) -> tuple[Quote, ...]:
    """Choose what to show.

    Args:
        ranked: Quotations, best first; at least one.
        query: The question, read.
        limit: How many, at most.
        at_least: The first so many are shown, however far below the very first.

    Returns:
        The quotations to show: best first, or in order of date where the question compares. Who asks
        what somebody said is shown last the best of each further article that quotes that person.
    """
    least = ranked[0].score - _MARGIN
    near = [quote for rank, quote in enumerate(ranked) if rank < at_least or quote.score >= least]
    firsts = _firsts(ranked)
    if query.comparing:
        return in_order_of_date((firsts if len(firsts) > 1 else near)[:limit])
    if not query.saying:
        return tuple(near[:limit])
    elsewhere = [quote for quote in firsts if quote not in near]
    return (*near[: max(1, limit - len(elsewhere))], *elsewhere)[:limit]


def _firsts(ranked: Sequence[Quote]) -> list[Quote]:
    """Take the first quotation, and of every other article the best of the same speaker, or of none."""
    firsts = [ranked[0]]
    for quote in ranked[1:]:
        margin = _ELSEWHERE if ranked[0].speaker else _MARGIN
        told = _same(quote, ranked[0]) and quote.score >= ranked[0].score - margin
        if told and all(quote.article_id != other.article_id for other in firsts):
            firsts.append(quote)
    return firsts


def _same(one: Quote, other: Quote) -> bool:
    if one.speaker is None or other.speaker is None:
        return one.speaker is other.speaker
    return same_speaker(one.speaker, other.speaker)
