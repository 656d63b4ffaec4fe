"""Attitudes: what somebody is said to think, want, find or support, beside what they say.

Annotators of attributions count these too (Newell et al., LREC 2018). They are read where
every attribution of a text is wanted, never where somebody's words are looked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from onrecord.speech.cues import Cue, cue_at
from onrecord.speech.noun_phrases import clause_subject, phrase_from, subject
from onrecord.speech.tokens import Token, adverb, low_at, quoted_at
from onrecord.text.lexicon import (
    ASKING,
    AUXILIARIES,
    BODIES,
    CALENDAR,
    DESCRIBERS,
    FINITE,
    FUNCTION,
    NEGATIONS,
    NOUN_LIKE,
    PLURAL_BASE,
    PRONOUNS,
    SPEECH_NOUNS,
    SUBORDINATORS,
    VIEWING,
    VIEWING_BASE,
    VIEWING_ING,
    VIEWING_NOUNS,
)

Extent = tuple[int, int]

_BEING = frozenset("is are was were be been being ’s 's ’re 're ’m 'm".split())
_PLURAL_END = re.compile(r"(?<!s)(?<!u)(?<!i)s\Z")
_MANY = frozenset("they we i you and people many most some few".split())
_ANY = FINITE | ASKING | VIEWING | VIEWING_BASE | PLURAL_BASE
_PASSIVE = frozenset(
    "called held heard known named intended read documented found shown seen written told considered".split()
)
"""Forms that after a noun are mostly passive: ``a company called …``."""
_SAYING = frozenset("say argue insist contend believe show suggest indicate".split())
"""Base forms that are hardly ever nouns: behind a plural noun they are its verb."""
_SOME = frozenset("some several most many few others both all none".split())
"""Words that stand for people by themselves: ``Several said …``."""
_NOUNS = VIEWING_NOUNS | NOUN_LIKE | SPEECH_NOUNS | _PASSIVE
_LONGEST = 12
_BREAKS = frozenset((",", ";", ":", "—", "–", "(", ")", ".", "?", "!"))
_BETWEEN = SUBORDINATORS - {"and", "or"} | {"who", "which", "that", "to"}


def attitudes(tokens: Sequence[Token], known: Sequence[Cue]) -> list[Cue]:
    """Find the signs of an attitude in a sentence, and of speech where only a rough subject is found."""
    taken = {cue.sign[0] for cue in known}
    found = []
    for index, token in enumerate(tokens):
        may_be = token.text[0].islower() and token.low != "states"
        if token.start not in taken and (may_be or token.low == "according"):
            span = _subject(tokens, index)
            if span is not None:
                found.append(cue_at(tokens, index, span))
    return found


def _subject(tokens: Sequence[Token], index: int) -> Extent | None:
    low = tokens[index].low
    if low == "according":
        return _after(tokens, index + 2) if low_at(tokens, index + 1) == "to" else None
    back, auxiliary = _verb_start(tokens, index)
    before = {tokens[k].low for k in range(back + 1, index)}
    if before & NEGATIONS or (back >= 0 and tokens[back].low in NEGATIONS):
        return None
    if low in VIEWING_ING:
        if before & _BEING:
            return _plain_subject(tokens, back + 1)
        follows = low_at(tokens, back) in (",", "while", "by") or quoted_at(tokens, back)
        return clause_subject(tokens, index, apposed=False) if follows else None
    if low not in _ANY or before & _BEING or low_at(tokens, back) == "to":
        return None
    base = low in VIEWING_BASE | PLURAL_BASE and not auxiliary
    strict = base and low not in _SAYING
    span = subject(tokens, back + 1) if strict else _plain_subject(tokens, back + 1)
    if span is None or (base and not _plural(tokens, span)):
        return None
    last = tokens[span[1] - 1]
    named = last.capital or last.low in PRONOUNS or last.low in BODIES  # “the poll shows”
    if last.owner or (low in _NOUNS and not named and not auxiliary):
        return None  # “Trump’s comments”, “controversial remarks”
    return span


def _verb_start(tokens: Sequence[Token], index: int) -> tuple[int, bool]:
    """Skip adverbs and auxiliaries to the left of a verb; tell whether there was an auxiliary."""
    back, auxiliary = index - 1, False
    while back >= 0 and (adverb(tokens[back]) or tokens[back].low in AUXILIARIES):
        auxiliary = auxiliary or tokens[back].low in AUXILIARIES
        back -= 1
    return back, auxiliary


def _plain_subject(tokens: Sequence[Token], end: int) -> Extent | None:
    """Find a subject by the rules for speakers, or else take what stands before the verb."""
    return subject(tokens, end) or _stretch(tokens, end)


def _stretch(tokens: Sequence[Token], end: int) -> Extent | None:
    first = end
    while first > 0 and end - first < _LONGEST:
        before = tokens[first - 1]
        if before.quoted or before.text in _BREAKS or before.low in _BETWEEN or before.low in FINITE:
            break
        first -= 1
    while first < end and (tokens[first].low in CALENDAR or tokens[first].low in ("and", "but", "or", "yet")):
        first += 1
    words = [token for token in tokens[first:end] if token.text[0].isalnum() and token.low not in FUNCTION]
    if not words and first < end and tokens[end - 1].low in _SOME:
        return end - 1, end
    if not words or end - first >= _LONGEST or tokens[first].low in ("in", "on", "at", "with", "for", "of"):
        return None
    return first, end


def _after(tokens: Sequence[Token], first: int) -> Extent | None:
    """Take the noun phrase after ``according to``, whatever its noun."""
    span = phrase_from(tokens, first)
    if span is not None:
        return span
    end = first
    while end < len(tokens) and end - first < _LONGEST:
        if tokens[end].quoted or tokens[end].text in _BREAKS or tokens[end].low in _BETWEEN:
            break
        end += 1
    return (first, end) if end > first and not quoted_at(tokens, first) else None


def _plural(tokens: Sequence[Token], span: Extent) -> bool:
    words = [token.low for token in tokens[span[0] : span[1]]]
    described = any(word.endswith("s") and word in DESCRIBERS for word in words)
    return described or _PLURAL_END.search(words[-1]) is not None or not _MANY.isdisjoint(words)
