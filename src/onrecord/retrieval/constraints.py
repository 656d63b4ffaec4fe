"""Bounds: what a question asks of every quotation beside its subject, before anything is quoted.

A speaker, days, an outlet, a place: found in the question, and held against the sentences that were read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from onrecord.index.opened import Index
from onrecord.question.periods import Period, periods_in
from onrecord.question.pronouns import names_in
from onrecord.question.query import Query
from onrecord.retrieval.asked_speakers import asked_rows
from onrecord.retrieval.candidates import Candidates
from onrecord.retrieval.features import Features
from onrecord.text.terms import STOP, tokenize
from onrecord.types import Filters, Limit

APPLIED = (Limit.OUTLET, Limit.DATE, Limit.PLACE)
"""In the order in which they are applied to sentences; a speaker is the reader's own matter."""

_REPORTS = r"(?:report|wrote|write|publish|print|say|said|cover|claim|describe|call|put|quote|tell|told)"
_STORY = r"(?:article|report|reporting|coverage|story|stories|account|version|piece|editorial)"
_ASKED_OF = frozenset("did does do has have had would to what how".split())
_OWNED = re.compile(
    r"['’]s? (?:\w+ )?"
    r"(?:statements?|remarks?|comments?|words|views?|positions?|stances?|reactions?|quotes?)\b"
)
_PLACED = re.compile(r"\b(?:in|at|near|outside|inside) (?:the )?$", re.IGNORECASE)
_BRACKET = re.compile(r"\s\([^()]*\)$")

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Bound:
    """A constraint of a question, before anything is quoted.

    Attributes:
        limit: Of what kind.
        words: As the question has it.
        period: The days, of a date.
        outlet: Row of the store's outlets, of an outlet.
        stems: Of a place.
        speakers: Names of the store, of a speaker; empty where the corpus carries no words of theirs.
        applied: Whether the search may be narrowed to it; False where that was tried in vain.
    """

    limit: Limit
    words: str
    period: Period | None = None
    outlet: int = -1
    stems: tuple[str, ...] = ()
    speakers: frozenset[str] = frozenset()
    applied: bool = True


def outlet_asked(index: Index, query: Query) -> tuple[Query, tuple[Bound, ...]]:
    """Find the outlets that a question keeps to.

    Args:
        index: Knows the outlets.
        query: The question, read.

    Returns:
        The question, asked of nobody where the outlet was taken for somebody who speaks, and the outlets.
    """
    found = tuple(_outlets(index, query.text))
    if not found:
        return query, ()
    names = " ".join(bound.words for bound in found)
    if query.person and query.person.removeprefix("The ") in names:
        query = query.of_nobody()
    own = {token.stem for token in tokenize(names)}
    return query.framed(stem for stem in query.stems if stem in own), found


def _outlets(index: Index, text: str) -> Iterator[Bound]:
    for row, outlet in enumerate(index.store.outlets):
        name = outlet.removeprefix("The ")
        if name not in text:
            continue
        bare, the = re.escape(name), "(?:the |The )?"
        asked = (
            rf"\b(?:according to|in|on|by|from|of) {the}{bare}(?![\w-])"
            rf"|\b(?:did|does|do|has|have|how|what|and|or|,) ?{the}{bare}"
            rf"(?:,? and [^?]*?)? (?:\w+ )?{_REPORTS}"
            rf"|\b{bare}(?:['’]s?)? (?:\w+ )?{_STORY}\b"
        )
        if re.search(asked, text):
            yield Bound(Limit.OUTLET, name, outlet=row)


def bounds_of(index: Index, query: Query) -> tuple[Query, tuple[Bound, ...]]:
    """Find what a question asks of every quotation, but for the outlet.

    Args:
        index: What it is asked of.
        query: The question, read.

    Returns:
        The question, in which "last year" and "since 2022" are no subject, and speaker, days and places.
    """
    own = _BRACKET.sub("", query.text) if query.borrowed else query.text
    days = tuple(_periods(index, query, own))
    if query.borrowed and not days:
        days = tuple(_periods(index, query, query.text))
    unprinted = [
        bound.words for bound in days if not bound_stems(bound) and (query.saying or is_counted(bound))
    ]
    framed = query.framed(token.stem for words in unprinted for token in tokenize(words))
    return framed, (*_speakers(index, query), *days, *_places(own, query))


def is_counted(bound: Bound) -> bool:
    """Say whether days are counted back from the newest article."""
    return bound.period is not None and bound.period.counted


def _periods(index: Index, query: Query, text: str) -> Iterator[Bound]:
    first, last = index.select(Filters()).days
    years = range(date.fromordinal(first).year, date.fromordinal(last).year + 1) if last else range(0)
    for period in periods_in(text, years=years, newest=date.fromordinal(last) if last else None):
        # What came "since" or "before" a day may be the event; of words and reports it is the day itself.
        if query.saying or not (period.open or period.counted):
            yield Bound(Limit.DATE, period.words, period=period)


def _speakers(index: Index, query: Query) -> Iterator[Bound]:
    asked = query.person or query.unnamed
    if not asked or not query.saying or query.collective:
        return
    if query.unnamed or _surely(asked, query.text):
        names = frozenset(index.store.speakers[row] for row in asked_rows(index, query))
        yield Bound(Limit.SPEAKER, asked, speakers=names)


def _surely(person: str, text: str) -> bool:
    """Say whether a question leaves no doubt that it asks for somebody's words, as "called Warsaw" does."""
    before, _, after = text.partition(person)
    words = before.lower().removesuffix("the ").split()[-1:]
    return bool(_ASKED_OF.intersection(words)) or _OWNED.match(after) is not None


def _places(text: str, query: Query) -> Iterator[Bound]:
    for name in names_in(text):
        if _PLACED.search(text[: name.start]) and name.text != query.person:
            stems = tuple(token.stem for token in tokenize(name.text) if not token.flags & STOP)
            if stems and all(stem in query.stems for stem in stems):
                yield Bound(Limit.PLACE, name.text, stems=stems)


# --- before reading


def published_within(index: Index, bounds: Sequence[Bound]) -> Mask | None:
    """Say which articles are of the days and the outlets asked for.

    Args:
        index: Holds them.
        bounds: Of the question.

    Returns:
        Shape [articles]; None where neither is asked for.
    """
    table = index.store.articles[:-1]
    within = np.ones(len(table), np.bool_)
    of_outlet = [bound.outlet for bound in bounds if bound.limit is Limit.OUTLET]
    if of_outlet:
        within &= np.isin(table["outlet"], of_outlet)
    periods = [bound.period for bound in bounds if bound.period is not None]
    if periods:
        within &= _overlapping(table["first"], table["last"], periods)
    return within if of_outlet or periods else None


def _overlapping(
    first: npt.NDArray[np.int32], last: npt.NDArray[np.int32], periods: Sequence[Period]
) -> Mask:
    """Say which days, as ordinals, 0 for unknown, may lie within any of several periods."""
    within = np.zeros(len(first), np.bool_)
    for span in (span for period in periods for span in period.spans):
        within |= (first > 0) & (first <= span.last.toordinal()) & (last >= span.first.toordinal())
    return within


def fitting(
    index: Index, query: Query, bounds: Sequence[Bound], candidates: Candidates, features: Features
) -> Mask:
    """Say which sentences may keep to the bounds of one kind, of which any will do.

    Args:
        index: Holds them.
        query: The question, read.
        bounds: All of one kind; at least one.
        candidates: The passages that were read.
        features: Of their sentences.

    Returns:
        Shape [sentences]. A day is kept to by an article of that day, or where the day is named: by
        the sentence or its neighbour if words are asked for, anywhere in the article if an event is.
    """
    articles = index.store.passages["article"][candidates.rows][features.owner]
    table = index.store.articles[articles]
    if bounds[0].limit is Limit.OUTLET:
        return np.isin(table["outlet"], [bound.outlet for bound in bounds])
    fits = np.zeros(len(articles), np.bool_)
    if bounds[0].limit is Limit.DATE:
        fits = _overlapping(table["first"], table["last"], [bound.period for bound in bounds if bound.period])
    near = query.saying and bounds[0].limit is Limit.DATE
    for bound in bounds:
        columns = [query.stems.index(stem) for stem in bound_stems(bound) if stem in query.stems]
        if columns:
            hits = features.hits[:, columns]
            fits |= (_beside(hits, features.owner) if near else _anywhere(hits, articles)).all(axis=1)
    return fits


def bound_stems(bound: Bound) -> tuple[str, ...]:
    """Give the words by which an article may name a day or a place; none of days that have no name."""
    if bound.period is None:
        return bound.stems
    if bound.period.open or bound.period.counted or bound.words.startswith("between"):
        return ()
    return tuple(token.stem for token in tokenize(bound.words) if not token.flags & STOP)


def _beside(hits: Mask, owner: npt.NDArray[np.int64]) -> Mask:
    near = hits.copy()
    same = (owner[1:] == owner[:-1])[:, None]
    near[1:] |= hits[:-1] & same
    near[:-1] |= hits[1:] & same
    return near


def _anywhere(hits: Mask, articles: npt.NDArray[np.int32]) -> Mask:
    names, where = np.unique(articles, return_inverse=True)
    joined = np.zeros((len(names), hits.shape[1]), np.bool_)
    np.logical_or.at(joined, where, hits)
    given: Mask = joined[where]
    return given
