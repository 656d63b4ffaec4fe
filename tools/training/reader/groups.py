"""What the reader learns from: questions with passages that answer them, and with some that do not."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from onrecord.evaluation.metrics.spans import covers, occurrences
from onrecord.evaluation.questions import Question
from onrecord.index.opened import Index
from onrecord.models.cross_encoder import Laid, ReadPassage, sentences_of
from onrecord.question.query import parse_question
from onrecord.retrieval.candidates import retrieve, settled
from onrecord.retrieval.features import featurize
from onrecord.retrieval.judge import best_passages, page_of
from onrecord.retrieval.ranker import Ranker
from onrecord.types import Filters

__all__ = ["Group", "Passage", "draw", "gold_tokens", "groups"]

Array = npt.NDArray[Any]
_TOP = 10
_SHORT = 90
"""Evidence up to this long marks its tokens; longer evidence marks the whole sentences that hold it."""
_GOLD, _OTHERS = 2, 8


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage and where the answer stands in it.

    Attributes:
        page: As the reader takes it.
        spans: Short evidence, in the passage's text.
        gold: Which sentences hold evidence, shape [s].
    """

    page: ReadPassage
    spans: tuple[tuple[int, int], ...]
    gold: Array


@dataclass(frozen=True, slots=True)
class Group:
    """One question.

    Attributes:
        question: Its text.
        gold: Passages that answer it.
        others: Passages that do not, best ranked first.
    """

    question: str
    gold: tuple[Passage, ...]
    others: tuple[Passage, ...]


def groups(index: Index, questions: Iterable[Question], *, weak: bool = False) -> Iterator[Group]:
    """Read the passages that the first ranking puts first.

    Args:
        index: Of what the questions are asked.
        questions: With evidence, or unanswerable.
        weak: Whether a gold article may answer in other places than the evidence; then these
            are not taken for passages without an answer.

    Yields:
        A group for each question that has something to learn from.
    """
    ranker, everything = Ranker.shipped(), index.select(Filters())
    for question in questions:
        query = settled(parse_question(question.text), index)
        candidates = retrieve(index, query, everything)
        features = featurize(index, query, candidates)
        if not features.usable.any():
            continue
        near = {index.shelf.row(name) for name in question.gold}
        gold, others = [], []
        for at in best_passages(features, ranker.score(query, features), most=_TOP):
            row = int(index.store.passages["article"][candidates.rows[at]])
            passage = _passage(index, question, page_of(index, candidates, features, at), row)
            if passage.gold.any():
                gold.append(passage)
            elif not (weak and row in near) and not _leaks(question, passage):
                others.append(passage)
        if gold or (others and not question.answerable):
            yield Group(question.text, tuple(gold[:_GOLD]), tuple(others[:_OTHERS]))


def _passage(index: Index, question: Question, page: ReadPassage, row: int) -> Passage:
    spans = tuple(
        span
        for piece in question.evidence
        if piece.quote and index.shelf.row(piece.document) == row
        for span in occurrences(page.text, piece.quote)
    )
    sentences = zip(page.starts.tolist(), page.ends.tolist(), strict=True)
    gold = np.array([any(covers(sentence, span) for span in spans) for sentence in sentences])
    return Passage(page, tuple((a, b) for a, b in spans if b - a <= _SHORT), gold)


def _leaks(question: Question, passage: Passage) -> bool:
    """Say whether a passage holds the words of an answer, and may well be one."""
    text = passage.page.text.casefold()
    return question.answerable and any(len(a) > 2 and a.casefold() in text for a in question.answers)


def gold_tokens(laid: Laid, passage: Passage) -> Array:
    """Say which of a passage's tokens stand in the answer, shape [tokens]."""
    gold = np.zeros(len(laid.starts), np.bool_)
    for first, end in passage.spans:
        gold |= (laid.ends > first) & (laid.starts < end)
    if not gold.any() and passage.gold.any():
        gold = np.isin(sentences_of(laid, passage.page), np.flatnonzero(passage.gold))
    return gold


def draw(group: Group, rng: random.Random) -> tuple[Passage, ...]:
    """Choose what of a group is read together: one passage that answers, one or two that do not."""
    two = rng.random() >= (0.7 if group.gold else 0.6)
    others: list[Passage] = []
    if group.others:
        others.append(group.others[0] if rng.random() < 0.5 else rng.choice(group.others))
        other = rng.choice(group.others)
        if two and other is not others[0]:
            others.append(other)
    return (*([rng.choice(group.gold)] if group.gold else []), *others)


def batches(
    items: Sequence[Group], rng: random.Random, *, size: int
) -> Iterator[list[tuple[str, tuple[Passage, ...]]]]:
    """Give batches of so many questions, those of about one length together."""
    order = rng.sample(items, len(items))
    for start in range(0, len(order), 64 * size):
        drawn = [(group.question, draw(group, rng)) for group in order[start : start + 64 * size]]
        drawn = [(question, passages) for question, passages in drawn if passages]
        drawn.sort(key=lambda one: max(len(passage.page.text) for passage in one[1]))
        parts = [drawn[at : at + size] for at in range(0, len(drawn), size)]
        rng.shuffle(parts)
        yield from parts
