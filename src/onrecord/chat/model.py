"""Any chat model that LangChain knows, asked within limits.

A call has one deadline, few retries (none once text has come), a limit on silence
and a cap on what the model may write. Text that stopped midway ends in an error,
so that it cannot pass for a whole answer. Every call runs on the loop of
:mod:`onrecord.chat.event_loop`, whoever asks.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk
from langchain_core.runnables import Runnable, RunnableConfig, RunnableSequence

from onrecord.chat import event_loop
from onrecord.chat.gguf import serve
from onrecord.chat.provider_errors import Failure, Unstructured, key_variables, missing_package
from onrecord.errors import ProviderCutError, ProviderError, ProviderTimeoutError, SettingsError
from onrecord.settings import Settings

_NO_KEY = "none"  # servers of one's own ask for no key, but the client insists on sending one
_CHARS_PER_TOKEN = 8  # no tokenizer writes more than this on average
_LONGEST_WAIT = 8.0
_REASONS = ("finish_reason", "stop_reason", "done_reason", "stopReason", "status")
_WHOLE = {"stop", "end_turn", "stop_sequence", "tool_use", "tool_calls", "function_call", "completed",
          "complete", "eos", "eos_token", "finish_reason_unspecified"}  # fmt: skip
_TELLING = {"openai-chat", "anthropic-chat", "chat-ollama"}  # these always say how their text ended


class ChatModel:
    """A chat model and the limits within which it is asked.

    Args:
        model: Any LangChain chat model.
        settings: The limits.
        name: What answers give as their mode, as in ``openai:gpt-5-mini``.
        patient: Whether it runs on this machine, where asking again makes it slower.
        jitter: Draws from 0 to 1, to spread the waits before retries.
    """

    def __init__(
        self,
        model: BaseChatModel,
        *,
        settings: Settings,
        name: str,
        patient: bool = False,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.name = name
        self._model = model
        self._settings = settings
        self._patient = patient
        self._jitter = jitter
        self._structured = True

    @classmethod
    def open(cls, settings: Settings, *, jitter: Callable[[], float] = random.random) -> ChatModel:
        """Open the model that the settings name.

        Args:
            settings: ``model``, ``base_url``, ``api_key`` and the limits.
            jitter: Draws from 0 to 1, to spread the waits before retries.

        Returns:
            The model; nothing has been asked yet.

        Raises:
            SettingsError: If no model is named, or its key is in no variable.
            ProviderMissingError: If its package or file is missing.
            ProviderError: If its package refuses the settings.
        """
        if settings.model is None:
            raise SettingsError("No chat model is set.", remedy="Set ONRECORD_MODEL=PROVIDER:NAME.")
        provider, _, model = settings.model.partition(":")
        name = f"gguf:{Path(model).name}" if provider == "gguf" else settings.model
        opened = _local(Path(model), settings) if provider == "gguf" else _remote(provider, model, settings)
        return cls(opened, settings=settings, name=name, patient=provider == "gguf", jitter=jitter)

    @classmethod
    def of(
        cls,
        model: BaseChatModel,
        *,
        settings: Settings,
        name: str,
        jitter: Callable[[], float] = random.random,
    ) -> ChatModel:
        """Take a model that somebody else has made.

        Args:
            model: Any LangChain chat model.
            settings: The limits.
            name: What answers give as their mode.
            jitter: Draws from 0 to 1, to spread the waits before retries.

        Returns:
            The model within limits.
        """
        return cls(model, settings=settings, name=name, jitter=jitter)

    @property
    def structured(self) -> bool:
        """Whether the model writes to a schema, as far as is known."""
        return self._structured

    def stream(
        self,
        messages: Sequence[tuple[str, str]],
        *,
        schema: Mapping[str, Any] | None = None,
        config: RunnableConfig | None = None,
        deadline: float | None = None,
    ) -> AsyncIterator[str]:
        """Ask, and give the text as it comes.

        Args:
            messages: Role (``system``, ``human`` or ``ai``) and text.
            schema: A JSON schema with a title; the text is then JSON.
            config: LangChain's callbacks, tags and metadata.
            deadline: When to be done, as ``time.monotonic()`` tells it; else the settings' seconds from now.

        Returns:
            The text's pieces, none empty. It ends in an error unless the text is whole:
            :class:`Unstructured` where the model takes no schema, a ProviderTimeoutError,
            a ProviderCutError, or another ProviderError.
        """
        until = deadline if deadline is not None else time.monotonic() + self._settings.deadline
        return event_loop.aiterate(lambda: self._retried(list(messages), schema, config, until))

    async def complete(
        self,
        messages: Sequence[tuple[str, str]],
        *,
        config: RunnableConfig | None = None,
        deadline: float | None = None,
    ) -> str:
        """Ask, and give the whole text.

        Args:
            messages: As for :meth:`stream`.
            config: As for :meth:`stream`.
            deadline: As for :meth:`stream`.

        Returns:
            The text.
        """
        return "".join([delta async for delta in self.stream(messages, config=config, deadline=deadline)])

    async def _retried(
        self,
        messages: list[tuple[str, str]],
        schema: Mapping[str, Any] | None,
        config: RunnableConfig | None,
        until: float,
    ) -> AsyncGenerator[str, None]:
        retries, begun = 0, False
        while True:
            try:
                bound = self._bound(schema)
                async with contextlib.aclosing(self._once(bound, messages, config, until)) as deltas:
                    async for delta in deltas:
                        begun = True
                        yield delta
                return
            except Exception as error:  # noqa: BLE001 - packages raise what they like: all of it is mapped
                failure = Failure.of(error, name=self.name)
            # Out of the except block, so that ours does not carry the provider's error as its context.
            if begun:
                raise _after_text(failure.error, self.name)
            if not self._goes_without(failure, structured=schema is not None):
                await self._pause(failure, retries, until)
                retries += 1

    def _bound(self, schema: Mapping[str, Any] | None) -> Runnable[Any, Any]:
        if schema is None:
            return self._model
        bound = self._with_schema(dict(schema)) if self._structured else None
        if bound is None:
            self._structured = False
            raise Unstructured(f"{self.name} does not write to a schema.", remedy="Ask it for plain text.")
        return bound

    def _with_schema(self, schema: dict[str, Any]) -> Runnable[Any, Any] | None:
        """Bind the schema as the model's package does, and leave out its parser: ours reads pieces."""
        strict = {"strict": True} if self._model._llm_type == "openai-chat" else {}
        try:
            chain = self._model.with_structured_output(schema, **strict)
        except (NotImplementedError, TypeError, ValueError):
            return None
        return self._unparsed(chain.first) if isinstance(chain, RunnableSequence) else None

    def _unparsed(self, bound: Runnable[Any, Any]) -> Runnable[Any, Any]:
        """Send OpenAI's ``response_format`` as an extra field, where that is how the schema is sent.

        As a field that langchain-openai knows, it goes through a parser of OpenAI's package, which
        takes seconds to load, inside the deadline, and turns text that is no JSON into an error.
        """
        options = dict(getattr(bound, "kwargs", {}))
        by_responses = getattr(self._model, "_use_responses_api", lambda _: True)
        if "response_format" not in options or by_responses(options):
            return bound
        form = {"response_format": options.pop("response_format")}
        extra = {**(getattr(self._model, "extra_body", None) or {}), **form}
        return self._model.bind(**options, extra_body=extra)

    def _goes_without(self, failure: Failure, *, structured: bool) -> bool:
        """Remember what the model refuses, and say whether to ask at once without it."""
        if failure.about == "structure" and structured:
            self._structured = False
            raise Unstructured(failure.error.message, remedy="Ask it for plain text.")
        if failure.about == "temperature" and getattr(self._model, "temperature", None) is not None:
            self._model = self._model.model_copy(update={"temperature": None})
            return True
        return False

    async def _pause(self, failure: Failure, retries: int, until: float) -> None:
        wait = self._jitter() * min(_LONGEST_WAIT, 0.5 * 2**retries)
        wait = max(wait, failure.wait or 0.0)
        if not failure.retry or retries >= self._settings.retries or time.monotonic() + wait >= until:
            raise failure.error
        await asyncio.sleep(wait)

    async def _once(
        self,
        bound: Runnable[Any, Any],
        messages: list[tuple[str, str]],
        config: RunnableConfig | None,
        until: float,
    ) -> AsyncGenerator[str, None]:
        """One call: its text, or an error."""
        by_tool = "tools" in getattr(bound, "kwargs", {})
        reason, written, limit = "", 0, _CHARS_PER_TOKEN * self._settings.max_output_tokens
        async for chunk in self._chunks(bound, messages, config, until):
            reason = _finish(chunk) or reason
            delta = _arguments(chunk) if by_tool else chunk.text
            written += len(delta)
            if written > limit:
                raise ProviderCutError(f"{self.name} wrote too much.", remedy=_CAP_REMEDY)
            if delta:
                yield str(delta)
        self._check_end(reason, written)

    def _check_end(self, reason: str, written: int) -> None:
        if reason.lower() in {"length", "max_tokens", "incomplete"}:
            raise ProviderCutError(f"{self.name} ran out of room for its answer.", remedy=_CAP_REMEDY)
        if reason and reason.lower() not in _WHOLE:
            raise ProviderCutError(f"{self.name} would not finish its answer.", remedy=_CUT_REMEDY)
        if not reason and self._model._llm_type in _TELLING:
            raise ProviderCutError(f"{self.name} stopped midway.", remedy=_CUT_REMEDY)
        if not written:
            raise ProviderCutError(f"{self.name} gave no answer.", remedy=_CUT_REMEDY)

    async def _chunks(
        self,
        bound: Runnable[Any, Any],
        messages: list[tuple[str, str]],
        config: RunnableConfig | None,
        until: float,
    ) -> AsyncGenerator[AIMessageChunk, None]:
        """The pieces as they come, each within the limit on silence and the deadline."""
        silence = self._first_wait(until)
        async with contextlib.AsyncExitStack() as stack:
            chunks = bound.astream(messages, config)
            if isinstance(chunks, AsyncGenerator):
                await stack.enter_async_context(contextlib.aclosing(chunks))
            while True:
                limit = min(until, time.monotonic() + silence)
                try:
                    async with asyncio.timeout(limit - time.monotonic()) as timer:
                        chunk = await anext(chunks)
                except StopAsyncIteration:
                    return
                except TimeoutError:
                    if not timer.expired():
                        raise
                    raise self._late(limit >= until) from None
                yield chunk
                silence = self._settings.idle_timeout

    def _first_wait(self, until: float) -> float:
        """How long to wait for the first piece: half the time left, so that a hung call can be repeated."""
        left = until - time.monotonic()
        return left if self._patient else max(self._settings.idle_timeout, left / 2)

    def _late(self, over: bool) -> ProviderTimeoutError:  # noqa: FBT001 - one of two sentences
        told = "was not done within the deadline" if over else "fell silent"
        remedy = "Try again, or raise ONRECORD_DEADLINE or ONRECORD_IDLE_TIMEOUT."
        return ProviderTimeoutError(f"{self.name} {told}.", remedy=remedy)


_CAP_REMEDY = "Ask for less, or raise ONRECORD_MAX_OUTPUT_TOKENS."
_CUT_REMEDY = "Ask again, or differently."


def _after_text(error: ProviderError, name: str) -> ProviderError:
    if isinstance(error, ProviderCutError | ProviderTimeoutError):
        return error
    return ProviderCutError(f"{name} stopped midway.", remedy=_CUT_REMEDY)


def _finish(chunk: AIMessageChunk) -> str:
    found = (chunk.response_metadata.get(key) for key in _REASONS)
    return next((value for value in found if isinstance(value, str) and value), "")


def _arguments(chunk: AIMessageChunk) -> str:
    return "".join(part["args"] or "" for part in chunk.tool_call_chunks)


def _remote(provider: str, model: str, settings: Settings) -> BaseChatModel:
    options = _options(provider, settings)
    if settings.base_url:
        options["base_url"] = settings.base_url
    if settings.api_key:
        options["api_key"] = settings.api_key.get_secret_value()
    elif settings.base_url and provider == "openai":
        # OPENAI_API_KEY is for OpenAI's own address: another server gets only what was set for it.
        options["api_key"] = _NO_KEY
    else:
        _demand_key(provider)
    if settings.base_url and provider == "openai":
        options["use_responses_api"] = False  # other servers speak chat completions
    return _made(provider, model, options)


def _options(provider: str, settings: Settings) -> dict[str, Any]:
    if provider == "ollama":
        return {"temperature": 0, "num_predict": settings.max_output_tokens}
    options = {"temperature": 0, "max_tokens": settings.max_output_tokens, "max_retries": 0}
    if provider == "openai":  # this package has time-outs of its own, which would come before ours
        return options | {"timeout": settings.deadline, "stream_chunk_timeout": 0, "streaming": True}
    return options


def _demand_key(provider: str) -> None:
    names = key_variables(provider)
    if names and not any(os.environ.get(name) for name in names):
        raise SettingsError(
            f"There is no key for {provider}.", remedy=f"Set {names[0]} (or ONRECORD_API_KEY)."
        )


def _local(path: Path, settings: Settings) -> BaseChatModel:
    if importlib.util.find_spec("langchain_openai") is None:
        raise missing_package("openai")
    import httpx

    server = serve(path, threads=settings.threads, max_output_tokens=settings.max_output_tokens)
    options = _options("openai", settings) | {"base_url": server.base_url, "api_key": server.key}
    # A proxy set for this machine has no business with its loopback.
    clients = {"http_client": httpx.Client(trust_env=False)}
    clients_async = {"http_async_client": httpx.AsyncClient(trust_env=False)}
    return _made("openai", path.name, options | clients | clients_async | {"use_responses_api": False})


def _made(provider: str, model: str, options: Mapping[str, Any]) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    failure: ProviderError
    try:
        made: BaseChatModel = init_chat_model(model, model_provider=provider, **options)
    except ImportError:
        failure = missing_package(provider)
    except Exception as error:  # noqa: BLE001 - packages check their options in ways of their own
        failure = ProviderError(
            f"{provider}:{model} cannot be opened ({type(error).__name__}).",
            remedy="Check ONRECORD_MODEL, ONRECORD_BASE_URL and the provider's key.",
        )
    else:
        return made
    raise failure
