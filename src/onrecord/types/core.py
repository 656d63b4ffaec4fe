"""The data that flows through onrecord: frozen dataclasses, from article to answer.

All offsets are counted in Unicode code points of the article's text. The text
is the file decoded as UTF-8 with a leading byte-order mark removed, so that
``article.text[x.start:x.end]`` is the slice that every type below stands for.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from onrecord.types.findings import Change, Clip, Constraint, Coverage, OnDisk, QuestionPart
from onrecord.types.statement import Mode, Source, Statement

__all__ = [
    "Answer",
    "Article",
    "Claim",
    "DateSpan",
    "Filters",
    "Hit",
    "Kind",
    "Mode",
    "Part",
    "Passage",
    "Progress",
    "Quote",
    "Searched",
    "Sentence",
    "Source",
    "Statement",
    "Turn",
]

_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


class Kind(StrEnum):
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
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Filters:
    """What a person narrowed the search to. Empty tuples and None mean no limit."""

    since: date | None = None
    until: date | None = None
    outlets: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.since or self.until or self.outlets or self.articles or self.speakers)


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that retrieval found.

    Attributes:
        passage: The passage.
        text: Its exact slice.
        score: The reader's score of the best sentence, higher is better.
        rank: From 1.
        why: Named parts of the score (``bm25``, ``cosine``, ...).
        on_disk: Whether the slice stands in the corpus as it is now.
    """

    passage: Passage
    text: str
    score: float
    rank: int
    why: Mapping[str, float] = field(default_factory=dict)
    on_disk: OnDisk = OnDisk.UNKNOWN


@dataclass(frozen=True, slots=True)
class Quote:
    """An exact slice of an article, shown to a person as a quotation.

    Attributes:
        article_id: The article.
        file: Where it lies, relative to the corpus folder.
        title: Of the article.
        start: First code point of the slice.
        end: Past the last code point.
        text: ``article.text[start:end]``, never anything else.
        sha256: Of the article, as in :class:`Article`.
        mode: Whether the slice carries direct speech, reported speech or the article's own words.
        speaker: Whose words, where known.
        outlet: Of the article.
        published: Of the article, as stated in the corpus.
        published_basis: How ``published`` was inferred, where it was.
        score: The reader's score, higher is better; comparable between questions.
        clips: What just outside the slice could turn its sense.
        unnamed: Whether the speaker is described and not named (``senior U.S. official``).
        certain: Whether the rules are sure of the speaker.
        said_on: ISO date, month or interval of the utterance, where the article tells it.
        said_on_basis: By what words, and from which date, ``said_on`` was worked out.
        on_disk: Whether the slice stands in the corpus as it is now.
    """

    article_id: str
    file: str
    title: str
    start: int
    end: int
    text: str
    sha256: str
    mode: Mode = Mode.ARTICLE
    speaker: str | None = None
    outlet: str | None = None
    published: str | None = None
    published_basis: str | None = None
    score: float = 0.0
    clips: tuple[Clip, ...] = ()
    unnamed: bool = False
    certain: bool = True
    said_on: str | None = None
    said_on_basis: str | None = None
    on_disk: OnDisk = OnDisk.UNKNOWN

    @property
    def stands(self) -> bool:
        """Whether the slice may be shown: nothing is known that speaks against it."""
        return self.on_disk not in (OnDisk.LOST, OnDisk.GONE)

    @property
    def voice(self) -> str | None:
        """Who speaks, for a person to read: no description passes for a name, no guess for knowledge."""
        if self.speaker is None or self.mode is Mode.ARTICLE:
            return None
        named = f"{self.speaker}, unnamed" if self.unnamed else self.speaker
        return named if self.certain else f"{named} (speaker not certain)"

    @property
    def direct(self) -> bool:
        """Whether the slice carries the speaker's own words."""
        return self.mode is Mode.DIRECT


@dataclass(frozen=True, slots=True)
class Searched:
    """What was searched for an answer, so that a refusal means something.

    Attributes:
        articles: How many articles were within the filters.
        passages: How many passages were within the filters.
        first: Earliest publication day known among them, ISO, or None.
        last: Latest publication day known among them, ISO, or None.
        filters: The filters, as text, empty when none.
        missing: Words of the question that stand nowhere in the corpus.
        coverage: What the quotations shown rest on; None where there is none.
    """

    articles: int
    passages: int
    first: str | None = None
    last: str | None = None
    filters: str = ""
    missing: tuple[str, ...] = ()
    coverage: Coverage | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange of a conversation, as far as a later question may lean on it.

    Attributes:
        question: As typed.
        standalone: As searched, where the question leaned on an earlier one; empty otherwise.
        speakers: Whose words the answer quoted, best first, each once.
        quotes: The slices that the answer quoted, in order; empty when it refused.
    """

    question: str
    standalone: str = ""
    speakers: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()

    @classmethod
    def of(cls, answer: Answer) -> Turn:
        """Keep of an answer what a later question may lean on."""
        speakers = dict.fromkeys(quote.speaker for quote in answer.quotes if quote.speaker)
        return cls(
            question=answer.question,
            standalone=answer.standalone if answer.standalone != answer.question else "",
            speakers=tuple(speakers),
            quotes=tuple(quote.text for quote in answer.quotes),
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of a chat model's prose, checked against the quotations that carry it; never a quotation.

    Attributes:
        text: The prose; holds no quotation mark.
        quotes: Numbers, from 1, of the answer's quotations that carry it; at least one.
    """

    text: str
    quotes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person gets: quotations, or a refusal that says what was searched.

    Attributes:
        id: Of this answer.
        question: As asked.
        standalone: The question that was searched, when it leans on an earlier one.
        text: For reading: attributions, quotations and [n] marks.
        quotes: In the order shown; empty exactly when refused.
        ranked: The best quotations before the refusal threshold, in the reader's order.
        confidence: What the threshold is applied to, in [0, 1].
        reason: Why refused, or what the question takes for granted in vain; empty otherwise.
        nearest: When refused, the nearest passages, which are not an answer.
        searched: What was searched.
        mode: ``reference``, or the chat model's name.
        claims: A chat model's prose, sentence by sentence; empty in the reference mode.
        dropped: Why claims of a chat model are not shown, each with their count.
        changes: Where the question compares: what may have changed from one quotation to a later one.
        notice: What a person should know of how the answer came about; empty if nothing.
        timings: Step to milliseconds.
        wants: What kind of answer is asked for: ``who``, ``when``, ``compare``, ``list``, ….
        constraints: What the question asks of every quotation, and whether that is met.
        parts: Of a question that has several, at least one of them answered; empty otherwise.
    """

    id: str
    question: str
    standalone: str
    text: str
    quotes: tuple[Quote, ...]
    ranked: tuple[Quote, ...]
    confidence: float
    reason: str
    nearest: tuple[Quote, ...]
    searched: Searched
    mode: str = "reference"
    claims: tuple[Claim, ...] = ()
    changes: tuple[Change, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)
    notice: str = ""
    timings: Mapping[str, float] = field(default_factory=dict)
    wants: str = ""
    constraints: tuple[Constraint, ...] = ()
    parts: tuple[QuestionPart, ...] = ()

    @property
    def refused(self) -> bool:
        """True exactly when there is no quotation."""
        return not self.quotes

    @property
    def partly(self) -> bool:
        """Whether some parts of the question are answered and others are not."""
        return bool(self.quotes) and not all(part.answered for part in self.parts)

    @property
    def caveats(self) -> tuple[str, ...]:
        """Say, a line each, which parts are not answered and which constraints are not met."""
        lines = [*(part.told for part in self.parts), *(each.told for each in self.constraints)]
        return tuple(dict.fromkeys(line for line in lines if line))


@dataclass(frozen=True, slots=True)
class Progress:
    """A step of an answer that is done, told while the answer is being made.

    Attributes:
        step: ``condense``, ``retrieve``, ``read``, ``answer`` or ``verify``.
        told: What came of it, for a person; one line.
        ms: How long it took, milliseconds.
    """

    step: str
    told: str
    ms: float


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an answer that has been verified, given while the rest is being made.

    Attributes:
        text: A sentence of a chat model's prose; empty in the reference mode.
        numbers: Of the quotations that carry it, from 1.
        quotes: Number and quotation of those that no earlier part gave.
    """

    text: str
    numbers: tuple[int, ...]
    quotes: tuple[tuple[int, Quote], ...]
