"""Clipping: what stands just outside a slice and could turn its sense.

“We will sign” cut out of “we will sign only if they do” is an exact slice and
still misleads. The rules look at the rest of the sentence that a slice was cut
from, and at a question just before it. A slice of whole sentences has no rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from onrecord.text.negation import NEGATION
from onrecord.text.quotation_marks import CLOSING, MARKS, OPENING, OUTER, STRAIGHT
from onrecord.text.sentence_boundaries import sentence_spans
from onrecord.types import Clip, Turning

_WINDOW = 1_500
_GLANCE = 8
_BLANK = f"{MARKS}()[]*_ \t\r\n\xa0"
_NEGATED = re.compile(rf"\b{NEGATION}\b(?:\W++\w[\w’'.-]*+){{0,6}}\W*+\Z", re.IGNORECASE)
_CLAUSE = re.compile(rf"[^.;:!?,—–(){OUTER}]*[{MARKS}(\s]*\Z")
_ONLY = re.compile(r"not\s+(?:only|just|merely|simply)\b|no (?:doubt|matter|longer\W+\Z)", re.IGNORECASE)
_IF = (
    r"(?:(?:only |but )?if|unless|provid(?:ed|ing)(?: that)?|assuming|as long as|so long as|in case"
    r"|on (?:the )?condition(?: that)?|only (?:when|after|once))"
)
_ASKED = r"(?:ask(?:s|ed|ing)?|know|see|wonder(?:s|ed)?|unclear|say|sure|as|even|what|question)"
_IN_CONDITION = re.compile(rf"\b(?:{_IF}|whether)\b(?:\s++[\w’'.-]++){{0,8}}[\s{MARKS}]*+\Z", re.IGNORECASE)
_AFTER_CONDITION = re.compile(
    rf"(?:^|[,;:—–{MARKS}]|\b(?:and|but|that|said))\W*(?<!even )\b(?P<if>{_IF})\b"
    rf"(?:\s++[\w’'.%$-]++){{1,16}},\s*+(?:then\s++)?[\s{MARKS}]*+\Z",
    re.IGNORECASE,
)
_BUT = r"(?:but|although|though|except|albeit|rather than|instead of|while not)"
_OTHERWISE = re.compile(rf"(?:{_IF}|{_BUT})\b", re.IGNORECASE)
"""What turns the sense as a condition or a contrast, and is told as that."""
_AFTER_CONTRAST = re.compile(rf"\b(?:{_BUT}|yet),?[\s{MARKS}]*\Z", re.IGNORECASE)
_WORDS_ON = r"(?:[\s,—–-]++[\w’'$%][\w’'$%-]*+)"
_NEXT_CONTRAST = re.compile(
    rf"{_WORDS_ON}{{0,6}}?[\s,—–-]*+(?P<turn>{_BUT}|however|not until)\b(?! also| one of| to\b)",
    re.IGNORECASE,
)
_AT_ONCE = re.compile(rf"[\s,—–-]*+(?P<turn>{_BUT})\b(?! also| one of| to\b)", re.IGNORECASE)
_NEXT_CONDITION = re.compile(rf"{_WORDS_ON}{{0,10}}?[\s,—–-]++(?P<turn>{_IF}|until)\b", re.IGNORECASE)
_INDIRECT = re.compile(rf"\b{_ASKED}\s+\Z", re.IGNORECASE)
_NEXT_NEGATION = re.compile(
    r"\s*(?P<turn>no|not|nothing|nobody|none|never|neither|nowhere|only)\b"
    r"(?! (?:only|one|doubt|matter|if|when|after|once)\b)",
    re.IGNORECASE,
)
_NOT_ONLY = re.compile(r"\bnot\s+(?:only|just|merely|simply)\b|\bnothing\W*\Z|\ball\W*\Z", re.IGNORECASE)
_END_MARKS = f"{CLOSING}{STRAIGHT}’'"
_QUOTED_OUT = re.compile(rf"\s*[,?!…—–-]\s*[{_END_MARKS}]|\s*[.][{_END_MARKS}]")
_CLOSED = re.compile(f"[{_END_MARKS}]")
_RESUMED = re.compile(
    rf"[,?!.—–-]?\s*[{_END_MARKS}]\s*[^{OUTER}\n.?!]{{2,120}}?[,—–]\s*"
    rf"[{OPENING}{STRAIGHT}‘](?P<rest>{_BUT}|{_IF})\b",
    re.IGNORECASE,
)
_ELLIPSIS_BEFORE = re.compile(rf"(?:…|\.\.\.|\. \. \.)\]?[\s{MARKS}]*\Z")
_ELLIPSIS_AFTER = re.compile(rf"[\s{MARKS}]*\[?(?:…|\.\.\.|\. \. \.)")
_LABEL = re.compile(r"\s*(?:\*\*)?[A-Z][A-Z.’' -]{1,40}:(?:\*\*)?\s*")
_ANSWERS = re.compile(
    r"\W*(?:yes|no|yeah|yep|nope|nah|absolutely|of course|correct|exactly|certainly|definitely|probably|maybe"
    r"|perhaps|never|not (?:at all|really|yet|now|necessarily|today|at this|that i)"
    r"|(?:that|it)[’']?s (?:right|correct)|(?:i|we|they|he|she|it) (?:do|does|did|am|are|is|was|were|will"
    r"|would|can|could|have|has)(?:n[’']t| not)?)"
    rf"\s*[.,;!—–{MARKS}]",
    re.IGNORECASE,
)
_LINE = re.compile(r"\n(?![a-z])")
"""Between paragraphs; a line that goes on in small letters was only wrapped."""
_ASKS = re.compile(rf"\?[\s{MARKS}*)\]]*\Z")


def clips(text: str, start: int, end: int) -> tuple[Clip, ...]:
    """Find what a slice leaves out that could turn its sense.

    Args:
        text: The article.
        start: First code point of the slice.
        end: Past the last code point.

    Returns:
        Exact slices beside it, each with why it matters: at most one a reason, those before it first.
    """
    start, end = _trimmed(text, start, end)
    if start >= end or _is_whole(text, start, end):
        return ()
    first, last = _sentences_round(text, start, end)
    found = [*_before(text, first, start), *_after(text, end, last)]
    if not text[first:start].strip(_BLANK) or _LABEL.fullmatch(text, first, start):
        found += _question(text, first, start, end)
    kept: dict[Turning, Clip] = {}
    for clip in found:
        kept.setdefault(clip.turning, clip)
    return tuple(kept.values())


def _is_whole(text: str, start: int, end: int) -> bool:
    """Tell, at a glance, whole sentences that answer no question: nearly all that is ever asked about."""
    before = text[max(start - _GLANCE, 0) : start].rstrip(MARKS + " \t")
    begun = not before or before[-1] in ".!?\n"
    return (
        begun
        and text[start].isupper()
        and text[end - 1] in ".!?"
        and not _ANSWERS.match(text[start : end + 1])
    )


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out blanks and quotation marks at the edges of a slice, which are no words of it."""
    while start < end and text[start] in _BLANK:
        start += 1
    while end > start and text[end - 1] in _BLANK:
        end -= 1
    return start, end


def _sentences_round(text: str, start: int, end: int) -> tuple[int, int]:
    """Give the start of the sentence in which a slice begins, and the end of that in which it ends."""
    window = max(start - _WINDOW, 0)
    begin = max((line.end() for line in _LINE.finditer(text, window, start)), default=window)
    ended = _LINE.search(text, end, end + _WINDOW)
    stop = ended.start() if ended else min(end + _WINDOW, len(text))
    first = last = None
    for one, other in sentence_spans(text, begin, stop):
        if first is None and start < other:
            first = min(one, start)
        if end <= other:
            last = other
            break
    return start if first is None else first, end if last is None else last


def _before(text: str, first: int, start: int) -> Iterator[Clip]:
    left = text[first:start]
    if not left.strip(_BLANK):
        return
    clause = _CLAUSE.search(left)
    at = clause.start() if clause else len(left)
    negated = _NEGATED.search(left, at)
    if negated and not _ONLY.match(left, negated.start()) and not _OTHERWISE.match(negated[0]):
        yield _clip(text, Turning.NEGATION, first + negated.start(), start)
    condition = _IN_CONDITION.search(left, at) or _AFTER_CONDITION.search(left)
    if condition:
        begin = condition.start("if") if "if" in condition.re.groupindex else condition.start()
        yield _clip(text, Turning.CONDITION, first + begin, start)
    contrast = _AFTER_CONTRAST.search(left)
    if contrast:
        yield _clip(text, Turning.CONTRAST, first + contrast.start(), start)
    ellipsis = _ELLIPSIS_BEFORE.search(left)
    if ellipsis:
        yield _clip(text, Turning.ELLIPSIS, first + ellipsis.start(), start)


def _after(text: str, end: int, last: int) -> Iterator[Clip]:
    right = text[end:last]
    if _ELLIPSIS_AFTER.match(right):
        yield _clip(text, Turning.ELLIPSIS, end, last)
    # A quotation that is whole has no rest, save where it goes on behind who said it.
    if _QUOTED_OUT.match(right) or (text[end - 1] in ",?!.…—" and _CLOSED.match(right)):
        resumed = _RESUMED.match(right if right[:1] in ",?!.—–-" else f",{right}")
        if resumed:
            turning = Turning.CONDITION if re.match(_IF, resumed["rest"], re.IGNORECASE) else Turning.CONTRAST
            yield _clip(text, turning, end, last)
        return
    rest = right.lstrip(MARKS)
    patterns = _NEXT | ({} if rest == right else {Turning.CONTRAST: _AT_ONCE})
    for turning, pattern in patterns.items():
        turn = pattern.match(rest)
        if turn and not _INDIRECT.search(rest, 0, turn.start("turn")) and not _idle(text[:end], rest, turn):
            yield _clip(text, turning, end, last)


_NEXT = {
    Turning.NEGATION: _NEXT_NEGATION,
    Turning.CONDITION: _NEXT_CONDITION,
    Turning.CONTRAST: _NEXT_CONTRAST,
}


def _idle(before: str, rest: str, turn: re.Match[str]) -> bool:
    """Say whether the word turns nothing: ``not only … but``, ``nothing but``, ``all but``."""
    low = turn["turn"].lower()
    return low == "but" and _NOT_ONLY.search(before[-200:] + rest[: turn.start("turn")]) is not None


def _question(text: str, first: int, start: int, end: int) -> Iterator[Clip]:
    """Give the question that a slice answers, where it says little without it."""
    if not _ANSWERS.match(text[start : end + 1]):
        return
    stop = len(text[:first].rstrip(_BLANK + "—–-"))
    begin = max(text.rfind("\n", 0, stop) + 1, stop - _WINDOW)
    asked = list(sentence_spans(text, begin, min(stop + 2, first)))[-1:]
    for one, other in asked:
        if _ASKS.search(text[one:other]):
            yield _clip(text, Turning.QUESTION, one, other)


def _clip(text: str, turning: Turning, start: int, end: int) -> Clip:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Clip(turning, start, end, text[start:end])
