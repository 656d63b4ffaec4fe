"""onrecord under evaluation: its index built as anybody's is, its answers taken as it gives them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache, cached_property

from onrecord.assistant.assistant import Assistant
from onrecord.errors import QuestionError
from onrecord.evaluation.cache import Cache
from onrecord.evaluation.fingerprint import (
    code_fingerprint,
    index_fingerprint,
    question_key,
    settings_fingerprint,
)
from onrecord.evaluation.metrics.exactness import find_inexact
from onrecord.evaluation.outcome import Outcome, Shown
from onrecord.evaluation.questions import Question, QuestionSet
from onrecord.index.build import build_index
from onrecord.settings import Settings
from onrecord.types import Answer, Hit, Quote

_DEPTH = 50
_code = cache(code_fingerprint)
"""Once a process: what is edited while it runs is not what it runs."""


class Answering:
    """An assistant over one set; opened when the first question has to be asked.

    Args:
        settings: Where corpus and index are; the index is brought in step with the corpus.
        cache: Outcomes of earlier runs; None asks every question.
        progress: Hears of a step of the index's build, how much is done, and the total.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        cache: Cache | None = None,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> None:
        self._code = _code()
        build_index(settings, progress=progress)
        self._settings = settings
        self._cache = cache
        self.asked = 0

    def __enter__(self) -> Answering:
        return self

    def __exit__(self, *_: object) -> None:
        if "_assistant" in self.__dict__:
            self._assistant.close()

    @cached_property
    def _assistant(self) -> Assistant:
        return Assistant.open(self._settings)

    @cached_property
    def _base(self) -> str:
        """All that an answer depends on but the question."""
        index = index_fingerprint(self._settings.index, key=self._settings.signing)
        return "\n".join((self._code, index, settings_fingerprint(self._settings)))

    def outcomes(self, questions: QuestionSet) -> Iterator[Outcome]:
        """Answer each question, or give what it was answered with before."""
        for question in questions.questions:
            key = question_key(question, self._base)
            outcome = self._cache.get(key) if self._cache else None
            if outcome is None:
                outcome, sound = self._ask(question, questions)
                if self._cache and sound:
                    self._cache.put(key, outcome)
            yield outcome

    def _ask(self, question: Question, questions: QuestionSet) -> tuple[Outcome, bool]:
        """Answer a question, and say whether it would be answered so again: a chat model may have failed."""
        self.asked += 1
        started = time.perf_counter()
        try:
            answer = self._assistant.ask(question.text, history=question.history)
            seconds = time.perf_counter() - started
            hits = self._assistant.search(answer.standalone or question.text, limit=_DEPTH)
        except QuestionError as error:
            return Outcome((), (), confidence=0.0, refused=True, error=str(error)), True
        return _outcome(answer, hits, questions, seconds), not (self._assistant.model and _failed(answer))


def _failed(answer: Answer) -> bool:
    """Say whether a chat model gave nothing, as far as the answer tells."""
    return answer.mode == "reference" and bool(answer.notice) and not answer.dropped


def _outcome(answer: Answer, hits: Iterable[Hit], questions: QuestionSet, seconds: float) -> Outcome:
    passages = [Shown(h.passage.article_id, h.passage.start, h.passage.end, h.text) for h in hits]
    quotations, shown = _shown(answer.ranked), _shown(answer.quotes)
    everything = (*quotations, *shown, *_shown(answer.nearest), *passages)
    return Outcome(
        articles=tuple(dict.fromkeys(passage.document for passage in passages)),
        quotations=quotations,
        confidence=answer.confidence,
        refused=answer.refused,
        shown=shown,
        claims=len(answer.claims),
        dropped=sum(answer.dropped.values()),
        checked=len(everything),
        inexact=find_inexact(everything, questions.documents),
        seconds=seconds,
    )


def _shown(quotes: Iterable[Quote]) -> tuple[Shown, ...]:
    return tuple(Shown(q.article_id, q.start, q.end, q.text, q.score, q.speaker) for q in quotes)
