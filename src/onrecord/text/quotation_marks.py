"""Quotation marks: the one table of them, and what follows from it.

The styles are those that Unicode gives as initial and final punctuation (Pi, Pf) or that CLDR names as some
language's quotation marks, the straight marks of typewriters, and the doubled accents of news agencies. No
other module lists marks of its own; a new style is a row here.
"""

from __future__ import annotations

from typing import NamedTuple


class Style(NamedTuple):
    """A pair of marks.

    Attributes:
        opening: One character, or two that are printed for one.
        closing: Its counterpart; equal to ``opening`` where the two look the same.
        folds_to: The straight mark that it is taken for where typography does not count; empty if none.
        inner: Whether it marks words inside a quotation, and is an apostrophe as well.
        strict: Whether nothing but its counterpart closes it.
    """

    opening: str
    closing: str
    folds_to: str = '"'
    inner: bool = False
    strict: bool = False


STYLES = (
    Style("“", "”"),
    Style("„", "“"),  # German, Czech; Polish closes it with ”
    Style("‟", "”"),
    Style("«", "»", strict=True),
    Style("‹", "›", "'", strict=True),
    Style("「", "」", "", strict=True),
    Style("『", "』", "", strict=True),
    Style("〝", "〟"),
    Style("〝", "〞"),
    Style("❝", "❞"),
    Style("``", "''"),
    Style('"', '"'),
    Style("＂", "＂"),
    Style("‘", "’", "'", inner=True),
    Style("‚", "‘", "'", inner=True),
    Style("‛", "’", "'", inner=True),
    Style("❛", "❜", "'", inner=True),
    Style("'", "'", "'", inner=True),
    Style("＇", "＇", "'", inner=True),
)
_OUTER = tuple(style for style in STYLES if not style.inner)
_ALONE = tuple(style for style in _OUTER if len(style.opening) == 1)


def _joined(marks: list[str]) -> str:
    return "".join(dict.fromkeys(marks))


STRAIGHT = _joined([style.opening for style in _ALONE if style.opening == style.closing])
"""Outer marks that open and close alike."""
OPENING = _joined([style.opening for style in _ALONE if style.opening not in STRAIGHT])
"""Outer marks of one character that open a quotation."""
CLOSING = _joined([style.closing for style in _ALONE if style.closing not in STRAIGHT + OPENING])
"""Outer marks of one character that close one and open none; “ closes what „ opened."""
OUTER = OPENING + CLOSING + STRAIGHT
"""Characters that stand round a quotation."""
INNER = _joined([mark for style in STYLES if style.inner for mark in style[:2]])
"""Characters that stand round a quotation inside another; some are apostrophes."""
MARKS = OUTER + INNER
"""Every quotation mark of one character; to be put into a class of a regular expression as it is."""
PAIRS = {style.opening: style.closing for style in _ALONE if style.opening not in STRAIGHT + "„"}
"""Opening outer mark to the one that alone closes it in print."""
STRICT = {style.opening: style.closing for style in _ALONE if style.strict}
"""The pairs of these that nothing else closes."""
DOUBLED = ("``", "''")
"""Marks of two characters, as agencies send them."""


def folding_to(plain: str) -> str:
    """List the marks of one character that are taken for a straight one."""
    return _joined(
        [mark for style in STYLES if style.folds_to == plain for mark in style[:2] if len(mark) == 1]
    )


def holds_marks(text: str) -> bool:
    """Say whether a text has quotation marks of its own, so that it needs none round it."""
    return any(mark in text for mark in OUTER) or all(mark in text for mark in DOUBLED)


def unbalanced(text: str) -> int:
    """Say which way a quotation of a slice goes on: 1 past its end, -1 before its start, 0 not at all."""
    depth = lowest = straight = 0
    opened: list[str] = []
    for at, mark in _outer_marks(text):
        if mark in STRAIGHT:
            straight += 1
        elif _opens(text, at, mark, opened):
            opened.append(mark)
            depth += 1
        else:
            opened[-1:] = []
            depth -= 1
            lowest = min(lowest, depth)
    if straight and (straight - abs(depth)) % 2 == 0:  # a straight mark may be closed by a curly one
        return 0
    if lowest < 0:
        return -1
    if depth > 0:
        return 1
    if straight % 2:
        at = max(map(text.rfind, STRAIGHT))
        return 1 if at == 0 or text[at - 1].isspace() or text[at - 1] in "([" else -1
    return 0


def left_open(text: str) -> bool:
    """Say whether a slice opens a quotation of its own that goes on behind it in the article."""
    depth, opened = 0, list[str]()
    for at, mark in _outer_marks(text):
        if mark not in STRAIGHT:
            opens = _opens(text, at, mark, opened)
            depth += 1 if opens else -1
            opened[-1:] = [*opened[-1:], mark] if opens else []
    return depth > 0 or sum(map(text.count, STRAIGHT)) % 2 == 1


def _outer_marks(text: str) -> list[tuple[int, str]]:
    """List the outer marks of a text in order; two straight marks count only behind ``."""
    doubled = DOUBLED[0] in text
    found: list[tuple[int, str]] = []
    skip = -1
    for at, mark in enumerate(text):
        if doubled and at > skip and text[at : at + 2] in DOUBLED:
            found.append((at, text[at : at + 2]))
            skip = at + 1
        elif mark in OUTER:
            found.append((at, mark))
    return found


def _opens(text: str, at: int, mark: str, opened: list[str]) -> bool:
    """Say whether a mark opens: “ closes what „ opened, and »…« stands the other way round."""
    if mark == "“" and opened[-1:] == ["„"]:
        return False
    if mark in "«‹" and opened[-1:] == [PAIRS[mark]]:
        return False
    if mark in "»›" and not opened:
        before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
        return (not before or before.isspace()) and bool(after) and not after.isspace()
    return mark in OPENING or mark == DOUBLED[0]
