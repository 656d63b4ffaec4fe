"""Finding articles by their words, in columns: no text is read for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from onrecord.index.columns.articles import Shelf
from onrecord.index.columns.store import Store
from onrecord.text.terms import numbers_of, term_arrays

_MOST = 20
"""More words than this are not looked for."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Catalogue:
    """The articles of a generation, to be looked through.

    Attributes:
        store: Its columns.
        shelf: Its texts.
    """

    store: Store
    shelf: Shelf

    def find(self, words: str) -> npt.NDArray[np.int64]:
        """Find the articles that hold all of some words.

        A part of a word counts in title, outlet and file name; in the text only whole words do, in
        any of their forms.
        """
        held = np.ones(len(self.store.articles) - 1, np.bool_)
        for word in words.split()[:_MOST]:
            held &= self._headed(word) | self._told(word)
        return np.flatnonzero(held)

    @cached_property
    def _headings(self) -> list[str]:
        return [heading.casefold() for heading in self.shelf.headings()]

    def _headed(self, word: str) -> Mask:
        part, headings = word.casefold(), self._headings
        return np.fromiter((part in heading for heading in headings), np.bool_, len(headings))

    @cached_property
    def _ends(self) -> npt.NDArray[np.int64]:
        """Past the last token of each article."""
        store = self.store
        first = store.sentences["token"][store.passages["sentence"][store.articles["passage"]]]
        ends: npt.NDArray[np.int64] = first[1:].astype(np.int64)
        return ends

    def _told(self, word: str) -> Mask:
        """Say which texts hold a word; one with a hyphen in it is several, and all have to stand there."""
        told = np.ones(len(self._ends), np.bool_)
        numbers = numbers_of(term_arrays(word)[0])
        for number in numbers:
            at = np.flatnonzero(self.store.tokens == number)
            within = np.zeros(len(told), np.bool_)
            within[np.searchsorted(self._ends, at, side="right")] = True
            told &= within
        return told if len(numbers) else np.zeros(len(told), np.bool_)
