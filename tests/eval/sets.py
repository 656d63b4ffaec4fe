"""Question sets with gold evidence, read from where they lie.

A set is split in two by a hash: ``tune`` is what weights and thresholds may be
chosen on, ``check`` is what is reported. Questions on one article of SQuAD stay
together; the other sets are split by question.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.eval.rows import read_rows

__all__ = [
    "DEFAULT_LIMITS",
    "PARTS",
    "REPORTED",
    "SETS",
    "SHORT_ANSWERS",
    "Document",
    "Evidence",
    "Question",
    "QuestionSet",
    "part_of",
    "read_seed",
    "read_set",
]

REPORTED = ("realtimeqa", "squad2_dev", "clapnq_dev", "wh_briefings")
SETS = (*REPORTED, "squad1_dev", "polnear", "mtrag_un")
PARTS = ("tune", "check", "all")
SHORT_ANSWERS = ("realtimeqa", "squad2_dev", "squad1_dev")
"""Sets whose answers are few words, so that they can be looked for in a quotation."""
DEFAULT_LIMITS = {"squad2_dev": 2_000, "squad1_dev": 2_000}


@dataclass(frozen=True, slots=True)
class Document:
    """One article of a set, as its publisher's text stands in the data."""

    id: str
    title: str
    text: str
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the gold answer stands; a set that knows only the article has no quote."""

    document: str
    quote: str | None = None
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question and what would answer it."""

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
    """Documents and the questions asked of them."""

    name: str
    documents: Mapping[str, Document]
    questions: tuple[Question, ...]

    def part(self, part: str, *, limit: int | None = None) -> QuestionSet:
        """Keep one part (``tune``, ``check`` or ``all``) and of it a sample by hash."""
        kept = [q for q in self.questions if part in ("all", part_of(q))]
        kept = sorted(kept, key=lambda q: _digest("sample", q.id))[:limit]
        chosen = {q.id for q in kept}
        return replace(self, questions=tuple(q for q in self.questions if q.id in chosen))


def part_of(question: Question) -> str:
    """Say which half a question belongs to: ``tune`` or ``check``."""
    return ("tune", "check")[_digest("part", question.group or question.id)[0] & 1]


def _digest(purpose: str, key: str) -> bytes:
    return hashlib.blake2b(f"{purpose}\0{key}".encode(), digest_size=8).digest()


def read_set(shared: Path, name: str) -> QuestionSet:
    """Read one set's documents and questions."""
    folder = shared / "eval" / name
    return QuestionSet(
        name,
        {row["id"]: _document(row) for row in read_rows(folder / "corpus.jsonl.gz")},
        tuple(
            _question(row, grouped=name.startswith("squad")) for row in read_rows(folder / "queries.jsonl")
        ),
    )


def read_seed(shared: Path, corpus: Path) -> QuestionSet:
    """Read the seed questions and the project's own articles that they are asked of."""
    texts = {path.name: path.read_bytes().decode("utf-8-sig") for path in sorted(corpus.glob("*.txt"))}
    documents = {name: Document(name, "", text) for name, text in texts.items()}
    return QuestionSet(
        "seed",
        documents,
        tuple(_question(row) for row in read_rows(shared / "eval" / "seed_questions.jsonl")),
    )


def _document(row: Mapping[str, Any]) -> Document:
    return Document(row["id"], row["title"], row["text"], row.get("date"))


def _question(row: Mapping[str, Any], *, grouped: bool = False) -> Question:
    evidence = tuple(
        Evidence(e.get("doc_id") or e["doc"], e.get("quote"), e.get("speaker")) for e in row["evidence"]
    )
    about = evidence[0].document if evidence else row.get("related_doc") or row["id"]
    return Question(
        id=row["id"],
        text=row["question"],
        answerable=row["answerable"],
        evidence=evidence,
        answers=tuple(row.get("answers") or ()),
        history=tuple(_asked(row.get("history") or ())),
        kind=row.get("kind") or row.get("type") or "",
        group=about.partition("#")[0] if grouped else "",
    )


def _asked(history: Iterable[Any]) -> Iterator[str]:
    """Give the earlier questions of a conversation, whether or not the set keeps the replies."""
    for turn in history:
        if isinstance(turn, str):
            yield turn
        elif turn["role"] == "user":
            yield turn["text"]
