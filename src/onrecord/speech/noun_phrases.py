"""Phrases: the noun phrase that is the subject of a verb, by rules over words."""

from __future__ import annotations

from collections.abc import Sequence

from onrecord.speech.tokens import Token, adverb, low_at
from onrecord.text.lexicon import (
    ADVERBS,
    AUXILIARIES,
    CALENDAR,
    DESCRIBERS,
    DETERMINERS,
    FINITE,
    FUNCTION,
    OBLIQUE,
    PARTICLES,
    PLACES,
    PRONOUNS,
    ROLES,
    SUBORDINATORS,
)

Extent = tuple[int, int]

_REACH = 60
_FEW = 9
_SKIPPED = ADVERBS - {"all", "each", "both", "on", "at", "back", "there"}
_DASHES = ("-", "—", "–")
_BREAKS = frozenset((",", ".", ";", ":", "—", "–", "(", ")", "[", "]"))
_CLAUSES = SUBORDINATORS - {"and", "or", "who"}
_OPENERS = frozenset(("when", "after", "because", "that", "while", "but", "as", "and", "where", "before"))
_ABOUT_TIME = frozenset(
    ("on", "in", "last", "this", "at", "the", "late", "early", "a", ",", "earlier", "of", "past")
)


def subject(tokens: Sequence[Token], end: int) -> Extent | None:
    """Find the subject of a verb."""
    last = end - 1
    while last >= 0 and (adverb(tokens[last]) or tokens[last].low in AUXILIARIES):
        last -= 1
    if last < 0 or tokens[last].quoted:
        return None
    before = tokens[last].low
    if before in ("who", "which"):
        last -= 2 if low_at(tokens, last - 1) == "," else 1
        return _phrase_to(tokens, last) if last >= 0 else None
    if before in (",", "and", "but", "then", ")", "—", "–"):
        return clause_subject(tokens, last)
    return _phrase_to(tokens, last)


def _phrase_to(tokens: Sequence[Token], last: int) -> Extent | None:
    """Find the noun phrase that ends at ``last``, looking left."""
    token = tokens[last]
    if token.low in PRONOUNS:
        return (last, last + 1)
    if token.low in CALENDAR or token.text[0].isdigit():
        return _before_time(tokens, last)
    if token.text == ")" and last > 1:
        return _before_bracket(tokens, last)
    if token.capital and not token.quoted:
        return _name_phrase(tokens, last)
    if token.low in FUNCTION or not token.text[0].isalpha():
        return None
    return _description(tokens, last)


def _before_bracket(tokens: Sequence[Token], last: int) -> Extent | None:
    for back in range(last - 1, max(last - _FEW, 0), -1):
        if tokens[back].text == "(":
            return _phrase_to(tokens, back - 1)
    return None


def _before_time(tokens: Sequence[Token], last: int) -> Extent | None:
    floor = max(last - 6, 0)
    while last > floor and (
        tokens[last].low in CALENDAR or tokens[last].text[0].isdigit() or tokens[last].low in _ABOUT_TIME
    ):
        last -= 1
    if last < floor or tokens[last].low in CALENDAR or tokens[last].text[0].isdigit():
        return None
    return _phrase_to(tokens, last)


def name_start(tokens: Sequence[Token], last: int) -> int:
    """Find where the capitalised run that ends at ``last`` begins."""
    first = last
    while first > 0 and last - first < _FEW:
        before = tokens[first - 1]
        back = first - 1
        if not before.capital:
            linked = before.low in PARTICLES or (before.low == "the" and low_at(tokens, first - 2) == "of")
            back -= 2 if before.low == "the" else 1
            if not linked or back < 0 or not tokens[back].capital:
                break
        elif before.owner:
            break
        first = back
    return first


def _name_phrase(tokens: Sequence[Token], last: int) -> Extent | None:
    first = name_start(tokens, last)
    head = (
        first - 2
        if low_at(tokens, first - 1) == "the" and low_at(tokens, first - 2) in OBLIQUE
        else first - 1
    )
    if low_at(tokens, head) in OBLIQUE:
        return _described(tokens, last) or _oblique(tokens, first, last, head)
    if low_at(tokens, first - 1) == "and" and first > 1 and tokens[first - 2].capital:
        return (name_start(tokens, first - 2), last + 1)
    return (first, last + 1)


def _oblique(tokens: Sequence[Token], first: int, last: int, head: int) -> Extent | None:
    """A name after a preposition is the subject only where nothing stands before the preposition."""
    if head > 0 and tokens[head - 1].capital:
        return (name_start(tokens, head - 1), head)
    if head > 0 and tokens[head - 1].low in PRONOUNS:
        return (head - 1, head)
    if head == 0 or tokens[head - 1].text in (",", ".") or tokens[head - 1].quoted:
        return (first, last + 1)
    return None


def _description(tokens: Sequence[Token], last: int) -> Extent | None:
    """Find a description that ends at ``last``: ``a senior U.S. official``, ``the campaign``."""
    span = _described(tokens, last)
    if span is not None:
        return span
    for first in range(last - 1, max(last - 4, -1), -1):
        if tokens[first].low in DETERMINERS:
            return (first, last + 1)
        if tokens[first].low in FUNCTION or not tokens[first].text[0].isalpha():
            break
    for back in range(last, max(last - _FEW + 2, -1), -1):
        if low_at(tokens, back + 1) in OBLIQUE and tokens[back].low in PRONOUNS:
            return (back, back + 1)
        if low_at(tokens, back + 1) in OBLIQUE and tokens[back].capital:
            return (name_start(tokens, back), back + 1)
    return None


def _described(tokens: Sequence[Token], last: int) -> Extent | None:
    """Find the leftmost noun for a speaker in the words up to ``last``, with what stands before it."""
    best = -1
    for index in range(last, max(last - 2 * _FEW, -1), -1):
        token = tokens[index]
        if token.quoted or token.text in _BREAKS or token.low in _CLAUSES:
            break
        if token.low in DESCRIBERS and not token.capital:
            best = index
    return _modifiers(tokens, best, last) if best >= 0 else None


def _modifiers(tokens: Sequence[Token], noun: int, last: int) -> Extent:
    first = noun
    while first > 0 and noun - first < _FEW:
        before = tokens[first - 1]
        if before.low in DETERMINERS:
            return (first - 1, _close(tokens, noun, last))
        if before.low in FUNCTION or before.quoted or not before.text[0].isalnum():
            break
        first -= 1
    return (first, _close(tokens, noun, last))


def _close(tokens: Sequence[Token], noun: int, last: int) -> int:
    """End a description after its noun, or after a short ``of``/``for`` phrase."""
    end = noun + 1
    while end <= last and tokens[end].low in DESCRIBERS:
        end += 1
    if low_at(tokens, end) in ("of", "for", "at", "with", "from") and end <= last and last - noun <= _FEW:
        return last + 1
    while end <= last and (tokens[end].capital or (end > noun + 1 and tokens[end].low in PARTICLES)):
        end += 1
    return end


def with_title(tokens: Sequence[Token], first: int) -> int:
    """Find where what is said before a name begins: ``EU foreign policy chief Josep Borrell``."""
    begin = first - 1
    if begin < 0 or tokens[begin].low not in DESCRIBERS | ROLES or not tokens[first].capital:
        return first
    while begin > 0 and first - begin < _FEW and _in_title(tokens[begin - 1]):
        begin -= 1
    return begin


def _in_title(token: Token) -> bool:
    if token.quoted or not token.text[0].isalpha() or token.low in FINITE or token.low in AUXILIARIES:
        return False
    return token.low in ("the", "a", "an") or token.low not in FUNCTION


def segment(tokens: Sequence[Token], end: int) -> int:
    """Find where the part of a sentence that runs up to ``end`` without a quotation begins."""
    first = end
    while first > 0 and end - first < _REACH:
        before = tokens[first - 1]
        if before.quoted or before.text in (";", ":"):
            break
        first -= 1
    return _after_dateline(tokens, first, end) if first == 0 else first


def _after_dateline(tokens: Sequence[Token], first: int, end: int) -> int:
    """Skip ``WASHINGTON (AFP) –``."""
    for index in range(first, min(first + _FEW, end)):
        token = tokens[index]
        if token.text in _DASHES:
            return index + 1 if low_at(tokens, index + 1) not in _DASHES else index + 2
        if (
            not token.capital
            and token.text not in (",", "(", ")", ".")
            and token.low not in CALENDAR
            and not token.text[0].isdigit()
        ):
            break
    return first


def clause_subject(tokens: Sequence[Token], end: int, *, apposed: bool = True) -> Extent | None:
    """Find the subject of the clause that runs up to ``end``."""
    first = segment(tokens, end)
    begins = [first, *(k + 1 for k in range(first, end) if tokens[k].text == ",")]
    found = _filled(tokens, begins, end) if apposed and len(begins) > 1 else None
    if found is not None:
        return found
    for begin in begins:
        if begin < end and not _leads_in(tokens, begin):
            span = phrase_from(tokens, begin, limit=end)
            if span is not None:
                return span
    for begin in range(first + 1, end):
        if tokens[begin - 1].low in _OPENERS and tokens[begin].capital:
            return phrase_from(tokens, begin, limit=end)
    return None


def _filled(tokens: Sequence[Token], begins: Sequence[int], end: int) -> Extent | None:
    """Find, from the right, a part between commas that is a name and nothing else; or a description."""
    described: Extent | None = None
    limit = end
    for part in reversed(begins):
        begin = part + 1 if low_at(tokens, part) in _OPENERS else part
        if begin < limit and not _place_like(tokens, begin, limit) and not _leads_in(tokens, begin):
            span = phrase_from(tokens, begin, limit=limit)
            if span is not None and limit - span[1] <= 0:
                if tokens[span[1] - 1].capital or tokens[begin].low in PRONOUNS:
                    return span
                described = span
        limit = part - 1
    return described


def _place_like(tokens: Sequence[Token], begin: int, limit: int) -> bool:
    token = tokens[begin]
    single = limit - begin == 1
    return (
        single and ("." in token.text or token.low in PLACES or "-" in token.text or not token.capital)
    ) or not token.text[0].isalnum()


def _leads_in(tokens: Sequence[Token], begin: int) -> bool:
    token = tokens[begin]
    low = token.low
    if low in PRONOUNS or low in DETERMINERS:
        return False
    if token.capital and token.text[0].isupper() and begin > 0 and tokens[begin - 1].text == ",":
        return "." in token.text and low_at(tokens, begin + 1) == ","
    return (
        low in FUNCTION or low in CALENDAR or low.endswith(("ing", "ly", "ed")) or not token.text[0].isalnum()
    )


def phrase_from(tokens: Sequence[Token], first: int, *, limit: int | None = None) -> Extent | None:
    """Find the noun phrase that starts at ``first``, looking right."""
    end = min(len(tokens) if limit is None else limit, first + _FEW + 3)
    while first < end and tokens[first].low in _SKIPPED:
        first += 1
    if first >= end or tokens[first].low == "that":
        return None
    if tokens[first].low in PRONOUNS:
        return (first, first + 1)
    index, named = first, -1
    while index < end:
        token = tokens[index]
        if token.capital and not token.quoted:
            named = -1 if token.owner and index + 1 < end and tokens[index + 1].text.islower() else index
        elif not _goes_on(tokens, index, named, first):
            break
        elif named >= 0 and not _links(token) and low_at(tokens, index + 1) not in DESCRIBERS:
            return (first, named + 1)
        index += 1
    return _trim_phrase(tokens, first, index, named)


def _links(token: Token) -> bool:
    """Whether a word after a name may belong to the same phrase (``Trump campaign manager X``)."""
    return (
        token.low in PARTICLES or token.low in DESCRIBERS or token.low in ROLES or token.low in ("the", "and")
    )


def _goes_on(tokens: Sequence[Token], index: int, named: int, first: int) -> bool:
    token, before = tokens[index], low_at(tokens, index - 1)
    if token.low == "of":
        return index > first and (before in ROLES or before in DESCRIBERS or not tokens[index - 1].capital)
    if token.low in DETERMINERS:
        return index == first or before == "of"
    following = index + 1 < len(tokens) and tokens[index + 1].capital
    if token.low == "and":
        return named == index - 1 and following
    if token.low in PARTICLES:
        return following
    if token.low in FINITE or token.low in AUXILIARIES or token.low in CALENDAR:
        return False
    dated = index == first + 1 and token.text.isdigit()
    return token.low not in FUNCTION and (token.text[0].isalpha() or dated)


def _trim_phrase(tokens: Sequence[Token], first: int, end: int, named: int) -> Extent | None:
    if named >= 0:
        return (first, named + 1 if tokens[end - 1].low not in DESCRIBERS else end)
    nouns = [k for k in range(first, end) if tokens[k].low in DESCRIBERS]
    if nouns:
        return (first, nouns[0] + 1)
    return (first, end) if first < end <= first + 3 and tokens[first].low in DETERMINERS else None
