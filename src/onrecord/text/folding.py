"""Folding for comparison: typography is evened out, words are not, offsets are kept.

Two texts that differ only in how they are typeset fold to the same text:
curly and straight quotation marks, primes and guillemets; hyphens and dashes,
with or without spaces round them; every kind of space, tab and line wrap;
composed and decomposed letters (Unicode NFC/NFD); ligatures; the ellipsis
character; invisible characters. Each folded slice can be traced back to the
code points of the original it came from.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from onrecord.text.quotation_marks import folding_to

DOUBLE_MARKS = folding_to('"') + "″‶"
"""Characters that fold to the straight double quotation mark; two are primes that stand in for it."""
SINGLE_MARKS = folding_to("'") + "′‵`´ʼʻ"
"""Characters that fold to the straight single one; some are primes, accents and letters of that look."""

_DASHES = "-‐‑‒–—―⁃−﹘﹣－"
_ONE_TO_ONE = {
    ord(mark): plain
    for marks, plain in ((DOUBLE_MARKS, '"'), (SINGLE_MARKS, "'"), (_DASHES, "-"))
    for mark in marks
    if mark != plain
}
_INVISIBLE = frozenset([0xAD, 0x34F, 0x61C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F)])
_INVISIBLE |= {
    *range(0x2060, 0x2070),
    *range(0xFE00, 0xFE10),
    *range(0xE0000, 0xE0080),
    *range(0xE0100, 0xE01F0),
}
_LIGATURES = frozenset(
    [0x132, 0x133, *range(0x1C4, 0x1CD), *range(0x1F1, 0x1F4), *range(0xFB00, 0xFB07), *range(0xFB13, 0xFB18)]
)
# Letters that are no marks and yet compose with what stands before them: Hangul vowels and
# finals, and the Kirat Rai vowels of Unicode 16.
_JOINING_LETTERS = frozenset([*range(0x1160, 0x1200), 0x16D63, *range(0x16D67, 0x16D6B)])

# Over the classes below: each match is a place where the folded text is not the original, one to one.
_RUNS = re.compile(r"(?P<space>[sz][ sz]*| [ sz]+)|(?P<letters>x)")
_RUNS_WITH_MARKS = re.compile(
    r"(?P<letters>[ax]z*m[mz]*|m[mz]*)|" + _RUNS.pattern.replace("(?P<letters>x)", "x")
)
_SPACED = re.compile(r" ?-[- ]*|(?: ?\.){3,} ?")

_Change = tuple[int, int, str]


class _Classes(dict[int, str]):
    """Code point to class, filled on demand.

    ``a`` stands for itself, a space for the plain space, ``s`` other white space, ``z`` invisible,
    ``m`` joins the character before it, ``x`` is replaced by other characters.
    """

    def __missing__(self, code: int) -> str:
        self[code] = found = _class(chr(code), code)
        return found


def _class(char: str, code: int) -> str:
    if char.isspace():
        return " " if char == " " else "s"
    if code in _INVISIBLE:
        return "z"
    if unicodedata.category(char)[0] == "M" or code in _JOINING_LETTERS:
        return "m"
    return "a" if _plain(char) == char else "x"


_CLASSES = _Classes()


def _plain(char: str) -> str:
    if char == "…":
        return "..."
    form = unicodedata.normalize("NFKC" if ord(char) in _LIGATURES else "NFC", char)
    return form.translate(_ONE_TO_ONE)


@dataclass(frozen=True, slots=True)
class _Step:
    """One rewriting of a text: between the changes, folded and original run in parallel."""

    folded_starts: array[int]
    folded_ends: array[int]
    starts: array[int]
    ends: array[int]

    def start(self, at: int) -> int:
        i = bisect_right(self.folded_starts, at) - 1
        if i < 0:
            return at
        beyond = at - self.folded_ends[i]
        return self.ends[i] + beyond if beyond >= 0 else self.starts[i]

    def end(self, at: int) -> int:
        i = bisect_left(self.folded_starts, at) - 1
        if i < 0:
            return at
        return self.ends[i] + max(at - self.folded_ends[i], 0)


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text that knows where it came from.

    Attributes:
        text: The folded text.
        steps: How it was made, last rewriting first.
    """

    text: str
    steps: tuple[_Step, ...] = ()

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Trace a slice of the folded text back to the original.

        Where a slice begins or ends inside something that was folded as a whole (in the middle of
        a ligature), all of it is covered.

        Args:
            start: First character of the slice of :attr:`text`.
            end: Past its last character.

        Returns:
            First code point of the original, and past the last one.
        """
        for step in self.steps:
            start, end = step.start(start), step.end(end)
        return start, max(start, end)


def fold(text: str, *, case: bool = False) -> Folded:
    """Fold away everything about a text that is typography and not wording.

    Linear in the length of the text. Folding twice is folding once.

    Args:
        text: Any Unicode text.
        case: Whether to fold upper and lower case together too.

    Returns:
        The folded text with its map.
    """
    even = text.translate(_ONE_TO_ONE)
    even, first = _rewrite(even, _character_changes(even))
    even, second = _rewrite(even, _spacing_changes(even))
    if not case:
        return Folded(even, (second, first))
    even, third = _rewrite(even, _case_changes(even))
    return Folded(even.casefold(), (third, second, first))


def _character_changes(text: str) -> Iterable[_Change]:
    classes = text.translate(_CLASSES)
    for run in (_RUNS_WITH_MARKS if "m" in classes else _RUNS).finditer(classes):
        start, end = run.span()
        if run.lastgroup == "space":
            yield start, end, "" if not run[0].strip("z") else " "
        else:
            yield start, end, _letters(text[start:end])


def _letters(run: str) -> str:
    visible = "".join(_plain(char) for char in run if _CLASSES[ord(char)] != "z")
    return unicodedata.normalize("NFC", visible)


def _spacing_changes(text: str) -> Iterable[_Change]:
    for run in _SPACED.finditer(text):
        yield *run.span(), "-" if "-" in run[0] else "..."


def _case_changes(text: str) -> Iterable[_Change]:
    longer = "".join(char for char in set(text) if len(char.casefold()) != 1)
    if longer:
        for run in re.finditer(f"[{re.escape(longer)}]", text):
            yield *run.span(), run[0].casefold()


def _rewrite(text: str, changes: Iterable[_Change]) -> tuple[str, _Step]:
    step = _Step(array("q"), array("q"), array("q"), array("q"))
    parts: list[str] = []
    copied = length = 0
    for start, end, new in changes:
        parts += text[copied:start], new
        length += start - copied
        if not len(new) == end - start == 1:
            step.folded_starts.append(length)
            step.folded_ends.append(length + len(new))
            step.starts.append(start)
            step.ends.append(end)
        length += len(new)
        copied = end
    parts.append(text[copied:])
    return "".join(parts), step
