"""A question and its answer as they are stored: as JSON, in bytes, with a fingerprint.

Bytes rather than text, because neither SQLite's text nor UTF-8 proper can hold
a lone surrogate, and an article may have one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from onrecord.types import (
    Answer,
    Change,
    Claim,
    Clip,
    Constraint,
    Coverage,
    Limit,
    Mode,
    OnDisk,
    QuestionPart,
    Quote,
    Searched,
    Shift,
    Turning,
)

_SLICES = ("quotes", "ranked", "nearest")
_TITLE = 60

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rating:
    """What a person thought of an answer.

    Attributes:
        up: Whether it was good.
        reason: In the person's words; may be empty.
    """

    up: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A question and its answer, as stored.

    Attributes:
        number: From 1; numbers of dropped turns are not given again.
        question: As typed.
        answer: As given, without ``ranked``, which no reader sees.
        at: When it was stored, UTC.
        filters: ``since``, ``until``, ``outlet``, ``article`` and ``speaker``, those that were given.
        rating: What the person thought of it, if they said so.
    """

    number: int
    question: str
    answer: Answer
    at: datetime
    filters: Mapping[str, Any] = field(default_factory=dict)
    rating: Rating | None = None


@dataclass(frozen=True, slots=True)
class TurnBytes:
    """What a turn says, in bytes."""

    question: bytes
    filters: bytes
    answer: bytes

    @classmethod
    def of(cls, answer: Answer, filters: Mapping[str, Any]) -> TurnBytes:
        """Write an answer, without ``ranked``, and the filters that were given."""
        narrowed = {name: v if isinstance(v, str) else list(v) for name, v in filters.items() if v}
        record = answer_record(replace(answer, ranked=()))
        return cls(bytes_of(answer.question), bytes_of(_dumps(narrowed)), bytes_of(_dumps(record)))

    @property
    def columns(self) -> tuple[bytes, bytes, bytes]:
        """Question, filters and answer."""
        return self.question, self.filters, self.answer

    def fingerprint(self, number: int) -> bytes:
        """Hash all of it: SQLite does not notice a changed byte within a value, and a quotation is exact."""
        told = b"\0".join((str(number).encode(), *self.columns))
        return hashlib.blake2b(told, digest_size=16).digest()

    def read(self, number: int, fingerprint: bytes, *, at: datetime, rating: Rating | None) -> StoredTurn:
        """Read the turn back."""
        if self.fingerprint(number) != fingerprint:
            raise ValueError("a turn differs from its fingerprint")
        answer, filters = answer_of(json.loads(text_of(self.answer))), json.loads(text_of(self.filters))
        return StoredTurn(number, text_of(self.question), answer, at, filters, rating)


def answer_record(answer: Answer) -> Json:
    """Give an answer whole, as values that JSON can write; :func:`answer_of` reads it back."""
    record = {each.name: getattr(answer, each.name) for each in fields(answer)}
    slices = {name: [asdict(quote) for quote in record[name]] for name in _SLICES}
    claims = [{"text": claim.text, "quotes": list(claim.quotes)} for claim in answer.claims]
    searched = asdict(answer.searched) | {"missing": list(answer.searched.missing)}
    changes = [asdict(change) for change in answer.changes]
    counts = {"dropped": dict(answer.dropped), "timings": dict(answer.timings)}
    asked = {
        "constraints": [asdict(each) for each in answer.constraints],
        "parts": [asdict(each) for each in answer.parts],
    }
    return record | slices | counts | asked | {"claims": claims, "changes": changes, "searched": searched}


def answer_of(record: Mapping[str, Any]) -> Answer:
    """Read an answer back from what :func:`answer_record` gave."""
    slices = {name: tuple(_quote(each) for each in record[name]) for name in _SLICES}
    claims = tuple(Claim(each["text"], tuple(each["quotes"])) for each in record.get("claims", ()))
    told = {
        "claims": claims,
        "changes": tuple(map(_change, record.get("changes", ()))),
        "constraints": tuple(
            Constraint(**{**each, "limit": Limit(each["limit"])}) for each in record.get("constraints", ())
        ),
        "parts": tuple(
            QuestionPart(**{**each, "quotes": tuple(each["quotes"])}) for each in record.get("parts", ())
        ),
    }
    return Answer(**{**record, **slices, **told, "searched": _searched(record["searched"])})


def _change(record: Mapping[str, Any]) -> Change:
    words = tuple((tuple(before), tuple(after)) for before, after in record["words"])
    return Change(**{**record, "shifts": tuple(map(Shift, record["shifts"])), "words": words})


def _searched(record: Mapping[str, Any]) -> Searched:
    told = record.get("coverage")
    lists = ("outlets", "speakers", "warnings")
    coverage = Coverage(**{**told, **{name: tuple(told[name]) for name in lists}}) if told else None
    return Searched(**{**record, "missing": tuple(record["missing"]), "coverage": coverage})


def _quote(record: Mapping[str, Any]) -> Quote:
    clips = tuple(Clip(**{**each, "turning": Turning(each["turning"])}) for each in record.get("clips", ()))
    on_disk = OnDisk(record.get("on_disk", OnDisk.UNKNOWN))
    return Quote(**{**record, "mode": Mode(record["mode"]), "clips": clips, "on_disk": on_disk})


def title_of(question: str) -> str:
    """Cut a question to a title: one line, whole words."""
    line = " ".join(question.split())
    if len(line) <= _TITLE:
        return line
    return (line[:_TITLE].rpartition(" ")[0] or line[:_TITLE]) + "…"


def _dumps(value: Json) -> str:
    # Escaped, two lone surrogates side by side would be read back as one character.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def bytes_of(text: str) -> bytes:
    """Encode any string; :func:`text_of` gives it back."""
    return text.encode("utf-8", "surrogatepass")


def text_of(stored: bytes) -> str:
    """Decode what :func:`bytes_of` gave."""
    return stored.decode("utf-8", "surrogatepass")
