"""A folder of this process's own for what is uploaded: nobody else may look into it, and nothing stays.

Gradio would share one folder of the machine's with every other program that
uses it, readable by all, and leave its files there for good.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

__all__ = ["scratch_folder", "sweep"]

_PREFIX = "onrecord-"
_LOCK = ".lock"
_MAKING_SECONDS = 60.0


@cache
def scratch_folder() -> Path:
    """Make the folder of this process, and remove those of processes that are no more.

    Returns:
        An empty folder that only this process's user can enter; it goes when the process ends.
    """
    above = _private(Path(tempfile.gettempdir()).resolve() / f"{_PREFIX}{os.geteuid()}")
    for other in above.iterdir():
        if _is_left(other):
            shutil.rmtree(other, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=above))
    # The lock falls with this process, however it ends; the descriptor is meant to stay open.
    fcntl.flock(os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), fcntl.LOCK_EX)
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


def _is_left(folder: Path) -> bool:
    """Say whether the process that made a folder has ended."""
    try:
        descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC)
    except OSError:  # it may be being made just now
        return time.time() - folder.lstat().st_mtime > _MAKING_SECONDS
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


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
        for path in (Path(place, name) for name in files if name != _LOCK):
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
