"""Judging: a first ranking of all candidate sentences, and a second of those that the reader read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from onrecord.index.opened import Index
from onrecord.models.cross_encoder import CrossEncoder, Reading, ReadPassage
from onrecord.question.query import Query
from onrecord.retrieval.candidates import Candidates
from onrecord.retrieval.features import NAMES, Features
from onrecord.retrieval.ranker import PAGES, READ_MOST, READ_NAMES, READ_UNIT, Ranker
from onrecord.retrieval.votes import agreement

_LEAST = 1e-6


class Reads(Protocol):
    """What reads passages, as :class:`onrecord.models.cross_encoder.CrossEncoder` does."""

    def read(self, question: str, pages: Sequence[ReadPassage]) -> tuple[Reading, ...]:
        """Read passages of one question."""
        ...


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one ranking makes of a question: what it looked at, its scores, and how sure it is, in [0, 1]."""

    features: Features
    scores: npt.NDArray[np.float32]
    sure: float


@dataclass(frozen=True, slots=True)
class Judge:
    """Scores sentences.

    Attributes:
        first: Ranks by features alone.
        reader: Reads the best passages of the first ranking; None where there is no reader.
        second: Ranks by features and readings; None for a reader that no ranker knows, whose scores
            are added to the first ranking's.
    """

    first: Ranker
    reader: Reads | None = None
    second: Ranker | None = None

    def score(
        self, index: Index, query: Query, candidates: Candidates, features: Features
    ) -> tuple[Features, npt.NDArray[np.float32]]:
        """Score every candidate sentence.

        Args:
            index: Where they are.
            query: The question, read.
            candidates: The passages.
            features: Of their sentences.

        Returns:
            The features, with the reader's columns where there is a reader, and the scores, shape [s],
            higher is better; -inf for what may not be quoted.
        """
        scores = self.first.score(query, features)
        if self.reader is None or _bounded(query) or not np.isfinite(scores).any():
            return features, scores
        readings = self._readings(index, query, candidates, features, scores)
        if self.second is None:
            return features, _added(features, scores, readings)
        features = _widened(index, query, features, scores, readings)
        return features, self.second.score(query, features)

    def opinions(
        self, query: Query, features: Features, scores: npt.NDArray[np.float32]
    ) -> tuple[Opinion, ...]:
        """Say how sure each ranking is that its own best sentence answers.

        Args:
            query: The question, read.
            features: As :meth:`score` gave them, or fewer of them usable.
            scores: Of their sentences.

        Returns:
            The first ranker's; where passages were read, the second's as well.
        """
        plain = replace(features, matrix=features.matrix[:, : len(NAMES)])
        own = self.first.score(query, plain)
        first = Opinion(plain, own, self.first.confidence(query, plain, own))
        if self.second is None or features.matrix.shape[1] == len(NAMES):
            return (first,)
        return first, Opinion(features, scores, self.second.confidence(query, features, scores))

    def look(self, index: Index, query: Query, candidates: Candidates, features: Features) -> Features:
        """Give the features with the reader's columns, for training the second ranker on them."""
        scores = self.first.score(query, features)
        readings = self._readings(index, query, candidates, features, scores)
        return _widened(index, query, features, scores, readings)

    def _readings(
        self,
        index: Index,
        query: Query,
        candidates: Candidates,
        features: Features,
        scores: npt.NDArray[np.float32],
    ) -> dict[int, Reading]:
        """Read the best passages of the first ranking."""
        if self.reader is None:
            return {}
        best = best_passages(features, scores)
        pages = [page_of(index, candidates, features, at) for at in best]
        return dict(zip(best, self.reader.read(query.text, pages), strict=True))


def _widened(
    index: Index,
    query: Query,
    features: Features,
    scores: npt.NDArray[np.float32],
    readings: Mapping[int, Reading],
) -> Features:
    """Put the reader's columns behind the features, the votes of the passages among them."""
    votes = agreement(index.store, query.text, features, readings)
    return with_readings(features, scores, readings, votes)


def between(first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Give what lies between two confidences, of any one shape: that of the mean of their log-odds."""
    one, other = (np.clip(each, _LEAST, 1 - _LEAST) for each in (first, second))
    odds = np.sqrt(one / (1 - one) * other / (1 - other))
    return np.asarray(odds / (1 + odds), np.float64)


def _bounded(query: Query) -> bool:
    """Say whether a question names a day, compares, or borrows from an earlier one.

    Of dated and comparing questions, reading put the right quotation first less often.
    """
    return bool(query.days or query.comparing or query.borrowed)


def open_judge(reader: str) -> Judge:
    """Open what scores sentences.

    Args:
        reader: As in :attr:`onrecord.settings.Settings.reader`.

    Returns:
        The judge.

    Raises:
        ModelError: If the reader cannot be loaded.
    """
    first = Ranker.shipped()
    if reader == "none":
        return Judge(first)
    if reader == "onrecord":
        return Judge(first, CrossEncoder.shipped(), Ranker.shipped(reading=True))
    from onrecord.models.hub_cross_encoder import HubCrossEncoder

    return Judge(first, HubCrossEncoder.open(reader))


def best_passages(features: Features, scores: npt.NDArray[np.float32], most: int = PAGES) -> list[int]:
    """Give the candidates with the best sentences, best first."""
    best = np.full(int(features.owner.max(initial=-1)) + 1, -np.inf, np.float32)
    np.maximum.at(best, features.owner, scores)
    order = np.argsort(-best, kind="stable")[:most]
    return [int(at) for at in order if np.isfinite(best[at])]


def page_of(index: Index, candidates: Candidates, features: Features, at: int) -> ReadPassage:
    """Lay a passage out: its sentences, which follow one another, and its title."""
    article = index.article(int(index.store.passages["article"][candidates.rows[at]]))
    sentences = index.store.sentences[features.rows[features.owner == at]]
    starts, ends = (sentences[side].astype(np.int64) for side in ("start", "end"))
    first, last = int(starts[0]), int(ends[-1])
    return ReadPassage(article.title, article.text[first:last], starts - first, ends - first)


def _added(
    features: Features, scores: npt.NDArray[np.float32], readings: Mapping[int, Reading]
) -> npt.NDArray[np.float32]:
    """Add the readings to the scores; what was not read gets the lowest."""
    lowest = min((float(reading.scores.min(initial=0)) for reading in readings.values()), default=0.0)
    added = np.full(len(scores), lowest, np.float32)
    for at, reading in readings.items():
        added[features.owner == at] = reading.scores
    return scores + added


def with_readings(
    features: Features,
    scores: npt.NDArray[np.float32],
    readings: Mapping[int, Reading],
    votes: npt.NDArray[np.float32],
) -> Features:
    """Give the features with the columns :data:`onrecord.retrieval.ranker.READ_NAMES` behind them."""
    columns = np.zeros((len(features.rows), len(READ_NAMES)), np.float32)
    named = {name: columns[:, at] for at, name in enumerate(READ_NAMES)}
    finite = np.where(features.usable, scores, -np.inf)
    best = float(finite.max(initial=-np.inf))
    named["first"][:] = np.where(features.usable, scores, 0) / READ_UNIT
    named["first_gap"][:] = np.maximum(np.where(features.usable, scores, best) - best, -READ_MOST) / READ_UNIT
    read = np.full(len(features.rows), -READ_MOST, np.float32)
    for at, reading in readings.items():
        mine = features.owner == at
        named["seen"][mine] = 1
        read[mine] = np.clip(reading.scores, -READ_MOST, READ_MOST)
        named["passage_read"][mine] = reading.scores.max(initial=-READ_MOST) / READ_UNIT
    usable = read[features.usable]
    top = float(usable.max(initial=-READ_MOST))
    named["read"][:] = read / READ_UNIT
    named["read_gap"][:] = (read - top) / READ_UNIT
    named["read_best"][:] = (read == top) & (named["seen"] > 0)
    for name, column in zip(("voted", "voted_elsewhere", "voted_best"), votes.T, strict=True):
        named[name][:] = column
    named["voted_gap"][:] = votes[:, 0] - votes[features.usable, 0].max(initial=0)
    return replace(features, matrix=np.concatenate([features.matrix, columns], axis=1))
