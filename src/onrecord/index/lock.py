"""One builder at a time: an advisory lock that the kernel drops with its holder."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from onrecord.errors import IndexLockedError
from onrecord.index.disk import write_errors

_PAUSE = 0.1


@contextmanager
def locked(path: Path, *, holder: str = "", wait: float = 0.0, now: datetime | None = None) -> Iterator[None]:
    """Hold ``flock`` on a file; a lock whose holder died is free, with nothing to clean up.

    The file is never removed: another builder may already wait on it. It is
    closed in programs that this one starts, so that they cannot outlive the
    lock. Its content only serves the message.
    """
    with write_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        with write_errors(path):
            _acquire(descriptor, path, time.monotonic() + wait)
            _sign(descriptor, f"{_self(now)}{f', {holder}' if holder else ''}\n")
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, deadline: float) -> None:
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
        if time.monotonic() >= deadline:
            raise IndexLockedError(
                f"Another process is building the index in {path.parent}: {_read(descriptor)}.",
                remedy="Wait until it is done and try again.",
            )
        time.sleep(_PAUSE)


def _self(now: datetime | None) -> str:
    started = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    return f"process {os.getpid()} on {socket.gethostname()} since {started}"


def _sign(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode("utf-8", "replace"), 0)


def _read(descriptor: int) -> str:
    text = os.pread(descriptor, 500, 0).decode("utf-8", "replace").strip()
    return " ".join(text.split()) or "it has not said its name yet"
