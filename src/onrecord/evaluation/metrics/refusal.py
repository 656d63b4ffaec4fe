"""Refusals: what share of some questions is refused at the threshold?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from onrecord.evaluation.metrics.shares import Shares


def refusals(refused: npt.NDArray[np.bool_], among: npt.NDArray[np.bool_]) -> Shares:
    """Give the share refused: rightly among the unanswerable, falsely among the answerable."""
    return Shares((refused & among).astype(np.float64), among.astype(np.float64))
