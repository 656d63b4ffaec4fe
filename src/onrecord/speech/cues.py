"""Clauses: the signs of speech in a sentence, each with its subject, by rules over words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from onrecord.speech.noun_phrases import clause_subject, name_start, phrase_from, segment, subject, with_title
from onrecord.speech.tokens import Token, adverb, low_at, quoted_at
from onrecord.text.lexicon import (
    ASKING,
    AUXILIARIES,
    DESCRIBERS,
    DETERMINERS,
    FINITE,
    FUNCTION,
    LOOSE,
    NEGATIONS,
    NOUN_LIKE,
    OBLIQUE,
    PARTICIPLES,
    PLURAL_BASE,
    PRONOUNS,
    SPEECH_NOUNS,
    WRITINGS,
)

Extent = tuple[int, int]

_LETTERS = re.compile(r"[a-z]+")
_ANY_CUE = FINITE | PARTICIPLES | LOOSE | ASKING | PLURAL_BASE | SPEECH_NOUNS | {"according"}
_TIGHT = FINITE | PARTICIPLES | PLURAL_BASE | SPEECH_NOUNS | {"according"}
_NEVER_INVERTED = SPEECH_NOUNS | NOUN_LIKE | {"told", "tells", "called"}
_BEING = frozenset(("is", "was", "are", "were", "be", "been", "being"))
_BEFORE_PARTICIPLE = frozenset((",", "-", "–", "—", "and", "by", "while", "before", "", ")"))
_AFTER_SPEECH_NOUN = frozenset(
    ("that", "suggest", "suggests", "suggested", "indicate", "indicated", ":", ",", "today")
)
_GOING_ON = frozenset(("went", "goes", "continued", "continues"))
_MANY = frozenset(("people", "police", "some", "many", "and", "they", "we", "i"))
_FEW = 6
_NO_SUBJECT = (FUNCTION - DETERMINERS) | FINITE
_PAST_NAME = frozenset((",", ".", ";", ")", "—", "–", "")) | OBLIQUE


@dataclass(frozen=True, slots=True)
class Cue:
    """A sign of speech and the words that stand for who speaks.

    Attributes:
        word: The sign as printed.
        start: First code point of the sign and its subject.
        end: Past their last code point.
        subject: The subject's words; may be empty for a participle.
        sign: First code point of the sign alone, and past its last.
        by: The same of the subject; None where there is none.
        loose: Whether it counts only where a quotation touches it.
        participle: Whether it leans on a verb before it (``said …, adding …``).
    """

    word: str
    start: int
    end: int
    subject: tuple[str, ...]
    sign: Extent
    by: Extent | None
    loose: bool = False
    participle: bool = False


def has_cue(text: str) -> bool:
    """Tell quickly whether a text may hold any sign of speech."""
    return not _ANY_CUE.isdisjoint(_LETTERS.findall(text.lower()))


def cues(tokens: Sequence[Token]) -> list[Cue]:
    """Find the signs of speech among the tokens of a sentence, each with its subject."""
    found: list[Cue] = []
    for index, token in enumerate(tokens):
        sign = token.low in _ANY_CUE and (token.text[0].islower() or index == 0)
        sign = sign and not (token.low == "states" and not _states(tokens, index))
        cue = _cue_at(tokens, index) if sign else None
        if cue is not None:
            found.append(cue)
    return found


def _is_name(tokens: Sequence[Token], span: Extent) -> bool:
    return tokens[span[1] - 1].capital or low_at(tokens, span[0]) in PRONOUNS


def _states(tokens: Sequence[Token], index: int) -> bool:
    """Tell whether ``states`` is a verb: ``the letter states that …``, and not ``the Gulf states …``."""
    return low_at(tokens, index + 1) in ("that", ",", ":") or quoted_at(tokens, index + 1)


def _cue_at(tokens: Sequence[Token], index: int) -> Cue | None:
    low = tokens[index].low
    if low == "according":
        span = phrase_from(tokens, index + 2) if low_at(tokens, index + 1) == "to" else None
        return _cue(tokens, index, span)
    if low in SPEECH_NOUNS and low not in FINITE:
        return _cue(tokens, index, _owner(tokens, index))
    if low in PARTICIPLES or low.endswith("ing"):
        return _participle(tokens, index)
    span = _finite(tokens, index)
    if low in NOUN_LIKE and span is not None and (tokens[span[1] - 1].owner or not _is_name(tokens, span)):
        span = _owner(tokens, index) if low in SPEECH_NOUNS else None
    return _cue(tokens, index, span)


def cue_at(tokens: Sequence[Token], index: int, span: Extent) -> Cue:
    """Make a sign of the token at a place, with its subject."""
    words = tuple(token.text for token in tokens[span[0] : span[1]] if token.text != ",")
    sign, whole = _sign(tokens, index), _by(tokens, span)
    return Cue(
        tokens[index].text,
        min(whole[0], sign[0]),
        max(whole[1], sign[1]),
        words,
        sign,
        _relative(tokens, index, span[1]) or _by(tokens, (with_title(tokens, span[0]), span[1])),
        loose=tokens[index].low not in _TIGHT,
    )


def _cue(tokens: Sequence[Token], index: int, span: Extent | None) -> Cue | None:
    return cue_at(tokens, index, span) if span is not None else None


def _relative(tokens: Sequence[Token], index: int, after: int) -> Extent | None:
    """Give the extent of the ``who`` that stands for a subject named before it."""
    back = index - 1
    while back > after and (adverb(tokens[back]) or tokens[back].low in AUXILIARIES):
        back -= 1
    relative = back >= after and low_at(tokens, back) in ("who", "which")
    return (tokens[back].start, tokens[back].end) if relative else None


def _sign(tokens: Sequence[Token], index: int) -> Extent:
    """Give the extent of the sign itself, ``to`` of ``according to`` included."""
    last = index + 1 if tokens[index].low == "according" else index
    return tokens[index].start, tokens[last].end


def _by(tokens: Sequence[Token], span: Extent) -> Extent:
    return tokens[span[0]].start, tokens[span[1] - 1].end


def _owner(tokens: Sequence[Token], index: int) -> Extent | None:
    """Read ``As Blinken’s comments suggest``: a speech noun with its owner."""
    if not (low_at(tokens, index + 1) in _AFTER_SPEECH_NOUN or quoted_at(tokens, index + 1)):
        return None
    for back in range(index - 1, max(index - 4, -1), -1):
        if tokens[back].capital and tokens[back].owner:
            return (name_start(tokens, back), back + 1)
    return None


def _participle(tokens: Sequence[Token], index: int) -> Cue | None:
    back = index - 1
    while back >= 0 and adverb(tokens[back]):
        back -= 1
    before = low_at(tokens, back)
    if before == "as" and low_at(tokens, back - 1) in ("quoted", "cited"):
        return _cue(tokens, index, subject(tokens, back - 1))
    if before in AUXILIARIES:
        return _cue(tokens, index, subject(tokens, back))
    if tokens[index].low not in PARTICIPLES:
        return None
    if _introduces(tokens, index) and back >= 0 and before not in _BEFORE_PARTICIPLE:
        return _cue(tokens, index, _sender(tokens, back))
    if not (before in _BEFORE_PARTICIPLE or quoted_at(tokens, back)):
        return None
    span = clause_subject(tokens, index, apposed=False)
    words = tuple(token.text for token in tokens[span[0] : span[1]]) if span else ()
    sign, by = _sign(tokens, index), _by(tokens, span) if span else None
    return Cue(tokens[index].text, *sign, words, sign, by, participle=True)


def _introduces(tokens: Sequence[Token], index: int) -> bool:
    """Tell whether a quotation follows a verb, after a comma or a colon: ``saying, “…”``."""
    return low_at(tokens, index + 1) in (",", ":") and quoted_at(tokens, index + 2)


def _sender(tokens: Sequence[Token], last: int) -> Extent | None:
    """Read ``with spokesman Ivo Bauer saying, “…”`` and ``she sent a note saying, “…”``."""
    if tokens[last].low in WRITINGS:
        return clause_subject(tokens, last, apposed=False)
    return subject(tokens, last + 1) if tokens[last].capital else None


def _finite(tokens: Sequence[Token], index: int) -> Extent | None:
    back = index - 1
    while back >= 0 and (adverb(tokens[back]) or tokens[back].low in AUXILIARIES):
        if tokens[back].low in _BEING:
            return None
        back -= 1
    before = low_at(tokens, back)
    if before in NEGATIONS or (
        tokens[index].low in ("called", "calls") and index + 1 < len(tokens) and tokens[index + 1].capital
    ):
        return None
    if before == "to":
        return _infinitive(tokens, back)
    if back < 0 or tokens[back].quoted or (before == "," and quoted_at(tokens, back - 1)):
        return _inverted(tokens, index) or (_past_quotation(tokens, back) if back >= 0 else None)
    if before in (",", "—", "–") and _named_after(tokens, index):
        return _inverted(tokens, index)
    span = subject(tokens, back + 1) or _after_quotation(tokens, index)
    if span is None or (tokens[index].low in PLURAL_BASE and not _plural(tokens, span)):
        return _inverted(tokens, index) if before in (",", "—", "–") else None
    return span


def _past_quotation(tokens: Sequence[Token], back: int) -> Extent | None:
    """Read ``X, who called it “…,” described …``: the subject stands before the quotation."""
    while back > 0 and (tokens[back].quoted or tokens[back].text == ","):
        back -= 1
    first = segment(tokens, back)
    return phrase_from(tokens, first, limit=back) if first < back and tokens[first].capital else None


def _named_after(tokens: Sequence[Token], index: int) -> bool:
    """Tell whether a name and nothing else follows: ``…, said Marcia Smith, senior vice president``."""
    if tokens[index].low in _NEVER_INVERTED or index + 1 >= len(tokens):
        return False
    span = phrase_from(tokens, index + 1)
    if span is None or not any(token.capital for token in tokens[span[0] : span[1]]):
        return (
            span is not None
            and low_at(tokens, span[1]) in (",", ".", "")
            and low_at(tokens, span[0]) not in PRONOUNS
        )
    return not tokens[span[1] - 1].owner and low_at(tokens, span[1]) in _PAST_NAME


def _after_quotation(tokens: Sequence[Token], index: int) -> Extent | None:
    """Where a quotation opens the clause, what follows it is the subject: ``“…,” X, who …, wrote``."""
    first = segment(tokens, index)
    if not quoted_at(tokens, first - 1) or first == index:
        return None
    return clause_subject(tokens, index) or _words_only(tokens, first, index)


def _words_only(tokens: Sequence[Token], first: int, end: int) -> Extent | None:
    """Take a few words between a quotation and its verb for who speaks: ``“…,” the mayor’s office said``."""
    while end > first and (adverb(tokens[end - 1]) or tokens[end - 1].low in AUXILIARIES):
        end -= 1
    plain = all(token.text[0].isalpha() and token.low not in _NO_SUBJECT for token in tokens[first:end])
    return (first, end) if plain and first < end <= first + _FEW else None


def _inverted(tokens: Sequence[Token], index: int) -> Extent | None:
    if index == 0 or tokens[index].low in _NEVER_INVERTED:
        return None
    span = phrase_from(tokens, index + 1)
    if span is None:
        return None
    speaks = any(
        token.capital or token.low in DESCRIBERS or token.low in PRONOUNS
        for token in tokens[span[0] : span[1]]
    )
    # Right after a quotation whoever follows the verb speaks: ``“…,” said the designer``.
    quoted = quoted_at(tokens, index - 1) or (
        low_at(tokens, index - 1) == "," and quoted_at(tokens, index - 2)
    )
    return span if speaks or (quoted and tokens[span[0]].low in DETERMINERS) else None


def _infinitive(tokens: Sequence[Token], back: int) -> Extent | None:
    """Read ``went on to say`` and ``continued to insist``; other infinitives say nothing."""
    before = back - 1 if low_at(tokens, back - 1) != "on" else back - 2
    return subject(tokens, before) if low_at(tokens, before) in _GOING_ON else None


def _plural(tokens: Sequence[Token], span: Extent) -> bool:
    words = [token.low for token in tokens[span[0] : span[1]]]
    return any(word in _MANY or (word.endswith("s") and word in DESCRIBERS) for word in words)
