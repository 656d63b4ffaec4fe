"""The index in use: a new generation is picked up between two questions, without a restart."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from onrecord.errors import IndexError_
from onrecord.index.generation import newest_name
from onrecord.index.opened import Index
from onrecord.index.originals import Originals
from onrecord.settings import Settings

_AGAIN_SECONDS = 10.0
"""So long an index that could not be opened is not looked at again: each look reads all of its files."""


class LiveIndex:
    """Gives the newest generation; a question keeps the one it began with.

    Args:
        settings: Where the index is.
        waiting: Whether there may be no sound index yet; each question then fails until there is one.
        clock: Seconds of a clock that never goes back.

    Raises:
        IndexMissingError: If there is no index.
        IndexCorruptError: If a file of it is damaged.
        IndexMismatchError: If another model or version built it.
        IndexSignatureError: If a signing key is set, and it is not signed with that.
    """

    def __init__(
        self, settings: Settings, *, waiting: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._originals = Originals.open(settings)
        self._lock = threading.Lock()
        self._clock = clock
        self._index: Index | None = None
        self._failed: tuple[str | None, float, IndexError_] | None = None
        try:
            self.newest()
        except IndexError_:
            if not waiting:
                raise

    @property
    def originals(self) -> Originals:
        """The corpus as it is on disk now."""
        return self._originals

    def newest(self) -> Index:
        """Give the index in use now.

        Returns:
            The newest generation.

        Raises:
            IndexError_: If it cannot be opened.
        """
        with self._lock:
            name = newest_name(self._settings.index)
            if self._index is None or (name is not None and name != self._index.generation.name):
                self._index = self._opened(name)
            return self._index

    def close(self) -> None:
        """Close the index."""
        if self._index is not None:
            self._index.close()

    def _opened(self, name: str | None) -> Index:
        if self._failed is not None:
            before, at, error = self._failed
            if name is not None and name == before and self._clock() - at < _AGAIN_SECONDS:
                raise type(error)(error.message, remedy=error.remedy)
        settings = self._settings
        try:
            return Index.open(
                settings.index,
                self._originals,
                model=settings.embedding,
                exact_below=settings.exact_below,
                key=settings.signing,
            )
        except IndexError_ as error:
            self._failed = (name, self._clock(), error)
            raise
