"""Documents: texts to read that belong to no corpus, from one text file or a stream of JSONL."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from onrecord.corpus.files import UnreadableError, encode
from onrecord.corpus.formats import first_line
from onrecord.corpus.metadata import Metadata, iso_date, read_fields
from onrecord.errors import CorpusError
from onrecord.text.quotation_marks import CLOSING, STRAIGHT
from onrecord.types import Article

_REMEDY = "Name a UTF-8 text file, or JSONL with id and text a line; - is standard input."
_BOM = b"\xef\xbb\xbf"
_RECORDS = (".jsonl", ".ndjson", ".jsonl.gz")
_HEAD = 4096
_SENTENCE_ENDS = tuple(f".!?,;:…{CLOSING}{STRAIGHT}")
_RECORD = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"')


@dataclass(frozen=True, slots=True)
class Document:
    """One text, or why a line holds none.

    Attributes:
        id: As given, or the number of the line.
        article: The text with what is known of it; None for a line that cannot be used.
        error: Why not, one sentence that names the line; empty otherwise.
    """

    id: Any
    article: Article | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of a file, read as they are taken.

    Attributes:
        listed: Whether they are records of a list, of any number.
        found: The documents, in order.
    """

    listed: bool
    found: Iterator[Document]


@contextmanager
def open_documents(path: Path, *, standard: BinaryIO, published: str | None = None) -> Iterator[Documents]:
    """Open the documents of a file.

    Args:
        path: A text file, or one JSON object with ``id`` and ``text`` a line; compressed where its name
            ends in ``.gz``; ``-`` is standard input.
        standard: Standard input.
        published: Publication date of those that do not state one.

    Yields:
        The documents.

    Raises:
        CorpusError: If the file cannot be read, is no text in UTF-8, or the date is none.
    """
    day = _date(published)
    try:
        with _opened(path, standard) as stream:
            listed = path.name.lower().endswith(_RECORDS) or _RECORD.match(stream.peek(_HEAD)) is not None
            yield Documents(listed, _lines(stream, day) if listed else iter([_text(stream, path, day)]))
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or "it is damaged"
        raise CorpusError(f"{path} cannot be read: {why}.", remedy=_REMEDY) from error


def _date(published: str | None) -> str | None:
    day = iso_date(published) if published else None
    if published and day is None:
        raise CorpusError(f"{published!r} is no date.", remedy="Write it as YYYY-MM-DD, YYYY-MM or YYYY.")
    return day


@contextmanager
def _opened(path: Path, standard: BinaryIO) -> Iterator[io.BufferedReader[Any]]:
    if str(path) == "-":
        reader = io.BufferedReader(cast("io.RawIOBase", standard))
        try:
            yield reader
        finally:
            reader.detach()  # else it would close standard input with itself
        return
    with path.open("rb") as raw:
        if path.name.lower().endswith(".gz"):
            with gzip.GzipFile(fileobj=raw) as unzipped:
                yield io.BufferedReader(unzipped)
        else:
            yield raw


def _text(stream: io.BufferedReader[Any], path: Path, day: str | None) -> Document:
    name = "standard input" if str(path) == "-" else path.name
    try:
        text = stream.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CorpusError(f"{path} is not UTF-8.", remedy="Save it as UTF-8 text.") from None
    return Document(name, _article(name, text, Metadata(published=day)))


def _lines(stream: io.BufferedReader[Any], day: str | None) -> Iterator[Document]:
    for number, line in enumerate(stream, start=1):
        if line.strip() not in (b"", _BOM):
            yield _line(line.removeprefix(_BOM) if number == 1 else line, number, day)


def _line(line: bytes, number: int, day: str | None) -> Document:
    try:
        record = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return Document(number, error=f"Line {number} is not JSON in UTF-8.")
    if not isinstance(record, dict):
        return Document(number, error=f"Line {number} is not a JSON object.")
    id_, text = record.get("id", number), record.get("text")
    if not isinstance(text, str):
        return Document(id_, error=f"Line {number} has no text.")
    try:
        known = read_fields(record).over(Metadata(published=day))
        return Document(id_, _article(str(id_), text, known))
    except UnreadableError as error:
        return Document(id_, error=f"Line {number} cannot be used: {error.reason.replace(';', ',')}.")


def _title(text: str) -> str:
    """Take the first line for the title, unless it ends like a sentence: it may be one that somebody said."""
    line = first_line(text)
    return "" if line.endswith(_SENTENCE_ENDS) else line


def _article(name: str, text: str, known: Metadata) -> Article:
    return Article(
        id=name,
        file=name,
        title=known.title or _title(text),
        text=text,
        sha256=hashlib.sha256(encode(text)).hexdigest(),
        outlet=known.outlet,
        published=known.published,
        url=known.url,
        language=known.language,
        basis=known.basis,
    )
