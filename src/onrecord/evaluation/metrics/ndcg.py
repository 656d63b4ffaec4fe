"""nDCG@k (Järvelin and Kekäläinen 2002) with binary gain: how high do all that are wanted stand?"""

from __future__ import annotations

from collections.abc import Sequence, Set
from math import log2


def ndcg_at(articles: Sequence[str], gold: Set[str], k: int) -> float | None:
    """Give the discounted gain of a ranking over that of the best one.

    Gives between 0 and 1; None where nothing is wanted.
    """
    if not gold:
        return None
    gain = sum(1 / log2(rank + 1) for rank, each in enumerate(articles[:k], start=1) if each in gold)
    return gain / sum(1 / log2(rank + 1) for rank in range(1, min(len(gold), k) + 1))
