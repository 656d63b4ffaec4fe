"""How many quotations an answer shows, and in which order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from onrecord.answer.quotes import in_order_of_date
from onrecord.people.names import same_speaker
from onrecord.question.query import Query
from onrecord.text.terms import tokenize
from onrecord.types import Quote

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
        what somebody said is shown last the best of each further article that quotes that person on the
        subject, and who asks for a list the best of each article before its second best.
    """
    least = ranked[0].score - _MARGIN
    near = [quote for rank, quote in enumerate(ranked) if rank < at_least or quote.score >= least]
    firsts = _firsts(ranked, own=query.comparing)
    if query.listing:
        return tuple(sorted(near[:limit], key=_as_said))
    if query.comparing:
        return in_order_of_date((firsts if len(firsts) > 1 else near)[:limit])
    if query.several:
        near = _articles_first(near)
    if not query.saying:
        return tuple(near[:limit])
    elsewhere = [quote for quote in firsts if quote not in near and _names_subject(quote, query)]
    return (*near[: max(1, limit - len(elsewhere))], *elsewhere)[:limit]


def _names_subject(quote: Quote, query: Query) -> bool:
    """Say whether a quotation or its article's title holds a name of the subject, if that has one."""
    names = query.names & query.about
    return not names or any(token.stem in names for token in tokenize(f"{quote.title} {quote.text}"))


def _articles_first(quotes: Sequence[Quote]) -> list[Quote]:
    """Put the best of every article before the second best of any."""
    turns: Counter[str] = Counter()
    order = []
    for quote in quotes:
        order.append((turns[quote.article_id], quote))
        turns[quote.article_id] += 1
    return [quote for _, quote in sorted(order, key=lambda pair: pair[0])]


def _as_said(quote: Quote) -> tuple[bool, str, str, int]:
    """Direct speech before reports, then as it was printed."""
    return (not quote.direct, quote.published or "9999", quote.article_id, quote.start)


def _firsts(ranked: Sequence[Quote], *, own: bool) -> list[Quote]:
    """Take the first quotation, and of every other article the best of the same speaker, or of none.

    Where ``own``, somebody's own words go before reports of them.
    """
    top = ranked[0]
    order = sorted(ranked, key=lambda quote: not quote.direct) if own else ranked
    firsts = [next(quote for quote in order if quote.score >= top.score - _MARGIN)]
    margin = _ELSEWHERE if firsts[0].speaker else _MARGIN
    for quote in order:
        told = _same(quote, firsts[0]) and quote.score >= top.score - margin
        if told and all(quote.article_id != other.article_id for other in firsts):
            firsts.append(quote)
    return firsts


def _same(one: Quote, other: Quote) -> bool:
    if one.speaker is None or other.speaker is None:
        return one.speaker is other.speaker
    return same_speaker(one.speaker, other.speaker)
