"""Passages as a person searches for them: ranked by their best sentence."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from onrecord.features import Features
from onrecord.index import Index
from onrecord.retrieval import Candidates
from onrecord.types import Hit, Passage

__all__ = ["rank_passages"]

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
    order = order[np.argsort(turn, kind="stable")][:limit]
    return tuple(
        _hit(index, candidates, int(at), float(best[at]), rank) for rank, at in enumerate(order, start=1)
    )


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


def _hit(index: Index, candidates: Candidates, at: int, score: float, rank: int) -> Hit:
    passage = index.store.passages[candidates.rows[at]]
    article = index.article(int(passage["article"]))
    start, end = int(passage["start"]), int(passage["end"])
    ident = f"{index.store.keys[passage['article']]}:{start}"
    why = {"bm25": float(candidates.bm25[at]), "cosine": float(candidates.cosine[at])}
    return Hit(Passage(ident, article.id, start, end), article.text[start:end], score, rank, why)
