"""Names: recognising a speaker's name by rules and resolving it within one article."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from onrecord.people.bylines import find_bylines, without_byline
from onrecord.text.lexicon import (
    BODIES,
    CALENDAR,
    DESCRIBERS,
    FEMALE,
    FUNCTION,
    HONORIFICS,
    MALE,
    NICKNAMES,
    OFFICES,
    ORGANISATIONS,
    PARTICLES,
    PLACES,
    ROLES,
)
from onrecord.types import SpeakerKind

_SHORT = r"(?:Sen|Rep|Gov|Mr|Mrs|Ms|Dr|Gen|Lt|Col|Adm|St|Jr|Sr)\."
_CAPITAL = rf"(?:[^\W\d_a-z]\.(?:[^\W\d_a-z]\.)*|{_SHORT}|[^\W\d_a-z][\w’'\-]*+)"
_LINK = r"(?:of|of the|von|van|der|van der|von der|de|de la|den|del|di|da|bin|al|el|la|le)"
_RUN = re.compile(rf"(?<!\w){_CAPITAL}(?:[ \u00a0](?:{_LINK} )?{_CAPITAL})++(?:,? (?:Jr|Sr)\.)?")
_NAMING_TITLE = re.compile(
    r"briefing|gaggle|remarks|statement|interview|transcript|conference|speech", re.IGNORECASE
)
_WORD = re.compile(r"\S+")
_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv"))
_POSSESSIVE = ("’s", "'s", "s’", "s'")
_MOST_ROLES = 12
_CLEARLY = 3
_TITLE_WEIGHT = 1000
_GENDERS = {"mr": "m", "mrs": "f", "ms": "f", "miss": "f"}


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody, or something, that speaks in an article.

    Attributes:
        name: As shown: a full name where known, or a description without its article.
        person: Whether it is a named person.
        plural: Whether it stands for several.
        gender: ``m``, ``f``, or empty where unknown.
    """

    name: str
    person: bool = False
    plural: bool = False
    gender: str = ""


def source_of(speaker: Speaker) -> SpeakerKind:
    """Tell what kind of speaker it is, by the name.

    Args:
        speaker: As resolved.

    Returns:
        A person, a body, or somebody described and not named; of several, what the last of them is.
    """
    words = speaker.name.split()
    if words[-1].lower() in DESCRIBERS - BODIES and words[-1].islower():
        return SpeakerKind.UNNAMED
    low = {bare_name(word).lower() for word in words}
    if speaker.person and (len(words) > 1 or low.isdisjoint(PLACES | ORGANISATIONS)):
        return SpeakerKind.PERSON
    if speaker.plural and " and " in speaker.name:
        return (
            SpeakerKind.PERSON if is_person(speaker.name.rpartition(" and ")[2].split()) else SpeakerKind.BODY
        )
    if words[0].islower() and low.isdisjoint(BODIES | ORGANISATIONS):
        return SpeakerKind.UNNAMED
    return SpeakerKind.BODY


def _plain(word: str) -> str:
    """Fold a word for comparison: no case, no accents, no punctuation, no possessive."""
    if word.endswith(_POSSESSIVE[:2]):
        word = word[:-2]
    split = unicodedata.normalize("NFKD", word)
    return "".join(char for char in split if char.isalnum()).casefold()


def bare_name(word: str) -> str:
    """Drop a possessive ending and closing punctuation of one word of a name."""
    word = word.rstrip(",;:")
    return word[:-2] if word.endswith(_POSSESSIVE[:2]) else word


def _title_word(word: str) -> bool:
    if word == "Q":  # the mark of a question in a transcript, before the name of who is asked
        return True
    low = word.lower().removeprefix("then-").removeprefix("ex-")
    return low.rstrip(".") in ROLES or low in OFFICES or low.rstrip(".") in OFFICES


def strip_titles(words: Sequence[str]) -> list[str]:
    """Cut what stands before a person's name: titles, offices, employers, function words.

    Args:
        words: The words of a capitalised run (``US Secretary of State Antony Blinken``).

    Returns:
        The words of the name alone; empty when nothing but titles is left.
    """
    words = [word for word in words if word.lower() not in FUNCTION or word.lower() in PARTICLES]
    cut = 0
    last = len(words) - 1
    for index, word in enumerate(words):
        known = word.lower() in MALE or word.lower() in FEMALE
        if (index < last and ((_title_word(word) and not known) or word.endswith(_POSSESSIVE))) or (
            word.lower() in CALENDAR and not known
        ):
            cut = index + 1
    rest = words[cut:]
    for index, word in enumerate(rest):
        if word.lower() in ("of", "the"):
            rest = rest[:index] if index else rest[1:]
            break
    if len(rest) == 1 and _title_word(rest[0]):
        return []
    return [bare_name(word) for word in rest]


def is_person(words: Sequence[str]) -> bool:
    """Tell whether the words of a name look like a person's full name."""
    if not 2 <= len(words) <= 5:
        return False
    low = [word.lower() for word in words]
    if low[0] in MALE or low[0] in FEMALE:
        return low[-1] not in ORGANISATIONS or (
            len(words) == 2 and low[-1] in ("bush", "price", "house", "day", "hall")
        )
    if any(word in ORGANISATIONS or word in PLACES or word in CALENDAR for word in low):
        return False
    letters = [word for word in words if len(word) > 2]
    return bool(letters) and not all(word.isupper() for word in letters) and not _title_word(words[-1])


def _gender(words: Sequence[str]) -> str:
    first = words[0].lower() if words else ""
    return (
        "m" if first in MALE and first not in FEMALE else "f" if first in FEMALE and first not in MALE else ""
    )


def _is_organisation(words: Sequence[str]) -> bool:
    low = [bare_name(word).lower() for word in words]
    last = low[low.index("of") - 1] if "of" in low[1:] else low[-1]
    if low[0] in MALE or low[0] in FEMALE:
        return False
    return last in ORGANISATIONS or last in PLACES


def _surname(words: Sequence[str]) -> str:
    keys = [key for key in map(_plain, words) if key]
    while len(keys) > 1 and keys[-1] in _SUFFIXES:
        keys.pop()
    return keys[-1] if keys else ""


def _name_words(name: str) -> list[str]:
    words = name.replace(",", " ").split()
    return strip_titles(words) or words


@lru_cache(maxsize=8_192)
def speaker_key(name: str) -> str:
    """Fold a speaker's name to the key by which a question's person is matched: the surname.

    Args:
        name: ``Blinken``, ``Antony Blinken``, ``Secretary Blinken``, ``a senior official``.

    Returns:
        The last word of the name without titles, case, accents and punctuation.
    """
    return _surname(_name_words(name))


def plain_words(name: str) -> list[str]:
    """Fold the words of a name for comparison: no titles, case, accents or punctuation."""
    return [plain for word in _name_words(name) if (plain := _plain(word))]


@lru_cache(maxsize=8_192)
def _given(name: str) -> tuple[str, ...]:
    words = [_plain(word) for word in _name_words(name)]
    while len(words) > 1 and words[-1] in _SUFFIXES:
        words.pop()
    return tuple(word for word in words[:-1] if word)


def _compatible(one: str, other: str) -> bool:
    if (
        one == other
        or (len(one) == 1 and other.startswith(one))
        or (len(other) == 1 and one.startswith(other))
    ):
        return True
    return NICKNAMES.get(one, one) == NICKNAMES.get(other, other)


def same_speaker(asked: str, speaker: str) -> bool:
    """Tell whether a person asked about and a speaker of an article are the same.

    The surnames must be equal; given names must agree where both have one (equal,
    an initial, or a common short form). Descriptions (``senior EU diplomat``) agree
    when the nouns are equal and every other word asked stands in the speaker's.

    Args:
        asked: As a person typed it.
        speaker: As :class:`onrecord.types.Statement` carries it.

    Returns:
        Whether they are the same, as far as the names tell.
    """
    key = speaker_key(asked)
    if not key or key != speaker_key(speaker):
        return False
    if speaker.rsplit(" ", 1)[-1][:1].islower():
        asked_words = {_plain(word) for word in asked.split()} - {"the", "a", "an"}
        return asked_words <= {_plain(word) for word in speaker.split()}
    one, other = _given(asked), _given(speaker)
    if not one or not other:
        return True
    short, long = sorted((one, other), key=len)
    return any(_compatible(short[0], given) for given in long)


def speaks(person: str, speaker: str) -> bool:
    """Say whether a person is the speaker, or one of several who speak together."""
    return any(same_speaker(person, name) for name in (speaker, *speaker.split(" and ")))


def _heading(title: str) -> str:
    """Write a title so that capitals stand for names: ``BY JEN PSAKI AND`` as ``by Jen Psaki and``."""
    words = (title.title() if title.isupper() else title).split()
    return " ".join(word.lower() if word.lower() in FUNCTION else word for word in words)


class Roster:
    """Who is named in an article: full names by surname, and by title.

    Args:
        title: Of the article; a name in it outweighs one in the text.
        text: Of the article.
    """

    def __init__(self, title: str, text: str) -> None:
        self._full: dict[str, Counter[str]] = {}
        self._titled: dict[str, str] = {}
        self._roles: dict[str, Counter[tuple[str, frozenset[str]]]] = {}
        counted: Counter[str] = Counter()
        weight = _TITLE_WEIGHT if _NAMING_TITLE.search(title) else 1
        for part, each in ((_heading(title), weight), (text, 1)):
            for match in _RUN.finditer(part):
                counted[match.group()] += each
        runs = [(_WORD.findall(run), count) for run, count in counted.items()]
        self._bylines = find_bylines(words for words, _ in runs)
        self._surnames = {
            _surname(name)
            for words, _ in (runs if self._bylines else ())
            if self._bylines.isdisjoint(pairwise(words)) and is_person(name := strip_titles(words))
        }
        for words, count in runs:
            self._add(words, count)

    def _add(self, words: Sequence[str], count: int) -> None:
        name = self._named(words)
        if not name or len(words) < 2:
            return
        self._note_gender(words, name)
        if len(name) == 1:
            self._add_roles(words[: -len(name)], name[0], count)
        elif is_person(name):
            full = " ".join(name)
            self._full.setdefault(_surname(name), Counter())[full] += count
            self._add_roles(words[: -len(name)], full, count)

    def _named(self, words: Sequence[str]) -> list[str]:
        """Cut what stands before a name: titles and bylines."""
        return without_byline(strip_titles(words), self._bylines, self._is_known)

    def _is_known(self, name: Sequence[str]) -> bool:
        return is_person(name) or _plain(name[0]) in self._surnames or name[0].lower() in PLACES

    def _note_gender(self, words: Sequence[str], name: Sequence[str]) -> None:
        before = words[-len(name) - 1] if len(words) > len(name) else ""
        gender = _GENDERS.get(before.lower().rstrip("."), "")
        if gender:
            self._titled.setdefault(_surname(name), gender)

    def _add_roles(self, words: Sequence[str], name: str, count: int) -> None:
        low = frozenset(bare_name(word).lower().removeprefix("then-") for word in words)
        for word in low:
            if word in ROLES and word not in HONORIFICS:
                self._roles.setdefault(word, Counter())[name, low] += count

    def foremost(self) -> str:
        """Give the full name that stands in the article most often, the title first; may be empty."""
        counted = (pair for names in self._full.values() for pair in names.items())
        return max(counted, key=lambda pair: pair[1], default=("", 0))[0]

    def knows(self, word: str) -> bool:
        """Tell whether a word is the surname of somebody named in full or with a title."""
        return _plain(word) in self._full or _plain(word) in self._titled

    def resolve(self, words: Sequence[str]) -> Speaker | None:
        """Find the person or body that a capitalised run names.

        Args:
            words: The words of the run, titles included.

        Returns:
            The person by full name where the article gives it, or None where the run
            is nothing but titles.
        """
        if _is_organisation(words):
            return Speaker(" ".join([*words[:-1], bare_name(words[-1])]))
        name = self._named(words)
        if not name:
            return None
        if len(name) > 1:
            known = is_person(name)
            return self._person(" ".join(name), _surname(name)) if known else Speaker(" ".join(name))
        title = words[-2].lower().rstrip(".") if len(words) > 1 else ""
        return self._by_surname(_surname(name), name[0], title)

    def _by_surname(self, key: str, printed: str, title: str) -> Speaker:
        wanted = _GENDERS.get(title, "")
        names = self._full.get(key)
        if not names:
            return Speaker(printed, person=not printed.isupper(), gender=wanted or self._titled.get(key, ""))
        fitting = [name for name in names if not wanted or _gender(name.split()) in ("", wanted)]
        return self._person(max(fitting or names, key=lambda name: names[name]), key, gender=wanted)

    def rivals(self, full: str) -> list[str]:
        """Name those who share somebody's surname, have another given name, and are not named far less."""
        names = self._full.get(_surname(full.split()), Counter())
        return [
            name
            for name, count in names.items()
            if _first_name(name) != _first_name(full) and _CLEARLY * count > names[full]
        ]

    def _person(self, full: str, key: str, *, gender: str = "") -> Speaker:
        gender = gender or _gender(full.split()) or self._titled.get(key, "")
        return Speaker(full, person=True, gender=gender)

    def by_role(self, words: Sequence[str]) -> Speaker | None:
        """Find the person whose title holds every word of a description (``secretary of state``).

        Args:
            words: The words of the description, without its article.

        Returns:
            The person, or None when nobody fits, or several about as well.
        """
        wanted = frozenset(word.lower() for word in words)
        held: Counter[Speaker] = Counter()
        role = next((word for word in reversed(words) if word.lower() in self._roles), "").lower()
        for (name, low), count in self._roles.get(role, Counter()).most_common(_MOST_ROLES):
            speaker = self.resolve(name.split()) if wanted <= low else None
            if speaker is not None:
                held[speaker] += count
        best = held.most_common(2)
        if not best or (len(best) == 2 and best[0][1] < _CLEARLY * best[1][1]):
            return None
        return best[0][0]


def _first_name(full: str) -> str:
    first = full.split(maxsplit=1)[0].lower()
    return NICKNAMES.get(first, first)


def speaker_keys(name: str) -> frozenset[str]:
    """Give the keys under which a speaker is found: their own, or each one's of several."""
    return frozenset(speaker_key(one) for one in (name, *name.split(" and ")))
