"""Folders of a process's own: nobody else may look into them, and nothing stays.

What is uploaded lies in one. Gradio would share one folder of the machine's with
every other program that uses it, readable by all, and leave its files there for good.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

_PREFIX = "onrecord-"
LOCK = ".lock"
"""Of a folder that a process holds."""


@cache
def scratch_folder() -> Path:
    """Make the folder of this process, and remove those of processes that are no more.

    Returns:
        An empty folder that only this process's user can enter; it goes when the process ends.
    """
    above = _private(Path(tempfile.gettempdir()).resolve() / f"{_PREFIX}{os.geteuid()}")
    remove_left(above.glob(f"*/{LOCK}"))
    folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=above))
    hold(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _private(folder: Path) -> Path:
    """Make a folder that is its user's alone; where another user was there first, one of another name."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        return Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=folder.parent))
    folder.chmod(0o700)
    return folder


def hold(folder: Path) -> int:
    """Show that a folder is in use, as long as this process lives or until the lock is closed.

    Args:
        folder: Of this process's own.

    Returns:
        The descriptor of the lock.
    """
    # Locked before it gets the name that others look for.
    fresh = folder / f"{LOCK}-new"
    lock = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    fresh.rename(folder / LOCK)
    return lock


def remove_left(locks: Iterable[Path]) -> None:
    """Remove folders whose process is no more.

    Args:
        locks: Of folders that processes held.
    """
    for lock in locks:
        with suppress(OSError):
            _remove_if_free(lock)


def _remove_if_free(lock: Path) -> None:
    descriptor = os.open(lock, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(lock.parent, ignore_errors=True)
    finally:
        os.close(descriptor)


def sweep(folder: Path, *, older_than: float, now: float | None = None) -> int:
    """Remove files that have lain too long, and the folders that are empty then.

    Args:
        folder: Where; itself it stays.
        older_than: Seconds since a file was last changed.
        now: Seconds since 1970; by default the present.

    Returns:
        How many bytes are left.
    """
    before, left = (time.time() if now is None else now) - older_than, 0
    for place, folders, files in os.walk(folder, topdown=False):
        for path in (Path(place, name) for name in files if name != LOCK):
            with suppress(OSError):
                found = path.lstat()
                if found.st_mtime < before:
                    path.unlink()
                else:
                    left += found.st_size
        for path in (Path(place, name) for name in folders):
            with suppress(OSError):
                if path.lstat().st_mtime < before:
                    path.rmdir()
    return left
