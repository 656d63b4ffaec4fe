"""Passages as a person searches for them: ranked by their best sentence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from onrecord.errors import IndexStaleError
from onrecord.index.opened import Index
from onrecord.index.originals import Indexed
from onrecord.retrieval.candidates import Candidates
from onrecord.retrieval.features import Features
from onrecord.types import Article, Hit, OnDisk, Passage, article_name
from onrecord.wording.answer_text import BRING_UP_TO_DATE

_COPY = 0.99
"""Passages whose cosine is over this say the same."""


def rank_passages(
    index: Index,
    candidates: Candidates,
    features: Features,
    scores: npt.NDArray[np.float32],
    *,
    limit: int,
    per_article: int,
) -> tuple[Hit, ...]:
    """Rank the candidates.

    Args:
        index: Where they are.
        candidates: From retrieval.
        features: Of their sentences.
        scores: Of their sentences, shape [s]; -inf for what may not be quoted.
        limit: How many, at most.
        per_article: How many of one article before the others had their turn.

    Returns:
        Hits, best first.
    """
    best = np.full(len(candidates.rows), -np.inf, np.float32)
    np.maximum.at(best, features.owner, scores)
    order = np.lexsort((candidates.rows, -best))
    order = order[np.isfinite(best[order])]
    order = _without_copies(index.vectors.rows(candidates.rows[order]), order)
    turn = _turns(index.store.passages["article"][candidates.rows[order]], per_article)
    order = order[np.argsort(turn, kind="stable")]
    return _standing(index, candidates, order, best, limit)


def _standing(
    index: Index,
    candidates: Candidates,
    order: npt.NDArray[np.int64],
    best: npt.NDArray[np.float32],
    limit: int,
) -> tuple[Hit, ...]:
    """Give the first passages that stand in the corpus as it is on disk now."""
    hits: list[Hit] = []
    lost: list[Article] = []
    for start in range(0, len(order), limit):
        some = order[start : start + limit].tolist()
        articles = [index.article(int(index.store.passages["article"][candidates.rows[at]])) for at in some]
        originals = index.originals.look(Indexed.of(article) for article in articles)
        for at, article in zip(some, articles, strict=True):
            hit = _hit(index, candidates, article, at, float(best[at]), len(hits) + 1)
            place = hit.passage
            on_disk = originals[article.id].of_slice(place.start, place.end, hit.text)
            if on_disk in (OnDisk.LOST, OnDisk.GONE):
                lost.append(article)
            elif len(hits) < limit:
                hits.append(replace(hit, on_disk=on_disk))
        if len(hits) == limit:
            break
    if lost and not hits:
        name = article_name(lost[0].id, lost[0].file)
        raise IndexStaleError(
            f"What is found stands in {name}, which was changed or deleted since it was indexed.",
            remedy=BRING_UP_TO_DATE,
        )
    return tuple(hits)


def _without_copies(vectors: npt.NDArray[np.float32], order: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Leave out passages that nearly repeat a better one, as syndicated articles do."""
    alike = np.einsum("ij,kj->ik", vectors, vectors) > _COPY
    kept: list[int] = []
    for at in range(len(order)):
        if not alike[at, kept].any():
            kept.append(at)
    return order[kept]


def _turns(articles: npt.NDArray[np.int32], per_article: int) -> npt.NDArray[np.int64]:
    """Say in which round each hit has its turn: every article gives so many a round."""
    turn = np.zeros(len(articles), np.int64)
    for article in np.unique(articles):
        mine = np.flatnonzero(articles == article)
        turn[mine] = np.arange(len(mine)) // per_article
    return turn


def _hit(index: Index, candidates: Candidates, article: Article, at: int, score: float, rank: int) -> Hit:
    passage = index.store.passages[candidates.rows[at]]
    start, end = int(passage["start"]), int(passage["end"])
    ident = f"{index.store.keys[passage['article']]}:{start}"
    why = {"bm25": float(candidates.bm25[at]), "cosine": float(candidates.cosine[at])}
    return Hit(Passage(ident, article.id, start, end), article.text[start:end], score, rank, why)
