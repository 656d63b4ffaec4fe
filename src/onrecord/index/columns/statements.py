"""Statements as columns: how a store keeps who said what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from onrecord.types import Mode, SpeakerKind, Statement

_OFFSETS = (
    "start", "end", "content_start", "content_end", "speaker_start", "speaker_end", "cue_start", "cue_end",
)  # fmt: skip
_WORDS = ("speaker", "cue", "said_on", "said_on_basis", "addressee", "occasion")
_NEVER_NONE = frozenset(("speaker", "cue"))
_MODES = tuple(Mode)
_SOURCES = tuple(SpeakerKind)

STATEMENT = np.dtype(
    [(name, "i4") for name in (*_OFFSETS, *_WORDS)] + [("mode", "u1"), ("source", "u1"), ("certain", "?")]
)
"""One row a statement. Offsets that are not known are -1; words count into a list, -1 for none."""


def _no_rows() -> npt.NDArray[Any]:
    return np.zeros(0, STATEMENT)


@dataclass(frozen=True, slots=True)
class StatementRows:
    """Statements of one or several articles.

    Attributes:
        table: Shape [statements], dtype :data:`STATEMENT`.
        words: What the columns of words count into, each once, sorted.
    """

    table: npt.NDArray[Any] = field(default_factory=_no_rows)
    words: Sequence[str] = ()

    @classmethod
    def pack(cls, statements: Sequence[Statement]) -> StatementRows:
        """Put statements into columns."""
        words = sorted({word for one in statements for name in _WORDS if (word := getattr(one, name))})
        place: dict[str | None, int] = {word: row for row, word in enumerate(words)}
        table = np.full(len(statements), -1, STATEMENT)
        for row, one in enumerate(statements):
            offsets = (getattr(one, name) for name in _OFFSETS)
            table[row] = (
                *(-1 if offset is None else offset for offset in offsets),
                *(place.get(getattr(one, name), -1) for name in _WORDS),
                _MODES.index(one.mode),
                _SOURCES.index(one.source),
                one.certain,
            )
        return cls(table, words)

    def unpack(self) -> tuple[Statement, ...]:
        """Give the statements."""
        return tuple(
            self._statement(dict(zip(STATEMENT.names or (), row, strict=True))) for row in self.table.tolist()
        )

    def _statement(self, row: dict[str, Any]) -> Statement:
        for name in _OFFSETS:
            row[name] = None if row[name] < 0 else row[name]
        for name in _WORDS:
            row[name] = self.words[row[name]] if row[name] >= 0 else "" if name in _NEVER_NONE else None
        row |= {"mode": _MODES[row["mode"]], "source": _SOURCES[row["source"]]}
        return Statement(**row)

    def slice(self, first: int, last: int) -> StatementRows:
        """Take some rows out, with only the words that they use."""
        table = np.array(self.table[first:last])
        used = sorted({row for name in _WORDS for row in table[name].tolist() if row >= 0})
        return StatementRows(
            _renumbered(table, {old: new for new, old in enumerate(used)}), [self.words[row] for row in used]
        )

    @classmethod
    def join(cls, several: Sequence[StatementRows]) -> StatementRows:
        """Join the statements of several articles."""
        words = sorted({word for rows in several for word in rows.words})
        place = {word: row for row, word in enumerate(words)}
        tables = [
            _renumbered(np.array(rows.table), {old: place[word] for old, word in enumerate(rows.words)})
            for rows in several
        ]
        return cls(np.concatenate([_no_rows(), *tables]), words)


def _renumbered(table: npt.NDArray[Any], place: dict[int, int]) -> npt.NDArray[Any]:
    """Let the columns of words count into another list."""
    moved = np.array([*(place.get(old, -1) for old in range(max(place, default=-1) + 1)), -1], np.int32)
    for name in _WORDS:
        table[name] = moved[table[name]]
    return table


assert set(STATEMENT.names or ()) == {each.name for each in fields(Statement)}  # noqa: S101  (of this file)
