"""hit@k: does what is wanted stand among the first k?"""

from __future__ import annotations

from collections.abc import Sequence, Set

import numpy as np

from onrecord.evaluation.metrics.shares import FloatArray, Shares


def first_gold(articles: Sequence[str], gold: Set[str]) -> int:
    """Give the rank, from 1, of the first gold article; 0 when it was not found."""
    return next((rank for rank, article in enumerate(articles, start=1) if article in gold), 0)


def hits_at(ranks: FloatArray, k: int) -> Shares:
    """Give the share of ranks among the first k.

    Args:
        ranks: From 1, shape [questions]; 0 for what was not found, NaN for what does not count.
        k: Last rank that is a hit.

    Returns:
        The share.
    """
    found = ((ranks >= 1) & (ranks <= k)).astype(np.float64)
    return Shares.mean(np.where(np.isnan(ranks), np.nan, found))
