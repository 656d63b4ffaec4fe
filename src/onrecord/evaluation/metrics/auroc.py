"""Refusal AUROC: how well does a confidence tell answerable questions from unanswerable ones?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from onrecord.evaluation.metrics.shares import FloatArray


def auroc(answerable: Sequence[float], unanswerable: Sequence[float]) -> float | None:
    """Give the chance that an answerable question has the higher confidence, ties counting half.

    None when one side is empty.
    """
    side = np.repeat([True, False], [len(answerable), len(unanswerable)])
    return Auroc(np.array([*answerable, *unanswerable], np.float64), side).value


@dataclass(frozen=True, slots=True)
class Auroc:
    """The area under the ROC curve, as the Mann-Whitney U statistic over the number of pairs.

    Attributes:
        confidence: Of each question, shape [questions].
        answerable: Which have an answer, same shape.
    """

    confidence: FloatArray
    answerable: npt.NDArray[np.bool_]

    @property
    def count(self) -> int:
        """How many questions count: all, where both kinds are there."""
        return len(self.answerable) if self.value is not None else 0

    @property
    def value(self) -> float | None:
        """The area; None where all or none of the questions have an answer."""
        if not self.answerable.any() or self.answerable.all():
            return None
        return float(self.drawn(np.ones((1, len(self.answerable))))[0])

    def drawn(self, weights: FloatArray) -> FloatArray:
        """Tell the area for draws of the questions, shape [draws]; NaN where one kind was not drawn."""
        told = np.full(len(weights), np.nan)
        if not len(self.confidence):
            return told
        order = np.argsort(self.confidence, kind="stable")
        ranked = self.confidence[order]
        # Questions of one confidence are one step of the curve.
        steps = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
        drawn, yes = weights[:, order], self.answerable[order]
        above = np.add.reduceat(drawn * yes, steps, axis=1)
        below = np.add.reduceat(drawn * ~yes, steps, axis=1)
        won = (above * (np.cumsum(below, axis=1) - below / 2)).sum(axis=1)
        pairs = above.sum(axis=1) * below.sum(axis=1)
        np.divide(won, pairs, out=told, where=pairs > 0)
        return told
