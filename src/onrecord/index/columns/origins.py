"""Origins: which articles of a corpus are nearly the same text, and so one source and not several.

Each article's runs of words are hashed once and kept as the smallest hash of
each of 64 bins (one permutation hashing, Li, Owen & Zhang, NIPS 2012; empty
bins filled from the next one, Shrivastava & Li, ICML 2014). Articles that
share a band of four bins are held against each other word for word; no others
are. Linear in the words of the corpus.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

_RUN = 4
_BINS = 64
_BAND = 4
_ALIKE = 0.6
"""Share of the runs of two articles that both have (Jaccard) from which on they are one text."""
_FEWEST = 8
_HELD = 3
"""An article is held against so many of a band, at most."""

Array = npt.NDArray[Any]


def find_origins(tokens: Sequence[Array]) -> npt.NDArray[np.int32]:
    """Find the origin of each article."""
    runs = [_runs(numbers) for numbers in tokens]
    rows = [row for row, one in enumerate(runs) if len(one) >= _FEWEST]
    parents = np.arange(len(tokens), dtype=np.int32)
    if not rows:
        return parents
    bands = np.stack([_signature(runs[row]) for row in rows]).reshape(len(rows), -1, _BAND)
    for group in _sharing(bands):
        held: list[int] = []
        for row in (rows[at] for at in group):
            same = next((other for other in held if _alike(runs, parents, row, other)), None)
            if same is not None:
                _join(parents, row, same)
            elif len(held) < _HELD:
                held.append(row)
    return np.array([_root(parents, row) for row in range(len(parents))], np.int32)


def _runs(numbers: Array) -> npt.NDArray[np.uint64]:
    """Hash every run of four words, each once, sorted."""
    count = max(len(numbers) - _RUN + 1, 0)
    keys = np.zeros(count, np.uint64)
    words = numbers.astype(np.uint64) + np.uint64(1)
    for at in range(_RUN):
        keys = (keys ^ words[at : at + count]) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(29)
    keys *= np.uint64(0xBF58476D1CE4E5B9)
    return np.unique(keys ^ (keys >> np.uint64(32)))


def _signature(runs: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Give the smallest hash of each bin, shape [64]; at least one bin is not empty."""
    bins = (runs % np.uint64(_BINS)).astype(np.int64)
    smallest = np.full(_BINS, np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(smallest, bins, runs)
    filled = np.flatnonzero(np.isin(np.arange(_BINS), bins))
    after = filled[np.searchsorted(filled, np.arange(_BINS)) % len(filled)]
    # What was borrowed must not look like a bin's own.
    distance = ((after - np.arange(_BINS)) % _BINS).astype(np.uint64)
    borrowed: npt.NDArray[np.uint64] = smallest[after] + distance * np.uint64(0x9E3779B97F4A7C15)
    return borrowed


def _sharing(bands: npt.NDArray[np.uint64]) -> Iterator[list[int]]:
    """Give the articles that share a band, group by group."""
    for band in range(bands.shape[1]):
        rows = np.ascontiguousarray(bands[:, band]).view(f"V{8 * _BAND}").ravel()
        _, where = np.unique(rows, return_inverse=True)
        order = np.argsort(where, kind="stable")
        edges = np.flatnonzero(np.diff(where[order])) + 1
        yield from (group.tolist() for group in np.split(order, edges) if len(group) > 1)


def _alike(
    runs: Sequence[npt.NDArray[np.uint64]], parents: npt.NDArray[np.int32], one: int, other: int
) -> bool:
    if _root(parents, one) == _root(parents, other):
        return True
    shared = len(np.intersect1d(runs[one], runs[other], assume_unique=True))
    return shared >= _ALIKE * (len(runs[one]) + len(runs[other]) - shared)


def _root(parents: npt.NDArray[np.int32], row: int) -> int:
    while parents[row] != row:
        parents[row] = parents[parents[row]]
        row = int(parents[row])
    return row


def _join(parents: npt.NDArray[np.int32], one: int, other: int) -> None:
    first, second = sorted((_root(parents, one), _root(parents, other)))
    parents[second] = first
