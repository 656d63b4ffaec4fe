"""What a figure is made of, question by question, so that questions can be drawn again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


class Measured(Protocol):
    """A figure that can be told for the questions as they are, and for any draw of them."""

    @property
    def count(self) -> int:
        """How many questions count."""

    @property
    def value(self) -> float | None:
        """The figure; None where there is nothing to count."""

    def drawn(self, weights: FloatArray) -> FloatArray:
        """Tell the figure for draws of the questions.

        Gives shape [draws]; NaN for a draw with nothing to count.
        """


@dataclass(frozen=True, slots=True)
class Shares:
    """A figure that is a sum over another: a mean, or a share of many things in each question.

    Attributes:
        got: What each question adds above the line, shape [questions].
        of: What it adds below, same shape; 0 where it does not count.
    """

    got: FloatArray
    of: FloatArray

    @classmethod
    def mean(cls, values: FloatArray) -> Shares:
        """Make the mean of values, of which NaN does not count."""
        counted = ~np.isnan(values)
        return cls(np.where(counted, values, 0.0), counted.astype(np.float64))

    @property
    def count(self) -> int:
        """How many questions count."""
        return int(np.count_nonzero(self.of))

    @property
    def value(self) -> float | None:
        """The figure; None where there is nothing to count."""
        total = float(self.of.sum())
        return float(self.got.sum()) / total if total else None

    def drawn(self, weights: FloatArray) -> FloatArray:
        """Tell the figure for draws of the questions, shape [draws]; NaN where nothing counts."""
        total = weights @ self.of
        told = np.full(len(weights), np.nan)
        np.divide(weights @ self.got, total, out=told, where=total > 0)
        return told
