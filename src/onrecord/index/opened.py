"""An index opened for asking: one generation, never written, all its parts side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from onrecord.errors import IndexMismatchError, QuestionError
from onrecord.index.columns.article_search import Catalogue
from onrecord.index.columns.articles import Shelf
from onrecord.index.columns.store import MODES, Store
from onrecord.index.generation import Generation, load_current
from onrecord.index.lexical import Lexical
from onrecord.index.manifest import MODEL_FOLDER, REBUILD, corrupt
from onrecord.index.originals import Originals
from onrecord.index.vectors.chosen import Chosen
from onrecord.index.vectors.search import Vectors
from onrecord.models.question_encoder import QuestionEncoder
from onrecord.models.weights import model_name
from onrecord.people.identities import Identities
from onrecord.people.names import speaker_key, speaker_keys
from onrecord.people.roles import printed_roles, same_role
from onrecord.types import Article, Filters, Mode, OnDisk

_SELECTIONS = 64
"""How many different filters are remembered."""
_NEAR = 5
_ALIKE = 0.75
_ROLES_FROM = 5


@dataclass(frozen=True, slots=True)
class Selection:
    """What the filters leave.

    Attributes:
        articles: Rows, ascending; None when nothing is filtered.
        passages: True for each passage within; None when nothing is filtered.
        counts: Articles and passages within.
        days: First and last known day of publication among them, as ordinals, 0 for unknown.
        sentences: True for each sentence whose speaker is within; None when speakers are not filtered.
        speakers: Rows of the store's speakers that are within; None likewise.
    """

    articles: npt.NDArray[np.int64] | None
    passages: npt.NDArray[np.bool_] | None
    counts: tuple[int, int]
    days: tuple[int, int]
    sentences: npt.NDArray[np.bool_] | None = None
    speakers: tuple[int, ...] | None = None


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
        originals: The corpus as it is on disk now.
    """

    generation: Generation
    store: Store
    shelf: Shelf
    lexical: Lexical
    vectors: Vectors
    encoder: QuestionEncoder
    originals: Originals
    _sound: set[int] = field(default_factory=set, repr=False)
    _selected: dict[Filters, Selection] = field(default_factory=dict, repr=False)

    @classmethod
    def open(
        cls,
        folder: Path,
        originals: Originals,
        *,
        model: str | None = None,
        exact_below: int = 20_000,
        key: bytes | None = None,
    ) -> Index:
        """Open the generation in use.

        Args:
            folder: Of the index.
            originals: The corpus that quotations are held against.
            model: The embedding model that it has to be built with; any when None.
            exact_below: Up to this many passages, search is exact.
            key: That it has to be signed with; any or no signature will do when None.

        Returns:
            The index.

        Raises:
            IndexMissingError: If there is none.
            IndexCorruptError: If a file differs from the manifest.
            IndexMismatchError: If another model or version built it; names both.
            IndexSignatureError: If it is not signed with the key.
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
                vectors=Vectors.open(path, ids=store.passage_ids(), exact_below=exact_below, store=Chosen()),
                encoder=QuestionEncoder.open(path / MODEL_FOLDER),
                originals=originals,
            )

        return load_current(folder, load, key=key)

    @property
    def passages(self) -> int:
        """How many passages there are."""
        return len(self.store.passages) - 1

    @cached_property
    def catalogue(self) -> Catalogue:
        """Its articles, to be looked through."""
        return Catalogue(self.store, self.shelf)

    def article(self, row: int) -> Article:
        """Give the article in a row.

        Args:
            row: Its row.

        Returns:
            The article.

        Raises:
            IndexCorruptError: If its text is not the one that was indexed, or sentences lie outside of it.
        """
        article = self.shelf.article(row)
        if row not in self._sound:
            if not self.store.lies_within(row, len(article.text)):
                raise corrupt(self.generation.path, f"places sentences outside of the text of {article.id!r}")
            self._sound.add(row)
        return article

    def is_as_indexed(self, row: int) -> bool:
        """Say whether the file of a row's article holds it as it was indexed, or the corpus is not here."""
        return self.originals.of(self.article(row)).on_disk in (OnDisk.SAME, OnDisk.UNKNOWN)

    def select(self, filters: Filters) -> Selection:
        """Find what the filters leave.

        Args:
            filters: Any.

        Returns:
            Articles and passages within; a filter on dates leaves out articles without one, and one on
            speakers leaves only passages that hold their words.

        Raises:
            QuestionError: If the corpus has no such outlet, article or speaker.
        """
        found = self._selected.get(filters)
        if found is None:
            found = self._select(filters)
            if len(self._selected) >= _SELECTIONS:
                self._selected.clear()
            self._selected[filters] = found
        return found

    def _select(self, filters: Filters) -> Selection:
        within = self._within(filters)
        if not filters:
            return Selection(None, None, (len(within), self.passages), self._days(within))
        articles = self.store.passages["article"][:-1]
        mask, spoken, speakers = within[articles], None, None
        if filters.speakers:
            speakers = tuple(row for name in filters.speakers for row in self.speaker_rows(name))
            spoken = self.spoken_by(speakers)
            mask &= np.logical_or.reduceat(spoken, self.store.passages["sentence"][:-1])
            within = np.bincount(articles[mask], minlength=len(within)) > 0
        counts = int(within.sum()), int(mask.sum())
        return Selection(np.flatnonzero(within), mask, counts, self._days(within), spoken, speakers)

    def _within(self, filters: Filters) -> npt.NDArray[np.bool_]:
        """Say which articles the filters on articles leave."""
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
        return within

    def _days(self, within: npt.NDArray[np.bool_]) -> tuple[int, int]:
        table = self.store.articles[:-1]
        dated = table[within & (table["first"] > 0)]
        return (int(dated["first"].min()), int(dated["last"].max())) if len(dated) else (0, 0)

    @cached_property
    def spoken(self) -> npt.NDArray[np.int32]:
        """Whose words each sentence carries, as a row of the store's speakers; -1 for the article's own."""
        table = self.store.sentences[:-1]
        spoken: npt.NDArray[np.int32] = table["speaker"].astype(np.int32)
        spoken[table["mode"] == MODES.index(Mode.ARTICLE)] = -1
        return spoken

    def spoken_by(self, rows: Sequence[int]) -> npt.NDArray[np.bool_]:
        """Say which sentences carry the words of these speakers, shape [sentences]."""
        known = np.zeros(len(self.store.speakers) + 1, np.bool_)  # the last is for -1, nobody
        known[list(rows)] = True
        within: npt.NDArray[np.bool_] = known[self.spoken]
        return within

    @cached_property
    def speakers(self) -> Mapping[str, int]:
        """Who speaks, and how many sentences carry their words: most first, then by name."""
        counts = np.bincount(self.spoken[self.spoken >= 0], minlength=len(self.store.speakers)).tolist()
        known = [(name, count) for name, count in zip(self.store.speakers, counts, strict=True) if count]
        return dict(sorted(known, key=lambda pair: (-pair[1], pair[0])))

    @cached_property
    def identities(self) -> Identities:
        """Which of the store's speakers are the same person."""
        counts = np.bincount(self.spoken[self.spoken >= 0], minlength=len(self.store.speakers)).tolist()
        known = dict(zip(self.store.speakers, counts, strict=True))
        return Identities.of(known, self.store.sources, alike=self._share_role)

    def _share_role(self, name: str, other: str) -> bool:
        """Say whether the articles print the same role beside two names."""
        roles, others = ([*self._roles(each)] for each in (name, other))
        return any(same_role(one, another) for one in roles for another in others)

    def _roles(self, name: str) -> Iterator[str]:
        """Give the roles printed beside a name in the first articles in which it speaks."""
        sentences = np.flatnonzero(self.spoken == self.speaker_row(name))
        passages = np.searchsorted(self.store.passages["sentence"], sentences, side="right") - 1
        for row in np.unique(self.store.passages["article"][passages])[:_ROLES_FROM].tolist():
            yield from printed_roles(self.article(row).text, name)

    @cached_property
    def _rows(self) -> Mapping[str, int]:
        return {name: row for row, name in enumerate(self.store.speakers)}

    def speaker_row(self, name: str) -> int:
        """Give the row of a speaker, by the very name."""
        return self._rows[name]

    def speaker_rows(self, name: str) -> Sequence[int]:
        """Give the rows of all speakers that a name means.

        Args:
            name: As typed; several who speak together have to be named as they are in the corpus.

        Returns:
            Rows of the store's speakers, that of the very name first; at least one.

        Raises:
            QuestionError: If nobody is called so; names those who nearly are.
        """
        found = [self._rows[each] for one in self.identities.meant(name) for each in one.variants]
        if " and " in name:
            found = [row for row in found if self.store.speakers[row].casefold() == name.casefold()]
        if not found:
            raise QuestionError(f"The corpus quotes nobody called {name!r}.", remedy=self._instead(name))
        return sorted(found, key=lambda row: self.store.speakers[row].casefold() != name.casefold())

    def _instead(self, name: str) -> str:
        """Name those whose names are near to one that is not known, or else those who say most."""
        known_keys = self.store.speaker_keys
        keys = set(get_close_matches(speaker_key(name), known_keys, n=_NEAR, cutoff=_ALIKE))
        near = [each for each in self.speakers if keys & speaker_keys(each)] if keys else []
        known = list(near or self.speakers)[:_NEAR]
        if not known:
            return "The articles quote nobody by name."
        return f"{'Near to it' if near else 'Quoted most'}: {', '.join(known)}."

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
