"""Which vector store an index is built with and opened with: another one is named here, and nowhere else."""

from __future__ import annotations

from onrecord.index.vectors.chroma import Chroma as Chosen

__all__ = ["Chosen"]
