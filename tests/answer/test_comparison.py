"""Position over time: dated quotations of one speaker beside each other, and where to look for a change."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from onrecord import Assistant
from onrecord.assistant.turns import StoredTurn, answer_of, answer_record
from onrecord.render.html.answer import turn_html
from onrecord.render.html.conversation import conversation_page
from onrecord.render.json import answer_dict
from onrecord.render.markdown import answer_markdown
from onrecord.render.pieces import answer_pieces, plain
from onrecord.types import Shift
from onrecord.wording.answer_text import change_lines
from tests import corpora

ASKED = "How did Ada Ostrow's position on the harbour in Kelmouth change?"
RECORDS = (
    {
        "id": "late",
        "title": "Minister on the harbour",
        "published": "2023-03-14",
        "text": (
            "KELMOUTH. Rain fell on the quay all morning.\n\n“The harbour in Kelmouth will not close, and 12 "
            "ships must land there each day,” Transport Minister Ada Ostrow said.\n\nShe left by bus."
        ),
    },
    {
        "id": "early",
        "title": "Harbour plans",
        "published": "2022-03-14",
        "text": (
            "Plans for the town were shown.\n\n“The harbour in Kelmouth will close, and 30 ships may "
            "land at Sundby each day,” Transport Minister Ada Ostrow said.\n\nShops fear for their trade."
        ),
    },
    {
        "id": "other",
        "title": "Fishermen",
        "published": "2022-09-01",
        "text": "“The harbour in Kelmouth is all we have,” fisherman Piet Verlaan said. He sold his boat.",
    },
)


@pytest.fixture(scope="module")
def answer(tmp_path_factory):
    with Assistant.open(corpora.indexed(tmp_path_factory.mktemp("positions"), RECORDS)) as assistant:
        yield assistant.ask(ASKED)


def test_the_quotations_stand_in_order_of_date_and_are_one_speakers(answer):
    assert [quote.article_id for quote in answer.quotes] == ["early", "late"]
    assert {quote.speaker for quote in answer.quotes} == {"Ada Ostrow"}


@pytest.mark.parametrize(
    "question",
    [
        "How did Blinken's position change?",
        "How has Blinken's stance on the Iran deal shifted over time?",
        "What did Blinken say about a new Iran deal, and did he say the same a year earlier?",
    ],
)
def test_what_stands_beside_each_other_is_about_the_same(built_index, question):
    with Assistant.open(built_index) as assistant:
        before, after = assistant.ask(question).quotes
    assert "no prospect for an agreement" in before.text
    assert after.text.startswith("“There is no agreement in the offing")
    assert after.said_on == "2023-06-28"


def test_what_may_have_changed_is_marked_by_rule(answer):
    (change,) = answer.changes
    assert (change.before, change.after) == (1, 2)
    assert (change.before_on, change.after_on) == ("2022-03-14", "2023-03-14")
    found = dict(zip(change.shifts, change.words, strict=True))
    assert set(found) == {Shift.POLARITY, Shift.MODALITY, Shift.NUMBERS}
    assert "close" in found[Shift.POLARITY][0]
    assert "close" in found[Shift.POLARITY][1]
    assert "may" in found[Shift.MODALITY][0]
    assert "must" in found[Shift.MODALITY][1]
    assert found[Shift.NUMBERS] == (("30",), ("12",))


def test_a_day_that_is_inferred_is_said_to_be(built_index):
    with Assistant.open(built_index) as assistant:
        changes = assistant.ask("How did Blinken's position change?").changes
    (change,) = changes
    assert (change.before_inferred, change.after_inferred) == (True, False)
    heading = change_lines(change)[0]
    assert "[1], about Oct–Dec 2022, inferred, to [2], 28 June 2023" in heading


def test_the_words_named_stand_in_the_quotations(answer):
    for change in answer.changes:
        sides = (answer.quotes[change.before - 1].text, answer.quotes[change.after - 1].text)
        for words in change.words:
            for side, named in zip(sides, words, strict=True):
                assert all(word in side for word in named)


def test_it_is_called_possible_and_nothing_more(answer):
    heading = change_lines(answer.changes[0])[0]
    assert heading.startswith("Possible change from [1], 14 March 2022, to [2], 14 March 2023")
    assert "compare them yourself" in heading


def test_every_face_shows_it_and_leaves_the_quotations_alone(answer):
    heading, *shifts = change_lines(answer.changes[0])
    told = plain(answer_pieces(answer))
    page = turn_html(answer, number=1)
    stored = StoredTurn(1, ASKED, answer, datetime(2023, 4, 1, tzinfo=UTC))
    saved = conversation_page("Harbour", [stored], created=stored.at)
    for line in (heading, *shifts):
        assert line in told
        assert line in page
        assert line in saved
        assert line in answer_markdown(answer).replace("\\", "")
    assert page.count('class="pair"') == 1
    assert page.index('class="pair"') < page.index(answer.quotes[0].text) < page.index(answer.quotes[1].text)
    for quote in answer.quotes:
        assert told.count(quote.text) == saved.count(quote.text) == 1
        assert page.count(f'<p class="words" translate="no">{quote.text}</p>') == 1
    record = json.loads(json.dumps(answer_dict(answer)))["changes"][0]
    assert record["shifts"] == ["polarity", "modality", "numbers"]


def test_it_is_stored_whole(answer):
    assert answer_of(json.loads(json.dumps(answer_record(answer)))).changes == answer.changes


def test_a_question_that_compares_nothing_has_none(built_index):
    with Assistant.open(built_index) as assistant:
        assert assistant.ask("What did Blinken say about Iran?").changes == ()
        compared = assistant.ask("How did Blinken's position on Iran change?")
        days = [quote.published for quote in compared.quotes]
        assert days == sorted(days)
        assert len({quote.article_id for quote in compared.quotes}) == 2
        assert len(compared.changes) == 1
        later = assistant.ask(
            "did he say the same a year earlier?", history=["What did Blinken say about Iran?"]
        )
        assert later.changes


def test_one_speech_in_one_article_is_no_change_over_time(built_index):
    with Assistant.open(built_index) as assistant:
        answer = assistant.ask("How did DiMaggio's view change over time?")
    assert len(answer.quotes) > 1
    assert answer.changes == ()
    days = [quote.said_on or quote.published for quote in answer.quotes]
    assert days == sorted(days)
