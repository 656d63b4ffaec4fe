"""Asking by speaker: each form of the question, and an honest word on what is not on record."""

from __future__ import annotations

import pytest

from onrecord import Assistant
from onrecord.question.query import parse_question
from onrecord.render.pieces import answer_pieces, plain
from onrecord.wording.answer_text import REFUSAL


@pytest.fixture(scope="module")
def assistant(built_index):
    with Assistant.open(built_index) as opened:
        yield opened


def first(assistant, question, **options):
    answer = assistant.ask(question, **options)
    assert answer.quotes, answer.reason
    return answer.quotes[0]


@pytest.mark.parametrize(
    ("question", "speaker", "words"),
    [
        ("What did DiMaggio say about the talks in Oman?", "Suzanne DiMaggio", "The talks in Oman"),
        ("What did Miller say about detainees?", "Matthew Miller", "release of detainees"),
        ("What did the senior EU diplomat say?", "senior EU diplomat", "The main objective was JCPOA"),
        ("Who said the drones were Russian-made?", "Dmitry Polyanskiy", "Russian-made"),
        ("Who called the deal horrible?", "Donald Trump", "a horrible one-sided deal"),
        ("What does DiMaggio want the timeout to achieve?", "Suzanne DiMaggio", "timeout"),
        ("Where is DiMaggio a senior fellow?", "Suzanne DiMaggio", "senior fellow at the Carnegie Endowment"),
    ],
)
def test_who_is_asked_for_is_quoted(assistant, question, speaker, words):
    quote = first(assistant, question)
    assert quote.speaker == speaker
    assert words in quote.text


@pytest.mark.parametrize(
    "question", ["Everything Miller said", "everything Miller said", "List all statements by Miller."]
)
def test_everything_somebody_said(assistant, question):
    answer = assistant.ask(question)
    assert {quote.speaker for quote in answer.quotes} == {"Matthew Miller"}
    assert [quote.start for quote in answer.quotes] == sorted(quote.start for quote in answer.quotes)
    statements = assistant.quotes(speaker="Miller")
    for one in statements:
        assert any(quote.start <= one.quote.start < quote.end for quote in answer.quotes)


def test_what_a_list_leaves_out_is_counted(assistant):
    answer = assistant.ask("Everything Blinken said")
    assert len(answer.quotes) <= 10
    counted = assistant.index.speakers["Antony Blinken"]
    left = int(answer.reason.split()[0])
    assert counted - 2 * len(answer.quotes) <= left <= counted - len(answer.quotes)
    assert assistant.ask("Everything Miller said").reason == ""


def test_unnamed_sources_all_of_them_and_nobody_named(assistant):
    answer = assistant.ask("What have unnamed officials said?")
    assert {quote.speaker for quote in answer.quotes} >= {"senior U.S. official", "European official"}
    assert all(quote.speaker.split()[-1].islower() for quote in answer.quotes)
    assert all(name.endswith(", unnamed") for name in answer.searched.coverage.speakers)
    american = assistant.ask("What did the unnamed U.S. official say?")
    assert {quote.speaker for quote in american.quotes} <= {"senior U.S. official", "American officials"}
    on_iran = assistant.ask("What have anonymous sources said about Iran?")
    assert on_iran.quotes
    assert all(quote.speaker.split()[-1].islower() for quote in on_iran.quotes)


def test_a_person_on_record_is_told_apart_from_a_word_that_is_nowhere(assistant):
    answer = assistant.ask("Did Miller ever say that Russia must have sold drones to Iran?")
    assert answer.reason == (
        "Miller is on record here, but with nothing that answers this. No article mentions sold."
    )


def test_a_form_of_address_is_no_word_that_articles_lack(assistant):
    answer = assistant.ask("What did Mr. Blinken say about the moon?")
    assert answer.searched.missing == ("moon",)


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("Did Macron ever say that he supports the deal?", "Macron does not appear in any article."),
        (
            "Did Zelensky ever say anything about drones?",
            "The articles name Zelensky, but carry no words of theirs.",
        ),
        (
            "What did the Saudi foreign minister say about Iran?",
            "Saudi foreign minister does not appear in any article.",
        ),
        ("Did Miller ever mention drones?", "Miller is on record here, but with nothing that answers this."),
        (
            "Did Blinken ever say Iran would sign?",
            "Blinken is on record here, but with nothing that answers this.",
        ),
    ],
)
def test_what_nobody_said_is_refused_with_how_they_stand_in_the_corpus(assistant, question, reason):
    answer = assistant.ask(question)
    assert answer.refused
    assert answer.reason == reason
    assert f"{REFUSAL} {reason}" in plain(answer_pieces(answer))


@pytest.mark.parametrize(
    ("question", "speaker"),
    [
        ("Did Miller ever mention drones?", "Matthew Miller"),
        ("What did Miller say about drones?", "Matthew Miller"),
        ("What did Zakharova say about the JCPOA?", "Maria Zakharova"),
    ],
)
def test_beside_a_refusal_stands_what_that_person_did_say(assistant, question, speaker):
    answer = assistant.ask(question)
    assert answer.refused
    assert answer.nearest
    assert {quote.speaker for quote in answer.nearest} == {speaker}


def test_whether_somebody_ever_said_a_thing_is_answered_by_their_words_alone_and_not_affirmed(assistant):
    answer = assistant.ask("Did Blinken ever say that Russia is willing to negotiate?")
    assert {quote.speaker for quote in answer.quotes} == {"Antony Blinken"}
    assert answer.reason == "Nearest to it, of what Blinken is on record with:"
    assert answer.reason in answer.text
    assert "Yes" not in plain(answer_pieces(answer))


def test_an_adjective_of_a_country_does_not_answer_for_the_country(assistant):
    answer = assistant.ask("What is the capital of France?")
    assert answer.refused
    assert "capital" in answer.reason


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("What did Blinken say about the Iran nuclear deal?", "What did Blinken say about Russia?"),
        (
            "What did Blinken say about relations with Iran?",
            "What did Blinken say about relations with Russia?",
        ),
        ("What did Blinken say about Iran?", "What did Blinken say about Russia?"),
    ],
)
def test_another_country_takes_the_place_of_a_whole_topic_or_of_its_name(assistant, asked, expected):
    assert assistant.ask("What about Russia?", history=[asked]).standalone == expected


@pytest.mark.parametrize(
    ("question", "person", "unnamed", "listing"),
    [
        ("everything Miller said", "Miller", None, True),
        ("Everything Miller said about drones", "Miller", None, False),
        ("What have unnamed officials said?", None, "officials", True),
        ("What did anonymous U.S. sources say about Iran?", None, "U.S. sources", False),
        ("Did Miller ever mention drones?", "Miller", None, False),
    ],
)
def test_reading_the_question(question, person, unnamed, listing):
    query = parse_question(question)
    assert (query.person, query.unnamed, query.listing) == (person, unnamed, listing)
    assert query.saying
