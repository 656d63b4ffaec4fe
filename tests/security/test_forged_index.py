"""An index that somebody forged: sound in itself, and of no word that the articles on disk do not hold."""

from __future__ import annotations

import json
import logging
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from onrecord import Assistant, Settings, build_index
from onrecord.errors import (
    IndexCorruptError,
    IndexSignatureError,
    IndexStaleError,
    OnrecordError,
    SettingsError,
)
from onrecord.faces.cli.doctor import examine
from onrecord.index.generation import newest_name, open_current
from onrecord.index.manifest import SIGNATURE, StoredFile
from onrecord.index.stamps import Origin
from onrecord.types import OnDisk, Status
from onrecord.wording.answer_text import UNCONFIRMED
from tests.corpora import PLAIN, copy_of, write_jsonl
from tests.security.forging import altered_text, forge, forge_articles

HARBOUR = "What did Ostrow say about the harbour?"
TRUE, FORGED = "a third of our grain", "not one of our grain"
assert len(TRUE) == len(FORGED)
BLINKEN = "What did Blinken say about the prospects of reviving the Iran nuclear deal?"
KEY = "a key of more than sixteen characters"


@pytest.fixture
def records(plain_index, tmp_path) -> Settings:
    """A corpus of records and its index, to be changed."""
    return copy_of(plain_index, tmp_path)


@pytest.fixture
def files(built_index, tmp_path) -> Settings:
    """A corpus of text files and its index, to be changed."""
    return copy_of(built_index, tmp_path)


def told(settings: Settings, question: str) -> str:
    """Give all that is said to a question, quotations and error alike."""
    try:
        with Assistant.open(settings) as assistant:
            answer = assistant.ask(question)
    except OnrecordError as error:
        return str(error)
    return json.dumps(
        [answer.text, answer.notice, [quote.text for quote in (*answer.ranked, *answer.nearest)]]
    )


def row(settings: Settings, check: str):
    return next(row for row in examine(settings) if row.check == check)


# the repro


@pytest.mark.parametrize("hashed", [True, False])
def test_forged_words_are_never_quoted(records, hashed):
    forge_articles(records.index, altered_text(TRUE, FORGED, hashed=hashed))
    assert FORGED not in told(records, HARBOUR)
    assert "Not in this corpus" not in told(records, HARBOUR)


@pytest.mark.parametrize("hashed", [True, False])
def test_forged_words_of_a_file_are_never_quoted(files, hashed):
    with Assistant.open(files) as assistant:
        quote = assistant.ask(BLINKEN).quotes[0]
    word = max(quote.text.split(), key=len)
    forged = quote.text.replace(word, "X" * len(word))
    forge_articles(files.index, altered_text(quote.text, forged, hashed=hashed))
    assert "X" * len(word) not in told(files, BLINKEN)


def test_an_article_whose_hash_is_not_that_of_its_text_is_damage(records):
    forge_articles(records.index, altered_text(TRUE, FORGED, hashed=False))
    with Assistant.open(records) as assistant:
        for ask in (assistant.ask, assistant.search, assistant.verify):
            with pytest.raises(IndexCorruptError, match="harbour"):
                ask(HARBOUR)
        with pytest.raises(IndexCorruptError, match="harbour"):
            assistant.article("harbour")


def test_a_forged_quotation_is_outdated_to_verify_and_the_true_one_is_not_found(records):
    forge_articles(records.index, altered_text(TRUE, FORGED))
    with Assistant.open(records) as assistant:
        [forged] = assistant.verify(f"“This harbour will carry {FORGED} by next spring,” Ostrow said.")
        assert (forged.ok, forged.status, forged.source) == (False, Status.OUTDATED, None)
        assert "harbour" in forged.note
        [true] = assistant.verify(f"“This harbour will carry {TRUE} by next spring,” Ostrow said.")
        assert not true.ok
        assert FORGED not in json.dumps(true.to_dict())


def test_forged_words_are_in_no_hit_no_statement_and_no_suggestion(records):
    from onrecord.assistant.suggest import examples

    forge_articles(records.index, altered_text(TRUE, FORGED))
    with Assistant.open(records) as assistant:
        assert all(FORGED not in hit.text for hit in assistant.search("harbour grain", limit=50))
        assert all(FORGED not in one.quote.text for one in assistant.quotes())
        assert all("grain" not in question for question in examples(assistant))
        assert assistant.on_disk(assistant.article("harbour")) is OnDisk.CHANGED
        with pytest.raises(IndexStaleError, match="harbour"):
            assistant.quotes(speaker="Ada Ostrow")


def test_doctor_says_that_the_index_is_of_another_corpus_and_a_build_heals_it(records):
    forge_articles(records.index, altered_text(TRUE, FORGED))
    assert not row(records, "in step").ok
    assert "harbour in corpus.jsonl differs" in row(records, "in step").state
    report = build_index(records)
    assert (report.changed, report.embedded) == (True, len(PLAIN)), (
        "what a forger had in hand is not taken over"
    )
    assert row(records, "in step").ok
    assert TRUE in told(records, HARBOUR)


def test_a_forged_title_is_found_by_doctor(records):
    forge_articles(
        records.index, lambda database: database.execute("UPDATE article SET title = 'Other' WHERE row = 0")
    )
    assert "harbour" in row(records, "in step").state


# a forged place


@pytest.mark.parametrize(
    "place",
    ["../secret.txt", "{absolute}", ".secret.txt", "sub/../../secret.txt", "README.md", "secret.dat", ""],
)
def test_a_file_that_is_none_of_the_corpus_is_never_opened(files, tmp_path, place, monkeypatch):
    with Assistant.open(files) as assistant:
        article = assistant.article(assistant.ask(BLINKEN).quotes[0].article_id)
    secrets = ["../secret.txt", ".secret.txt", "README.md", "secret.dat"]
    for name in secrets:
        shutil.copyfile(files.corpus / article.file, files.corpus / name)
    forged = place.format(absolute=tmp_path / "secret.txt")
    forge_articles(
        files.index,
        lambda database: database.execute("UPDATE article SET file = ? WHERE id = ?", (forged, article.id)),
    )
    with Assistant.open(files) as assistant:
        held = assistant.article(article.id)
        assert assistant.on_disk(held) is OnDisk.GONE
        try:
            assert all(quote.article_id != article.id for quote in assistant.ask(BLINKEN).ranked)
        except IndexStaleError as error:
            assert "deleted, or taken out of the corpus" in error.message  # noqa: PT017


def test_a_record_under_the_name_of_another_is_gone(records):
    forge_articles(
        records.index,
        lambda database: database.execute("UPDATE article SET id = 'quay' WHERE id = 'harbour'"),
    )
    with Assistant.open(records) as assistant, pytest.raises(IndexStaleError, match="quay"):
        assistant.ask(HARBOUR)


@pytest.mark.parametrize("table", ["sentences", "passages", "statements"])
@pytest.mark.parametrize(("column", "value"), [("end", 1_000_000), ("start", -5)])
def test_places_outside_of_a_text_are_damage(records, table, column, value):
    def change(folder):
        path = folder / f"{table}.npy"
        array = np.load(path).copy()
        array[column][0] = value
        path.unlink()
        np.save(path, array)

    forge(records.index, change)
    with Assistant.open(records) as assistant, pytest.raises(IndexCorruptError, match="harbour"):
        assistant.ask(HARBOUR)


# where there is nothing to compare with


def test_without_the_corpus_an_answer_says_that_it_is_unconfirmed(records):
    forge_articles(records.index, altered_text(TRUE, FORGED))
    records.corpus.unlink()
    with Assistant.open(records) as assistant:
        answer = assistant.ask(HARBOUR)
        assert FORGED in answer.quotes[0].text
        assert answer.quotes[0].on_disk is OnDisk.UNKNOWN
        assert answer.notice == UNCONFIRMED
        [verdict] = assistant.verify(f"“This harbour will carry {FORGED} by next spring,” Ostrow said.")
        assert verdict.ok
        assert verdict.note == "unconfirmed: the corpus is not here, or cannot be read; the index says so"


# origin


def test_an_index_built_here_is_known_and_one_from_elsewhere_is_named_once(tmp_path, plain_index, caplog):
    mine = copy_of(plain_index, tmp_path)
    shutil.rmtree(mine.index)
    with caplog.at_level(logging.WARNING, logger="onrecord.index"):
        build_index(mine)
        with Assistant.open(mine) as assistant:
            assert assistant.info().origin == Origin.BUILT_HERE
        assert row(mine, "origin").state == Origin.BUILT_HERE.told
        assert "says a note beside the index" in Origin.BUILT_HERE.told
        assert not caplog.records
        elsewhere = mine.model_copy(update={"index": tmp_path / "elsewhere"})
        shutil.copytree(mine.index, elsewhere.index)
        for _ in range(2):
            with Assistant.open(elsewhere) as assistant:
                assert assistant.info().origin == Origin.UNKNOWN
    assert [record.getMessage() for record in caplog.records] == [
        f"The index in {elsewhere.index} was not built here, or was touched since: "
        "its answers are only as good as where it comes from."
    ]
    assert row(elsewhere, "origin").ok
    assert row(elsewhere, "origin").state == Origin.UNKNOWN.told


def test_an_index_of_an_earlier_version_is_said_to_be_one_perhaps(records):
    """Its note told neither of the build nor of the time of change."""
    folder = records.index / (newest_name(records.index) or "")
    note = records.index / ".stamps" / f"{folder.name}.json"
    seen = json.loads(note.read_bytes().partition(b"\n")[0])["seen"] if note.exists() else {}
    note.parent.mkdir(exist_ok=True)
    note.unlink(missing_ok=True)  # it may be linked to from elsewhere
    note.write_text(json.dumps({name: of[:3] for name, of in seen.items()}))
    assert "built by an earlier onrecord" in row(records, "origin").state


# signatures


def signed(settings: Settings, key: str | None = KEY) -> Settings:
    return Settings.load(corpus=settings.corpus, index=settings.index, signing_key=key)


@pytest.fixture
def signed_records(plain_index, tmp_path) -> Settings:
    """An index that was built with a key."""
    mine = signed(copy_of(plain_index, tmp_path))
    write_jsonl(mine.corpus, PLAIN[:2])
    assert build_index(mine).changed
    return mine


def test_a_signed_index_opens_with_its_key_and_without_one(signed_records):
    assert FORGED not in told(signed_records, HARBOUR)
    with Assistant.open(signed_records) as assistant:
        assert assistant.info().origin == Origin.SIGNED
    assert row(signed_records, "origin").state == "signed with the key that is set"
    assert TRUE in told(signed(signed_records, key=None), HARBOUR)


def test_a_forged_index_a_missing_signature_and_another_key_are_refused(signed_records):
    folder = signed_records.index / (newest_name(signed_records.index) or "")
    with pytest.raises(IndexSignatureError, match="another key"):
        Assistant.open(signed(signed_records, key="another key of sixteen characters"))
    signature = (folder / SIGNATURE).read_bytes()
    for wrong in (b"", b"0" * 64 + b"\n", signature[:-2], b"\xff" * 65):
        (folder / SIGNATURE).write_bytes(wrong)
        with pytest.raises(IndexSignatureError, match="Run `onrecord index` with this key"):
            Assistant.open(signed_records)
    (folder / SIGNATURE).write_bytes(signature)
    forge_articles(signed_records.index, altered_text(TRUE, FORGED))
    with pytest.raises(IndexSignatureError, match="was changed since"):
        open_current(signed_records.index, key=signed_records.signing)
    assert not row(signed_records, "index files").ok
    (signed_records.index / (newest_name(signed_records.index) or "") / SIGNATURE).unlink()
    with pytest.raises(IndexSignatureError, match="is not signed"):
        Assistant.open(signed_records)


def test_nothing_is_taken_over_from_an_index_that_is_not_signed(records):
    write_jsonl(records.corpus, PLAIN[:3])
    report = build_index(signed(records))
    assert (report.changed, report.embedded) == (True, 3)
    assert build_index(signed(records)).changed is False


def test_nothing_is_taken_over_from_what_an_interrupted_build_left_unsigned(records, monkeypatch):
    from onrecord.errors import IndexWriteError
    from onrecord.index import build as ingest

    def full(*_: object) -> None:
        raise IndexWriteError("full")

    mine = signed(records)
    with monkeypatch.context() as patch:
        patch.setattr(ingest, "write_shelf", full)
        with pytest.raises(IndexWriteError):
            build_index(mine, save_every=1)
    shards = list((mine.index / ".resume").glob("shard-*"))
    assert shards
    (shards[0] / SIGNATURE).unlink()
    left = len(shards) - 1
    report = build_index(mine)
    assert report.embedded == len(PLAIN) - left


def test_an_older_signed_generation_may_be_put_back(signed_records):
    older = newest_name(signed_records.index)
    write_jsonl(signed_records.corpus, PLAIN[:3])
    build_index(signed_records)
    (signed_records.index / "current").write_text(f"{older}\n")
    assert open_current(signed_records.index, key=signed_records.signing).name == older


def overwritten(folder: Path, name: str, content: bytes | None = None) -> None:
    """Change a byte of a file in place, or put other content there, and set the time of it back."""
    path = folder / name
    before = path.stat()
    new = bytearray(content or path.read_bytes())
    if content is None:
        new[len(new) // 2] ^= 1
    with path.open("r+b") as stream:
        stream.write(new)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def restamped(folder: Path) -> None:
    """Write into the note beside an index what its files are like now."""
    note = folder.parent / ".stamps" / f"{folder.name}.json"
    content, _, seal = note.read_bytes().partition(b"\n")
    told = json.loads(content)
    for name, of in told["seen"].items():
        found = (folder / name).stat()
        now = [found.st_size, found.st_mtime_ns, found.st_ino, found.st_ctime_ns]
        told["seen"][name] = now[: len(of)]
    note.write_bytes(json.dumps(told).encode() + b"\n" + seal)


@pytest.mark.parametrize("noted", ["as it was", "written anew", "gone"])
def test_a_file_of_a_signed_index_that_is_written_over_in_place_is_damage(signed_records, noted):
    with Assistant.open(signed_records):
        folder = signed_records.index / (newest_name(signed_records.index) or "")
    overwritten(folder, "articles.sqlite")
    if noted == "written anew":
        restamped(folder)
    if noted == "gone":
        shutil.rmtree(folder.parent / ".stamps")
    with pytest.raises(IndexCorruptError, match=r"articles\.sqlite is damaged"):
        Assistant.open(signed_records)


def test_the_note_of_another_generation_does_not_count(signed_records):
    from onrecord.index.stamps import keep_stamp, last_stamp

    key, folder = signed_records.signing, signed_records.index / (newest_name(signed_records.index) or "")
    other = folder.with_name("gen-000009-00000000")
    keep_stamp(other, {}, built=True, key=key)
    notes = folder.parent / ".stamps"
    shutil.copyfile(notes / f"{other.name}.json", notes / f"{folder.name}.json")
    assert last_stamp(other, key=key) is not None
    assert last_stamp(folder, key=key) is None
    assert last_stamp(other, key=b"another key") is None


def test_a_file_written_over_in_place_is_noticed_without_a_key_too(records):
    shutil.rmtree(records.index)  # its files are linked to those of the other tests
    build_index(records)
    with Assistant.open(records):
        folder = records.index / (newest_name(records.index) or "")
    overwritten(folder, "articles.sqlite")
    with pytest.raises(IndexCorruptError, match=r"articles\.sqlite is damaged"):
        Assistant.open(records)


@pytest.mark.parametrize("name", ["articles.sqlite-wal", "chroma/chroma.sqlite3-wal", "more.npy"])
def test_a_file_that_was_put_beside_those_of_a_signed_index_is_refused(signed_records, name):
    folder = signed_records.index / (newest_name(signed_records.index) or "")
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"x")
    with pytest.raises(IndexCorruptError, match="is no part of the index"):
        Assistant.open(signed_records)


def test_a_file_that_got_a_link_alone_is_hashed_again_and_the_index_stays_built_here(
    tmp_path, plain_index, caplog, monkeypatch
):
    mine = copy_of(plain_index, tmp_path)
    shutil.rmtree(mine.index)
    build_index(mine)
    hashed: list[str] = []
    real = StoredFile.measure.__func__

    def measured(cls, path: Path) -> StoredFile:
        hashed.append(path.name)
        return real(cls, path)

    monkeypatch.setattr(StoredFile, "measure", classmethod(measured))
    generation = open_current(mine.index)
    hashed.clear()
    assert open_current(mine.index).origin is Origin.BUILT_HERE
    assert not hashed, "what is as it was is only looked at"
    (tmp_path / "link").hardlink_to(generation.path / "articles.sqlite")
    for expected in (["articles.sqlite"], []):
        hashed.clear()
        assert open_current(mine.index).origin is Origin.BUILT_HERE
        assert hashed == expected
    assert not caplog.records


def test_a_key_from_a_file_that_ends_in_a_line_feed_is_the_same_key(signed_records):
    assert signed(signed_records, key=f"{KEY}\n").signing == signed_records.signing
    with Assistant.open(signed(signed_records, key=f" {KEY}\n")) as assistant:
        assert assistant.info().origin == Origin.SIGNED


@pytest.mark.parametrize("key", ["", "short", " " * 20, "fifteen letters"])
def test_a_short_key_is_refused_without_being_told(key):
    with pytest.raises(SettingsError, match="signing_key") as caught:
        Settings.load(signing_key=key)
    assert key.strip() == "" or key not in str(caught.value)
    assert KEY not in repr(Settings.load(signing_key=KEY))
