"""One record a question: what was shown, and where the gold stands in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from onrecord.evaluation.metrics.answer_in_quotation import first_with_answer
from onrecord.evaluation.metrics.gold_quotation import first_with_gold, gold_places
from onrecord.evaluation.metrics.hit import first_gold
from onrecord.evaluation.metrics.ndcg import ndcg_at
from onrecord.evaluation.outcome import Outcome, Shown
from onrecord.evaluation.questions import Document, Question, QuestionSet

_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Record:
    """What became of one question.

    A rank is counted from 1; it is 0 where nothing of it is right, and None where nothing is wanted.

    Attributes:
        id: Of the question.
        question: Its text.
        kind: What sort of question it is.
        answerable: Whether there is an answer.
        wanted: Gold quotes, or answers where there are none.
        article_rank: Of the first gold article among those found.
        ndcg: nDCG@10 of the articles found.
        answer_rank: Of the first quotation, before any refusal, that holds a short answer's words.
        gold_rank: Of the first quotation, before any refusal, that covers a gold quote.
        shown_rank: Of the first quotation shown that does either; 0 after a refusal.
        confidence: That there is an answer.
        refused: What was decided.
        claims: Sentences of a chat model that were shown.
        dropped: Those that were left out.
        checked: Quotations and passages held against their articles.
        seconds: How long it took.
        error: Why the question could not be asked; empty if it could.
        quotations: Before any refusal, best first.
        shown: After it, in the order shown.
        inexact: What was no slice of its article.
    """

    id: str
    question: str
    kind: str
    answerable: bool
    wanted: tuple[str, ...]
    article_rank: int | None
    ndcg: float | None
    answer_rank: int | None
    gold_rank: int | None
    shown_rank: int | None
    confidence: float
    refused: bool
    claims: int
    dropped: int
    checked: int
    seconds: float
    error: str
    quotations: tuple[Shown, ...]
    shown: tuple[Shown, ...]
    inexact: tuple[Shown, ...]

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Record:
        """Make a record of what JSON holds of one.

        Args:
            row: As :func:`dataclasses.asdict` gives it.

        Returns:
            The record.

        Raises:
            KeyError: If something is missing.
            TypeError: If something is not as it should be.
        """
        values = {field.name: row[field.name] for field in fields(cls)}
        for name in ("quotations", "shown", "inexact"):
            values[name] = tuple(Shown(**each) for each in values[name])
        return cls(**values | {"wanted": tuple(values["wanted"])})

    @property
    def right(self) -> bool | None:
        """Whether the first quotation shown is right, or the refusal is; None where nobody can tell."""
        if not self.answerable:
            return self.refused
        return None if self.shown_rank is None else self.shown_rank == 1

    @property
    def told(self) -> str:
        """What became of it, in a few words."""
        if self.refused:
            return f"{'falsely ' if self.answerable else ''}refused ({self.confidence:.2f})"
        if not self.answerable:
            return f"answered, though nothing answers it ({self.confidence:.2f})"
        if self.shown_rank is None:
            return f"answered ({self.confidence:.2f})"
        return f"right in quotation {self.shown_rank}" if self.shown_rank else "nothing right is shown"


def records_of(questions: QuestionSet, outcomes: Sequence[Outcome]) -> tuple[Record, ...]:
    """Hold each outcome against its question."""
    short = questions.short_answers
    pairs = zip(questions.questions, outcomes, strict=True)
    return tuple(_record(question, outcome, questions.documents, short=short) for question, outcome in pairs)


def _record(
    question: Question, outcome: Outcome, documents: Mapping[str, Document], *, short: bool
) -> Record:
    counted = question if question.answerable else Question(question.id, question.text, answerable=False)
    places = gold_places(counted, documents)
    answers = counted.answers if short else ()
    gold = counted.gold
    by_place = first_with_gold(outcome.quotations, places) if places else None
    by_words = first_with_answer(outcome.quotations, answers) if answers else None
    return Record(
        id=question.id,
        question=question.text,
        kind=question.kind,
        answerable=question.answerable,
        wanted=tuple(e.quote for e in counted.evidence if e.quote) or counted.answers,
        article_rank=first_gold(outcome.articles, gold) if gold else None,
        ndcg=ndcg_at(outcome.articles, gold, _DEPTH),
        answer_rank=by_words,
        gold_rank=by_place,
        shown_rank=_first(first_with_gold(outcome.shown, places), first_with_answer(outcome.shown, answers))
        if places or answers
        else None,
        confidence=outcome.confidence,
        refused=outcome.refused,
        claims=outcome.claims,
        dropped=outcome.dropped,
        checked=outcome.checked,
        seconds=outcome.seconds,
        error=outcome.error,
        quotations=outcome.quotations,
        shown=outcome.shown,
        inexact=outcome.inexact,
    )


def _first(*ranks: int) -> int:
    """Give the lowest rank of those that were found; 0 where none was."""
    return min((rank for rank in ranks if rank), default=0)
