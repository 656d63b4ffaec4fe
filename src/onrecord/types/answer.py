"""What a person gets: an answer, what it rests on, and what is told while it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from onrecord.types.quote import Quote


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
