"""Paragraphs: where a text's lines stand for paragraphs and where they are only wrapped.

News text comes with one paragraph a line, with blank lines between paragraphs,
or hard-wrapped at some column with an indent or a blank line per paragraph.
A single line break is read as a wrap only when the text shows it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from onrecord.text.quotation_marks import CLOSING, STRAIGHT

_BREAKS = r"\n\r\x0b\x0c\x85\u2028\u2029"
_LINE = re.compile(rf"\S[^{_BREAKS}]*+")
_BREAK = re.compile(rf"\r\n|[{_BREAKS}]")
_ITEM = re.compile(r"[-–—*•▪●◦‣·]\s|\d{1,3}[.)]\s|#{1,6}\s|[>|]|Q\s\s")
_WORD = re.compile(r"\S{1,40}")
_CLOSERS = f"{CLOSING}{STRAIGHT}'’)]*_"
_SHORTEST_WRAPPED = 30
_UNFINISHED = re.compile(
    r"(?:,|;|\b(?:a|about|an|and|are|as|at|but|by|for|from|had|has|have|his|in|into|is|its|of|on|or|said|than|that|the"
    r"|their|to|was|were|which|will|with|would|January|February|March|April|May|June|July|August|September|October"
    r"|November|December))\Z"
)
_FORMULA = re.compile(r"(?<![^\W\d_])(?:[A-Z][a-z]?){1,3}[−+]?\Z")
_SUBSCRIPT = re.compile(r"\d{1,2}(?![\d.])")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a text, without its outer white space.

    Attributes:
        start: First code point.
        end: Past the last code point.
        indent: Columns of white space before it.
        alone: Whether a blank line, or nothing, stands before it.
    """

    start: int
    end: int
    indent: int
    alone: bool


def paragraphs(text: str, *, apart: int = 0) -> tuple[tuple[int, int], ...]:
    """Find the paragraphs of a text.

    Args:
        text: Any text.
        apart: End of a front matter, whose lines are never joined with others.

    Returns:
        Start and end of each paragraph, in order, without outer white space; every
        code point that is no white space lies in exactly one.
    """
    lines = _lines(text)
    width = _wrap_width(text, lines)
    found: list[tuple[int, int]] = []
    wrapped = False
    for index, line in enumerate(lines):
        before = lines[index - 1]
        joins = not line.alone and before.start >= apart
        wrapped = joins and _is_wrap(text, before, line, width, follows=wrapped, first=index == 1)
        if wrapped:
            found[-1] = (found[-1][0], line.end)
        else:
            found.append((line.start, line.end))
    return tuple(found)


def _lines(text: str) -> list[Line]:
    lines: list[Line] = []
    before = 0
    for match in _LINE.finditer(text):
        start = match.start()
        gap = text[before:start]
        if gap == "\n":
            breaks, indent = 1, 0
        else:
            parts = _BREAK.split(gap)
            breaks, indent = len(parts) - 1, len(parts[-1].expandtabs(4))
        before = start + len(match.group().rstrip())
        lines.append(Line(start, before, indent, breaks > 1 or not lines))
    return lines


def _wrap_width(text: str, lines: list[Line]) -> int:
    """Tell the column at which the text is hard-wrapped, 0 when it is not."""
    inner = [(a, b) for a, b in pairwise(lines) if not b.alone and b.indent <= a.indent]
    if len(inner) < 2:
        return 0
    lengths = sorted(a.end - a.start for a, _ in inner)
    width = lengths[len(lengths) * 9 // 10]
    if not 40 <= width <= 100:
        return 0
    full = sum(length >= 0.75 * width for length in lengths)
    lower = sum(text[b.start].islower() for _, b in inner)
    return width if full >= 0.6 * len(inner) and lower >= 0.3 * len(inner) else 0


def _is_wrap(text: str, a: Line, b: Line, width: int, *, follows: bool, first: bool) -> bool:
    tail = text[max(a.start, a.end - 16) : a.end]
    # Wikipedia's text breaks chemical formulas: "O" and "2" stand on two lines.
    if _FORMULA.search(tail) and _SUBSCRIPT.match(text, b.start, b.end):
        return True
    if b.indent > a.indent or _ITEM.match(text, b.start, b.end):
        return False
    length = a.end - a.start
    lower = text[b.start].islower()
    open_ended = not tail[-4:].rstrip(_CLOSERS).endswith((".", "!", "?", ":", "…"))
    if not width:
        return (
            open_ended
            and length >= _SHORTEST_WRAPPED
            and (lower or follows or _UNFINISHED.search(tail) is not None)
        )
    word = _WORD.match(text, b.start, b.end)
    if word is not None and len(word.group()) > width - length - 1:
        return True
    return open_ended and (lower or first or length >= width // 2)
