"""Identity: which of the names that speakers have in different articles are one person's.

Within an article a speaker has one name already. Across articles the same
person may be ``Antony Blinken``, ``Tony Blinken``, ``A. Blinken``, ``Blinken``
or a misprint. Names are grouped by surname and never all compared with all.
Two given names that cannot be the same stay two people; a surname alone that
two people bear stays by itself. Who is described and not named
(``senior U.S. official``) is nobody across articles.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from onrecord.people.names import (
    Speaker,
    is_person,
    plain_words,
    same_speaker,
    source_of,
    speaker_keys,
    strip_titles,
)
from onrecord.text.lexicon import NICKNAMES, ORGANISATIONS, PLACES
from onrecord.text.terms import is_country, stem
from onrecord.types import SpeakerKind

_SUFFIXES = frozenset(("jr", "ii", "iii", "iv"))
_CLEARLY = 5
"""A misprint is this many times rarer than the name that was meant."""
_LONG = 6


@dataclass(frozen=True, slots=True)
class Identity:
    """One speaker of a corpus.

    Attributes:
        name: The fullest of their names, the most frequent of several.
        source: What kind of speaker.
        variants: All names under which the articles have them, ``name`` first.
    """

    name: str
    source: SpeakerKind
    variants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identities:
    """The speakers of a corpus. Built by :meth:`of`.

    Attributes:
        all: Each once, in order of their names.
    """

    all: tuple[Identity, ...]
    _by_name: Mapping[str, Identity]
    _by_key: Mapping[str, tuple[Identity, ...]]

    @classmethod
    def of(
        cls,
        counts: Mapping[str, int],
        sources: Mapping[str, SpeakerKind] | None = None,
        *,
        alike: Callable[[str, str], bool] = lambda _, __: False,
    ) -> Identities:
        """Find out which names belong together.

        Args:
            counts: Every name as resolved within an article, and how often it speaks.
            sources: What kind of speaker the articles make of a name, where they tell.
            alike: Whether what is printed beside two names says that they are one person's; asked only of
                a rare name and a frequent one that differ in a letter of the surname.

        Returns:
            The speakers. Linear in the names, but for those that share a surname.
        """
        kinds = {name: name_source(name, (sources or {}).get(name, SpeakerKind.UNKNOWN)) for name in counts}
        # Several who speak together are none of them alone.
        alone = [name for name in counts if kinds[name] is SpeakerKind.PERSON and " and " not in name]
        people = {name: counts[name] for name in alone}
        groups = [*_people(people, alike), *([name] for name in counts if name not in people)]
        found = tuple(sorted((_identity(group, counts, kinds) for group in groups), key=lambda one: one.name))
        by_key: defaultdict[str, list[Identity]] = defaultdict(list)
        for one in found:
            for key in dict.fromkeys(
                key for name in one.variants for key in (*speaker_keys(name), _letters(name))
            ):
                by_key[key].append(one)
        names = {name: one for one in found for name in one.variants}
        return cls(found, names, {key: tuple(ones) for key, ones in by_key.items()})

    def of_name(self, name: str) -> Identity | None:
        """Give whose name this is, as resolved within an article."""
        return self._by_name.get(name)

    def is_unnamed(self, name: str) -> bool:
        """Say whether somebody is described by these words and not named, as resolved within an article."""
        known = self.of_name(name)
        return name_source(name, known.source if known else SpeakerKind.UNKNOWN) is SpeakerKind.UNNAMED

    def meant(self, asked: str) -> tuple[Identity, ...]:
        """Find who may be meant.

        Args:
            asked: A name as a person types it.

        Returns:
            The one who is called just so, or all whose names agree; of somebody's full name no body, though
            its name be the surname (``Ada Swift``, ``SWIFT``).
        """
        letters = _letters(asked)
        near = dict.fromkeys(
            one for key in (*speaker_keys(asked), letters) for one in self._by_key.get(key, ())
        )
        same = [one for one in near if any(name.casefold() == asked.casefold() for name in one.variants)]
        if same and (" " in asked.strip() or len(near) == 1):
            return tuple(same)
        full = is_person(strip_titles(asked.split()))
        return tuple(
            one
            for one in near
            if not (full and one.source is SpeakerKind.BODY)
            and any(_agree(asked, name) or letters == _letters(name) for name in one.variants)
        )


def _agree(asked: str, name: str) -> bool:
    return any(same_speaker(asked, one) for one in (name, *name.split(" and "))) and _suffix(asked) in (
        "",
        _suffix(name),
    )


def name_source(name: str, stated: SpeakerKind = SpeakerKind.UNKNOWN) -> SpeakerKind:
    """Say what kind of speaker a name stands for."""
    if stated is not SpeakerKind.UNKNOWN or not name.strip():
        return stated
    words = name.split()
    bare = strip_titles(words) or words
    known = len(bare) == 1 and (bare[0].lower() in PLACES | ORGANISATIONS or is_country(stem(bare[0])))
    person = is_person(bare) if len(bare) > 1 else not known and not bare[0].isupper()
    return source_of(Speaker(name, person=person, plural=" and " in name))


def _identity(names: list[str], counts: Mapping[str, int], kinds: Mapping[str, SpeakerKind]) -> Identity:
    ordered = sorted(names, key=lambda name: (not _given(name), -counts[name], name))
    return Identity(ordered[0], kinds[ordered[0]], tuple(ordered))


def _people(counts: Mapping[str, int], alike: Callable[[str, str], bool]) -> Iterator[list[str]]:
    """Group names of people: same letters first, then by surname, then misprints of a surname."""
    spelled: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(counts, key=lambda one: (-counts[one], one)):
        spelled[_letters(name)].append(name)
    same = {names[0]: names for names in spelled.values()}
    surnames: defaultdict[str, list[str]] = defaultdict(list)
    for first in same:
        surnames[_surname(first)].append(first)
    groups = [group for names in surnames.values() for group in _bearers(names)]
    for group in _without_misprints(groups, counts, alike):
        yield [name for first in group for name in same[first]]


def _bearers(names: list[str]) -> list[list[str]]:
    """Tell apart those who share a surname: full names first, the most frequent first."""
    groups: list[list[str]] = []
    for name in sorted(names, key=_bareness):
        fitting = [group for group in groups if all(_compatible(name, other) for other in group)]
        if len(fitting) == 1:
            fitting[0].append(name)
        else:
            groups.append([name])
    return groups


def _bareness(name: str) -> tuple[int, int]:
    """Full names come first, those with most words before others, then initials, then surnames alone."""
    given = _given(name)
    return (2 if not given else int(len(given[0]) == 1)), -len(given)


def _compatible(one: str, other: str) -> bool:
    """Say whether two names with one surname can be one person's."""
    if _suffix(one) != _suffix(other):
        return False
    short, long = sorted((_given(one), _given(other)), key=len)
    if len(short) > 1 and 1 in (len(short[1]), len(long[1])) and not _same_given(short[1], long[1]):
        return False  # George W. Bush and George H. W. Bush
    return not short or any(_same_given(short[0], given) for given in long)


def _same_given(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if len(short) == 1:
        return short in (long[0], NICKNAMES.get(long, long)[0])
    known = NICKNAMES.get(one, one) == NICKNAMES.get(other, other)
    return known or (len(short) >= _LONG and short[0] == long[0] and long in _one_more(short, long))


def _one_more(short: str, long: str) -> list[str]:
    """Give the longer word where a letter within it is one too many: Anthony, and not Daniela."""
    left_out = (long[:at] + long[at + 1 :] for at in range(len(long) - 1))
    return [long] if len(long) == len(short) + 1 and short in left_out else []


def _without_misprints(
    groups: list[list[str]], counts: Mapping[str, int], alike: Callable[[str, str], bool]
) -> list[list[str]]:
    """Put a rare name with a frequent one of the same given name whose surname is one letter off.

    Hansen and Hanson are both names that people have, so what is printed beside them has to agree too.
    """
    near: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    totals = [sum(counts[name] for name in group) for group in groups]
    into = list(range(len(groups)))
    for at in sorted(range(len(groups)), key=lambda one: -totals[one]):
        given, surname = _given(groups[at][0]), _surname(groups[at][0])
        if not given or len(surname) < _LONG or len(given[0]) == 1:
            continue
        keys = [(given[0], surname[:cut] + surname[cut + 1 :]) for cut in range(1, len(surname))]
        keys.append((given[0], surname))
        rarer = {other for key in keys for other in near[key] if totals[at] * _CLEARLY <= totals[other]}
        meant = {other for other in rarer if alike(groups[at][0], groups[other][0])}
        if len(meant) == 1:
            into[at] = meant.pop()
            continue
        for key in keys:
            near[key].append(at)
    merged: defaultdict[int, list[str]] = defaultdict(list)
    for at, group in enumerate(groups):
        merged[into[at]] += group
    return list(merged.values())


@lru_cache(maxsize=65_536)  # a surname's bearers are held against each other
def _words(name: str) -> tuple[str, ...]:
    return tuple(plain_words(name))


def _letters(name: str) -> str:
    """Give all letters of a name, however it is divided: ``Kim Jong-un``, ``Kim Jong Un``."""
    return "".join(_words(name))


@lru_cache(maxsize=65_536)
def _given(name: str) -> tuple[str, ...]:
    return tuple(word for word in _words(name) if word not in _SUFFIXES)[:-1]


def _surname(name: str) -> str:
    words = [word for word in _words(name) if word not in _SUFFIXES]
    return words[-1] if words else ""


def _suffix(name: str) -> str:
    """``Jr.`` and the like tell a son from his father."""
    last = _words(name)[-1:]
    return last[0] if last and last[0] in _SUFFIXES else ""
