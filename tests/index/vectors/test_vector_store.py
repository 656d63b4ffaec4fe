"""The seam: whatever keeps to the Protocol can take Chroma's place."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from onrecord.errors import IndexCorruptError
from onrecord.index.vectors.check import check_vectors
from onrecord.index.vectors.chroma import Chroma
from onrecord.index.vectors.search import Vectors, write_vectors
from onrecord.index.vectors.vector_store import VectorStore


class Plain:
    """A store of two files, searched from end to end."""

    name = "plain"

    def __init__(self, *, forgets: int = 0) -> None:
        self._forgets = forgets
        self.calls: list[str] = []

    def create(self, folder, ids, vectors):
        self.calls.append("create")
        folder.mkdir()
        kept = slice(0, len(ids) - self._forgets)
        (folder / "ids.json").write_text(json.dumps(list(ids[kept])))
        np.save(folder / "vectors.npy", vectors[kept])

    def update(self, folder, source, *, gone, ids, vectors):
        old = PlainNeighbours(source)
        keep = [row for row, name in enumerate(old.names) if name not in set(gone)]
        names = [old.names[row] for row in keep] + list(ids)
        self.create(folder, names, np.concatenate([old.vectors[keep], vectors]))
        self.calls[-1] = "update"

    def size(self, folder):
        return len(json.loads((folder / "ids.json").read_text()))

    def open(self, folder):
        self.calls.append("open")
        return PlainNeighbours(folder)


class PlainNeighbours:
    def __init__(self, folder) -> None:
        self.names = json.loads((folder / "ids.json").read_text())
        self.vectors = np.load(folder / "vectors.npy")

    def nearest(self, queries, k):
        return [[self.names[row] for row in np.argsort(-scores)[:k]] for scores in queries @ self.vectors.T]

    def ids(self):
        return list(self.names)

    def close(self):
        pass


def unit(n: int, *, seed: int = 0, d: int = 16) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


NAMES = [f"a:{number}" for number in range(60)]


@pytest.fixture(params=[Plain, Chroma], ids=["plain", "chroma"])
def store(request) -> VectorStore:
    return request.param()


def test_every_store_finds_what_exact_search_finds(store, tmp_path):
    vectors = unit(60)
    write_vectors(tmp_path, NAMES, vectors, store=store)
    assert (tmp_path / store.name).is_dir()
    assert check_vectors(tmp_path, store) == 1.0
    exact = Vectors.open(tmp_path, ids=NAMES, exact_below=60, store=store)
    near = Vectors.open(tmp_path, ids=NAMES, exact_below=0, store=store)
    for query in unit(5, seed=1):
        for one, other in zip(exact.search(query, 7), near.search(query, 7), strict=True):
            assert (one == other).all()
    near.close()


def test_every_store_is_built_from_an_older_one_where_little_changed(store, tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    write_vectors(old, NAMES, unit(60), store=store)
    names, vectors = [*NAMES[2:], "b:0"], np.concatenate([unit(60)[2:], unit(1, seed=9)])
    write_vectors(new, names, vectors, store=store, previous=(old, NAMES))
    assert store.size(new / store.name) >= len(names)
    opened = store.open(new / store.name)
    assert sorted(opened.ids()) == sorted(names)
    assert opened.nearest(vectors[-1:], 1) == [["b:0"]]
    opened.close()


def test_a_store_is_asked_in_place_of_chroma_and_chroma_is_not(tmp_path):
    plain = Plain()
    write_vectors(tmp_path, NAMES, unit(60), store=plain)
    Vectors.open(tmp_path, ids=NAMES, exact_below=0, store=plain).search(unit(1)[0], 3)
    assert plain.calls == ["create", "open"]
    assert not (tmp_path / "chroma").exists()


def test_a_store_that_forgets_is_found_out(tmp_path):
    forgetful = Plain(forgets=1)
    write_vectors(tmp_path, NAMES, unit(60), store=forgetful)
    with pytest.raises(IndexCorruptError, match="does not hold the passages"):
        check_vectors(tmp_path, forgetful)
    shutil.rmtree(tmp_path / "plain")
    with pytest.raises((OSError, IndexCorruptError)):
        check_vectors(tmp_path, forgetful)
