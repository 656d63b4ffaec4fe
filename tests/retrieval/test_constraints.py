"""Whose words answer "What did … say?": that person's and nobody else's, and on the subject."""

from __future__ import annotations

import pytest

from onrecord import Assistant
from tests.corpora import indexed

ARTICLES = (
    {
        "id": "swap",
        "title": "Envoys talk of a prisoner swap",
        "text": (
            "Envoys met in Kelmouth on Monday.\n\n"
            "“We are ready to discuss a prisoner swap,” Foreign Minister Piet Verlaan said. He added that it "
            "had been agreed on with President Ada Ostrow.\n\n"
            "“A prisoner swap is for the courts,” Judge Mira Sandoval told reporters."
        ),
        "published": "2022-03-14",
    },
    {
        "id": "harbour",
        "title": "President opens the harbour",
        "text": "“This harbour will carry our grain,” President Ada Ostrow said at the quay in Kelmouth.",
        "published": "2022-05-02",
    },
    {
        "id": "lavania",
        "title": "A deal with Lavania",
        "text": "“A deal with Lavania is near, and we will sign it,” Trade Minister Tomas Quill said.",
        "published": "2022-06-10",
    },
    {
        "id": "later",
        "title": "Lavania waits",
        "text": "“There will be no deal with Lavania this year,” Trade Minister Tomas Quill told parliament.",
        "published": "2023-06-12",
    },
    {
        "id": "gas",
        "title": "A gas contract",
        "text": "“It is the best deal, a deal for every household,” Trade Minister Tomas Quill said.",
        "published": "2023-01-20",
    },
)


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    with Assistant.open(indexed(tmp_path_factory.mktemp("else"), ARTICLES)) as opened:
        yield opened


@pytest.mark.parametrize("person", ["Ada Ostrow", "Ostrow", "Bo Nilsson"])
def test_another_persons_words_are_not_an_answer(assistant, person):
    answer = assistant.ask(f"What did {person} say about a prisoner swap?")
    assert answer.refused
    assert not answer.quotes
    if person != "Bo Nilsson":
        assert {quote.speaker for quote in answer.nearest} == {"Ada Ostrow"}


@pytest.mark.parametrize("person", ["Piet Verlaan", "Verlaan", "Sandoval"])
def test_who_speaks_of_it_is_quoted_first(assistant, person):
    answer = assistant.ask(f"What did {person} say about a prisoner swap?")
    assert person.rsplit(maxsplit=1)[-1] in answer.quotes[0].speaker


def test_of_two_who_are_compared_the_one_who_says_nothing_of_it_is_named(assistant):
    answer = assistant.ask("Compare what Verlaan and Ostrow said about a prisoner swap.")
    assert {quote.speaker for quote in answer.quotes} == {"Piet Verlaan"}
    assert "Ostrow" in answer.reason or "Ostrow" in answer.text


def test_a_deal_with_somebody_is_no_other_deal(assistant):
    answer = assistant.ask(
        "What did Quill say about a deal with Lavania, and did he say the same a year later?"
    )
    assert [quote.article_id for quote in answer.quotes] == ["lavania", "later"]
    said = assistant.ask("What did Quill say about a deal with Lavania?")
    assert {quote.article_id for quote in said.quotes} == {"lavania", "later"}
