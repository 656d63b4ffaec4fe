"""Words as searched: one analysis for the index, the reader and the question."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.text.terms import (
    CAPITAL,
    DIGIT,
    INITIAL,
    MONTH,
    STOP,
    encodable,
    numbers_of,
    stem,
    term_arrays,
    term_number,
    tokenize,
)


def stems(text: str) -> list[str]:
    return [token.stem for token in tokenize(text)]


def flags(text: str) -> list[int]:
    return [token.flags for token in tokenize(text)]


@given(st.text())
def test_words_are_slices_in_order(text):
    end = 0
    for token in tokenize(text):
        assert end <= token.start < token.end <= len(text)
        assert text[token.start].isalnum()
        end = token.end


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_every_letter_and_digit_belongs_to_a_word(text):
    inside = {at for token in tokenize(text) for at in range(token.start, token.end)}
    assert [text[at] for at in range(len(text)) if text[at].isalnum() and at not in inside] == []


@given(st.text())
def test_arrays_say_what_the_words_say(text):
    tokens = tokenize(text)
    found, numbers, bits = term_arrays(text)
    assert found == [token.stem for token in tokens]
    assert numbers.tolist() == [token.number for token in tokens] == numbers_of(found).tolist()
    assert bits.tolist() == [token.flags for token in tokens]
    assert (numbers.dtype, bits.dtype) == (np.uint32, np.uint8)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("talks", "talk"),
        ("Negotiations", "negotiation"),
        ("Café", "cafe"),
        ("CAFÉS", "cafe"),
        ("Blinken's", "Blinken"),
        ("Blinken’s", "blinken"),
        ("ministers'", "minister"),
        ("U.S.", "US"),
        ("U.S.A.", "US"),
        ("UN", "U.N."),
        ("1,000", "1000"),
        ("don’t", "don't"),
    ],
)
def test_forms_of_one_word_are_one_word(one, other):
    assert stem(one) == stem(other)


@pytest.mark.parametrize(
    ("one", "other"), [("us", "US"), ("un", "UN"), ("policy", "police"), ("1.5", "15"), ("march", "mark")]
)
def test_different_words_stay_apart(one, other):
    assert stem(one) != stem(other)


def test_a_word_at_the_end_of_a_sentence_is_the_same_word():
    assert stems("He left. U.S. troops left.") == ["he", "left", "usa", "troop", "left"]


def test_flags_say_what_a_word_looks_like():
    assert flags("The 40 talks in May may fail on Monday, 1931") == [
        CAPITAL | STOP | INITIAL,
        DIGIT,
        0,
        STOP,
        CAPITAL | MONTH,
        STOP,
        0,
        STOP,
        CAPITAL | MONTH,
        DIGIT | MONTH,
    ]


def test_a_number_in_words_is_a_number():
    assert flags("a dozen")[1] & DIGIT


def test_apostrophes_alone_do_not_join_words():
    assert stems("'quoted' ‘words’ rock 'n' roll") == ["quot", "word", "rock", "n", "roll"]


@given(st.text())
def test_what_is_encodable_keeps_its_length_and_every_other_character(text):
    even = encodable(text)
    even.encode("utf-8")
    assert len(even) == len(text)
    assert all(a == b or unicodedata.category(a) == "Cs" for a, b in zip(text, even, strict=True))


@given(st.text(alphabet=st.characters(categories=["Cs", "Lu"])))
def test_lone_surrogates_are_survived(text):
    term_arrays(text)
    assert 0 <= term_number(text) < 2**32
