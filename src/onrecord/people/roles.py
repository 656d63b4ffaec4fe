"""Roles: what an article calls a speaker beside the name, as printed, and for whom that says they speak."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from onrecord.people.names import bare_name
from onrecord.text.lexicon import DESCRIBERS, FUNCTION, HONORIFICS, OFFICES, ROLES
from onrecord.text.quotation_marks import CLOSING, OPENING, OUTER, STRAIGHT
from onrecord.text.terms import STOP, country_names, is_country, tokenize
from onrecord.text.word_lists import words

_BEFORE = 120
_MOST = 10
_SHARED = 2
_INSIDE = frozenset("of for the and to at on in".split())
_WORD = re.compile(r"\S+")
_BEHIND = re.compile(
    rf",\s+(?P<role>(?:(?:the|an?)\s+)?[^,;:.{OUTER}()\n]{{3,110}}(?:\.[A-Z][^,;:.{OUTER}()\n]*)*)(?=,|\.\s|\.$|;)"
)
_ROLE_ASKED = re.compile(
    r"\s*(?:where|of what|for whom|at which \w+)\s+(?:is|was)\s+(?P<who>[A-Z][\w.’' -]*?)\s+(?:an?|the)\s+"
    r"(?P<role>[\w -]+?)\s*\?*\s*$",
    re.IGNORECASE,
)
_PERSON_ASKED = re.compile(
    r"\s*(?i:who(?:['’]s| is| was))\s+(?P<who>[A-Z][\w.’'-]*(?:\s[A-Z][\w.’'-]*)*)\s*\?*\s*$"
)
_STOPS = re.compile(f"[,;:.!?){CLOSING}{STRAIGHT}]$")
_TITLES = ROLES - HONORIFICS
_NOUNS = (
    _TITLES
    | DESCRIBERS
    | frozenset("fellow founder head secretary-general commander member director-general".split())
)
_CONNECTING = (FUNCTION | frozenset("with after when as from who which whose said told".split())) - {
    "the", "a", "an", "of",
}  # fmt: skip
_OFFICIAL = words("officials")
_HALVES = frozenset(("north", "south"))
_CLOSES = frozenset("for to at on".split())
_OFFICE = {
    "white house": "usa", "state department": "usa", "pentagon": "usa", "kremlin": "russia",
    "downing street": "gbr", "european commission": "eur", "bundestag": "germani",
}  # fmt: skip
"""Offices whose printed name says which government's they are."""
_WRITTEN = {
    "usa": "the United States", "gbr": "the United Kingdom", "eur": "the European Union",
    "uno": "the United Nations",
}  # fmt: skip


def printed_roles(text: str, name: str) -> tuple[str, ...]:
    """Find what a text calls somebody, before the name or behind it.

    Args:
        text: Of an article.
        name: In full.

    Returns:
        Slices of the text, the most frequent first: ``US Secretary of State``, ``senior fellow at …``.
    """
    found: dict[str, int] = {}
    for match in re.finditer(rf"(?<![\w-]){re.escape(name)}(?!\w)", text):
        for role in (_in_front(text, match.start()), _behind(text, match.end())):
            if role:
                found[role] = found.get(role, 0) + 1
    return tuple(sorted(found, key=lambda role: -found[role]))


def same_role(one: str, other: str) -> bool:
    """Say whether two printed roles may be one: ``US Secretary of State``, ``secretary of state``."""
    words, others = (
        {token.stem for token in tokenize(role) if not token.flags & STOP} for role in (one, other)
    )
    shared = len(words & others)
    return bool(shared) and (words == others or shared >= _SHARED)


def asks_role(question: str) -> bool:
    """Say whether a question asks what somebody is, as :func:`bears_role` understands it."""
    return bool(_ROLE_ASKED.match(question) or _PERSON_ASKED.match(question))


def bears_role(question: str, text: str) -> bool:
    """Say whether a text prints the role that a question asks after.

    ``Where is DiMaggio a senior fellow?`` asks after one that it names, ``Who is DiMaggio?`` after any.

    Args:
        question: As typed.
        text: Of a quotation.

    Returns:
        Whether all words of the role stand in one that is printed beside the name.
    """
    asked = _ROLE_ASKED.match(question) or _PERSON_ASKED.match(question)
    if asked is None:
        return False
    wanted = {token.stem for token in tokenize(asked.groupdict().get("role") or "")}
    found = re.finditer(rf"(?:[A-Z][\w.’'-]*\s)*{re.escape(asked['who'])}\b", text)
    # What stands before a name in capitals may be more of it, or a title.
    names = {name[0][at.start() :] for name in found for at in _WORD.finditer(name[0])}
    roles = (role for name in names for role in printed_roles(text, name))
    return any(wanted <= {token.stem for token in tokenize(role)} for role in roles)


def _in_front(text: str, end: int) -> str:
    """Take the words before a name while they can be a title."""
    begin = max(text.rfind("\n", 0, end) + 1, end - _BEFORE)
    words = list(_WORD.finditer(text, begin, end))[-_MOST:]
    first = len(words)
    while first and _may_be_title(words[first - 1][0], last=first == len(words)):
        if words[first - 1][0] == "and" and first > 1 and not _noun(words[first - 2][0]):
            break  # of two people, the other one's name stands there
        first -= 1
    while first < len(words) and words[first][0].lower() in _INSIDE | {"then", "a", "an"}:
        first += 1
    title = words[first:]
    if not any(_noun(word[0]) for word in title):
        return ""
    return text[title[0].start() : title[-1].end()].rstrip(", ")


def _may_be_title(word: str, *, last: bool) -> bool:
    low = bare_name(word).lower().strip(f"({OPENING}‘")
    if _STOPS.search(word) and not (last and word.endswith(",")) and not re.fullmatch(r"(?:[A-Z]\.)+", word):
        return False
    known = low in OFFICES or low in _INSIDE or _noun(word) or low in ("policy", "permanent", "outgoing")
    return word[0].isupper() or known or low.startswith(("then-", "ex-", "vice-"))


def _noun(word: str) -> bool:
    low = bare_name(word).lower().removeprefix("then-").removeprefix("ex-")
    return low in _NOUNS


def _behind(text: str, start: int) -> str:
    """Take what stands between commas behind a name, where it begins as a role does."""
    match = _BEHIND.match(text, start)
    if match is None:
        return ""
    words = match["role"].split()
    head = next((at for at, word in enumerate(words[:7]) if _noun(word)), None)
    if head is None or any(word.lower() in _CONNECTING for word in words[:head]):
        return ""
    return match["role"].strip()


def side(name: str, roles: tuple[str, ...] = ()) -> str | None:
    """Say for which country or union of countries somebody speaks, where a printed role or name says so.

    Args:
        name: Of the speaker; a body's may itself name a country.
        roles: As printed.

    Returns:
        The stem of the country; None where nothing is printed, or roles differ.
    """
    told = dict.fromkeys(found for phrase in (name, *roles) for found in _countries(phrase))
    return next(iter(told)) if len(told) == 1 else None


@lru_cache(maxsize=4_096)
def _country_of(phrase: str) -> str | None:
    low = phrase.lower()
    words = {bare_name(word).lower().removeprefix("then-") for word in low.split()}
    official = not words.isdisjoint(_OFFICIAL)
    if len(words) > 2 and not official:
        return None  # a scholar of a country does not speak for it
    office = next((where for known, where in _OFFICE.items() if known in low), None)
    tokens = tokenize(phrase)
    if not official and any(not is_country(token.stem) for token in tokens):
        return office  # nor does a dissident, nor a person called Jordan
    if any(half.stem in _HALVES and is_country(whole.stem) for half, whole in pairwise(tokens)):
        return None  # North and South Korea are not one
    close = next((t.start for t in tokens if t.stem in _CLOSES), len(phrase))
    return next((t.stem for t in tokens if is_country(t.stem) and t.start < close), office)


def _countries(phrase: str) -> Iterator[str]:
    found = _country_of(phrase)
    if found:
        yield found


def country(stemmed: str) -> str:
    """Write a country out that :func:`side` gave."""
    return _WRITTEN.get(stemmed) or country_names().get(stemmed, stemmed.capitalize())
