"""Words that point back: which of them find nothing to point at within their own question.

Rules only. A pronoun whose antecedent stands earlier in the same question
("What did Blinken say about his trip?") points at nothing outside it, and
neither does one that stands for nothing ("Is it raining in Kyiv?").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from onrecord.people.names import bare_name, is_person, strip_titles
from onrecord.text.lexicon import CALENDAR, DESCRIBERS, FEMALE, MALE, ORGANISATIONS, PLACES, ROLES
from onrecord.text.quotation_marks import OUTER
from onrecord.text.terms import CAPITAL, INITIAL, MONTH, STOP, is_country, tokenize
from onrecord.text.word_lists import words

_RUN = re.compile(
    r"\b[A-Z][\w.’'-]*(?: (?:(?:of the|of|von|van|der|de|la|del|di|da|bin|al|el) )?[A-Z][\w.’'-]*)*"
)
_PERSON = re.compile(r"\b(?:he|she|him|her|his|hers)\b", re.IGNORECASE)
_SUBJECTS = ("he", "she", "his", "hers")
_BREAK = re.compile(
    r"[,;:.?!—–]|\b(?:and|but|or|if|when|while|because|since|before|after|that|which|who|whether|until|"
    r"although|though|where|why|how)\b",
    re.IGNORECASE,
)
_THING = re.compile(
    r"\b(?:it|its|itself|they|them|their|theirs|these|the same|the former|the latter|both of them|"
    r"this(?! (?:year|month|week|time|morning|evening|century|day|decade|is my)\b)|"
    r"those(?! (?:who|that|which|with|of|in|on|from|whose)\b)|"
    r"(?:what|who|where|how|any\w*|some\w*|nobody|nothing) else|(?:which|other|another|that|this) ones?)\b"
    r"|\b(?:about|of|like|after|before|by|with|for|to|from|on|in|than|do|does|did|say|said|mean|confirm|deny|is|was|"
    r"why|know|see|believe|think|want|make|made)\s+that(?=\s*(?:[?.!,;]|$|\bto\b|\band\b|\bin\b))"
    r"|(?:^|[,;.?!]\s*|\band\s+|\bso\s+)that(?=\s+(?:is|was|means?|would|will|has|does|did)\b)"
    r"|\b(?:is|was|does|did|would|will|could|has) that(?=\s+(?:mean|true|why|how|what|because|still|"
    r"really|right|the|a|"
    r"happen|work|change|include|apply|have)\b)",
    re.IGNORECASE,
)
_THERE = re.compile(
    r"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )(?<!\bwill )(?<!\bwould )(?<!\bhas )(?<!\bhave )(?<!\bhi, )"
    r"(?<!\bhi )(?<!\bcan )(?<!\bcould )(?<!\bhello )"
    r"\bthere\b(?!\s+(?:is|are|was|were|will|would|be|has|have|had|can|could|might|may|isn|aren|wasn|s)\b|['’])",
    re.IGNORECASE,
)
_EMPTY = re.compile(
    r"\bit\b(?=(?:['’]s)?\s+(?:\w+ly |still |not |so |really )?"
    r"(?:raining|rains?|rain|snow\w*|sunny|windy|freezing|cold|hot|warm|dark|late|early|time|possible|impossible|legal|"
    r"illegal|true|likely|unlikely|safe|necessary|important|better|best|normal|common|ok|okay|worth|hard|easy|difficult|"
    r"wise|make sense|matter|seems?|looks?|appears?|turns? out|takes?|cost|follow|happen(?:s|ed)? that)\b"
    r"(?!\s*[?.!]?\s*$))"
    r"|\b(?:what time|how late|how early|how cold|how hot|how warm|how far) (?:is|was|will) it\b"
    r"|\bit\b(?= (?:is|was) (?:\w+ ){1,2}(?:that|who|to)\b)",
    re.IGNORECASE,
)
_SOMEBODY = re.compile(
    r"\b(?:who|which|an?|my)\s+\w+|^\s*what (?!did|does|do|is|was|has|had|will|would|else)\w+", re.IGNORECASE
)
_AHEAD = re.compile(r"\s*(?:in|during|after|before|with|at|for|on|despite|according to)\s+$", re.IGNORECASE)
_FRAMING = frozenset("say said tell told happen confirm deni state claim think thing".split())
_PLURALS = frozenset("people children men women police both two three four many several others".split())


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a question.

    Attributes:
        text: Without titles and possessive.
        start: First code point.
        end: Past the last code point.
        kind: ``person``, ``place`` or ``other``; a single word that is no known place may be a person.
    """

    text: str
    start: int
    end: int
    kind: str


def gender_of(name: str) -> str:
    """Tell from the given name: ``m``, ``f``, or empty where it is not known or stands for both."""
    words = name.split()
    first = words[0].lower() if len(words) > 1 else ""
    male, female = first in MALE, first in FEMALE
    return "" if male == female else "m" if male else "f"


@lru_cache(maxsize=256)
def names_in(text: str) -> tuple[Name, ...]:
    """Find the names in a question.

    Args:
        text: A question.

    Returns:
        Names in order; a capital that only opens a sentence makes none.
    """
    return tuple(_names(text))


def _names(text: str) -> Iterator[Name]:
    for run in _RUN.finditer(text):
        words = [(m.start() + run.start(), m.group()) for m in re.finditer(r"\S+", run.group())]
        while words and _opens(words[0][1], at_start=_at_start(text, words[0][0])):
            words.pop(0)
        if not words or (len(words) == 1 and _at_start(text, words[0][0])):
            continue
        start, end = words[0][0], run.end()
        bare = [bare_name(word).rstrip(".?!") for _, word in words]
        end = start + len(" ".join(word for _, word in words)[: -len(words[-1][1]) or None]) + len(bare[-1])
        name = strip_titles(bare) or bare
        at = text.find(name[0], start, end)
        kind = kind_of(" ".join(name))
        if kind == "person" and len(name) == 1 and text[:start].lower().endswith("the "):
            kind = "other"
        yield Name(" ".join(name), max(at, start), end, kind)


def _at_start(text: str, at: int) -> bool:
    before = text[:at].rstrip(f" {OUTER}'‘(")
    return not before or before[-1] in ".?!"


def _opens(word: str, *, at_start: bool) -> bool:
    """Tell whether a capital stands only because the word opens a sentence, or for no name at all."""
    token = tokenize(word)[:1]
    if not token or token[0].flags & (STOP | MONTH):
        return True
    return at_start and word.lower() in _VERBS


_VERBS = words("turn_openers")


def kind_of(name: str) -> str:
    """Tell whether a name is a ``person``, a ``place`` or ``other``."""
    words = name.split()
    low = [word.lower() for word in words]
    stems = [token.stem for token in tokenize(" ".join(words))]
    if all(map(is_country, stems)) or all(word in PLACES for word in low):
        return "place"
    if len(words) > 1:
        return "person" if is_person(words) else "other"
    word = words[0]
    unlike = low[0] in ORGANISATIONS or low[0] in CALENDAR or word.isupper() or any(c.isdigit() for c in word)
    return "other" if unlike else "person"


def pointing_at_people(question: str) -> re.Match[str] | None:
    """Find the first "he" or "she" that has nobody to point at within the question."""
    for found in _PERSON.finditer(question):
        before = question[: found.start()]
        if any(name.kind == "person" for name in names_in(before)) or _describes(before):
            continue
        if _AHEAD.match(before) and any(name.kind == "person" for name in names_in(question)):
            continue
        return found
    return None


def _describes(text: str) -> bool:
    """Tell whether somebody is spoken of without a name: "the minister", "which singer", "who"."""
    if _SOMEBODY.search(text):
        return True
    words = (text[token.start : token.end].lower() for token in tokenize(text))
    return any(word in DESCRIBERS or word in ROLES for word in words)


def pointing_at_things(question: str) -> bool:
    """Tell whether a word points back at a thing, a group, a place or a matter outside the question."""
    if _THERE.search(question):
        return True
    empty = {found.end() for found in _EMPTY.finditer(question)} | {
        found.start() for found in _EMPTY.finditer(question)
    }
    return any(
        not ({found.start(), found.end()} & empty) and not _found_within(question, found)
        for found in _THING.finditer(question)
    )


def _found_within(question: str, pronoun: re.Match[str]) -> bool:
    """Tell whether a pronoun's antecedent may stand before it in the same question."""
    word, before = pronoun.group().lower(), question[: pronoun.start()]
    if " " in word or word in ("that", "these", "those"):
        return False
    if word == "this":
        noun = tokenize(question[pronoun.end() :])[:1]
        return bool(noun) and noun[0].stem in {token.stem for token in tokenize(before)}
    if word not in ("its", "their", "theirs", "itself"):
        # A subject and an object of one clause are two things: the antecedent is in a clause before.
        breaks = [found.start() for found in _BREAK.finditer(before)]
        before = before[: breaks[-1]] if breaks else ""
    people = [name for name in names_in(before) if name.kind == "person"]
    things = [
        token
        for token in tokenize(before)
        if not token.flags & STOP
        and token.stem not in _FRAMING
        and not any(name.start <= token.start < name.end for name in people)
    ]
    if word in ("it", "they", "them"):
        return bool(things) or (word != "it" and len(people) > 1)
    if word in ("its", "itself"):
        return any(_is_thing(before, token.start, token.end) for token in things)
    return any(
        (token.flags & CAPITAL and not token.flags & INITIAL)
        or before[token.start : token.end].lower() in _PLURALS
        or re.search(r"[^s]s$", before[token.start : token.end])
        for token in things
    )


def _is_thing(text: str, start: int, end: int) -> bool:
    """Tell whether a word is a name or the noun of a phrase that an article opens."""
    word = text[start:end]
    return (word[:1].isupper() and start > 0) or bool(
        re.search(r"\b(?:the|an?|my|your|our|this|that)\s+(?:[\w-]+\s+){0,3}$", text[:start], re.IGNORECASE)
    )
