"""The reader's weights that come with the package."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.people.roles import bears_role
from onrecord.retrieval.features import NAMES
from onrecord.retrieval.judge import between
from onrecord.retrieval.ranker import CONFIDENCE_NAMES, READ_CONFIDENCE_NAMES, READ_NAMES, Ranker


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


@given(st.floats(0, 1), st.floats(0, 1))
def test_between_two_confidences_is_no_surer_than_either_and_no_less_sure(one, other):
    found = float(between(np.array(one), np.array(other)))
    assert min(one, other) - 1e-5 <= found <= max(one, other) + 1e-5
    assert found == pytest.approx(float(between(np.array(other), np.array(one))))


@pytest.mark.parametrize(
    ("question", "text", "borne"),
    [
        ("Who is Ada Ostrow?", "Transport Minister Ada Ostrow opened the terminal.", True),
        ("Who's Ostrow?", "“It is late,” said Ada Ostrow, a minister from Kelmouth, on Friday.", True),
        ("Who is Ada Ostrow?", "Ada Ostrow opened the terminal.", False),
        ("Who is Ada Ostrow talking to?", "Transport Minister Ada Ostrow opened the terminal.", False),
        ("Who is the minister?", "The minister, a baker by trade, opened the terminal.", False),
        ("Where is Ostrow a minister?", "Transport Minister Ada Ostrow opened the terminal.", True),
        ("Where is Ostrow a baker?", "Transport Minister Ada Ostrow opened the terminal.", False),
    ],
)
def test_a_text_bears_a_role_that_it_prints_beside_the_name(question, text, borne):
    assert bears_role(question, text) is borne


def test_no_feature_has_two_columns():
    assert len(set(NAMES)) == len(NAMES)
    assert len(set(CONFIDENCE_NAMES)) == len(CONFIDENCE_NAMES)
