"""Reading a question set: a folder with its own corpus, or a file of questions asked of any corpus.

A line of questions is an object with ``question`` and, as far as known, ``id``,
``answerable``, ``evidence`` (a list of ``doc_id`` and ``quote``), ``answers``,
``history``, ``kind`` (or ``type``) and ``group``. Where the ids of the documents
end in ``#`` and a part's name, the parts of one document are a group.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

from onrecord.corpus.folder import read_corpus
from onrecord.errors import EvaluationError
from onrecord.evaluation.questions import Document, Evidence, Question, QuestionSet
from onrecord.evaluation.rows import numbered_rows

_QUESTIONS = ("queries.jsonl", "queries.jsonl.gz")
_CORPUS = ("corpus.jsonl.gz", "corpus.jsonl", "corpus")
_FORMAT = "docs/evaluation.md shows the format."


@dataclass(frozen=True, slots=True)
class SetFiles:
    """Where a set lies.

    Attributes:
        name: Of the folder, or of the file without its ending.
        questions: The file of questions.
        corpus: The articles; None where the set brings none of its own.
    """

    name: str
    questions: Path
    corpus: Path | None

    @classmethod
    def find(cls, path: Path) -> SetFiles:
        """Find the files of a set.

        Args:
            path: A folder that holds ``queries.jsonl`` and ``corpus.jsonl`` or ``corpus.jsonl.gz``,
                or a file of questions.

        Returns:
            Where they are.

        Raises:
            EvaluationError: If there is no such set.
        """
        if path.is_file():
            return cls(path.name.removesuffix(".gz").removesuffix(".jsonl"), path, None)
        if not path.is_dir():
            raise EvaluationError(
                f"There is no question set {path}.",
                remedy="Name a folder with corpus.jsonl and queries.jsonl, or a file of questions.",
            )
        questions, corpus = _first(path, _QUESTIONS), _first(path, _CORPUS)
        if questions is None:
            raise EvaluationError(f"{path} holds no queries.jsonl.", remedy=_FORMAT)
        return cls(path.resolve().name, questions, corpus)

    def read(self, corpus: Path | None = None) -> QuestionSet:
        """Read the questions, and the documents they are asked of.

        Args:
            corpus: The articles; the set's own when None.

        Returns:
            The set; evidence that does not stand in the documents is left out, with a warning.

        Raises:
            EvaluationError: If a line cannot be used, names file and line, or there is no question.
            CorpusError: If there is no article.
        """
        place = corpus or self.corpus
        if place is None:
            raise EvaluationError(f"{self.questions} brings no articles.", remedy="Name them with --corpus.")
        documents = _documents(place)
        questions: list[Question] = []
        warnings: list[str] = []
        for line, question in _questions(self.questions):
            kept = tuple(_checked(question.evidence, documents, line, warnings))
            questions.append(replace(question, evidence=kept))
        if not questions:
            raise EvaluationError(f"{self.questions} holds no question.", remedy=_FORMAT)
        return QuestionSet(self.name, documents, tuple(questions), tuple(warnings))


def _first(folder: Path, names: tuple[str, ...]) -> Path | None:
    return next((folder / name for name in names if (folder / name).exists()), None)


def _documents(corpus: Path) -> dict[str, Document]:
    articles = read_corpus(corpus).articles
    return {a.id: Document(a.id, a.title, a.text, a.published) for a in articles}


def _checked(
    evidence: tuple[Evidence, ...], documents: Mapping[str, Document], place: str, warnings: list[str]
) -> Iterator[Evidence]:
    """Give the evidence that can be found; the rest would count as wrong whatever is answered."""
    for piece in evidence:
        if piece.document not in documents:
            warnings.append(f"{place}: evidence in {piece.document}, which is not in the corpus; left out.")
        elif piece.quote and piece.quote not in documents[piece.document].text:
            warnings.append(
                f"{place}: {piece.quote!r} is no slice of {piece.document}; only the article counts."
            )
            yield replace(piece, quote=None)
        else:
            yield piece


def _questions(path: Path) -> Iterator[tuple[str, Question]]:
    seen: dict[str, int] = {}
    for number, row in numbered_rows(path):
        place = f"{path}:{number}"
        question = _question(row, number, place)
        if question.id in seen:
            _fail(place, f"has the id of line {seen[question.id]}, {question.id!r}")
        seen[question.id] = number
        yield place, question


def _question(row: Mapping[str, Any], number: int, place: str) -> Question:
    text, id_ = row.get("question"), str(row.get("id") or number)
    if not isinstance(text, str):
        _fail(place, "has no question")
    evidence = tuple(_evidence(piece, place) for piece in _list(row, "evidence", place))
    answers = tuple(_text(answer, "answers", place) for answer in _list(row, "answers", place))
    answerable = row.get("answerable", bool(evidence or answers))
    if not isinstance(answerable, bool):
        _fail(place, "has `answerable` that is neither true nor false")
    about = evidence[0].document if evidence else str(row.get("related_doc") or "")
    return Question(
        id=id_,
        text=text,
        answerable=answerable,
        evidence=evidence,
        answers=answers,
        history=tuple(_asked(row, place)),
        kind=str(row.get("kind") or row.get("type") or ""),
        group=str(row.get("group") or (about.partition("#")[0] if "#" in about else "")),
    )


def _evidence(piece: Any, place: str) -> Evidence:
    document = (piece.get("doc_id") or piece.get("doc")) if isinstance(piece, dict) else None
    if not isinstance(document, str):
        _fail(place, "has evidence without `doc_id`")
    quote, speaker = piece.get("quote"), piece.get("speaker")
    return Evidence(
        document,
        _text(quote, "quote", place) if quote else None,
        _text(speaker, "speaker", place) if speaker else None,
    )


def _asked(row: Mapping[str, Any], place: str) -> Iterator[str]:
    """Give the earlier questions of a conversation, whether or not the set keeps the replies."""
    for turn in _list(row, "history", place):
        if isinstance(turn, dict):
            if turn.get("role") == "user":
                yield _text(turn.get("text"), "history", place)
        else:
            yield _text(turn, "history", place)


def _list(row: Mapping[str, Any], name: str, place: str) -> list[Any]:
    value = row.get(name) or []
    if not isinstance(value, list):
        _fail(place, f"has `{name}` that is no list")
    return value


def _text(value: Any, name: str, place: str) -> str:
    if not isinstance(value, str):
        _fail(place, f"has something other than text in `{name}`")
    return value


def _fail(place: str, what: str) -> NoReturn:
    raise EvaluationError(f"{place} {what}.", remedy=_FORMAT)
