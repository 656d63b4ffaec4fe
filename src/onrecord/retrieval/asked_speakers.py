"""Whose words a question asks for: the sentences of an index that are theirs."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from onrecord.index.opened import Index
from onrecord.people.roles import printed_roles
from onrecord.question.query import Query
from onrecord.question.spokespeople import Proxy
from onrecord.text.terms import STOP, tokenize
from onrecord.types import SpeakerKind

_PASSAGES, _ARTICLES = 50, 10
"""So many passages that hold a name and a role are looked through for who has it, of so many articles."""
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
    if query.proxy is not None:
        return _on_behalf(index, query.proxy)
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
        if one.source is SpeakerKind.UNNAMED
        for name in one.variants
        if wanted <= _stems(name)
    )


def _on_behalf(index: Index, proxy: Proxy) -> Sequence[int]:
    """Give the speakers who are described by whom they speak for, or beside whom an article prints it."""
    described = {name for one in index.identities.all for name in one.variants if proxy.described_by(name)}
    weights = dict.fromkeys(proxy.stems, 1.0)
    passages, _ = index.lexical.search(weights, _PASSAGES)
    for row in np.unique(index.store.passages["article"][passages])[:_ARTICLES].tolist():
        text = index.article(row).text
        for name in {
            one.speaker for one in index.store.statements_of(row) if one.source is SpeakerKind.PERSON
        }:
            if any(proxy.described_by(role) for role in printed_roles(text, name)):
                known = index.identities.of_name(name)
                described |= set(known.variants) if known else {name}
    return sorted(index.speaker_row(name) for name in described)


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
    """Say whether the articles hold the last word of a name, as typed, or every word of a description."""
    stems, last = [token.stem for token in tokenize(person)], person.rsplit(maxsplit=1)[-1]
    if not last[0].isupper():
        return bool(stems) and all(count > 0 for count in index.lexical.frequencies(stems))
    printed = re.compile(rf"(?<!\w){re.escape(last)}(?!\w)")
    rows, _ = index.lexical.search(dict.fromkeys(stems[-1:], 1.0), _PASSAGES)
    articles = np.unique(index.store.passages["article"][rows]).tolist()
    return any(printed.search(f"{one.title}\n{one.text}") for one in map(index.article, articles))
