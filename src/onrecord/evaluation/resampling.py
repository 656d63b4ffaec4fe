"""Bootstrap intervals (Efron 1979): the same questions drawn again, with replacement, many times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from onrecord.evaluation.metrics.shares import FloatArray, Measured

DRAWS = 1_000
_SEED = 20_001
_BLOCK = 2_000_000
"""So many weights are held at once."""
_EDGES = (2.5, 97.5)


def _weights(questions: int, draws: int, seed: int) -> Iterator[FloatArray]:
    """Give how often each question is in each draw, shape [draws of a block, questions]."""
    rng = np.random.default_rng(seed)
    rows = max(1, _BLOCK // max(questions, 1))
    for first in range(0, draws, rows):
        count = min(rows, draws - first)
        chosen = rng.integers(0, questions, (count, questions)) + questions * np.arange(count)[:, None]
        weights = np.bincount(chosen.ravel(), minlength=count * questions)
        yield weights.reshape(count, questions).astype(np.float64)


def drawn(
    measures: Sequence[Measured], questions: int, *, draws: int = DRAWS, seed: int = _SEED
) -> FloatArray:
    """Tell figures for draws of the questions, every figure for the same draws.

    Gives shape [measures, draws]; NaN where a draw has nothing to count.
    """
    if not questions:
        return np.full((len(measures), draws), np.nan)
    blocks = _weights(questions, draws, seed)
    told = [np.stack([measure.drawn(weights) for measure in measures]) for weights in blocks]
    return np.concatenate(told, axis=1)


def interval(values: FloatArray, estimate: float) -> tuple[float, float]:
    """Give the 95 % percentile interval of an estimate."""
    told = values[np.isfinite(values)]
    if not len(told):
        return estimate, estimate
    low, high = (float(edge) for edge in np.percentile(told, _EDGES))
    return min(low, estimate), max(high, estimate)
