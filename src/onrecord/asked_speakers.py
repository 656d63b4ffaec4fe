"""Whose words a question asks for: the sentences of an index that are theirs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from onrecord.index import Index
from onrecord.question import Query
from onrecord.terms import STOP, tokenize
from onrecord.types import Source

__all__ = ["asked_rows", "asked_sentences", "is_named"]

_ANYBODY = frozenset(
    token.stem
    for token in tokenize("officials official sources source people person diplomats aides advisers unnamed")
)


def asked_rows(index: Index, query: Query) -> Sequence[int]:
    """Give the rows of the store's speakers that a question asks for.

    Args:
        index: Where.
        query: The question, read.

    Returns:
        Rows, ascending; empty where nobody in particular is asked for, or nobody of that name speaks.
    """
    if query.unnamed is not None:
        return _unnamed(index, query.unnamed)
    if query.person is None:
        return ()
    names = [name for one in index.identities.meant(query.person) for name in one.variants]
    return sorted(index.speaker_row(name) for name in names)


def _unnamed(index: Index, description: str) -> Sequence[int]:
    """Give the sources that are described and not named, those that fit a description."""
    wanted = _stems(description) - _ANYBODY
    return sorted(
        index.speaker_row(name)
        for one in index.identities.all
        if one.source is Source.UNNAMED
        for name in one.variants
        if wanted <= _stems(name)
    )


def _stems(text: str) -> set[str]:
    return {token.stem for token in tokenize(text) if not token.flags & STOP}


def asked_sentences(index: Index, query: Query) -> npt.NDArray[np.bool_] | None:
    """Say which sentences carry the words of whom a question asks for.

    Args:
        index: Where.
        query: The question, read.

    Returns:
        Shape [sentences]; None where nobody in particular is asked for, or nobody of that name speaks.
    """
    rows = asked_rows(index, query)
    return index.spoken_by(rows) if rows else None


def is_named(index: Index, person: str) -> bool:
    """Say whether the articles hold the last word of a name, or every word of a description, at all."""
    stems = [token.stem for token in tokenize(person)]
    wanted = stems[-1:] if person.rsplit(maxsplit=1)[-1][0].isupper() else stems
    return bool(wanted) and all(count > 0 for count in index.lexical.frequencies(wanted))
