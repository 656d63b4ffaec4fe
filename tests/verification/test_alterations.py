"""Rows 14 and 15 of the reliability table: altered quotations are caught, typeset ones are not accused."""

from __future__ import annotations

import random

import pytest

from onrecord.corpus.folder import read_corpus
from onrecord.types import Status
from onrecord.verification.verify import DraftVerifier
from tests.alterations import ALTERATIONS, VARIANTS, alter, main, run, sentences, vary


@pytest.fixture(scope="module")
def articles(root):
    return read_corpus(root / "corpus").articles


@pytest.fixture(scope="module")
def table(articles):
    return run(articles, seed=11, count=280)


@pytest.mark.parametrize("kind", ALTERATIONS)
def test_alterations_are_caught(table, kind):
    row = next(row for row in table.alterations if row.kind == kind)
    assert row.tried
    assert not row.wrong


@pytest.mark.parametrize("kind", VARIANTS)
def test_typographic_variants_are_accepted(table, kind):
    row = next(row for row in table.variants if row.kind == kind)
    # The two articles hold no sentence with an accent or with three dots.
    assert row.tried or kind in {"NFD", "ellipsis character"}
    assert not row.wrong


def test_the_source_is_shown_as_printed(articles):
    verifier = DraftVerifier.of(articles)
    texts = {article.id: article.text for article in articles}
    for article, quote in sentences(articles, random.Random(3), count=10):
        for kind in VARIANTS:
            verdict = verifier.check(vary(quote, kind) or quote)
            assert verdict.source == texts[verdict.article_id][verdict.source_start : verdict.source_end]
            assert verdict.source.rstrip(".") == quote.rstrip("."), (article.id, kind)


def test_the_same_seed_gives_the_same_alterations(articles):
    pool = [quote for _, quote in sentences(articles, random.Random(5), count=20)]
    draws = [[alter(quote, "name swapped", random.Random(5), pool) for quote in pool] for _ in range(2)]
    assert draws[0] == draws[1]
    assert any(draws[0])


def test_sentences_joined_are_called_stitched(table):
    row = next(row for row in table.alterations if row.kind == "sentences joined")
    assert row.statuses[Status.STITCHED] / row.tried > 0.9


def test_the_table_is_printed(root, capsys):
    assert main(["--corpus", str(root / "corpus"), "--count", "70"]) == 0
    assert "alterations caught: 100.00 %" in capsys.readouterr().out


@pytest.mark.slow
def test_a_thousand_in_a_large_corpus(shared):
    path = shared / "eval" / "news_iran_ukraine" / "corpus.jsonl.gz"
    table = run(read_corpus(path).articles, seed=7, count=1000)
    assert sum(row.tried for row in table.alterations) >= 1000
    assert table.caught >= 0.99
    assert table.false_alarms <= 0.01
