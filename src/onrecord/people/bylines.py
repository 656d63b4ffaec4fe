"""Bylines: the name of a reporter or photographer that runs into the text, as in live pages and captions.

``… Ann Lee The talks ended.`` and ``… Ann Lee Blinken said so.`` stand in one article without a line's end
between byline and text. Nobody is called Ann Lee Blinken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from onrecord.text.lexicon import CALENDAR, FUNCTION, PARTICLES, PLACES, ROLES

_AGENCIES = frozenset(("AP", "AFP", "EPA", "UPI"))
_LONGEST = 5
"""No name has more words."""
_NO_NAME = FUNCTION | PARTICLES | ROLES | CALENDAR | PLACES


def find_bylines(runs: Iterable[Sequence[str]]) -> frozenset[tuple[str, str]]:
    """Find the names behind which a sentence begins without anything between."""
    found = set()
    for words in runs:
        for one, other, behind in zip(words, words[1:], words[2:], strict=False):
            opens = behind[0].isupper() and behind.lower() in FUNCTION - PARTICLES
            if opens and {one.lower(), other.lower()}.isdisjoint(_NO_NAME) and not one.isupper():
                found.add((one, other))
    return frozenset(found)


def without_byline(
    name: list[str], bylines: frozenset[tuple[str, str]], known: Callable[[list[str]], bool]
) -> list[str]:
    """Cut a byline, or a photographer's agency, from the front of a name."""
    for at in range(max(2, len(name) - _LONGEST), len(name)):
        if (name[at - 2], name[at - 1]) in bylines and known(name[at:]):
            return name[at:]
    return name[1:] if len(name) > 1 and name[0] in _AGENCIES else name
