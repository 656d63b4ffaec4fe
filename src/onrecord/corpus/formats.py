"""Readers: one for each format of file that can hold articles, found by the file's suffix.

The rules that they keep are written in :mod:`onrecord.corpus.folder`.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from onrecord.corpus.files import (
    UnreadableError,
    bad_name,
    decode,
    encode,
    open_inside,
    read_inside,
    require_text,
    shown,
)
from onrecord.corpus.metadata import Metadata, read_fields, read_front_matter, shortened
from onrecord.text.front_matter import front_matter_end
from onrecord.types import Article

_MAX_ID = 1_000
_HEAD = 8_192
_BLOCK = 1 << 16
_TITLE_LINE = re.compile(r"[^\r\n]+")


@dataclass(frozen=True, slots=True)
class Limits:
    """How large and how slow a file may be.

    Attributes:
        max_bytes: The largest text file, and the longest line of a JSONL file.
        seconds: The longest time for one JSONL file.
    """

    max_bytes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file to read.

    Attributes:
        name: Path relative to the corpus folder, with ``/``.
        path: Where it is.
        root: The folder that it must lie in, with no link left in its own path.
        stated: What ``articles.yaml`` says of it.
        limits: What it may cost.
        holding: Of a file of records, only lines that hold one of these are read; every line when empty.
    """

    name: str
    path: Path
    root: Path
    stated: Metadata
    limits: Limits
    holding: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """An article, or why there is none.

    Attributes:
        article: The article, or None.
        reason: Why there is none, in a few words; what follows a semicolon is detail.
        line: Number of the line, from 1; 0 for a whole file.
    """

    article: Article | None = None
    reason: str = ""
    line: int = 0


_Reader = Callable[[SourceFile], Iterator[Found]]


def is_read(name: str) -> bool:
    """Say whether a file of this name has a reader."""
    return _reader(name) is not None


def holds_records(name: str) -> bool:
    """Say whether a file of this name is a list of articles, each with metadata of its own."""
    return _reader(name) in _RECORD_READERS.values()


def read_source(source: SourceFile) -> list[Found]:
    """Read one file.

    Args:
        source: The file.

    Returns:
        What it holds, in order; one reason alone when the file as a whole breaks a rule.
    """
    try:
        return list(find_articles(source))
    except UnreadableError as error:
        return [Found(reason=error.reason)]
    except OSError as error:
        return [Found(reason=f"unreadable; {error.strerror}")]


def find_articles(source: SourceFile) -> Iterator[Found]:
    """Read one file, one article at a time.

    Args:
        source: The file.

    Yields:
        What it holds, in order; all of it counts only where the end is reached.

    Raises:
        UnreadableError: If the file as a whole breaks a rule.
    """
    if bad_name(source.name):
        raise UnreadableError("bad name")
    if source.path.is_dir():
        raise UnreadableError("link to a folder" if source.path.is_symlink() else "unreadable")
    reader = _reader(source.name)
    if reader is None:
        raise UnreadableError("other format")
    yield from reader(source)


def spellings(id_: str) -> tuple[bytes, ...]:
    """Give the ways in which a line of a JSONL file usually spells an id: with and without escapes."""
    plain = json.dumps(id_, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return tuple(dict.fromkeys((json.dumps(id_).encode("ascii"), plain)))


def _reader(name: str) -> _Reader | None:
    lower = name.lower()
    return next((reader for suffix, reader in _READERS.items() if lower.endswith(suffix)), None)


def _read_text(source: SourceFile) -> Iterator[Found]:
    content = read_inside(source.path, root=source.root, max_bytes=source.limits.max_bytes)
    yield Found(_article(source, content, decode(content), source.stated))


def _read_markdown(source: SourceFile) -> Iterator[Found]:
    content = read_inside(source.path, root=source.root, max_bytes=source.limits.max_bytes)
    text = decode(content)
    front = read_front_matter(text[: front_matter_end(text)])
    yield Found(_article(source, content, text, source.stated.over(front)))


def _article(source: SourceFile, content: bytes, text: str, known: Metadata) -> Article:
    body = text[front_matter_end(text) :]
    if not body or body.isspace():
        raise UnreadableError("empty")
    return _built(source.name, source.name, text, hashlib.sha256(content).hexdigest(), known)


def _built(id_: str, file: str, text: str, sha256: str, known: Metadata) -> Article:
    return Article(
        id=id_,
        file=file,
        title=known.title or first_line(text) or shown(id_),
        text=text,
        sha256=sha256,
        outlet=known.outlet,
        published=known.published,
        url=known.url,
        language=known.language,
        basis=known.basis,
    )


def first_line(text: str) -> str:
    """Give the first line that is more than white space and ``#``, without those, as the title.

    Gives the title, shortened; empty where there is none.
    """
    lines = _TITLE_LINE.finditer(text, front_matter_end(text))
    return next((title for line in lines if (title := shortened(line[0].strip().lstrip("#").strip()))), "")


def _read_jsonl(source: SourceFile) -> Iterator[Found]:
    with open_inside(source.path, root=source.root) as stream:
        yield from _records(stream, source)


def _read_jsonl_gz(source: SourceFile) -> Iterator[Found]:
    with open_inside(source.path, root=source.root) as raw, gzip.GzipFile(fileobj=raw) as unzipped:
        try:
            yield from _records(io.BufferedReader(unzipped, _BLOCK), source)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise UnreadableError("damaged gzip") from None


def _records(stream: io.BufferedReader, source: SourceFile) -> Iterator[Found]:
    require_text(stream.peek(_HEAD)[:_HEAD])
    empty = True
    for number, line in enumerate(_lines(stream, source.limits), start=1):
        if not line.isspace():
            empty = False
            if source.holding and not any(spelling in line for spelling in source.holding):
                continue
            yield replace(_attempt(line, source), line=number)
    if empty:
        raise UnreadableError("empty")


def _lines(stream: io.BufferedReader, limits: Limits) -> Iterator[bytes]:
    """Give each line, one that is too long as its first ``max_bytes + 1`` bytes without a line end."""
    until = time.monotonic() + limits.seconds
    while line := stream.readline(limits.max_bytes + 1):
        yield line
        rest = line
        while not rest.endswith(b"\n"):
            _hurry(until, limits)
            rest = stream.readline(_BLOCK) or b"\n"
        _hurry(until, limits)


def _hurry(until: float, limits: Limits) -> None:
    if time.monotonic() >= until:
        raise UnreadableError(f"too slow; over {limits.seconds:g} seconds")


def _attempt(line: bytes, source: SourceFile) -> Found:
    try:
        if len(line) > source.limits.max_bytes and not line.endswith(b"\n"):
            raise UnreadableError(f"too large; over {source.limits.max_bytes:,} bytes")
        return Found(_record(_parsed(decode(line)), source))
    except UnreadableError as error:
        return Found(reason=error.reason)


def _parsed(line: str) -> Mapping[str, object]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        raise UnreadableError("not JSON") from None
    if not isinstance(record, dict):
        raise UnreadableError("not an object")
    return record


def _record(record: Mapping[str, object], source: SourceFile) -> Article:
    id_, text = _required(record, "id"), _required(record, "text")
    content = encode(text)
    if bad_name(id_) or len(id_) > _MAX_ID:
        raise UnreadableError(f"bad id; control characters, or over {_MAX_ID} characters")
    return _built(id_, source.name, text, hashlib.sha256(content).hexdigest(), read_fields(record))


def _required(record: Mapping[str, object], name: str) -> str:
    value = record.get(name)
    if value is None:
        raise UnreadableError(f"no {name}")
    if not isinstance(value, str):
        raise UnreadableError(f"not text; the value of {name}")
    if not value or value.isspace():
        raise UnreadableError(f"no {name}")
    return value


# The seam for other formats: one reader each. A lone JSONL file is a corpus, and states its own metadata.
_RECORD_READERS: Mapping[str, _Reader] = {".jsonl": _read_jsonl, ".jsonl.gz": _read_jsonl_gz}
_READERS: Mapping[str, _Reader] = {".txt": _read_text, ".md": _read_markdown, **_RECORD_READERS}
