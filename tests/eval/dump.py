"""One JSON line a question, for reading errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, Any

import orjson

from tests.eval.metrics.quotation import first_by_place, first_by_words
from tests.eval.metrics.rank import first_gold
from tests.eval.metrics.spans import covers, occurrences
from tests.eval.outcome import Outcome, Shown
from tests.eval.sets import Question, QuestionSet

__all__ = ["dump"]


def dump(stream: IO[bytes], questions: QuestionSet, outcomes: Mapping[str, Sequence[Outcome]]) -> None:
    """Write what every system made of every question."""
    for row, question in enumerate(questions.questions):
        line = {
            "set": questions.name,
            "id": question.id,
            "question": question.text,
            "answerable": question.answerable,
            "kind": question.kind,
            "history": question.history,
            "answers": question.answers,
            "evidence": [{"document": e.document, "quote": e.quote} for e in question.evidence],
            "systems": {name: _outcome(question, found[row], questions) for name, found in outcomes.items()},
        }
        stream.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


def _outcome(question: Question, outcome: Outcome, questions: QuestionSet) -> dict[str, Any]:
    return {
        "article_rank": first_gold(outcome.articles, question.gold),
        "quotation_rank": first_by_place(outcome.quotations, question, questions.documents),
        "words_rank": first_by_words(outcome.quotations, question),
        "confidence": outcome.confidence,
        "refused": outcome.refused,
        "articles": outcome.articles[:10],
        "quotations": [_quotation(question, shown, questions) for shown in outcome.quotations],
        "shown": len(outcome.shown),
    }


def _quotation(question: Question, shown: Shown, questions: QuestionSet) -> dict[str, Any]:
    gold = any(
        piece.document == shown.document and covers((shown.start, shown.end), place)
        for piece in question.evidence
        if piece.quote
        for place in occurrences(questions.documents[piece.document].text, piece.quote)
    )
    return {
        "document": shown.document,
        "start": shown.start,
        "end": shown.end,
        "score": shown.score,
        "gold": gold,
        "text": shown.text,
    }
