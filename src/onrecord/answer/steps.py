"""The steps of an answer, one after another: condense, retrieve, read, answer, verify.

Each takes the state that the one before gave. The chain makes a LangChain
runnable of them; the assistant without a chat model calls them one by one.
What kind of question it is, is told in :mod:`onrecord.question.query`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from onrecord.answer.comparison import beside_each_other
from onrecord.answer.quotes import Cutter, read_quotes
from onrecord.answer.refusal import decided, keeping_to, letting_go, narrowed
from onrecord.answer.selection import chosen, gathered
from onrecord.answer.standing import confirmed_reads, standing_sentences, without_lost
from onrecord.answer.state import Asking, Condensed, Found, Opening, Read, Retrieved, grown
from onrecord.errors import QuestionError
from onrecord.index.newest import LiveIndex
from onrecord.index.opened import Selection
from onrecord.question.followup import Leaning, stand_alone
from onrecord.question.parts import Subquery, decompose
from onrecord.question.query import parse_question
from onrecord.retrieval.asked_speakers import asked_sentences
from onrecord.retrieval.candidates import retrieve, settled
from onrecord.retrieval.constraints import (
    bounds_of,
    outlet_asked,
    published_within,
)
from onrecord.retrieval.features import COLUMN, Features, featurize
from onrecord.retrieval.judge import Judge
from onrecord.retrieval.subject import on_subject
from onrecord.settings import Settings
from onrecord.text.terms import tokenize
from onrecord.types import Filters
from onrecord.wording.answer_text import stale

_RANKED = 10
_EVERYTHING = 1_000
"""Passages that each search proposes where everything on a subject is wanted."""


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
        index, candidates = retrieved.found.index, retrieved.found.candidates
        threshold = self.settings.threshold
        scored = self.scored(retrieved)
        features, scores, kept = narrowed(self.judge, retrieved, *scored, threshold=threshold)
        order = scores
        if retrieved.query.comparing:
            order = beside_each_other(index, retrieved.query, candidates, features, scores)
        most = self.settings.per_article
        ranked = read_quotes(
            retrieved.found.cutter, candidates, features, order, limit=_RANKED, per_article=most
        )
        within = keeping_to(retrieved, kept, ranked)
        if ranked and not within:  # printed on those days, but said on others
            return self._read(letting_go(retrieved, kept))
        return decided(self.judge, retrieved, within, features, scores, threshold=threshold)

    def answer(self, read: Read) -> Opening:
        """Choose what to show without a chat model."""
        quotes = chosen(read, limit=self.settings.quotes)
        read.clock.lap("answer")
        return Opening(read, quotes)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _part_of(condensed: Condensed, part: Subquery) -> Condensed:
    return grown(Condensed, condensed, standalone=part.query.text, query=part.query, _part=part)


def _listed(features: Features, scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Order sentences as they stand, direct speech before reports."""
    own = features.matrix[:, COLUMN["direct"]]
    place = np.argsort(np.argsort(features.rows)) / (2.0 * max(len(features.rows), 1))
    return np.where(np.isfinite(scores), own - place, -np.inf).astype(np.float32)
