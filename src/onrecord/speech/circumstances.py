"""Circumstances: when, to whom and on what occasion something was said, read beside its sign of speech."""

from __future__ import annotations

import re
from dataclasses import dataclass

from onrecord.speech.said_on import Dated, Dateline
from onrecord.speech.tokens import QUOTED
from onrecord.text.lexicon import AUXILIARIES, DETERMINERS, SUBORDINATORS

Extent = tuple[int, int]

_TELLING = frozenset("told tells telling assured reminded warned informed advised".split())
_WITHIN = 160
_PHRASE_WORDS = 8
_ENDS = re.compile(
    rf"[,;:.!?()—–{QUOTED}]|\b(?:that|on|in|at|during|about|after|before|while|when|as|how|why|what|whether|if|he|she|"
    r"they|it|we|I|to|for|last|this|earlier|today|yesterday|by|who|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|"
    r"Sunday)(?!\w)"
)
_SPOKEN_TO = re.compile(
    r"\b(?:interview with|letter to|speaking (?:to|with)|spoke to|remarks to|speech to|said to) "
)
_EVENT = (
    r"(?:interview|(?:press|news) (?:conference|briefing)|conference|briefing|speech|statement|rally|debate|"
    r"hearing|testimony|address|summit|forum|fundraiser|town hall|panel|meeting|podcast|op-ed|memo|letter|"
    r"email|e-mail|tweet|blog post|video|broadcast|convention|call)"
)
_DATES = (
    r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:January|February|March|April|May|June|July|August|September|"
    r"October|November|December)(?= \d|\W)|(?:Jan|Feb|Aug|Sept|Oct|Nov|Dec)\.)"
)
_NAMED = rf"(?!{_DATES})[A-Z][\w’'.&\-]*"
_NAME = rf"{_NAMED}(?: (?:(?:of|on|for|and|in|the) ){{0,2}}{_NAMED}){{0,7}}"
_OCCASION = re.compile(
    r"\b(?:[Dd]uring|[Aa]t|[Ii]n|[Oo]n) (?:(?:an?|the|his|her|their|its|another|one) )?"
    rf"(?:[\w’'.\-]+ ){{0,4}}?{_EVENT}\b"
    rf"(?: (?:with|at|in|on|to|of|before) (?:(?:the|a|an) )?{_NAME})?"
    rf"|\bat (?:the |an? )?{_NAME}"
)
_ELSEWHERE = SUBORDINATORS - {"and"} | frozenset("of about following referring who that against over".split())
"""Words after which a time may belong to something else: ``said of the attack on Friday``."""
_CLAUSE = AUXILIARIES | SUBORDINATORS | {"that", "he", "she", "they", "it", "we", "i"}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is told of one act of speech beside the words.

    Attributes:
        dated: When; None if not told, or open.
        addressee: To whom, as printed.
        occasion: Where or at what, as printed.
    """

    dated: Dated | None = None
    addressee: str | None = None
    occasion: str | None = None


NOWHERE = Circumstances()
"""Nothing is told."""


def beside(
    covered: str,
    *,
    span: Extent,
    sign: Extent,
    by: Extent | None,
    cue: Extent,
    full: bool,
    dateline: Dateline,
) -> Circumstances:
    """Read the circumstances of one act of speech."""
    after = covered[cue[1] : min(span[1], cue[1] + _WITHIN)].partition(QUOTED)[0]
    first = min(cue[0], by[0]) if by else cue[0]
    before = covered[max(span[0], first - _WITHIN) : first].rpartition(QUOTED)[2]
    between = covered[min(by[1], sign[1]) : max(by[0], sign[0])] if by else ""
    told = full or covered[sign[0] : sign[1]].lower() in _TELLING
    return Circumstances(
        dated=_when(after, between, before, full=told, dateline=dateline),
        addressee=_as_printed(_addressee(covered, sign, after)),
        occasion=_as_printed(_occasion(after, before, full=full)),
    )


def _when(after: str, between: str, before: str, *, full: bool, dateline: Dateline) -> Dated | None:
    found = dateline.find(after)
    if found and (_near if not full else _plain)(after[: found[0].start()]):
        return found[1]
    found = dateline.find(between)
    # ``X today denied``, and not ``X, who was there last week, denied``.
    if found and not between.replace(found[0].group(), "", 1).strip(" ,"):
        return found[1]
    found = dateline.find(before)
    # ``On Friday, X said``: a time that opens the sentence and nothing but a comma after it.
    if found and not before[: found[0].start()].strip() and before[found[0].end() :].strip() in ("", ","):
        return found[1]
    return None


def _plain(between: str) -> bool:
    """Tell whether a time after a whole utterance can be of nothing but its saying."""
    return "," not in between and _ELSEWHERE.isdisjoint(between.lower().split())


def _near(between: str) -> bool:
    """Tell whether what stands between a sign of speech and a time can belong to neither clause."""
    words = between.lower().split()
    if not words:
        return True
    if "," in between or len(words) > _PHRASE_WORDS or not _CLAUSE.isdisjoint(words):
        return False
    return words[0] in ("in", "at", "during", "to", "from", "reporters", "also", "again")


def _as_printed(words: str | None) -> str | None:
    """Leave out words that hold a character which the covered text has in another's place."""
    return None if words is None or "\ue001" in words else words


def _addressee(covered: str, sign: Extent, after: str) -> str | None:
    if covered[sign[0] : sign[1]].lower() in _TELLING:
        return _phrase(covered[sign[1] : sign[1] + _WITHIN])
    match = _SPOKEN_TO.search(after)
    return _phrase(after[match.end() :]) if match else None


def _phrase(text: str) -> str | None:
    """Give the noun phrase with which a text begins."""
    end = _ENDS.search(text)
    words = text[: end.start() if end else len(text)].split()
    if not words or len(words) > _PHRASE_WORDS or (words[-1].lower() in DETERMINERS and len(words) == 1):
        return None
    start = text.index(words[0])
    return text[start : end.start() if end else len(text)].rstrip()


def _occasion(after: str, before: str, *, full: bool) -> str | None:
    match = _OCCASION.search(after)
    if match and (full or _near(after[: match.start()])):
        return match.group()
    match = _OCCASION.match(before)
    return match.group() if match and before[match.end() :].partition(",")[1] else None
