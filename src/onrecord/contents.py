"""Contents: the clause that is what somebody is reported to have said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from onrecord.clauses import Cue

__all__ = ["clauses_of", "ended", "leads"]

Extent = tuple[int, int]

_FEWEST_WORDS = 2
_WITHIN = 90
_NEAR = 8
_LONG = 1_000
_THAT = re.compile(r"(?<!\w)(?:that|how|why|what|whether|if)(?!\w)")
_CLAUSE = re.compile(
    r"\A\s*that\b|\b(?:is|are|was|were|has|have|had|will|would|should|could|can|may|might|cannot|must|did|does)\b"
)
_OPENING_ASIDE = frozenset(
    """
    on in at during from about of reporters supporters voters him her them me us you the a an last this
    earlier later today yesterday also again repeatedly his their
    """.split()
)
_TO_SOMEBODY = re.compile(r"to (?:[A-Z]|(?:the|a|an|his|her|their|reporters|supporters|voters)\b)")
_TURN = re.compile(r"(?:,|\s[-–—]) ?(?:but|while|although|though|whereas|and (?:he|she|they|it)) ")
_ASIDE = re.compile(r"\s*,?\s*(?:who|which|referring|when|as|after|while|where|speaking|[\w\-]+ing)(?!\w)")
_JOINED = re.compile(r"[\s,;—–\-]+(?:(?:and|but|while|as|then|also|he|she|they|it) )*\Z")
_OPENERS = re.compile(r"(?:[Bb]ut|[Aa]nd|[Ss]o|[Yy]et)\s+")
_MARKS = "\"'“”‘’«»‹›「」『』＂` "
_POINTS = tuple(",?!.…—–-;:")
_EDGES = " \t\n\r\xa0,;:—–-"


def clauses_of(text: str, span: Extent, cue: Cue, signs: Sequence[Cue]) -> Iterator[Extent]:
    """Find what a sign of speech reports, without the sign and its subject.

    Args:
        text: Of the article.
        span: Of the sentence.
        cue: The sign; lies in the sentence.
        signs: All signs of the sentence, in order.

    Yields:
        One extent, two where the sign stands amid what it reports, none where nothing is left.
    """
    first, last = min(cue.start, cue.sign[0]), max(cue.end, cue.sign[1])
    lead = _trimmed(text, _lead_start(span[0], first, cue, signs), first)
    trail = _trimmed(text, last, _trail_end(text, last, span[1], cue, signs))
    inverted = cue.by is not None and cue.by[0] > cue.sign[0] and cue.word.lower() != "according"
    opened = text[last : last + 1] in (",", ":")
    closed = (
        text[max(first - _NEAR, 0) : first].rstrip()[-1:] in (",", "—", "–", "”", '"', "?", "!")
        if lead
        else False
    )
    if lead and closed and (inverted or opened or not _words(text, trail) or _is_aside(text, last)):
        yield lead
        if not opened or inverted or _is_aside(text, last) or cue.word.lower() == "according":
            return
    if trail and _words(text, trail):
        yield _from_that(text, trail)
    elif lead and not closed:
        yield lead


def leads(between: str) -> bool:
    """Tell whether the words between a sign of speech and a quotation are part of what is said.

    Args:
        between: Such as ``he was ready:``, and not ``Friday on CNN:``.

    Returns:
        Whether they hold a clause.
    """
    return _CLAUSE.search(between) is not None


def ended(quotation: str) -> bool:
    """Tell whether a quotation, marks included, ends a sentence or a part of one by its own punctuation."""
    return quotation.rstrip(_MARKS).endswith(_POINTS)


def _lead_start(start: int, end: int, cue: Cue, signs: Sequence[Cue]) -> int:
    """Begin what stands before a sign after the last sign of somebody else's."""
    before = [sign.end for sign in signs if sign is not cue and sign.end <= end]
    return max(before, default=start)


def _trail_end(text: str, start: int, end: int, cue: Cue, signs: Sequence[Cue]) -> int:
    """End what follows a sign where the same speaker is given another, or a verb belongs to none of it."""
    turn = _TURN.search(text, start, min(end, start + _LONG))
    end = turn.start() if turn else end
    for sign in signs:
        if start <= sign.sign[0] < end and (sign.participle or sign.start < start or _same(sign.by, cue.by)):
            return max(sign.start, start) if sign.start >= start else sign.sign[0]
    return end


def _same(one: Extent | None, other: Extent | None) -> bool:
    return one is not None and other is not None and one[0] < other[1] and other[0] < one[1]


def _trimmed(text: str, start: int, end: int) -> Extent | None:
    joined = _JOINED.search(text[max(start, end - 40) : end])
    if joined:
        end = max(start, end - 40) + joined.start()
    while start < end and text[start] in _EDGES:
        start += 1
    while start < end and (text[end - 1] in _EDGES or text[end - 1] == "."):
        end -= 1
    opener = _OPENERS.match(text, start, end)
    start = opener.end() if opener else start
    return (start, end) if start < end else None


def _words(text: str, extent: Extent | None) -> bool:
    return extent is not None and len(text[slice(*extent)].split(None, _FEWEST_WORDS)) >= _FEWEST_WORDS


def _is_aside(text: str, last: int) -> bool:
    return _ASIDE.match(text, last) is not None


def _from_that(text: str, extent: Extent) -> Extent:
    """Leave out to whom and when it was said, where ``that`` tells where the clause begins."""
    start, end = extent
    match = _THAT.search(text, start, min(end, start + _WITHIN))
    if match and (match.start() == start or _aside(text[start : match.start()])):
        return match.start(), end
    return extent


def _aside(between: str) -> bool:
    """Tell whether words before ``that`` say to whom, when or where."""
    first = between.split(None, 1)[0]
    opens = first[0].isupper() or first.lower().rstrip(",") in _OPENING_ASIDE or _TO_SOMEBODY.match(between)
    return bool(opens) and "," not in between.rstrip(" ,") and not leads(between)
