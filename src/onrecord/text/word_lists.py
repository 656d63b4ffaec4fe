"""Word lists of a language: one file a list, in a folder for each language.

The first line of a file says where its words come from; then one entry stands on each line. Where an entry
has something to say of it, that follows a tab. Only English is read so far:
:mod:`onrecord.text.lexicon` makes its word forms of the lists.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


@cache
def entries(name: str, *, language: str = "en") -> tuple[str, ...]:
    """Give the entries of a list, in the order of its file.

    Args:
        name: Of the file, without ``.txt``.
        language: Its folder.

    Returns:
        The lines, without the first.
    """
    text = (_FOLDER / language / f"{name}.txt").read_text(encoding="utf-8")
    return tuple(text.splitlines()[1:])


def words(name: str, *, language: str = "en") -> frozenset[str]:
    """Give the words of a list."""
    return frozenset(entries(name, language=language))


def table(name: str, *, language: str = "en") -> dict[str, str]:
    """Give what a list says of each of its words, in the order of its file."""
    return dict(entry.split("\t", 1) for entry in entries(name, language=language))
