"""What a question asks for."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.question.query import QuestionKind, parse_question
from onrecord.text.terms import stem
from onrecord.types import DateSpan

TABLE = [
    # question, kind, person, names
    ("What did Blinken say about Iran?", QuestionKind.WHAT, "Blinken", {"Blinken", "Iran"}),
    ("What did Antony Blinken tell reporters?", QuestionKind.WHAT, "Antony Blinken", {"Antony", "Blinken"}),
    ("Who said that the talks had failed?", QuestionKind.WHO, None, set()),
    ("When did the glacier lose most ice?", QuestionKind.WHEN, None, set()),
    ("In which year did the strike begin?", QuestionKind.WHEN, None, set()),
    ("Where was the harbour opened?", QuestionKind.WHERE, None, set()),
    ("Which country hosted the talks?", QuestionKind.WHERE, None, set()),
    ("How many crowns did the harbour cost?", QuestionKind.HOW_MANY, None, set()),
    ("Why did the union walk out?", QuestionKind.WHY, None, set()),
    ("How does the dam hold?", QuestionKind.HOW, None, set()),
    ("Did the company reject the demand?", QuestionKind.YES_NO, None, set()),
    ("According to Lavrov, what comes next?", QuestionKind.WHAT, "Lavrov", {"Lavrov"}),
    ("List Verlaan's statements", QuestionKind.WHAT, "Verlaan", {"Verlaan"}),
    ("List statements by Mira Sandoval", QuestionKind.WHAT, "Mira Sandoval", {"Mira", "Sandoval"}),
    ("What did the White House say?", QuestionKind.WHAT, "White House", {"White", "House"}),
]


@pytest.mark.parametrize(("text", "kind", "person", "names"), TABLE, ids=[row[0] for row in TABLE])
def test_kind_person_and_names(text, kind, person, names):
    query = parse_question(text)
    assert (query.kind, query.person) == (kind, person)
    assert query.names == {stem(name) for name in names}
    assert query.saying >= (person is not None)


DAYS = [
    ("on 28 June 2023", date(2023, 6, 28), date(2023, 6, 28)),
    ("on June 28th, 2023", date(2023, 6, 28), date(2023, 6, 28)),
    ("in June 2023", date(2023, 6, 1), date(2023, 6, 30)),
    ("in Feb. 2024", date(2024, 2, 1), date(2024, 2, 29)),
    ("since 2021", date(2021, 1, 1), date(2021, 12, 31)),
    ("on 2022-11-02", date(2022, 11, 2), date(2022, 11, 2)),
    ("dated 2022-11", date(2022, 11, 1), date(2022, 11, 30)),
]


@pytest.mark.parametrize(("when", "first", "last"), DAYS, ids=[row[0] for row in DAYS])
def test_days_with_a_year_are_read(when, first, last):
    assert parse_question(f"What did the minister say {when} about grain?").days == (DateSpan(first, last),)


@pytest.mark.parametrize("when", ["on June 28", "on 31 February 2023", "in May", "at 2022 metres", "in 1789"])
def test_what_is_no_day_with_a_year_is_left_alone(when):
    assert parse_question(f"What happened {when}?").days == ()


@pytest.mark.parametrize(
    "text", ["How did his position change?", "What do both articles say?", "Compare the two statements."]
)
def test_comparisons_are_noticed(text):
    assert parse_question(text).comparing


@pytest.mark.parametrize("text", ["What did Blinken say?", "How much did it cost?", "Who said so?"])
def test_other_questions_are_no_comparisons(text):
    assert not parse_question(text).comparing


def test_words_that_only_frame_the_question_weigh_little():
    query = parse_question("What did Blinken say about sanctions?")
    assert query.frame == {stem("say")}
    assert query.weight(stem("say")) < query.weight(stem("sanctions")) == 1
    assert query.subject == (stem("blinken"), stem("sanctions"))


def test_a_question_of_framing_words_alone_is_still_searched():
    query = parse_question("What did he say?")
    assert query.stems
    assert query.subject == query.stems


def test_function_words_alone_are_searched_all_the_same():
    assert parse_question("Who is it?").stems


def test_a_quoted_passage_is_kept_as_it_is_written():
    assert parse_question("Who said “no prospect  for an agreement”?").quoted == (
        "no prospect  for an agreement",
    )


def test_what_a_follow_up_leans_on_is_borrowed_at_less_weight():
    query = parse_question("And why?", leaning_on="Blinken say about Iran")
    assert {stem("blinken"), stem("iran")} <= query.borrowed <= set(query.stems)
    assert query.weight(stem("iran")) < 1
    assert query.text.startswith("And why?")
    assert query.kind is QuestionKind.WHY


@given(st.text(max_size=300), st.sampled_from(["", "Blinken", "\ud800"]))
def test_any_text_is_read(text, before):
    query = parse_question(text, leaning_on=before)
    assert len(set(query.stems)) == len(query.stems)
    assert query.frame | query.names | query.numbers | query.borrowed <= set(query.stems)
