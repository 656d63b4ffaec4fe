"""The reader's weights that come with the package."""

from __future__ import annotations

import numpy as np

from onrecord.features import NAMES
from onrecord.ranking import CONFIDENCE_NAMES, READ_CONFIDENCE_NAMES, READ_NAMES, Ranker


def test_the_weights_fit_the_features():
    first, second = Ranker.shipped(), Ranker.shipped(reading=True)
    for network, names in (
        (first._sentence, NAMES),
        (first._answer, CONFIDENCE_NAMES),
        (second._sentence, (*NAMES, *READ_NAMES)),
        (second._answer, (*CONFIDENCE_NAMES, *READ_CONFIDENCE_NAMES)),
    ):
        assert network.linear.shape == (len(names),)
        assert network.hidden.shape[0] == len(names)
        assert np.isfinite(network(np.zeros((1, len(names)), np.float32))).all()


def test_no_feature_has_two_columns():
    assert len(set(NAMES)) == len(NAMES)
    assert len(set(CONFIDENCE_NAMES)) == len(CONFIDENCE_NAMES)
