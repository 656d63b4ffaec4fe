"""Quotations: the spans of a text that stand between quotation marks of any style."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from onrecord.text.paragraphs import paragraphs
from onrecord.text.quotation_marks import CLOSING, OPENING, OUTER, PAIRS, STRAIGHT, STRICT

_DOUBLE = re.compile(rf"[{OUTER}]|``|''|’’|‘‘")
_SINGLE = re.compile(r"[‘’‚]|(?<![\w'])'(?=[^\W\d]|[\[“\"])|(?<=[^\s'(])'(?![\w'])")
_REOPENED = re.compile(rf"[{OPENING}{STRAIGHT}]|``|‘‘")
_ELISION = re.compile(r"['’‘](?:\d|(?i:em|tis|twas|til|cause|cos|n|round|bout)\b)")
_OPENERS = frozenset((*OPENING, "``", "‘‘"))
_CLOSERS = frozenset((*CLOSING, "''", "’’"))
# Guillemets stand the other way round in German and Danish.
_PAIRED = STRICT | {STRICT[mark]: mark for mark in "«‹"}
"""Marks that only their counterpart closes."""
_MOST_INSIDE = 16
_OPENING_BEFORE = frozenset("([{—–-/‘'“")
_TERMINAL = tuple(".!?…,—–-:;")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A slice of a text.

    Attributes:
        start: First code point.
        end: Past the last code point.
    """

    start: int
    end: int


def quotations(text: str) -> tuple[Span, ...]:
    """Find the quotations of a text, outermost ones only, marks included.

    A quotation that is not closed ends with its paragraph, unless the next paragraph
    opens with a mark again: then it is one speech over several paragraphs.

    Args:
        text: Any text.

    Returns:
        The spans in order, not overlapping.
    """
    return quotation_spans(text, paragraphs(text))


def quotation_spans(text: str, blocks: Sequence[tuple[int, int]]) -> tuple[Span, ...]:
    """Find the quotations of a text whose paragraphs are known."""
    doubles = _double_spans(text, blocks)
    singles = [span for block in blocks for span in _single_spans(text, *block)]
    return _outermost(doubles, singles) if singles else tuple(doubles)


def _double_spans(text: str, blocks: Sequence[tuple[int, int]]) -> list[Span]:
    spans: list[Span] = []
    opened, mark = -1, ""
    for index, (start, end) in enumerate(blocks):
        matches = list(_DOUBLE.finditer(text, start, end))
        inner = -1
        for number, match in enumerate(matches):
            if opened >= 0 and match.group() == mark and match.start() > start and _nests(matches, number):
                inner = number + 1
            elif number == inner:
                continue
            elif opened < 0:
                if _opens(text, match, start, end):
                    opened, mark = match.start(), match.group()
            elif not (match.start() == start and opened < start) and _closes(text, match, mark, start, end):
                spans.append(Span(opened, match.end()))
                opened = -1
        if opened >= 0 and not _goes_on(text, end, mark, blocks, index + 1):
            spans.append(Span(opened, end))
            opened = -1
    return spans


def _nests(matches: Sequence[re.Match[str]], number: int) -> bool:
    """Tell whether an opening mark amid a quotation of its style opens one inside: the marks come out."""
    closing = PAIRS.get(matches[number].group())
    depth = 2 if closing else 0
    for match in matches[number + 1 : number + _MOST_INSIDE]:
        if depth and match.group() in (closing, matches[number].group()):
            depth += -1 if match.group() == closing else 1
            if not depth:
                return True
    return False


def _goes_on(text: str, end: int, mark: str, blocks: Sequence[tuple[int, int]], following: int) -> bool:
    if following == len(blocks) or _REOPENED.match(text, blocks[following][0]) is None:
        return False
    # A stray straight mark is common; a speech that goes on has come to the end of a sentence.
    return mark not in ('"', "＂", "''") or text[end - 1] in _TERMINAL


def _opens(text: str, match: re.Match[str], start: int, end: int) -> bool:
    at, past = match.span()
    if past == end:
        return False
    if match.group() in _OPENERS:
        return True
    before = " " if at == start else text[at - 1]
    free_before = before.isspace() or before in _OPENING_BEFORE
    if match.group() in _CLOSERS:
        return free_before and not text[past].isspace()
    # Between two characters that are no white space: a mark where a space was lost, or an
    # apostrophe, or inches.
    return free_before or (not before.isalnum() and text[past].isalnum())


def _closes(text: str, match: re.Match[str], mark: str, start: int, end: int) -> bool:
    closing = match.group()
    if mark in _PAIRED or closing in _PAIRED or closing in _PAIRED.values():
        return closing == _PAIRED.get(mark)
    at, past = match.span()
    free_after = past == end or text[past].isspace()
    if closing in "“‟":
        return mark == "„" or free_after
    if closing in ("„", "``", "‘‘"):
        return False
    if closing in '"＂':
        return free_after or not (at == start or text[at - 1].isspace())
    return True


def _single_spans(text: str, start: int, end: int) -> list[Span]:
    spans: list[Span] = []
    opened, spare = -1, -1
    for match in _SINGLE.finditer(text, start, end):
        at, past = match.span()
        if _opens_single(text, at, start, end):
            if opened >= 0 and spare >= 0:
                spans.append(Span(opened, spare))
                opened, spare = -1, -1
            opened = at if opened < 0 else opened
        elif opened >= 0 and _closes_single(text, at, past, end):
            if _is_plural_possessive(text, at, past, end):
                spare = past if spare < 0 else spare
                continue
            spans.append(Span(opened, past))
            opened, spare = -1, -1
    if opened >= 0 and spare >= 0:
        spans.append(Span(opened, spare))
    return spans


def _opens_single(text: str, at: int, start: int, end: int) -> bool:
    if at + 1 >= end or text[at + 1].isspace() or text[at] == "’" or _ELISION.match(text, at):
        return False
    return text[at] in "‘‚" or at == start or text[at - 1].isspace() or text[at - 1] in '([{—–“"'


def _closes_single(text: str, at: int, past: int, end: int) -> bool:
    if text[at] not in "’'" or text[at - 1].isspace():
        return False
    return past == end or not (text[past].isalnum() or text[past] in "’'")


def _is_plural_possessive(text: str, at: int, past: int, end: int) -> bool:
    return text[at - 1] == "s" and past + 1 < end and text[past] == " " and text[past + 1].islower()


def _outermost(doubles: Sequence[Span], singles: Sequence[Span]) -> tuple[Span, ...]:
    """Join both, leaving out what lies within another and singles that cross a double one."""
    kept: list[Span] = []
    at = 0
    for single in singles:
        while at < len(doubles) and doubles[at].end <= single.start:
            kept.append(doubles[at])
            at += 1
        past = at
        while past < len(doubles) and single.start < doubles[past].start and doubles[past].end < single.end:
            past += 1
        if past == len(doubles) or doubles[past].start >= single.end:
            kept.append(single)
            at = past
    return (*kept, *doubles[at:])
