"""Okapi BM25 with an English stemmer (Robertson and Zaragoza 2009), k1 1.2, b .75."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

__all__ = ["BM25", "stems"]

_K1 = 1.2
_B = 0.75


@cache
def _analyzer() -> Any:
    import tantivy

    steps = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for step in (tantivy.Filter.lowercase(), tantivy.Filter.ascii_fold(), tantivy.Filter.stemmer("English")):
        steps = steps.filter(step)
    return steps.build()


def stems(text: str) -> list[str]:
    """Give the stems of a text, in order."""
    found: list[str] = _analyzer().analyze(text)
    return found


class BM25:
    """An inverted list per stem, scored in memory."""

    def __init__(self, texts: Sequence[str]) -> None:
        numbers: dict[str, int] = {}
        terms, rows, counts, lengths = [], [], [], []
        for row, text in enumerate(texts):
            words = Counter(stems(text))
            lengths.append(sum(words.values()))
            for word, count in words.items():
                terms.append(numbers.setdefault(word, len(numbers)))
                rows.append(row)
                counts.append(count)
        order = np.argsort(np.asarray(terms, np.int64), kind="stable")
        self._numbers = numbers
        self._rows = np.asarray(rows, np.int64)[order]
        self._first = np.searchsorted(np.asarray(terms, np.int64)[order], np.arange(len(numbers) + 1))
        self._total = len(texts)
        tf = np.asarray(counts, np.float32)[order]
        length = np.asarray(lengths, np.float32)[self._rows]
        norm = _K1 * (1 - _B + _B * length / (sum(lengths) / max(len(lengths), 1)))
        self._weights = tf * (_K1 + 1) / (tf + norm)

    def scores(self, query: str) -> np.ndarray:
        """Score every text, shape [texts]."""
        scores = np.zeros(self._total, np.float32)
        for word in set(stems(query)):
            number = self._numbers.get(word)
            if number is not None:
                held = slice(self._first[number], self._first[number + 1])
                scores[self._rows[held]] += self.idf(word) * self._weights[held]
        return scores

    def idf(self, word: str) -> float:
        """Give a stem's weight: high for what few texts hold, and for what none does."""
        number = self._numbers.get(word)
        held = 0 if number is None else int(self._first[number + 1] - self._first[number])
        return float(np.log(1 + (self._total - held + 0.5) / (held + 0.5)))
