"""Indexes of small corpora: what a corpus holds is indexed once in a run, whichever process asks first.

Who asks gets files of its own, for opening an index looks at their times too: a link that one process
makes of them would be a change to another.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from onrecord import Settings, build_index
from onrecord.index import build
from onrecord.index.vectors.check import check_vectors
from onrecord.index.vectors.chroma import Chroma
from onrecord.models.question_encoder import export_question_encoder
from onrecord.models.weights import Weights

__all__ = ["build_once", "keep_in"]

_kept: list[Path] = []


def keep_in(folder: Path) -> None:
    """Say where the indexes of this run lie: in one folder for all its processes."""
    _kept.append(folder)


def build_once(settings: Settings) -> None:
    """Bring about the index that :func:`onrecord.build_index` makes of a corpus.

    Args:
        settings: Name the corpus, and where its index is to be; there is none yet.
    """
    folder = _folder()
    with _once(folder / _key(settings)) as kept:
        if not kept.exists():
            making = kept.with_suffix(".making")
            _build(settings.model_copy(update={"index": making}))
            making.rename(kept)
    shutil.copytree(kept, settings.index)


def _folder() -> Path:
    if not _kept:  # outside a run of the tests nothing is shared
        keep_in(Path(tempfile.mkdtemp(prefix="onrecord-indexes-")))
    return _kept[-1]


@contextmanager
def _once(path: Path) -> Iterator[Path]:
    """Let one process at a time look whether something is there, and make it."""
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield path


def _key(settings: Settings) -> str:
    """Name by one sha256 what an index depends on: names and bytes of the files, and three settings."""
    corpus = settings.corpus
    files = sorted(each for each in corpus.rglob("*") if each.is_file()) if corpus.is_dir() else [corpus]
    digest = hashlib.sha256(repr((settings.embedding, settings.max_file_bytes, settings.signing)).encode())
    for file in files:
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(repr((file.relative_to(corpus.parent).parts[corpus.is_dir() :], content)).encode())
    return digest.hexdigest()


def _build(settings: Settings) -> None:
    """Build, without what is the same for each corpus and tried by tests of its own."""
    with (
        patch.object(build, "export_question_encoder", _exported_once),
        patch.object(build, "check_in_fresh_process", lambda folder: check_vectors(folder, Chroma())),
    ):
        build_index(settings)


def _exported_once(weights: Weights, folder: Path) -> None:
    """Give the question encoder of a model, which no corpus changes."""
    with _once(_folder() / weights.fingerprint) as kept:
        if not kept.exists():
            making = kept.with_suffix(".making")
            export_question_encoder(weights, making)
            making.rename(kept)
    shutil.copytree(kept, folder)
