"""Subjects: phrases of a sentence that a question can ask about, by rules over words.

A subject is a stretch of the sentence as it stands there: ``the war in Ukraine``,
``Iran's nuclear program``. Rather none than one that makes no sense in a question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from onrecord.people.names import is_person
from onrecord.text.lexicon import (
    ADVERBS,
    AUXILIARIES,
    CALENDAR,
    DESCRIBERS,
    FINITE,
    FUNCTION,
    NOUN_LIKE,
    ORGANISATIONS,
    PARTICIPLES,
    PRONOUNS,
    ROLES,
)
from onrecord.text.quotation_marks import CLOSING, OUTER, STRAIGHT
from onrecord.text.terms import STOP, STOPWORDS, tokenize
from onrecord.text.word_lists import words

_TOKEN = re.compile(r"(?:[A-Z]\.){2,}|\w+(?:[-’']\w+)*|[^\w\s]")
_MOST_WORDS = 4
_BEFORE = frozenset(
    "about on of with in for between from over against by regarding concerning despite".split()
)
_AFTER = frozenset("with in on of between over against for".split())
_ARTICLES = ("the", "a", "an")
_ATTRIBUTING = ("at", "told", "telling", "tells")
_NO_TOPIC = ("at", "to", "from", "by", "of", "for")
"""A name after one of these is where or to whom something was said, more often than what it was about."""
_VAST = frozenset(("usa", "gbr", "eur", "uno"))
"""Stems of names that say little of a subject."""
_TOPICAL = frozenset("about on over against regarding concerning".split())
"""Only after one of these are nouns without a name or “the” what a sentence is about."""
_NEGATED = frozenset("no any some set sort kind type lot number part kinds sorts".split())
_FUNCTIONAL = (
    (FUNCTION | AUXILIARIES | ADVERBS | PRONOUNS | STOPWORDS | (FINITE - NOUN_LIKE) | PARTICIPLES)
    | frozenset("today thanks percent per cent via amid versus vs to".split())
) - {"good", "great", "climate"}
_ENDING = CLOSING + STRAIGHT
_STOPS = f",.;:?!)’{_ENDING}"
_POSSESSIVE = re.compile(r"[’']s$")
_EMPTY = words("empty_nouns")
_NOUN_END = re.compile(
    r"(?:tion|sion|ment|ness|ity|acy|ism|ship|ance|ence|phy|ogy|ics|tions|ments|sions|ities)$"
)
_VERB_END = re.compile(r"(?:ed|ing)$")
_NOUNS = words("subject_nouns")
_DEMONYM = re.compile(r"(?:ian|ish|ese|ean|ican|aeli|aqi|eni)$")


POINTING = frozenset(
    PRONOUNS | frozenset("him her his hers them their its this these those our my me us your".split())
)
"""Words that point at what stands elsewhere."""
_NAME = re.compile(r"(?:(?:[A-Z](?![A-Z]{2})[\w.’'-]*|von|van|der|de|la|del|di|da|bin|al|el)(?: (?!$)|$))+")
_PLURAL = re.compile(
    r"\b(?:officials|people|lawmakers|experts|analysts|diplomats|sources|critics|ministers)$"
)
_BETWEEN = r"(?:(?:also|today|again|later|has|have|had|strongly|flatly|repeatedly) )?"
_TOLD = re.compile(
    rf"^ {_BETWEEN}(?P<verb>{'|'.join(sorted(FINITE, key=len, reverse=True))})"
    rf" (?P<rest>(?:[^,;:{OUTER}()\[\]—–]|,(?=\d))+?)(?=,(?!\d)|;|[.!]?$)"
)
_FEWEST, _MOST = 5, 15
_NOT_ASKED = frozenset("told tells asked asks added adds called calls spoke speaks".split())
_LEADING = frozenset(("the", "a", "an", "that"))


@dataclass(frozen=True, slots=True)
class Subject:
    """A phrase to ask about.

    Attributes:
        text: As it stands in the sentence.
        stems: Of its content words.
        named: Whether a name is part of it.
        words: How many words it has, an article not counted.
        place: Whether the sentence only says that something is in it.
    """

    text: str
    stems: frozenset[str]
    named: bool
    words: int
    place: bool = False

    def worth(self, titled: frozenset[str]) -> float:
        """Say how much it is worth asking about: more if long, with a name, or of the article's title."""
        vague = self.words == 1 and not self.named
        long = (0.0, 0.0, 1.0, 1.5)[min(self.words, 3)]
        in_title = 0.5 * min(len(self.stems & titled), 2)
        return 1.5 * self.named + long + in_title - 2.0 * vague - 2.5 * self.place


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int

    @property
    def low(self) -> str:
        """Without capitals, its apostrophe straight."""
        return self.text.lower().replace("’", "'")

    @property
    def capital(self) -> bool:
        """Whether it begins with a capital."""
        return self.text[0].isupper()


class NounTest:
    """Tells whether a word is a noun, from the text it stands in: what follows an article is one.

    Args:
        text: Of the article.
    """

    def __init__(self, text: str) -> None:
        found = re.finditer(
            rf"\b(?:the|a|an|its|their|his|her|our)\s+([a-z][a-z-]+)(?=[.,;:!?’{_ENDING}]|\s+of\b)",
            text,
        )
        self._seen = frozenset(match[1] for match in found)

    def __call__(self, word: str, *, alone: bool = False) -> bool:
        """Say whether a word may stand at the end of a subject."""
        low = word.lower()
        if low in _EMPTY or low in ROLES or low in DESCRIBERS:
            return False
        if low in _NOUNS or _NOUN_END.search(low):
            return True
        return not alone and low in self._seen and not _VERB_END.search(low)


def stems_of(text: str) -> frozenset[str]:
    """Give the stems of the content words of a text."""
    return frozenset(token.stem for token in tokenize(text) if not token.flags & STOP)


def subjects_of(text: str, noun: NounTest) -> Iterator[Subject]:
    """Find what a sentence is about."""
    words = [_Word(found.group(), found.start(), found.end()) for found in _TOKEN.finditer(text)]
    for at, word in enumerate(words[:-1]):
        if word.low in _ARTICLES and not (at and words[at - 1].low in _ATTRIBUTING):
            yield from _found(text, words, at, at + 1, noun)
        elif word.low in _BEFORE and words[at + 1].low not in _ARTICLES and not _bound(words, at):
            yield from _found(text, words, at + 1, at + 1, noun)


def _bound(words: Sequence[_Word], at: int) -> bool:
    """Say whether what follows a preposition belongs to what stands before it: ``sort of``, a long name."""
    if at == 0:
        return False
    return words[at - 1].low in _NEGATED or (at > 1 and words[at - 1].capital and words[at + 1].capital)


def _found(text: str, words: Sequence[_Word], begin: int, first: int, noun: NounTest) -> Iterator[Subject]:
    """Give the phrase from ``begin``, its nouns from ``first`` on, and the same with a name after it."""
    last = _run(text, words, first)
    if last is None or not _complete(words[first:last], noun, bare=begin == first):
        return
    before = words[begin - 1].low if begin else ""
    name = all(word.capital for word in words[first:last])
    beyond = _extended(text, words, last)
    plain = not any(word.capital for word in words[first:last])
    if plain and words[begin].low != "the" and before not in _TOPICAL:
        return
    if name and (before in _NO_TOPIC or words[begin].low in ("a", "an")):
        return
    if beyond is not None:
        yield _subject(text, words, begin, beyond, first=first)
    stems = stems_of(text[words[first].start : words[last - 1].end])
    if (name and beyond is not None) or stems <= _VAST:
        return  # “the Council on Foreign Relations” is one name
    if last >= len(words) or words[last].low != "of":
        place = before == "in" and (name or begin == first)
        yield _subject(text, words, begin, last, first=first, place=place)


def _subject(
    text: str, words: Sequence[_Word], begin: int, last: int, *, first: int, place: bool = False
) -> Subject:
    told = " ".join(text[words[begin].start : words[last - 1].end].split())
    named = any(word.capital for word in words[first:last])
    return Subject(_lowered(told), stems_of(told), named, last - first, place)


def _lowered(told: str) -> str:
    head, _, rest = told.partition(" ")
    return f"{head.lower()} {rest}" if head in ("The", "A", "An") else told


def _run(text: str, words: Sequence[_Word], first: int) -> int | None:
    """Find where the words that may be one noun phrase end; None where that cannot be told."""
    last = first
    while (
        last < len(words) and _within(words[last], first=last == first) and _beside(text, words, last, first)
    ):
        last += 1
    if last == first or last - first > _MOST_WORDS:
        return None
    if last < len(words) and not _beside(text, words, last, first) and words[last].text not in _STOPS:
        return None
    while last > first and _VERB_END.search(words[last - 1].low) and not words[last - 1].capital:
        last -= 1
    return last if last > first else None


def _beside(text: str, words: Sequence[_Word], at: int, first: int) -> bool:
    return at == first or text[words[at - 1].end : words[at].start] in (" ", "\n")


def _within(word: _Word, *, first: bool) -> bool:
    low = word.low
    if first and re.fullmatch(r"(?:19|20)\d\d", low):
        return True
    return (
        word.text[0].isalpha()
        and low not in _FUNCTIONAL
        and low not in CALENDAR
        and not (low.endswith("ly") and not word.capital)
        and (not _POSSESSIVE.search(low) or word.capital)
    )


def _complete(words: Sequence[_Word], noun: NounTest, *, bare: bool) -> bool:
    """Say whether the words are a phrase to ask about: it ends in a noun or a name, and names no speaker."""
    head = words[-1]
    if _POSSESSIVE.search(head.low) or any(word.capital and word.low in ROLES for word in words):
        return False
    if bare and words[0].low.endswith("ing") and not words[0].capital:
        return False
    mixed = words[0].capital and not _POSSESSIVE.search(words[0].low) and not head.capital
    lower = sum(not word.capital for word in words)
    if bare and mixed and (lower > 1 or words[0].low.endswith("s")):
        return False  # “in Congress describe misconduct”: one of them may be a verb
    dated, named = words[0].text[0].isdigit(), all(word.capital for word in words)
    if (named and is_person([word.text for word in words])) or (dated and len(words) < 3):
        return False
    if head.capital:
        return named and not _DEMONYM.search(head.low) and _named_well(words)
    # A single noun without an article may be half of anything, save one for what cannot be counted.
    return noun(head.text, alone=len(words) == 1) and (not bare or len(words) > 1 or not _counted(head.low))


def _named_well(words: Sequence[_Word]) -> bool:
    return words[-1].low not in ROLES and words[-1].low not in _EMPTY and len(words[-1].text) > 1


def _counted(low: str) -> bool:
    return not low.endswith(("s", "acy", "ism", "ity", "ment", "tion"))


def _extended(text: str, words: Sequence[_Word], at: int) -> int | None:
    """Find the end of ``in Ukraine``, ``with North Korea`` or ``of Iranian drones`` after a phrase."""
    if (
        at >= len(words) - 1
        or words[at].low not in _AFTER
        or text[words[at - 1].end : words[at].start] not in (" ", "\n")
    ):
        return None
    first = at + 2 if words[at + 1].low == "the" else at + 1
    last = first
    while last < len(words) and words[last].capital and _within(words[last], first=last == first):
        if last > first and not _beside(text, words, last, first):
            break
        last += 1
    name = words[first:last]
    if not name or len(name) > 3 or name[-1].low in ROLES or _POSSESSIVE.search(name[-1].low):
        return None
    after = words[last] if last < len(words) else None
    if after is not None and after.text[0].isalpha() and after.low not in _FUNCTIONAL:
        return None  # “with Russian partners”: the name is half of a phrase
    return None if _DEMONYM.search(name[-1].low) else last


# --- who said it


def called(name: str) -> str:
    """Write a speaker as in the middle of a question; empty where that cannot be told."""
    words = name.split()
    if is_person(words) and _NAME.fullmatch(name):
        return "" if re.sub("[’'].*", "", words[0].lower()) in _FUNCTIONAL else name
    if " and " in name or len(words) < 2:
        return ""
    if words[-1][0].islower():
        return name if _PLURAL.search(name) else f"{_an(name)} {name}"
    return f"the {name}" if words[-1].lower() in ORGANISATIONS else ""


def _an(name: str) -> str:
    low = name.lower()
    spelt = name[:1] in "EAIOF" and name.split(maxsplit=1)[0].isupper()
    vowel = low[0] in "aeio" or (
        low[0] == "u" and not low.startswith(("u.", "us ", "uk ", "un ", "uni", "use"))
    )
    return "an" if spelt or (vowel and not low.startswith(("eu", "one"))) else "a"


def who_said(text: str, speaker: str) -> str:
    """Make of a report who said something a question after who it was.

    Gives the question; empty where the sentence is not plain enough.
    """
    last = speaker.rsplit(maxsplit=1)[-1]
    _, name, rest = text.partition(last)
    told = _TOLD.match(rest) if name else None
    if told is None or told["verb"] in _NOT_ASKED:
        return ""
    words = told["rest"].split()
    pointing = any(re.sub("[’'].*", "", word.lower()) in POINTING for word in words)
    if pointing or not _FEWEST <= len(words) <= _MOST or stems_of(told["rest"]) & stems_of(speaker):
        return ""
    whole = words[-1].lower() not in _FUNCTIONAL and words[0].lower() not in _FUNCTIONAL - _LEADING
    return f"Who {told['verb']} {' '.join(words)}?" if whole else ""
