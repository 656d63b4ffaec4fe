"""The articles' texts, by row, id and file."""

from __future__ import annotations

import hashlib
import sqlite3

import pytest

from onrecord.errors import UnknownArticleError
from onrecord.index.columns.articles import Shelf, write_shelf
from onrecord.types import Article


def article(ident, file):
    text = f"Text of {ident}."
    return Article(ident, file, "Title", text, hashlib.sha256(text.encode()).hexdigest())


@pytest.fixture
def shelf(tmp_path):
    # The last is called as the first one's file is.
    write_shelf(
        tmp_path, [article("a", "one.txt"), article("b", "all.jsonl"), article("one.txt", "all.jsonl")]
    )
    found = Shelf.open(tmp_path)
    yield found
    found.close()


def test_an_article_is_found_by_its_id_and_else_by_its_file(shelf):
    assert [shelf.row("a"), shelf.row("b"), shelf.row("one.txt")] == [0, 1, 2]
    assert shelf.article(shelf.row("b")).text == "Text of b."


def test_a_file_of_one_article_names_it(tmp_path):
    write_shelf(tmp_path, [article("a", "one.txt")])
    assert Shelf.open(tmp_path).row("one.txt") == 0


@pytest.mark.parametrize("name", ["all.jsonl", "none", "", "\ud800"])
def test_what_names_no_article_or_several_is_said(shelf, name):
    with pytest.raises(UnknownArticleError):
        shelf.row(name)


def test_no_look_up_reads_every_article(shelf, tmp_path):
    asked = []
    with sqlite3.connect(tmp_path / "articles.sqlite") as watched:
        watched.set_trace_callback(asked.append)
        Shelf(watched).row("a")
        with pytest.raises(UnknownArticleError):
            Shelf(watched).row("all.jsonl")
        watched.set_trace_callback(None)
        plans = [plan for query in asked for *_, plan in watched.execute(f"EXPLAIN QUERY PLAN {query}")]
    assert len(asked) == 3
    assert all(plan.startswith("SEARCH") for plan in plans), plans
