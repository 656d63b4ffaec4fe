"""Conversations, kept in one SQLite file of the state folder.

Every call opens the file, does one transaction and closes it again, so an
object may be shared by threads and outlive a fork, and several processes may
use one file. The journal is SQLite's rollback journal: a turn is written once
for each answer, and unlike the write-ahead log it leaves a single file and can
be read in a folder that cannot be written.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from onrecord.assistant.turns import (
    Rating,
    StoredTurn,
    TurnBytes,
    bytes_of,
    text_of,
    title_of,
)
from onrecord.errors import ConversationError, SettingsError
from onrecord.settings import Settings
from onrecord.state import StateFolder
from onrecord.types import Answer

_SCHEMA = 1
_APPLICATION = 0x4F_6E_52_65  # "OnRe", so that no other program's file is taken for ours
_WAIT = 10.0
_REASON = 2_000
_ID = re.compile(r"[A-Za-z0-9._:~-]{1,128}")
_SHUT = "Make the file and its folder writable, or name another folder by ONRECORD_STATE."
_FULL = (
    "Make room on the disk, and check that it is sound and the folder writable; what was stored is unchanged."
)
_REMEDIES = (
    dict.fromkeys((sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM), _SHUT)
    | dict.fromkeys((sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR), _FULL)
    | dict.fromkeys((sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED), "Another program uses them: try again.")
)
_TABLES = (
    """CREATE TABLE conversation (
        owner TEXT NOT NULL, id TEXT NOT NULL, title BLOB NOT NULL, created TEXT NOT NULL,
        updated TEXT NOT NULL, PRIMARY KEY (owner, id))""",
    """CREATE TABLE turn (
        owner TEXT NOT NULL, id TEXT NOT NULL, number INTEGER NOT NULL, at TEXT NOT NULL,
        question BLOB NOT NULL, filters BLOB NOT NULL, answer BLOB NOT NULL, sum BLOB NOT NULL,
        up INTEGER, reason BLOB, PRIMARY KEY (owner, id, number),
        FOREIGN KEY (owner, id) REFERENCES conversation ON DELETE CASCADE)""",
    "CREATE INDEX conversation_updated ON conversation (owner, updated)",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {_SCHEMA}",
)


@dataclass(frozen=True, slots=True)
class Heading:
    """What a list of conversations shows of one.

    Attributes:
        id: Unique among its owner's.
        title: The first question, cut at a word, or what the person named it.
        created: When its first answer was stored, UTC.
        updated: When its last one was, UTC.
        turns: How many are kept.
    """

    id: str
    title: str
    created: datetime
    updated: datetime
    turns: int


class Memory:
    """The conversations in one file; safe for many threads and several processes.

    The file is made by the first turn that is stored, readable by its owner alone. A conversation
    keeps its newest turns, a person their most recently used conversations.

    Args:
        path: Of the SQLite file.
        folder: In which it lies, to be made before it is first written; None where it lies elsewhere.
        turns: How many turns of a conversation are kept; storing one more drops the oldest.
        conversations: How many an owner keeps; one more deletes the one not used for longest.
    """

    def __init__(
        self,
        path: Path,
        *,
        folder: StateFolder | None = None,
        turns: int = 200,
        conversations: int = 1_000,
    ) -> None:
        self.path = path
        self._folder = folder
        self._turns = turns
        self._conversations = conversations

    @classmethod
    def open(cls, path: Path) -> Memory:
        """Give the memory in a file that may not be there yet; the file is not touched."""
        return cls(path)

    @classmethod
    def of(cls, settings: Settings, *, conversations: int = 1_000) -> Memory:
        """Give the memory that the settings name; nothing is touched.

        Args:
            settings: Where conversations are kept.
            conversations: How many an owner keeps.

        Returns:
            The memory; its folder is made, and an earlier file taken along, when it is first written.
        """
        return cls(settings.memory, folder=settings.state_folder, conversations=conversations)

    def _found(self) -> Path:
        return self._folder.find(self.path) if self._folder else self.path

    def append(
        self,
        conversation: str,
        answer: Answer,
        *,
        at: datetime,
        owner: str = "",
        filters: Mapping[str, Any] | None = None,
        begun: bool = False,
    ) -> int | None:
        """Store an answer as the next turn, whole or not at all.

        Args:
            conversation: Its id; one that is not there is begun, titled by the question.
            answer: To its question.
            at: Now, with a time zone.
            owner: Whose conversation it is.
            filters: What the search was narrowed to.
            begun: Whether the conversation had turns when the question came; then one that has been
                deleted since stays deleted.

        Returns:
            The turn's number, or None when nothing was stored because of a deletion.

        Raises:
            ConversationError: If the id cannot be used or the file cannot be written.
        """
        key = _key(conversation, owner)
        told = TurnBytes.of(answer, filters or {})
        with self._writing() as database:
            found = database.execute(_HEADING_OF, key).fetchone()
            if found is None and begun:
                return None
            if found is None:
                self._begin(database, key, title=title_of(answer.question), at=at)
            number = _next_number(database, key)
            values = (*key, number, _written(at), *told.columns, told.fingerprint(number))
            database.execute(
                "INSERT INTO turn (owner, id, number, at, question, filters, answer, sum)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            database.execute(
                "DELETE FROM turn WHERE owner = ? AND id = ? AND number <= ?", (*key, number - self._turns)
            )
            database.execute(
                "UPDATE conversation SET updated = ? WHERE owner = ? AND id = ?", (_written(at), *key)
            )
            return number

    def _begin(self, database: sqlite3.Connection, key: tuple[str, str], *, title: str, at: datetime) -> None:
        """Make room, then a conversation without turns."""
        database.execute(
            "DELETE FROM conversation WHERE owner = ?1 AND id IN (SELECT id FROM conversation"
            " WHERE owner = ?1 ORDER BY updated DESC, id LIMIT -1 OFFSET ?2)",
            (key[0], self._conversations - 1),
        )
        now = _written(at)
        database.execute("INSERT INTO conversation VALUES (?, ?, ?, ?, ?)", (*key, bytes_of(title), now, now))

    def heading(self, conversation: str, *, owner: str = "") -> Heading | None:
        """Give what is known of a conversation, or None when the owner has no such one."""
        key = _key(conversation, owner)
        with self._reading() as database:
            found = database.execute(_HEADING_OF, key).fetchone() if database else None
            return _heading(found) if found else None

    def headings(self, *, owner: str = "", limit: int = 1_000) -> tuple[Heading, ...]:
        """List an owner's conversations, the one used last first."""
        with self._reading() as database:
            if database is None:
                return ()
            rows = database.execute(
                _HEADINGS + " WHERE owner = ? ORDER BY updated DESC, id LIMIT ?", (_checked(owner), limit)
            )
            return tuple(_heading(row) for row in rows)

    def turns(self, conversation: str, *, owner: str = "", last: int | None = None) -> tuple[StoredTurn, ...]:
        """Give a conversation's turns, oldest first: all, or the newest so many."""
        key = _key(conversation, owner)
        with self._reading() as database:
            if database is None:
                return ()
            rows = database.execute(
                "SELECT number, at, question, filters, answer, sum, up, reason FROM turn"
                " WHERE owner = ? AND id = ? ORDER BY number DESC LIMIT ?",
                (*key, -1 if last is None else last),
            )
            return tuple(_turn(row) for row in rows)[::-1]

    def rename(self, conversation: str, title: str, *, owner: str = "") -> None:
        """Give a conversation another title, put on one line and cut at a word when it is long."""
        if not title.strip():
            raise ConversationError("The title is empty.", remedy="Give a title in words.")
        self._change(
            "UPDATE conversation SET title = ? WHERE owner = ? AND id = ?",
            (bytes_of(title_of(title)), *_key(conversation, owner)),
            missing=f"There is no conversation {conversation!r}.",
        )

    def rate(self, conversation: str, turn: int, *, up: bool, reason: str = "", owner: str = "") -> None:
        """Keep what a person thought of an answer; a later rating takes the place of an earlier one."""
        self._change(
            "UPDATE turn SET up = ?, reason = ? WHERE owner = ? AND id = ? AND number = ?",
            (int(up), bytes_of(reason[:_REASON]), *_key(conversation, owner), turn),
            missing=f"There is no turn {turn} in a conversation {conversation!r}.",
        )

    def delete(self, conversation: str, *, owner: str = "") -> bool:
        """Delete a conversation, its bytes overwritten in the file; say whether there was one."""
        key = _key(conversation, owner)
        if not self._found().exists():
            return False
        with self._writing() as database:
            done = database.execute("DELETE FROM conversation WHERE owner = ? AND id = ?", key)
            return done.rowcount > 0

    def _change(self, statement: str, values: tuple[Any, ...], *, missing: str) -> None:
        """Run an update that must meet a row."""
        unknown = ConversationError(missing, remedy="It may have been deleted; begin a new one.")
        if not self._found().exists():
            raise unknown
        with self._writing() as database:
            if database.execute(statement, values).rowcount == 0:
                raise unknown

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """Open the file for one reading transaction; None when nothing was ever stored."""
        path = self._found()
        if not path.exists():
            yield None
            return
        with _faults(path), closing(self._opened(path)) as database:
            database.execute("BEGIN")
            yield database if _has_tables(database, path) else None

    def _opened(self, path: Path) -> sqlite3.Connection:
        try:
            return _connect(path)
        except sqlite3.OperationalError:
            again = self._found()
            if again == path:
                raise
            return _connect(again)  # it was taken along between the look and the opening

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Open the file, made if need be, for one writing transaction; an error undoes all of it."""
        with _faults(self.path):
            if self._folder is not None:
                self._folder.make()
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            # Closing a connection undoes a transaction that was not committed.
            with closing(_connect(self.path)) as database:
                database.execute("BEGIN IMMEDIATE")
                if not _has_tables(database, self.path):
                    for statement in _TABLES:
                        database.execute(statement)
                yield database
                database.execute("COMMIT")


_HEADINGS = (
    "SELECT id, title, created, updated, (SELECT count(*) FROM turn"
    " WHERE turn.owner = conversation.owner AND turn.id = conversation.id) FROM conversation"
)
_HEADING_OF = _HEADINGS + " WHERE owner = ? AND id = ?"


def _connect(path: Path) -> sqlite3.Connection:
    # Without mode=rw a crashed writer's journal could not be rolled back by the next reader.
    where = f"{path.absolute().as_uri()}?mode=rw"
    database = sqlite3.connect(where, uri=True, timeout=_WAIT, isolation_level=None)
    for pragma in ("foreign_keys", "secure_delete", "cell_size_check"):
        database.execute(f"PRAGMA {pragma} = ON")
    return database


def _has_tables(database: sqlite3.Connection, path: Path) -> bool:
    """Say whether the file holds our tables; refuse one of a newer onrecord, or of something else."""
    [version] = database.execute("PRAGMA user_version").fetchone()
    [application] = database.execute("PRAGMA application_id").fetchone()
    if application == _APPLICATION and version > _SCHEMA:
        raise ConversationError(
            f"The conversations in {path} were written by a newer onrecord.",
            remedy="Upgrade onrecord, or name another folder by ONRECORD_STATE.",
        )
    if application == _APPLICATION and version == _SCHEMA:
        return True
    if version or application or database.execute("SELECT 1 FROM sqlite_master").fetchone():
        raise ConversationError(
            f"{path} is a database, but not one of conversations.",
            remedy="Move it away, or name another folder by ONRECORD_STATE.",
        )
    return False


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    """Turn what SQLite and the operating system say into a :class:`ConversationError`."""
    try:
        yield
    except sqlite3.Error as error:
        raise _fault(error, path) from error
    except SettingsError as error:
        raise ConversationError(error.message, remedy=error.remedy) from error
    except OSError as error:
        raise ConversationError(
            f"The conversations in {path} cannot be written: {error.strerror or error}.", remedy=_SHUT
        ) from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _damaged(path, f"{type(error).__name__} in a value") from error


def _fault(error: sqlite3.Error, path: Path) -> ConversationError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    remedy = _REMEDIES.get(code)
    if remedy is None:
        return _damaged(path, str(error))
    said = ConversationError(f"The conversations in {path} cannot be used: {error}.", remedy=remedy)
    said.retryable = code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return said


def _damaged(path: Path, why: str) -> ConversationError:
    return ConversationError(
        f"The file of conversations {path} is damaged ({why}).",
        remedy="Move it away, and a new one is begun; `sqlite3 FILE .recover` may save what it held.",
    )


def _key(conversation: str, owner: str) -> tuple[str, str]:
    if not _ID.fullmatch(conversation):
        raise ConversationError(
            f"{conversation[:40]!r} cannot be the id of a conversation.",
            remedy="An id has 1 to 128 letters, digits or . _ : ~ - and nothing else.",
        )
    return _checked(owner), conversation


def _checked(owner: str) -> str:
    try:
        owner.encode()
    except UnicodeEncodeError:
        raise ConversationError("The owner of the conversation is not Unicode text.") from None
    return owner


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _heading(row: tuple[str, bytes, str, str, int]) -> Heading:
    ident, title, created, updated, turns = row
    return Heading(
        ident, text_of(title), datetime.fromisoformat(created), datetime.fromisoformat(updated), turns
    )


def _turn(row: tuple[int, str, bytes, bytes, bytes, bytes, int | None, bytes | None]) -> StoredTurn:
    number, at, question, filters, answer, fingerprint, up, reason = row
    rating = None if up is None else Rating(bool(up), text_of(reason or b""))
    when = datetime.fromisoformat(at)
    return TurnBytes(question, filters, answer).read(number, fingerprint, at=when, rating=rating)


def _next_number(database: sqlite3.Connection, key: tuple[str, str]) -> int:
    statement = "SELECT coalesce(max(number), 0) + 1 FROM turn WHERE owner = ? AND id = ?"
    return int(database.execute(statement, key).fetchone()[0])
