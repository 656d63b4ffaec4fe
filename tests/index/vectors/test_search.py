"""Vectors: exact search is brute force, Chroma agrees with it, and a generation is only ever read."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import chromadb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onrecord.errors import IndexCorruptError, IndexWriteError
from onrecord.index.vectors.arrays import load_vectors
from onrecord.index.vectors.check import check_in_fresh_process, check_vectors
from onrecord.index.vectors.chroma import Chroma
from onrecord.index.vectors.private_copy import PrivateCopy
from onrecord.index.vectors.search import Vectors, write_vectors

CHROMA = Chroma()

D = 16
ALWAYS, NEVER = 10**9, 0


def unit(n: int, *, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(n, D))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def names(n: int) -> list[str]:
    return [f"a:{row}" for row in range(n)]


def written(folder: Path, vectors: np.ndarray, ids: list[str] | None = None, **options) -> Path:
    folder.mkdir()
    write_vectors(folder, ids or names(len(vectors)), vectors, store=CHROMA, **options)
    return folder


def brute_force(vectors: np.ndarray, query: np.ndarray, k: int, mask: np.ndarray | None = None) -> list[int]:
    scores = (vectors.astype(np.float64) @ query.astype(np.float64)).astype(np.float32)
    allowed = range(len(vectors)) if mask is None else np.flatnonzero(mask).tolist()
    return sorted(allowed, key=lambda row: (-scores[row], row))[:k]


@pytest.fixture(scope="module")
def stored(tmp_path_factory) -> Path:
    """400 vectors, of which rows 100 to 149 are one vector and rows 200 to 209 nearly another."""
    vectors = unit(400)
    vectors[100:150] = vectors[100]
    vectors[200:210] = vectors[200] + 1e-6 * unit(10, seed=1)
    return written(tmp_path_factory.mktemp("vectors") / "stored", vectors)


@pytest.fixture(scope="module", params=[ALWAYS, NEVER], ids=["exact", "chroma"])
def opened(request, stored):
    vectors = Vectors.open(stored, ids=names(400), exact_below=request.param, store=CHROMA)
    yield vectors
    vectors.close()


@given(seed=st.integers(0, 10**6), k=st.integers(0, 12))
def test_search_is_brute_force(opened, stored, seed, k):
    query = unit(1, seed=seed)[0]
    rows, scores = opened.search(query, k)
    assert rows.tolist() == brute_force(load_vectors(stored), query, k)
    assert rows.dtype == np.int64
    assert scores.dtype == np.float32
    assert np.allclose(scores, load_vectors(stored)[rows] @ query, atol=1e-6)


@given(seed=st.integers(0, 10**6), k=st.integers(0, 500), share=st.floats(0, 1))
def test_search_under_a_mask_is_brute_force(opened, stored, seed, k, share):
    query = unit(1, seed=seed)[0]
    mask = np.random.default_rng(seed).random(400) < share
    rows, _ = opened.search(query, k, mask=mask)
    assert rows.tolist() == brute_force(load_vectors(stored), query, k, mask)


def test_equals_come_in_the_order_of_rows(opened, stored):
    rows, scores = opened.search(load_vectors(stored)[120], 50)
    assert rows.tolist() == list(range(100, 150))
    assert len(set(scores.tolist())) == 1


def test_rows_are_read_as_a_copy(opened, stored):
    rows = opened.rows([3, 1])
    assert np.array_equal(rows, load_vectors(stored)[[3, 1]])
    rows[:] = 0
    assert len(opened) == 400
    assert np.array_equal(opened.rows([3]), load_vectors(stored)[[3]])


def test_many_threads_search_at_once(opened, stored):
    queries = unit(64, seed=5)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda query: opened.search(query, 5)[0].tolist(), queries))
    assert found == [brute_force(load_vectors(stored), query, 5) for query in queries]


def test_ids_are_only_asked_for_when_chroma_needs_them(stored):
    asked = []

    def ids() -> list[str]:
        asked.append(True)
        return names(400)

    exact = Vectors.open(stored, ids=ids, exact_below=ALWAYS, store=CHROMA)
    exact.search(unit(1)[0], 3)
    assert not asked
    graph = Vectors.open(stored, ids=ids, exact_below=NEVER, store=CHROMA)
    assert graph.search(unit(1)[0], 1)[0].tolist() == [0]
    assert asked == [True]
    graph.close()


@pytest.mark.parametrize("n", [0, 1, 2, 9])
def test_few_vectors(tmp_path, n):
    folder = written(tmp_path / "few", unit(n))
    assert check_vectors(folder, CHROMA) == 1.0
    for exact_below in (ALWAYS, NEVER):
        vectors = Vectors.open(folder, ids=names(n), exact_below=exact_below, store=CHROMA)
        assert vectors.search(unit(1, seed=3)[0], 5)[0].tolist() == brute_force(
            unit(n), unit(1, seed=3)[0], 5
        )
        vectors.close()


def test_what_does_not_fit_is_refused(tmp_path, stored):
    with pytest.raises(ValueError, match="3 ids"):
        write_vectors(tmp_path, names(3), unit(4), store=CHROMA)
    with pytest.raises(ValueError, match="1 different"):
        write_vectors(tmp_path, ["a:0", "a:0"], unit(2), store=CHROMA)
    with pytest.raises(IndexCorruptError, match=r"passage_vectors\.npy"):
        Vectors.open(stored, ids=names(399), exact_below=ALWAYS, store=CHROMA)


def test_vectors_that_are_mapped_from_the_folder_itself(tmp_path):
    np.save(tmp_path / "passage_vectors.npy", unit(50))
    mapped = np.load(tmp_path / "passage_vectors.npy", mmap_mode="r")
    write_vectors(tmp_path, names(50), mapped, store=CHROMA)
    assert np.array_equal(load_vectors(tmp_path, n=50), unit(50))


def test_other_vectors_replace_those_of_the_folder(tmp_path):
    folder = written(tmp_path / "vectors", unit(50))
    mapped = load_vectors(folder)
    write_vectors(folder, names(40), unit(40, seed=1), store=CHROMA)
    assert np.array_equal(load_vectors(folder, n=40), unit(40, seed=1))
    assert np.array_equal(mapped, unit(50)), "who has the old file open keeps it"
    assert check_vectors(folder, CHROMA) == 1.0


def test_a_folder_without_room_is_refused_before_anything_is_written(tmp_path, monkeypatch):
    usage = type("usage", (), {"free": 1_000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with pytest.raises(IndexWriteError, match=r"need about [\d,]+ bytes, and 1,000 are free"):
        write_vectors(tmp_path, names(10), unit(10), store=CHROMA)
    assert list(tmp_path.iterdir()) == []


def test_copies_of_one_vector_hide_nothing(tmp_path):
    vectors = unit(500)
    vectors[:300] = vectors[0]
    folder = written(tmp_path / "copies", vectors)
    assert CHROMA.size(folder / "chroma") == 201
    assert check_vectors(folder, CHROMA) >= 0.99


def test_an_incremental_build_adds_and_drops(tmp_path):
    vectors, ids = unit(200), names(200)
    old = written(tmp_path / "old", vectors)
    before = {path: path.read_bytes() for path in old.rglob("*") if path.is_file()}
    ids[3] = "b:0"
    del ids[10]
    changed = np.delete(vectors, 10, axis=0)
    changed[[3, 20]] = unit(2, seed=9)
    new = written(tmp_path / "new", changed, ids, previous=(old, names(200)))
    # 200 were there; rows 3 and 20 were added, the three that they and row 10 leave behind are dead.
    assert CHROMA.size(new / "chroma") == 202
    assert check_vectors(new, CHROMA) >= 0.99
    opened = Vectors.open(new, ids=ids, exact_below=NEVER, store=CHROMA)
    assert opened.search(changed[20], 1)[0].tolist() == [20]
    assert opened.search(vectors[20], 1)[0].tolist() == brute_force(changed, vectors[20], 1)
    opened.close()
    assert {path: path.read_bytes() for path in old.rglob("*") if path.is_file()} == before


def test_an_incremental_build_keeps_a_vector_whose_first_passage_goes(tmp_path):
    vectors = unit(100)
    vectors[40] = vectors[2]
    old = written(tmp_path / "old", vectors)
    ids = names(100)
    del ids[2]
    new = written(tmp_path / "new", np.delete(vectors, 2, axis=0), ids, previous=(old, names(100)))
    assert check_vectors(new, CHROMA) >= 0.99
    opened = Vectors.open(new, ids=ids, exact_below=NEVER, store=CHROMA)
    assert opened.search(vectors[2], 1)[0].tolist() == [ids.index("a:40")]
    opened.close()


@pytest.mark.parametrize("broken", ["passage_vectors.npy", "passage_same.npy"])
def test_an_old_folder_that_cannot_be_read_is_built_anew(tmp_path, broken):
    old = written(tmp_path / "old", unit(50))
    (old / broken).write_bytes(b"")
    new = written(tmp_path / "new", unit(50), previous=(old, names(50)))
    assert check_vectors(new, CHROMA) == 1.0


def test_many_changes_are_built_anew(tmp_path):
    old = written(tmp_path / "old", unit(100))
    vectors = np.concatenate([unit(100)[:70], unit(30, seed=4)])
    new = written(
        tmp_path / "new", vectors, [*names(70), *(f"b:{n}" for n in range(30))], previous=(old, names(100))
    )
    assert CHROMA.size(new / "chroma") == 100


def test_dead_vectors_do_not_pile_up(tmp_path):
    vectors, ids, old = unit(100), names(100), None
    for step in range(5):
        folder = written(tmp_path / str(step), vectors, ids, previous=old)
        assert CHROMA.size(folder / "chroma") <= 120
        old = (folder, list(ids))
        ids = [*ids[5:], *(f"{step}:{n}" for n in range(5))]
        vectors = np.concatenate([vectors[5:], unit(5, seed=100 + step)])
    assert check_vectors(folder, CHROMA) >= 0.99


@pytest.mark.slow
@settings(max_examples=10)
@given(data=st.data())
def test_after_any_changes_nothing_is_lost_and_nothing_haunts(tmp_path_factory, data):
    root = tmp_path_factory.mktemp("changes")
    model: dict[str, np.ndarray] = {f"a:{row}": vector for row, vector in enumerate(unit(60))}
    old = None
    for step in range(data.draw(st.integers(1, 3))):
        for gone in data.draw(st.lists(st.sampled_from(sorted(model)), max_size=6, unique=True)):
            del model[gone]
        fresh = unit(data.draw(st.integers(0, 6)), seed=data.draw(st.integers(1, 99)))
        model |= {f"{step}:{row}": vector for row, vector in enumerate(fresh)}
        folder = written(root / str(step), np.array(list(model.values())), list(model), previous=old)
        old = (folder, list(model))
        assert check_vectors(folder, CHROMA) >= 0.99
        opened = Vectors.open(folder, ids=list(model), exact_below=NEVER, store=CHROMA)
        query = unit(1, seed=step + 1000)[0]
        assert opened.search(query, 10)[0].tolist() == brute_force(np.array(list(model.values())), query, 10)
        opened.close()


def test_searching_never_writes_to_the_generation(stored):
    files = [path for path in stored.rglob("*") if path.is_file()]
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino) for path in files}
    vectors = Vectors.open(stored, ids=names(400), exact_below=NEVER, store=CHROMA)
    for query in unit(200, seed=2):
        vectors.search(query, 20)
    linked = [path for path in files if path.stat().st_nlink > 1]
    # The claim is about files that the copy shares: between two file systems it shares none.
    same_disk = stored.stat().st_dev == Path(tempfile.gettempdir()).stat().st_dev
    assert {path.suffix for path in linked} == ({".bin", ".pickle"} if same_disk else set())
    vectors.close()
    assert {
        path: (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino) for path in files
    } == before
    assert sorted(path for path in stored.rglob("*") if path.is_file()) == sorted(files)


@pytest.fixture
def temporary(tmp_path, monkeypatch) -> Path:
    """Let private copies be made in a folder of the test's own."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize("end", ["close", "drop"])
def test_the_private_copy_goes_with_the_vectors(stored, temporary, end):
    vectors = Vectors.open(stored, ids=names(400), exact_below=NEVER, store=CHROMA)
    vectors.search(unit(1)[0], 1)
    assert len(list(temporary.iterdir())) == 1
    if end == "close":
        vectors.close()
        vectors.close()
    else:
        del vectors
    assert list(temporary.iterdir()) == []


def test_exact_search_makes_no_copy(stored, temporary):
    Vectors.open(stored, ids=names(400), exact_below=400, store=CHROMA).search(unit(1)[0], 1)
    assert list(temporary.iterdir()) == []


def test_a_search_that_outlives_close_is_answered_exactly(stored):
    vectors = Vectors.open(stored, ids=names(400), exact_below=NEVER, store=CHROMA)
    vectors.close()
    assert vectors.search(unit(1)[0], 1)[0].tolist() == [0]


def test_closing_while_others_search(stored):
    vectors = Vectors.open(stored, ids=names(400), exact_below=NEVER, store=CHROMA)
    truth, started = load_vectors(stored), threading.Barrier(5, timeout=20)

    def search(seed):
        started.wait()
        queries = unit(40, seed=seed)
        return all(vectors.search(query, 3)[0].tolist() == brute_force(truth, query, 3) for query in queries)

    with ThreadPoolExecutor(4) as pool:
        found = [pool.submit(search, seed) for seed in range(4)]
        started.wait()
        vectors.close()
        assert all(future.result(timeout=20) for future in found)


def test_the_copy_of_a_killed_process_is_swept_and_that_of_a_live_one_is_not(stored, temporary):
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from onrecord.index.vectors.private_copy import PrivateCopy\n"
        "PrivateCopy.of(Path(sys.argv[1]), parent=Path(sys.argv[2])); os.kill(os.getpid(), signal.SIGKILL)"
    )
    chroma = str(stored / "chroma")
    ended = subprocess.run([sys.executable, "-c", script, chroma, str(temporary)])
    assert ended.returncode == -signal.SIGKILL
    assert len(list(temporary.iterdir())) == 1
    first = PrivateCopy.of(stored / "chroma")
    second = PrivateCopy.of(stored / "chroma")
    assert sorted(temporary.iterdir()) == sorted([first.path, second.path])
    first.close()
    second.close()
    assert list(temporary.iterdir()) == []


def test_a_temporary_folder_that_cannot_be_used_is_named(stored, temporary):
    temporary.rmdir()
    with pytest.raises(IndexWriteError, match="TMPDIR") as caught:
        Vectors.open(stored, ids=names(400), exact_below=NEVER, store=CHROMA)
    assert str(temporary) in caught.value.message


def test_a_missing_collection_is_named(tmp_path):
    folder = written(tmp_path / "vectors", unit(20))
    (folder / "chroma" / "chroma.sqlite3").unlink()
    with pytest.raises(IndexCorruptError, match=r"chroma\.sqlite3 is missing"):
        Vectors.open(folder, ids=names(20), exact_below=NEVER, store=CHROMA)


def _tamper(folder: Path, act) -> None:
    with chromadb.PersistentClient(
        str(folder / "chroma"), settings=chromadb.Settings(anonymized_telemetry=False)
    ) as client:
        act(client.get_collection("passages", embedding_function=None))


@pytest.mark.parametrize(
    "act",
    [
        lambda collection: collection.delete(ids=["a:7"]),
        lambda collection: collection.add(ids=["ghost"], embeddings=unit(1, seed=8)),
        lambda collection: collection.update(ids=names(40), embeddings=unit(40, seed=8)),
    ],
    ids=["lost", "ghost", "moved"],
)
def test_the_check_finds_a_collection_that_differs_from_the_array(tmp_path, act):
    folder = written(tmp_path / "vectors", unit(100))
    assert check_vectors(folder, CHROMA) == 1.0
    _tamper(folder, act)
    with pytest.raises(IndexCorruptError, match="chroma"):
        check_vectors(folder, CHROMA)


def test_a_passage_that_is_not_of_the_index_is_not_shown(tmp_path):
    folder = written(tmp_path / "vectors", unit(20))
    _tamper(folder, lambda collection: collection.add(ids=["ghost"], embeddings=unit(1, seed=8)))
    vectors = Vectors.open(folder, ids=names(20), exact_below=NEVER, store=CHROMA)
    with pytest.raises(IndexCorruptError, match="ghost"):
        vectors.search(unit(1, seed=8)[0], 1)
    vectors.close()


@pytest.mark.slow
def test_the_fresh_process_reports_what_it_finds(tmp_path):
    folder = written(tmp_path / "vectors", unit(100))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert check_in_fresh_process(folder) == 1.0
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    with pytest.raises(IndexCorruptError, match="seconds"):
        check_in_fresh_process(folder, seconds=0.01)
    _tamper(folder, lambda collection: collection.delete(ids=["a:7"]))
    with pytest.raises(IndexCorruptError, match="does not hold the passages it should"):
        check_in_fresh_process(folder)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "kind"),
    [
        *(
            (file, kind)
            for file in ("data_level0.bin", "index_metadata.pickle")
            for kind in ("halved", "scrambled")
        ),
        ("header.bin", "scrambled"),
        ("chroma.sqlite3", "halved"),
        ("chroma.sqlite3", "scrambled"),
        ("chroma.sqlite3", "missing"),
    ],
)
def test_damage_that_reaches_chroma_ends_in_our_error(tmp_path, file, kind):
    """Whatever happens in there, a panic or a segmentation fault, comes out as one of our errors."""
    folder = written(tmp_path / "vectors", unit(300))
    (path,) = (folder / "chroma").rglob(file)
    content = path.read_bytes()
    if kind == "missing":
        path.unlink()
    elif kind == "halved":
        path.write_bytes(content[: len(content) // 2])
    else:
        path.write_bytes(bytes(byte ^ 0x5A for byte in content))
    with pytest.raises(IndexCorruptError):
        check_in_fresh_process(folder)


def test_a_panic_of_the_library_is_our_error(stored):
    class PanicException(BaseException):
        """As pyo3 raises it."""

    neighbours = CHROMA.open(stored / "chroma")

    class Panicking:
        def query(self, **_):
            raise PanicException("index out of bounds")

    neighbours._collection = Panicking()
    with pytest.raises(IndexCorruptError, match="index out of bounds"):
        neighbours.nearest(unit(1), 1)
    neighbours.close()
