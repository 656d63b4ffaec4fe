"""Sessions that were signed out: kept in a file, so that none of them opens anything after a restart."""

from __future__ import annotations

import fcntl
import logging
import os
import re
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from onrecord.errors import SettingsError
from onrecord.faces.http.private_file import open_private

_LINE = re.compile(rb"(\d{1,12}) ([0-9a-f]{32})")
_log = logging.getLogger(__name__)


class EndedSessions:
    """Remembers which sessions were ended before their time; servers that share the file agree.

    Args:
        path: Of the file, which only its owner may read; made by the first session that is ended.
        now: Seconds since 1970.

    Raises:
        SettingsError: If what is there cannot be read, is somebody else's, or a link.
    """

    def __init__(self, path: Path, now: Callable[[], float] = time.time) -> None:
        self._path = path
        self._now = now
        self._ends: dict[str, int] = {}
        self._learning = threading.Lock()
        self._state: tuple[int, ...] = ()
        self._read()
        with suppress(OSError, SettingsError):  # what has run out is in nobody's way
            self._prune()

    def __contains__(self, ident: str) -> bool:
        """Say whether a session was ended."""
        if self._state_of() != self._state:
            try:
                self._read()
            except (SettingsError, OSError) as error:
                _log.warning("It cannot be read which sessions have ended: %s", error)
        return ident in self._ends

    def add(self, ident: str, ends: int) -> None:
        """End a session.

        Args:
            ident: Its 32 hexadecimal digits.
            ends: When it would have run out, in seconds since 1970.
        """
        with self._learning:
            self._ends[ident] = ends
        try:
            descriptor = self._locked()
        except (SettingsError, OSError) as error:
            _log.warning("That a session has ended is forgotten when the server stops: %s", error)
            return
        try:
            # A line that was torn off by a crash ends where the next begins.
            os.write(descriptor, f"\n{ends} {ident}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _locked(self) -> int:
        """Open the file for adding, alone; a server that starts may put a shorter one in its place."""
        while True:
            descriptor = open_private(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(descriptor), self._path.stat()):
                    return descriptor
            os.close(descriptor)

    def _state_of(self) -> tuple[int, ...]:
        try:
            found = self._path.stat()
        except OSError:
            return ()
        return found.st_ino, found.st_size, found.st_mtime_ns

    def _read(self) -> None:
        """Learn what the file says; what was known before stays known."""
        self._state = self._state_of()
        if self._state:
            descriptor = open_private(self._path, os.O_RDONLY)
            with os.fdopen(descriptor, "rb") as file:
                self._learn(file.read())

    def _learn(self, lines: bytes) -> None:
        found = map(_LINE.fullmatch, lines.split(b"\n"))
        read = {each[2].decode(): int(each[1]) for each in found if each}
        now = self._now()
        with self._learning:
            self._ends = {ident: ends for ident, ends in {**self._ends, **read}.items() if ends > now}

    def _prune(self) -> None:
        """Leave out of the file what has run out."""
        if not self._state:
            return
        descriptor = self._locked()
        try:
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                lines = file.read()
            self._learn(lines)
            kept = "".join(f"{ends} {ident}\n" for ident, ends in self._ends.items()).encode()
            if len(kept.split()) < len(lines.split()):
                self._replace(kept)
        finally:
            os.close(descriptor)

    def _replace(self, content: bytes) -> None:
        # Made readable by its owner alone.
        descriptor, name = tempfile.mkstemp(prefix=f".{self._path.name}-", dir=self._path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            Path(name).replace(self._path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
