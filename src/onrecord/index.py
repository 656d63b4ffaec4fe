"""An index opened for asking: one generation, never written, all its parts side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from onrecord.encoding import QuestionEncoder
from onrecord.errors import IndexMismatchError, QuestionError
from onrecord.generation import Generation, load_current
from onrecord.ingest import MODEL_FOLDER
from onrecord.lexical import Lexical
from onrecord.manifest import REBUILD
from onrecord.shelf import Shelf
from onrecord.store import Store
from onrecord.types import Article, Filters
from onrecord.vectors import Vectors
from onrecord.weights import model_name

__all__ = ["Index", "Selection"]

_SELECTIONS = 64
"""How many different filters are remembered."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What the filters leave.

    Attributes:
        articles: Rows, ascending; None when nothing is filtered.
        passages: True for each passage within; None when nothing is filtered.
        counts: Articles and passages within.
        days: First and last known day of publication among them, as ordinals, 0 for unknown.
    """

    articles: npt.NDArray[np.int64] | None
    passages: npt.NDArray[np.bool_] | None
    counts: tuple[int, int]
    days: tuple[int, int]


@dataclass(frozen=True)
class Index:
    """One generation, opened.

    Attributes:
        generation: Which.
        store: Its columns.
        shelf: Its texts.
        lexical: Its BM25 index.
        vectors: Its passage vectors.
        encoder: Its question encoder.
    """

    generation: Generation
    store: Store
    shelf: Shelf
    lexical: Lexical
    vectors: Vectors
    encoder: QuestionEncoder
    _selected: dict[Filters, Selection] = field(default_factory=dict, repr=False)

    @classmethod
    def open(cls, folder: Path, *, model: str | None = None, exact_below: int = 20_000) -> Index:
        """Open the generation in use.

        Args:
            folder: Of the index.
            model: The embedding model that it has to be built with; any when None.
            exact_below: Up to this many passages, search is exact.

        Returns:
            The index.

        Raises:
            IndexMissingError: If there is none.
            IndexCorruptError: If a file differs from the manifest.
            IndexMismatchError: If another model or version built it; names both.
        """

        def load(generation: Generation) -> Index:
            path = generation.path
            _require_model(generation, model)
            store = Store.open(path)
            _require_dimension(generation, store)
            return cls(
                generation=generation,
                store=store,
                shelf=Shelf.open(path),
                lexical=Lexical.open(path),
                vectors=Vectors.open(path, ids=store.passage_ids(), exact_below=exact_below),
                encoder=QuestionEncoder.open(path / MODEL_FOLDER),
            )

        return load_current(folder, load)

    @property
    def passages(self) -> int:
        """How many passages there are."""
        return len(self.store.passages) - 1

    def article(self, row: int) -> Article:
        """Give the article in a row."""
        return self.shelf.article(row)

    def select(self, filters: Filters) -> Selection:
        """Find what the filters leave.

        Args:
            filters: Any.

        Returns:
            Articles and passages within; a filter on dates leaves out articles without one.

        Raises:
            QuestionError: If the corpus has no such outlet or article.
        """
        found = self._selected.get(filters)
        if found is None:
            found = self._select(filters)
            if len(self._selected) >= _SELECTIONS:
                self._selected.clear()
            self._selected[filters] = found
        return found

    def _select(self, filters: Filters) -> Selection:
        table = self.store.articles[:-1]
        within = np.ones(len(table), np.bool_)
        if filters.since:
            within &= table["last"] >= filters.since.toordinal()
        if filters.until:
            within &= (table["first"] > 0) & (table["first"] <= filters.until.toordinal())
        if filters.outlets:
            within &= np.isin(table["outlet"], [self._outlet(name) for name in filters.outlets])
        if filters.articles:
            within &= np.isin(np.arange(len(table)), [self.shelf.row(ident) for ident in filters.articles])
        dated = table[within & (table["first"] > 0)]
        days = (int(dated["first"].min()), int(dated["last"].max())) if len(dated) else (0, 0)
        if not filters:
            return Selection(None, None, (len(table), self.passages), days)
        mask = within[self.store.passages["article"][:-1]]
        return Selection(np.flatnonzero(within), mask, (int(within.sum()), int(mask.sum())), days)

    def _outlet(self, name: str) -> int:
        wanted = name.casefold()
        for row, outlet in enumerate(self.store.outlets):
            if outlet.casefold() == wanted:
                return row
        known: Sequence[str] = sorted(self.store.outlets)[:10]
        raise QuestionError(
            f"No article is from the outlet {name!r}.",
            remedy=f"Known: {', '.join(known)}." if known else "The corpus states no outlets.",
        )

    def close(self) -> None:
        """Close all that is open; the index must not be used afterwards."""
        self.vectors.close()
        self.lexical.close()
        self.shelf.close()


def _require_model(generation: Generation, model: str | None) -> None:
    """Refuse vectors of another model: its questions lie elsewhere, and the answers would be wrong."""
    built = generation.facts.get("model")
    if model is not None and built != model_name(model):
        raise IndexMismatchError(
            f"The index in {generation.path.parent} was built with the model {built!r},"
            f" and the settings name {model!r}.",
            remedy=f"Run `onrecord index` to build it with that model, or set ONRECORD_EMBEDDING={built}.",
        )


def _require_dimension(generation: Generation, store: Store) -> None:
    stated, found = generation.facts.get("dimension"), store.passage_vectors.shape[1]
    if stated != found:
        raise IndexMismatchError(
            f"The index in {generation.path.parent} holds vectors of {found} numbers,"
            f" and its manifest says {stated}.",
            remedy=REBUILD,
        )
