"""What came from Slack and what became of it, in one SQLite file: so that each message is answered once.

A message is written down before Slack is told that it arrived. The same message under another event
id, or sent anew because an acknowledgement was late, is recognised, also after a restart. What was
not answered when a process ended is taken up by the next, and by another one that shares the file
once the first has not been heard of for a minute.
"""

from __future__ import annotations

import os
import secrets
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from onrecord.errors import SettingsError, SlackError
from onrecord.settings import Settings
from onrecord.state import StateFolder

_SCHEMA = 1
_DAYS = 86_400.0
_KEPT = 3 * _DAYS
"""Slack gives a message up within a day."""
_POSTED = 400 * _DAYS
_LEASE = 60.0
_LATE = 900.0
"""An answer that comes later than this is one that nobody waits for any more."""
_TABLES = (
    """CREATE TABLE entry (
        key TEXT PRIMARY KEY, event TEXT UNIQUE, at REAL NOT NULL, state TEXT NOT NULL,
        holder TEXT NOT NULL, until REAL NOT NULL, job TEXT)""",
    "CREATE INDEX entry_open ON entry (state, until) WHERE state IN ('open', 'posting')",
    "CREATE TABLE posted (subject TEXT, place TEXT, at REAL NOT NULL, PRIMARY KEY (subject, place))",
    f"PRAGMA user_version = {_SCHEMA}",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something unfinished that another process left.

    Attributes:
        job: As it was written down.
        posting: Whether its answer may have been sent already.
    """

    job: str
    posting: bool


class Inbox:
    """The file; one object may be used by several threads, and the file by several processes.

    Args:
        path: Of the file; made when it is first written.
        now: Seconds since 1970.
        folder: In which it lies, to be made before it is first written; None where it lies elsewhere.
    """

    def __init__(
        self, path: Path, now: Callable[[], float] = time.time, *, folder: StateFolder | None = None
    ) -> None:
        self.path = path
        self._now = now
        self._folder = folder
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None
        self._host = socket.gethostname()
        self._holder = f"{self._host}:{os.getpid()}:{secrets.token_hex(8)}"

    @classmethod
    def of(cls, settings: Settings, now: Callable[[], float] = time.time) -> Inbox:
        """Give the one that the settings name; nothing is touched."""
        return cls(settings.slack_inbox, now, folder=settings.state_folder)

    def accept(self, key: str, job: str, *, event: str = "") -> bool:
        """Write a job down, unless it is known.

        Args:
            key: Of the message.
            job: To be read back should this process end before it is done.
            event: Slack's id of the event; empty where there is none.

        Returns:
            Whether it is new.

        Raises:
            SlackError: If the file cannot be written.
        """
        now = self._now()
        values = (key, event or None, now, "open", self._holder, now + _LEASE, job)
        with self._writing() as database:
            done = database.execute("INSERT OR IGNORE INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", values)
            return done.rowcount == 1

    def posting(self, key: str) -> None:
        """Note that from now on its answer may have been sent."""
        with self._writing() as database:
            database.execute("UPDATE entry SET state = 'posting' WHERE key = ?", (key,))

    def finish(self, key: str, state: str) -> None:
        """Note what became of it; the job itself is forgotten."""
        with self._writing() as database:
            database.execute("UPDATE entry SET state = ?, job = NULL WHERE key = ?", (state, key))

    def renew(self) -> None:
        """Say that this process is still at work on what it took, and forget what is old."""
        now = self._now()
        with self._writing() as database:
            database.execute(
                "UPDATE entry SET until = ? WHERE holder = ? AND state IN ('open', 'posting')",
                (now + _LEASE, self._holder),
            )
            database.execute("DELETE FROM entry WHERE at < ?", (now - _KEPT,))
            database.execute("DELETE FROM posted WHERE at < ?", (now - _POSTED,))

    def take_up(self) -> tuple[list[Entry], int]:
        """Take over what processes that have ended left unfinished.

        Returns:
            The jobs, oldest first, and how many were given up because they are too old.
        """
        now = self._now()
        with self._writing() as database:
            rows = database.execute(
                "SELECT key, state, at, holder, until, job FROM entry"
                " WHERE state IN ('open', 'posting') AND holder != ? ORDER BY at",
                (self._holder,),
            ).fetchall()
            left = [row for row in rows if row[4] < now or self._is_gone(row[3])]
            late = [row[0] for row in left if row[2] < now - _LATE or row[5] is None]
            mine = [row for row in left if row[0] not in set(late)]
            database.executemany(
                "UPDATE entry SET state = 'late', job = NULL WHERE key = ?", [(key,) for key in late]
            )
            database.executemany(
                "UPDATE entry SET holder = ?, until = ? WHERE key = ?",
                [(self._holder, now + _LEASE, row[0]) for row in mine],
            )
        return [Entry(row[5], row[1] == "posting") for row in mine], len(late)

    def _is_gone(self, holder: str) -> bool:
        """Say whether a process of this machine has ended; of other machines nothing is known."""
        host, _, rest = holder.rpartition(":")[0].rpartition(":")
        if host != self._host or not rest.isdecimal():
            return False
        if int(rest) == os.getpid():  # in a container the next process has the same number
            return True
        try:
            os.kill(int(rest), 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False
        return False

    def unposted(self, subject: str, places: Iterable[str]) -> set[str]:
        """Give those places that a digest on a subject has not shown yet."""
        with self._writing() as database:
            shown = database.execute("SELECT place FROM posted WHERE subject = ?", (subject,)).fetchall()
        return set(places) - {place for (place,) in shown}

    def note_posted(self, subject: str, places: Iterable[str]) -> None:
        """Note that a digest has shown these places."""
        now = self._now()
        with self._writing() as database:
            rows = [(subject, place, now) for place in places]
            database.executemany("INSERT OR IGNORE INTO posted VALUES (?, ?, ?)", rows)

    def close(self) -> None:
        """Close the file."""
        with self._lock, suppress(sqlite3.Error):
            if self._database is not None:
                self._database.close()
            self._database = None

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Give the file for one transaction."""
        with self._lock:
            try:
                if self._database is None:
                    if self._folder is not None:
                        self._folder.make()
                    self._database = _opened(self.path)
                self._database.execute("BEGIN IMMEDIATE")
                try:
                    yield self._database
                    self._database.execute("COMMIT")
                except BaseException:
                    with suppress(sqlite3.Error):
                        self._database.execute("ROLLBACK")
                    raise
            except SettingsError as error:
                raise SlackError(error.message, remedy=error.remedy) from error
            except (sqlite3.Error, OSError) as error:
                raise SlackError(
                    f"{self.path.name} cannot be used ({error}).",
                    remedy="Make its folder writable, or move the file away if it is damaged.",
                ) from error


def _opened(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    database = sqlite3.connect(path, timeout=1, isolation_level=None, check_same_thread=False)
    # What a process wrote outlives the process in either mode; only power may take the last moments.
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("PRAGMA secure_delete = ON")
    database.execute("BEGIN IMMEDIATE")
    if database.execute("PRAGMA user_version").fetchone() == (0,):
        for statement in _TABLES:
            database.execute(statement)
    database.execute("COMMIT")
    return database
