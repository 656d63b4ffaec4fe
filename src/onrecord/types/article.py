"""Articles and the slices of them that are searched and quoted; days, exact or not."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


class SentenceKind(StrEnum):
    """What a sentence is: only ``TEXT`` is ever shown as a quotation."""

    TEXT = "text"
    QUESTION = "question"
    HEADING = "heading"
    BOILERPLATE = "boilerplate"


@dataclass(frozen=True, slots=True, order=True)
class DateSpan:
    """The days on which something may have happened, first and last included."""

    first: date
    last: date

    @classmethod
    def parse(cls, value: str) -> DateSpan:
        """Read ``YYYY``, ``YYYY-MM``, ``YYYY-MM-DD``, or two of them joined by ``/`` (ISO 8601).

        Args:
            value: The text; a time of day after the date is ignored.

        Returns:
            The span of days that the text stands for.

        Raises:
            ValueError: If the text is not such a date.
        """
        first, _, last = value.strip().partition("/")
        span = cls(cls._edge(first, end=False), cls._edge(last or first, end=True))
        if span.last < span.first:
            raise ValueError(f"not a date: {value!r}")
        return span

    @staticmethod
    def _edge(value: str, *, end: bool) -> date:
        found = _DAY.match(value)
        if found is None or value[found.end() : found.end() + 1] not in ("", "T", " "):
            raise ValueError(f"not a date: {value!r}")
        year, month, day = (int(part) if part else 0 for part in found.groups())
        if found[2] == "00" or found[3] == "00":
            raise ValueError(f"not a date: {value!r}")
        month = month or (12 if end else 1)
        return date(year, month, day or (calendar.monthrange(year, month)[1] if end else 1))

    def overlaps(self, since: date | None, until: date | None) -> bool:
        """Say whether any day of the span lies between the two days, both included."""
        return (since is None or self.last >= since) and (until is None or self.first <= until)


@dataclass(frozen=True, slots=True)
class Article:
    """One article, whole.

    Attributes:
        id: Unique in its corpus: the file's name, or the ``id`` of a JSONL line.
        file: Path of the file relative to the corpus folder (a JSONL line: the JSONL file).
        title: As printed, or as the corpus states it.
        text: What offsets count in.
        sha256: Of the file's bytes; of the text in UTF-8 for a JSONL line.
        published: ISO date, month, year or interval as :meth:`DateSpan.parse` reads; None if unknown.
        basis: Field name to how its value was inferred, for values the text does not state.
    """

    id: str
    file: str
    title: str
    text: str
    sha256: str
    outlet: str | None = None
    published: str | None = None
    url: str | None = None
    language: str | None = None
    basis: Mapping[str, str] = field(default_factory=dict)

    @property
    def span(self) -> DateSpan | None:
        """Days on which the article may have been published, or None."""
        return DateSpan.parse(self.published) if self.published else None


@dataclass(frozen=True, slots=True)
class Passage:
    """An exact slice of an article made of whole sentences: what is embedded and searched."""

    id: str
    article_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """An exact slice of an article: what a quotation is made of."""

    start: int
    end: int
    kind: SentenceKind = SentenceKind.TEXT
