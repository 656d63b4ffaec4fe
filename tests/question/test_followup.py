from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord import Assistant
from onrecord.question.followup import stand_alone
from onrecord.question.query import parse_question
from onrecord.types import Turn

ASKED = "What did Blinken say about the Iran nuclear deal?"
TURN = Turn(ASKED, speakers=("Antony Blinken",), quotes=("There is no agreement in the offing.",))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What did he say about Russia?", "What did Antony Blinken say about Russia?"),
        ("and in 2023?", "What did Blinken say about the Iran nuclear deal in 2023?"),
        ("who else?", "Who else said something about the Iran nuclear deal?"),
        ("And Trump?", "What did Trump say about the Iran nuclear deal?"),
        ("What about Trump?", "What did Trump say about the Iran nuclear deal?"),
    ],
)
def test_a_follow_up_becomes_a_question_that_reads_well(question, expected):
    leaning = stand_alone(question, [TURN])
    assert (leaning.text, leaning.standalone) == (expected, False)


@pytest.mark.parametrize(
    "question", ["And why now?", "Did Iran confirm it?", "Why?", "Where did he say that?"]
)
def test_what_leaves_its_subject_out_borrows_it(question):
    leaning = stand_alone(question, [TURN])
    assert not leaning.standalone
    assert "Iran nuclear deal" in leaning.on
    query = parse_question(leaning.text, leaning_on=leaning.on)
    assert query.text == leaning.text
    assert "deal" in query.borrowed


@pytest.mark.parametrize(
    "question",
    [
        "What did Blinken say about his trip?",
        "Is it raining in Kyiv?",
        "Who is Suzanne DiMaggio?",
        "And what did Borrell call the talks in Brussels last week?",
        "How many drones did Russia buy from Iran in 2022?",
        "thanks",
    ],
)
def test_what_stands_alone_is_left_untouched(question):
    leaning = stand_alone(question, [TURN])
    assert (leaning.text, leaning.on, leaning.standalone) == (question, "", True)


def test_a_date_takes_the_place_of_the_earlier_one():
    leaning = stand_alone("and in 2023?", ["What did Blinken say in 2022 about Iran?"])
    assert leaning.text == "What did Blinken say in 2023 about Iran?"


def test_a_chain_of_follow_ups_carries_the_subject_and_nothing_else():
    history = [ASKED, "And why now?", "And Trump?", "and in 2023?"]
    assert stand_alone("Why?", history).text.count("Iran nuclear deal") == 1
    assert len(stand_alone("Why?", history * 5).text) < 150


def test_she_is_not_he():
    history = [Turn("Who is Suzanne DiMaggio?", speakers=("Suzanne DiMaggio",)), TURN]
    assert "Suzanne DiMaggio" in stand_alone("What did she say about March?", history).text
    assert "Blinken" in stand_alone("What did he say about March?", history).text


def test_without_a_conversation_nothing_is_leaned_on():
    assert stand_alone("And why now?", []).standalone


@given(st.text(max_size=80), st.lists(st.text(max_size=60), max_size=4))
def test_any_text_gives_a_question(question, history):
    leaning = stand_alone(question, history)
    assert leaning.text == question or not leaning.standalone
    assert len(leaning.text) <= len(question) + sum(map(len, history)) + 100
    assert stand_alone(question, history) == leaning


def test_a_follow_up_is_answered_as_the_question_it_stands_for(built_index):
    with Assistant.open(built_index) as assistant:
        first = assistant.ask(ASKED)
        follow = assistant.ask("What did he say about Russia?", history=[Turn.of(first)])
        assert follow.standalone == "What did Antony Blinken say about Russia?"
        assert follow.quotes == assistant.ask(follow.standalone).quotes
