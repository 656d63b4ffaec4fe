"""Many questions in one process: JSONL in, JSONL out."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from onrecord.errors import IndexStaleError, OnrecordError, QuestionError
from onrecord.render.json import batch_dict, dumps

if TYPE_CHECKING:
    from onrecord.assistant.assistant import Assistant


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A question that a line holds.

    Attributes:
        id: As given, or the line's number.
        question: Any text.
        history: Earlier questions of the same conversation, oldest first.
    """

    id: Any
    question: str
    history: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that holds no question.

    Attributes:
        id: As given where it can be read, or the line's number.
        question: As given where it is text, else empty.
        error: Why, one sentence.
    """

    id: Any
    question: str
    error: str


def read_lines(content: bytes) -> list[BatchLine | BadLine]:
    """Read a JSONL file of questions; blank lines are passed over."""
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return [_read_line(line, number) for number, line in enumerate(lines, 1) if line.strip()]


def _read_line(line: bytes, number: int) -> BatchLine | BadLine:
    try:
        record = json.loads(line.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return BadLine(number, "", f"Line {number} is not JSON in UTF-8.")
    if not isinstance(record, dict):
        return BadLine(number, "", f"Line {number} is not a JSON object.")
    id_, question = record.get("id", number), record.get("question")
    if not isinstance(question, str):
        return BadLine(id_, "", f"Line {number} has no question.")
    try:
        return BatchLine(id_, question, _history(record.get("history")))
    except (TypeError, KeyError):
        return BadLine(
            id_, question, f"Line {number} has a history that is not a list of questions or of turns."
        )


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _history(turns: Any) -> tuple[str, ...]:
    """Take earlier questions: strings, or what the user said in objects with ``role`` and ``text``."""
    if turns is None:
        return ()
    if not isinstance(turns, list):
        raise TypeError("history is not a list")
    questions = [
        turn if isinstance(turn, str) else turn["text"]
        for turn in turns
        if isinstance(turn, str) or turn["role"] == "user"
    ]
    if not all(isinstance(question, str) for question in questions):
        raise TypeError("a turn's text is not a string")
    return tuple(questions)


def answer_lines(
    assistant: Assistant,
    lines: Sequence[BatchLine | BadLine],
    out: TextIO,
    *,
    filters: dict[str, Any],
    advance: Callable[[], object] = lambda: None,
) -> int:
    """Answer each line and write one JSON object a line, flushed as it comes.

    A question that cannot be used becomes an object with ``error``, and so
    does one that meets a fault in onrecord: the others are still answered.
    """
    faults = 0
    for line in lines:
        record, fault = _answer(assistant, line, filters)
        faults += fault
        out.write(f"{dumps(record)}\n")
        out.flush()
        advance()
    return faults


def _answer(
    assistant: Assistant, line: BatchLine | BadLine, filters: dict[str, Any]
) -> tuple[dict[str, Any], bool]:
    """Answer one line, and say whether it met a fault in onrecord."""
    if isinstance(line, BadLine):
        return _failed(line.id, line.question, line.error), False
    try:
        answer = assistant.ask(line.question, history=line.history, **filters)
    except (QuestionError, IndexStaleError) as error:
        return _failed(line.id, line.question, str(error)), False
    except OnrecordError:
        raise
    except Exception as error:  # noqa: BLE001  (one question's fault must not cost the others' answers)
        return _failed(line.id, line.question, fault_line(error)), True
    return batch_dict(answer, id=line.id), False


def fault_line(error: BaseException) -> str:
    """Say in one line that onrecord itself failed."""
    said = " ".join(str(error).split())
    return f"This is a fault in onrecord: {type(error).__name__}{f': {said}' if said else ''}."


def _failed(id_: Any, question: str, error: str) -> dict[str, Any]:
    """Every key of an answered line, so that a reader needs no second case."""
    return {
        "id": id_,
        "question": question,
        "standalone": question,
        "text": "",
        "refused": True,
        "partly": False,
        "reason": error,
        "wants": "",
        "constraints": [],
        "parts": [],
        "mode": "none",
        "notice": "",
        "claims": [],
        "changes": [],
        "dropped": {},
        "quotes": [],
        "searched": None,
        "timings": {},
        "ranked": [],
        "confidence": 0.0,
        "error": error,
    }


@contextmanager
def output(path: Path | None, *, standard: TextIO, token: str | None = None) -> Iterator[TextIO]:
    """Open where the answers go; a file appears, whole, only when all is written."""
    if path is None or (path.exists() and not path.is_file()):
        yield from _direct(path, standard)
        return
    target = path.resolve()
    temporary = target.with_name(f".{target.name}.{token or secrets.token_hex(4)}")
    try:
        with temporary.open("x", encoding="utf-8", newline="\n") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    except OSError as error:
        raise OnrecordError(
            f"{path} cannot be written: {error.strerror or error}.", remedy="Name another file with --out."
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _direct(path: Path | None, standard: TextIO) -> Iterator[TextIO]:
    """Standard output, or a pipe or device, which cannot be replaced by renaming."""
    if path is None:
        yield standard
        return
    try:
        stream = path.open("w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise OnrecordError(
            f"{path} cannot be written: {error.strerror}.", remedy="Name a file with --out."
        ) from error
    with stream:
        yield stream
