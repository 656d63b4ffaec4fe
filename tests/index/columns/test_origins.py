"""Origins: near-identical articles are one, others are not."""

from __future__ import annotations

import random
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.index.columns.origins import find_origins
from tests.growth import assert_grows_linearly

RNG = random.Random(11)


def words(count):
    return np.array([RNG.randrange(2**32) for _ in range(count)], np.uint32)


def changed(numbers, share):
    copy = numbers.copy()
    for at in RNG.sample(range(len(copy)), int(share * len(copy))):
        copy[at] = RNG.randrange(2**32)
    return copy


def test_copies_and_near_copies_are_one_origin_and_others_are_not():
    one, other = words(400), words(300)
    near = changed(one, 0.05)
    cut = np.concatenate([words(20), one[:-40]])
    assert find_origins([one, other, near, one.copy(), cut, words(400)]).tolist() == [0, 1, 0, 0, 0, 5]


def test_articles_that_share_only_a_quotation_are_two():
    quotation = words(40)
    articles = [np.concatenate([words(200), quotation, words(200)]) for _ in range(5)]
    assert find_origins(articles).tolist() == [0, 1, 2, 3, 4]


def test_short_and_empty_articles_are_their_own():
    assert find_origins([words(0), words(3), words(0)]).tolist() == [0, 1, 2]
    assert find_origins([]).tolist() == []


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_every_article_of_one_text_has_the_first_as_origin(kinds):
    texts = [np.arange(60, dtype=np.uint32) + 1_000 * kind for kind in range(6)]
    origins = find_origins([texts[kind] for kind in kinds]).tolist()
    assert origins == [kinds.index(kind) for kind in kinds]


@pytest.mark.slow
def test_time_grows_with_the_words_even_where_all_are_copies():
    base = words(300)
    for same in (True, False):

        def finding(size, same=same):
            articles = [changed(base, 0.02) if same else words(300) for _ in range(size)]
            assert len(set(find_origins(articles).tolist())) == (1 if same else size)
            return partial(find_origins, articles)

        assert_grows_linearly(finding, 500)
