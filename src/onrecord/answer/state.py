"""What the steps of an answer hand to one another, from a question to what is shown.

A step makes of its input the next state, which holds all of the one before.
What is heavy or belongs to one process is kept in fields with an underscore,
which tracing does not write out.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, TypedDict, TypeVar

import numpy as np
import numpy.typing as npt

from onrecord.answer.quotes import Cutter
from onrecord.chat.claim_stream import WrittenClaim
from onrecord.chat.prompts import Excerpt
from onrecord.index.opened import Index, Selection
from onrecord.question.parts import Subquery
from onrecord.question.query import Query
from onrecord.retrieval.candidates import Candidates
from onrecord.retrieval.constraints import Bound
from onrecord.retrieval.features import Features
from onrecord.types import Filters, Names, Quote, Searched, Turn


class Clock:
    """Runs from when it is made; a lap ends a step.

    Attributes:
        laps: Step to milliseconds.
    """

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._first = self._last = time.perf_counter()

    def lap(self, step: str) -> None:
        """End a step, and begin the next."""
        now = time.perf_counter()
        self.laps[step] = round(1000 * (now - self._last), 3)
        self._last = now

    def elapsed(self) -> float:
        """Give the seconds since it was made."""
        return time.perf_counter() - self._first


class Options(TypedDict, total=False):
    """What may come with a question, as :meth:`onrecord.assistant.assistant.Assistant.ask` describes it."""

    history: Sequence[str | Turn]
    since: str | None
    until: str | None
    outlet: Names
    article: Names
    speaker: Names
    reference: bool


@dataclass(frozen=True, slots=True)
class Asking:
    """A question as it comes in.

    Attributes:
        question: As typed.
        history: Earlier exchanges, oldest first.
        filters: What the search is narrowed to.
        reference: Whether to answer without the chat model.
    """

    question: str
    history: tuple[Turn, ...] = ()
    filters: Filters = field(default_factory=Filters)
    reference: bool = False
    _clock: Clock = field(default_factory=Clock, repr=False, compare=False)

    @property
    def clock(self) -> Clock:
        """Runs since the question came in."""
        return self._clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Condensed(Asking):
    """A question that stands alone.

    Attributes:
        standalone: As searched; the question itself where it leans on nothing.
        query: The same, read.
    """

    standalone: str
    query: Query
    _part: Subquery | None = field(default=None, repr=False, compare=False)

    @property
    def part(self) -> Subquery | None:
        """Which part of a longer question this is; None of a whole one."""
        return self._part


class Found:
    """What retrieval found in one generation of the index; no dataclass, so that tracing leaves it alone.

    Args:
        index: The generation.
        selection: What the filters left.
        candidates: Passages worth reading.
        cutter: Cuts its quotations; one for a question and all its parts.
    """

    __slots__ = ("candidates", "cutter", "index", "selection")

    def __init__(self, index: Index, selection: Selection, candidates: Candidates, *, cutter: Cutter) -> None:
        self.index = index
        self.cutter = cutter
        self.selection = selection
        self.candidates = candidates


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieved(Condensed):
    """A question with the passages worth reading."""

    _found: Found = field(repr=False, compare=False)
    _standing: bool = field(default=False, repr=False, compare=False)
    _bounds: tuple[Bound, ...] = field(default=(), repr=False, compare=False)
    _parts: tuple[Retrieved, ...] = field(default=(), repr=False, compare=False)

    @property
    def found(self) -> Found:
        """What was found, and where."""
        return self._found

    @property
    def standing(self) -> bool:
        """Whether only sentences that stand in the corpus as it is now are read."""
        return self._standing

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """What the question asks of every quotation."""
        return self._bounds

    @property
    def asked(self) -> tuple[Retrieved, ...]:
        """The parts of the question, each with its own passages; empty where it has one only."""
        return self._parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Read(Retrieved):
    """A question with its best quotations.

    Attributes:
        ranked: The best quotations, in the reader's order.
        confidence: That the first of them answers, in [0, 1].
        threshold: Under it the question is refused.
        doubted: Whether the question takes for granted what the articles do not bear out.
        searched: What was searched.
        reason: Why the reference answer refuses, or what it doubts; empty otherwise.
        nearest: What to show beside a refusal: that person's words where somebody's are asked for.
    """

    ranked: tuple[Quote, ...]
    confidence: float
    threshold: float
    doubted: bool
    searched: Searched
    reason: str
    nearest: tuple[Quote, ...] = ()
    _features: Features = field(repr=False, compare=False)
    _scores: npt.NDArray[np.float32] = field(repr=False, compare=False)
    _parts: tuple[Read, ...] = field(default=(), repr=False, compare=False)
    _whole: Read | None = field(default=None, repr=False, compare=False)
    _left_out: tuple[Quote, ...] = field(default=(), repr=False, compare=False)
    _outdated: bool = field(default=False, repr=False, compare=False)

    @property
    def left_out(self) -> tuple[Quote, ...]:
        """What would have been shown, had its file not been changed or deleted since it was indexed."""
        return self._left_out

    @property
    def outdated(self) -> bool:
        """Whether it refuses only because of what is left out."""
        return self._outdated

    @property
    def whole(self) -> Read | None:
        """The question read as one, where one sentence may answer several of its parts; None otherwise."""
        return self._whole

    @property
    def parts(self) -> tuple[Read, ...]:
        """The parts of the question, each read on its own; empty where it has one, or none is answered."""
        return self._parts

    @property
    def scores(self) -> npt.NDArray[np.float32]:
        """Of every candidate sentence; -inf for what may not be quoted."""
        return self._scores

    @property
    def features(self) -> Features:
        """Of every candidate sentence."""
        return self._features

    @property
    def refused(self) -> bool:
        """Whether the reference answer refuses."""
        return not self.ranked or self.confidence < self.threshold


@dataclass(frozen=True, slots=True)
class ShownSentence:
    """A sentence that a chat model is shown.

    Attributes:
        excerpt: As the model sees it.
        article_row: Row of its article.
        row: Row of the sentence.
        score: The reader's.
    """

    excerpt: Excerpt
    article_row: int
    row: int
    score: float


@dataclass(frozen=True, slots=True)
class Opening:
    """Where a draft begins.

    Attributes:
        read: What it is drafted from.
        quotes: Of the reference answer, in the order to show them; empty where it refuses.
        shown: The sentences that a chat model is shown, by number from 1; empty without one.
        mode: ``reference``, or the chat model's name.
    """

    read: Read
    quotes: tuple[Quote, ...]
    shown: tuple[ShownSentence, ...] = ()
    mode: str = "reference"


@dataclass(frozen=True, slots=True)
class Ending:
    """Where a draft ends.

    Attributes:
        answerable: Whether the chat model found an answer; None in the reference mode.
        failure: Why the chat model did not finish; empty if it did.
    """

    answerable: bool | None = None
    failure: str = ""


DraftPiece = Opening | WrittenClaim | Ending


@dataclass(frozen=True, slots=True)
class AnswerDraft:
    """A draft or a part of one: an opening, a chat model's claims, an ending."""

    pieces: tuple[DraftPiece, ...]

    def __add__(self, other: AnswerDraft) -> AnswerDraft:
        return AnswerDraft(self.pieces + other.pieces)


S = TypeVar("S", bound=Asking)


def grown(kind: type[S], state: Asking, **new: Any) -> S:
    """Make of a state the next one."""
    old: Mapping[str, Any] = {field.name: getattr(state, field.name) for field in fields(state)}
    return kind(**{**old, **new})
