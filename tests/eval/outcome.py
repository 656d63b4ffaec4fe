"""What a system gives back for one question, in a form that every system can fill."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["Outcome", "Shown"]


@dataclass(frozen=True, slots=True)
class Shown:
    """One quotation: a slice of an article and the words that were shown for it."""

    document: str
    start: int
    end: int
    text: str
    score: float = 0.0
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one question.

    Attributes:
        articles: Of the passages found, best first, each once.
        quotations: Before any refusal, best first.
        confidence: That there is an answer; comparable between questions.
        refused: What the system itself decided; None where it decides nothing.
        shown: The quotations it showed after its decision.
        extra: Other quotations it printed, which only have to be exact.
        seconds: How long it took.
    """

    articles: tuple[str, ...]
    quotations: tuple[Shown, ...]
    confidence: float
    refused: bool | None = None
    shown: tuple[Shown, ...] = ()
    extra: tuple[Shown, ...] = ()
    seconds: float = 0.0

    def by_quotation(self) -> Outcome:
        """Order the articles as the quotations stand, instead of as the passages were found."""
        return replace(
            self, articles=tuple(dict.fromkeys(quotation.document for quotation in self.quotations))
        )
