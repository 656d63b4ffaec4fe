"""Finding articles by their words, against looking through the texts themselves."""

from __future__ import annotations

import pytest

from onrecord import Assistant
from onrecord.text.terms import stem, tokenize


@pytest.fixture(scope="module")
def assistant(plain_index):
    with Assistant.open(plain_index) as assistant:
        yield assistant


def found(assistant, words: str) -> list[str]:
    number, articles = assistant.find_articles(words)
    assert number == len(articles)
    return [article.id for article in articles]


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("", ["harbour", "strike", "glacier", "undated"]),
        ("  \n ", ["harbour", "strike", "glacier", "undated"]),
        ("KELMOUTH", ["harbour", "strike"]),
        ("island", ["strike", "glacier"]),  # the outlet
        ("glac", ["glacier"]),  # a part of a title
        ("measure", ["glacier"]),  # “measured” stands in the text
        ("sailing", ["strike"]),  # “sails” does
        ("ferry kelmouth", ["strike"]),
        ("three-day", ["strike"]),
        ("harbour bread", []),
        ("zebra", []),
        ("…", []),
    ],
)
def test_articles_hold_all_the_words(assistant, words, ids):
    assert found(assistant, words) == ids


def test_every_word_of_every_text_finds_its_article(assistant):
    _, articles = assistant.find_articles()
    for article in articles:
        for token in tokenize(article.text):
            word = article.text[token.start : token.end]
            assert article.id in found(assistant, word), word


def test_what_is_found_holds_the_word(assistant):
    _, articles = assistant.find_articles()
    words = {a.text[t.start : t.end] for a in articles for t in tokenize(a.text)}
    for word in sorted(words):
        for _, held in [assistant.find_articles(word)]:
            for article in held:
                told = {token.stem for token in tokenize(article.text)}
                headed = f"{article.title} {article.outlet} {article.file}".casefold()
                assert stem(word) in told or word.casefold() in headed, word


def test_a_leaf_is_cut_out_of_what_is_found(assistant):
    number, articles = assistant.find_articles("", limit=2, offset=1)
    assert number == 4
    assert [article.id for article in articles] == ["strike", "glacier"]
    assert assistant.find_articles("", offset=10) == (4, ())


def test_odd_articles_are_found_too(odd_index):
    with Assistant.open(odd_index) as assistant:
        assert found(assistant, "İzmir") == ["decomposed"] or found(assistant, "zmir") == ["decomposed"]
        assert "wide 🙂" in found(assistant, "🙂") or found(assistant, "👩‍👩‍👧") == ["wide 🙂"]
        for text in ("\ud800", "\0", "%", "_", "'", '"', "a" * 10_000, " ".join("abcdefgh" * 9)):
            assistant.find_articles(text)
