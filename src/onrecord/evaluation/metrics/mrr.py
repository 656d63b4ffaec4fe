"""Mean reciprocal rank (Voorhees 1999): the mean of 1/rank of the first that is wanted."""

from __future__ import annotations

import numpy as np

from onrecord.evaluation.metrics.shares import FloatArray, Shares


def reciprocal_ranks(ranks: FloatArray) -> Shares:
    """Give the mean of 1/rank.

    Args:
        ranks: From 1, shape [questions]; 0 for what was not found, which adds 0, NaN for what does not count.

    Returns:
        The mean.
    """
    return Shares.mean(np.divide(1.0, ranks, out=ranks.copy(), where=ranks > 0))
