"""Questions with gold evidence, and the documents they are asked of.

A set is split in two by a hash: ``tune`` is what weights and thresholds may be
chosen on, ``check`` is what is reported. Questions of one group stay together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import median

PARTS = ("tune", "check", "all")
_FEW_WORDS = 5


@dataclass(frozen=True, slots=True)
class Document:
    """One article of a set."""

    id: str
    title: str
    text: str
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the gold answer stands; who knows only the article gives no quote."""

    document: str
    quote: str | None = None
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question and what would answer it.

    Attributes:
        id: Unique in its set.
        text: The question.
        answerable: Whether the documents answer it.
        evidence: Where.
        answers: In words, any of which will do.
        history: Earlier questions of the conversation, oldest first.
        kind: What sort of question it is; figures are given for each.
        group: Questions of one group are never parted.
    """

    id: str
    text: str
    answerable: bool
    evidence: tuple[Evidence, ...] = ()
    answers: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    kind: str = ""
    group: str = ""

    @property
    def gold(self) -> frozenset[str]:
        """The documents that hold gold evidence."""
        return frozenset(piece.document for piece in self.evidence)


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Documents and the questions asked of them.

    Attributes:
        name: For people.
        documents: By id.
        questions: In the order of the file.
        warnings: What is wrong with single questions, one sentence each.
    """

    name: str
    documents: Mapping[str, Document]
    questions: tuple[Question, ...]
    warnings: tuple[str, ...] = ()

    @property
    def short_answers(self) -> bool:
        """Whether the answers are few words, so that they can be looked for in a quotation."""
        shortest = [min(len(a.split()) for a in q.answers) for q in self.questions if q.answers]
        return bool(shortest) and median(shortest) <= _FEW_WORDS

    def part(self, part: str, *, limit: int | None = None) -> QuestionSet:
        """Keep one part (``tune``, ``check`` or ``all``) and of it a sample by hash."""
        kept = [q for q in self.questions if part in ("all", part_of(q))]
        kept = sorted(kept, key=lambda q: _digest("sample", q.id))[:limit]
        chosen = {q.id for q in kept}
        return replace(self, questions=tuple(q for q in self.questions if q.id in chosen))


def part_of(question: Question) -> str:
    """Say which part a question belongs to: ``tune`` or ``check``, of which a quarter of the groups are."""
    fold = fold_of(question)
    return "check" if fold == 3 or (fold == 1 and not question.group) else "tune"


def fold_of(question: Question, *, folds: int = 4) -> int:
    """Say which of so many folds a question belongs to; questions of one group belong to one."""
    return _digest("part", question.group or question.id)[0] % folds


def _digest(purpose: str, key: str) -> bytes:
    return hashlib.blake2b(f"{purpose}\0{key}".encode(), digest_size=8).digest()
