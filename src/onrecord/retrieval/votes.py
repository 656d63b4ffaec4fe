"""Agreement: which words the passages that were read give as the answer, and which sentences hold them.

An event is told in several articles, and what answers a question about it
stands in most of them. Each passage spreads one vote over its words, by the
reader's probability that a word stands in the answer; a passage that holds
none keeps its vote. A sentence gets the votes of its words, its own passage's
and those of the others.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from onrecord.index.columns.store import Store
from onrecord.models.cross_encoder import Reading
from onrecord.retrieval.features import Features, ranges
from onrecord.text.terms import placed_terms


def agreement(
    store: Store, question: str, features: Features, readings: Mapping[int, Reading]
) -> npt.NDArray[np.float32]:
    """Count the votes for every candidate sentence.

    Gives shape [s, 3]: the votes for a sentence's words, those of other passages than its own, and those for
    its best word. No column exceeds the number of passages read.
    """
    columns = np.zeros((len(features.rows), 3), np.float32)
    asked = set(placed_terms(question)[1])
    words = np.array(sorted({w for r in readings.values() for w in r.words} - asked), np.uint32)
    if not len(words):
        return columns
    shares = np.array([[reading.words.get(w, 0.0) for w in words.tolist()] for reading in readings.values()])
    # One more row, of nothing, for sentences whose passage was not read.
    shares = np.concatenate([shares, np.zeros((1, len(words)))])
    total = shares.sum(axis=0)
    row_of = np.full(int(features.owner.max()) + 1, len(readings))
    row_of[list(readings)] = np.arange(len(readings))
    sentence, word = _occurrences(store, features.rows, words)
    others = total[word] - shares[row_of[features.owner[sentence]], word]
    count = len(features.rows)
    columns[:, 0] = np.bincount(sentence, weights=total[word], minlength=count)
    columns[:, 1] = np.bincount(sentence, weights=others, minlength=count)
    np.maximum.at(columns[:, 2], sentence, total[word].astype(np.float32))
    return columns


def _occurrences(
    store: Store, rows: npt.NDArray[np.int64], words: npt.NDArray[np.uint32]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Give each pair of a sentence and a word that stands in it once, as positions in both."""
    first = store.sentences["token"][rows]
    counts = store.sentences["token"][rows + 1] - first
    positions, sentence = ranges(first, counts)
    tokens = store.tokens[positions]
    at = np.minimum(np.searchsorted(words, tokens), len(words) - 1)
    held = words[at] == tokens
    pairs = np.unique(sentence[held] * len(words) + at[held])
    return pairs // len(words), pairs % len(words)
