"""The steps of an answer, one after another: condense, retrieve, read, answer, verify.

Each takes the state that the one before gave. The chain makes a LangChain
runnable of them; the assistant without a chat model calls them one by one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from onrecord.compose import DOUBT, iso, refusal_reason
from onrecord.errors import QuestionError
from onrecord.features import NAMES, Features, featurize
from onrecord.filtering import described
from onrecord.followup import Leaning, stand_alone
from onrecord.live import LiveIndex
from onrecord.question import Query, parse_question
from onrecord.ranking import Ranker
from onrecord.reading import read_quotes
from onrecord.retrieval import retrieve, settled
from onrecord.selecting import choose
from onrecord.settings import Settings
from onrecord.states import Asking, Condensed, Found, Opening, Read, Retrieved, grown
from onrecord.terms import tokenize
from onrecord.types import Filters, Searched

__all__ = ["Steps"]

_RANKED = 10
_DOUBTED = 3
_ASKED_SPEAKER = NAMES.index("asked_speaker")


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps that need no chat model.

    Attributes:
        settings: Limits.
        live: The index.
        ranker: The reader's judgement.
    """

    settings: Settings
    live: LiveIndex
    ranker: Ranker

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
                remedy="Shorten it, or raise ONRECORD_MAX_QUESTION_CHARS.",
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
        if not read.ranked:
            return False
        stems = zip(read.query.stems, read.features.known, strict=True)
        return not any(stem in read.query.names and not known for stem, known in stems)

    def retrieve(self, condensed: Condensed) -> Retrieved:
        """Find passages worth reading in the newest generation of the index."""
        index = self.live.newest()
        selection = index.select(condensed.filters)
        query = settled(condensed.query, index)
        candidates = retrieve(index, query, selection, limit=self.settings.candidates)
        condensed.clock.lap("retrieve")
        return grown(Retrieved, condensed, query=query, _found=Found(index, selection, candidates))

    def scored(self, retrieved: Retrieved) -> tuple[Features, npt.NDArray[np.float32]]:
        """Score every candidate sentence."""
        found = retrieved.found
        features = featurize(found.index, retrieved.query, found.candidates)
        spoken = found.selection.sentences
        if spoken is not None:
            features = replace(features, usable=features.usable & spoken[features.rows])
        return features, self.ranker.score(retrieved.query, features)

    def read(self, retrieved: Retrieved) -> Read:
        """Choose the best quotations, and say how sure it is that they answer."""
        query, found = retrieved.query, retrieved.found
        features, scores = self.scored(retrieved)
        seen = (found.index, found.candidates, features, scores)
        ranked = read_quotes(*seen, limit=_RANKED, per_article=self.settings.per_article)
        confidence = self.ranker.confidence(query, features, scores)
        doubted = self.ranker.doubts(query, features, scores, confidence)
        confidence = max(confidence, self.ranker.threshold) if doubted else confidence
        refused = not ranked or confidence < self.ranker.threshold
        searched = _searched(found, retrieved.filters, _missing(query, features) if refused else ())
        reason = DOUBT if doubted else ""
        if refused:
            reason = refusal_reason(query, searched, silent=_silent(query, features))
        retrieved.clock.lap("read")
        return grown(
            Read,
            retrieved,
            ranked=ranked,
            confidence=confidence,
            threshold=self.ranker.threshold,
            doubted=doubted,
            searched=searched,
            reason=reason,
            _features=features,
            _scores=scores,
        )

    def answer(self, read: Read) -> Opening:
        """Choose what to show without a chat model."""
        least = _DOUBTED if read.doubted else 1
        most = self.settings.quotes
        quotes = () if read.refused else choose(read.ranked, read.query, limit=most, at_least=least)
        read.clock.lap("answer")
        return Opening(read, quotes)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _searched(found: Found, filters: Filters, missing: Sequence[str]) -> Searched:
    articles, passages = found.selection.counts
    first, last = found.selection.days
    return Searched(articles, passages, iso(first), iso(last), described(filters), tuple(missing))


def _missing(query: Query, features: Features) -> tuple[str, ...]:
    """Give the question's words that stand nowhere in the corpus, as they were typed."""
    stems = zip(query.stems, features.known, strict=True)
    absent = {stem for stem, known in stems if not known and stem not in query.frame}
    words = [query.text[t.start : t.end] for t in tokenize(query.text) if t.stem in absent]
    return tuple(dict.fromkeys(words))


def _silent(query: Query, features: Features) -> bool:
    """Say whether the person asked about says nothing in the candidates."""
    return query.person is not None and not features.matrix[:, _ASKED_SPEAKER].any()
