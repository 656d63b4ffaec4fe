"""The articles' texts, kept in the generation: SQLite, opened read-only and immutable."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import weakref
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from onrecord.errors import IndexCorruptError, UnknownArticleError
from onrecord.types import Article

_MARKS_OF_ORDER = (b"", b"\xef\xbb\xbf")
_FILE = "articles.sqlite"
_COLUMNS = "id, file, title, text, sha256, outlet, published, url, language, basis"
_BY_FILE = "SELECT row FROM article WHERE file = ? LIMIT 2"
_SELECT = f"SELECT {_COLUMNS} FROM article"  # noqa: S608 - names written one line above


def write_shelf(folder: Path, articles: Iterable[Article]) -> None:
    """Write the articles, in row order."""
    connection = sqlite3.connect(folder / _FILE)
    with connection:
        connection.execute(f"CREATE TABLE article (row INTEGER PRIMARY KEY, {_COLUMNS}, UNIQUE (id))")
        connection.executemany(
            f"INSERT INTO article VALUES ({', '.join('?' * 11)})",  # noqa: S608 - question marks only
            ((row, *_values(article)) for row, article in enumerate(articles)),
        )
        connection.execute("CREATE INDEX file ON article (file)")
    connection.close()


def _values(a: Article) -> tuple[str | bytes | None, ...]:
    # SQLite's text cannot hold a lone surrogate; bytes can hold any string.
    text = a.text.encode("utf-8", "surrogatepass")
    return (
        a.id,
        a.file,
        a.title,
        text,
        a.sha256,
        a.outlet,
        a.published,
        a.url,
        a.language,
        json.dumps(dict(a.basis)),
    )


class Shelf:
    """Articles by row or by id."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._finalizer = weakref.finalize(self, connection.close)
        self._lock = threading.Lock()
        self.article = lru_cache(maxsize=512)(self._load)

    @classmethod
    def open(cls, folder: Path) -> Shelf:
        """Open the texts of a generation; nothing is ever written."""
        try:
            where = f"{(folder / _FILE).resolve().as_uri()}?mode=ro&immutable=1"
            connection = sqlite3.connect(where, uri=True, check_same_thread=False)
            connection.execute("SELECT count(*) FROM article").fetchone()
        except sqlite3.Error as error:
            raise IndexCorruptError(
                f"{folder / _FILE} cannot be read ({error}).", remedy="Rebuild it: onrecord index --rebuild."
            ) from error
        return cls(connection)

    def _load(self, row: int) -> Article:
        with self._lock:
            found = self._connection.execute(_SELECT + " WHERE row = ?", (row,)).fetchone()
        if found is None:
            raise UnknownArticleError(f"There is no article in row {row}.")
        return _article(found)

    def row(self, article_id: str) -> int:
        """Give the row of an article, by id, or by its file where that names one article."""
        wanted = (article_id.encode("utf-8", "replace").decode(),)
        with self._lock:
            # One after the other: ids are looked up at every question, and have an index in every generation.
            found = self._connection.execute("SELECT row FROM article WHERE id = ?", wanted).fetchall()
            found = found or self._connection.execute(_BY_FILE, wanted).fetchall()
        if len(found) != 1:
            raise UnknownArticleError(
                f"The index holds no article {article_id!r}.",
                remedy="`onrecord info` and `onrecord search` list ids.",
            )
        return int(found[0][0])

    def ids(self) -> set[str]:
        """Give the id of every article."""
        with self._lock:
            return {found[0] for found in self._connection.execute("SELECT id FROM article")}

    def headings(self) -> list[str]:
        """Give title, outlet and file name of every article on three lines, in row order."""
        with self._lock:
            rows = self._connection.execute("SELECT title, outlet, file FROM article ORDER BY row").fetchall()
        return ["\n".join(part or "" for part in row) for row in rows]

    def all(self) -> Iterable[Article]:
        """Give every article, in row order; raises as :meth:`article` where one is not as it was indexed."""
        with self._lock:
            rows = self._connection.execute(_SELECT + " ORDER BY row").fetchall()
        return (_article(row) for row in rows)

    def close(self) -> None:
        """Close the database; dropping the last reference does so too."""
        self._finalizer()


def _article(found: tuple[str, str, str, bytes, str, str, str, str, str, str]) -> Article:
    ident, file, title, text, sha256, outlet, published, url, language, basis = found
    try:
        article = Article(
            id=ident,
            file=file,
            title=title,
            text=text.decode("utf-8", "surrogatepass"),
            sha256=sha256,
            outlet=outlet,
            published=published,
            url=url,
            language=language,
            basis=json.loads(basis),
        )
    except (AttributeError, TypeError, ValueError) as error:
        raise _corrupt(ident) from error
    if not is_sound(article):
        raise _corrupt(ident)
    return article


def is_sound(article: Article) -> bool:
    """Say whether an article's hash is that of its text; a file may begin with a byte-order mark."""
    content = article.text.encode("utf-8", "surrogatepass")
    return any(hashlib.sha256(mark + content).hexdigest() == article.sha256 for mark in _MARKS_OF_ORDER)


def _corrupt(ident: object) -> IndexCorruptError:
    return IndexCorruptError(
        f"The text of {ident!r} in {_FILE} is not the one that was indexed.",
        remedy="Rebuild it: onrecord index --rebuild.",
    )
