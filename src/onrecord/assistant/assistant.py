"""The only door: ask, search, verify. Limits and defaults are enforced here, not in a face."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, closing, contextmanager
from typing import TYPE_CHECKING, Any, Unpack, cast

from onrecord.answer.state import Asking, Ending, Options
from onrecord.answer.steps import Steps
from onrecord.answer.verified import Event, verified
from onrecord.assistant.browse import Holdings
from onrecord.chat import event_loop
from onrecord.errors import BusyError
from onrecord.index.newest import LiveIndex
from onrecord.retrieval.hits import rank_passages
from onrecord.retrieval.judge import open_judge
from onrecord.settings import Settings
from onrecord.types import NARROWING, Answer, Hit, Names, Turn, read_filters

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import Runnable

    from onrecord.answer.writer import Writer
    from onrecord.assistant.conversation import Conversation

_REMEMBERED = 8


class Assistant(Holdings):
    """Answers questions from one index; safe for use by many threads.

    A new generation is picked up between two questions, without a restart.

    Args:
        settings: Limits.
        live: The index.
        writer: The chat model; None answers without one.
    """

    def __init__(self, settings: Settings, live: LiveIndex, writer: Writer | None = None) -> None:
        super().__init__(live, Steps(settings, live, open_judge(settings.reader)))
        self._settings = settings
        self._writer = writer
        self._free = threading.BoundedSemaphore(settings.max_concurrent)
        self._chain: Runnable[Any, Any] | None = None

    @classmethod
    def open(
        cls, settings: Settings | None = None, *, model: BaseChatModel | None = None, waiting: bool = False
    ) -> Assistant:
        """Open the index.

        Args:
            settings: Where it is, and which chat model to use; from the environment when None.
            model: A LangChain chat model to use instead of the one that the settings name.
            waiting: Open where there is no sound index too: each question fails until there is one.

        Returns:
            The assistant.

        Raises:
            IndexMissingError: If there is no index.
            IndexCorruptError: If a file of it is damaged.
            IndexMismatchError: If another model or version built it.
            ProviderError: If the chat model cannot be used.
        """
        settings = settings or Settings.load()
        return cls(settings, LiveIndex(settings, waiting=waiting), _writer(settings, model))

    @property
    def model(self) -> str | None:
        """Name of the chat model; None where answers are made without one."""
        return self._writer.name if self._writer else None

    def ask(
        self,
        question: str,
        *,
        history: Sequence[str | Turn] = (),
        since: str | None = None,
        until: str | None = None,
        outlet: Names = None,
        article: Names = None,
        speaker: Names = None,
        reference: bool = False,
    ) -> Answer:
        """Answer a question with quotations, or say that the corpus does not.

        Args:
            question: In English.
            history: Earlier questions or exchanges of the conversation, oldest first.
            since: First day (``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``).
            until: Last day, the same forms.
            outlet: One or more outlets to stay within.
            article: One or more articles (id or file) to stay within.
            speaker: One or more people or bodies to stay with: only their words are quoted.
            reference: Answer without the chat model.

        Returns:
            The answer.

        Raises:
            QuestionError: If the question or a filter cannot be used.
            BusyError: If too many questions are being answered.
        """
        asking = self._asking(
            question,
            history=history,
            since=since,
            until=until,
            outlet=outlet,
            article=article,
            speaker=speaker,
            reference=reference,
        )
        with self._admitted():
            if asking.reference:
                return self._last(asking)
            return cast("Answer", self._modelled().invoke(asking))

    def stream(self, question: str, **options: Unpack[Options]) -> Iterator[Event]:
        """Answer a question, and tell what is known along the way.

        Args:
            question: In English.
            **options: As for :meth:`ask`.

        Yields:
            Steps that are done and verified parts of the answer; last the answer, which counts
            where it differs from the parts: a chat model may stop midway.
        """
        asking = self._asking(question, **options)
        with self._admitted():
            if asking.reference:
                yield from self._referenced(asking)
                return
            # Closed early, a synchronous LangChain stream would first read its source to the end.
            chain = self._modelled()
            source = cast("Any", lambda: chain.astream(asking))
            with closing(cast("Any", event_loop.iterate(source))) as events:
                yield from events

    async def aask(self, question: str, **options: Unpack[Options]) -> Answer:
        """Answer as :meth:`ask` does, without holding up the event loop.

        Args:
            question: In English.
            **options: As for :meth:`ask`.

        Returns:
            The answer.
        """
        asking = self._asking(question, **options)
        with self._admitted():
            if asking.reference:
                return await asyncio.to_thread(self._last, asking)
            return cast("Answer", await self._modelled().ainvoke(asking))

    async def astream(self, question: str, **options: Unpack[Options]) -> AsyncIterator[Event]:
        """Answer as :meth:`stream` does, without holding up the event loop.

        Args:
            question: In English.
            **options: As for :meth:`ask`.

        Yields:
            As :meth:`stream`.
        """
        asking = self._asking(question, **options)
        with self._admitted():
            if asking.reference:
                for event in await asyncio.to_thread(lambda: list(self._referenced(asking))):
                    yield event
                return
            async with aclosing(cast("Any", self._modelled().astream(asking))) as events:
                async for event in events:
                    yield event

    def chain(self, **replaced: Any) -> Runnable[Any, Any]:
        """Give the steps as a LangChain runnable.

        Args:
            **replaced: Steps of one's own, by name, as for :func:`onrecord.faces.langchain.build_chain`.

        Returns:
            The runnable.
        """
        from onrecord.answer.chain import chain_of

        return chain_of(self._steps, self._writer, **replaced)

    def conversation(self, id: str | None = None, *, owner: str = "") -> Conversation:  # noqa: A002
        """Open a conversation, in which a question may lean on those before.

        Args:
            id: Of one that there is, or of a new one; made up when None.
            owner: Whose it is.

        Returns:
            The conversation; it is kept from its first answer on.

        Raises:
            ConversationError: If the store cannot be read.
        """
        from onrecord.assistant.conversation import Conversation
        from onrecord.assistant.memory import Memory

        return Conversation.open(self, Memory.of(self._settings), id, owner=owner)

    def search(
        self,
        query: str,
        *,
        limit: int = 10,
        since: str | None = None,
        until: str | None = None,
        outlet: Names = None,
        article: Names = None,
        speaker: Names = None,
    ) -> tuple[Hit, ...]:
        """Find passages.

        Args:
            query: A question or some words.
            limit: How many, at most.
            since: As for :meth:`ask`.
            until: As for :meth:`ask`.
            outlet: As for :meth:`ask`.
            article: As for :meth:`ask`.
            speaker: As for :meth:`ask`; passages that hold their words are found.

        Returns:
            Passages, best first, at most a set number of one article before the others had their turn.

        Raises:
            QuestionError: If the query or a filter cannot be used.
        """
        filters = read_filters(since=since, until=until, outlet=outlet, article=article, speaker=speaker)
        retrieved = self._steps.retrieve(self._steps.condense(Asking(query, filters=filters)))
        found, scored = retrieved.found, self._steps.scored(retrieved)
        return rank_passages(
            found.index, found.candidates, *scored, limit=limit, per_article=self._settings.per_article
        )

    def _asking(self, question: str, **options: Unpack[Options]) -> Asking:
        """Read a question and what came with it; refuse what cannot be used."""
        self._steps.check(question)
        longest = self._settings.max_question_chars
        history = options.get("history", ())[-_REMEMBERED:]
        return Asking(
            question,
            tuple(turn if isinstance(turn, Turn) else Turn(turn[:longest]) for turn in history),
            read_filters(**{name: cast("Any", options).get(name) for name in NARROWING}),
            options.get("reference", False) or self._writer is None,
        )

    @contextmanager
    def _admitted(self) -> Iterator[None]:
        """Hold a place among the questions that are answered at once."""
        if not self._free.acquire(blocking=False):
            raise BusyError(
                f"As many questions as are allowed ({self._settings.max_concurrent}) are being answered.",
                remedy="Ask again in a few seconds.",
            )
        try:
            yield
        finally:
            self._free.release()

    def _referenced(self, asking: Asking) -> Iterator[Event]:
        """Answer without a chat model: no library for chains is imported."""
        steps = self._steps
        opening = steps.answer(steps.read(steps.retrieve(steps.condense(asking))))
        yield from verified((opening, Ending()), self._settings)

    def _last(self, asking: Asking) -> Answer:
        return cast("Answer", list(self._referenced(asking))[-1])

    def _modelled(self) -> Runnable[Any, Any]:
        if self._chain is None:
            self._chain = self.chain()
        return self._chain


def _writer(settings: Settings, model: BaseChatModel | None) -> Writer | None:
    if model is None and settings.model is None:
        return None
    from onrecord.chat.model import ChatModel

    return (
        ChatModel.open(settings)
        if model is None
        else ChatModel.of(model, settings=settings, name=model._llm_type)
    )
