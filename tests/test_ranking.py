"""The reader's weights that come with the package."""

from __future__ import annotations

import numpy as np

from onrecord.features import NAMES
from onrecord.ranking import CONFIDENCE_NAMES, Ranker


def test_the_weights_fit_the_features():
    ranker = Ranker.shipped()
    for network, names in ((ranker._sentence, NAMES), (ranker._answer, CONFIDENCE_NAMES)):
        assert network.linear.shape == (len(names),)
        assert network.hidden.shape[0] == len(names)
        assert np.isfinite(network(np.zeros((1, len(names)), np.float32))).all()
    assert 0 < ranker.threshold < 1


def test_no_feature_has_two_columns():
    assert len(set(NAMES)) == len(NAMES)
    assert len(set(CONFIDENCE_NAMES)) == len(CONFIDENCE_NAMES)
