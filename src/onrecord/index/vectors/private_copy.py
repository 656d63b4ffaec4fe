"""A private copy of a Chroma folder: opening one writes to it, and a generation never changes."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from onrecord.errors import IndexWriteError
from onrecord.index.disk import write_error
from onrecord.index.manifest import corrupt
from onrecord.scratch import LOCK, hold, remove_left

DATABASE = "chroma.sqlite3"
_PREFIX = "onrecord-copy-"
_PAUSES = (0.01, 0.03, 0.1, 0.3, 0.0)


class PrivateCopy:
    """A copy in the temporary folder of the system, removed when closed.

    The database is copied. The files of the graph are linked where the file
    system can, for Chroma only reads them. A copy whose process was killed is
    removed by the next process that makes one.
    """

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def of(cls, source: Path, *, parent: Path | None = None) -> PrivateCopy:
        """Copy a folder."""
        if not (source / DATABASE).is_file():
            raise corrupt(source / DATABASE, "is missing")
        return cls._filled(source, parent, _link_or_copy)

    @classmethod
    def linked(cls, source: Path, *, parent: Path | None = None) -> PrivateCopy:
        """Make a folder of symbolic links, for a library that only adds files of its own."""
        return cls._filled(source.resolve(), parent, _link_symbolically)

    @classmethod
    def _filled(
        cls, source: Path, parent: Path | None, copy_file: Callable[[Path, Path], object]
    ) -> PrivateCopy:
        parent = parent or Path(tempfile.gettempdir())
        try:
            remove_left(parent.glob(f"{_PREFIX}*/{LOCK}"))
            path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
            copy = cls(path, hold(path))
        except OSError as error:
            raise _no_room(error, parent) from error
        try:
            copy_folder(source, path, copy_file=copy_file)
        except OSError as error:
            copy.close()
            raise _no_room(error, parent) from error
        return copy

    def close(self) -> None:
        """Remove the copy; may be called twice."""
        if self._lock >= 0:
            # A thread of the library may be adding a file just now, so once may not be enough.
            for pause in _PAUSES:
                shutil.rmtree(self.path, ignore_errors=True)
                if not self.path.exists():
                    break
                time.sleep(pause)
            os.close(self._lock)
            self._lock = -1


def copy_folder(source: Path, target: Path, *, copy_file: Callable[[Path, Path], object]) -> None:
    """Copy a folder's files to the same places below another.

    :func:`shutil.copytree` gathers what went wrong into an error that no longer says what it was.
    """
    target.mkdir(exist_ok=True)
    for path in sorted(source.rglob("*")):
        if path.is_file():
            place = target / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            copy_file(path, place)


def _link_or_copy(source: Path, target: Path) -> None:
    if source.name != DATABASE:
        # Another file system, or a system that forbids linking what one cannot write: copy.
        with suppress(OSError):
            target.hardlink_to(source)
            return
    shutil.copyfile(source, target)


def _link_symbolically(source: Path, target: Path) -> None:
    if source.suffix != ".lock":  # a lock is taken in the copy, not through it
        target.symlink_to(source)


def _no_room(error: OSError, parent: Path) -> IndexWriteError:
    said = write_error(error, parent)
    return IndexWriteError(
        f"The index cannot be opened, for its private copy failed. {said.message}",
        remedy=f"Make room in {parent}, or set TMPDIR to another folder.",
    )
