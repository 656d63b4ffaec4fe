"""How many quotations an answer shows, and in which order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest

from onrecord.answer.constraint_check import judged, keeping
from onrecord.answer.quotes import in_order_of_date
from onrecord.answer.refusal import NO_PASSAGE, SHOWN_IN_DOUBT, surest
from onrecord.answer.state import Read
from onrecord.people.names import same_speaker
from onrecord.question.query import Query
from onrecord.text.terms import tokenize
from onrecord.types import Constraint, Limit, QuestionPart, Quote
from onrecord.wording.answer_text import REFUSAL, left_out_line

_MARGIN = 4.0
"""A quotation this far below the first (about 55 to 1 in the reader's odds) is not shown."""
_ELSEWHERE = 9.0
"""The same person's best words in another article may lie this far below."""


_RANKED = 10


def choose(ranked: Sequence[Quote], query: Query, *, limit: int, at_least: int = 1) -> tuple[Quote, ...]:
    """Choose what to show."""
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


def gathered(whole: Read, parts: Sequence[Read]) -> Read:
    """Judge a question of several parts by its parts."""
    answered = [part for part in parts if not part.refused]
    if not answered:
        return whole
    together = not whole.refused and all(part.part is not None and part.part.word for part in parts)
    heard = (whole, *answered) if together else answered
    return replace(
        whole,
        ranked=tuple(_in_turn([read.ranked for read in heard]))[:_RANKED],
        confidence=surest(heard),
        doubted=False,
        reason="",
        _whole=whole if together else None,
        _parts=tuple(parts),
        _left_out=_each_once(
            [*(whole.left_out if together else ()), *(q for p in parts for q in p.left_out)]
        ),
    )


def _each_once(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    return tuple({(quote.article_id, quote.start): quote for quote in quotes}.values())


def _in_turn(shares: Sequence[Sequence[Quote]]) -> Iterator[Quote]:
    """Give the best of each, then the second best, and no slice twice."""
    given: list[Quote] = []
    for quote in (quote for turn in zip_longest(*shares) for quote in turn if quote is not None):
        if not any(_overlapping(quote, other) for other in given):
            given.append(quote)
            yield quote


def _overlapping(one: Quote, other: Quote) -> bool:
    return one.article_id == other.article_id and one.start < other.end and other.start < one.end


def chosen(read: Read, *, limit: int) -> tuple[Quote, ...]:
    """Choose what to show without a chat model.

    Gives the quotations, part by part, or by date where the parts are of different days; empty where it
    refuses.
    """
    if read.refused:
        return ()
    answered = [part for part in read.parts if not part.refused]
    if not answered:
        return _own(read, limit)
    shares = [_own(each, limit) for each in ((read.whole,) if read.whole else ()) + tuple(answered)]
    shown = tuple(_in_turn(shares))[: max(limit, len(shares))]
    if read.whole:
        return shown
    if any(part.part is not None and part.part.dated for part in answered):
        return in_order_of_date(shown)
    first = {id(quote): turn for turn, share in reversed(list(enumerate(shares))) for quote in share}
    return tuple(sorted(shown, key=lambda quote: first[id(quote)]))


def _own(read: Read, limit: int) -> tuple[Quote, ...]:
    """Choose for one question; where a speaker is asked for, nobody else's words stand beside theirs."""
    whole = read.query.listing or read.query.several
    most = max(limit, _RANKED) if whole else limit
    quotes = choose(read.ranked, read.query, limit=most, at_least=SHOWN_IN_DOUBT if read.doubted else 1)
    bounds = [bound for bound in read.bounds if bound.limit is Limit.SPEAKER and bound.speakers]
    index = read.found.index
    if not bounds or not keeping(index, read.query, bounds, quotes[0]):
        return quotes
    return tuple(quote for quote in quotes if keeping(index, read.query, bounds, quote))


def parts_answered(
    read: Read, quotes: Sequence[Quote], *, limit: int, modelled: bool
) -> tuple[QuestionPart, ...]:
    """Say which parts of a question the quotations answer.

    Gives the parts in order; empty where there is one only, or nothing is shown.
    """
    if not quotes:
        return ()
    return tuple(_part(part, _numbers(part, quotes, limit, modelled=modelled)) for part in read.parts)


def _numbers(part: Read, quotes: Sequence[Quote], limit: int, *, modelled: bool) -> tuple[int, ...]:
    own = part.ranked if modelled else () if part.refused else _own(part, limit)
    return tuple(n for n, quote in enumerate(quotes, 1) if any(_overlapping(quote, other) for other in own))


def _part(part: Read, numbers: tuple[int, ...]) -> QuestionPart:
    words = part.part.label if part.part else part.standalone
    told = "" if numbers else _missing(part, words)
    return QuestionPart(words, bool(numbers), numbers, part.confidence, told)


def _missing(part: Read, words: str) -> str:
    """Say which part has no answer, and why where more can be said than that nothing answers it."""
    if part.outdated:
        return f"{words.rstrip('.')}: {left_out_line(part.left_out)}"
    absent = [met.told for met in _judged(part, {}) if met.told]
    reason = [part.reason] if part.refused and part.reason != NO_PASSAGE else []
    return " ".join((f"{REFUSAL[:-1]}: {words.rstrip('.')}.", *reason, *absent))


def _judged(read: Read, quotes: Mapping[int, Quote]) -> tuple[Constraint, ...]:
    return judged(read.found.index, read.query, read.found.selection, read.bounds, quotes)


def constraints_met(
    read: Read, quotes: Sequence[Quote], parts: Sequence[QuestionPart]
) -> tuple[Constraint, ...]:
    """Say what a question asks of every quotation, and whether those shown keep to it."""
    if not parts:
        return _judged(read, dict(enumerate(quotes, 1)))
    met: dict[tuple[Limit, str], Constraint] = {}
    for part, own in zip(read.parts, parts, strict=True):
        for each in _judged(part, {n: quotes[n - 1] for n in own.quotes}) if own.answered else ():
            before = met.get((each.limit, each.words))
            met[each.limit, each.words] = each if before is None or before.met else before
    return tuple(met.values())
