"""The corpus as it is on disk now: whether an article of the index still stands there, word for word.

An index is only what somebody wrote into a folder. What it says of an article is held against the
article's own file each time that it is quoted: looked at again (``stat``) for every question, read
again only where it changed. What was read is kept in this process alone, for nothing in the folder
of the index could be trusted with it.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from onrecord.corpus.files import LEADS_NOWHERE, UnreadableError
from onrecord.corpus.folder import may_hold
from onrecord.corpus.formats import Limits, SourceFile, find_articles, holds_records, spellings
from onrecord.corpus.metadata import Metadata
from onrecord.settings import Settings
from onrecord.types import Article, OnDisk, Quote

_COARSE = 1_000_000_000
"""Nanoseconds: a file that was written to later than this before it was read may change once more without
its times telling."""
_TEXTS = 64

Stamp = tuple[int, ...]


class Indexed(NamedTuple):
    """What an index says of an article: its id, its file, and the hash of what it held."""

    id: str
    file: str
    sha256: str

    @classmethod
    def of(cls, known: Article | Quote) -> Indexed:
        """Take it from an article, or from a quotation of one."""
        ident = known.id if isinstance(known, Article) else known.article_id
        return cls(ident, known.file, known.sha256)


@dataclass(frozen=True, slots=True)
class Original:
    """What became of an article since it was indexed.

    Attributes:
        on_disk: What became of it.
        text: What stands there now, where that is another text.
    """

    on_disk: OnDisk
    text: str = ""

    def of_slice(self, start: int, end: int, words: str) -> OnDisk:
        """Say what became of a slice.

        Args:
            start: First code point, as indexed.
            end: Past the last one.
            words: The slice, as indexed.

        Returns:
            As of the article; of one that is another text now, whether it has the slice in its place.
        """
        if self.on_disk is not OnDisk.CHANGED:
            return self.on_disk
        return OnDisk.CHANGED if self.text[start:end] == words else OnDisk.LOST


@dataclass(slots=True)
class _File:
    """What was read of a file: the hash of each article that it holds, or of those asked for until then."""

    stamp: Stamp
    young: bool
    whole: bool
    failed: bool = False
    hashes: dict[str, bytes] = field(default_factory=dict)

    def knows(self, wanted: Iterable[Indexed]) -> bool:
        """Say whether each article was looked for."""
        return self.whole or all(one.id in self.hashes for one in wanted)


class Originals:
    """Holds articles of an index against the corpus; safe for use by many threads.

    Args:
        corpus: The folder, or the file of records.
        max_bytes: As for :func:`onrecord.corpus.folder.read_corpus`.
        now: Gives the time in nanoseconds, on the clock of the file system.
    """

    def __init__(self, corpus: Path, *, max_bytes: int, now: Callable[[], int] = time.time_ns) -> None:
        self._corpus = str(corpus.absolute())
        self._name = corpus.name
        self._limits = Limits(max_bytes, math.inf)
        self._now = now
        self._lock = threading.Lock()
        self._files: dict[str, _File] = {}
        self._texts: OrderedDict[tuple[str, str], tuple[_File, str]] = OrderedDict()

    @classmethod
    def open(cls, settings: Settings) -> Originals:
        """Take the corpus that settings name; it need not be there."""
        return cls(settings.corpus, max_bytes=settings.max_file_bytes)

    def of(self, article: Article) -> Original:
        """Say what became of an article since it was indexed."""
        return self.look((Indexed.of(article),))[article.id]

    def look(self, wanted: Iterable[Indexed]) -> Mapping[str, Original]:
        """Say what became of several articles; each file is looked at once.

        Args:
            wanted: The articles, of one index.

        Returns:
            By id.
        """
        files: dict[str, dict[str, Indexed]] = {}
        for one in wanted:
            files.setdefault(one.file, {})[one.id] = one
        found: dict[str, Original] = {}
        for file, held in files.items():
            found |= self._look_in(file, tuple(held.values()))
        return found

    def _look_in(self, file: str, wanted: Sequence[Indexed]) -> Mapping[str, Original]:
        place = self._place(file)
        try:
            stamp = _stamp(place) if place else None
            here = stamp is not None or self._is_here()
        except OSError:  # the disk fails, or the folder may not be looked into: that is no deletion
            stamp, here = None, False
        if place is None or stamp is None:
            gone = Original(OnDisk.GONE if here else OnDisk.UNKNOWN)
            return dict.fromkeys((one.id for one in wanted), gone)
        known = self._files.get(file)
        if known is None or known.young or known.stamp != stamp or not known.knows(wanted):
            with self._lock:
                known = self._read(file, place, wanted)
        return {one.id: self._original(known, one, place) for one in wanted}

    # --- where the corpus is

    def _is_one_file(self) -> bool:
        return holds_records(self._name) and not os.path.isdir(self._corpus)  # noqa: PTH112 - at every question

    def _place(self, file: str) -> str | None:
        """Say where a file has to be; None where its name is none of the corpus, whatever it leads to."""
        if self._is_one_file():
            return self._corpus if file == self._name else None
        return f"{self._corpus}/{file}" if may_hold(file) else None

    def _is_here(self) -> bool:
        if self._is_one_file():
            return os.path.isfile(self._corpus) and os.access(self._corpus, os.R_OK)  # noqa: PTH113
        return os.path.isdir(self._corpus) and os.access(self._corpus, os.R_OK | os.X_OK)  # noqa: PTH112

    # --- reading it

    def _read(self, file: str, place: str, wanted: Sequence[Indexed]) -> _File:
        """Read a file again, unless another thread just did."""
        stamp, known = _seen(place), self._files.get(file)
        fresh = known is not None and not known.young and known.stamp == stamp
        if known is not None and fresh and known.knows(wanted):
            return known
        # A process that answers one question needs a few records of many: only their lines are parsed.
        # One that goes on to another question reads all, once.
        read = None
        if holds_records(file) and not fresh:
            read = self._scan(file, place, wanted, holding=wanted)
        if read is None or not read.knows(wanted):
            read = self._scan(file, place, wanted)
        self._files[file] = read
        return read

    def _scan(
        self, file: str, place: str, wanted: Sequence[Indexed], *, holding: Sequence[Indexed] = ()
    ) -> _File:
        began, stamp = self._now(), _seen(place)
        read = _File(stamp or (), young=True, whole=not holding)
        asked = {one.id: one.sha256 for one in wanted}
        others: dict[str, str] = {}
        try:
            for article in self._articles(file, place, holding):
                if article.id in read.hashes:  # as in the corpus: of records with one id the first counts
                    continue
                read.hashes[article.id] = bytes.fromhex(article.sha256)
                if article.id in asked and asked[article.id] != article.sha256 and len(others) < _TEXTS:
                    others[article.id] = article.text
                if holding and read.knows(wanted):
                    break
        except (OSError, UnreadableError) as error:  # whatever of it was read is no part of the corpus
            read.whole, read.failed = True, _failed(error)
            read.hashes.clear()
            others.clear()
        unsteady = stamp is None or stamp != _seen(place) or began - stamp[-1] < _COARSE
        read.young = read.failed or unsteady  # what failed may do so no more at the next question
        for ident, text in others.items():
            self._keep(file, ident, read, text)
        return read

    def _articles(self, file: str, place: str, holding: Sequence[Indexed]) -> Iterable[Article]:
        path = Path(place)
        alone = place == self._corpus
        path, root = (
            (path.resolve(), path.resolve().parent) if alone else (path, Path(self._corpus).resolve())
        )
        if not alone:
            path = root / file
        spelt = tuple(spelling for one in holding for spelling in spellings(one.id))
        source = SourceFile(file, path, root, Metadata(), self._limits, spelt)
        return (found.article for found in find_articles(source) if found.article is not None)

    # --- what that says of an article

    def _original(self, known: _File, one: Indexed, place: str) -> Original:
        digest = known.hashes.get(one.id)
        if known.failed:
            return Original(OnDisk.UNKNOWN)
        if digest is None:
            return Original(OnDisk.GONE)
        if digest.hex() == one.sha256:
            return Original(OnDisk.SAME)
        text = self._text(known, one, place)
        return Original(OnDisk.UNKNOWN) if text is None else Original(OnDisk.CHANGED, text)

    def _text(self, known: _File, one: Indexed, place: str) -> str | None:
        """Give what stands there now, or none where it cannot be read.

        It is empty where the file was changed again meanwhile, and so holds no slice.
        """
        with self._lock:
            kept = self._texts.get((one.file, one.id))
            if kept is not None and kept[0] is known:
                return kept[1]
            try:
                each = chain(self._articles(one.file, place, (one,)), self._articles(one.file, place, ()))
                text = next((article.text for article in each if article.id == one.id), "")
            except (OSError, UnreadableError) as error:
                return None if _failed(error) else ""
            self._keep(one.file, one.id, known, text)
            return text

    def _keep(self, file: str, ident: str, known: _File, text: str) -> None:
        self._texts[file, ident] = known, text
        self._texts.move_to_end((file, ident))
        while len(self._texts) > _TEXTS:
            self._texts.popitem(last=False)


def _stamp(place: str) -> Stamp | None:
    """Note device, inode, size and times of what a path leads to; None where it leads nowhere."""
    try:
        found = os.stat(place)  # noqa: PTH116 - at every question
    except ValueError:
        return None
    except OSError as error:
        if error.errno in LEADS_NOWHERE:
            return None
        raise
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _seen(place: str) -> Stamp | None:
    """Note as :func:`_stamp` does; None where that fails too."""
    with suppress(OSError):
        return _stamp(place)
    return None


def _failed(error: OSError | UnreadableError) -> bool:
    """Say whether it was the system that failed, which says nothing of what a file holds."""
    return error.failed if isinstance(error, UnreadableError) else error.errno not in LEADS_NOWHERE
