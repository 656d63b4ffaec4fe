"""Support: whether the sentences that a chat model cites carry its claim.

The check is of words and numbers, not of meaning: it is strict where a claim
can mislead (names, numbers, dates, negation, opposites, who is said to have
said it) and lenient about wording. A claim that fails is dropped, never mended:
without its quotation marks, a made-up quotation would still be made up.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

from onrecord.chat.claim_stream import WrittenClaim
from onrecord.chat.prompts import Excerpt, gives_orders
from onrecord.people.names import same_speaker
from onrecord.text.folding import DOUBLE_MARKS, SINGLE_MARKS
from onrecord.text.lexicon import (
    ADVERBS,
    DETERMINERS,
    FINITE,
    FUNCTION,
    GENERIC,
    NOUN_LIKE,
    PARTICIPLES,
    ROLES,
)
from onrecord.text.polarity import Polarity, contradicts
from onrecord.text.quantities import Quantities, quantities
from onrecord.text.quotation_marks import MARKS
from onrecord.text.terms import CAPITAL, DIGIT, MONTH, STOP, Term, tokenize

T = TypeVar("T")

_APART = re.compile(r"(?<=\b[A-Z]\.) (?=[A-Z]\.)")  # models write "U. S." for "U.S."
_LONGEST = 400
_FLOOR = 0.5
_LONGEST_FOREIGN_RUN = 2
_WINDOW = 600
_NEAR = 4


class Dropped(StrEnum):
    """Why a claim is not shown."""

    NO_ID = "cites no sentence"
    UNKNOWN_ID = "cites a sentence that does not exist"
    QUOTATION_MARKS = "holds quotation marks"
    MARKUP = "holds markup, an address, a code or invisible characters"
    LENGTH = "too long or empty"
    POISONED = "rests on an order to a model"
    ORDER = "is no statement: an order or a question"
    NAME = "names what its sentences do not"
    SPEAKER = "has somebody else say it"
    NUMBER = "holds a number that its sentences do not"
    DATE = "holds a date that its sentences do not"
    NEGATION = "turns round what its sentences say"
    WORDS = "says what its sentences do not"


_APOSTROPHES = "'’ʼ"
# What folds to a mark, what stands round words, and what only looks so: a model has more signs than articles.
_MARKS = frozenset(f"{DOUBLE_MARKS}{SINGLE_MARKS}{MARKS}ʺˮ״〃˝ʹʽ｀⹂｢｣《》〈〉⟨⟩") - frozenset(_APOSTROPHES)
_LOOSE_APOSTROPHE = re.compile(
    rf"(?<!\w)[{_APOSTROPHES}](?!\d0s\b)|(?<![\wsxz])[{_APOSTROPHES}]|[{_APOSTROPHES}]{{2}}"
)
_CLOSING_APOSTROPHE = re.compile(rf"(?<=[^\WsxzSXZ])[{_APOSTROPHES}](?!\w)")
_MARKUP = re.compile(
    r"\w+://|\bwww\.|\b[\w-]+\.(?:com|org|net|io|co|info|ru|cn|gov|edu|app|dev|xyz|me|ly)\b|\w@|@\w|mailto:|javascript:"
    r"|\]\(|!\[|</?\w|<!|&\w+;|&#|`|\*\*|__|~~|^\s*[#>*|]|[{}<>|\\]|\]\[|\[\d|^\s*[-•+]\s|\bdata:"
    r"|\d{5,}|…|\.\.\.|\b[A-Z]{3,}[-_]\d{3,}|\S{40,}",
    re.MULTILINE,
)
_ONE_LINE = re.compile(r"[\n\r\v\f\x85\u2028\u2029]")
_SENTENCE_END = re.compile(r"[.!?]\s+(?=\S)")
_PRONOUNS = frozenset(
    "he him his she her hers they them their theirs it its this these those that we us our ours i me my who "
    "himself herself itself themselves".split()
)
_OWN = frozenset("i me my mine we us our ours".split())
_SPEECH = FINITE | PARTICIPLES | NOUN_LIKE | frozenset("say tell according told told says said".split())
_OPENERS = ROLES | GENERIC | ADVERBS | DETERMINERS | FUNCTION
_NAME_RUN = r"[^\W\d_a-z][\w’'.-]*(?: (?:of |de |van |von |bin |al-)?[^\W\d_a-z][\w’'.-]*)*"
_SAID = re.compile(rf"({_NAME_RUN})(?: \w+ly| also| has| have| had)? (\w+)\b")
_ACCORDING = re.compile(rf"\b[Aa]ccording to (?:the )?({_NAME_RUN})")


def clean(text: str) -> str:
    """Even out the white space of a claim: one space between words, none at the ends."""
    return " ".join(text.split())


def unsupported(
    claim: WrittenClaim, cited: Sequence[Excerpt], *, context: Sequence[str] = (), question: str = ""
) -> str:
    """Check a claim against the sentences that it cites.

    Args:
        claim: As the model wrote it, white space evened out.
        cited: The sentences of its ids, in any order; others are ignored.
        context: Whole texts of the articles cited. They let a name stand in for a pronoun.
        question: As searched. Its words carry nothing, but are not held to stray from the sentences.

    Returns:
        Why the claim cannot be shown, as :class:`Dropped`; empty when it can.
    """
    if not claim.ids:
        return Dropped.NO_ID
    held = [excerpt for excerpt in cited if excerpt.number in claim.ids]
    if len({excerpt.number for excerpt in held}) < len(set(claim.ids)):
        return Dropped.UNKNOWN_ID
    return _malformed(claim.text) or _uncarried(claim.text, held, context, question)


def _malformed(text: str) -> str:
    """Check the form: one short line of plain text that quotes nobody, links to nothing, hides nothing."""
    if not text.strip() or len(text) > _LONGEST:
        return Dropped.LENGTH
    if _MARKS.intersection(text) or _LOOSE_APOSTROPHE.search(text) or _CLOSING_APOSTROPHE.search(text):
        return Dropped.QUOTATION_MARKS
    if _ONE_LINE.search(text) or _MARKUP.search(text) or any(map(_unseen, text)):
        return Dropped.MARKUP
    if gives_orders(text) or text.rstrip().endswith("?"):
        return Dropped.ORDER
    return ""


@lru_cache(maxsize=4_096)
def _unseen(char: str) -> bool:
    return (
        unicodedata.category(char) in ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
        or char in ("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffd")
        or 0xFE00 <= ord(char) <= 0xFE0F
        or 0xE0000 <= ord(char) <= 0xE0FFF
    )


@dataclass(frozen=True, slots=True)
class _Words:
    """A text, analysed.

    Attributes:
        text: The text.
        tokens: Its words.
        stems: Of all words.
        pronouns: How many there are.
        quantities: Its numbers and dates.
    """

    text: str
    tokens: tuple[Term, ...]
    stems: frozenset[str]
    pronouns: int
    quantities: Quantities

    @property
    def lower(self) -> Iterator[str]:
        return (self.text[token.start : token.end].lower() for token in self.tokens)


@lru_cache(maxsize=2_048)
def _words(text: str) -> _Words:
    text = _APART.sub("", text)
    tokens = tuple(tokenize(text))
    pronouns = sum(text[token.start : token.end].lower() in _PRONOUNS for token in tokens)
    return _Words(text, tokens, frozenset(t.stem for t in tokens), pronouns, quantities(text))


@lru_cache(maxsize=2_048)
def _polarity(text: str) -> Polarity:
    return Polarity.of(text)


def _uncarried(text: str, held: Sequence[Excerpt], context: Sequence[str], question: str) -> str:
    """Check what the claim says, the gravest first."""
    if any(gives_orders(excerpt.text) for excerpt in held):
        return Dropped.ORDER
    said, slices = _words(text), [_words(excerpt.text) for excerpt in held]
    return (
        _foreign_name(said, slices, held, context)
        or _wrong_speaker(said, slices, held)
        or _foreign_quantity(said, slices, held)
        or (Dropped.NEGATION if contradicts(_polarity(text), Polarity.of(*(e.text for e in held))) else "")
        or _foreign_words(said, slices, _words(question).stems)
    )


def _foreign_name(
    said: _Words, slices: Sequence[_Words], held: Sequence[Excerpt], context: Sequence[str]
) -> str:
    """Find a name that is not in the slices, nor their speaker's beside a verb of speech.

    A name from just before a slice, or from the title, may take the place of a pronoun of the slice:
    then the claim holds fewer pronouns than the slices. A name swapped for another changes no pronoun,
    and stands in the claim more often than in the slices.
    """
    left = Counter(token.stem for words in slices for token in words.tokens)
    left.subtract(token.stem for token in said.tokens)
    absorbed = sum(words.pronouns for words in slices) > said.pronouns
    nearby = _nearby(held, context) if absorbed else frozenset()
    speakers = _stems(part for e in held for part in (e.speaker, e.outlet) if part)
    for at, token in enumerate(said.tokens):
        if not _names(token) or left[token.stem] >= 0 or token.stem in nearby:
            continue
        if token.stem in speakers and (_speech_near(said, at) or _own_words_absorbed(said, slices)):
            continue
        if not (_opens(said, at) and _common(said, token, context)):
            return Dropped.NAME
    return ""


def _names(token: Term) -> bool:
    return bool(token.flags & CAPITAL) and not token.flags & (STOP | MONTH | DIGIT)


def _stems(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(stem for text in texts for stem in _words(text).stems)


def _nearby(held: Sequence[Excerpt], context: Sequence[str]) -> frozenset[str]:
    before = [
        text[max(0, e.start - _WINDOW) : e.start]
        for e in held
        for text in context
        if text[e.start : e.end] == e.text
    ]
    return _stems([*before, *(e.title for e in held)])


def _opens(said: _Words, at: int) -> bool:
    between = said.text[said.tokens[at - 1].end : said.tokens[at].start] if at else "."
    return any(mark in between for mark in ".!?:")


def _common(said: _Words, token: Term, context: Sequence[str]) -> bool:
    """Tell whether a capital only opens a sentence: the word is a known one, or the article has it small."""
    word = said.text[token.start : token.end].lower()
    return word in _OPENERS or any(re.search(rf"\b{re.escape(word)}\b", text) for text in context)


def _speech_near(words: _Words, at: int) -> bool:
    near = words.tokens[max(0, at - _NEAR) : at + _NEAR + 1]
    return any(words.text[token.start : token.end].lower() in _SPEECH for token in near)


def _own_words_absorbed(said: _Words, slices: Sequence[_Words]) -> bool:
    return sum(w in _OWN for words in slices for w in words.lower) > sum(w in _OWN for w in said.lower)


def _wrong_speaker(said: _Words, slices: Sequence[_Words], held: Sequence[Excerpt]) -> str:
    """Find words put into the mouth of somebody other than the speakers of all the sentences cited."""
    speakers = [excerpt.speaker for excerpt in held if excerpt.speaker]
    if len(speakers) < len(held):
        return ""
    for name in _said_by(said.text):
        if any(same_speaker(name, speaker) for speaker in speakers):
            continue
        key = _words(name).tokens[-1].stem if _words(name).tokens else ""
        if not any(
            token.stem == key and _speech_near(w, at) for w in slices for at, token in enumerate(w.tokens)
        ):
            return Dropped.SPEAKER
    return ""


def _said_by(text: str) -> list[str]:
    before = [found[1] for found in _SAID.finditer(text) if found[2].lower() in FINITE]
    return before + [found[1] for found in _ACCORDING.finditer(text)]


def _foreign_quantity(said: _Words, slices: Sequence[_Words], held: Sequence[Excerpt]) -> str:
    """Find a number or a date that is not in the slices, or stands there less often.

    The day of publication may be told too, with its year, but never in place of a date of the slices.
    """
    own = said.quantities
    if own.numbers - _sum(words.quantities.numbers for words in slices):
        return Dropped.NUMBER
    dates = _sum(words.quantities.dates for words in slices)
    foreign = own.dates - dates
    published = frozenset().union(*(_words(e.published or "").quantities.dates for e in held))
    kinds = {kind for kind, _ in foreign}
    replaced = any(kind in kinds for kind, _ in dates - own.dates)
    told = foreign.keys() <= published and "year" in {kind for kind, _ in own.dates}
    return Dropped.DATE if foreign and (replaced or not told) else ""


def _sum(counters: Iterable[Counter[T]]) -> Counter[T]:
    total: Counter[T] = Counter()
    for counter in counters:
        total.update(counter)
    return total


def _foreign_words(said: _Words, slices: Sequence[_Words], asked: frozenset[str]) -> str:
    """Find a sentence of the claim that shares too few of its content words with the slices, or strays."""
    stems = frozenset().union(*(words.stems for words in slices))
    for tokens in _sentences(said):
        content = [t for t in tokens if not t.flags & (STOP | DIGIT | MONTH) and not _is_speech(said, t)]
        plain = [token.stem in stems for token in content if not _names(token)]
        known = sum(plain)
        if not any(token.stem in stems for token in tokens) or known < _FLOOR * len(plain):
            return Dropped.WORDS
        runs = "".join("." if token.stem in stems | asked else "x" for token in content)
        if "x" * (_LONGEST_FOREIGN_RUN + 1) in runs:
            return Dropped.WORDS
    return ""


def _is_speech(words: _Words, token: Term) -> bool:
    return words.text[token.start : token.end].lower() in _SPEECH


def _sentences(words: _Words) -> list[list[Term]]:
    ends = [found.start() for found in _SENTENCE_END.finditer(words.text)] + [len(words.text)]
    begun = [0, *ends[:-1]]
    parts = [
        [token for token in words.tokens if start <= token.start < end]
        for start, end in zip(begun, ends, strict=True)
    ]
    return [part for part in parts if part] or [[]]
