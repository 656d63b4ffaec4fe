"""The index in use, and one that is waited for."""

from __future__ import annotations

import pytest

from onrecord import Assistant, Settings, build_index
from onrecord.errors import IndexCorruptError, IndexMissingError
from onrecord.index.newest import LiveIndex
from tests import corpora

QUESTION = "What did Ostrow say about the harbour?"


@pytest.fixture
def corpus(tmp_path):
    path = corpora.write_jsonl(tmp_path / "corpus.jsonl", corpora.PLAIN)
    return Settings.load(corpus=path, index=tmp_path / "index")


def test_an_index_that_is_not_there_is_waited_for(corpus):
    with pytest.raises(IndexMissingError):
        Assistant.open(corpus)
    with Assistant.open(corpus, waiting=True) as assistant:
        for _ in range(2):
            with pytest.raises(IndexMissingError, match="no index"):
                assistant.ask(QUESTION)
        with pytest.raises(IndexMissingError):
            assistant.info()
        build_index(corpus)
        assert assistant.ask(QUESTION).quotes


def test_a_broken_index_is_waited_for_and_not_read_through_for_every_question(plain_index, tmp_path):
    settings = corpora.copy_of(plain_index, tmp_path)
    broken = next(settings.index.glob("gen-*/passages.npy"))
    content = broken.read_bytes()
    broken.unlink()
    now = [0.0]
    live = LiveIndex(settings, waiting=True, clock=lambda: now[0])
    with pytest.raises(IndexCorruptError, match=r"passages\.npy"):
        live.newest()
    broken.write_bytes(content)
    now[0] = 9.0
    with pytest.raises(IndexCorruptError, match=r"passages\.npy"):
        live.newest()
    now[0] = 11.0
    assert live.newest().passages > 0
    live.close()


def test_a_rebuilt_index_is_taken_at_once(plain_index, tmp_path):
    settings = corpora.copy_of(plain_index, tmp_path)
    next(settings.index.glob("gen-*/passages.npy")).unlink()
    live = LiveIndex(settings, waiting=True, clock=lambda: 0.0)
    with pytest.raises(IndexCorruptError):
        live.newest()
    build_index(settings)
    assert live.newest().passages > 0
    live.close()


def test_closing_what_never_opened_is_no_fault(corpus):
    LiveIndex(corpus, waiting=True).close()
