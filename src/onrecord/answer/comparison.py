"""Positions over time: one speaker's dated quotations beside each other, and what may have changed.

Rules of words only: what is negated in one and not in the other, other modal
verbs, other numbers. That is where to look, never a finding that somebody
changed a position.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from onrecord.index.columns.store import Store
from onrecord.index.opened import Index
from onrecord.question.query import Query
from onrecord.retrieval.candidates import Candidates
from onrecord.retrieval.features import NAMES, Features
from onrecord.text.polarity import Polarity, opposed
from onrecord.text.quantities import quantities
from onrecord.text.terms import STOP, numbers_of, tokenize
from onrecord.types import Change, DateSpan, Mode, Quote, Shift, Statement

_MODALS = {
    "possible": r"may|might|could|can|perhaps|possibly|possible",
    "needed": r"must|should|have to|has to|need to|needs to|ought to",
    "meant": r"will|shall|going to|[’']ll|committed|determined",
    "supposed": r"would|if|unless",
    "willing": r"willing|ready|prepared|interested|open to|hope|hopes|want|wants",
    "impossible": r"cannot|can[’']t|could not|couldn[’']t|impossible",
    "refused": r"will not|won[’']t|never",
}
_GROUPS = (rf"(?P<{name}>(?:{words})(?![\w’']))" for name, words in reversed(_MODALS.items()))
_MODAL = re.compile(rf"(?<![\w])(?:{'|'.join(_GROUPS)})", re.IGNORECASE)

_SHARED = 4
"""So many content words in common are as good as any more."""

Array = npt.NDArray[Any]
Words = tuple[str, ...]
_DIRECT, _ASKED_SPEAKER = NAMES.index("direct"), NAMES.index("asked_speaker")


_MOST = 200
"""So many statements are compared with each other, each with each."""
_OWN_WORDS = 4.0
_APART = 8.0
"""What a statement loses that has nothing to do with the one beside it, in the reader's logits."""


@dataclass(frozen=True, slots=True)
class _Dated:
    """A quotation, numbered, with its speaker's words alone and the day they were said or printed."""

    number: int
    speaker: str
    words: str
    day: str | None
    inferred: bool


def kinship(store: Store, rows: Array, *, without: Sequence[str] = ()) -> npt.NDArray[np.float32]:
    """Say how much sentences have to do with each other.

    Gives shape [s, s], from 0 to 1: half of it the cosine of their vectors, half the content words that they
    share, of which four are enough.
    """
    vectors = store.sentence_vectors[rows].astype(np.float32)
    common = numbers_of(without)
    bounds = zip(store.sentences["token"][rows], store.sentences["token"][rows + 1], strict=True)
    words = []
    for first, last in bounds:
        tokens = store.tokens[first:last][(store.flags[first:last] & STOP) == 0]
        words.append(frozenset(tokens[~np.isin(tokens, common)].tolist()))
    shared = np.array([[min(len(one & other), _SHARED) for other in words] for one in words], np.float32)
    np.fill_diagonal(shared, _SHARED)
    kin: npt.NDArray[np.float32] = (np.einsum("ij,kj->ik", vectors, vectors) + shared / _SHARED) / 2
    return kin


def changes_between(index: Index, quotes: Sequence[Quote]) -> tuple[Change, ...]:
    """Hold each quotation of a speaker against that speaker's next one."""
    dated = [_dated(index, quote, number) for number, quote in enumerate(quotes, start=1)]
    speakers = dict.fromkeys(one.speaker for one in dated if one.speaker)
    return tuple(
        _change(before, after)
        for name in speakers
        for before, after in pairwise(one for one in dated if one.speaker == name)
        if _is_later(quotes[after.number - 1], quotes[before.number - 1])
    )


def _is_later(quote: Quote, other: Quote) -> bool:
    """Say whether words were surely said, or printed, after others."""
    if quote.article_id == other.article_id and not (quote.said_on and other.said_on):
        return False
    days = quote.said_on or quote.published, other.said_on or other.published
    if not all(days):
        return False
    after, before = (DateSpan.parse(day or "") for day in days)
    return before.last < after.first


def _dated(index: Index, quote: Quote, number: int) -> _Dated:
    known = index.identities.of_name(quote.speaker or "")
    row = index.shelf.row(quote.article_id)
    told = index.store.statements_within(row, quote.start, quote.end)
    inside = [one for one in told if one.speaker == quote.speaker]
    name = known.name if known else quote.speaker or ""
    words = _words(index.article(row).text, inside) or quote.text
    inferred = not quote.said_on and quote.published_basis is not None
    return _Dated(number, name, words, quote.said_on or quote.published, inferred)


def _words(text: str, inside: Sequence[Statement]) -> str:
    """Join the speaker's own words; an article's words about them are not compared."""
    return "\n".join(text[one.start : one.end] for one in inside if one.mode is Mode.DIRECT)


def _change(before: _Dated, after: _Dated) -> Change:
    found = list(_shifts(before.words, after.words))
    return Change(
        before=before.number,
        after=after.number,
        before_on=before.day,
        after_on=after.day,
        shifts=tuple(shift for shift, _ in found),
        words=tuple(words for _, words in found),
        before_inferred=before.inferred,
        after_inferred=after.inferred,
    )


def _shifts(before: str, after: str) -> Iterator[tuple[Shift, tuple[Words, Words]]]:
    turned = opposed(Polarity.of(before), Polarity.of(after))
    if turned:
        yield Shift.POLARITY, (_printed(before, turned), _printed(after, turned))
    one, other = _modals(before), _modals(after)
    if one.keys() != other.keys():
        yield Shift.MODALITY, (_only(one, other), _only(other, one))
    numbers = _numbers(before), _numbers(after)
    if all(numbers) and set(numbers[0]) != set(numbers[1]):
        yield Shift.NUMBERS, numbers


def _printed(text: str, stems: frozenset[str]) -> Words:
    """Give words as the text has them, each once."""
    words = (text[token.start : token.end] for token in tokenize(text) if token.stem in stems)
    return tuple(dict.fromkeys(words))


def _modals(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _MODAL.finditer(text):
        found.setdefault(match.lastgroup or "", match[0])
    return found


def _only(one: dict[str, str], other: dict[str, str]) -> Words:
    return tuple(word for kind, word in one.items() if kind not in other)


def _numbers(text: str) -> Words:
    return tuple(f"{_plain(value)}{unit if unit != 'th' else ''}" for value, unit in quantities(text).numbers)


def _plain(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:,g}"


def beside_each_other(
    index: Index, query: Query, candidates: Candidates, features: Features, scores: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Lower what a person says by how little it has to do with the statement that it will stand beside.

    That statement is the best one, in the person's own words if it can be; of a question without a
    subject it is the one that the person's words in the other articles come nearest to.

    Gives the scores of what may stand beside each other, -inf for the rest; the scores as they are where the
    person does not speak in two articles.
    """
    direct = features.matrix[:, _DIRECT] > 0
    own = np.isfinite(scores) & (features.matrix[:, _ASKED_SPEAKER] > 0) & (direct | bool(query.about))
    own = _of_the_subject(query, features, own)
    at = np.flatnonzero(own)
    at = at[np.argsort(-scores[at], kind="stable")[:_MOST]]
    articles = index.store.passages["article"][candidates.rows[features.owner[at]]]
    if len(np.unique(articles)) < 2:
        return scores
    kin = kinship(index.store, features.rows[at], without=query.stems)
    if query.about:
        first = int(np.argmax(scores[at] + _OWN_WORDS * direct[at]))
    else:
        first = int(np.argmax(np.where(articles[:, None] != articles, kin, 0.0).max(axis=1)))
    ordered = np.full(len(scores), -np.inf, np.float32)
    ordered[at] = (scores[at] if query.about else scores[at].max()) - _APART * (1 - kin[first])
    return ordered


def _of_the_subject(query: Query, features: Features, own: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Keep to statements beside which the subject is named: a deal with Iran is no other deal.

    It is looked for in the sentence and its neighbours, else in the passage; in none of them, all are kept.
    """
    named = [column for column, stem in enumerate(query.stems) if stem in query.names & query.about]
    near = passage = own
    same = features.owner[1:] == features.owner[:-1]
    for hit in features.hits[:, named].T:
        beside = hit.copy()
        beside[1:] |= hit[:-1] & same
        beside[:-1] |= hit[1:] & same
        near, passage = near & beside, passage & np.isin(features.owner, features.owner[hit])
    return next((held for held in (near, passage) if held.any()), own)
