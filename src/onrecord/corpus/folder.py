r"""Reading a corpus: a folder of articles, or one JSONL file, into :class:`~onrecord.types.Article`.

What is read: in a folder and the folders below it, in the order of their
paths, every file that has a reader (``.txt``, ``.md``, ``.jsonl``,
``.jsonl.gz``; see :mod:`onrecord.corpus.formats`). Hidden files and folders and ``README.md``
are no part of a corpus; ``articles.yaml`` says what is known of the files.

The text of an article is the file decoded as UTF-8, less one leading
byte-order mark. Nothing else is changed: line ends, control characters and
front matter stay where they are, because offsets count in this text.

A file that breaks a rule is skipped whole, with its reason:

==========================  ==========================================================
``bad name``                the path is not valid UTF-8, or holds control characters
``link out of the corpus``  following links, the file lies outside of the folder
``link to a folder``        links to folders are not followed
``broken link``             the link leads nowhere
``not a regular file``      a pipe, a socket or a device; it is never opened
``unreadable``              permission denied, or the disk reports an error
``too large``               a text file, or a line of a JSONL file, over ``max_bytes``
``empty``                   no character other than white space
``binary``                  a NUL, or more than 10 % control characters (\n \r \t \f apart)
``not UTF-8``               UTF-16, UTF-32, Latin-1 ...: offsets are defined on UTF-8 only
``bad front matter``        the ``---`` block of a Markdown file is not YAML
``too slow``                a JSONL file that takes over ``seconds``: half of one would mislead
``damaged gzip``            a compressed JSONL file that ends early or fails its checksum
``other format``            a file without a reader
==========================  ==========================================================

A line of a JSONL file that breaks a rule is skipped alone, and the reason
begins with its number: ``not JSON``, ``not an object``, ``no id``, ``bad id``,
``duplicate id``, ``no text``, ``not text`` (a field that is not a string),
``lone surrogate`` (half a character, which has no bytes), ``too large``,
``binary``, ``not UTF-8``. A date that is none leaves an article undated.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from onrecord.corpus.files import UnreadableError, bad_name, decode, read_inside, shown
from onrecord.corpus.formats import Limits, SourceFile, holds_records, is_read, read_source
from onrecord.corpus.metadata import Metadata, read_articles_yaml
from onrecord.errors import CorpusError
from onrecord.types import Article

_ARTICLES_YAML = "articles.yaml"
_ARTICLES_YAML_BYTES = 1_000_000
_README = "readme.md"
_LINE_REASON = re.compile(r"line \d+: ")
_REMEDY = "Put .txt, .md or .jsonl files in UTF-8 there, or name another corpus."


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file, or a line of one, that is not part of the corpus.

    Attributes:
        file: Path relative to the corpus folder, made printable.
        reason: Why, by the rules of this module; begins with ``line N:`` for a line of a JSONL file.
    """

    file: str
    reason: str

    @property
    def kind(self) -> str:
        """The rule that was broken, without line number and detail."""
        return _LINE_REASON.sub("", self.reason, count=1).partition(";")[0]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Every article of a folder or a JSONL file.

    Attributes:
        root: The folder or file, as it was named.
        articles: In the order of their paths and lines; ids are unique.
        skipped: What was left out, in the same order.
    """

    root: Path
    articles: tuple[Article, ...]
    skipped: tuple[Skipped, ...]

    def summary(self) -> str:
        """Say on one line how many articles there are, and what was skipped and why."""
        plural = "" if len(self.articles) == 1 else "s"
        head = f"{len(self.articles):,} article{plural} from {shown(str(self.root))}"
        return f"{head}; skipped {_counts(self.skipped)}" if self.skipped else head


def _counts(skipped: tuple[Skipped, ...]) -> str:
    kinds = Counter(item.kind for item in skipped)
    return f"{len(skipped):,}: " + ", ".join(
        f"{kinds[kind]:,} {kind}" for kind in sorted(kinds, key=str.casefold)
    )


def read_corpus(path: Path, *, max_bytes: int = 20_000_000, seconds: float = 10.0) -> Corpus:
    """Read every article of a corpus.

    Args:
        path: A folder, or a file that ends in ``.jsonl`` or ``.jsonl.gz``.
        max_bytes: The largest text file, and the longest line of a JSONL file, that is read.
        seconds: The longest time that one JSONL file may take.

    Returns:
        The articles, and what was skipped.

    Raises:
        CorpusError: If there is no such folder or file, ``articles.yaml`` cannot be used, or not one
            article can be read.
    """
    limits = Limits(max_bytes, seconds)
    root = _resolved(path)
    if root.is_dir():
        articles, skipped = _read_files(_folder(root, limits))
    elif root.is_file() and holds_records(path.name):
        articles, skipped = _read_files([SourceFile(path.name, root, root.parent, Metadata(), limits)])
    else:
        raise CorpusError(
            f"The corpus {shown(str(path))} is neither a folder nor a .jsonl file.",
            remedy="Name the folder that holds the articles, or a JSONL file.",
        )
    if not articles:
        raise CorpusError(_no_article(path, skipped), remedy=_REMEDY)
    return Corpus(path, articles, skipped)


def _resolved(path: Path) -> Path:
    try:
        return path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:  # ValueError: a NUL in the path
        why = getattr(error, "strerror", None) or "not a path"
        raise CorpusError(
            f"The corpus {shown(str(path))} cannot be found ({why}).",
            remedy="Name an existing folder of articles, or a JSONL file.",
        ) from None


def _no_article(path: Path, skipped: tuple[Skipped, ...]) -> str:
    if not skipped:
        return f"The corpus {shown(str(path))} holds no article."
    first = skipped[0]
    return (
        f"The corpus {shown(str(path))} holds no readable article: skipped {_counts(skipped)}"
        f" (first: {first.file}: {first.reason})."
    )


def _folder(root: Path, limits: Limits) -> list[SourceFile]:
    names = _names(root)
    stated = _stated(root) if _ARTICLES_YAML in names else {}
    for name in stated:
        if name not in names or not is_read(name) or holds_records(name):
            raise CorpusError(
                f"articles.yaml names {name!r}, which is no .txt or .md file of the corpus.",
                remedy="Correct the name there, or take it out.",
            )
    files = sorted(name for name in names if name != _ARTICLES_YAML)
    return [SourceFile(name, root / name, root, stated.get(name, Metadata()), limits) for name in files]


def _names(root: Path) -> set[str]:
    """Find every file below a folder, and what it cannot look into: links to folders, locked folders."""
    names: set[str] = set()

    def add(folder: str, found: Iterable[str]) -> None:
        inside = Path(folder).relative_to(root)
        names.update((inside / name).as_posix() for name in found)

    for folder, folders, files in os.walk(root, onerror=lambda error: add(error.filename, ["."])):
        folders[:] = [name for name in folders if not name.startswith(".")]
        add(folder, (name for name in folders if Path(folder, name).is_symlink()))
        add(folder, (name for name in files if _counts_as_article(name)))
    return names


def _counts_as_article(name: str) -> bool:
    return not name.startswith(".") and name.lower() != _README


def may_hold(name: str) -> bool:
    """Say whether a name, relative to a corpus folder, can be that of a file with articles.

    Args:
        name: With ``/``; one out of an index may be anything.

    Returns:
        False for what leads out of the folder, is hidden, or has no reader.
    """
    *folders, file = name.split("/")
    inside = all(folder and not folder.startswith(".") for folder in folders)
    return bool(file) and inside and _counts_as_article(file) and is_read(name) and not bad_name(name)


def _stated(root: Path) -> dict[str, Metadata]:
    try:
        content = read_inside(root / _ARTICLES_YAML, root=root, max_bytes=_ARTICLES_YAML_BYTES)
        text = decode(content)
    except UnreadableError as error:
        raise CorpusError(
            f"articles.yaml cannot be read: {error.reason.replace(';', ',')}.",
            remedy="Make it a UTF-8 file inside the corpus folder; describe a large corpus in JSONL instead.",
        ) from None
    return read_articles_yaml(text)


def _read_files(sources: Iterable[SourceFile]) -> tuple[tuple[Article, ...], tuple[Skipped, ...]]:
    articles: dict[str, Article] = {}
    skipped: list[Skipped] = []
    for source in sources:
        for found in read_source(source):
            article = found.article
            if article is None:
                skipped.append(_skipped(source, found.line, found.reason))
            elif article.id in articles:
                skipped.append(_skipped(source, found.line, f"duplicate id; {shown(article.id)}"))
            else:
                articles[article.id] = article
    return tuple(articles.values()), tuple(skipped)


def _skipped(source: SourceFile, line: int, reason: str) -> Skipped:
    return Skipped(shown(source.name), f"line {line}: {reason}" if line else reason)
