"""Writing that survives a crash: fsync, atomic replacement, and the failpoints of the tests.

A failpoint is a named step at which the tests kill the process. It is a test
hook: ``_ONRECORD_FAILPOINT=<name>[:<n>]`` in the environment makes the process
kill itself (SIGKILL) the ``n``-th time that it passes the step, ``*`` stands
for any step. The leading underscore keeps it out of the settings.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from onrecord.errors import IndexWriteError

_FAILPOINT = "_ONRECORD_FAILPOINT"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_passed: Counter[str] = Counter()


def failpoint(name: str) -> None:
    """Kill this process here if the environment asks for it (a test hook, see the module)."""
    wanted = os.environ.get(_FAILPOINT)
    if not wanted:
        return
    step, _, times = wanted.partition(":")
    if step not in (name, "*"):
        return
    _passed[step] += 1
    if _passed[step] == int(times or 1):
        os.kill(os.getpid(), signal.SIGKILL)


def sync_file(path: Path) -> None:
    """Bring a file's bytes to the disk."""
    _sync(path, os.O_RDONLY)


def sync_folder(path: Path) -> None:
    """Bring a folder's entries (names made, renamed and removed) to the disk."""
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        error.filename = error.filename or str(path)
        raise
    finally:
        os.close(descriptor)


def sync_tree(root: Path) -> None:
    """Bring every file below a folder, then every folder from the deepest up, to the disk."""
    for folder, _, files in os.walk(root, topdown=False):
        for name in sorted(files):
            sync_file(Path(folder, name))
        sync_folder(Path(folder))


def write_file(path: Path, content: bytes) -> None:
    """Write a new file and bring its bytes to the disk; its name is durable after :func:`sync_folder`."""
    path.write_bytes(content)
    sync_file(path)


def replace_file(path: Path, content: bytes, *, token: str) -> None:
    """Replace a file in one step: after a crash it holds the old bytes or the new, whole.

    Args:
        path: Of the file, which may not exist yet.
        content: All its new bytes.
        token: Part of the temporary file's name.
    """
    temporary = path.with_name(f".{path.name}-{token}")
    try:
        write_file(temporary, content)
        failpoint(f"{path.name}-written")
        temporary.replace(path)
        failpoint(f"{path.name}-replaced")
        sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def write_errors(place: Path, *, written: Path | None = None) -> Iterator[None]:
    """Turn a failed write inside the block into an :class:`IndexWriteError`.

    An error that names a file elsewhere, such as an article that cannot be read, passes unless
    it says that a disk is full.
    """
    try:
        yield
    except OSError as error:
        if _elsewhere(error, place):
            raise
        raise write_error(error, place, written=written) from error


def write_error(error: OSError, place: Path, *, written: Path | None = None) -> IndexWriteError:
    """Say what a failed call means for the person who builds the index."""
    path = error.filename or place
    # numpy reports a short write by an OSError without errno.
    if error.errno in _FULL or error.errno is None:
        done, free = _size(written) if written else 0, _free(place)
        return IndexWriteError(
            f"Could not write {path}: no space left; the new index needs more than {done + free:,} bytes,"
            f" and {free:,} are free.",
            remedy="Make room, then run `onrecord index` again; the index in use is unchanged.",
        )
    return IndexWriteError(
        f"Could not write {path}: {error.strerror or error}.",
        remedy="Check that the folder is writable and the disk is sound, then run `onrecord index` again;"
        " the index in use is unchanged.",
    )


def _elsewhere(error: OSError, place: Path) -> bool:
    if error.filename is None or error.errno in _FULL:
        return False
    return not Path(os.fsdecode(error.filename)).absolute().is_relative_to(place.absolute().parent)


def _size(folder: Path) -> int:
    paths = (Path(place, name) for place, _, names in os.walk(folder) for name in names)
    return sum(path.lstat().st_size for path in paths)


def _free(path: Path) -> int:
    existing = next(place for place in (path, *path.parents) if place.exists())
    return shutil.disk_usage(existing).free
