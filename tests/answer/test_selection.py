"""Questions of several parts and with constraints, end to end: what is shown, and what is said to lack."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pytest

from onrecord import Assistant
from onrecord.assistant.turns import StoredTurn, answer_of, answer_record
from onrecord.faces.http.schemas import AnswerPayload
from onrecord.faces.slack.blocks import answer_messages
from onrecord.render.html.answer import turn_html
from onrecord.render.html.conversation import conversation_page
from onrecord.render.json import answer_dict
from onrecord.render.pieces import answer_pieces, plain
from onrecord.types import Limit
from tests.corpora import PLAIN, indexed

_STRIKE = (
    "Ferry crews in Kelmouth began a three-day strike over night shifts, and the harbour stood empty.\n\n"
    "Union leader Piet Verlaan told reporters: “Nobody sails to the harbour before the roster is fair.”\n\n"
    "“The strike harms the islands more than it harms the company,” Transport Minister Ada Ostrow said.\n\n"
    "The company rejected the demand and hired nine buses for its passengers on the mainland."
)
ARTICLES = (
    *PLAIN,
    {
        "id": "crane",
        "title": "Harbour wants a second crane",
        "text": (
            "The harbour in Kelmouth is a year old and already crowded.\n\n"
            "“The harbour will need a second crane before winter,” Transport Minister Ada Ostrow said.\n\n"
            "Shipowners have asked for longer opening hours."
        ),
        "published": "2023-05-02",
        "outlet": "Island Post",
    },
    {
        "id": "walkout",
        "title": "Strike empties the harbour",
        "text": _STRIKE,
        "published": "2022-11-03",
        "outlet": "Island Post",
    },
    {
        "id": "walkout-copy",
        "title": "Strike empties the harbour, crews say",
        "text": _STRIKE.replace("hired nine buses", "hired nine coaches"),
        "published": "2022-11-04",
        "outlet": "Kelmouth Courier",
    },
    {
        "id": "bakers",
        "title": "Bakers fear for the harvest",
        "text": (
            "Bakers on the islands fear for the barley harvest after a dry spring.\n\n"
            "“Without rain we bake with rye,” baker Tomas Quill said.\n\n"
            "“Rye is no bread for a feast,” miller Anna Dorn said."
        ),
        "published": "2023-06-11",
        "outlet": "Kelmouth Courier",
    },
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return indexed(tmp_path_factory.mktemp("gathering"), ARTICLES)


@pytest.fixture(scope="module")
def assistant(settings):
    with Assistant.open(settings) as opened:
        yield opened


def constraint(answer, limit):
    (found,) = (each for each in answer.constraints if each.limit is limit)
    return found


# Parts


def test_the_part_without_an_answer_is_named(assistant):
    answer = assistant.ask("What did Ostrow say about the harbour, and what did Zarif reply?")
    assert answer.partly
    assert not answer.refused
    assert [part.answered for part in answer.parts] == [True, False]
    assert {quote.speaker for quote in answer.quotes} == {"Ada Ostrow"}
    assert answer.caveats == (
        "Not in this corpus: what Zarif replied. Zarif does not appear in any article.",
    )
    assert answer.caveats[0] in answer.text


def test_each_speaker_has_quotations(assistant):
    answer = assistant.ask("What did Quill and Dorn say about rye?")
    assert not answer.partly
    assert answer.caveats == ()
    for part, name in zip(answer.parts, ("Tomas Quill", "Anna Dorn"), strict=True):
        # One article begins a sentence with "Baker Tomas Quill", which may be his name.
        assert all(answer.quotes[number - 1].speaker.endswith(name) for number in part.quotes)


def test_who_said_nothing_of_it_is_named_and_nobody_else_speaks_for_them(assistant):
    answer = assistant.ask("What did Quill and Sandoval say about rye?")
    assert [part.answered for part in answer.parts] == [True, False]
    assert all(quote.speaker.endswith("Tomas Quill") for quote in answer.quotes)
    assert "what Sandoval said about rye" in answer.caveats[0]


def test_a_comparison_goes_beyond_the_first_article(assistant):
    answer = assistant.ask("Compare what Quill and Verlaan said.")
    assert answer.wants == "compare"
    assert len({quote.article_id for quote in answer.quotes}) > 1
    assert {quote.speaker.split()[-1] for quote in answer.quotes} == {"Quill", "Verlaan"}


def test_each_year_has_a_quotation_of_its_own(assistant):
    answer = assistant.ask("What did Ostrow say about the harbour in 2022 and in 2023?")
    years = [quote.published[:4] for quote in answer.quotes]
    assert set(years) == {"2022", "2023"}
    assert years == sorted(years)
    for part, year in zip(answer.parts, ("2022", "2023"), strict=True):
        assert {answer.quotes[number - 1].published[:4] for number in part.quotes} == {year}


def test_a_year_without_an_article_is_the_part_that_lacks(assistant):
    answer = assistant.ask("What did Ostrow say about the harbour in 2019 and in 2023?")
    assert [part.answered for part in answer.parts] == [False, True]
    assert "No article of 2019 in this corpus; nearest: 14 March 2022." in answer.caveats[0]


def test_what_is_asked_of_a_year_without_an_article_is_refused(assistant):
    answer = assistant.ask("What did Ostrow say about the harbour in 2019?")
    assert answer.refused
    assert "nearest: 14 March 2022" in answer.text


@pytest.mark.parametrize(("threshold", "refused"), [(0.0, False), (1.0, True)])
def test_the_threshold_can_be_set(settings, threshold, refused):
    question = "How many ferries were painted green in Kelmouth?"
    with Assistant.open(settings.model_copy(update={"threshold": threshold})) as assistant:
        assert assistant.ask(question).refused is refused


def test_a_change_over_time_shows_both_days(assistant):
    answer = assistant.ask("How did Ostrow's statements on the harbour change between 2022 and 2023?")
    assert {quote.published[:4] for quote in answer.quotes} == {"2022", "2023"}
    assert any(change.before_on < change.after_on for change in answer.changes)


def test_one_sentence_may_answer_two_question_words(assistant):
    answer = assistant.ask("When and where did ferry crews begin a strike?")
    assert [part.answered for part in answer.parts] == [True, True]
    assert set(answer.parts[0].quotes) & set(answer.parts[1].quotes)


def test_nothing_answered_is_refused_as_a_whole(assistant):
    answer = assistant.ask("What did Zarif say about oil, and what did Macron reply?")
    assert answer.refused
    assert not answer.partly
    assert answer.parts == ()


def test_near_copies_do_not_fill_a_list(assistant):
    answer = assistant.ask("List what was said about the strike.")
    assert answer.wants == "list"
    assert len({quote.text for quote in answer.quotes}) == len(answer.quotes)


def test_a_question_of_one_part_has_none(assistant):
    assert assistant.ask("What did Ostrow say about the harbour?").parts == ()


# Constraints


@pytest.mark.parametrize(
    ("days", "articles"),
    [
        ("in 2022", {"harbour", "walkout", "walkout-copy"}),
        ("in March 2022", {"harbour"}),
        ("on 2 May 2023", {"crane"}),
        ("since 2023", {"crane"}),
        ("before 2023", {"harbour", "walkout", "walkout-copy"}),
        ("between November 2022 and June 2023", {"walkout", "walkout-copy", "crane"}),
        ("last year", {"harbour", "walkout", "walkout-copy"}),
    ],
)
def test_days_are_kept_to(assistant, days, articles):
    answer = assistant.ask(f"What did Ostrow say about the harbour {days}?")
    assert {quote.article_id for quote in answer.quotes} <= articles
    assert not answer.refused
    assert constraint(answer, Limit.DATE).met


def test_days_without_an_article_are_said_to_be_so(assistant):
    answer = assistant.ask("What did Ostrow say about the harbour in June 2021?")
    found = constraint(answer, Limit.DATE)
    assert not found.met
    assert found.told == "No article of June 2021 in this corpus; nearest: 14 March 2022."
    assert found.told in answer.text


def test_within_filters_it_is_the_filters_that_hold_nothing(assistant):
    answer = assistant.ask("What did Ostrow say about the harbour in 2022?", since="2023")
    assert (
        constraint(answer, Limit.DATE).told == "No article of 2022 within these filters; nearest: 2 May 2023."
    )


def test_days_counted_back_say_from_where(assistant):
    answer = assistant.ask("What did Ostrow say about the harbour last year?")
    assert answer.caveats == (
        "Last year is read as 2022, counted back from the newest article (20 September 2023).",
    )


def test_an_outlet_is_kept_to(assistant):
    answer = assistant.ask("What did the Island Post report about the harbour?")
    assert {quote.outlet for quote in answer.quotes} == {"Island Post"}
    assert constraint(answer, Limit.OUTLET).met


def test_another_outlet_is_not_passed_off(assistant):
    answer = assistant.ask("What did the Kelmouth Courier report about the glacier?")
    assert {quote.outlet for quote in answer.quotes} == {"Island Post"}
    assert answer.caveats == ("Nothing from Kelmouth Courier answers this; these are from others.",)


def test_two_outlets_are_two_parts(assistant):
    answer = assistant.ask("What did the Island Post and the Kelmouth Courier report on the harbour?")
    assert {quote.outlet for quote in answer.quotes} == {"Island Post", "Kelmouth Courier"}
    assert all(each.met for each in answer.constraints)


def test_a_place_that_is_not_mentioned_is_said(assistant):
    answer = assistant.ask("Who opened the new harbour in Osaka?")
    assert answer.refused or answer.caveats == ("The articles quoted do not mention Osaka.",)


def test_a_speaker_is_met_or_the_answer_refuses(assistant):
    answer = assistant.ask("What did Ostrow say about the harbour?")
    assert constraint(answer, Limit.SPEAKER).met
    assert all(quote.speaker == "Ada Ostrow" for quote in answer.quotes)
    absent = assistant.ask("What did Zarif say about the harbour?")
    assert absent.refused
    assert not constraint(absent, Limit.SPEAKER).met


def test_a_question_without_constraints_has_none(assistant):
    answer = assistant.ask("How much did the new harbour cost?")
    assert answer.constraints == ()
    assert answer.caveats == ()
    assert answer.wants == "how many"


# Faces


def test_every_face_shows_the_line(assistant):
    answer = assistant.ask("What did Ostrow say about the harbour, and what did Zarif reply?")
    line = answer.caveats[0]
    turn = StoredTurn(1, answer.question, answer, datetime(2023, 9, 20, tzinfo=UTC))
    assert line in plain(answer_pieces(answer))
    assert line in turn_html(answer, number=1)
    assert line in conversation_page("Harbour", [turn], created=turn.at)
    assert line in json.dumps([message.blocks for message in answer_messages(answer)])


@pytest.mark.parametrize(
    "question",
    [
        "What did Ostrow say about the harbour, and what did Zarif reply?",
        "What did Ostrow say about the harbour in June 2021?",
    ],
)
def test_programs_and_the_store_get_all_of_it(assistant, question):
    answer = assistant.ask(question)
    told = json.loads(json.dumps(answer_dict(answer)))
    assert told["partly"] == answer.partly
    assert [each["met"] for each in told["constraints"]] == [each.met for each in answer.constraints]
    assert [each["words"] for each in told["parts"]] == [each.words for each in answer.parts]
    assert AnswerPayload(**told).parts == list(answer.parts)
    assert answer_of(json.loads(json.dumps(answer_record(answer)))) == answer


# One pass of the encoder


def test_parts_are_encoded_together_as_each_alone(settings):
    with Assistant.open(settings) as assistant:
        encoder = assistant._live.newest().encoder
        texts = ["Who sails?", "What did Ostrow say about the harbour in Kelmouth last spring?", "🙂"]
        together = encoder.encode_all(texts)
        alone = np.stack([encoder.encode(text) for text in texts])
    assert np.abs(together - alone).max() < 1e-5
