"""Why there is no answer, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

import numpy as np

from onrecord.answer.quotes import read_quotes
from onrecord.answer.state import Read, Retrieved
from onrecord.index.opened import Index
from onrecord.question.query import Query
from onrecord.retrieval.asked_speakers import asked_rows, asked_sentences, is_named
from onrecord.retrieval.features import Features
from onrecord.text.lexicon import HONORIFICS
from onrecord.text.terms import tokenize
from onrecord.types import Quote, Searched, described
from onrecord.wording.dates import count, iso

DOUBT = "This corpus does not bear out what the question takes for granted. Nearest to it:"
NO_PASSAGE = "No passage answers it."
_NEAREST = 2
# “Did Miller ever say that Russia must have sold drones to Iran?” lacks “sold”; that no article holds “must”
# or “ever” tells nobody anything. Nor does “Mr.” of “What did Mr. Blinken say about the moon?”.
_UNSAID = frozenset(("must", "even", "still", "yet", "never", "ever", "happen")) | HONORIFICS
"""Stems that no article has to mention."""


def explained(read: Read, missing: Sequence[str]) -> Read:
    """Say why a question is refused, or what is said before its answer."""
    query = read.query
    if not read.refused:
        reason = DOUBT if read.doubted else _nearest_to_it(query) or _left_out(read)
        return replace(read, reason=reason, nearest=read.ranked[:_NEAREST])
    searched = replace(read.searched, missing=tuple(missing))
    standing = _standing(read.found.index, query)
    reason = refusal_reason(query, searched, standing=standing)
    return replace(read, searched=searched, reason=reason, nearest=_nearest(read))


def searched(retrieved: Retrieved) -> Searched:
    """Say what was searched: how many articles and passages, of which days, within which filters."""
    articles, passages = retrieved.found.selection.counts
    first, last = retrieved.found.selection.days
    return Searched(articles, passages, iso(first), iso(last), described(retrieved.filters), ())


def missing_words(query: Query, features: Features) -> tuple[str, ...]:
    """Give the question's words that stand nowhere in the corpus, as they were typed."""
    stems = zip(query.stems, features.known, strict=True)
    absent = {stem for stem, known in stems if not known and stem not in query.frame | _UNSAID}
    words = [query.text[t.start : t.end] for t in tokenize(query.text) if t.stem in absent]
    return tuple(dict.fromkeys(words))


# --- of an answer


def _nearest_to_it(query: Query) -> str:
    """Say of an answer to "Did she ever say …?" that it affirms nothing; empty for other questions.

    “Did Blinken ever say that Russia is willing to negotiate?” is answered by his words that it is not.
    """
    return f"Nearest to it, of what {query.person} is on record with:" if query.ever else ""


def _left_out(read: Read) -> str:
    """Say how much of all that somebody said an answer leaves out; empty where it leaves out nothing.

    “Everything Blinken said” shows ten quotations, and would seem to be everything.
    """
    index, selection = read.found.index, read.found.selection
    theirs = asked_sentences(index, read.query) if read.query.listing else None
    if theirs is None:
        return ""
    if selection.passages is not None:
        theirs = theirs & np.repeat(selection.passages, np.diff(index.store.passages["sentence"]))
    shown = np.zeros(len(theirs), np.bool_)
    for quote in read.ranked:
        row = index.shelf.row(quote.article_id)
        first, last = index.store.passages["sentence"][
            index.store.articles["passage"][row : row + 2]
        ].tolist()
        own = index.store.sentences[first:last]
        shown[first:last] |= (own["start"] >= quote.start) & (own["end"] <= quote.end)
    left = int(np.count_nonzero(theirs & ~shown))
    return f"{count(left, 'sentence')} more; `onrecord quotes` prints every statement." if left else ""


# --- of a refusal


def _nearest(read: Read) -> tuple[Quote, ...]:
    """Give what stands beside a refusal: that person's words, where somebody's are asked for.

    Beside “Miller is on record here, but with nothing that answers this” nobody else's words help.
    """
    index, candidates = read.found.index, read.found.candidates
    theirs = asked_sentences(index, read.query) if read.query.saying else None
    nearest = read.ranked[:_NEAREST]
    if theirs is None:
        return nearest
    own = np.where(theirs[read.features.rows], read.scores, np.float32(-np.inf))
    return read_quotes(read.found.cutter, candidates, read.features, own, limit=_NEAREST) or nearest


def _standing(index: Index, query: Query) -> Standing | None:
    """Say how the person asked about stands in the corpus; None where nobody is asked about.

    “Did Macron ever say …?”, “Did Zelensky …?” and “Did Miller …?” are three refusals, not one: no article
    holds the first, none quotes the second, and the third speaks of other things.
    """
    if query.person is None or not query.saying:
        return None
    if asked_rows(index, query):
        return Standing.QUOTED
    if query.proxy is not None:
        return Standing.UNQUOTED
    return Standing.NAMED if is_named(index, query.person) else Standing.ABSENT


class Standing(StrEnum):
    """How somebody whose words are asked for stands in a corpus."""

    ABSENT = "absent"
    NAMED = "named"
    """The articles name them, but carry no words of theirs."""
    QUOTED = "quoted"
    UNQUOTED = "unquoted"
    """They are asked for by whom they speak for, and no article quotes anybody as that."""


def refusal_reason(query: Query, searched: Searched, *, standing: Standing | None) -> str:
    """Say why there is no answer."""
    if not searched.passages:
        return "No article is within these filters."
    if standing is Standing.ABSENT:
        return f"{query.person} does not appear in any article."
    if standing is Standing.NAMED:
        return f"The articles name {query.person}, but carry no words of theirs."
    if standing is Standing.UNQUOTED:
        return f"No article quotes anybody as {query.person}."
    told = []
    if standing is Standing.QUOTED:
        told.append(f"{query.person} is on record here, but with nothing that answers this.")
    if searched.missing:
        told.append(f"No article mentions {', '.join(searched.missing)}.")
    return " ".join(told) or NO_PASSAGE
