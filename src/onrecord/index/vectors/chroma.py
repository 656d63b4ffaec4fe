"""The approximate searcher: one Chroma collection of passage vectors, built once and then only read.

What is known of chromadb 1.5.9 and shapes this module:

- Opening a client writes to ``chroma.sqlite3``, so nobody opens the folder of a
  generation: :class:`ChromaNeighbours` opens a private copy. The files of the graph
  are not written by reading (a test proves it), so the copy links them.
- A crash in the library is a ``PanicException``, which is a BaseException.
- Adding flushes the graph every ``sync_threshold`` records and leaves the rest
  in SQLite, to be replayed at every opening; a threshold of 2 leaves none.
- Equal vectors crowd each other's neighbour lists: with 1,000 copies of one
  vector among 3,000, 245 others were never found. Each vector is stored once.
"""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from onrecord.errors import IndexCorruptError, IndexWriteError, OnrecordError
from onrecord.index.disk import failpoint, write_error
from onrecord.index.manifest import REBUILD
from onrecord.index.vectors.private_copy import DATABASE, PrivateCopy, copy_folder

if TYPE_CHECKING:
    import numpy as np
    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from numpy.typing import NDArray

_COLLECTION = "passages"
_BATCH = 5_000
_FULL = ("disk is full", "No space left", "(os error 28)")
# Chroma's defaults but for two: it looks at twice as many candidates in a search, and flushes all.
_GRAPH: CreateHNSWConfiguration = {"space": "cosine", "ef_search": 200, "sync_threshold": 2}


class Chroma:
    """Chroma as a :class:`~onrecord.index.vectors.vector_store.VectorStore`."""

    name = "chroma"

    def create(self, folder: Path, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Build the collection."""
        with _writing(folder), _client(folder) as client:
            collection = client.create_collection(
                _COLLECTION, embedding_function=None, configuration={"hnsw": _GRAPH}
            )
            _add(collection, ids, vectors)
        _compact(folder)

    def update(
        self,
        folder: Path,
        source: Path,
        *,
        gone: Sequence[str],
        ids: Sequence[str],
        vectors: NDArray[np.float32],
    ) -> None:
        """Build the collection from a copy of another."""
        copy_folder(source, folder, copy_file=shutil.copyfile)
        with _writing(folder), _client(folder) as client:
            collection = client.get_collection(_COLLECTION, embedding_function=None)
            for start in range(0, len(gone), _BATCH):
                collection.delete(ids=list(gone[start : start + _BATCH]))
            _add(collection, ids, vectors)
        _compact(folder)

    def size(self, folder: Path) -> int:
        """Count the vectors in the graph's files, those marked as deleted included."""
        return sum(path.stat().st_size // 4 for path in folder.glob("*/length.bin"))

    def open(self, folder: Path) -> ChromaNeighbours:
        """Make the private copy; Chroma itself is loaded by the first search."""
        return ChromaNeighbours(folder, PrivateCopy.of(folder))


def _add(collection: Any, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
    for start in range(0, len(ids), _BATCH):
        failpoint("chroma-batch")
        stop = start + _BATCH
        collection.add(ids=list(ids[start:stop]), embeddings=vectors[start:stop])
    if len(ids) % _BATCH == 1:  # one alone is under the threshold: said twice, it is flushed
        collection.upsert(ids=list(ids[-1:]), embeddings=vectors[-1:])


def _compact(folder: Path) -> None:
    """Drop the pages that held the vectors on their way into the graph: half of the file."""
    with _writing(folder), closing(sqlite3.connect(folder / DATABASE)) as database:
        database.execute("VACUUM")


@contextmanager
def _client(folder: Path) -> Iterator[ClientAPI]:
    client = _open(folder)
    try:
        yield client
    finally:
        client.close()


def _open(folder: Path) -> Any:
    import chromadb
    from chromadb.config import Settings

    # A file `.env` in the working folder is not a setting of this index.
    settings = Settings(_env_file=None, anonymized_telemetry=False)  # type: ignore[call-arg]
    return chromadb.PersistentClient(path=str(folder), settings=settings)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, OnrecordError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        if any(words in str(error) for words in _FULL):
            raise write_error(
                OSError(errno.ENOSPC, str(error), str(folder)), folder, written=folder
            ) from error
        raise IndexWriteError(
            f"Chroma could not write {folder}: {error}.",
            remedy="Check for room on the disk, then run `onrecord index` again;"
            " the index in use is unchanged.",
        ) from error


@contextmanager
def _reading(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OnrecordError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        raise IndexCorruptError(f"Chroma could not read {folder}: {error}.", remedy=REBUILD) from error


class ChromaNeighbours:
    """The collection, opened for reading from a private copy.

    Not safe for use by several threads at once.
    """

    def __init__(self, source: Path, copy: PrivateCopy) -> None:
        self._source = source
        self._copy = copy
        self._opened: Any = None
        self._collection: Any = None

    def _passages(self) -> Any:
        if self._collection is None:
            self._opened = _open(self._copy.path)
            self._collection = self._opened.get_collection(_COLLECTION, embedding_function=None)
        return self._collection

    def nearest(self, queries: NDArray[np.float32], k: int) -> list[list[str]]:
        """Find the vectors nearest to each query."""
        with _reading(self._source):
            found = self._passages().query(query_embeddings=queries, n_results=k, include=[])
            return list(found["ids"])

    def ids(self) -> list[str]:
        """List the ids of all vectors."""
        with _reading(self._source):
            return list(self._passages().get(include=[])["ids"])

    def close(self) -> None:
        """Close Chroma and remove the private copy; may be called twice."""
        opened, self._opened, self._collection = self._opened, None, None
        if opened is not None:
            with suppress(Exception):
                opened.close()
        self._copy.close()
