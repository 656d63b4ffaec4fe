"""A chat model that says what it was told to: a queue of replies, and a history of what it was asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from pydantic import Field


class Scripted(BaseChatModel):
    """Takes its replies in turn, the last one again and again; one may be a function of the prompt."""

    replies: list[Any]
    asked: list[list[BaseMessage]] = Field(default_factory=list)
    structured: bool = True

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _reply(self, messages: list[BaseMessage]) -> str:
        self.asked.append(messages)
        reply = self.replies[min(len(self.asked), len(self.replies)) - 1]
        reply = reply(messages) if callable(reply) else reply
        if isinstance(reply, BaseException):
            raise reply
        return reply

    def _generate(self, messages, stop=None, run_manager=None, **kwargs) -> ChatResult:
        message = AIMessage(self._reply(messages), response_metadata={"finish_reason": "stop"})
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(self, messages, stop=None, run_manager=None, **kwargs) -> Iterator[ChatGenerationChunk]:
        text = self._reply(messages)
        for at in range(0, len(text), 7):
            yield ChatGenerationChunk(message=AIMessageChunk(text[at : at + 7]))
        last = AIMessageChunk("", response_metadata={"finish_reason": "stop"})
        yield ChatGenerationChunk(message=last)

    def with_structured_output(self, schema, *, include_raw=False, **kwargs) -> Runnable:
        if not self.structured:
            raise NotImplementedError
        from langchain_core.output_parsers import JsonOutputParser
        from langchain_core.runnables import RunnablePassthrough

        if include_raw:
            return {"raw": self} | RunnablePassthrough.assign(parsed=lambda _: None)
        return self | JsonOutputParser()


def claims(*pairs: tuple[list[int], str], answerable: bool = True) -> str:
    """Write claims as a model that keeps to the schema does."""
    listed = [{"ids": ids, "claim": text} for ids, text in pairs]
    return json.dumps({"answerable": answerable, "claims": listed})


def number_of(messages: list[BaseMessage], words: str) -> int:
    """Find the number of the sentence that holds some words, in what the model was shown."""
    line = next(line for line in str(messages[-1].content).split("\n") if words in line and line[:1] == "[")
    return int(line[1 : line.index("]")])
