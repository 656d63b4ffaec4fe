"""Outcomes kept between runs, by what they depend on; each is on disk before the next question is asked."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

from onrecord.errors import EvaluationError
from onrecord.evaluation.outcome import Outcome, Shown

_WAIT = 30.0


class Cache:
    """Outcomes in an SQLite file, which several runs may use at once.

    Args:
        path: Of the file; made where it does not exist.
        blind: Whether to give nothing back, and only to keep what comes.
    """

    def __init__(self, path: Path, *, blind: bool = False) -> None:
        self._path = path
        self._blind = blind
        try:
            # Nothing but single statements is run, so that each is a transaction of its own.
            self._rows = sqlite3.connect(path, timeout=_WAIT, isolation_level=None)
            self._rows.execute("PRAGMA journal_mode=WAL")
            self._rows.execute(
                "CREATE TABLE IF NOT EXISTS outcomes (key TEXT PRIMARY KEY, value TEXT NOT NULL)"
            )
        except sqlite3.Error as error:
            raise self._fault(error) from error

    def __enter__(self) -> Cache:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rows.close()

    def get(self, key: str) -> Outcome | None:
        """Give what is kept under a key; None where nothing is."""
        if self._blind:
            return None
        try:
            row = self._rows.execute("SELECT value FROM outcomes WHERE key = ?", (key,)).fetchone()
            return _outcome(json.loads(row[0])) if row else None
        except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
            raise self._fault(error) from error

    def put(self, key: str, outcome: Outcome) -> None:
        """Keep an outcome under a key."""
        value = json.dumps(asdict(outcome))
        try:
            self._rows.execute("INSERT OR REPLACE INTO outcomes VALUES (?, ?)", (key, value))
        except sqlite3.Error as error:
            raise self._fault(error) from error

    def _fault(self, error: Exception) -> EvaluationError:
        return EvaluationError(
            f"The answers kept in {self._path} cannot be used: {error}.",
            remedy="Remove the file, or name another folder with --work.",
        )


def _outcome(row: dict[str, Any]) -> Outcome:
    for name in ("quotations", "shown", "inexact"):
        row[name] = tuple(Shown(**each) for each in row[name])
    return Outcome(**row | {"articles": tuple(row["articles"])})
