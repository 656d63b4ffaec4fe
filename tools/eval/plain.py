"""The plain system that onrecord is compared with: what anybody would build first.

Passages of about 700 characters, MiniLM vectors, Okapi BM25, reciprocal-rank
fusion (Cormack et al. 2009) with k = 60; the sentences of the first 8 passages
ranked by cosine plus the share of the question's stems they hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from onrecord.evaluation.outcome import Outcome, Shown
from onrecord.evaluation.questions import Question, QuestionSet
from onrecord.models.embedder import TorchEmbedder
from tools.eval.plain_bm25 import BM25, stems
from tools.eval.plain_text import PlainPassage, cut
from tools.eval.plain_vectors import passage_vectors, question_vectors

__all__ = ["PLAIN", "Plain"]

PLAIN = ("BM25", "dense", "fused")
_READ = 8
_FUSED = 100
_RRF = 60
_DEPTH = 50


@dataclass(frozen=True, slots=True)
class _Ranking:
    rows: np.ndarray
    confidence: float | None


class Plain:
    """The three rankings over one set."""

    def __init__(
        self,
        questions: QuestionSet,
        folder: Path,
        *,
        embedder: Callable[[], TorchEmbedder],
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self._set = questions
        self._embedder = embedder
        self._passages = cut(questions.documents.values())
        self._first = np.cumsum([0, *(len(passage.sentences) for passage in self._passages)])
        self._vectors = passage_vectors(
            self._passages, questions.documents, folder, embedder=embedder, progress=progress
        )
        self._bm25 = BM25([self._text(passage) for passage in self._passages])

    @property
    def passages(self) -> int:
        """How many passages there are."""
        return len(self._passages)

    def ask(self, questions: Sequence[Question]) -> dict[str, list[Outcome]]:
        """Answer each question by each of the three rankings."""
        outcomes: dict[str, list[Outcome]] = {name: [] for name in PLAIN}
        if not questions:
            return outcomes
        vectors = question_vectors([q.text for q in questions], embedder=self._embedder())
        for question, vector in zip(questions, vectors, strict=True):
            for name, ranking in self._rankings(question.text, vector).items():
                outcomes[name].append(self._outcome(question.text, vector, ranking))
        return outcomes

    def _rankings(self, question: str, vector: np.ndarray) -> dict[str, _Ranking]:
        cosine = self._vectors.passages @ vector
        lexical = self._bm25.scores(question)
        by_cosine, by_bm25 = _best(cosine, _FUSED), _best(lexical, _FUSED)
        by_bm25 = by_bm25[lexical[by_bm25] > 0]
        return {
            "BM25": _Ranking(by_bm25, float(lexical.max())),
            "dense": _Ranking(by_cosine, float(cosine.max())),
            "fused": _Ranking(_fuse(by_bm25, by_cosine), None),
        }

    def _outcome(self, question: str, vector: np.ndarray, ranking: _Ranking) -> Outcome:
        quotations = self._read(question, vector, ranking.rows[:_READ])
        best = quotations[0].score if quotations else 0.0
        return Outcome(
            articles=tuple(dict.fromkeys(self._passages[row].document for row in ranking.rows[:_DEPTH])),
            quotations=quotations[:10],
            confidence=best if ranking.confidence is None else ranking.confidence,
            refused=False,
        )

    def _read(self, question: str, vector: np.ndarray, rows: Sequence[int]) -> tuple[Shown, ...]:
        wanted = set(stems(question))
        shown = []
        for row in rows:
            passage = self._passages[row]
            cosines = self._vectors.sentences[self._first[row] : self._first[row + 1]] @ vector
            text = self._set.documents[passage.document].text
            for (start, end), cosine in zip(passage.sentences, cosines, strict=True):
                overlap = len(wanted & set(stems(text[start:end]))) / max(len(wanted), 1)
                shown.append(Shown(passage.document, start, end, text[start:end], float(cosine) + overlap))
        return tuple(sorted(shown, key=lambda quotation: -quotation.score))

    def _text(self, passage: PlainPassage) -> str:
        return self._set.documents[passage.document].text[passage.start : passage.end]


def _best(scores: np.ndarray, count: int) -> np.ndarray:
    """Give the rows of the highest scores, best first, equal ones by row."""
    count = min(count, len(scores))
    rows = np.argpartition(-scores, count - 1)[:count]
    return rows[np.lexsort((rows, -scores[rows]))]


def _fuse(*rankings: np.ndarray) -> np.ndarray:
    fused: dict[int, float] = {}
    for ranking in rankings:
        for rank, row in enumerate(ranking.tolist(), start=1):
            fused[row] = fused.get(row, 0.0) + 1 / (_RRF + rank)
    return np.asarray(sorted(fused, key=lambda row: (-fused[row], row)), np.int64)
