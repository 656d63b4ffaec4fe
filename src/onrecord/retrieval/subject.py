"""Which sentences are about a subject, and how much."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from onrecord.retrieval.features import NAMES, Features

_HALF = 0.5
_NEAR = 0.45
_COVERED = [NAMES.index(name) for name in ("covered_near", "covered_passage", "covered")]
_COSINE = NAMES.index("sentence_cosine")


def on_subject(features: Features, scores: npt.NDArray[np.float32]) -> dict[int, float]:
    """Say which sentences are about what was asked, and how much.

    Args:
        features: Of the sentences of the candidates.
        scores: The reader's.

    Returns:
        Sentence row to score: where most of the question stands in it, beside it or in its passage, or
        its meaning is near.
    """
    near = (features.matrix[:, _COVERED] >= _HALF).any(axis=1) | (features.matrix[:, _COSINE] >= _NEAR)
    kept = np.flatnonzero(near)
    ranked = np.where(np.isfinite(scores[kept]), scores[kept], np.float32(-1e3))
    return dict(zip(features.rows[kept].tolist(), ranked.tolist(), strict=True))
