"""Retrieval: BM25 and dense search over one index, fused."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from onrecord.index.opened import Index, Selection
from onrecord.people.names import speaker_key
from onrecord.question.query import Query
from onrecord.retrieval.asked_speakers import asked_sentences
from onrecord.text.terms import stem
from onrecord.text.word_lists import words

_TITLE_BOOST = 0.5
_MOST_DATED = 0.5
"""Where more of the corpus than this is of the days asked for, they narrow nothing."""

_LISTED = 500
_PLAIN = frozenset(map(stem, words("attitude_words")))
"""Words that ask what somebody thinks or wants; articles seldom print them."""

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Passages worth reading, by row.

    Attributes:
        rows: Passage rows, ascending, shape [n].
        bm25: Each passage's BM25 score; 0 where BM25 did not propose it, shape [n].
        cosine: Of each passage's vector with the question's, shape [n].
        vector: The question's vector, shape [dimension].
    """

    rows: npt.NDArray[np.int64]
    bm25: npt.NDArray[np.float32]
    cosine: npt.NDArray[np.float32]
    vector: npt.NDArray[np.float32]


def retrieve(
    index: Index,
    query: Query,
    selection: Selection,
    *,
    limit: int = 50,
    vector: Vector | None = None,
    within: Mask | None = None,
) -> Candidates:
    """Find the passages that BM25 or the vectors propose, within a selection.

    Args:
        index: What to search.
        query: The question, read.
        selection: What the filters left.
        limit: How many each of the two proposes.
        vector: The question's, where it is there already, shape [dimension].
        within: Articles whose passages are proposed besides, shape [articles]; those of the days that
            the question names when None.

    Returns:
        All that either proposed, each with both scores.
    """
    vector = index.encoder.encode(query.text) if vector is None else vector
    sifting = selection.sentences is not None
    dated = _narrowed(index, selection, within) if within is not None else _dated(index, query, selection)
    theirs = _spoken(index, query, selection)
    if dated is not None and theirs is not None and (theirs & dated[1]).any():
        theirs &= dated[1]  # what they said on the days asked for
    places = [(selection.articles, selection.passages), dated]
    proposals = [_propose(index, query, vector, *place, limit, sifting=sifting) for place in places if place]
    if theirs is not None:
        proposals.append(_propose(index, query, vector, selection.articles, theirs, limit, sifting=True))
    rows = np.unique(np.concatenate([found for proposal in proposals for found in proposal[:2]]))
    if query.listing and theirs is not None:
        rows = np.union1d(rows, np.flatnonzero(theirs)[:_LISTED])
    bm25 = np.zeros(len(rows), np.float32)
    for _, lexical, scores in proposals:
        bm25[np.searchsorted(rows, lexical)] = scores
    return Candidates(rows, bm25, index.vectors.rows(rows) @ vector, vector)


def settled(query: Query, index: Index) -> Query:
    """Ask nobody in particular where a country is asked for that nobody is named to speak as.

    Words that only ask, as ``achieve`` or ``position``, say nothing of an article that lacks them.

    Args:
        query: The question, read.
        index: What it is asked of.

    Returns:
        The question to search for.
    """
    if query.collective and speaker_key(query.person or "") not in index.store.speaker_keys:
        return query.of_nobody()
    plain = [stemmed for stemmed in query.stems if stemmed in _PLAIN and stemmed not in query.frame]
    known = zip(plain, index.lexical.frequencies(plain), strict=True)
    return query.framed(stemmed for stemmed, count in known if not count)


def _propose(
    index: Index,
    query: Query,
    vector: Vector,
    articles: Rows | None,
    passages: Mask | None,
    limit: int,
    *,
    sifting: bool,
) -> tuple[Rows, Rows, Vector]:
    """Give the rows that the vectors propose, those that BM25 proposes, and their BM25 scores.

    Sifting, BM25 stays within the passages, which are not all those of the articles.
    """
    weights = {stem: query.weight(stem) for stem in query.stems}
    lexical, scores = index.lexical.search(
        weights, limit, title_boost=_TITLE_BOOST, articles=articles, passages=passages if sifting else None
    )
    dense, _ = index.vectors.search(vector, limit, mask=passages)
    return dense, lexical, scores


def _spoken(index: Index, query: Query, selection: Selection) -> Mask | None:
    """Give the passages that carry the words of whom the question asks for."""
    sentences = asked_sentences(index, query) if query.saying else None
    if sentences is None:
        return None
    passages: Mask = np.logical_or.reduceat(sentences, index.store.passages["sentence"][:-1])
    if selection.passages is not None:
        passages &= selection.passages
    return passages if passages.any() else None


def _dated(index: Index, query: Query, selection: Selection) -> tuple[Rows, Mask] | None:
    """Give the articles, and their passages, that were published on the days that the question names."""
    if not query.days:
        return None
    table = index.store.articles[:-1]
    within = np.zeros(len(table), np.bool_)
    for span in query.days:
        within |= (table["first"] <= span.last.toordinal()) & (table["last"] >= span.first.toordinal())
    within &= table["first"] > 0
    return _narrowed(index, selection, within)


def _narrowed(index: Index, selection: Selection, within: Mask) -> tuple[Rows, Mask] | None:
    """Give articles and their passages, so far as filters leave them; None where that narrows nothing."""
    if selection.articles is not None:
        within = within & np.isin(np.arange(len(within)), selection.articles)
    if not within.any() or within.mean() > _MOST_DATED:
        return None
    passages = within[index.store.passages["article"][:-1]]
    if selection.sentences is not None and selection.passages is not None:
        passages &= selection.passages
    return np.flatnonzero(within), passages
