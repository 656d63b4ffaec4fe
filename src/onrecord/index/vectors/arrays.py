"""The files beside a vector store: vectors, ids, and which passages share a vector."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from onrecord.errors import IndexCorruptError
from onrecord.index.manifest import corrupt

_VECTORS = "passage_vectors.npy"
_IDS = "passage_ids.json"
_SAME = "passage_same.npy"

Matrix = NDArray[np.float32]
Rows = NDArray[np.int64]


def save_arrays(folder: Path, ids: Sequence[str], vectors: Matrix, same: Rows) -> None:
    """Write the three files."""
    path = folder / _VECTORS
    if not _holds(path, vectors):
        # Never in place: the caller may map the vectors from this very file.
        temporary = path.with_name(f".{path.name}")
        with temporary.open("wb") as stream:
            np.save(stream, vectors)
        temporary.replace(path)
    with (folder / _SAME).open("wb") as stream:
        np.save(stream, same)
    (folder / _IDS).write_text(json.dumps(list(ids)), encoding="ascii")


def _holds(path: Path, vectors: Matrix) -> bool:
    try:
        return np.array_equal(_load(path, mapped=True), vectors)
    except IndexCorruptError:
        return False


def load_vectors(folder: Path, *, n: int | None = None) -> Matrix:
    """Map the vectors.

    Gives shape (n, d), memory-mapped, read-only.
    """
    vectors = _load(folder / _VECTORS, mapped=True)
    if vectors.ndim != 2 or vectors.dtype != np.float32 or n not in (None, len(vectors)):
        raise corrupt(folder / _VECTORS, f"holds {vectors.dtype} {vectors.shape} for {n} passages")
    return vectors


def load_same(folder: Path, *, n: int) -> Rows:
    """Read which passages share a vector."""
    same = _load(folder / _SAME)
    if same.shape != (n,) or same.dtype != np.int64:
        raise corrupt(folder / _SAME, f"holds {same.dtype} {same.shape} for {n} passages")
    return same


def load_ids(folder: Path) -> list[str]:
    """Read the ids of the passages."""
    try:
        return list(json.loads((folder / _IDS).read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        raise corrupt(folder / _IDS, "cannot be read") from error


def _load(path: Path, *, mapped: bool = False) -> NDArray[Any]:
    try:
        return np.asarray(np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False))
    except (OSError, ValueError, EOFError) as error:
        raise corrupt(path, "cannot be read") from error
