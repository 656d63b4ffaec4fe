"""What a vector store offers: the seam by which another takes Chroma's place.

A store keeps unit vectors under ids in one folder of a generation, written once by one process and then only
read. It proposes neighbours; what it proposes is scored again from the array beside it, so it may be
approximate, but :mod:`onrecord.index.vectors.check` refuses a build in which it finds too little.
Which store is used is said in one place, :data:`onrecord.index.vectors.chosen.Chosen`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Neighbours(Protocol):
    """A store, opened for reading. Need not be safe for use by several threads at once."""

    def nearest(self, queries: NDArray[np.float32], k: int) -> list[list[str]]:
        """Find the vectors nearest to each query."""

    def ids(self) -> list[str]:
        """List the ids of all vectors."""

    def close(self) -> None:
        """Let go of what it holds; may be called twice."""


class VectorStore(Protocol):
    """Writes and opens the folder of a store."""

    @property
    def name(self) -> str:
        """Of its folder in a generation."""

    def create(self, folder: Path, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Build a store."""

    def update(
        self,
        folder: Path,
        source: Path,
        *,
        gone: Sequence[str],
        ids: Sequence[str],
        vectors: NDArray[np.float32],
    ) -> None:
        """Build a store from another."""

    def size(self, folder: Path) -> int:
        """Count the vectors in a store's files, those included that were dropped and still take room."""

    def open(self, folder: Path) -> Neighbours:
        """Open a store for reading, without writing into its folder."""
