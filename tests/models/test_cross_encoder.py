"""The reader: how it lays passages out, sums tokens up, and what the second ranking makes of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from onrecord import Assistant, Settings
from onrecord.errors import ModelError
from onrecord.models import cross_encoder as reader
from onrecord.models.cross_encoder import CrossEncoder, Reading, ReadPassage, batch, lay_out, sentences_of
from onrecord.models.weights import packaged_file
from onrecord.retrieval.features import NAMES, Features
from onrecord.retrieval.judge import Judge, with_readings
from onrecord.retrieval.ranker import PAGES, READ_NAMES, Ranker
from onrecord.text.terms import stem, term_number
from tests.indexes import build_once

QUESTION = "Who opened the ferry terminal?"
SENTENCES = (
    "The harbour town of Vessel Bay has a new ferry terminal.",
    "Mayor Ingrid Solheim opened it on Tuesday.",
    "Tickets will cost four crowns.",
)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    found = Tokenizer.from_file(str(packaged_file("tokenizer.json")))
    found.no_padding()
    found.no_truncation()
    return found


def page_of(sentences: Sequence[str], title: str = "A new terminal") -> ReadPassage:
    text = " ".join(sentences)
    starts = np.cumsum([0, *(len(sentence) + 1 for sentence in sentences[:-1])])
    return ReadPassage(title, text, starts, starts + np.array([len(sentence) for sentence in sentences]))


@given(
    st.lists(st.text("ab é,.“”🙂ß", min_size=1, max_size=30), min_size=1, max_size=6), st.text(max_size=40)
)
def test_every_token_of_a_passage_stands_in_the_sentence_that_holds_it(tokenizer, sentences, question):
    page = page_of(sentences)
    laid = lay_out(tokenizer, question, page)
    assert len(laid.ids) == laid.lead + len(laid.starts) + 1
    for start, sentence in zip(laid.starts, sentences_of(laid, page), strict=True):
        holders = [s for s in range(len(sentences)) if page.starts[s] <= start < page.ends[s]]
        assert holders == ([] if sentence < 0 else [sentence])


def test_what_is_too_long_is_cut(tokenizer):
    page = page_of(["word " * 900 + "end."], title="title " * 90)
    laid = lay_out(tokenizer, "why " * 500, page)
    assert len(laid.ids) <= 210
    assert laid.asked <= 42


def test_a_batch_is_padded_and_masked(tokenizer):
    laid = [lay_out(tokenizer, QUESTION, page_of(SENTENCES[:n])) for n in (1, 3)]
    inputs = batch(laid)
    assert inputs["attention_mask"].sum(axis=1).tolist() == [len(one.ids) for one in laid]
    assert inputs["token_type_ids"][0, : laid[0].asked].sum() == 0


def test_the_reader_finds_the_sentence_that_answers():
    found = CrossEncoder.shipped().read(
        QUESTION, [page_of(SENTENCES), page_of(["Rain is expected over the hills."])]
    )
    assert int(found[0].scores.argmax()) == 1
    assert found[0].scores.max() > found[1].scores.max()


def test_a_passage_has_one_vote_for_its_words_and_spends_it_on_the_answer():
    answering, silent = CrossEncoder.shipped().read(
        QUESTION, [page_of(SENTENCES), page_of(["Rain is expected over the hills."])]
    )
    for reading in (answering, silent):
        assert all(share >= 0 for share in reading.words.values())
        assert sum(reading.words.values()) <= 1 + 1e-6
    best = max(answering.words, key=answering.words.__getitem__)
    assert best in {term_number(stem(word)) for word in ("Ingrid", "Solheim")}
    assert term_number("the") not in answering.words
    assert sum(silent.words.values()) < sum(answering.words.values())


def test_no_page_needs_no_reading():
    assert CrossEncoder.shipped().read(QUESTION, []) == ()


def test_passages_read_together_are_read_as_alone():
    pages = [page_of(SENTENCES), page_of(["It rained.", "Solheim smiled, the mayor of Vessel Bay."])]
    together = CrossEncoder.shipped().read(QUESTION, pages)
    for page, reading in zip(pages, together, strict=True):
        (alone,) = CrossEncoder.shipped().read(QUESTION, [page])
        assert np.abs(alone.scores - reading.scores).max() < 1.0  # 8-bit scales differ from batch to batch
        assert alone.scores.argmax() == reading.scores.argmax()


def test_a_damaged_graph_is_refused(monkeypatch):
    reader._shipped.cache_clear()
    monkeypatch.setattr(reader, "_SHA256", "0" * 64)
    try:
        with pytest.raises(ModelError, match="damaged"):
            CrossEncoder.shipped()
    finally:
        reader._shipped.cache_clear()


def features_of(owners: Sequence[int], usable: Sequence[bool] | None = None) -> Features:
    count = len(owners)
    return Features(
        rows=np.arange(count),
        owner=np.array(owners),
        matrix=np.zeros((count, len(NAMES)), np.float32),
        usable=np.array(usable or [True] * count),
        hits=np.zeros((count, 1), np.bool_),
        idf=np.ones(1, np.float32),
        known=np.ones(1, np.bool_),
        size=count,
    )


def test_readings_become_columns_of_their_sentences():
    features = features_of([0, 0, 1, 2])
    scores = np.array([1.0, 3.0, 2.0, -4.0], np.float32)
    readings = {
        0: Reading(np.array([-2.0, 4.0], np.float32), 0.0),
        1: Reading(np.array([1.0], np.float32), 0.0),
    }
    votes = np.array([[0, 0, 0], [2, 1, 1], [1, 1, 1], [0, 0, 0]], np.float32)
    wide = with_readings(features, scores, readings, votes).matrix[:, len(NAMES) :]
    column = {name: wide[:, at].tolist() for at, name in enumerate(READ_NAMES)}
    assert column["seen"] == [1, 1, 1, 0]
    assert column["read_best"] == [0, 1, 0, 0]
    assert column["read_gap"][1] == 0
    assert column["first_gap"][1] == 0
    assert min(column["read"]) == column["read"][3]
    assert column["voted"] == [0, 2, 1, 0]
    assert column["voted_elsewhere"] == [0, 1, 1, 0]
    assert column["voted_gap"] == [-2, 0, -1, -2]


def test_what_may_not_be_quoted_is_not_scored_by_either_ranking():
    features = features_of([0, 0], usable=[False, True])
    scores = Ranker.shipped().score(_query(), features)
    readings = {0: Reading(np.array([9.0, 1.0], np.float32), 0.0)}
    wide = with_readings(features, scores, readings, np.zeros((2, 3), np.float32))
    second = Ranker.shipped(reading=True).score(_query(), wide)
    assert np.isneginf(second[0])
    assert np.isfinite(second[1])


def _query():
    from onrecord.question.query import parse_question

    return parse_question(QUESTION)


class Counting:
    """A reader that counts what it is given and prefers one word."""

    def __init__(self, word: str) -> None:
        self.word, self.calls = word, []

    def read(self, question: str, pages: Sequence[ReadPassage]) -> tuple[Reading, ...]:
        self.calls.append([page.text for page in pages])
        scored = [
            [
                6.0 if self.word in page.text[a:b] else -6.0
                for a, b in zip(page.starts, page.ends, strict=True)
            ]
            for page in pages
        ]
        return tuple(Reading(np.array(scores, np.float32), 0.0) for scores in scored)


def test_one_batch_of_the_best_passages_is_read_and_a_foreign_reader_is_heard(built_corpus):
    assistant = Assistant.open(built_corpus)
    counting = Counting("crowns")
    plain = Judge(Ranker.shipped())
    found = []
    for judge in (plain, Judge(Ranker.shipped(), counting)):
        object.__setattr__(assistant._steps, "judge", judge)
        found.append(assistant.ask("What will tickets of the Vessel Bay ferry cost?"))
    assert len(counting.calls) == 1
    assert 1 <= len(counting.calls[0]) <= PAGES
    assert "crowns" in found[1].ranked[0].text
    assistant.close()


@pytest.fixture
def built_corpus(tmp_path) -> Settings:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "ferry.txt").write_text(" ".join(SENTENCES), encoding="utf-8")
    (corpus / "rain.txt").write_text("Rain is expected over the hills of Vessel Bay.", encoding="utf-8")
    settings = Settings.load(corpus=corpus, index=tmp_path / "index")
    build_once(settings)
    return settings


def test_the_reader_can_be_left_out(built_corpus):
    settings = built_corpus.model_copy(update={"reader": "none"})
    assistant = Assistant.open(settings)
    assert assistant._steps.judge.reader is None
    assert assistant.ask("Who opened the ferry terminal of Vessel Bay?").quotes
    assistant.close()


def test_a_reader_that_is_nowhere_is_told(built_corpus, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError):
        Assistant.open(built_corpus.model_copy(update={"reader": "nobody/no-such-cross-encoder"}))
