"""Passage vectors: exact search in a memory-mapped array, approximate search in a vector store.

The array is the truth. The store only proposes rows above a size where reading
the whole array for each question would cost too much; whatever it proposes is
scored again from the array, so both ways give the same scores.
"""

from __future__ import annotations

import shutil
import threading
import weakref
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from onrecord.errors import IndexCorruptError, IndexWriteError
from onrecord.index.disk import failpoint
from onrecord.index.manifest import corrupt
from onrecord.index.vectors.arrays import Matrix, Rows, load_same, load_vectors, save_arrays
from onrecord.index.vectors.check import check_vectors
from onrecord.index.vectors.vector_store import Neighbours, VectorStore

_CHANGED = 0.2
# Reading scattered rows costs about three times as much a row as reading the array in order.
_GATHER = 0.35
_CHUNK = 1_024
# More than the rounding of a float32 product of unit vectors.
_SLACK = np.float32(1e-5)
# A store's own rounding may put the last of the best just behind others that are as near.
_SPARE = 10

Ids = Sequence[str] | Callable[[], Sequence[str]]


def write_vectors(
    folder: Path,
    ids: Sequence[str],
    vectors: Matrix,
    *,
    store: VectorStore,
    previous: tuple[Path, Sequence[str]] | None = None,
) -> None:
    """Write the array and the vector store."""
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    if vectors.ndim != 2 or len(ids) != len(vectors) or len(set(ids)) != len(ids):
        raise ValueError(f"{len(ids)} ids ({len(set(ids))} different) for vectors of shape {vectors.shape}")
    _require_room(folder, *vectors.shape)
    old = _Stored.load(*previous, store=store) if previous else None
    kept = _kept(ids, vectors, old)
    same = _representatives(vectors, kept)
    save_arrays(folder, ids, vectors, same)
    failpoint("vectors-written")
    shutil.rmtree(folder / store.name, ignore_errors=True)
    _write_graph(folder, ids, vectors, np.unique(same), store=store, old=old, kept=kept)
    failpoint("chroma-written")


def _require_room(folder: Path, n: int, d: int) -> None:
    """Refuse before writing what cannot fit: a disk that fills up leaves a store silent or broken."""
    needed = n * (2 * 4 * d + 900) + min(n, 5_000) * 5 * d + 1_000_000
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise IndexWriteError(
            f"Could not write {folder}: the vectors need about {needed:,} bytes, and {free:,} are free.",
            remedy="Make room, then run `onrecord index` again; the index in use is unchanged.",
        )


class _Stored:
    """What an older folder holds."""

    def __init__(self, folder: Path, ids: Sequence[str], store: VectorStore) -> None:
        self.folder = folder / store.name
        self._store = store
        self.vectors = load_vectors(folder, n=len(ids))
        same = load_same(folder, n=len(ids))
        self.rows = {id_: row for row, (id_, first) in enumerate(zip(ids, same, strict=True)) if row == first}

    @classmethod
    def load(cls, folder: Path, ids: Sequence[str], *, store: VectorStore) -> Self | None:
        try:
            return cls(folder, ids, store)
        except (OSError, ValueError, IndexCorruptError):
            return None

    def dead(self) -> int:
        return self._store.size(self.folder) - len(self.rows)


def _kept(ids: Sequence[str], vectors: Matrix, old: _Stored | None) -> Rows:
    """Find the rows that the old collection holds under the same id with the same vector."""
    if old is None or old.vectors.shape[1] != vectors.shape[1]:
        return np.empty(0, np.int64)
    pairs = [(row, old.rows[id_]) for row, id_ in enumerate(ids) if id_ in old.rows]
    return np.array([row for row, before in pairs if (vectors[row] == old.vectors[before]).all()], np.int64)


def _representatives(vectors: Matrix, kept: Rows) -> Rows:
    """Give each row the row that stands for all rows of its vector: a kept one, else the first."""
    first: dict[bytes, int] = {}
    for row in (*kept.tolist(), *range(len(vectors))):
        first.setdefault(vectors[row].tobytes(), row)
    return np.array([first[vector.tobytes()] for vector in vectors], np.int64)


def _write_graph(
    folder: Path,
    ids: Sequence[str],
    vectors: Matrix,
    rows: Rows,
    *,
    store: VectorStore,
    old: _Stored | None,
    kept: Rows,
) -> None:
    if old is not None and len(kept):
        names = {ids[row] for row in kept}
        gone = [id_ for id_ in old.rows if id_ not in names]
        added = np.setdiff1d(rows, kept)
        if len(gone) + len(added) + old.dead() <= _CHANGED * len(rows):
            new = [ids[row] for row in added]
            store.update(folder / store.name, old.folder, gone=gone, ids=new, vectors=vectors[added])
            if _is_sound(folder, store):
                return
            shutil.rmtree(folder / store.name)
    store.create(folder / store.name, [ids[row] for row in rows], vectors[rows])


def _is_sound(folder: Path, store: VectorStore) -> bool:
    """Say whether a graph that was mended many times still finds what it holds."""
    try:
        check_vectors(folder, store)
    except IndexCorruptError:
        return False
    return True


class Vectors:
    """Nearest passages to a question; safe for use by many threads.

    Dropping the last reference closes it as :meth:`close` does. A thread that
    still searches when another closes gets its answer by exact search.
    """

    def __init__(self, vectors: Matrix, graph: _Graph | None) -> None:
        self._vectors = vectors
        self._graph = graph
        self._finalizer = weakref.finalize(self, graph.close) if graph else None

    @classmethod
    def open(cls, folder: Path, *, ids: Ids, exact_below: int, store: VectorStore) -> Vectors:
        """Map the array, and open the store where it will be used."""
        vectors = load_vectors(folder, n=None if callable(ids) else len(ids))
        if len(vectors) <= exact_below:
            return cls(vectors, None)
        return cls(vectors, _Graph(folder / store.name, load_same(folder, n=len(vectors)), ids, store))

    def __len__(self) -> int:
        return len(self._vectors)

    def search(self, query: Matrix, k: int, *, mask: NDArray[np.bool_] | None = None) -> tuple[Rows, Matrix]:
        """Find the passages whose vectors are nearest to a query."""
        query = np.ascontiguousarray(query, dtype=np.float32)
        proposed = self._graph.propose(query, k) if self._graph is not None and mask is None else None
        if proposed is None:
            proposed = self._best(query, k, None if mask is None else np.flatnonzero(mask))
        return self._rank(proposed, query, k)

    def rows(self, rows: Sequence[int] | Rows) -> Matrix:
        """Read vectors.

        Gives a copy, shape (len(rows), d).
        """
        return self._vectors[np.asarray(rows, np.int64)]

    def close(self) -> None:
        """Close the store; may be called twice."""
        if self._finalizer is not None:
            self._finalizer()

    def _best(self, query: Matrix, k: int, rows: Rows | None) -> Rows:
        """Find at least the ``k`` best rows, and all that rounding could have put among them."""
        scores = self._scores(query, rows)
        if len(scores) > k > 0:
            limit = np.partition(scores, len(scores) - k)[len(scores) - k]
            near = np.flatnonzero(scores >= limit - _SLACK)
            return near if rows is None else rows[near]
        return np.arange(len(scores)) if rows is None else rows

    def _scores(self, query: Matrix, rows: Rows | None) -> Matrix:
        if rows is None:
            return self._vectors @ query
        if len(rows) > _GATHER * len(self._vectors):
            return (self._vectors @ query)[rows]
        chunks = (rows[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK))
        return np.concatenate([np.empty(0, np.float32), *(self._vectors[chunk] @ query for chunk in chunks)])

    def _rank(self, rows: Rows, query: Matrix, k: int) -> tuple[Rows, Matrix]:
        # Summed in one order for every row: equal vectors get equal scores, which BLAS does not promise.
        exact = np.einsum("ij,j->i", self._vectors[rows].astype(np.float64), query.astype(np.float64))
        scores = exact.astype(np.float32)
        order = np.lexsort((rows, -scores))[:k]
        return rows[order], scores[order]


class _Graph:
    """A store's proposals as rows, one search at a time."""

    def __init__(self, folder: Path, same: Rows, ids: Ids, store: VectorStore) -> None:
        # Rows in the order of their representatives, so that those of one vector stand together.
        self._order = np.argsort(same, kind="stable")
        self._same = same[self._order]
        self._ids = ids
        self._lock = threading.Lock()
        self._folder = folder
        self._neighbours: Neighbours | None = store.open(folder)

    @cached_property
    def _row(self) -> dict[str, int]:
        ids = self._ids() if callable(self._ids) else self._ids
        return {ids[row]: row for row in np.unique(self._same).tolist()}

    def propose(self, query: Matrix, k: int) -> Rows | None:
        """Give rows among which the nearest are; None once closed, or when there is nothing to find."""
        with self._lock:
            if self._neighbours is None or k < 1 or not self._row:
                return None
            names = self._neighbours.nearest(query[np.newaxis], min(k + _SPARE, len(self._row)))[0]
        try:
            found = np.array([self._row[name] for name in names], np.int64)
        except KeyError as error:
            raise corrupt(self._folder, f"holds an unknown passage {error}") from error
        return self._expand(found)

    def _expand(self, found: Rows) -> Rows:
        starts = np.searchsorted(self._same, found, "left")
        stops = np.searchsorted(self._same, found, "right")
        spans = [self._order[start:stop] for start, stop in zip(starts, stops, strict=True)]
        return np.concatenate([np.empty(0, np.int64), *spans])

    def close(self) -> None:
        with self._lock:
            if self._neighbours is not None:
                self._neighbours.close()
                self._neighbours = None
