"""onrecord itself under evaluation: its index built as anybody's is, its answers taken as it gives them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from onrecord import Assistant, Quote, Settings, build_index
from tests.eval.outcome import Outcome, Shown
from tests.eval.sets import Question

__all__ = ["Ours"]

_DEPTH = 50


class Ours:
    """An assistant over one set."""

    def __init__(
        self, corpus: Path, index: Path, *, progress: Callable[[str, int, int], None] | None = None
    ) -> None:
        settings = Settings.load(corpus=corpus, index=index)
        self.report = build_index(settings, progress=progress)
        self._assistant = Assistant.open(settings)

    def close(self) -> None:
        """Give the index back."""
        self._assistant.close()

    def ask(self, questions: Iterable[Question]) -> list[Outcome]:
        """Answer each question."""
        return [self._outcome(question) for question in questions]

    def _outcome(self, question: Question) -> Outcome:
        started = time.perf_counter()
        answer = self._assistant.ask(question.text, history=question.history)
        seconds = time.perf_counter() - started
        hits = self._assistant.search(answer.standalone or question.text, limit=_DEPTH)
        return Outcome(
            articles=tuple(dict.fromkeys(hit.passage.article_id for hit in hits)),
            quotations=_shown(answer.ranked),
            confidence=answer.confidence,
            refused=answer.refused,
            shown=_shown(answer.quotes),
            extra=(
                *_shown(answer.nearest),
                *(Shown(h.passage.article_id, h.passage.start, h.passage.end, h.text) for h in hits),
            ),
            seconds=seconds,
        )


def _shown(quotes: Iterable[Quote]) -> tuple[Shown, ...]:
    return tuple(Shown(q.article_id, q.start, q.end, q.text, q.score, q.speaker) for q in quotes)
