"""The reader's weights that come with the package."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from enum import StrEnum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.errors import ModelError
from onrecord.index.opened import Index
from onrecord.index.originals import Originals
from onrecord.people.roles import bears_role
from onrecord.question import query as queries
from onrecord.question.query import parse_question
from onrecord.retrieval import features as computed
from onrecord.retrieval import ranker
from onrecord.retrieval.candidates import retrieve
from onrecord.retrieval.features import NAMES, featurize
from onrecord.retrieval.judge import between
from onrecord.retrieval.ranker import CONFIDENCE_NAMES, READ_CONFIDENCE_NAMES, READ_NAMES, Ranker
from onrecord.types import Filters

MoreKinds = StrEnum(
    "MoreKinds", [(kind.name, kind.value) for kind in queries.QuestionKind] + [("WHICH", "which")]
)


@pytest.fixture
def unkept():
    """No ranker is kept from before, nor one that was made under another list of names."""
    ranker._shipped.cache_clear()
    yield
    ranker._shipped.cache_clear()


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


def test_one_more_kind_of_question_widens_nothing(monkeypatch):
    monkeypatch.setattr(queries, "QuestionKind", MoreKinds)
    spec = importlib.util.spec_from_file_location("features_again", computed.__file__)
    again = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, again)
    spec.loader.exec_module(again)
    assert again.NAMES == NAMES


def test_a_kind_without_a_column_gets_none(built_index):
    index = Index.open(built_index.index, Originals.open(built_index))
    known = parse_question("How many ferries were painted in Kelmouth?")
    candidates = retrieve(index, known, index.select(Filters()))
    before = featurize(index, known, candidates).matrix
    after = featurize(index, replace(known, kind=MoreKinds.WHICH), candidates).matrix
    of_kinds = [at for at, name in enumerate(NAMES) if name.startswith(("asked ", "how many x"))]
    assert before.shape == after.shape
    assert before[:, of_kinds].any()
    assert not after[:, of_kinds].any()
    assert (np.delete(before, of_kinds, axis=1) == np.delete(after, of_kinds, axis=1)).all()


@pytest.mark.parametrize("reading", [False, True])
@pytest.mark.parametrize(
    ("names", "told"),
    [
        ((*NAMES, "asked which"), "was"),
        (NAMES[:-1], f"was {NAMES[-1]}, and is"),
        ((NAMES[1], NAMES[0], *NAMES[2:]), f"column 0 was {NAMES[0]}, and is {NAMES[1]} now"),
    ],
)
@pytest.mark.usefixtures("unkept")
def test_weights_of_other_columns_are_not_loaded(monkeypatch, names, told, reading):
    monkeypatch.setattr(ranker, "NAMES", names)
    with pytest.raises(ModelError, match="learned of other features than are computed") as raised:
        Ranker.shipped(reading=reading)
    assert told in raised.value.message
    assert "make training" in raised.value.remedy


@pytest.mark.usefixtures("unkept")
def test_weights_without_names_are_not_loaded(monkeypatch, tmp_path):
    shipped = np.load(ranker.files("onrecord").joinpath(ranker._WEIGHTS))
    np.savez(tmp_path / "bare.npz", **{name: shipped[name] for name in shipped if "names" not in name})
    monkeypatch.setattr(ranker, "_WEIGHTS", tmp_path / "bare.npz")
    with pytest.raises(ModelError, match=f"column 0 was nothing, and is {NAMES[0]} now"):
        Ranker.shipped()
