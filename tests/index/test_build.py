"""Building the index: what changed is embedded, everything else is carried over."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from onrecord import Assistant, build_index
from onrecord.errors import (
    CorpusError,
    IndexLockedError,
    IndexMismatchError,
    UnknownArticleError,
)
from onrecord.index.columns.store import Store
from onrecord.index.generation import newest_name, open_current, staging
from onrecord.index.manifest import MANIFEST, generation_name
from onrecord.index.opened import Index
from onrecord.index.originals import Originals
from tests.corpora import PLAIN, copy_of, write_jsonl
from tests.shared import ROOT

HARBOUR = "What did Ostrow say about the harbour?"
CHANGED = [{**PLAIN[0], "text": PLAIN[0]["text"].replace("a third", "half")}, *PLAIN[1:]]


@pytest.fixture
def mine(plain_index, tmp_path):
    return copy_of(plain_index, tmp_path)


def tree(folder):
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    return {
        str(file.relative_to(folder)): (
            file.stat().st_mtime_ns,
            hashlib.sha256(file.read_bytes()).hexdigest(),
        )
        for file in files
    }


def build(settings, records, **options):
    write_jsonl(settings.corpus, records)
    return build_index(settings, **options)


def counts(report):
    return report.embedded, report.reused, report.removed


def said(settings, question=HARBOUR):
    with Assistant.open(settings) as assistant:
        answer = assistant.ask(question)
    # Beyond the first few, bfloat16 may order near equals by what was embedded beside them.
    return [(quote.article_id, quote.start, quote.end, quote.text) for quote in answer.ranked[:3]]


def test_where_nothing_changed_nothing_is_touched(mine):
    build_index(mine)
    before = tree(mine.index)
    steps = []
    report = build_index(mine, progress=lambda *step: steps.append(step))
    assert (report.changed, report.generation) == (False, newest_name(mine.index))
    assert (counts(report), report.articles, steps) == ((0, 4, 0), 4, [])
    assert tree(mine.index) == before


def test_one_changed_article_is_embedded_and_the_others_are_carried_over(mine):
    embedded = []
    report = build(
        mine, CHANGED, progress=lambda step, *at: embedded.append(at) if step == "Embedding" else 0
    )
    assert (report.changed, counts(report)) == (True, (1, 3, 0))
    assert embedded == [(1, 1)]
    assert any("carry half of our grain" in text for *_, text in said(mine))
    assert not any("carry a third" in text for *_, text in said(mine))


def test_what_was_carried_over_is_the_same_to_the_bit(mine):
    before = Store.open(open_current(mine.index).path)
    build(mine, CHANGED)
    after = Store.open(open_current(mine.index).path)
    for row in (1, 2, 3):
        one, other = before.part(row), after.part(row)
        assert one.key == other.key
        for column in ("tokens", "flags", "passages", "sentences", "passage_vectors", "sentence_vectors"):
            assert np.array_equal(getattr(one, column), getattr(other, column)), column
        assert list(one.speakers) == list(other.speakers)


def test_an_index_kept_up_to_date_is_the_one_built_at_once(mine):
    build(mine, CHANGED)
    build(mine, [*CHANGED[2:], {**PLAIN[0], "id": "again"}, CHANGED[0]])
    step_by_step = said(mine)
    report = build_index(mine, rebuild=True)
    assert counts(report) == (4, 0, 0)
    assert said(mine) == step_by_step


def test_an_article_taken_out_is_gone_everywhere(mine):
    report = build(mine, PLAIN[1:])
    assert (report.changed, counts(report), report.articles) == (True, (0, 3, 1), 3)
    with Assistant.open(mine) as assistant:
        assert "harbour" not in {quote.article_id for quote in assistant.ask(HARBOUR).ranked}
        assert {hit.passage.article_id for hit in assistant.search("harbour grain Ostrow", limit=50)} == {
            "strike", "glacier", "undated",
        }  # fmt: skip
        with pytest.raises(UnknownArticleError):
            assistant.article("harbour")
        assert assistant.info().first == "2022-11-02"


def test_an_article_put_in_is_found(mine):
    new = {
        "id": "bridge",
        "title": "Bridge closed",
        "text": "Engineer Una Tam said: “The cables are rusted.”",
    }
    assert counts(build(mine, [*PLAIN, new])) == (1, 4, 0)
    assert said(mine, "What did Una Tam say about the cables?")[0][0] == "bridge"


def test_a_rebuild_embeds_everything(mine):
    report = build_index(mine, rebuild=True)
    assert (report.changed, counts(report)) == (True, (4, 0, 0))


@pytest.mark.parametrize(
    ("field", "value", "embedded"),
    [("url", "https://news.example/1", 0), ("title", "Another title", 1), ("published", "2022-03-15", 1)],
)
def test_what_is_known_of_an_article_is_brought_up_to_date(mine, field, value, embedded):
    report = build(mine, [{**PLAIN[0], field: value}, *PLAIN[1:]])
    assert (report.changed, counts(report)) == (True, (embedded, 4 - embedded, 0))
    with Assistant.open(mine) as assistant:
        assert getattr(assistant.article("harbour"), field) == value


def test_another_order_is_another_index_without_embedding(mine):
    report = build(mine, PLAIN[::-1])
    assert (report.changed, counts(report)) == (True, (0, 4, 0))
    with Assistant.open(mine) as assistant:
        for record in PLAIN:
            assert assistant.article(record["id"]).text == record["text"]


def test_a_corpus_without_articles_leaves_the_index_alone(mine):
    before = tree(mine.index)
    with pytest.raises(CorpusError):
        build(mine, [])
    assert tree(mine.index) == before


def test_while_another_builds_nothing_is_changed(mine):
    before = newest_name(mine.index)
    with staging(mine.index, holder="a test"):
        with pytest.raises(IndexLockedError, match=f"process {os.getpid()} .*a test"):
            build(mine, CHANGED)
        assert newest_name(mine.index) == before
        assert said(mine)


# RELIABILITY row 5


def forge(index, **facts) -> None:
    """Write a manifest anew, with its name and `current` to match."""
    folder = open_current(index).path
    content = json.loads((folder / MANIFEST).read_bytes())
    content["facts"] |= facts.pop("facts", {})
    dumped = json.dumps(content | facts).encode()
    (folder / MANIFEST).unlink()
    (folder / MANIFEST).write_bytes(dumped)
    name = generation_name(7, dumped)
    folder.rename(index / name)
    (index / "current").write_text(f"{name}\n", encoding="ascii")


MISMATCHES = {
    "model": (
        {"facts": {"model": "other/model"}},
        "'other/model'",
        "'sentence-transformers/all-MiniLM-L6-v2'",
    ),
    "dimension": ({"facts": {"dimension": 768}}, "384", "768"),
    "schema": ({"schema": 99}, "schema 99", "schema 2"),
    "chromadb": ({"versions": {"chromadb": "0.4.0"}}, "chromadb 0.4.0", "this installation has chromadb"),
}


@pytest.mark.parametrize(("forged", "one", "other"), MISMATCHES.values(), ids=MISMATCHES)
def test_an_index_of_another_kind_is_refused_naming_both(mine, forged, one, other):
    forge(mine.index, **forged)
    with pytest.raises(IndexMismatchError) as caught:
        Assistant.open(mine)
    assert one in caught.value.message
    assert other in caught.value.message
    assert "onrecord index" in caught.value.remedy


def test_settings_of_another_model_are_refused_before_anything_is_searched(mine):
    other = mine.model_copy(update={"embedding": "other/model"})
    with pytest.raises(IndexMismatchError, match=r"all-MiniLM-L6-v2.*other/model") as caught:
        Assistant.open(other)
    assert "ONRECORD_EMBEDDING=sentence-transformers/all-MiniLM-L6-v2" in caught.value.remedy
    Index.open(mine.index, Originals.open(mine)).close()


# Going on after an interruption

KILLED = """
import sys
from pathlib import Path
from onrecord import Settings, build_index
build_index(Settings.load(corpus=Path(sys.argv[1]), index=Path(sys.argv[2]), threads=1), save_every=1)
"""


def interrupted(settings, failpoint):
    environment = os.environ | {"_ONRECORD_FAILPOINT": failpoint, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", KILLED, str(settings.corpus), str(settings.index)]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == -9, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("damaged", [False, True])
def test_an_interrupted_build_goes_on_where_it_was(mine, damaged):
    new = [{**record, "text": record["text"] + " More will follow."} for record in PLAIN]
    write_jsonl(mine.corpus, new)
    before = newest_name(mine.index)
    interrupted(mine, "embedded:3")
    assert newest_name(mine.index) == before
    shards = sorted((mine.index / ".resume").iterdir())
    assert [shard.name for shard in shards] == ["shard-000000", "shard-000001", "shard-000002"]
    if damaged:
        (shards[1] / "tokens.npy").write_bytes(b"")
    totals = []
    report = build_index(mine, progress=lambda step, _, total: totals.append((step, total)))
    assert counts(report) == ((2, 2, 0) if damaged else (1, 3, 0))
    assert ("Embedding", 2 if damaged else 1) in totals
    assert not (mine.index / ".resume").exists()
    resumed = said(mine)
    build_index(mine, rebuild=True)
    assert said(mine) == resumed
