"""Coverage: what the quotations of an answer rest on: articles, origins, days, outlets, voices, sides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from onrecord.index.opened import Index
from onrecord.people.roles import country, printed_roles, side
from onrecord.question.query import Query
from onrecord.text.terms import STOP, numbers_of, tokenize
from onrecord.types import Coverage, Filters, Mode, Quote, Statement
from onrecord.wording.dates import iso

_FEWEST = 6
"""A quotation of fewer content words may be said twice."""
_RARE = 6
_PLACES = 8
_MANY = 4


def cover(
    index: Index, quotes: Sequence[Quote], query: Query | None = None, filters: Filters | None = None
) -> Coverage:
    """Say what quotations rest on.

    Args:
        index: Where they are.
        quotes: As shown.
        query: The question, read; what it asks for is no one-sidedness.
        filters: What the search was narrowed to; likewise.

    Returns:
        Counts and names, and a plain warning for each way in which all of it comes from one side.
    """
    origins = [_carriers(index, quote) for quote in quotes]
    merged = _merged(origins)
    articles = sorted({row for rows in merged for row in rows})
    dated = [row for row in index.store.articles[articles] if row["first"] > 0]
    speakers = tuple(dict.fromkeys(_called(index, quote) for quote in quotes if _speaks(quote)))
    found = Coverage(
        articles=len(articles),
        origins=len(merged),
        first=iso(min((int(row["first"]) for row in dated), default=0)),
        last=iso(max((int(row["last"]) for row in dated), default=0)),
        outlets=tuple(dict.fromkeys(quote.outlet for quote in quotes if quote.outlet)),
        speakers=speakers,
    )
    warnings = tuple(_warnings(index, quotes, found, query, filters or Filters()))
    return Coverage(found.articles, found.origins, found.first, found.last, found.outlets, speakers, warnings)


def _speaks(quote: Quote) -> bool:
    return quote.speaker is not None and quote.mode is not Mode.ARTICLE


def _called(index: Index, quote: Quote) -> str:
    """Name a speaker as across articles; who is not named is said to be so."""
    name = quote.speaker or ""
    if quote.unnamed:
        return f"{name}, unnamed"
    known = index.identities.of_name(name)
    return known.name if known else name


# --- articles and origins


def _carriers(index: Index, quote: Quote) -> set[int]:
    """Give the rows of the articles that carry a quotation: its own, copies, any that quote the same."""
    row = index.shelf.row(quote.article_id)
    store = index.store
    rows = set(store.copies.get(int(store.origins[row]), (row,)))
    told = store.statements_within(row, quote.start, quote.end)
    direct = [one for one in told if one.mode is Mode.DIRECT]
    if direct:
        rows |= _quoting_the_same(index, row, max(direct, key=lambda one: one.end - one.start))
    return rows


def _quoting_the_same(index: Index, row: int, statement: Statement) -> set[int]:
    """Find other articles that hold the same words, by their rarest ones."""
    tokens = tokenize(index.article(row).text[statement.start : statement.end])
    content = list(dict.fromkeys(token.stem for token in tokens if not token.flags & STOP))
    if len(content) < _FEWEST:
        return set()
    frequencies = dict(zip(content, index.lexical.frequencies(content), strict=True))
    rarest = sorted(content, key=lambda stem: frequencies[stem])[:_RARE]
    if frequencies[rarest[0]] <= 1:
        return set()  # a word of it stands in this passage alone
    found, _ = index.lexical.search(dict.fromkeys(rarest, 1.0), _PLACES, title_boost=0.0)
    wanted = numbers_of([token.stem for token in tokens])
    owners = dict(zip(found.tolist(), index.store.passages["article"][found].tolist(), strict=True))
    return {owner for other, owner in owners.items() if owner != row and _holds(index, other, wanted)}


def _holds(index: Index, passage: int, wanted: npt.NDArray[np.uint32]) -> bool:
    """Say whether a passage holds words in a row."""
    store = index.store
    first, last = store.sentences["token"][store.passages["sentence"][passage : passage + 2]].tolist()
    held = np.asarray(store.tokens[first:last])
    begins = np.flatnonzero(held[: len(held) - len(wanted) + 1] == wanted[0])
    return any(np.array_equal(held[at : at + len(wanted)], wanted) for at in begins.tolist())


def _merged(sets: Sequence[set[int]]) -> list[set[int]]:
    """Join the sets that share an article."""
    merged: list[set[int]] = []
    for one in sets:
        apart = [other for other in merged if not other & one]
        merged = [*apart, one.union(*(other for other in merged if other & one))]
    return merged


# --- one side


def _warnings(
    index: Index, quotes: Sequence[Quote], found: Coverage, query: Query | None, filters: Filters
) -> Iterator[str]:
    if found.origins == 1 and found.articles > 1:
        yield f"{found.articles} articles, but one origin: near-identical texts or the same quotation."
    elif found.articles == 1 and len(index.store.articles) > 2 and not filters.articles:
        yield "All of it stands in one article."
    outlets = [quote.outlet for quote in quotes]
    if found.articles > 1 and len(set(outlets)) == 1 and outlets[0] and not filters.outlets:
        yield f"All of it comes from one outlet: {outlets[0]}."
    asked = (query is not None and query.person is not None) or bool(filters.speakers)
    if not asked:
        yield from _one_voice(index, quotes, found)


def _one_voice(index: Index, quotes: Sequence[Quote], found: Coverage) -> Iterator[str]:
    """Say so where one speaker, or speakers of one country as printed, are all who are quoted."""
    if len(found.speakers) == 1 and len(quotes) > 1:
        yield f"Only one voice is quoted: {found.speakers[0]}."
        return
    spoken = [quote for quote in quotes if _speaks(quote)]
    sides = {side(quote.speaker or "", _roles(index, quote)) for quote in spoken}
    one = next(iter(sides), None)
    if len(found.speakers) > 1 and len(sides) == 1 and one is not None:
        who = ", ".join(found.speakers[:_MANY])
        yield f"All voices quoted are named as speaking for {country(one)}: {who}."


def _roles(index: Index, quote: Quote) -> tuple[str, ...]:
    return printed_roles(index.article(index.shelf.row(quote.article_id)).text, quote.speaker or "")
