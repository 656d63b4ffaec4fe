"""Constraints: whether the quotations of an answer keep to what the question asks of every one of them.

Where what keeps to the bounds answers, only that is quoted. Where it does not, the answer says so in one
line, and never passes other days or another outlet off for those asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from onrecord.index.opened import Index, Selection
from onrecord.question.periods import Period
from onrecord.question.query import Query
from onrecord.retrieval.constraints import Bound, bound_stems, is_counted, published_within
from onrecord.text.terms import numbers_of, tokenize
from onrecord.types import Constraint, DateSpan, Filters, Limit, Quote
from onrecord.wording.dates import written_date
from onrecord.wording.source_line import article_date


def keeping(index: Index, query: Query, bounds: Sequence[Bound], quote: Quote) -> bool:
    """Say whether a quotation keeps to the bounds of one kind, of which any will do."""
    return any(_keeps(index, query, bound, quote) for bound in bounds)


def _keeps(index: Index, query: Query, bound: Bound, quote: Quote) -> bool:
    row = index.shelf.row(quote.article_id)
    if bound.limit is Limit.OUTLET:
        return int(index.store.articles["outlet"][row]) == bound.outlet
    if bound.limit is Limit.SPEAKER:
        return quote.speaker in bound.speakers or _names(quote.text, bound.words)
    if bound.period is None:
        return _mentions(index, row, bound.stems)
    day = (quote.said_on if query.saying else None) or quote.published
    if day is not None:
        span = DateSpan.parse(day)
        if bound.period.holds(span.first, span.last):
            return True
    stems = bound_stems(bound)
    if not query.saying:
        return bool(stems) and _mentions(index, row, stems)
    return bool(stems) and set(stems) <= {token.stem for token in tokenize(quote.text)}


def _names(text: str, person: str) -> bool:
    """Say whether a slice holds the last word of a name: a report of what they said does."""
    last = tokenize(person)[-1:]
    return bool(last) and last[0].stem in {token.stem for token in tokenize(text)}


def _mentions(index: Index, row: int, stems: Sequence[str]) -> bool:
    """Say whether an article, or its title, holds all of some words."""
    store = index.store
    first, last = store.passages["sentence"][store.articles["passage"][row : row + 2]]
    tokens = store.tokens[slice(*store.sentences["token"][[first, last]].tolist())]
    title = store.titles[slice(*store.articles["title"][row : row + 2].tolist())]
    return all(bool((tokens == number).any() or (title == number).any()) for number in numbers_of(stems))


def judged(
    index: Index, query: Query, selection: Selection, bounds: Sequence[Bound], quotes: Mapping[int, Quote]
) -> tuple[Constraint, ...]:
    """Say of each bound whether the quotations shown keep to it."""
    return tuple(_judged(index, query, selection, bound, bounds, quotes) for bound in bounds)


def _judged(
    index: Index,
    query: Query,
    selection: Selection,
    bound: Bound,
    bounds: Sequence[Bound],
    quotes: Mapping[int, Quote],
) -> Constraint:
    alike = [other for other in bounds if other.limit is bound.limit]
    own = [n for n, quote in quotes.items() if _keeps(index, query, bound, quote)]
    rest = [quote for quote in quotes.values() if not keeping(index, query, alike, quote)]
    if not quotes:
        held = _held(index, selection, bound)
        told = "" if held or not _datable(query, selection, bound) else _absent(index, selection, bound)
        return Constraint(bound.limit, bound.words, held, told)
    if own and (not rest or bound.limit is Limit.PLACE):
        return Constraint(bound.limit, bound.words, met=True, told=_counting(index, bound))
    told = _only(own, bound) if own else _none(index, query, selection, bound)
    return Constraint(bound.limit, bound.words, met=False, told=told)


def _datable(query: Query, selection: Selection, bound: Bound) -> bool:
    """Say whether of a refusal it means anything that the corpus holds nothing of a kind."""
    if bound.limit is Limit.DATE:
        return query.saying or selection.days[1] > 0  # an event may stand in articles without a date
    return bound.limit is not Limit.SPEAKER  # the reason tells of the speaker


def _held(index: Index, selection: Selection, bound: Bound) -> bool:
    """Say whether the corpus holds anything that would keep to a bound, so far as that can be looked up."""
    if bound.limit is Limit.SPEAKER:
        return bool(bound.speakers)
    if bound.limit is Limit.PLACE:
        return all(count > 0 for count in index.lexical.frequencies(bound.stems))
    within = published_within(index, (bound,))
    if within is None:
        return True
    return bool(within.any() if selection.articles is None else within[selection.articles].any())


def _absent(index: Index, selection: Selection, bound: Bound) -> str:
    """Say that the corpus holds nothing of a day, an outlet or a place."""
    where = "in this corpus" if selection.articles is None else "within these filters"
    if bound.period is not None:
        nearest = _nearest(index, selection, bound.period)
        near = f"; nearest: {nearest}" if nearest else ""
        return f"No article {bound.period.phrase} {where}{near}.{_counted(index, bound)}"
    if bound.limit is Limit.OUTLET:
        return f"No article from {bound.words} {where}."
    return f"No article mentions {bound.words}."


def _none(index: Index, query: Query, selection: Selection, bound: Bound) -> str:
    """Say that no quotation shown keeps to a bound."""
    if bound.limit is Limit.SPEAKER:
        own = "carries no words of" if not bound.speakers else "answers this with no words of"
        return f"The corpus {own} {bound.words}: these are others’."
    if bound.limit is Limit.PLACE:
        return f"The articles quoted do not mention {bound.words}."
    if not query.saying and bound.period is not None:
        if not bound_stems(bound):
            return f"The articles quoted are not {bound.period.phrase}."
        return f"The articles quoted neither date from {bound.words} nor name it."
    if not _held(index, selection, bound):
        return _absent(index, selection, bound)
    if bound.period is not None:
        return f"Nothing {bound.period.phrase} answers this; these are of other days.{_counted(index, bound)}"
    return f"Nothing from {bound.words} answers this; these are from others."


def _only(numbers: Sequence[int], bound: Bound) -> str:
    marks = "".join(f"[{number}]" for number in numbers)
    verb = "is" if len(numbers) == 1 else "are"
    kinds = {Limit.OUTLET: "from", Limit.SPEAKER: "of", Limit.PLACE: "from an article that mentions"}
    phrase = bound.period.phrase if bound.period else f"{kinds[bound.limit]} {bound.words}"
    return f"Only {marks} {verb} {phrase}."


def _counting(index: Index, bound: Bound) -> str:
    return _counted(index, bound).strip()


def _counted(index: Index, bound: Bound) -> str:
    """Say how days were counted back; empty where they were not."""
    if bound.period is None or not is_counted(bound):
        return ""
    span = bound.period.spans[0]
    read = written_date(f"{span.first.isoformat()}/{span.last.isoformat()}", inferred=False)
    newest = date.fromordinal(index.select(Filters()).days[1]).isoformat()
    told = written_date(newest, inferred=False)
    return f" {bound.words.capitalize()} is read as {read}, counted back from the newest article ({told})."


def _nearest(index: Index, selection: Selection, period: Period) -> str:
    """Write the day of the article nearest to a period; empty where no day is known."""
    table = index.store.articles[:-1]
    rows = np.flatnonzero(table["first"] > 0)
    if selection.articles is not None:
        rows = np.intersect1d(rows, selection.articles)
    if not len(rows):
        return ""
    gaps = np.full(len(rows), np.iinfo(np.int64).max)
    for span in period.spans:
        early = span.first.toordinal() - table["last"][rows].astype(np.int64)
        late = table["first"][rows].astype(np.int64) - span.last.toordinal()
        gaps = np.minimum(gaps, np.maximum(early, late))
    article = index.article(int(rows[int(np.argmin(gaps))]))
    return article_date(article)
