"""The store: what is written is what is read, and a part can be carried from one store to another."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.errors import IndexCorruptError
from onrecord.index.columns.statements import StatementRows
from onrecord.index.columns.store import KINDS, MODES, VECTORS, Part, Store, passage_vectors, write_store
from onrecord.types import Mode, SpeakerKind, Statement

DIMENSION = 3
offsets = st.integers(0, 2**31 - 1)
maybe = st.none() | offsets
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


spoken = st.builds(
    Statement,
    speaker=names, cue=names, mode=st.sampled_from(Mode), start=offsets, end=offsets,
    said_on=st.none() | names.filter(bool), said_on_basis=st.none() | names.filter(bool),
    content_start=maybe, content_end=maybe, speaker_start=maybe, speaker_end=maybe,
    cue_start=maybe, cue_end=maybe,
    addressee=st.none() | names.filter(bool), occasion=st.none() | names.filter(bool),
    source=st.sampled_from(SpeakerKind), certain=st.booleans(),
)  # fmt: skip
several_statements = st.lists(spoken, max_size=4)


@st.composite
def parts(draw, key: str) -> Part:
    """Draw an article of passages, of sentences, of tokens; any of them may be empty but the first."""
    sizes = draw(st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=4), min_size=1, max_size=4))
    tokens = [size for passage in sizes for size in passage]
    first = np.cumsum([0, *map(len, sizes)])
    starts = np.cumsum([0, *tokens])
    count = len(tokens)
    numbers = np.random.default_rng(draw(st.integers(0, 2**32)))
    return Part(
        key=key,
        dates=draw(st.sampled_from([(0, 0), (738_000, 738_000), (1, 3_652_059)])),
        outlet=draw(names),
        title=numbers.integers(0, 2**32, draw(st.integers(0, 3)), np.uint32),
        passages=np.stack([first[:-1] * 7, first[1:] * 7, first[:-1]], axis=1).astype(np.int32),
        sentences=np.stack(
            [
                np.arange(count) * 7,
                np.arange(count) * 7 + 5,
                starts[:-1],
                numbers.integers(0, len(KINDS), count),
                numbers.integers(0, len(MODES), count),
            ],
            axis=1,
        ).astype(np.int64),
        speakers=draw(st.lists(names, min_size=count, max_size=count)),
        tokens=numbers.integers(0, 2**32, starts[-1], np.uint32),
        flags=numbers.integers(0, 32, starts[-1], np.uint8),
        passage_vectors=numbers.normal(size=(len(sizes), DIMENSION)).astype(np.float32),
        sentence_vectors=numbers.normal(size=(count, DIMENSION)).astype(np.float16),
        statements=StatementRows.pack(draw(several_statements)),
    )


@st.composite
def several_parts(draw) -> list[Part]:
    return [draw(parts(f"key{number}")) for number in range(draw(st.integers(1, 4)))]


def write(folder, several) -> Store:
    folder.mkdir()
    write_store(folder, several)
    np.save(folder / VECTORS, passage_vectors(several))
    return Store.open(folder)


def same(one: Part, other: Part) -> bool:
    """Compare columns by value, type and shape apart where numpy widens them."""
    for field in dataclasses.fields(Part):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, StatementRows):
            assert a.unpack() == b.unpack()
        elif isinstance(a, np.ndarray):
            assert np.array_equal(a, b), field.name
        else:
            assert list(a) == list(b), field.name
    return True


@given(several=several_parts())
def test_a_part_comes_out_as_it_went_in(tmp_path_factory, several):
    folder = tmp_path_factory.mktemp("store")
    store = write(folder / "one", several)
    again = [store.part(row) for row in range(len(several))]
    assert all(same(one, other) for one, other in zip(several, again, strict=True))


@given(several=several_parts())
def test_parts_carried_over_make_the_same_files(tmp_path_factory, several):
    folder = tmp_path_factory.mktemp("store")
    store = write(folder / "one", several)
    write(folder / "two", [store.part(row) for row in range(len(several))])
    for file in sorted((folder / "one").iterdir()):
        assert file.read_bytes() == (folder / "two" / file.name).read_bytes(), file.name


@given(several=several_parts(), data=st.data())
def test_parts_can_be_carried_in_another_order_and_left_out(tmp_path_factory, several, data):
    folder = tmp_path_factory.mktemp("store")
    store = write(folder / "one", several)
    rows = data.draw(st.lists(st.sampled_from(range(len(several))), min_size=1, unique=True))
    other = write(folder / "two", [store.part(row) for row in rows])
    assert all(same(several[row], other.part(at)) for at, row in enumerate(rows))
    assert dict(other.rows) == {several[row].key: at for at, row in enumerate(rows)}


@given(statements=several_statements)
def test_statements_come_out_as_they_went_in(statements):
    assert StatementRows.pack(statements).unpack() == tuple(statements)


@given(several=several_parts())
def test_each_article_has_its_own_statements(tmp_path_factory, several):
    store = write(tmp_path_factory.mktemp("store") / "one", several)
    for row, part in enumerate(several):
        assert store.statements_of(row) == part.statements.unpack()
    assert store.articles["statement"][-1] == len(store.statements)


@given(several=several_parts())
def test_the_tables_close_with_the_ends(tmp_path_factory, several):
    store = write(tmp_path_factory.mktemp("store") / "one", several)
    passages = sum(len(part.passages) for part in several)
    sentences = sum(len(part.sentences) for part in several)
    assert store.articles["passage"][-1] == passages == len(store.passages) - 1 == len(store.passage_vectors)
    assert store.passages["sentence"][-1] == sentences == len(store.sentences) - 1
    assert store.sentences["token"][-1] == len(store.tokens) == len(store.flags)
    assert (np.diff(store.passages["article"]) >= 0).all()
    assert len(set(store.passage_ids())) == passages


@pytest.mark.parametrize("name", ["articles.npy", "sentence_vectors.npy", "names.json"])
@pytest.mark.parametrize("content", [None, b"", b"\x93NUMPY", b"[]"])
def test_a_file_that_cannot_be_read_is_named_as_such(tmp_path, name, content):
    part = Part(
        "key", (0, 0), "", *(np.zeros(shape, np.int64) for shape in (0, (1, 3), (1, 5))), [""],
        np.zeros(0), np.zeros(0), np.zeros((1, 2)), np.zeros((1, 2)),
    )  # fmt: skip
    write(tmp_path / "store", [part])
    file = tmp_path / "store" / name
    file.unlink() if content is None else file.write_bytes(content)
    with pytest.raises(IndexCorruptError, match="onrecord index --rebuild"):
        Store.open(tmp_path / "store")


def test_nothing_pickled_is_loaded(tmp_path):
    part = Part(
        "key", (0, 0), "", *(np.zeros(shape, np.int64) for shape in (0, (1, 3), (1, 5))), [""],
        np.zeros(0), np.zeros(0), np.zeros((1, 2)), np.zeros((1, 2)),
    )  # fmt: skip
    write(tmp_path / "store", [part])
    np.save(tmp_path / "store" / "flags.npy", np.array([json], object).repeat(0).astype(object))
    with pytest.raises(IndexCorruptError):
        Store.open(tmp_path / "store")
