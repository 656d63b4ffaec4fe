"""The index in use: a new generation is picked up between two questions, without a restart."""

from __future__ import annotations

import threading

from onrecord.generation import newest_name
from onrecord.index import Index
from onrecord.settings import Settings

__all__ = ["LiveIndex"]


class LiveIndex:
    """Gives the newest generation; a question keeps the one it began with.

    Args:
        settings: Where the index is.

    Raises:
        IndexMissingError: If there is no index.
        IndexCorruptError: If a file of it is damaged.
        IndexMismatchError: If another model or version built it.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._index = self._open()

    def newest(self) -> Index:
        """Give the index in use now."""
        with self._lock:
            name = newest_name(self._settings.index)
            if name is not None and name != self._index.generation.name:
                self._index = self._open()
            return self._index

    def close(self) -> None:
        """Close the index."""
        self._index.close()

    def _open(self) -> Index:
        settings = self._settings
        return Index.open(settings.index, model=settings.embedding, exact_below=settings.exact_below)
