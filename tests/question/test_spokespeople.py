"""Asking for who speaks for somebody: their words, never those of whom they speak for."""

from __future__ import annotations

import pytest

from onrecord import Assistant
from onrecord.question.query import parse_question
from tests import corpora

RECORDS = (
    {
        "id": "printed",
        "title": "Harbour to close",
        "text": (
            "“The harbour will close in May,” Minister Adele Ostrow told reporters in Kelmouth on Monday.\n\n"
            "Ostrow’s spokesman, Henrik Dahl, said later that no date had been set. “She spoke of a plan,” "
            "Dahl said."
        ),
    },
    {
        "id": "described",
        "title": "Wheat",
        "text": (
            "“Wheat will be landed at Sundby,” Senator Piet Maas said in a long speech.\n\n"
            "A spokeswoman for Maas said the senator had meant barley and not wheat.\n\n"
            "“We have seen no wheat,” Mayor Ina Roth said."
        ),
    },
)


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    with Assistant.open(corpora.indexed(tmp_path_factory.mktemp("spokespeople"), RECORDS)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "speaker"),
    [
        ("What did Ostrow's spokesman say?", "Henrik Dahl"),
        ("What did the spokesman for Adele Ostrow say about a date?", "Henrik Dahl"),
        ("What did Maas’s spokesman say about barley?", "spokeswoman for Maas"),
    ],
)
def test_the_spokesman_is_quoted_and_nobody_else(assistant, question, speaker):
    answer = assistant.ask(question)
    assert answer.quotes, answer.reason
    assert {quote.speaker for quote in answer.quotes} == {speaker}


@pytest.mark.parametrize(
    ("question", "who"),
    [
        ("What did Roth's spokesman say about wheat?", "Roth's spokesman"),
        ("What did Ostrow's lawyer say?", "Ostrow's lawyer"),
        ("Did Ostrow's lawyers ever say that the harbour will close?", "Ostrow's lawyers"),
    ],
)
def test_where_there_is_none_the_one_they_speak_for_is_no_answer(assistant, question, who):
    answer = assistant.ask(question)
    assert answer.refused
    assert answer.reason == f"No article quotes anybody as {who}."
    assert answer.nearest == ()


@pytest.mark.parametrize(
    ("question", "whose", "role"),
    [
        ("What did Ostrow's spokesman say?", "Ostrow", "spokesman"),
        ("Did Mr. Maas’s lawyers ever deny it?", "Mr. Maas", "lawyers"),
        ("Everything the spokeswoman for Piet Maas said", "Piet Maas", "spokeswoman"),
        ("According to Ostrow's press secretary, when will it close?", "Ostrow", "press secretary"),
    ],
)
def test_whom_a_question_asks_for(question, whose, role):
    proxy = parse_question(question).proxy
    assert proxy is not None
    assert (proxy.whose, proxy.role) == (whose, role)


@pytest.mark.parametrize(
    "question",
    [
        "What did Ostrow say about her spokesman?",
        "What did Iran's envoy say?",
        "What did the State Department's spokesman say?",
        "Who is Ostrow's spokesman?",
        "What did Ostrow's lawyer wear?",
        "How did Ostrow's position change?",
    ],
)
def test_other_questions_ask_for_nobody_elses_spokesman(question):
    assert parse_question(question).proxy is None
