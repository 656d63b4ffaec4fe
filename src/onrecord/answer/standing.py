"""Quotations held against the corpus as it is on disk now: what does not stand there is not chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np
import numpy.typing as npt

from onrecord.answer.quotes import Cutter
from onrecord.answer.selection import chosen
from onrecord.answer.state import Read
from onrecord.index.originals import Indexed, Originals
from onrecord.retrieval.candidates import Candidates
from onrecord.retrieval.features import Features
from onrecord.text.clipping import clips
from onrecord.types import OnDisk, Quote


def confirmed(originals: Originals, quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """Hold quotations against the corpus as it is on disk now.

    Args:
        originals: The corpus.
        quotes: As cut.

    Returns:
        The same ones, each with what became of it; what no longer stands there may not be shown. What could
        turn the sense of a slice is looked for in the article as it is now.
    """
    if not quotes:
        return ()
    became = originals.look(Indexed.of(quote) for quote in quotes)
    found = []
    for quote in quotes:
        original = became[quote.article_id]
        on_disk = original.of_slice(quote.start, quote.end, quote.text)
        beside = quote.clips
        if on_disk is OnDisk.CHANGED:
            beside = clips(original.text, quote.start, quote.end)
        found.append(replace(quote, on_disk=on_disk, clips=beside))
    return tuple(found)


def standing_sentences(cutter: Cutter, candidates: Candidates, features: Features) -> npt.NDArray[np.bool_]:
    """Say which sentences can be quoted from the corpus as it is on disk now.

    Gives shape [s]; False for what would be cut from a file that was deleted, or lacks the slice now.
    """
    index = cutter.index
    rows = index.store.passages["article"][candidates.rows[features.owner]]
    articles = {row: cutter.article(row) for row in np.unique(rows).tolist()}
    originals = index.originals.look(Indexed.of(article) for article in articles.values())
    stands = np.ones(len(rows), np.bool_)
    for row, article in articles.items():
        if originals[article.id].on_disk in (OnDisk.SAME, OnDisk.UNKNOWN):
            continue
        for at in np.flatnonzero((rows == row) & features.usable).tolist():
            quote = cutter.cut(row, int(features.rows[at])).quote
            stands[at] = originals[article.id].of_slice(quote.start, quote.end, quote.text) is OnDisk.CHANGED
    return stands


def confirmed_reads(reads: Sequence[Read]) -> list[Read]:
    """Hold what was chosen for a question and its parts against the corpus, each file looked at once."""
    index = reads[0].found.index
    quotes = [quote for read in reads for quote in (*read.ranked, *read.nearest)]
    held = iter(confirmed(index.originals, quotes))
    return [
        replace(
            read, ranked=tuple(islice(held, len(read.ranked))), nearest=tuple(islice(held, len(read.nearest)))
        )
        for read in reads
    ]


def without_lost(read: Read, again: Callable[[], Read], *, limit: int) -> Read:
    """Read again without what no longer stands in the corpus, where something of it was chosen."""
    lost = _lost((*read.ranked, *read.nearest))
    if not lost:
        return read
    would = read.nearest if read.refused else chosen(read, limit=limit)
    (fresh,) = confirmed_reads([again()])
    fresh = replace(
        fresh,
        ranked=tuple(quote for quote in fresh.ranked if quote.stands),
        nearest=tuple(quote for quote in fresh.nearest if quote.stands),
    )
    outdated = fresh.refused and not read.refused
    return replace(fresh, _left_out=_lost(would) or (lost if outdated else ()), _outdated=outdated)


def _lost(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    return tuple(quote for quote in quotes if not quote.stands)
