"""Lexical search: Okapi BM25 over stems."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.errors import IndexCorruptError
from onrecord.index.lexical import Lexical, LexicalDocument, write_lexical

K1, B = 1.2, 0.75
words = st.sampled_from("grain harbour dam ice tax roster".split())
# Up to 40 words, lengths are kept exactly; longer ones are rounded to one byte.
bodies = st.lists(st.lists(words, min_size=1, max_size=30), min_size=1, max_size=12)


def opened(folder, documents) -> Lexical:
    write_lexical(folder, documents)
    return Lexical.open(folder)


def bm25(bodies: list[list[str]], query: dict[str, float]) -> list[float]:
    """Robertson & Zaragoza 2009, equation 3.15, with the idf of Lucene, which never is negative."""
    mean = sum(map(len, bodies)) / len(bodies)
    scores = [0.0] * len(bodies)
    for word, weight in query.items():
        holding = sum(word in body for body in bodies)
        idf = math.log(1 + (len(bodies) - holding + 0.5) / (holding + 0.5))
        for row, body in enumerate(bodies):
            times = body.count(word)
            norm = K1 * (1 - B + B * len(body) / mean)
            scores[row] += weight * idf * times * (K1 + 1) / (times + norm)
    return scores


@given(bodies=bodies, query=st.dictionaries(words, st.sampled_from([0.2, 1.0]), min_size=1))
def test_scores_are_those_of_the_formula(tmp_path_factory, bodies, query):
    lexical = opened(tmp_path_factory.mktemp("lexical"), [LexicalDocument(body, [], 0) for body in bodies])
    rows, scores = lexical.search(query, 100, title_boost=0)
    expected = np.array(bm25(bodies, query))
    assert sorted(rows.tolist()) == np.flatnonzero(expected > 0).tolist()
    assert np.allclose(scores, expected[rows], rtol=1e-4)
    assert (np.diff(scores) <= 0).all()


def test_equal_scores_come_in_the_order_of_rows(tmp_path):
    lexical = opened(tmp_path, [LexicalDocument(["dam"], [], 0) for _ in range(20)])
    rows, _ = lexical.search({"dam": 1.0}, 20)
    assert rows.tolist() == list(range(20))


@given(
    owners=st.lists(st.integers(0, 4), min_size=1, max_size=12),
    within=st.sets(st.integers(0, 6)),
)
def test_a_filter_leaves_scores_as_they_are(tmp_path_factory, owners, within):
    documents = [
        LexicalDocument(["dam", *["ice"] * row], ["tax"] * (row % 2), owner)
        for row, owner in enumerate(owners)
    ]
    lexical = opened(tmp_path_factory.mktemp("lexical"), documents)
    query = {"dam": 1.0, "tax": 0.5}
    everywhere = dict(zip(*(column.tolist() for column in lexical.search(query, 100)), strict=True))
    rows, scores = lexical.search(query, 100, articles=np.array(sorted(within), np.int64))
    assert sorted(rows.tolist()) == [row for row, owner in enumerate(owners) if owner in within]
    assert np.allclose(scores, [everywhere[row] for row in rows.tolist()], rtol=1e-6)


def test_a_title_counts_as_much_as_it_is_told_to(tmp_path):
    lexical = opened(tmp_path, [LexicalDocument(["dam"], ["tax"], 0), LexicalDocument(["tax"], ["dam"], 1)])
    assert lexical.search({"dam": 1.0}, 5, title_boost=0.5)[0].tolist() == [0, 1]
    assert lexical.search({"dam": 1.0}, 5, title_boost=2.0)[0].tolist() == [1, 0]
    assert lexical.search({"dam": 1.0}, 5, title_boost=0)[0].tolist() == [0]


def test_no_more_than_asked_for(tmp_path):
    lexical = opened(tmp_path, [LexicalDocument(["dam"] * (1 + row), [], 0) for row in range(9)])
    assert len(lexical.search({"dam": 1.0}, 4)[0]) == 4


def test_frequencies_count_passages_by_their_body_or_else_by_their_title(tmp_path):
    documents = [LexicalDocument(["dam", "dam"], ["ice"], 0), LexicalDocument(["dam", "tax"], [], 0)]
    assert opened(tmp_path, documents).frequencies(["dam", "tax", "ice", "none"]) == [2, 1, 1, 0]


def test_what_stands_nowhere_finds_nothing(tmp_path):
    lexical = opened(tmp_path, [LexicalDocument(["dam"], [], 0)])
    for found in (lexical.search({"none": 1.0}, 5), lexical.search({}, 5)):
        assert [len(column) for column in found] == [0, 0]
    assert len(lexical.search({"dam": 1.0}, 5, articles=np.zeros(0, np.int64))[0]) == 0


@pytest.mark.parametrize("stem", ["title:dam", "dam^2", "(", '"', "AND", "*", "\\", "É", "日本", "🙂"])
def test_no_stem_is_read_as_a_query_language(tmp_path, stem):
    lexical = opened(tmp_path, [LexicalDocument(["dam"], [], 0), LexicalDocument([stem], [], 1)])
    assert lexical.search({stem: 1.0}, 5)[0].tolist() == [1]
    assert lexical.frequencies([stem]) == [1]


def test_a_damaged_index_is_named(tmp_path):
    with pytest.raises(IndexCorruptError, match="tantivy"):
        Lexical.open(tmp_path)
    write_lexical(tmp_path, [LexicalDocument(["dam"], [], 0)])
    (tmp_path / "tantivy" / "meta.json").write_bytes(b"{")
    with pytest.raises(IndexCorruptError, match="--rebuild"):
        Lexical.open(tmp_path)


def test_opening_changes_nothing_and_leaves_nothing_behind(tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    write_lexical(tmp_path, [LexicalDocument(["dam"], [], 0)])
    before = {file: file.stat() for file in (tmp_path / "tantivy").iterdir()}
    assert len({status.st_mode for status in before.values()}) == 1, "not everybody can read every file"
    assert not [file for file in before if file.suffix == ".lock"]
    lexical = Lexical.open(tmp_path)
    assert {file: file.stat() for file in (tmp_path / "tantivy").iterdir()} == before
    lexical.close()
    assert list((tmp_path / "temporary").iterdir()) == []
    assert lexical.search({"dam": 1.0}, 5)[0].tolist() == [0]


def test_a_filter_of_many_articles_finds_what_a_filter_of_each_would(tmp_path, monkeypatch):
    total = 60
    documents = [LexicalDocument(["grain"] + ["dam"] * (row % 7), [], row) for row in range(total)]
    lexical = opened(tmp_path, documents)
    within = np.array([row for row in range(total) if row % 13 == 5])
    each = lexical.search({"grain": 1.0, "dam": 0.3}, 3, articles=within)
    monkeypatch.setattr("onrecord.index.lexical._MANY", 2)
    sifted = lexical.search({"grain": 1.0, "dam": 0.3}, 3, articles=within)
    assert each[0].tolist() == sifted[0].tolist()
    assert each[1].tolist() == sifted[1].tolist()
