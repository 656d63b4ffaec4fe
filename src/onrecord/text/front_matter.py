"""Front matter: the ``---`` block of metadata that a Markdown file may begin with."""

from __future__ import annotations

import re

FRONT_MATTER_LIMIT = 65_536
"""Code points within which front matter must end; bounds the time that a hostile file costs."""

_LINE = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n|\Z)")
_OPENS = re.compile(r"---[ \t]*")
_CLOSES = re.compile(r"(?:---|\.\.\.)[ \t]*")
_KEY = re.compile(r"[\"']?\w[\w-]*[\"']?[ \t]*:(?:[ \t]|\Z)")
_BESIDE_KEYS = re.compile(r"[ \t]*\Z|[ \t]+\S|#|-[ \t]|-\Z|[\]}]")


def front_matter_end(text: str) -> int:
    """Say where the front matter at the head of a text ends.

    A text that merely opens with a rule of dashes has none: every line up to
    the closing ``---`` or ``...`` must be a ``key:`` line, or blank, indented,
    a comment or a list item, and one at least must be a ``key:`` line.

    Args:
        text: The whole text, a byte-order mark already removed.

    Returns:
        Code points that the block takes, its closing line and line end included; 0 when there is none.
    """
    opening = _LINE.match(text, 0, FRONT_MATTER_LIMIT)
    if opening is None or not _OPENS.fullmatch(opening[1]):
        return 0
    keys = 0
    for line in _LINE.finditer(text, opening.end(), min(len(text), FRONT_MATTER_LIMIT)):
        if _CLOSES.fullmatch(line[1]):
            return _whole(text, line) if keys else 0
        if _KEY.match(line[1]):
            keys += 1
        elif not _BESIDE_KEYS.match(line[1]):
            return 0
    return 0


def _whole(text: str, closing: re.Match[str]) -> int:
    # A closing line cut by the limit may go on ("---" of "--- more"): then it closes nothing.
    following = text[closing.end() : closing.end() + 1]
    return closing.end() if closing[0] != closing[1] or not following else 0
