"""Voices: which speaker a phrase stands for at its place in an article."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from onrecord.people.names import Roster, Speaker, bare_name, strip_titles
from onrecord.text.lexicon import (
    DESCRIBERS,
    DETERMINERS,
    GENERIC,
    HONORIFICS,
    OBLIQUE,
    OFFICES,
    PARTICLES,
    ROLES,
)

_REMEMBERED = 8
_NEAR_PARAGRAPHS = 2
_LONGEST = 8
_PRONOUN_GENDER = {"he": "m", "she": "f"}
_PARTIES = frozenset(("democrat", "democrats", "republican", "republicans"))
_PLURALS = frozenset(
    ("people", "police", "some", "many", "several", "most", "critics", "women", "men", "they")
)


class Voices:
    """The speakers of one article, most recent last, for pronouns and descriptions to lean on.

    Args:
        roster: Who is named in the article.
    """

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._recent: list[Speaker] = []
        self._heard: dict[str, tuple[int, bool]] = {}
        self.paragraph = 0

    def heed(self, speaker: Speaker, *, spoke: bool = True) -> None:
        """Make somebody the most recent one spoken of."""
        if speaker in self._recent:
            self._recent.remove(speaker)
        self._recent.append(speaker)
        del self._recent[:-_REMEMBERED]
        self._heard[speaker.name] = (self.paragraph, spoke)

    def sure(self, words: Sequence[str], speaker: Speaker, named: Iterable[Speaker] = ()) -> bool:
        """Tell whether a pronoun leaves no doubt of whom it stands for."""
        word = words[0].lower() if len(words) == 1 else ""
        if word not in _PRONOUN_GENDER:
            return (speaker.person or _is_somebody(speaker.name.split())) and self._alone(words, speaker)
        paragraph, spoke = self._heard.get(speaker.name, (self.paragraph, True))
        if self.paragraph - paragraph > _NEAR_PARAGRAPHS or len(speaker.name.split()) > _LONGEST:
            return False
        gender = _PRONOUN_GENDER[word]
        near = (one for one in self._recent if self.paragraph - self._heard[one.name][0] <= 1)
        return spoke or not any(
            other.person and not other.plural and other.name != speaker.name and other.gender in ("", gender)
            for other in chain(near, named)
        )

    def _alone(self, words: Sequence[str], speaker: Speaker) -> bool:
        """Tell whether a surname stands for one person: nobody else in the article bears it as often."""
        surname = speaker.person and len(strip_titles(words)) == 1
        return not (surname and self._roster.rivals(speaker.name))

    def resolve(self, words: Sequence[str]) -> Speaker | None:
        """Find who a subject stands for.

        Gives the speaker, or None where the words do not tell.
        """
        if not words:
            return None
        if len(words) == 1 and words[0].lower() in ("he", "she", "they", "it", "i", "we", "you", "who"):
            return self._pronoun(words[0].lower())
        pair = _coordinated(words)
        if pair:
            return self._both(*pair)
        definite = words[0].lower() in ("the", "this", "that")
        bare = [word for index, word in enumerate(words) if index or word.lower() not in DETERMINERS]
        return self._named(bare, definite=definite) if bare else None

    def _pronoun(self, word: str) -> Speaker | None:
        for speaker in reversed(self._recent):
            described = speaker.person or speaker.name[:1].islower() or speaker.name.split()[-1] in DESCRIBERS
            if word in _PRONOUN_GENDER:
                if described and not speaker.plural and speaker.gender in ("", _PRONOUN_GENDER[word]):
                    return self._learn(speaker, _PRONOUN_GENDER[word])
            elif (word == "they" and speaker.plural) or (word == "it" and not described):
                return speaker
        return None

    def _learn(self, speaker: Speaker, gender: str) -> Speaker:
        if speaker.gender:
            return speaker
        known = Speaker(speaker.name, person=speaker.person, gender=gender)
        self._recent[self._recent.index(speaker)] = known
        return known

    def _both(self, one: Sequence[str], other: Sequence[str]) -> Speaker | None:
        first, second = self.resolve(one), self.resolve(other)
        if first is None or second is None:
            return first or second
        return Speaker(f"{first.name} and {second.name}", plural=True)

    def _named(self, words: Sequence[str], *, definite: bool) -> Speaker | None:
        first = _trailing_name(words)
        if (
            first == len(words)
            or (first and words[first - 1].lower() in OBLIQUE)
            or (words[-1].lower() in DESCRIBERS and len(words) == 1)
        ):
            return self._described(words, definite=definite)
        name = words[first:]
        if len(name) == 1 and not self._roster.knows(name[0]):
            slip = self._slip(bare_name(name[0]))
            if slip is not None:
                return slip
        found = self._roster.resolve(name)
        return found or self._described(words, definite=definite)

    def _slip(self, word: str) -> Speaker | None:
        """``Blinked`` for ``Blinken``: a name one letter away from somebody spoken of just before."""
        for speaker in reversed(self._recent):
            surname = speaker.name.split()[-1]
            if speaker.person and len(surname) > 4 and surname != word and _one_apart(surname, word):
                return speaker
        return None

    def _described(self, words: Sequence[str], *, definite: bool) -> Speaker | None:
        nouns = [
            index
            for index, word in enumerate(words)
            if word.lower() in DESCRIBERS or word.lower() in ROLES - HONORIFICS
        ]
        if definite and nouns:
            held = self._roster.by_role(words)
            earlier = held or self._earlier(words)
            if earlier is not None:
                return earlier
        if not nouns and all(word.lower() in OFFICES for word in words):
            return None
        name = " ".join(words)
        if name[:1].isupper() and words[0].lower() in DESCRIBERS - _PARTIES:
            name = name[:1].lower() + name[1:]
        head = words[nouns[0] if nouns else -1].lower()
        return Speaker(name, plural=_is_plural(words[0].lower(), head))

    def _earlier(self, words: Sequence[str]) -> Speaker | None:
        wanted = {word.lower() for word in words}
        for speaker in reversed(self._recent):
            known = {word.lower() for word in speaker.name.split()}
            if (
                not speaker.person
                and not speaker.plural
                and (wanted <= known or (_is_generic(wanted) and known & DESCRIBERS))
            ):
                return speaker
        return None


def _is_somebody(words: Sequence[str]) -> bool:
    return len(words) <= _LONGEST and any(word[0].isupper() or word.lower() in DESCRIBERS for word in words)


def _is_generic(wanted: set[str]) -> bool:
    return len(wanted) == 1 and wanted <= GENERIC - {"spokesman", "spokeswoman", "spokesperson"}


def _is_plural(first: str, head: str) -> bool:
    return (
        head in _PLURALS
        or first in _PLURALS
        or (head.endswith("s") and not head.endswith("ss") and head in DESCRIBERS)
    )


def _coordinated(words: Sequence[str]) -> tuple[Sequence[str], Sequence[str]] | None:
    for index, word in enumerate(words):
        if (
            word == "and"
            and 0 < index < len(words) - 1
            and words[0][0].isupper()
            and words[index + 1][0].isupper()
        ):
            return words[:index], words[index + 1 :]
    return None


def _trailing_name(words: Sequence[str]) -> int:
    """Give the index at which the capitalised run that ends the phrase begins."""
    first = len(words)
    while first > 0:
        word = words[first - 1]
        if (
            word[0].isupper()
            or word.lower().startswith(("then-", "ex-"))
            or (
                first < len(words)
                and word.lower() in PARTICLES
                and first > 1
                and words[first - 2][0].isupper()
            )
        ):
            first -= 1
        elif (
            word.lower() == "the"
            and first > 2
            and words[first - 2].lower() == "of"
            and words[first - 3][0].isupper()
        ):
            first -= 2
        else:
            break
    return first


def _one_apart(one: str, other: str) -> bool:
    """Tell whether one letter changed, added or dropped makes the words equal."""
    if abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    same = next((k for k, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return short[same:] == long[same + 1 :] or (
        len(short) == len(long) and short[same + 1 :] == long[same + 1 :]
    )
