"""The steps of an answer, one after another: condense, retrieve, read, answer, verify.

Each takes the state that the one before gave. The chain makes a LangChain
runnable of them; the assistant without a chat model calls them one by one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from onrecord.answer.comparison import beside_each_other
from onrecord.answer.constraint_check import keeping
from onrecord.answer.quotes import Cutter, read_quotes
from onrecord.answer.refusal import DOUBT, Standing, nearest_to_it, refusal_reason
from onrecord.answer.selection import chosen, gathered
from onrecord.answer.standing import confirmed_reads, standing_sentences, without_lost
from onrecord.answer.state import Asking, Condensed, Found, Opening, Read, Retrieved, grown
from onrecord.errors import QuestionError
from onrecord.index.newest import LiveIndex
from onrecord.index.opened import Index, Selection
from onrecord.people.roles import bears_role
from onrecord.question.followup import Leaning, stand_alone
from onrecord.question.parts import Subquery, decompose
from onrecord.question.query import Query, parse_question
from onrecord.retrieval.asked_speakers import asked_rows, asked_sentences, is_named
from onrecord.retrieval.candidates import retrieve, settled
from onrecord.retrieval.constraints import (
    APPLIED,
    Bound,
    bounds_of,
    fitting,
    of_no_day,
    of_somebody_else,
    outlet_asked,
    published_within,
)
from onrecord.retrieval.features import NAMES, Features, featurize
from onrecord.retrieval.judge import Judge
from onrecord.retrieval.ranker import bears_subject, doubts
from onrecord.retrieval.subject import on_subject
from onrecord.settings import Settings
from onrecord.text.lexicon import HONORIFICS
from onrecord.text.terms import tokenize
from onrecord.types import Filters, Quote, Searched, described
from onrecord.wording.answer_text import stale
from onrecord.wording.dates import count, iso

_RANKED = 10
_EVERYTHING = 1_000
"""Passages that each search proposes where everything on a subject is wanted."""
_NEAREST = 2
_ABSENT = 0.2
_UNSAID = frozenset(("must", "even", "still", "yet", "never", "ever", "happen"))
"""Stems that no article has to mention."""
_DIRECT = NAMES.index("direct")


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps that need no chat model.

    Attributes:
        settings: Limits.
        live: The index.
        judge: What scores sentences.
    """

    settings: Settings
    live: LiveIndex
    judge: Judge

    def check(self, question: str) -> None:
        """Refuse a question that cannot be searched.

        Args:
            question: As typed.

        Raises:
            QuestionError: If it is empty, too long, or holds no word.
        """
        limit = self.settings.max_question_chars
        if not question.strip():
            raise QuestionError("The question is empty.", remedy="Type a question.")
        if len(question) > limit:
            raise QuestionError(
                f"The question has {len(question):,} characters, more than {limit:,}.",
                remedy="Shorten it.",
            )
        if not tokenize(question):
            raise QuestionError(
                "The question holds no word to search for.", remedy="Type a question in words."
            )

    def leans(self, asking: Asking) -> bool:
        """Say whether a question leans on an earlier one."""
        return not stand_alone(asking.question, asking.history).standalone

    def condense(self, asking: Asking, *, rewritten: str | None = None) -> Condensed:
        """Make a question stand alone.

        Args:
            asking: As it came in.
            rewritten: As a chat model made it stand alone; rules do it when None.

        Returns:
            The question to search for.
        """
        self.check(asking.question)
        question = _normal(asking.question)
        leaning = Leaning(rewritten) if rewritten else stand_alone(question, asking.history)
        query = parse_question(leaning.text, leaning_on=leaning.on)
        asking.clock.lap("condense")
        return grown(Condensed, asking, standalone=query.text, query=query)

    def worth_asking(self, read: Read) -> bool:
        """Say whether a chat model could find more: not where nothing was found, or a name is unknown."""
        if read.parts:
            return any(self.worth_asking(part) for part in read.parts)
        if not read.ranked:
            return False
        stems = zip(read.query.stems, read.features.known, strict=True)
        return not any(stem in read.query.names and not known for stem, known in stems)

    def retrieve(self, condensed: Condensed) -> Retrieved:
        """Find passages worth reading in the newest generation of the index, for each part as well."""
        index = self.live.newest()
        selection = index.select(condensed.filters)
        parts = () if condensed.query.borrowed else decompose(condensed.standalone)
        asked = [condensed, *(_part_of(condensed, part) for part in parts)]
        vectors = index.encoder.encode_all([one.query.text for one in asked])
        cutter = Cutter(index)
        whole, *others = (
            self._retrieve(one, selection, vector, cutter=cutter)
            for one, vector in zip(asked, vectors, strict=True)
        )
        condensed.clock.lap("retrieve")
        return replace(whole, _parts=tuple(others)) if others else whole

    def _retrieve(
        self, condensed: Condensed, selection: Selection, vector: npt.NDArray[np.float32], *, cutter: Cutter
    ) -> Retrieved:
        index = cutter.index
        query, outlets = outlet_asked(index, condensed.query)
        query, limits = bounds_of(index, settled(query, index))
        bounds = (*outlets, *limits)
        candidates = retrieve(
            index,
            query,
            selection,
            limit=self.settings.candidates,
            vector=vector,
            within=published_within(index, bounds),
        )
        found = Found(index, selection, candidates, cutter=cutter)
        return grown(Retrieved, condensed, query=query, _found=found, _bounds=bounds)

    def scored(
        self, retrieved: Retrieved, *, reading: bool = True
    ) -> tuple[Features, npt.NDArray[np.float32]]:
        """Score every candidate sentence; without reading, by the first ranking alone."""
        found = retrieved.found
        features = featurize(found.index, retrieved.query, found.candidates)
        query = retrieved.query
        spoken, theirs = found.selection.sentences, asked_sentences(found.index, query)
        usable = features.usable if spoken is None else features.usable & spoken[features.rows]
        if theirs is not None and query.bound:
            usable = usable & theirs[features.rows]
        elif query.proxy is not None:
            usable = np.zeros_like(usable)
        features = replace(features, usable=usable)
        if retrieved.standing:
            stands = standing_sentences(found.cutter, found.candidates, features)
            features = replace(features, usable=features.usable & stands)
        if query.listing or not reading:
            scores = self.judge.first.score(query, features)
            return features, _listed(features, scores) if query.listing else scores
        return self.judge.score(found.index, query, found.candidates, features)

    def on_subject(self, about: str | None, filters: Filters) -> dict[int, float] | None:
        """Score the sentences that are about something.

        Args:
            about: In words; None for anything.
            filters: What the search is narrowed to.

        Returns:
            Sentence row to score; None for anything.
        """
        if about is None:
            return None
        if not tokenize(about):
            raise QuestionError(
                "There is no word to look for in what it is about.", remedy="Name a subject in words."
            )
        wide = replace(self, settings=self.settings.model_copy(update={"candidates": _EVERYTHING}))
        self.check(about)
        retrieved = wide.retrieve(wide.condense(Asking(about, filters=filters)))
        return on_subject(*wide.scored(retrieved, reading=False))

    def read(self, retrieved: Retrieved) -> Read:
        """Choose the best quotations, and say how sure it is that they answer, part by part.

        Args:
            retrieved: The passages.

        Returns:
            What was read, each quotation held against the corpus as it is now.

        Raises:
            IndexStaleError: If all that answers was changed or deleted since it was indexed.
        """
        asked = (retrieved, *retrieved.asked)
        reads = confirmed_reads([self._read(one) for one in asked])
        limit = self.settings.quotes
        whole, *parts = (
            without_lost(read, partial(self._read, replace(one, _standing=True)), limit=limit)
            for one, read in zip(asked, reads, strict=True)
        )
        read = gathered(whole, parts) if parts else whole
        outdated = [one for one in (whole, *parts) if one.outdated]
        if read.refused and outdated:
            raise stale([quote for one in outdated for quote in one.left_out])
        retrieved.clock.lap("read")
        return read

    def _read(self, retrieved: Retrieved) -> Read:
        query, found = retrieved.query, retrieved.found
        features, scores, kept = self._narrowed(retrieved, *self.scored(retrieved))
        shown = scores
        if query.comparing:
            shown = beside_each_other(found.index, query, found.candidates, features, scores)
        ranked = read_quotes(
            found.cutter,
            found.candidates,
            features,
            shown,
            limit=_RANKED,
            per_article=self.settings.per_article,
        )
        within = tuple(quote for quote in ranked if _keeps(retrieved, kept, quote))
        if ranked and not within:  # printed on those days, but said on others
            return self._read(replace(retrieved, _bounds=_without(retrieved.bounds, kept)))
        ranked = within
        confidence = self._confidence(query, features, scores)
        other_day = of_no_day(found.index, query, retrieved.bounds, found.candidates, features)
        if other_day or of_somebody_else(found.index, query, features, scores):
            confidence *= _ABSENT
        # What takes something for granted has to be surer: half way from the threshold to certainty.
        sure = confidence >= (1 + self.settings.threshold) / 2
        missing = _missing(query, features)
        doubted = doubts(query, features, scores, sure=sure, unknown=bool(missing))
        borne = bool(ranked) and (
            bears_role(query.text, ranked[0].text) or bears_subject(query, features, scores)
        )
        confidence = max(confidence, self.settings.threshold) if doubted or borne else confidence
        refused = not ranked or confidence < self.settings.threshold
        searched = _searched(found, retrieved.filters, missing if refused else ())
        reason = DOUBT if doubted else nearest_to_it(query) or _more(query, found, ranked)
        nearest = ranked[:_NEAREST]
        if refused:
            reason = refusal_reason(query, searched, standing=_standing(found.index, query))
            theirs = asked_sentences(found.index, query) if query.saying else None
            if theirs is not None:
                own = np.where(theirs[features.rows], scores, np.float32(-np.inf))
                theirs_only = read_quotes(found.cutter, found.candidates, features, own, limit=_NEAREST)
                nearest = theirs_only or nearest
        return grown(
            Read,
            retrieved,
            ranked=ranked,
            confidence=confidence,
            threshold=self.settings.threshold,
            doubted=doubted,
            searched=searched,
            reason=reason,
            nearest=nearest,
            _parts=(),
            _features=features,
            _scores=scores,
        )

    def _narrowed(
        self, retrieved: Retrieved, features: Features, scores: npt.NDArray[np.float32]
    ) -> tuple[Features, npt.NDArray[np.float32], tuple[Bound, ...]]:
        """Keep to the outlet, days and place that the question names, where what keeps to them answers."""
        query, kept = retrieved.query, []
        named = any(bound.limit in APPLIED for bound in retrieved.bounds)
        if not named or self._confidence(query, features, scores) < self.settings.threshold:
            return features, scores, ()  # what answers nothing answers nothing of those days
        for limit in APPLIED:
            bounds = [bound for bound in retrieved.bounds if bound.limit is limit and bound.applied]
            if not bounds:
                continue
            fits = fitting(retrieved.found.index, query, bounds, retrieved.found.candidates, features)
            fewer = replace(features, usable=features.usable & fits)
            own = np.where(fits, scores, np.float32(-np.inf))
            if self._confidence(query, fewer, own) >= self.settings.threshold:
                features, scores = fewer, own
                kept += bounds
        return features, scores, tuple(kept)

    def _confidence(self, query: Query, features: Features, scores: npt.NDArray[np.float32]) -> float:
        """Say how sure it is; all that somebody said is answered by whatever it is."""
        if not len(scores) or not np.isfinite(scores.max()):
            return 0.0
        if query.listing:
            return 1.0
        confidence = self.judge.confidence(query, features, scores)
        if query.unnamed is None and query.proxy is None and not query.ever:
            return confidence
        if not _bears_on(query, features, int(np.argmax(scores))):
            return 0.0
        return confidence if query.ever else max(confidence, self.settings.threshold)

    def answer(self, read: Read) -> Opening:
        """Choose what to show without a chat model."""
        quotes = chosen(read, limit=self.settings.quotes)
        read.clock.lap("answer")
        return Opening(read, quotes)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _part_of(condensed: Condensed, part: Subquery) -> Condensed:
    return grown(Condensed, condensed, standalone=part.query.text, query=part.query, _part=part)


def _keeps(retrieved: Retrieved, kept: Sequence[Bound], quote: Quote) -> bool:
    """Say whether a quotation keeps to the bounds that the search was narrowed to, any one of each kind."""
    index, query = retrieved.found.index, retrieved.query
    kinds = [[bound for bound in kept if bound.limit is limit] for limit in APPLIED]
    return all(keeping(index, query, bounds, quote) for bounds in kinds if bounds)


def _without(bounds: Sequence[Bound], kept: Sequence[Bound]) -> tuple[Bound, ...]:
    """Let go of bounds that nothing keeps to; an answer says of those that are left whether they are met."""
    return tuple(replace(bound, applied=False) if bound in kept else bound for bound in bounds)


def _searched(found: Found, filters: Filters, missing: Sequence[str]) -> Searched:
    articles, passages = found.selection.counts
    first, last = found.selection.days
    return Searched(articles, passages, iso(first), iso(last), described(filters), tuple(missing))


def _missing(query: Query, features: Features) -> tuple[str, ...]:
    """Give the question's words that stand nowhere in the corpus, as they were typed."""
    stems = zip(query.stems, features.known, strict=True)
    absent = {stem for stem, known in stems if not known and stem not in query.frame | _UNSAID | HONORIFICS}
    words = [query.text[t.start : t.end] for t in tokenize(query.text) if t.stem in absent]
    return tuple(dict.fromkeys(words))


def _standing(index: Index, query: Query) -> Standing | None:
    """Say how the person asked about stands in the corpus; None where nobody is asked about."""
    if query.person is None or not query.saying:
        return None
    if asked_rows(index, query):
        return Standing.QUOTED
    if query.proxy is not None:
        return Standing.UNQUOTED
    return Standing.NAMED if is_named(index, query.person) else Standing.ABSENT


def _bears_on(query: Query, features: Features, at: int) -> bool:
    """Say whether a sentence, with its neighbours, holds every name of the question and half of its words.

    Whether somebody ever said a thing is not answered by what they said of something else.
    """
    near = features.hits[max(at - 1, 0) : at + 2].max(axis=0)
    held = {stem: bool(near[column]) for column, stem in enumerate(query.stems) if stem in query.about}
    return all(hit for stem, hit in held.items() if stem in query.names) and 2 * sum(held.values()) >= len(
        held
    )


def _more(query: Query, found: Found, ranked: Sequence[Quote]) -> str:
    """Say how much of all that somebody said an answer leaves out; empty where it leaves out nothing."""
    theirs = asked_sentences(found.index, query) if query.listing else None
    if theirs is None:
        return ""
    store, selection = found.index.store, found.selection
    if selection.passages is not None:
        theirs = theirs & np.repeat(selection.passages, np.diff(store.passages["sentence"]))
    shown = np.zeros(len(theirs), np.bool_)
    for quote in ranked:
        row = found.index.shelf.row(quote.article_id)
        first, last = store.passages["sentence"][store.articles["passage"][row : row + 2]].tolist()
        own = store.sentences[first:last]
        shown[first:last] |= (own["start"] >= quote.start) & (own["end"] <= quote.end)
    left = int(np.count_nonzero(theirs & ~shown))
    return f"{count(left, 'sentence')} more; `onrecord quotes` prints every statement." if left else ""


def _listed(features: Features, scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Order sentences as they stand, direct speech before reports."""
    own = features.matrix[:, _DIRECT]
    place = np.argsort(np.argsort(features.rows)) / (2.0 * max(len(features.rows), 1))
    return np.where(np.isfinite(scores), own - place, -np.inf).astype(np.float32)
