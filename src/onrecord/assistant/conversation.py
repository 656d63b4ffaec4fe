"""A conversation: questions that lean on those before, kept from its first answer on."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import aclosing, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol, cast

from onrecord.answer.verified import Event
from onrecord.assistant.memory import Memory
from onrecord.assistant.turns import StoredTurn
from onrecord.errors import ConversationError
from onrecord.types import NARROWING, Answer, Turn

_REMEMBERED = 8
_NOT_KEPT = "This answer could not be kept: the next question will not be understood in its light."
_LOG = logging.getLogger("onrecord.conversation")


class Asks(Protocol):
    """What answers: :class:`onrecord.assistant.Assistant`, whose methods say what each takes."""

    @property
    def ask(self) -> Callable[..., Answer]:
        """Answer a question."""

    @property
    def stream(self) -> Callable[..., Iterator[Event]]:
        """Answer a question, and tell what is known along the way."""

    @property
    def aask(self) -> Callable[..., Awaitable[Answer]]:
        """Answer a question without holding up the event loop."""

    @property
    def astream(self) -> Callable[..., AsyncIterator[Event]]:
        """Answer as :attr:`stream` does, without holding up the event loop."""

    @property
    def recall(self) -> Callable[[Iterable[StoredTurn]], tuple[StoredTurn, ...]]:
        """Hold kept answers against the corpus as it is now."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation with an assistant.

    It holds no turns itself: title and turns are read from the memory each time, so any number of
    objects, threads and processes may share a conversation.

    Attributes:
        assistant: Answers.
        memory: Keeps them.
        id: Unique among the owner's.
        owner: Whose it is; others neither see nor reach it.
        clock: Tells the time that turns are stored with.
        kept: Id of the answer kept last through this object to the number of its turn.
    """

    assistant: Asks
    memory: Memory
    id: str
    owner: str = ""
    clock: Callable[[], datetime] = _now
    kept: dict[str, int] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def open(
        cls,
        assistant: Asks,
        memory: Memory,
        id: str | None = None,  # noqa: A002  (what it is called everywhere)
        *,
        owner: str = "",
        clock: Callable[[], datetime] = _now,
    ) -> Conversation:
        """Open a conversation; one that is not there yet is begun by its first answer.

        Args:
            assistant: To answer.
            memory: To keep it in.
            id: Of one that there is, or any id for a new one, such as a thread's; made up when None.
            owner: Whose it is.
            clock: Tells the time.

        Returns:
            The conversation.

        Raises:
            ConversationError: If the id cannot be one, or the memory cannot be read.
        """
        opened = cls(assistant, memory, id if id is not None else secrets.token_hex(16), owner, clock)
        memory.heading(opened.id, owner=owner)
        return opened

    @classmethod
    def find(cls, assistant: Asks, memory: Memory, beginning: str, *, owner: str = "") -> Conversation:
        """Open a conversation that there is.

        Args:
            assistant: To answer.
            memory: That keeps it.
            beginning: Its id, or as much of it as tells it from the owner's others.
            owner: Whose it is.

        Returns:
            The conversation.

        Raises:
            ConversationError: If the owner has none of that id, or several that begin so.
        """
        ids = [heading.id for heading in memory.headings(owner=owner)]
        meant = [each for each in ids if each == beginning] or [i for i in ids if i.startswith(beginning)]
        if len(meant) != 1 or not beginning:
            many = f"{len(meant)} conversations begin with" if meant else "There is no conversation"
            raise ConversationError(
                f"{many} {beginning[:40]!r}.", remedy="Give the whole id of one there is."
            )
        return cls(assistant, memory, meant[0], owner)

    @property
    def title(self) -> str:
        """The first question, cut at a word, or what the person named it; empty before the first answer."""
        heading = self.memory.heading(self.id, owner=self.owner)
        return heading.title if heading else ""

    @property
    def turns(self) -> tuple[StoredTurn, ...]:
        """What was asked and answered, oldest first."""
        return self.memory.turns(self.id, owner=self.owner)

    @property
    def recalled(self) -> tuple[StoredTurn, ...]:
        """The turns, to be shown: each quotation held against its file as it is now."""
        return self.assistant.recall(self.turns)

    def ask(self, question: str, **filters: Any) -> Answer:
        """Answer a question in the light of those before, and keep the answer.

        An answer that cannot be kept is given all the same, with a notice.

        Args:
            question: In English.
            **filters: As for :meth:`onrecord.assistant.assistant.Assistant.ask`.

        Returns:
            The answer.

        Raises:
            ConversationError: If what was said before cannot be read.
        """
        history = self._history()
        answer = self.assistant.ask(question, history=history, **filters)
        return self._keep(answer, filters, begun=bool(history))

    def stream(self, question: str, **filters: Any) -> Generator[Event, None, None]:
        """Answer as :meth:`ask` does, and tell what is known along the way.

        Nothing is kept when the caller stops before the answer.

        Args:
            question: In English.
            **filters: As for :meth:`onrecord.assistant.assistant.Assistant.ask`.

        Yields:
            As :meth:`onrecord.assistant.assistant.Assistant.stream`; last the answer, which has been kept.
        """
        history = self._history()
        stream = self.assistant.stream(question, history=history, **filters)
        with closing(cast("Generator[Event, None, None]", stream)) as events:
            for event in events:
                if isinstance(event, Answer):
                    yield self._keep(event, filters, begun=bool(history))
                else:
                    yield event

    async def aask(self, question: str, *, earlier: Sequence[str] = (), **filters: Any) -> Answer:
        """Answer as :meth:`ask` does, without holding up the event loop.

        Args:
            question: In English.
            earlier: What was said elsewhere before the first question, oldest first.
            **filters: As for :meth:`onrecord.assistant.assistant.Assistant.ask`.

        Returns:
            The answer.
        """
        history = await asyncio.to_thread(self._history)
        answer = await self.assistant.aask(question, history=history or earlier, **filters)
        return await asyncio.to_thread(self._keep, answer, filters, begun=bool(history))

    async def astream(self, question: str, **filters: Any) -> AsyncGenerator[Event, None]:
        """Answer as :meth:`stream` does, without holding up the event loop."""
        history = await asyncio.to_thread(self._history)
        stream = self.assistant.astream(question, history=history, **filters)
        async with aclosing(cast("AsyncGenerator[Event, None]", stream)) as events:
            async for event in events:
                if isinstance(event, Answer):
                    yield await asyncio.to_thread(self._keep, event, filters, begun=bool(history))
                else:
                    yield event

    def rename(self, title: str) -> None:
        """Give it another title.

        Args:
            title: What it is called from now on.

        Raises:
            ConversationError: If it holds no answer yet, or the title is blank.
        """
        self.memory.rename(self.id, title, owner=self.owner)

    def delete(self) -> None:
        """Delete it from the memory; another question would begin it anew."""
        self.memory.delete(self.id, owner=self.owner)

    def _history(self) -> list[Turn]:
        turns = self.memory.turns(self.id, owner=self.owner, last=_REMEMBERED)
        return [Turn.of(turn.answer) for turn in turns]

    def _keep(self, answer: Answer, filters: Mapping[str, Any], *, begun: bool) -> Answer:
        """Store an answer; give it with a notice where that fails, for it is as good as any."""
        given = {name: filters[name] for name in NARROWING if filters.get(name)}
        try:
            number = self.memory.append(
                self.id, answer, at=self.clock(), owner=self.owner, filters=given, begun=begun
            )
            if number is not None:
                self.kept.clear()
                self.kept[answer.id] = number
        except ConversationError as error:
            _LOG.warning("%s", error)
            return replace(answer, notice=f"{answer.notice} {_NOT_KEPT}".lstrip())
        return answer
