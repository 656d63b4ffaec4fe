"""The state folder: conversations with their ratings, the server's key, ended sessions, what came from Slack.

It is made when something is first kept, for its owner alone, and git does not see it. What an earlier
onrecord kept beside the index is moved there once, each file whole or not at all: under a lock, by a
rename, or across file systems by a copy whose original gets another name first. So whoever is
interrupted leaves either the old file or the new one, and the next goes on from there.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from onrecord.errors import SettingsError

_WAIT = 10.0
_LOCK = ".lock"
_IGNORED = ".gitignore"
_REMEDY = (
    "Mend that and start again, or set ONRECORD_CONVERSATIONS to the old file of conversations: then all "
    "stays where it was."
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StateFolder:
    """One folder, and the files of one index in it.

    Attributes:
        path: Of the folder.
        earlier: For each file in it, where an earlier onrecord kept it.
    """

    path: Path
    earlier: Mapping[Path, Path]

    def find(self, file: Path) -> Path:
        """Give where a file can be read: as long as it was not taken along, in its earlier place."""
        old = self.earlier[file]
        return next((each for each in (file, old, _leaving(old)) if each.exists()), file)

    def left(self) -> tuple[Path, ...]:
        """Name the old files that are taken along when something is next kept."""
        return tuple(_source(old) for file, old in self.earlier.items() if _is_left(file, old))

    def passed_over(self) -> tuple[Path, ...]:
        """Name the old files that stay where they are, for a new one was there first."""
        pairs = ((file, old) for file, old in self.earlier.items() if not _is_left(file, old))
        return tuple(old for file, old in pairs if os.path.lexists(old))

    def check(self) -> None:
        """Look whether the folder, and what is to be taken along, can be used; nothing is changed.

        Raises:
            SettingsError: If one of them cannot.
        """
        if os.path.lexists(self.path):
            self._check_folder()
        for old in self.left():
            _check(old)

    def make(self) -> None:
        """Make the folder where there is none, and take along what lies in the earlier places.

        Raises:
            SettingsError: If an old file cannot be taken along: to begin anew beside it would make two
                histories. Or if the folder is somebody else's.
            OSError: If the folder cannot be made, and there is nothing to be taken along.
        """
        left = self.left()
        try:
            self._make()
            if left:
                self._take_along()
        except OSError as error:
            if not left:
                raise
            raise _unfit(left[0], f"{error.strerror or error} ({error.filename or self.path})") from error

    def _make(self) -> None:
        with suppress(FileExistsError):
            self.path.mkdir(mode=0o700)
        self._check_folder()
        # Only into an empty one: a folder that somebody named may hold more than ours.
        if not any(self.path.iterdir()):
            (self.path / _IGNORED).write_text("*\n", encoding="ascii")

    def _check_folder(self) -> None:
        found = self.path.stat()
        # In a folder that others write too, one of them may have made it first.
        foreign = os.geteuid() not in (0, found.st_uid) and found.st_uid != 0
        if foreign or not stat.S_ISDIR(found.st_mode):
            why = "belongs to another user" if foreign else "is no folder"
            raise SettingsError(f"{self.path} {why}.", remedy="Name another folder by ONRECORD_STATE.")

    def _take_along(self) -> None:
        with _locked(self.path / _LOCK), ExitStack() as held:
            pairs = [(file, old) for file, old in self.earlier.items() if _is_left(file, old)]
            # Whatever stands in the way of one shows before any is moved.
            for _, old in pairs:
                _check(_source(old))
            for _, old in pairs:
                held.enter_context(_alone(_source(old)))
            for file, old in pairs:
                _take(old, file)
        if pairs:
            names = ", ".join(old.name for _, old in pairs)
            _log.warning("Taken along from %s to %s: %s.", pairs[0][1].parent, self.path, names)


def _leaving(old: Path) -> Path:
    """Name an old file that is being copied, so that nobody takes it for one in use."""
    return old.with_name(f"{old.name}.leaving")


def _source(old: Path) -> Path:
    leaving = _leaving(old)
    return leaving if os.path.lexists(leaving) else old


def _is_left(file: Path, old: Path) -> bool:
    return os.path.lexists(_leaving(old)) or (os.path.lexists(old) and not os.path.lexists(file))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _take(old: Path, file: Path) -> None:
    """Move one file, or go on where a process was interrupted."""
    leaving = _leaving(old)
    if not os.path.lexists(leaving):
        try:
            old.rename(file)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            old.rename(leaving)
    if os.path.lexists(leaving):
        _carry(old, file)


def _check(old: Path) -> None:
    found = os.lstat(old)
    if stat.S_ISLNK(found.st_mode):
        raise _unfit(old, "it is a link")
    if not stat.S_ISREG(found.st_mode):
        raise _unfit(old, "it is no file")
    if found.st_uid != os.geteuid():
        raise _unfit(old, "it belongs to another user")


def _unfit(old: Path, why: str) -> SettingsError:
    return SettingsError(f"{old} cannot be taken along to the state folder: {why}.", remedy=_REMEDY)


@contextmanager
def _alone(old: Path) -> Iterator[None]:
    """Hold a database that nobody else has open, with all that it holds in its one file."""
    if old.suffix != ".sqlite":  # a key, or one that is already set aside
        yield
        return
    import sqlite3

    with closing(sqlite3.connect(f"{old.as_uri()}?mode=rw", uri=True, timeout=_WAIT)) as database:
        try:
            # Writes back what lies in -wal; refused while another process has the file open.
            database.execute("PRAGMA journal_mode = DELETE")
            database.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            # A damaged one goes along as it is: whoever opens it says so, and what to do.
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
                raise _unfit(old, f"{error}; an onrecord that is still running may use it") from error
        yield


def _carry(old: Path, file: Path) -> None:
    """Copy what was set aside to another file system, where that was not done yet; then remove it."""
    leaving = _leaving(old)
    if not os.path.lexists(file):
        try:
            _copy(leaving, file)
        except OSError:
            if not os.path.lexists(old):
                leaving.rename(old)
            raise
    leaving.unlink()


def _copy(source: Path, file: Path) -> None:
    fresh = file.with_name(f".{file.name}-new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with source.open("rb") as original, os.fdopen(descriptor, "wb") as copy:
        shutil.copyfileobj(original, copy)
        copy.flush()
        os.fsync(descriptor)
    # Who came before the server had a key is known by the key's age.
    found = source.stat()
    os.utime(fresh, ns=(found.st_atime_ns, found.st_mtime_ns))
    fresh.rename(file)
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
