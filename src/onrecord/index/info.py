"""What an index holds, in figures."""

from __future__ import annotations

from dataclasses import dataclass

from onrecord.index.opened import Index
from onrecord.index.stamps import Origin
from onrecord.types import Filters
from onrecord.wording.dates import iso


@dataclass(frozen=True, slots=True)
class Info:
    """What an index holds.

    Attributes:
        index: Its folder.
        generation: Which is in use.
        built: When, ISO 8601 in UTC.
        articles: How many.
        passages: How many.
        sentences: How many.
        first: Earliest known day of publication, ISO, or None.
        last: Latest known day of publication, ISO, or None.
        model: The embedding model.
        bytes: On disk.
        outlets: Known ones, sorted.
        speakers: How many people are quoted or reported.
        origin: Whether it is signed, or was built here, or its origin is unknown.
    """

    index: str
    generation: str
    built: str
    articles: int
    passages: int
    sentences: int
    first: str | None
    last: str | None
    model: str
    bytes: int
    outlets: tuple[str, ...]
    speakers: int
    origin: Origin


def info_of(index: Index) -> Info:
    """Say what an index holds.

    Args:
        index: The generation in use.

    Returns:
        Its figures.
    """
    facts, store = index.generation.facts, index.store
    days = index.select(Filters()).days
    path = index.generation.path
    return Info(
        index=str(path.parent),
        generation=index.generation.name,
        built=str(facts["built"]),
        articles=int(facts["articles"]),
        passages=int(facts["passages"]),
        sentences=int(facts["sentences"]),
        first=iso(days[0]),
        last=iso(days[1]),
        model=str(facts["model"]),
        bytes=sum(file.stat().st_size for file in path.rglob("*") if file.is_file()),
        outlets=tuple(sorted(store.outlets)),
        speakers=len(store.speakers),
        origin=index.generation.origin,
    )
