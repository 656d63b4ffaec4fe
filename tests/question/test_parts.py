"""Questions of several parts: which are taken apart, into what, and which are left whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.question.parts import decompose

SPLIT = {
    "What did Ostrow say about the harbour, and what did Verlaan reply?": (
        "what Ostrow said about the harbour",
        "what Verlaan replied",
    ),
    "Why did the crews walk out and when will they go back?": (
        "why did the crews walk out",
        "when will they go back",
    ),
    "Who opened the harbour and who paid for it?": ("who opened the harbour", "who paid for it"),
    "What did Ostrow announce? And what did Verlaan answer?": (
        "what Ostrow announced",
        "what Verlaan answered",
    ),
    "How many huts closed, and where?": ("how many huts closed", "where"),
    "Was the roster changed and why?": ("was the roster changed", "why"),
    "When and where did the ferry sink?": ("when", "where"),
    "With whom and why did Ostrow meet?": ("with whom", "why"),
    "What did Ostrow and Verlaan say about the strike?": (
        "what Ostrow said about the strike",
        "what Verlaan said about the strike",
    ),
    "What did Ada Ostrow, Piet Verlaan and Mira Sandoval say?": (
        "what Ada Ostrow said",
        "what Piet Verlaan said",
        "what Mira Sandoval said",
    ),
    "What did the minister and the ambassador say?": ("what the minister said", "what the ambassador said"),
    "Compare what Ostrow and Verlaan said about the buses.": (
        "what Ostrow said about the buses",
        "what Verlaan said about the buses",
    ),
    "Compare what Ostrow said about the buses with what Verlaan said.": (
        "what Ostrow said about the buses",
        "what Verlaan said about the buses",
    ),
    "How do Ostrow and Verlaan differ on the roster?": (
        "what Ostrow said on the roster",
        "what Verlaan said on the roster",
    ),
    "What did the Island Post and the Kelmouth Courier report on the strike?": (
        "what the Island Post reported on the strike",
        "what the Kelmouth Courier reported on the strike",
    ),
    "What did Ostrow say about grain and about ferries?": (
        "what Ostrow said about grain",
        "what Ostrow said about ferries",
    ),
    "What did Ostrow say about grain in 2022 and in 2023?": (
        "what Ostrow said about grain in 2022",
        "what Ostrow said about grain in 2023",
    ),
}

WHOLE = (
    "What did Ostrow say about the harbour?",
    "What did Ostrow say about the harbour and the ferries?",
    "What did Ostrow say about a new harbour, and did she say the same a year earlier?",
    "When did Ostrow and Verlaan meet?",
    "How often do Ostrow and Verlaan put aside their quarrel?",
    "What did the Food and Drug Administration say about barley?",
    "What did the Department of Health and Human Services announce?",
    "What did Johnson and Johnson say about the trial?",
    "What did Trinidad and Tobago say?",
    "Who is the woman who founded the line and who leads it?",
    "What did Sandoval say about who measured the ice and why?",
    "What is the difference between a stake and a pole?",
    'Who said "what did they do and what did they say about ice and about snow"?',
    "The record fell when the ice broke. But what was it?",
    "What happens before a harbour is dug and when the last test is passed?",
    "Is the harbour open? If so, is it full?",
    "Rye and wheat and what?",
    "",
    "and and and",
)


@pytest.mark.parametrize(("question", "labels"), SPLIT.items())
def test_parts_are_named_in_words_of_the_question(question, labels):
    assert tuple(part.label for part in decompose(question)) == labels


@pytest.mark.parametrize("question", WHOLE)
def test_what_has_one_part_is_left_whole(question):
    assert decompose(question) == ()


def test_a_later_part_borrows_what_it_leaves_out():
    _, reply = decompose("What did Ostrow say about the harbour, and what did Verlaan reply?")
    assert reply.query.person == "Verlaan"
    assert {"harbour"} <= set(reply.query.stems)
    assert "harbour" in reply.query.borrowed


def test_a_pronoun_points_at_the_part_before():
    _, why = decompose("What did Ostrow announce and why did she resign?")
    assert "Ostrow" in why.query.text


def test_no_part_of_a_comparison_compares():
    parts = decompose("Compare what Ostrow and Verlaan said about the buses.")
    assert [part.query.person for part in parts] == ["Ostrow", "Verlaan"]
    assert not any(part.query.comparing for part in parts)


def test_a_part_that_names_somebody_else_asks_of_nobody_before():
    _, agrees = decompose("What did Ostrow say and did Verlaan agree?")
    assert agrees.query.person is None


def test_the_parts_of_different_days_say_so():
    assert all(part.dated for part in decompose("What did Ostrow say in May 2022 and in June 2023?"))


@given(st.text(alphabet="ab AOst,?.and whtcoidsy“”\"'’-1290\n", max_size=260))
def test_any_text_is_taken_apart_or_left_whole(text):
    parts = decompose(text)
    assert len(parts) != 1
    assert len(parts) <= 4
    assert all(part.label.strip() and part.query.text.strip() for part in parts)


@given(st.sampled_from(sorted(SPLIT)), st.sampled_from((" ", "  ", "\n", "\t")))
def test_white_space_means_nothing(question, space):
    told = [part.label for part in decompose(question)]
    assert [part.label for part in decompose(question.replace(" ", space))] == told
