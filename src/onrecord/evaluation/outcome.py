"""What a system gives back for one question, in a form that every system can fill."""

from __future__ import annotations

from dataclasses import dataclass


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
        refused: What the system decided.
        shown: The quotations it showed after its decision.
        claims: Sentences of a chat model that it showed.
        dropped: Sentences of a chat model that it left out.
        checked: Quotations and passages of any use that were held against their articles.
        inexact: Those of them that are no slice.
        seconds: How long it took.
        error: Why the question could not be asked; empty if it could.
    """

    articles: tuple[str, ...]
    quotations: tuple[Shown, ...]
    confidence: float
    refused: bool
    shown: tuple[Shown, ...] = ()
    claims: int = 0
    dropped: int = 0
    checked: int = 0
    inexact: tuple[Shown, ...] = ()
    seconds: float = 0.0
    error: str = ""
