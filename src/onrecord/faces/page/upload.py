"""Articles added on the page: checked, stored in the corpus and indexed, or nothing is changed."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from onrecord.corpus.formats import Limits, SourceFile, holds_records, is_read, read_source
from onrecord.corpus.metadata import Metadata
from onrecord.errors import CorpusError, OnrecordError
from onrecord.index.build import BuildReport
from onrecord.index.build_process import build_apart
from onrecord.settings import Settings

_UNSOUND = re.compile(r"[^\w .()-]+")
_LONGEST = 120
_SECONDS = 10.0


def add_articles(
    files: Sequence[Path], settings: Settings, *, progress: Callable[[str, int, int], None] | None = None
) -> BuildReport:
    """Add files to the corpus folder and index them."""
    if not settings.uploads:
        raise OnrecordError("Articles cannot be added here.", remedy="ONRECORD_UPLOADS=true allows it.")
    if not settings.corpus.is_dir():
        raise CorpusError(
            f"The corpus {settings.corpus} is one file.",
            remedy="Add the articles to that file, and run onrecord index.",
        )
    targets = [settings.corpus / _name(file) for file in files]
    for file, target in zip(files, targets, strict=True):
        _check(file, target, settings)
    if len(set(targets)) < len(targets):
        raise CorpusError("Two of the files have one name.", remedy="Rename one of them.")
    added: list[Path] = []
    try:
        for file, target in zip(files, targets, strict=True):
            with target.open("xb") as stored, file.open("rb") as given:
                added.append(target)
                shutil.copyfileobj(given, stored)
        return build_apart(settings, progress=progress)
    except BaseException:
        for target in added:
            with suppress(OSError):
                target.unlink()
        raise


def _name(file: Path) -> str:
    """Make a name that is plain on every file system out of the one that came."""
    stem = _UNSOUND.sub("_", unicodedata.normalize("NFC", file.stem)).strip(" ._")[:_LONGEST]
    return f"{stem or 'article'}{file.suffix.lower()}"


def _check(file: Path, target: Path, settings: Settings) -> None:
    if not is_read(target.name) or holds_records(target.name):
        raise CorpusError(f"{file.name} cannot be added.", remedy="Give .txt or .md files.")
    if file.stat().st_size > settings.max_file_bytes:
        raise CorpusError(
            f"{file.name} has more than {settings.max_file_bytes:,} bytes.",
            remedy="Split it, or leave it out.",
        )
    if target.exists():
        raise CorpusError(f"The corpus has a file {target.name} already.", remedy="Rename the new one.")
    limits = Limits(settings.max_file_bytes, _SECONDS)
    found = read_source(SourceFile(target.name, file, file.parent, Metadata(), limits))
    if not any(each.article for each in found):
        why = next((each.reason for each in found), "empty")
        raise CorpusError(f"{file.name} cannot be read ({why}).", remedy="Save it as UTF-8 text.")
