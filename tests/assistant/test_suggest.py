"""Suggestions: each is answered as it promises, the same every time, and reads like a question."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord import Assistant
from onrecord.assistant.subjects import NounTest, called, subjects_of, who_said
from onrecord.assistant.suggest import examples, follow_ups

ASKED = (
    "What did Blinken say about the Iran nuclear deal?",
    "What did Suzanne DiMaggio say about the JCPOA?",
    "Who denied sending drones to Russia?",
    "When did the special military operation start?",
)
REFUSED = (
    "What did Zelensky say about NATO?",
    "Who won the world cup?",
    "What did Blinken say about tomatoes?",
)
SAID = re.compile(r"What did (?:an? |the )?(?P<who>[\w.’'\- ]+?) say about (?P<what>[^?]+)\?")


@pytest.fixture(scope="module")
def assistant(built_index):
    with Assistant.open(built_index) as opened:
        yield opened


class Counting:
    """An assistant that counts what it is asked."""

    def __init__(self, assistant: Assistant) -> None:
        self.index = assistant.index
        self.asked: list[tuple[str, dict[str, object]]] = []
        self._assistant = assistant

    def ask(self, question: str, **options: object):
        self.asked.append((question, options))
        return self._assistant.ask(question, **options)


def first_slice(answer) -> tuple[str, int]:
    return answer.quotes[0].article_id, answer.quotes[0].start


def assert_keeps_its_word(assistant, question: str) -> None:
    answer = assistant.ask(question, reference=True)
    assert not answer.refused
    assert answer.confidence > 0.6
    asked = SAID.fullmatch(question)
    if asked:
        assert answer.quotes[0].speaker == asked["who"]
    assert re.fullmatch(r"[A-Z][^\n?]+\?", question)


def test_examples_are_answered_by_whom_they_name(assistant):
    found = examples(assistant)
    assert len(found) == 4
    for question in found:
        assert_keeps_its_word(assistant, question)


def test_examples_are_of_several_kinds_and_people(assistant):
    found = examples(assistant)
    assert len({question.split()[0] for question in found}) >= 3  # What, Who, How
    speakers = {SAID.fullmatch(each)["who"] for each in found if SAID.fullmatch(each)}
    assert {"Antony Blinken", "Suzanne DiMaggio"} <= speakers


def test_examples_are_the_same_every_time(assistant, built_index):
    with Assistant.open(built_index) as other:
        assert examples(assistant) == examples(other)
    assert examples(assistant, limit=2) == examples(assistant)[:2]


def test_what_changed_is_suggested_only_where_articles_are_months_apart(assistant, plain_index):
    changed = [each for each in examples(assistant) if each.startswith("How did")]
    assert changed
    dates = [quote.published for quote in assistant.ask(changed[0]).quotes]
    assert dates == sorted(dates)
    assert len(set(dates)) == 2
    with Assistant.open(plain_index) as plain:
        assert not [each for each in examples(plain) if each.startswith("How did")]


@pytest.mark.parametrize("question", ASKED)
def test_follow_ups_lead_to_something_else_that_is_answered(assistant, question):
    answer = assistant.ask(question)
    found = follow_ups(assistant, answer)
    assert 1 <= len(found) <= 3
    assert question not in found
    shown = {(quote.article_id, quote.start) for quote in answer.quotes}
    for each in found:
        assert_keeps_its_word(assistant, each)
        if not each.startswith("How did"):
            assert first_slice(assistant.ask(each)) not in shown


def test_follow_ups_ask_others_about_the_same_and_the_same_about_something_else(assistant):
    answer = assistant.ask(ASKED[0])
    asked = [SAID.fullmatch(each) for each in follow_ups(assistant, answer)]
    pairs = {(match["who"], match["what"]) for match in asked if match}
    assert any(who != "Antony Blinken" and "nuclear deal" in what for who, what in pairs)
    assert any(who == "Antony Blinken" and "nuclear deal" not in what for who, what in pairs)


@pytest.mark.parametrize("question", REFUSED)
def test_after_a_refusal_what_lies_near_is_suggested(assistant, question):
    answer = assistant.ask(question)
    assert answer.refused
    found = follow_ups(assistant, answer)
    assert found
    for each in found:
        assert_keeps_its_word(assistant, each)


def test_who_is_asked_about_in_vain_is_suggested_with_what_they_did_say(assistant):
    answer = assistant.ask("What did Blinken say about tomatoes?")
    assert follow_ups(assistant, answer)[0].startswith("What did Antony Blinken say about ")


def test_follow_ups_stay_within_the_filters(assistant):
    answer = assistant.ask(ASKED[0], speaker="Blinken")
    found = follow_ups(assistant, answer, limit=8, filters={"speaker": "Blinken"})
    assert found
    assert all("Blinken" in each for each in found)


@pytest.mark.parametrize("question", [*ASKED, *REFUSED])
def test_few_questions_are_tried_and_none_with_a_chat_model(assistant, question):
    counting = Counting(assistant)
    follow_ups(counting, assistant.ask(question), limit=100)
    examples(counting, limit=100)
    assert len(counting.asked) <= 16
    assert all(options["reference"] is True for _, options in counting.asked)


def test_an_answer_of_an_older_index_is_gone_on_from(assistant, plain_index):
    answer = assistant.ask(ASKED[0])
    with Assistant.open(plain_index) as other:
        assert follow_ups(other, answer) == ()
    renamed = replace(answer, quotes=tuple(replace(quote, speaker="Nobody Known") for quote in answer.quotes))
    for each in follow_ups(assistant, renamed):
        assert_keeps_its_word(assistant, each)


@pytest.mark.parametrize("corpus", ["plain_index", "odd_index"])
def test_other_corpora_get_good_suggestions_or_none(corpus, request):
    with Assistant.open(request.getfixturevalue(corpus)) as other:
        for question in examples(other):
            assert_keeps_its_word(other, question)


# Subjects


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("He spoke of the war in Ukraine.", ["the war in Ukraine", "the war", "Ukraine"]),
        ("They agree on Iran's nuclear program.", ["Iran's nuclear program"]),
        ("Talks with North Korea failed.", ["North Korea"]),
        ("She said at the Council on Foreign Relations that it is over.", []),
        ("There was no sort of agreement in the offing.", []),
        ("He met with President Joe Biden.", []),
        ("We rely on the United States.", []),
        ("He called it a way of life in the last months.", []),
        ("", []),
    ],
)
def test_subjects(sentence, expected):
    assert [subject.text for subject in subjects_of(sentence, NounTest(sentence))] == expected


@given(st.text(alphabet=st.sampled_from("the a of in on Iran war deal ’s.,“” \n\u00a0İß")))
def test_a_subject_stands_in_the_sentence_as_it_is_given(sentence):
    for subject in subjects_of(sentence, NounTest(sentence)):
        assert subject.text.lower() in " ".join(sentence.split()).lower()
        assert subject.text == subject.text.strip()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Antony Blinken", "Antony Blinken"),
        ("senior EU diplomat", "a senior EU diplomat"),
        ("EU diplomat", "an EU diplomat"),
        ("European official", "a European official"),
        ("American officials", "American officials"),
        ("State Department", "the State Department"),
        ("Iran and Russia", ""),
        ("Under Trump", ""),
        ("I'm Wolf Blitzer", ""),
        ("AMY KLOBUCHAR", ""),
        ("company", ""),
    ],
)
def test_a_speaker_in_the_middle_of_a_question(name, expected):
    assert called(name) == expected


@pytest.mark.parametrize(
    ("sentence", "speaker", "expected"),
    [
        (
            "Ambassador Dmitry Polyanskiy said the drones used in Ukraine were Russian-made, noting images.",
            "Dmitry Polyanskiy",
            "Who said the drones used in Ukraine were Russian-made?",
        ),
        ("Ada Ostrow said it would open in the spring of next year.", "Ada Ostrow", ""),
        ("Ada Ostrow said, “The harbour will open in the spring.”", "Ada Ostrow", ""),
        ("Ada Ostrow said the harbour will cost 1,400 crowns a day.", "Ada Ostrow",
         "Who said the harbour will cost 1,400 crowns a day?"),
        ("Ada Ostrow said no.", "Ada Ostrow", ""),
        ("The harbour opened.", "Ada Ostrow", ""),
    ],
)  # fmt: skip
def test_who_said_it(sentence, speaker, expected):
    assert who_said(sentence, speaker) == expected
