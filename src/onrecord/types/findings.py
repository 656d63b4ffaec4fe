"""What is found out about quotations: what they leave out, what they rest on, what changed between them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "Change",
    "Clip",
    "Constraint",
    "Coverage",
    "Limit",
    "OnDisk",
    "QuestionPart",
    "Shift",
    "Turning",
    "article_name",
]


class OnDisk(StrEnum):
    """What became of an article's file, or of the record in it, since the article was indexed."""

    SAME = "same"
    """It holds this very article."""
    CHANGED = "changed"
    """It holds another text now; of a quotation: which still has the very slice in the very place."""
    LOST = "lost"
    """Only of a quotation, and never shown: the file holds another text, without the slice in its place."""
    GONE = "gone"
    """It was deleted, or is no part of the corpus any more."""
    UNKNOWN = "unknown"
    """The corpus is not here, or cannot be read, so that nothing can be compared."""

    @property
    def told(self) -> str:
        """Say so of an article, after its name; empty where nothing is to be said."""
        return {
            OnDisk.CHANGED: "changed on disk since it was indexed",
            OnDisk.LOST: "changed on disk since it was indexed",
            OnDisk.GONE: "deleted, or taken out of the corpus, since it was indexed",
        }.get(self, "")

    @property
    def said(self) -> str:
        """Say so beside an article that is shown whole; empty where its file holds it."""
        if self is OnDisk.UNKNOWN:
            return "unconfirmed: the corpus is not here, or cannot be read; the index says so"
        return self.told


def article_name(ident: str, file: str) -> str:
    """Name an article by its file, or as a record of a file that holds many."""
    return file if ident == file else f"{ident} in {file}"


class Turning(StrEnum):
    """What, just outside a slice, could turn its sense."""

    NEGATION = "negation"
    CONDITION = "condition"
    CONTRAST = "contrast"
    ELLIPSIS = "ellipsis"
    QUESTION = "question"
    """The slice answers a question that stands before it."""


@dataclass(frozen=True, slots=True)
class Clip:
    """What a slice leaves out that could turn its sense: itself an exact slice of the same article.

    Attributes:
        turning: Why it matters.
        start: First code point.
        end: Past the last code point.
        text: ``article.text[start:end]``.
    """

    turning: Turning
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the quotations of an answer rest on.

    Attributes:
        articles: How many articles carry them, copies included.
        origins: How many of these are independent: near-identical articles, and articles that carry the
            same direct quotation, are one.
        first: Earliest publication day known among the articles, ISO, or None.
        last: Latest publication day known among them, ISO, or None.
        outlets: Of the articles quoted, those that are known.
        speakers: Whose words are quoted, in order; an unnamed source is marked so.
        warnings: One sentence for each way in which all of it comes from one side.
    """

    articles: int
    origins: int
    first: str | None = None
    last: str | None = None
    outlets: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Shift(StrEnum):
    """In what two quotations differ, by rule."""

    POLARITY = "polarity"
    MODALITY = "modality"
    NUMBERS = "numbers"


@dataclass(frozen=True, slots=True)
class Change:
    """What may have changed from one quotation to a later one of the same speaker; never a claim that it did.

    Attributes:
        before: Number of the earlier quotation in its answer, from 1.
        after: Number of the later one.
        before_on: ISO date of the earlier one, or of its article; None if unknown.
        after_on: The same of the later one.
        shifts: In what they differ; empty where no rule finds a difference.
        words: For each shift the words that show it, as the earlier and as the later one has them.
        before_inferred: Whether ``before_on`` is a day of publication that the article does not state.
        after_inferred: The same of ``after_on``.
    """

    before: int
    after: int
    before_on: str | None = None
    after_on: str | None = None
    shifts: tuple[Shift, ...] = ()
    words: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    before_inferred: bool = False
    after_inferred: bool = False


class Limit(StrEnum):
    """By what a question narrows itself."""

    SPEAKER = "speaker"
    DATE = "date"
    OUTLET = "outlet"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Constraint:
    """What a question asks of every quotation, beside its subject.

    Attributes:
        limit: Of what kind.
        words: As the question has it: ``June 2021``.
        met: Whether the quotations keep to it; of a refusal, whether the corpus holds anything that would.
        told: One line where it is not met, or how it was read where that has to be said; empty otherwise.
    """

    limit: Limit
    words: str
    met: bool
    told: str = ""


@dataclass(frozen=True, slots=True)
class QuestionPart:
    """A part of a question that has several, each searched and judged on its own.

    Attributes:
        words: In words of the question: ``what Zarif replied``.
        answered: Whether quotations answer it.
        quotes: Numbers, from 1, of the answer's quotations for it; empty where it is not answered.
        confidence: That it is answered, in [0, 1].
        told: Where it is not answered: one line that says so, and why.
    """

    words: str
    answered: bool
    quotes: tuple[int, ...]
    confidence: float
    told: str = ""
