"""Contents: the clause that is what somebody is reported to have said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from onrecord.speech.cues import Cue
from onrecord.text.lexicon import DESCRIBERS
from onrecord.text.quotation_marks import CLOSING, MARKS, STRAIGHT

Extent = tuple[int, int]

_FEWEST_WORDS = 2
_WITHIN = 90
_NEAR = 8
_APPOSED = 7
_COMMA = re.compile(r",\s")
_WHEN_WHERE = re.compile(
    r"(?:on|in|at|during|after|before|earlier|later|last|this|late|early|today|yesterday|"
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b"
)
_PAST = re.compile(r"[a-z]ed\b")
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
_CLOSED = re.compile(rf",[{CLOSING}{STRAIGHT}’']{{1,2}}(?= (?:and|but|while|then) (?:\w+ly )?\w+ed\b)")
"""The end of ``the “ultimate hypocrite,” and walked away``."""
_ASIDE = re.compile(r"\s*,?\s*(?:who|which|referring|when|as|after|while|where|speaking|[\w\-]+ing)(?!\w)")
_JOINED = re.compile(r"[\s,;—–\-]+(?:(?:and|but|while|as|then|also|he|she|they|it) )*\Z")
_OPENERS = re.compile(r"(?:[Bb]ut|[Aa]nd|[Ss]o|[Yy]et)\s+")
_TELLING = frozenset("told tells telling assured assures warned warns reminded reminds informed".split())
_MARKS = f"{MARKS}` "
_POINTS = tuple(",?!.…—–-;:")
_EDGES = " \t\n\r\xa0,;:—–-"


def clauses_of(text: str, span: Extent, cue: Cue, signs: Sequence[Cue]) -> Iterator[Extent]:
    """Find what a sign of speech reports, without the sign and its subject."""
    first, last = min(cue.start, cue.sign[0]), max(cue.end, cue.sign[1])
    lead = _trimmed(text, _lead_start(span[0], first, cue, signs), first)
    trail = _trimmed(text, last, _trail_end(text, last, span[1], cue, signs))
    if cue.word.lower() == "according":
        yield from _accorded(text, lead, trail)
        return
    inverted = cue.by is not None and cue.by[0] > cue.sign[0]
    opened = text[last : last + 1] in (",", ":")
    lead = lead if _words(text, lead) else None
    if lead and trail and _says_nothing(text[slice(*trail)], cue, apposed=inverted and opened):
        trail = None
    closed = (
        text[max(first - _NEAR, 0) : first].rstrip()[-1:] in (",", "—", "–", "”", '"', "?", "!")
        if lead
        else False
    )
    if lead and _names_subject(text, lead, cue):
        lead = None
    if _is_relative(text, cue) and opened:
        return
    if lead and closed and (inverted or opened or not _words(text, trail) or _is_aside(text, last)):
        yield lead
        if not opened or inverted or _is_aside(text, last):
            return
    if trail and _words(text, trail):
        yield _from_that(text, trail, told=cue.word.lower() in _TELLING)
    elif lead and not closed:
        yield lead


def leads(between: str) -> bool:
    """Tell whether the words between a sign of speech and a quotation are part of what is said."""
    return _CLAUSE.search(between) is not None


def ended(quotation: str) -> bool:
    """Tell whether a quotation, marks included, ends a sentence or a part of one by its own punctuation."""
    return quotation.rstrip(_MARKS).endswith(_POINTS)


def _accorded(text: str, lead: Extent | None, trail: Extent | None) -> Iterator[Extent]:
    """Give what stands before ``according to …``, or else what follows the comma behind the source."""
    if lead:
        yield lead
        return
    commas = list(islice(_COMMA.finditer(text, trail[0] - 2, trail[1]), 2)) if trail else []
    if len(commas) > 1 and _apposed(text[commas[0].end() : commas[1].start()]):
        commas = commas[1:]
    rest = _trimmed(text, commas[0].end(), trail[1]) if commas and trail else trail
    if rest and _words(text, rest):
        yield rest


def _apposed(words: str) -> bool:
    """Tell whether words between commas say who a source is: ``, the prime minister,``."""
    first, *others = words.lower().split() or [""]
    return first in ("who", "which") or (first in ("a", "an", "the") and not DESCRIBERS.isdisjoint(others))


def _says_nothing(words: str, cue: Cue, *, apposed: bool) -> bool:
    """Tell whether words behind a sign only say when or where, to whom, or who speaks.

    ``said Tuesday in Paris``, ``told the Post``, ``said Ana Lopez, an aide``.
    """
    if _THAT.match(words):
        return False
    told = cue.word.lower() in ("told", "tells") and not leads(words) and not _PAST.search(words)
    return apposed or told or _circumstance(words)


def _circumstance(words: str) -> bool:
    few = len(words.split(None, _APPOSED + 1)) <= _APPOSED
    return few and _WHEN_WHERE.match(words) is not None and not leads(words)


def _names_subject(text: str, lead: Extent, cue: Cue) -> bool:
    """Tell whether words before a sign say who its subject is: ``His brother, Mark Smith, disagreed``."""
    if cue.by is None or not cue.by[1] <= cue.sign[0] or text[cue.by[1] : cue.sign[0]].strip() != ",":
        return False
    words = text[slice(*lead)]
    return len(words.split(None, _APPOSED)) < _APPOSED and not leads(words) and not _PAST.search(words)


def _is_relative(text: str, cue: Cue) -> bool:
    return cue.by is not None and text[slice(*cue.by)].lower() in ("who", "which")


def _lead_start(start: int, end: int, cue: Cue, signs: Sequence[Cue]) -> int:
    """Begin what stands before a sign after the last sign of somebody else's."""
    before = [sign.end for sign in signs if sign is not cue and sign.end <= end]
    return max(before, default=start)


def _trail_end(text: str, start: int, end: int, cue: Cue, signs: Sequence[Cue]) -> int:
    """End what follows a sign where the same speaker is given another, or a verb belongs to none of it."""
    turn = _TURN.search(text, start, min(end, start + _LONG))
    end = turn.start() if turn else end
    closed = _CLOSED.search(text, start, min(end, start + _LONG))
    end = closed.end() if closed else end
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


def _from_that(text: str, extent: Extent, *, told: bool) -> Extent:
    """Leave out to whom and when it was said, where ``that`` tells where the clause begins.

    Where somebody is told, whatever stands before ``that`` is who; elsewhere it may be part of the clause.
    """
    start, end = extent
    match = _THAT.search(text, start, min(end, start + _WITHIN))
    between = text[start : match.start()] if match else ""
    if match and (not between or _aside(between) or (told and not leads(between))):
        return match.start(), end
    return extent


def _aside(between: str) -> bool:
    """Tell whether words before ``that`` say to whom, when or where."""
    first = between.split(None, 1)[0]
    opens = first[0].isupper() or first.lower().rstrip(",") in _OPENING_ASIDE or _TO_SOMEBODY.match(between)
    return bool(opens) and "," not in between.rstrip(" ,") and not leads(between)
