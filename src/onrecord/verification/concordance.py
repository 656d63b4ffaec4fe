"""A concordance: where each run of words stands in a set of texts.

Runs of three words (shingles) are hashed and sorted once; a quotation is then
found by its rarest shingle, and the place nearest to an altered one by a vote
of its shingles over where it would have to begin.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

# Scripts written without spaces count one word a character.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_LETTERS = rf"[^\W_{_UNSPACED}]+"
_WORD = re.compile(rf"[{_UNSPACED}]|{_LETTERS}(?:'{_LETTERS}|(?<=\d)[.,]\d{_LETTERS}|(?<=\d)[.,]\d)*")

_BORDER = 0
_UNKNOWN = -1
_SHINGLE = 3
_FIRST_PLACES = 20_000
_COMMON = 2_000
_FEW = 2

Ids = NDArray[np.int32]
"""Words as numbers, shape (words,)."""
_Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text and where they stand in it."""

    text: str
    starts: array[int]
    ends: array[int]

    def __len__(self) -> int:
        return len(self.starts)

    def __iter__(self) -> Iterator[str]:
        return (self.text[start:end] for start, end in zip(self.starts, self.ends, strict=True))

    def slice(self, first: int, last: int) -> str:
        """Text from the first word to the last one, both included."""
        return self.text[self.starts[first] : self.ends[last]]


@dataclass(frozen=True, slots=True)
class Place:
    """A run of words in one of the texts.

    Attributes:
        text: Number of the text.
        first: Number of its first word in that text.
        last: Number of its last word.
    """

    text: int
    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1


def split_words(text: str) -> Words:
    """Split a folded text into words; ``can't`` and ``1,000.5`` are one word each."""
    starts, ends = array("q"), array("q")
    for found in _WORD.finditer(text):
        starts.append(found.start())
        ends.append(found.end())
    return Words(text, starts, ends)


@dataclass(frozen=True, slots=True)
class _Grams:
    """All runs of ``n`` words, hashed and sorted; equal ones in the order of the texts."""

    n: int
    keys: NDArray[np.uint64]
    order: _Positions

    @classmethod
    def of(cls, ids: Ids, n: int) -> _Grams:
        keys = _hashes(ids, n)
        order = np.argsort(keys, kind="stable")
        return cls(n, keys[order], order)

    def spans(self, ids: Ids) -> tuple[_Positions, _Positions]:
        keys = _hashes(ids, self.n)
        return np.searchsorted(self.keys, keys, "left"), np.searchsorted(self.keys, keys, "right")


def _hashes(ids: Ids, n: int) -> NDArray[np.uint64]:
    words = ids.astype(np.int64).view(np.uint64) + np.uint64(2)
    count = max(len(ids) - n + 1, 0)
    keys = np.zeros(count, np.uint64)
    for i in range(n):
        keys = keys * np.uint64(0x9E3779B97F4A7C15) + words[i : i + count]
        keys ^= keys >> np.uint64(29)
    return keys


@dataclass(slots=True)
class Concordance:
    """Words of many texts, findable by any run of them. Built by :meth:`of`; case is ignored."""

    texts: tuple[str, ...]
    _ids: Ids
    _bounds: _Positions
    _vocabulary: dict[str, int]
    _grams: dict[int, _Grams] = field(default_factory=dict)
    _words: dict[int, Words] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Iterable[str]) -> Concordance:
        """Index the words of folded texts."""
        kept = tuple(texts)
        vocabulary: dict[str, int] = {}
        ids, bounds = array("i", [_BORDER]), array("q", [1])
        for text in kept:
            words = _WORD.findall(text)
            ids.extend([vocabulary.setdefault(word.lower(), len(vocabulary) + 1) for word in words])
            ids.append(_BORDER)
            bounds.append(len(ids))
        return cls(kept, np.frombuffer(ids, np.int32), np.frombuffer(bounds, np.int64), vocabulary)

    def ids(self, words: Iterable[str]) -> Ids:
        """Numbers of words, as the other methods take them.

        Gives int32, shape (words,); -1 for a word that stands in no text.
        """
        found = [self._vocabulary.get(word.lower(), _UNKNOWN) for word in words]
        return np.array(found, np.int32)

    def words(self, text: int) -> Words:
        """Words of one of the texts."""
        if text not in self._words:
            self._words[text] = split_words(self.texts[text])
        return self._words[text]

    def around(self, place: Place) -> Ids:
        """Numbers of the words of a place."""
        begin = int(self._bounds[place.text])
        return self._ids[begin + place.first : begin + place.last + 1]

    def find(self, ids: Ids) -> list[Place]:
        """Find every place where exactly these words follow one another."""
        if not len(ids):
            return []
        grams = self._of_length(min(_SHINGLE, len(ids)))
        low, high = grams.spans(ids)
        rarest = int(np.argmin(high - low))
        at = grams.order[low[rarest] : high[rarest]][:_FIRST_PLACES] - rarest
        return self._places(self._matching(at, ids), len(ids))

    def _matching(self, at: _Positions, ids: Ids) -> _Positions:
        at = at[(at >= 0) & (at + len(ids) <= len(self._ids))]
        for i, word in enumerate(ids):
            if len(at) <= _FEW:
                break
            at = at[self._ids[at + i] == word]
        else:
            return at
        return np.array(
            [begin for begin in at if np.array_equal(self._ids[begin : begin + len(ids)], ids)], np.int64
        )

    def longest(self, ids: Ids, first: int) -> Place | None:
        """Find the longest run of words from ``first`` on that stands somewhere.

        Gives its first place; None when it is shorter than three words.
        """
        start = ids[first : first + _SHINGLE]
        if len(start) < _SHINGLE:
            return None
        grams = self._of_length(_SHINGLE)
        low, high = grams.spans(start)
        at, length = self._matching(grams.order[low[0] : high[0]][:_COMMON], start), _SHINGLE
        for word in ids[first + _SHINGLE :]:
            longer = at[at + length < len(self._ids)]
            longer = longer[self._ids[longer + length] == word]
            if not len(longer):
                break
            at, length = longer, length + 1
        return next(iter(self._places(at[:1], length)), None)

    def next(self, ids: Ids, *, text: int, first: int, within: int) -> Place | None:
        """Find the next place of a short run of words in one text."""
        begin, end = int(self._bounds[text]) + first, int(self._bounds[text + 1]) - 1
        room = self._ids[begin : min(begin + within + len(ids), end)]
        if len(room) < len(ids):
            return None
        starts = np.flatnonzero(room[: len(room) - len(ids) + 1] == ids[0])
        for start in starts:
            if np.array_equal(room[start : start + len(ids)], ids):
                return Place(text, first + int(start), first + int(start) + len(ids) - 1)
        return None

    def neighbourhoods(self, ids: Ids, *, count: int = 2) -> list[Place]:
        """Find where most of these words stand close together, in about this order."""
        for n in (_SHINGLE, 2, 1):
            at, weights = self._votes(ids, n)
            if len(at):
                return self._elect(at, weights, size=len(ids), count=count)
        return []

    def _votes(self, ids: Ids, n: int) -> tuple[_Positions, NDArray[np.float64]]:
        grams = self._of_length(n)
        low, high = grams.spans(ids)
        voters = np.flatnonzero((high > low) & (high - low <= _COMMON))
        if not len(voters):
            return np.empty(0, np.int64), np.empty(0)
        at = [grams.order[low[i] : high[i]] - i for i in voters]
        weights = [np.full(len(each), 1 / (1 + np.log(len(each)))) for each in at]
        return np.concatenate(at), np.concatenate(weights)

    def _elect(self, at: _Positions, weights: NDArray[np.float64], *, size: int, count: int) -> list[Place]:
        order = np.argsort(at, kind="stable")
        at, sums = at[order], np.concatenate([[0.0], np.cumsum(weights[order])])
        width = max(6, size // 3)
        score = sums[np.searchsorted(at, at + width, "right")] - sums[:-1]
        places: list[Place] = []
        while len(places) < count and score.max(initial=0) > 0:
            best = int(at[int(np.argmax(score))])
            places.append(self._stretch(best, size, width))
            score = np.where(np.abs(at - best) <= size + width, 0, score)
        return places

    def _stretch(self, begin: int, size: int, width: int) -> Place:
        # The vote is for where the run would begin, which for a place near a border may lie in the
        # text before: the middle of the run decides which text is meant.
        middle = min(max(begin + (size + width) // 2, 1), len(self._ids) - 1)
        text = min(int(np.searchsorted(self._bounds, middle, "right")) - 1, len(self.texts) - 1)
        origin, end = int(self._bounds[text]), int(self._bounds[text + 1]) - 1
        first = min(max(begin - width - 4, origin), max(end - 1, origin))
        last = max(min(begin + 2 * width + size + 4, end - 1), first)
        return Place(text, first - origin, last - origin)

    def _places(self, at: _Positions, length: int) -> list[Place]:
        texts = np.searchsorted(self._bounds, at, "right") - 1
        firsts = (at - self._bounds[texts]).tolist()
        pairs = zip(texts.tolist(), firsts, strict=True)
        return [Place(text, first, first + length - 1) for text, first in pairs]

    def _of_length(self, n: int) -> _Grams:
        if n not in self._grams:
            self._grams[n] = _Grams.of(self._ids, n)
        return self._grams[n]
