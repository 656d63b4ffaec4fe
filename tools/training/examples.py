"""Training examples: the reader's features of real questions, marked with where the gold answer stands."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from onrecord.evaluation.metrics.spans import covers, occurrences
from onrecord.evaluation.questions import Document, Evidence, Question, QuestionSet
from onrecord.evaluation.rows import read_rows
from onrecord.index.opened import Index, Selection
from onrecord.question.followup import leans_on
from onrecord.question.query import Query, parse_question
from onrecord.retrieval.candidates import retrieve, settled
from onrecord.retrieval.features import Features, featurize
from onrecord.retrieval.judge import Judge
from onrecord.types import Filters

__all__ = [
    "Case",
    "Example",
    "absent_cases",
    "cases",
    "examples",
    "narrow_case",
    "narrowed_cases",
    "train_set",
]

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Example:
    """One answerable question's candidate sentences.

    Attributes:
        matrix: Features, shape [s, columns].
        gold: Which sentences hold gold evidence.
        near: Which stand in a gold article.
    """

    matrix: Array
    gold: Array
    near: Array


@dataclass(frozen=True, slots=True)
class Case:
    """One question as the confidence sees it.

    Attributes:
        query: The question, read.
        features: Of its candidates.
        answerable: Whether what was searched answers it.
        group: Which kind of case it is.
    """

    query: Query
    features: Features
    answerable: bool
    group: str


def train_set(shared: Path, work: Path) -> tuple[QuestionSet, Path]:
    """Read the news questions that may be trained on; their passages become a corpus of their own."""
    documents: dict[str, Document] = {}
    questions = []
    for row in read_rows(shared / "eval" / "train" / "realtimeqa_train.jsonl.gz"):
        gold = []
        answers = tuple(answer.strip('"“”') for answer in row["answers"])
        for passage in row["passages"]:
            name = hashlib.blake2b(
                f"{passage['title']}\0{passage['text']}".encode(), digest_size=8
            ).hexdigest()
            documents[name] = Document(name, passage["title"], passage["text"])
            gold += [Evidence(name, answer) for answer in answers if passage["has_answer"]]
        if gold:
            questions.append(Question(row["id"], row["question"], True, tuple(gold), answers))
    corpus = work / "train.jsonl"
    lines = (json.dumps({"id": d.id, "title": d.title, "text": d.text}) for d in documents.values())
    corpus.write_text("\n".join(lines), encoding="utf-8")
    return QuestionSet("train", documents, tuple(questions)), corpus


def _read(
    index: Index, question: Question, selection: Selection, judge: Judge | None = None
) -> tuple[Query, Features, Array]:
    query = settled(
        parse_question(question.text, leaning_on=leans_on(question.text, question.history)), index
    )
    candidates = retrieve(index, query, selection)
    features = featurize(index, query, candidates)
    if judge is not None and features.usable.any():
        features = judge.look(index, query, candidates, features)
    return query, features, index.store.passages["article"][candidates.rows[features.owner]]


def examples(index: Index, questions: Sequence[Question], *, judge: Judge | None = None) -> Iterator[Example]:
    """Give an example for each question whose gold evidence is among the candidates.

    Args:
        index: Of what they are asked.
        questions: Answerable ones.
        judge: Adds the reader's columns; None leaves them out.

    Yields:
        The examples.
    """
    everything = index.select(Filters())
    for question in questions:
        _, features, articles = _read(index, question, everything, judge)
        gold = _gold(index, question, features, articles) & features.usable
        if gold.any():
            near = np.isin(articles, [index.shelf.row(name) for name in question.gold])
            kept = np.flatnonzero(features.usable)
            yield Example(features.matrix[kept], gold[kept], near[kept])


def _gold(index: Index, question: Question, features: Features, articles: Array) -> Array:
    sentences = index.store.sentences[features.rows]
    gold = np.zeros(len(features.rows), np.bool_)
    for piece in question.evidence:
        row = index.shelf.row(piece.document)
        mine = np.flatnonzero(articles == row)
        if not piece.quote or not len(mine):
            continue
        for span in occurrences(index.article(row).text, piece.quote):
            for at in mine:
                gold[at] |= covers((int(sentences["start"][at]), int(sentences["end"][at])), span)
    return gold


def cases(
    index: Index, questions: Sequence[Question], group: str, *, judge: Judge | None = None
) -> Iterator[Case]:
    """Give each question over the whole corpus."""
    everything = index.select(Filters())
    for question in questions:
        query, features, _ = _read(index, question, everything, judge)
        yield Case(query, features, question.answerable, group)


def absent_cases(
    index: Index, questions: Sequence[Question], group: str, *, judge: Judge | None = None
) -> Iterator[Case]:
    """Give questions of one corpus over another that holds no answer to them, as far as words tell."""
    everything = index.select(Filters())
    for question in questions:
        query, features, articles = _read(index, question, everything, judge)
        if not any(_answers(index, question, row) for row in np.unique(articles).tolist()):
            yield Case(query, features, False, group)


_DAY = r"[A-Z][a-z]+ \d{1,2}, \d{4}"
_MONTHS = r"[A-Z][a-z]+ \d{4} and [A-Z][a-z]+ \d{4}"
_NAMED = r"\"[^\"]+\"\s+\([\d-]+\)"
_DATE = re.compile(rf"\s+(?:on|in the article|between)\s+(?:{_NAMED}|{_DAY}|{_MONTHS})")


def undated(question: Question) -> Question:
    """Take the date out of a question, so that nobody learns that good questions carry dates."""
    return replace(question, text=_DATE.sub("", question.text))


def narrowed_cases(
    index: Index,
    questions: Sequence[Question],
    group: str,
    rng: np.random.Generator,
    *,
    judge: Judge | None = None,
) -> Iterator[Case]:
    """Give answerable questions over a few articles only: once with the gold ones, once without.

    Without, half the time the few are those that come closest, which makes the case hard.
    """
    total = len(index.store.articles) - 1
    everything = index.select(Filters())
    for dated in questions:
        question = undated(dated) if rng.random() < 0.5 else dated
        gold = np.array([index.shelf.row(name) for name in question.gold])
        others = np.setdiff1d(rng.choice(total, int(rng.integers(1, 8)), replace=True), gold)
        yield narrow_case(index, question, np.union1d(gold, others), True, group, judge=judge)
        if rng.random() < 0.5:
            _, _, articles = _read(index, question, everything)
            close = list(dict.fromkeys(articles[~np.isin(articles, gold)].tolist()))
            others = np.array(sorted(rng.permutation(close)[:4].tolist()))
        others = np.array([row for row in others if not _answers(index, question, int(row))], np.int64)
        if len(others):
            yield narrow_case(index, question, others, False, group, judge=judge)


def _answers(index: Index, question: Question, row: int) -> bool:
    text = index.article(row).text.casefold()
    return any(answer.casefold() in text for answer in question.answers if answer)


def narrow_case(
    index: Index,
    question: Question,
    articles: Array,
    answerable: bool,
    group: str,
    *,
    judge: Judge | None = None,
) -> Case:
    """Give one question over a few articles, named by their rows."""
    narrow = cast("Index", _Narrow(index, articles))
    mask = np.isin(index.store.passages["article"][:-1], articles)
    selection = Selection(np.sort(articles), mask, (len(articles), int(mask.sum())), (0, 0))
    query, features, _ = _read(narrow, question, selection, judge)
    return Case(query, features, answerable, group)


class _Narrow:
    """An index as it would be if it held only some of its articles."""

    def __init__(self, index: Index, articles: Array) -> None:
        self.lexical = self
        self._index = index
        self._rows = np.flatnonzero(np.isin(index.store.passages["article"][:-1], articles))
        self.passages = len(self._rows)

    def search(self, *arguments: Any, **options: Any) -> Any:
        """Search what the whole index would."""
        return self._index.lexical.search(*arguments, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)

    def frequencies(self, stems: Sequence[str]) -> list[int]:
        """Count only the passages that are left."""
        from onrecord.text.terms import numbers_of

        store, counts = self._index.store, np.zeros(len(stems), np.int64)
        wanted = numbers_of(stems)
        for row in self._rows:
            first, last = store.passages["sentence"][row : row + 2]
            words = store.tokens[store.sentences["token"][first] : store.sentences["token"][last]]
            counts += np.isin(wanted, words)
        return [int(count) for count in counts]
