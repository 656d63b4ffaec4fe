"""Alignment: a claimed quotation that stands nowhere as it is, laid along what comes nearest.

Its parts between marks of omission are found in order, near one another; the
stretch of text that most of its words follow is found word by word; and the
fewest exact pieces that it could have been joined from are counted out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from onrecord.text.word_lists import words
from onrecord.verification.concordance import Concordance, Ids, Place
from onrecord.verification.match import Wording

OMITTED_WORDS = 60
"""As many words, or more, may not be left out at once."""
NEAR_MISS = 2
"""A claim that differs from a slice by so few words was altered, not joined from pieces."""

_PIECE_WORDS = 5
_ALIGN_WORDS = 2_000
_FUNCTION_WORDS = words("aligning_words")

_Run = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Nearest:
    """The stretch of an article that a claim follows most closely.

    Attributes:
        place: Where it stands.
        share: Share of the claim's content words that stand there, in order.
        edits: Words to insert, delete or replace between the two.
    """

    place: Place
    share: float
    edits: int


def chain(words: Concordance, parts: Sequence[Wording], anchor: int, place: Place) -> list[Place] | None:
    """Find all parts of an elided claim, in order, around a place of one of them.

    Gives a place for each part, as near to one another as they go; None when they do not stand there.
    """
    span = sum(len(part.words) + OMITTED_WORDS for part in parts[:anchor])
    before = _forward(words, parts[:anchor], place.text, max(place.first - span, 0), within=span)
    after = _forward(words, parts[anchor + 1 :], place.text, place.last + 1, within=4 * OMITTED_WORDS)
    if before is None or after is None or (before and before[-1].last >= place.first):
        return None
    return [*_tightened(words, parts[:anchor], before, place), place, *after]


def _forward(
    words: Concordance, parts: Sequence[Wording], text: int, begin: int, *, within: int
) -> list[Place] | None:
    places: list[Place] = []
    for part in parts:
        found = words.next(words.ids(part.words), text=text, first=begin, within=within)
        if found is None:
            return None
        places.append(found)
        begin = found.last + 1
    return places


def _tightened(
    words: Concordance, parts: Sequence[Wording], places: Sequence[Place], until: Place
) -> list[Place]:
    """The same parts, each moved as near as it goes to the one that follows it."""
    tight: list[Place] = []
    for part, place in zip(reversed(parts), reversed(places), strict=True):
        ids = words.ids(part.words)
        found, later = place, _before(words, ids, place, until)
        while later:
            found, later = later, _before(words, ids, later, until)
        tight.append(found)
        until = found
    return tight[::-1]


def _before(words: Concordance, ids: Ids, place: Place, until: Place) -> Place | None:
    """The next place of the same words after one, and before another begins."""
    room = until.first - place.first - 1 - len(ids)
    return words.next(ids, text=place.text, first=place.first + 1, within=room) if room >= 0 else None


def nearest(words: Concordance, wording: Wording) -> Nearest | None:
    """Find the stretch of text that most of a claim's words follow.

    Gives the stretch, or None when no word of the claim stands anywhere.
    """
    ids = words.ids(wording.words)[:_ALIGN_WORDS]
    content = [word.lower() not in _FUNCTION_WORDS for word in wording.words][: len(ids)]
    found = [_aligned(words, ids, content, place) for place in words.neighbourhoods(ids)]
    return max((each for each in found if each), key=lambda each: (each.share, -each.edits), default=None)


def _aligned(words: Concordance, ids: Ids, content: Sequence[bool], window: Place) -> Nearest | None:
    printed, told = words.around(window).tolist(), ids.tolist()
    ops = [op for op in Levenshtein.opcodes(printed, told) if op.tag == "equal"]
    if not ops:
        return None
    best = _densest([(op.src_start, op.dest_start, op.src_end - op.src_start) for op in ops])
    matched = [i for _, at, length in best for i in range(at, at + length)]
    share = sum(content[i] for i in matched) / sum(content) if any(content) else len(matched) / len(told)
    first, last = _widened(best, told=len(told), printed=len(printed))
    edits = Levenshtein.distance(printed[first : last + 1], told)
    return Nearest(Place(window.text, window.first + first, window.first + last), share, edits)


def _widened(runs: Sequence[_Run], *, told: int, printed: int) -> tuple[int, int]:
    """First and last word of the aligned stretch, with what stands for the claim's own edges."""
    begin, at, _ = runs[0]
    last, beyond = runs[-1][0] + runs[-1][2] - 1, told - runs[-1][1] - runs[-1][2]
    return begin - min(at, begin, NEAR_MISS), min(last + min(beyond, NEAR_MISS), printed - 1)


def _densest(runs: Sequence[_Run]) -> Sequence[_Run]:
    """The stretch of aligned runs with most words in it, less half of those that lie between them."""
    best = score = 0.0
    begin, chosen = 0, (0, 1)
    for i, (at, told, length) in enumerate(runs):
        if i:
            before, then, size = runs[i - 1]
            score -= (max(at - before, told - then) - size) / 2
        if score <= 0:
            score, begin = 0.0, i
        score += length
        if score > best:
            best, chosen = score, (begin, i + 1)
    return runs[slice(*chosen)]


def pieces(words: Concordance, wording: Wording) -> list[Place]:
    """Find the exact pieces that a claim is joined from, longest first fit."""
    ids = words.ids(wording.words)
    found: list[Place] = []
    at = 0
    while at < len(ids):
        place = words.longest(ids, at)
        if place is None or len(ids) < _PIECE_WORDS * (len(found) + 1):
            return []
        found.append(place)
        at += len(place)
    return found if len(found) > 1 else []
