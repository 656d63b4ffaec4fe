"""Lexical search: Okapi BM25 (k1 1.2, b 0.75) by tantivy over stemmed words.

The index lies inside a generation as one segment and is never written after
its build. Documents are passages, numbered by their row.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from onrecord.errors import IndexCorruptError
from onrecord.index.vectors.private_copy import PrivateCopy

Rows = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

_ANALYZER = "stems"
_FOLDER = "tantivy"
_MANY = 500
"""From so many articles on, a filter is applied to what was found instead of to the search."""
_WRITER_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class LexicalDocument:
    """One passage as the lexical index takes it.

    Attributes:
        body: Its stems.
        title: The stems of its article's title.
        article: Row of its article.
    """

    body: Sequence[str]
    title: Sequence[str]
    article: int


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    for name in ("body", "title"):
        builder.add_text_field(name, tokenizer_name=_ANALYZER, index_option="freq")
    builder.add_unsigned_field("row", fast=True, indexed=False)
    builder.add_unsigned_field("article", fast=True, indexed=True)
    return builder.build()


def _register(index: Any) -> Any:
    import tantivy

    index.register_tokenizer(_ANALYZER, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return index


def write_lexical(folder: Path, documents: Iterable[LexicalDocument]) -> None:
    """Write the lexical index."""
    import tantivy

    target = folder / _FOLDER
    target.mkdir()
    index = _register(tantivy.Index(_schema(), path=str(target)))
    writer = index.writer(_WRITER_BYTES, 1)
    for row, document in enumerate(documents):
        entry = tantivy.Document()
        entry.add_text("body", " ".join(document.body))
        entry.add_text("title", " ".join(document.title))
        entry.add_unsigned("row", row)
        entry.add_unsigned("article", document.article)
        writer.add_document(entry)
    writer.commit()
    writer.wait_merging_threads()
    _tidy(target)


def _tidy(folder: Path) -> None:
    """Take away tantivy's locks, and let whoever may read one file of the index read them all."""
    mode = next(folder.glob("*.term")).stat().st_mode
    for file in folder.iterdir():
        if file.suffix == ".lock":
            file.unlink()
        else:
            file.chmod(mode)


class Lexical:
    """A lexical index opened for reading; dropping the last reference closes it as :meth:`close` does."""

    def __init__(self, schema: Any, searcher: Any, copy: PrivateCopy) -> None:
        self._schema = schema
        self._searcher = searcher
        self._finalizer = weakref.finalize(self, copy.close)

    @classmethod
    def open(cls, folder: Path) -> Lexical:
        """Open the lexical index of a generation."""
        import tantivy

        # Opening writes a lock file, and a generation is never written to: tantivy sees links to it.
        copy = PrivateCopy.linked(folder / _FOLDER)
        try:
            index = _register(tantivy.Index.open(str(copy.path)))
            # It would look for changes twice a second, and there are none.
            index.config_reader("Manual")
            return cls(index.schema, index.searcher(), copy)
        except (ValueError, OSError) as error:
            copy.close()
            raise IndexCorruptError(
                f"The lexical index in {folder / _FOLDER} cannot be read ({error}).",
                remedy="Rebuild it: onrecord index --rebuild.",
            ) from error

    def frequencies(self, stems: Sequence[str]) -> list[int]:
        """Count the passages that hold each stem in their body, or else stand under a title that does."""
        count = self._searcher.doc_freq
        return [count("body", stem) or count("title", stem) for stem in stems]

    def search(
        self,
        weights: Mapping[str, float],
        limit: int,
        *,
        title_boost: float = 1.0,
        articles: npt.NDArray[np.int64] | None = None,
        passages: npt.NDArray[np.bool_] | None = None,
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Rank passages by BM25.

        Gives passage rows and scores, best first, equal scores by row; shapes [found].
        """
        if not weights or (articles is not None and not len(articles)):
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        many = articles is not None and len(articles) > _MANY
        query = self._query(weights, title_boost, None if many else articles)
        if passages is not None:
            return self._sifted(query, limit, lambda rows, _: passages[rows])
        if articles is not None and many:
            return self._sifted(query, limit, lambda _, addresses: self._of(addresses, articles))
        return self._ranked(query, limit)[:2]

    def _ranked(self, query: Any, limit: int) -> tuple[Rows, Scores, list[Any]]:
        """Give rows and scores, best first, equal scores by row, and the addresses in the same order."""
        found = self._searcher.search(query, limit, count=False).hits
        addresses = [address for _, address in found]
        rows = np.array(self._searcher.fast_field_values("row", addresses), np.int64)
        scores = np.array([score for score, _ in found], np.float32)
        order = np.lexsort((rows, -scores))
        return rows[order], scores[order], [addresses[at] for at in order]

    def _of(self, addresses: list[Any], articles: Rows) -> Mask:
        """Say which addresses are of passages of some articles, whose rows ascend."""
        of = np.array(self._searcher.fast_field_values("article", addresses), np.int64)
        found: Mask = articles[np.minimum(np.searchsorted(articles, of), len(articles) - 1)] == of
        return found

    def _sifted(self, query: Any, limit: int, keep: Callable[[Rows, list[Any]], Mask]) -> tuple[Rows, Scores]:
        """Rank more than is wanted and keep what is within: cheaper than asking for each of many."""
        deep = 4 * limit
        while True:
            rows, scores, addresses = self._ranked(query, deep)
            within = keep(rows, addresses)
            if within.sum() >= limit or len(rows) < deep:
                return rows[within][:limit], scores[within][:limit]
            deep *= 8

    def close(self) -> None:
        """Remove the links; may be called twice. Threads that still search are not disturbed."""
        self._finalizer()

    def _query(
        self, weights: Mapping[str, float], title_boost: float, articles: npt.NDArray[np.int64] | None
    ) -> Any:
        import tantivy

        query, occur = tantivy.Query, tantivy.Occur
        boosts = (("body", 1.0), ("title", title_boost)) if title_boost else (("body", 1.0),)
        terms = query.boolean_query(
            [
                (occur.Should, query.boost_query(query.term_query(self._schema, field, stem), weight * boost))
                for stem, weight in weights.items()
                for field, boost in boosts
            ]
        )
        if articles is None:
            return terms
        within = query.term_set_query(self._schema, "article", [int(row) for row in articles])
        return query.boolean_query([(occur.Must, terms), (occur.Must, query.const_score_query(within, 0.0))])
