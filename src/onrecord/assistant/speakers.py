"""Speakers: who is on record in a corpus, and every statement of theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from onrecord.answer.quotes import cut_quote
from onrecord.answer.standing import confirmed
from onrecord.index.opened import Index, Selection
from onrecord.people.identities import Identity
from onrecord.people.names import is_person, strip_titles
from onrecord.people.roles import printed_roles
from onrecord.types import Article, Mode, Quote, SpeakerKind, Statement
from onrecord.wording.answer_text import stale
from onrecord.wording.dates import iso

_ROLES_FROM = 3
_MOST_ROLES = 4

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class SpeakerRecord:
    """Somebody whose words the articles carry.

    Attributes:
        name: The fullest; of an unnamed source the description, which is one article's alone.
        unnamed: Whether the source is described and not named.
        roles: As printed beside the name, most frequent first.
        variants: Other names under which articles have the same speaker.
        direct: How many statements in their own words.
        reported: How many statements in an article's words.
        articles: In how many articles.
        first: Earliest known day of publication of these, ISO, or None.
        last: Latest, likewise.
        article_id: Of the one article that has this unnamed source; None for others.
    """

    name: str
    unnamed: bool
    roles: tuple[str, ...]
    variants: tuple[str, ...]
    direct: int
    reported: int
    articles: int
    first: str | None
    last: str | None
    article_id: str | None = None

    @property
    def label(self) -> str:
        """The name, marked where it is none: ``senior U.S. official, unnamed``."""
        return f"{self.name}, unnamed" if self.unnamed else self.name


@dataclass(frozen=True, slots=True)
class SpokenQuote:
    """One statement as a quotation, with what the article tells of its occasion.

    Attributes:
        quote: The exact slice.
        speaker: Across articles; an unnamed source is marked so.
        addressee: To whom, as printed.
        occasion: Where or at what, as printed.
    """

    quote: Quote
    speaker: str
    addressee: str | None = None
    occasion: str | None = None

    @property
    def day(self) -> str:
        """When it was said, else when its article was published; sorts last where neither is known."""
        return self.quote.said_on or self.quote.published or "9999"


def speaker_records(
    index: Index, selection: Selection, rows: frozenset[int] | None = None
) -> tuple[SpeakerRecord, ...]:
    """List who speaks."""
    table, articles = _statements(index, selection, rows)
    if not len(table):
        return ()
    words = index.store.spoken.words
    of_word = [index.identities.of_name(word) for word in words]
    numbers = {one.name: number for number, one in enumerate(index.identities.all)}
    who = np.array([-1 if one is None else numbers[one.name] for one in of_word])[table["speaker"]]
    unnamed = np.array([one.source is SpeakerKind.UNNAMED for one in index.identities.all])[who]
    # An unnamed source is one article's own: the same words in another article are somebody else's.
    keys = who.astype(np.int64) * (len(index.store.articles) + 1) + np.where(unnamed, articles + 1, 0)
    _, first, where = np.unique(keys, return_index=True, return_inverse=True)
    order = np.argsort(where, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(where[order])) + 1)
    found = [
        _record(index, table[group], articles[group], int(who[at]))
        for group, at in zip(groups, first, strict=True)
    ]
    return tuple(sorted(found, key=lambda one: (-one.direct - one.reported, one.name)))


def _statements(
    index: Index, selection: Selection, rows: frozenset[int] | None
) -> tuple[Array, npt.NDArray[np.int64]]:
    """Give the statements of certain speakers within a selection, and the row of each one's article."""
    table = index.store.spoken.table
    starts = index.store.articles["statement"]
    articles = np.searchsorted(starts, np.arange(len(table)), side="right") - 1
    kept = (table["speaker"] >= 0) & table["certain"]
    if selection.articles is not None:
        kept &= np.isin(articles, selection.articles)
    if rows is not None:
        within = np.fromiter(rows, np.int64, len(rows))
        kept &= np.isin(_sentence_rows(index, table, articles), within)
    spoken = selection.speakers
    if spoken is not None:
        names = {index.store.speakers[row] for row in spoken}
        words = index.store.spoken.words
        kept &= np.array([word in names for word in words] or [False])[table["speaker"]]
    return table[kept], articles[kept]


def _sentence_rows(index: Index, table: Array, articles: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Give the sentence in which each statement begins."""
    sentences = index.store.sentences[:-1]
    passages = index.store.passages["sentence"][index.store.articles["passage"]]
    owner = np.searchsorted(passages, np.arange(len(sentences)), side="right") - 1
    longest = int(max(sentences["end"].max(initial=0), table["end"].max(initial=0))) + 1
    places = owner.astype(np.int64) * longest + sentences["start"]
    found: npt.NDArray[np.int64] = (
        np.searchsorted(places, articles.astype(np.int64) * longest + table["start"], side="right") - 1
    )
    return found


def _record(index: Index, table: Array, articles: npt.NDArray[np.int64], who: int) -> SpeakerRecord:
    one = index.identities.all[who]
    counted, often = np.unique(articles, return_counts=True)
    dates = index.store.articles[counted]
    known = dates[dates["first"] > 0]
    direct = int(np.count_nonzero(table["mode"] == tuple(Mode).index(Mode.DIRECT)))
    unnamed = one.source is SpeakerKind.UNNAMED
    names = {index.store.spoken.words[row]: None for row in np.unique(table["speaker"]).tolist()}
    names |= dict.fromkeys(_printed(index, one, table, articles))
    return SpeakerRecord(
        name=one.name,
        unnamed=unnamed,
        roles=() if unnamed else _roles(index, one, counted[np.argsort(-often, kind="stable")].tolist()),
        variants=tuple(name for name in names if name != one.name),
        direct=direct,
        reported=len(table) - direct,
        articles=len(counted),
        first=iso(int(known["first"].min()) if len(known) else 0),
        last=iso(int(known["last"].max()) if len(known) else 0),
        article_id=index.article(int(counted[0])).id if unnamed else None,
    )


def _printed(index: Index, one: Identity, table: Array, articles: npt.NDArray[np.int64]) -> Iterator[str]:
    """Give the names that stand beside their words, misprints too."""
    if one.source is not SpeakerKind.PERSON:
        return
    for row in np.unique(articles)[:_ROLES_FROM].tolist():
        if not index.is_as_indexed(row):
            continue
        text = index.article(row).text
        for place in table[(articles == row) & (table["speaker_start"] >= 0)]:
            words = text[place["speaker_start"] : place["speaker_end"]].split()
            name = strip_titles(words)
            if name and name[-1][:1].isupper() and is_person([one.name.split()[0], *name[-1:]]):
                yield " ".join(name)


def _roles(index: Index, one: Identity, articles: Sequence[int]) -> tuple[str, ...]:
    """Take the roles that the articles with most of their statements print."""
    if one.source is not SpeakerKind.PERSON:
        return ()
    found: dict[str, None] = {}
    for row in filter(index.is_as_indexed, articles[:_ROLES_FROM]):
        text = index.article(row).text
        found |= dict.fromkeys(role for name in one.variants for role in printed_roles(text, name))
    return tuple(found)[:_MOST_ROLES]


# --- their statements


def spoken_quotes(
    index: Index, selection: Selection, subject: dict[int, float] | None = None
) -> tuple[SpokenQuote, ...]:
    """Give every statement as a quotation."""
    rows = None if subject is None else frozenset(subject)
    table, articles = _statements(index, selection, rows)
    told = list(_quoted(index, table, articles, subject))
    held = confirmed(index.originals, [one.quote for one in told])
    found = [replace(one, quote=quote) for one, quote in zip(told, held, strict=True) if quote.stands]
    if told and not found:
        raise stale(held)
    if subject is None:
        found.sort(key=lambda one: (one.day, one.quote.article_id, one.quote.start))
    else:
        found.sort(key=lambda one: (-one.quote.score, one.day, one.quote.article_id, one.quote.start))
    return tuple(found)


def _quoted(
    index: Index, table: Array, articles: npt.NDArray[np.int64], subject: dict[int, float] | None
) -> Iterator[SpokenQuote]:
    rows = _sentence_rows(index, table, articles).tolist() if subject else [0] * len(table)

    @lru_cache(maxsize=8)
    def of_article(row: int) -> dict[tuple[int, int, str], Statement]:
        return {(one.start, one.end, one.speaker): one for one in index.store.statements_of(row)}

    words = index.store.spoken.words
    for place, row, sentence in zip(table, articles.tolist(), rows, strict=True):
        statement = of_article(row)[int(place["start"]), int(place["end"]), words[place["speaker"]]]
        score = subject[sentence] if subject else 0.0
        yield _spoken(index, index.article(row), statement, score)


def _spoken(index: Index, article: Article, one: Statement, score: float) -> SpokenQuote:
    who = index.identities.of_name(one.speaker)
    quote = cut_quote(
        index, article, one.start, one.end, mode=one.mode, speaker=one.speaker, said=one, score=score
    )
    return SpokenQuote(
        quote=quote,
        speaker=f"{one.speaker}, unnamed" if quote.unnamed else who.name if who else one.speaker,
        addressee=one.addressee,
        occasion=one.occasion,
    )
