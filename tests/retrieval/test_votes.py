"""Agreement: votes of the passages that were read for the words of sentences."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.models.cross_encoder import Reading
from onrecord.retrieval.features import NAMES, Features
from onrecord.retrieval.votes import agreement
from onrecord.text.terms import numbers_of, tokenize

QUESTION = "Who opened the ferry terminal?"
PASSAGES = (
    ("Solheim opened the terminal.", "It rained."),
    ("The mayor, Solheim, was cheered.",),
    ("Aksel Berg built it.", "Solheim paid."),
)


def laid_out(passages):
    """Give the columns of a store that hold these sentences, and features of them."""
    words = [numbers_of([t.stem for t in tokenize(text)]) for passage in passages for text in passage]
    sentences = np.zeros(len(words) + 1, [("token", "i8")])
    sentences["token"] = np.cumsum([0, *map(len, words)])
    store = SimpleNamespace(sentences=sentences, tokens=np.concatenate(words))
    owner = np.repeat(np.arange(len(passages)), [len(passage) for passage in passages])
    count = len(words)
    return store, Features(
        rows=np.arange(count),
        owner=owner,
        matrix=np.zeros((count, len(NAMES)), np.float32),
        usable=np.ones(count, np.bool_),
        hits=np.zeros((count, 1), np.bool_),
        idf=np.ones(1, np.float32),
        known=np.ones(1, np.bool_),
        size=count,
    )


def reading(**shares):
    numbers = numbers_of([tokenize(word)[0].stem for word in shares]).tolist()
    return Reading(np.zeros(1, np.float32), 0.0, dict(zip(numbers, shares.values(), strict=True)))


def test_a_sentence_gets_the_votes_of_its_own_passage_and_of_the_others():
    store, features = laid_out(PASSAGES)
    readings = {0: reading(Solheim=0.75, rained=0.125), 1: reading(Solheim=0.5)}
    votes = agreement(store, QUESTION, features, readings)
    assert votes[:, 0].tolist() == [1.25, 0.125, 1.25, 0, 1.25]
    assert votes[:, 1].tolist() == [0.5, 0, 0.75, 0, 1.25]  # the last one's passage was not read
    assert votes[:, 2].tolist() == [1.25, 0.125, 1.25, 0, 1.25]


def test_words_of_the_question_get_no_votes():
    store, features = laid_out(PASSAGES)
    votes = agreement(store, QUESTION, features, {0: reading(terminal=0.75)})
    assert not votes.any()


def test_a_word_that_stands_twice_in_a_sentence_counts_once():
    store, features = laid_out([("Berg, said Berg.",), ("Berg.",)])
    votes = agreement(store, QUESTION, features, {0: reading(Berg=0.5)})
    assert votes[:, 0].tolist() == [0.5, 0.5]


@pytest.mark.parametrize("readings", [{}, {0: Reading(np.zeros(1, np.float32), 0.0)}])
def test_who_says_nothing_of_words_has_no_vote(readings):
    store, features = laid_out(PASSAGES)
    assert not agreement(store, QUESTION, features, readings).any()


_WORDS = st.sampled_from(["Solheim", "Berg", "rain", "crowns", "terminal", "of"])
_SENTENCES = st.lists(st.lists(_WORDS, min_size=1, max_size=6).map(" ".join), min_size=1, max_size=4)


@given(st.lists(_SENTENCES, min_size=1, max_size=4), st.data())
def test_votes_are_those_of_a_plain_count(passages, data):
    store, features = laid_out(passages)
    read = data.draw(st.lists(st.integers(0, len(passages) - 1), unique=True))
    share = st.floats(0, 0.25, width=16)
    readings = {at: reading(**{w: data.draw(share) for w in ("Solheim", "Berg", "crowns")}) for at in read}
    votes = agreement(store, QUESTION, features, readings)
    texts = [text for passage in passages for text in passage]
    for row, text in enumerate(texts):
        numbers = set(numbers_of([t.stem for t in tokenize(text)]).tolist())
        told = [(at, w, each.words[w]) for at, each in readings.items() for w in each.words if w in numbers]
        assert votes[row, 0] == pytest.approx(sum(v for _, _, v in told))
        assert votes[row, 1] == pytest.approx(sum(v for at, _, v in told if at != features.owner[row]))
