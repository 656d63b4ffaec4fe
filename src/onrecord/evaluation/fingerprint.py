"""What an answer depends on, as one hash: the question, the index, the code and weights, the settings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from onrecord.evaluation.questions import Question
from onrecord.index.generation import open_current
from onrecord.settings import Settings

_PACKAGE = Path(__file__).resolve().parents[1]
_LIBRARIES = ("chromadb", "numpy", "onnxruntime", "tantivy", "tokenizers")
_ANSWERING = ("answering.py", "outcome.py", "fingerprint.py")
"""Of this sub-package: the rest counts and prints what an answer already is."""
_IMMATERIAL = frozenset(
    "corpus index state conversations max_file_bytes threads api_key deadline idle_timeout retries "
    "max_concurrent token hosts proxies signing_key uploads public_url max_draft_quotations "
    "visitor_questions visitor_drafts visitor_conversations".split()
)
"""Settings on which no answer depends; a new one counts until it is named here."""


def code_fingerprint(package: Path = _PACKAGE) -> str:
    """Hash the package's code and weights, and the versions of the libraries that compute with them."""
    digest = hashlib.sha256()
    for path in sorted(_files(package)):
        digest.update(f"{path.relative_to(package).as_posix()}\0".encode())
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    for name in _LIBRARIES:
        digest.update(f"{name}\0{metadata.version(name)}\0".encode())
    return digest.hexdigest()


def _files(package: Path) -> Iterator[Path]:
    for path in package.rglob("*"):
        inside = path.relative_to(package).parts
        counted = inside[0] != "faces" and "__pycache__" not in inside
        if inside[0] == "evaluation":
            counted = inside[1:] in [(name,) for name in _ANSWERING]
        if counted and path.is_file():
            yield path


def index_fingerprint(index: Path, *, key: bytes | None = None) -> str:
    """Hash the manifest of the generation in use, which holds the hash of every file of it."""
    return hashlib.sha256(open_current(index, key=key).manifest.dump()).hexdigest()


def settings_fingerprint(settings: Settings) -> str:
    """Write down the settings that an answer depends on, and the state of each file that one names."""
    values = settings.model_dump(mode="json", exclude=set(_IMMATERIAL))
    named = {name: _stamp(value) for name, value in values.items() if isinstance(value, str)}
    return json.dumps([values, named], sort_keys=True)


def _stamp(value: str) -> list[tuple[str, int, int]]:
    """Give name, size and time of the files that a setting names, with or without a word before a colon."""
    for path in (Path(value), Path(value.partition(":")[2] or value)):
        try:
            files = sorted(path.rglob("*")) if path.is_dir() else [path]
            return [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
        except OSError:
            continue
    return []


def question_key(question: Question, base: str) -> str:
    """Name what a question was answered with."""
    told = json.dumps([base, question.text, question.history])
    return hashlib.sha256(told.encode()).hexdigest()
