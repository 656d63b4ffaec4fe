"""hit@k and mean reciprocal rank, by article: where does the first article with gold evidence stand?"""

from __future__ import annotations

from collections.abc import Sequence, Set

__all__ = ["first_gold", "hit_at", "mean_reciprocal_rank"]


def first_gold(articles: Sequence[str], gold: Set[str]) -> int | None:
    """Give the rank, from 1, of the first gold article; None when it was not found."""
    return next((rank for rank, article in enumerate(articles, start=1) if article in gold), None)


def hit_at(ranks: Sequence[int | None], k: int) -> float | None:
    """Give the share of questions whose first gold article is among the first k; None without questions."""
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks) if ranks else None


def mean_reciprocal_rank(ranks: Sequence[int | None]) -> float | None:
    """Give the mean of 1/rank, 0 for what was not found; None without questions."""
    return sum(1 / rank for rank in ranks if rank) / len(ranks) if ranks else None
