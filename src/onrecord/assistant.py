"""The only door: ask, search, verify. Limits and defaults are enforced here, not in a face."""

from __future__ import annotations

import hashlib
import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from onrecord.clock import Clock
from onrecord.compose import DOUBT, compose_answer, compose_refusal, iso, refusal_reason
from onrecord.errors import QuestionError
from onrecord.features import Features, featurize
from onrecord.filtering import Names, described, read_filters
from onrecord.followup import leans_on
from onrecord.generation import newest_name
from onrecord.hits import rank_passages
from onrecord.index import Index, Selection
from onrecord.question import Query, parse_question
from onrecord.ranking import Ranker
from onrecord.reading import read_quotes
from onrecord.retrieval import Candidates, retrieve, settled
from onrecord.selecting import choose
from onrecord.settings import Settings
from onrecord.terms import tokenize
from onrecord.types import Answer, Article, Filters, Hit, Searched

if TYPE_CHECKING:
    from onrecord.quoting import Verdict

__all__ = ["Assistant", "Info", "ask", "verify"]

_RANKED = 10
_NEAREST = 2
_DOUBTED = 3
_REMEMBERED = 8


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


@dataclass(frozen=True, slots=True)
class _Found:
    """What one question led to, before it is answered."""

    index: Index
    query: Query
    selection: Selection
    candidates: Candidates
    features: Features
    scores: npt.NDArray[np.float32]


class Assistant:
    """Answers questions from one index; safe for use by many threads.

    A new generation is picked up between two questions, without a restart.
    """

    def __init__(self, settings: Settings, index: Index, ranker: Ranker) -> None:
        self._settings = settings
        self._index = index
        self._ranker = ranker
        self._lock = threading.Lock()

    @classmethod
    def open(cls, settings: Settings | None = None) -> Assistant:
        """Open the index.

        Args:
            settings: Where it is; from the environment when None.

        Returns:
            The assistant.

        Raises:
            IndexMissingError: If there is no index.
            IndexCorruptError: If a file of it is damaged.
            IndexMismatchError: If another model or version built it.
        """
        settings = settings or Settings.load()
        return cls(settings, _open(settings), Ranker.shipped())

    def ask(
        self,
        question: str,
        *,
        history: Sequence[str] = (),
        since: str | None = None,
        until: str | None = None,
        outlet: Names = None,
        article: Names = None,
    ) -> Answer:
        """Answer a question with quotations, or say that the corpus does not.

        Args:
            question: In English.
            history: Earlier questions of the conversation, oldest first.
            since: First day (``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``).
            until: Last day, the same forms.
            outlet: One or more outlets to stay within.
            article: One or more articles (id or file) to stay within.

        Returns:
            The answer.

        Raises:
            QuestionError: If the question or a filter cannot be used.
        """
        clock = Clock()
        self._check(question)
        filters = read_filters(since=since, until=until, outlet=outlet, article=article)
        earlier = [text[: self._settings.max_question_chars] for text in history[-_REMEMBERED:]]
        found = self._find(_query(question, earlier), filters, clock)
        seen = (found.index, found.candidates, found.features, found.scores)
        ranked = read_quotes(*seen, limit=_RANKED, per_article=self._settings.per_article)
        confidence = self._ranker.confidence(found.query, found.features, found.scores)
        doubted = self._ranker.doubts(found.query, found.features, found.scores, confidence)
        confidence = max(confidence, self._ranker.threshold) if doubted else confidence
        clock.lap("read")
        refused = not ranked or confidence < self._ranker.threshold
        most, least = self._settings.quotes, _DOUBTED if doubted else 1
        quotes = () if refused else choose(ranked, found.query, limit=most, at_least=least)
        searched = _searched(found, filters, missing=refused)
        reason = DOUBT if doubted else ""
        if refused:
            reason = refusal_reason(found.query, searched, silent=_silent(found))
        nearest = ranked[:_NEAREST] if refused else ()
        text = (
            compose_refusal(reason, searched, nearest) if refused else compose_answer(quotes, doubted=doubted)
        )
        clock.lap("compose")
        return Answer(
            id=_answer_id(found, filters),
            question=question,
            standalone=found.query.text,
            text=text,
            quotes=quotes,
            ranked=ranked,
            confidence=confidence,
            reason=reason,
            nearest=nearest,
            searched=searched,
            timings=clock.laps,
        )

    def search(
        self,
        query: str,
        *,
        limit: int = 10,
        since: str | None = None,
        until: str | None = None,
        outlet: Names = None,
        article: Names = None,
    ) -> tuple[Hit, ...]:
        """Find passages.

        Args:
            query: A question or some words.
            limit: How many, at most.
            since: As for :meth:`ask`.
            until: As for :meth:`ask`.
            outlet: As for :meth:`ask`.
            article: As for :meth:`ask`.

        Returns:
            Passages, best first, at most a set number of one article before the others had their turn.

        Raises:
            QuestionError: If the query or a filter cannot be used.
        """
        self._check(query)
        filters = read_filters(since=since, until=until, outlet=outlet, article=article)
        found = self._find(_query(query), filters, Clock())
        return rank_passages(
            found.index,
            found.candidates,
            found.features,
            found.scores,
            limit=limit,
            per_article=self._settings.per_article,
        )

    def article(self, article_id: str) -> Article:
        """Give an article whole.

        Args:
            article_id: Its id, or its file.

        Returns:
            The article.

        Raises:
            UnknownArticleError: If the index does not hold it.
        """
        index = self._newest()
        return index.article(index.shelf.row(article_id))

    def verify(self, text: str) -> list[Verdict]:
        """Check every quotation in a text against the articles of the index.

        Args:
            text: A draft.

        Returns:
            A verdict for each quotation, in order.
        """
        from onrecord.quoting import verify_text

        return verify_text(text, self._newest().shelf.all())

    def info(self) -> Info:
        """Say what the index holds."""
        index = self._newest()
        facts, store = index.generation.facts, index.store
        days = index.select(Filters()).days
        return Info(
            index=str(self._settings.index),
            generation=index.generation.name,
            built=str(facts["built"]),
            articles=int(facts["articles"]),
            passages=int(facts["passages"]),
            sentences=int(facts["sentences"]),
            first=iso(days[0]),
            last=iso(days[1]),
            model=str(facts["model"]),
            bytes=sum(file.stat().st_size for file in index.generation.path.rglob("*") if file.is_file()),
            outlets=tuple(sorted(store.outlets)),
            speakers=len(store.speakers),
        )

    def close(self) -> None:
        """Close the index."""
        self._index.close()

    def __enter__(self) -> Assistant:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _newest(self) -> Index:
        """Give the index in use now; a question keeps the one it began with."""
        with self._lock:
            name = newest_name(self._settings.index)
            if name is not None and name != self._index.generation.name:
                self._index = _open(self._settings)
            return self._index

    def _check(self, question: str) -> None:
        """Refuse a question that cannot be searched."""
        limit = self._settings.max_question_chars
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

    def _find(self, query: Query, filters: Filters, clock: Clock) -> _Found:
        index = self._newest()
        selection = index.select(filters)
        query = settled(query, index)
        clock.lap("parse")
        candidates = retrieve(index, query, selection, limit=self._settings.candidates)
        clock.lap("retrieve")
        features = featurize(index, query, candidates)
        scores = self._ranker.score(query, features)
        clock.lap("score")
        return _Found(index, query, selection, candidates, features, scores)


def _open(settings: Settings) -> Index:
    return Index.open(settings.index, model=settings.model, exact_below=settings.exact_below)


def _query(question: str, history: Sequence[str] = ()) -> Query:
    def normal(text: str) -> str:
        return unicodedata.normalize("NFC", text)

    return parse_question(normal(question), leaning_on=normal(leans_on(question, history)))


def _answer_id(found: _Found, filters: Filters) -> str:
    """The same question on the same index is the same answer."""
    told = repr((found.index.generation.name, found.query.text, filters)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(told, digest_size=8).hexdigest()


def _searched(found: _Found, filters: Filters, *, missing: bool) -> Searched:
    articles, passages = found.selection.counts
    first, last = found.selection.days
    return Searched(
        articles, passages, iso(first), iso(last), described(filters), _missing(found) if missing else ()
    )


def _missing(found: _Found) -> tuple[str, ...]:
    """Give the question's words that stand nowhere in the corpus, as they were typed."""
    stems = zip(found.query.stems, found.features.known, strict=True)
    absent = {stem for stem, known in stems if not known and stem not in found.query.frame}
    words = [found.query.text[t.start : t.end] for t in tokenize(found.query.text) if t.stem in absent]
    return tuple(dict.fromkeys(words))


def _silent(found: _Found) -> bool:
    """Say whether the person asked about says nothing in the candidates."""
    from onrecord.features import NAMES

    if found.query.person is None:
        return False
    return not found.features.matrix[:, NAMES.index("asked_speaker")].any()


_shared: dict[tuple[Path, Settings], Assistant] = {}
_shared_lock = threading.Lock()


def _assistant(settings: Settings | None) -> Assistant:
    settings = settings or Settings.load()
    key = (Path.cwd(), settings)  # relative paths of the same settings may mean another index
    with _shared_lock:
        if key not in _shared:
            _shared[key] = Assistant.open(settings)
        return _shared[key]


def ask(question: str, *, settings: Settings | None = None, **filters: Any) -> Answer:
    """Ask one question; the index stays open for the next.

    Args:
        question: In English.
        settings: Where the index is; from the environment when None.
        **filters: As for :meth:`Assistant.ask`.

    Returns:
        The answer.
    """
    return _assistant(settings).ask(question, **filters)


def verify(text: str, *, settings: Settings | None = None) -> list[Verdict]:
    """Check every quotation in a text against the articles of the index.

    Args:
        text: A draft.
        settings: Where the index is; from the environment when None.

    Returns:
        A verdict for each quotation, in order.
    """
    return _assistant(settings).verify(text)
