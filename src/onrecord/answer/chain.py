"""The chain: condense | retrieve | read | answer | verify, as a LangChain runnable.

``invoke`` gives an :class:`~onrecord.types.Answer`; ``stream`` gives what is
known along the way (:class:`~onrecord.types.Progress`,
:class:`~onrecord.types.Part`) and last the same answer. Callbacks, tags and
metadata of the configuration reach every step and the chat model, so tracing
works by LangChain's own environment variables.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing
from functools import partial
from typing import Any, cast

from langchain_core.runnables import (
    Runnable,
    RunnableConfig,
    RunnableGenerator,
    RunnableLambda,
    RunnableSequence,
)

from onrecord.answer.excerpts import show_sentences
from onrecord.answer.state import AnswerDraft, Asking, Condensed, Ending, Opening, Read
from onrecord.answer.steps import Steps
from onrecord.answer.verified import AnswerVerifier, Event
from onrecord.answer.writer import Writer, write_claims
from onrecord.chat import event_loop
from onrecord.chat.condense import checked, condense_messages
from onrecord.errors import ProviderError, SettingsError
from onrecord.settings import Settings
from onrecord.types import NARROWING, Answer, Turn, read_filters

STEPS = ("condense", "retrieve", "read", "answer", "verify")
"""Names of the steps, in order; each can be replaced."""

_CONDENSE = 1 / 3

Chain = Runnable[Any, Any]
Step = Runnable[Any, Any] | Callable[..., Any]


def chain_of(steps: Steps, writer: Writer | None, **replaced: Step) -> Chain:
    """Build the chain of steps that are ready.

    Args:
        steps: Those that need no chat model.
        writer: The chat model, or None.
        **replaced: As for :func:`build_chain`.

    Returns:
        As for :func:`build_chain`.

    Raises:
        SettingsError: If a step is named that there is none of.
    """
    unknown = sorted(set(replaced) - set(STEPS))
    if unknown:
        raise SettingsError(f"The chain has no step {unknown[0]!r}.", remedy=f"It has {', '.join(STEPS)}.")
    modelled = _Modelled(steps, writer)
    own: Mapping[str, Chain] = {
        "condense": RunnableLambda(modelled.condense, afunc=modelled.acondense),
        "retrieve": RunnableLambda(steps.retrieve),
        "read": RunnableLambda(steps.read),
        "answer": RunnableGenerator(cast("Any", modelled.answer), cast("Any", modelled.aanswer)),
        "verify": _Verify(steps.settings),
    }
    runnables = [_named(name, replaced.get(name, own[name])) for name in STEPS]
    return RunnableSequence(RunnableLambda(_asking).with_config(run_name="ask"), *runnables, name="onrecord")


def _named(name: str, step: Step) -> Chain:
    runnable = step if isinstance(step, Runnable) else RunnableLambda(step)
    return runnable.with_config(run_name=name, tags=[f"onrecord:{name}"])


def _asking(given: Any) -> Asking:
    """Read the chain's input."""
    if isinstance(given, Asking):
        return given
    if isinstance(given, str):
        return Asking(given)
    question, reference = str(given["question"]), bool(given.get("reference", False))
    turns = tuple(turn if isinstance(turn, Turn) else Turn(str(turn)) for turn in given.get("history") or ())
    filters = {name: given.get(name) for name in NARROWING}
    return Asking(question, turns, read_filters(**filters), reference)


class _Modelled:
    """The two steps that a chat model takes part in."""

    def __init__(self, steps: Steps, writer: Writer | None) -> None:
        self._steps = steps
        self._writer = writer

    def condense(self, asking: Asking, config: RunnableConfig) -> Condensed:
        """Make a question stand alone."""
        if self._by_rules(asking):
            return self._steps.condense(asking)
        return event_loop.run(self._condensed(asking, config))

    async def acondense(self, asking: Asking, config: RunnableConfig) -> Condensed:
        """Make a question stand alone."""
        if self._by_rules(asking):
            return self._steps.condense(asking)
        return await event_loop.await_on(self._condensed(asking, config))

    def _by_rules(self, asking: Asking) -> bool:
        """A question that leans on nothing is left as it is, and costs no call."""
        return self._writer is None or asking.reference or not self._steps.leans(asking)

    async def _condensed(self, asking: Asking, config: RunnableConfig) -> Condensed:
        """Ask the chat model; where it fails or brings in what nobody said, the rules decide."""
        if self._writer is None:
            return self._steps.condense(asking)
        messages = condense_messages(asking.question, asking.history, fence=secrets.token_hex(8))
        # Most of the time is for the answer itself.
        deadline = time.monotonic() + self._steps.settings.deadline * _CONDENSE
        try:
            rewritten = await self._writer.complete(messages, config=config, deadline=deadline)
        except ProviderError:
            return self._steps.condense(asking)
        return self._steps.condense(asking, rewritten=checked(rewritten, asking.question, asking.history))

    def answer(self, reads: Iterator[Read], config: RunnableConfig) -> Iterator[AnswerDraft]:
        """Draft an answer."""
        for read in reads:
            opening = self._opening(read)
            if not opening.shown:
                yield AnswerDraft((opening, Ending()))
            else:
                yield AnswerDraft((opening,))
                yield from event_loop.iterate(partial(self._drafted, opening, config))

    async def aanswer(self, reads: AsyncIterator[Read], config: RunnableConfig) -> AsyncIterator[AnswerDraft]:
        """Draft an answer."""
        async for read in reads:
            opening = await asyncio.to_thread(self._opening, read)
            if not opening.shown:
                yield AnswerDraft((opening, Ending()))
            else:
                yield AnswerDraft((opening,))
                async for piece in event_loop.aiterate(partial(self._drafted, opening, config)):
                    yield piece

    def _opening(self, read: Read) -> Opening:
        """Begin with the reference answer, and with what the chat model is shown where it is asked."""
        opening = self._steps.answer(read)
        if self._writer is None or read.reference or not self._steps.worth_asking(read):
            return opening
        shown = show_sentences(read, limit=self._steps.settings.context_sentences)
        return Opening(read, opening.quotes, shown, self._writer.name)

    async def _drafted(self, opening: Opening, config: RunnableConfig) -> AsyncGenerator[AnswerDraft, None]:
        if self._writer is None:
            return
        deadline = time.monotonic() + self._steps.settings.deadline - opening.read.clock.elapsed()
        excerpts = [one.excerpt for one in opening.shown]
        claims = write_claims(
            self._writer, opening.read.standalone, excerpts, deadline=deadline, config=config
        )
        async with aclosing(claims):
            async for piece in claims:
                yield AnswerDraft((piece,))


class _Verify(Runnable[AnswerDraft, Any]):
    """Shows of a draft what the articles carry."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def invoke(self, input: AnswerDraft, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:  # noqa: A002
        """Verify a whole draft."""
        return cast("Answer", self._call_with_config(self._answer, input, config, **kwargs))

    def transform(
        self,
        input: Iterator[AnswerDraft],  # noqa: A002
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> Iterator[Event]:
        """Verify a draft while it is being made."""
        yield from self._transform_stream_with_config(input, self._events, config, **kwargs)

    async def atransform(
        self,
        input: AsyncIterator[AnswerDraft],  # noqa: A002
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[Event]:
        """Verify a draft while it is being made."""
        async for event in self._atransform_stream_with_config(input, self._aevents, config, **kwargs):
            yield event

    def _answer(self, draft: AnswerDraft) -> Answer:
        last = list(self._events(iter((draft,))))[-1]
        if not isinstance(last, Answer):
            raise TypeError("a draft without an ending")
        return last

    def _events(self, drafts: Iterator[AnswerDraft]) -> Iterator[Event]:
        verifier = AnswerVerifier(self._settings)
        for draft in drafts:
            for piece in draft.pieces:
                yield from verifier.take(piece)

    async def _aevents(self, drafts: AsyncIterator[AnswerDraft]) -> AsyncIterator[Event]:
        verifier = AnswerVerifier(self._settings)
        async for draft in drafts:
            for piece in draft.pieces:
                for event in verifier.take(piece):
                    yield event
