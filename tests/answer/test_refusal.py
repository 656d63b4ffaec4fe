"""What moves a confidence after the rankings: each rule by a question that it decides."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord import Assistant
from onrecord.answer.refusal import confidence, rules
from onrecord.answer.refusal.confidence import settled
from onrecord.answer.refusal.rules import Case, a_fifth, enough
from onrecord.question.query import parse_question
from onrecord.retrieval.features import NAMES, Features
from tests.corpora import indexed

TABLES = ("OF_A_RANKING", "OF_THE_SENTENCES", "OF_THE_ANSWER")
ON_THE_TWO_ARTICLES = (
    (rules.is_vague, "Why is that so?", True),
    (rules.lacks_figure, "How many Americans are jailed in Iran?", True),
    (rules.strays, "Did Blinken ever say Iran would sign?", True),
    (rules.is_of_those_described, "What have anonymous sources said about Iran?", False),
    (rules.is_of_no_day, "What did Borrell say since 2024?", True),
    (rules.takes_for_granted, "Why did DiMaggio say that the talks had collapsed?", False),
    (rules.prints_role, "Where is DiMaggio a senior fellow?", False),
    (rules.holds_subject, "What did Mr. Miller answer?", False),
)
"""A rule, a question, and whether it is refused: without the rule it is the other way round."""
FRANCE = "What is the capital of France?"
TOLD_OF_HER = (
    {
        "id": "survey",
        "title": "Ministers speak of a survey",
        "text": (
            "“We are ready to publish the survey of the dam,” Interior Minister Bram Holt said. He added "
            "that it had been agreed on with President Lene Faber."
        ),
        "published": "2022-03-14",
    },
    {
        "id": "school",
        "title": "President opens a school",
        "text": "“This school will teach our children,” President Lene Faber said in Ostby.",
        "published": "2022-05-02",
    },
)
ON_HERS = "What did Lene Faber say about the survey of the dam?"


@pytest.fixture(scope="module")
def two(built_index):
    with Assistant.open(built_index.model_copy(update={"reader": "none"})) as opened:
        yield opened


@pytest.fixture(scope="module")
def told_of_her(tmp_path_factory):
    with Assistant.open(indexed(tmp_path_factory.mktemp("hers"), TOLD_OF_HER)) as opened:
        yield opened


@pytest.fixture
def without(monkeypatch):
    """Takes a rule out of its table."""

    def take(condition):
        for name in TABLES:
            left = tuple(rule for rule in getattr(confidence, name) if rule[0] is not condition)
            monkeypatch.setattr(confidence, name, left)

    return take


@pytest.mark.parametrize(
    ("condition", "question", "refused"), ON_THE_TWO_ARTICLES, ids=lambda part: getattr(part, "__name__", "")
)
def test_a_rule_decides_the_question_beside_it(two, without, condition, question, refused):
    assert two.ask(question).refused is refused
    without(condition)
    assert two.ask(question).refused is not refused


def test_what_is_told_of_somebody_is_not_what_they_say(told_of_her, without):
    assert told_of_her.ask(ON_HERS).refused
    without(rules.is_of_somebody_else)
    assert not told_of_her.ask(ON_HERS).refused


def test_of_a_question_that_only_names_a_known_country_a_fifth_is_believed(two, without):
    left = two.ask(FRANCE).confidence
    without(rules.knows_only_countries)
    assert left == pytest.approx(two.ask(FRANCE).confidence / 5)


def test_every_rule_is_held_against_a_question():
    asked = {condition for condition, _, _ in ON_THE_TWO_ARTICLES}
    asked |= {rules.is_of_somebody_else, rules.knows_only_countries}
    assert {condition for table in TABLES for condition, _ in getattr(confidence, table)} == asked


def case(sure, threshold):
    features = Features(
        rows=np.arange(1),
        owner=np.arange(1),
        matrix=np.zeros((1, len(NAMES)), np.float32),
        usable=np.ones(1, np.bool_),
        hits=np.zeros((1, 1), np.bool_),
        idf=np.ones(1, np.float32),
        known=np.ones(1, np.bool_),
        size=1,
    )
    return Case(parse_question("Who sails?"), features, np.zeros(1, np.float32), sure, threshold)


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 4))
def test_however_many_rules_lower_it_a_fifth_is_left(sure, threshold, times):
    left, held = settled([(lambda _: True, a_fifth)] * times, case(sure, threshold))
    assert left == sure * 0.2
    assert len(held) == times


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 4))
def test_what_is_borne_out_is_shown_and_called_no_surer_than_that(sure, threshold, times):
    left, _ = settled([(lambda _: True, enough)] * times, case(sure, threshold))
    assert left == max(sure, threshold)


def test_a_rule_sees_what_those_before_it_left():
    seen = []
    settled([(lambda _: True, a_fifth), (lambda now: seen.append(now.confidence), enough)], case(1.0, 0.5))
    assert seen == [0.2]


def test_a_rule_that_does_not_hold_moves_nothing():
    assert settled([(lambda _: False, a_fifth)], case(0.7, 0.5)) == (0.7, ())
