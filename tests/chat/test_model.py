"""A chat model within limits (RELIABILITY rows 12 and 13), against a real HTTP server on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import socket
import sys
import time
import traceback
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel

from onrecord import Settings
from onrecord.chat import event_loop
from onrecord.chat.model import ChatModel
from onrecord.chat.provider_errors import Failure, Unstructured, missing_package, retry_after
from onrecord.errors import (
    ProviderCutError,
    ProviderError,
    ProviderMissingError,
    ProviderTimeoutError,
    SettingsError,
)
from tests.providerstub import Reply, Stub, chunk, serving

ASKED = [("system", "Answer."), ("human", "Why?")]
SCHEMA = {
    "title": "answer",
    "description": "An answer.",
    "type": "object",
    "properties": {"text": {"type": "string"}},
    "required": ["text"],
    "additionalProperties": False,
}
SLACK = 0.6  # seconds that a busy machine may add
KEY = "sk-canary-5f2c9e"
GOOD = Reply(["one ", "two"])


@pytest.fixture(scope="module", autouse=True)
def _loaded():
    """The first call of a process imports parts of the packages, which belongs into no test's deadline."""
    with serving(GOOD) as stub:
        told(opened(stub.url, deadline=60, idle_timeout=60))


def opened(url: str, *, jitter: float = 0.0, **values) -> ChatModel:
    given = {"model": "openai:stub", "base_url": url, "api_key": KEY, "deadline": 1.0, "idle_timeout": 0.2}
    return ChatModel.open(Settings.load(**(given | values)), jitter=lambda: jitter)


def told(model: ChatModel, *, schema: dict | None = None, **limits) -> list[str]:
    return list(event_loop.iterate(lambda: model.stream(ASKED, schema=schema, **limits)))


def failing(stub: Stub, kind: type[ProviderError], *, calls: int, schema: dict | None = None, **values):
    model = opened(stub.url, **values)
    began = time.monotonic()
    with pytest.raises(ProviderError) as caught:
        told(model, schema=schema)
    assert time.monotonic() - began <= values.get("deadline", 1.0) + SLACK
    assert type(caught.value) is kind, repr(caught.value)
    assert len(stub.requests) == calls
    assert caught.value.remedy
    return caught.value


def test_text_comes_piece_by_piece():
    with serving(GOOD) as stub:
        assert told(opened(stub.url)) == ["one ", "two"]
    (request,) = stub.requests
    assert request["stream"] is True
    assert request["temperature"] == 0
    assert request["max_completion_tokens"] == 1000
    assert [each["role"] for each in request["messages"]] == ["system", "user"]
    assert stub.keys == [f"Bearer {KEY}"]


def test_the_whole_text():
    with serving(GOOD) as stub:
        assert event_loop.run(opened(stub.url).complete(ASKED)) == "one two"


def test_json_is_asked_for_by_schema():
    text = json.dumps({"text": "yes"})
    with serving(Reply([text[:5], text[5:]])) as stub:
        assert "".join(told(opened(stub.url), schema=SCHEMA)) == text
    form = stub.requests[0]["response_format"]
    assert form["type"] == "json_schema"
    assert form["json_schema"]["schema"]["required"] == ["text"]
    assert form["json_schema"]["strict"] is True


@pytest.mark.parametrize("schema", [None, SCHEMA], ids=["plain", "schema"])
class TestRow12:
    def test_refused(self, schema):
        with socket.create_server(("127.0.0.1", 0)) as server:
            url = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        with pytest.raises(ProviderError) as caught:
            told(opened(url), schema=schema)
        assert type(caught.value) is ProviderError
        assert caught.value.retryable

    def test_silence_before_the_first_text_is_tried_again(self, schema):
        with serving(Reply(hang=5)) as stub:
            failing(stub, ProviderTimeoutError, calls=3, schema=schema, deadline=0.9, idle_timeout=0.1)

    @pytest.mark.parametrize("retries", [0, 1, 2])
    @pytest.mark.parametrize("status", [429, 500, 503, 529])
    def test_overload_is_tried_again(self, schema, status, retries):
        with serving(Reply(status=status, body={"error": {"message": "busy"}})) as stub:
            error = failing(
                stub,
                ProviderError,
                calls=retries + 1,
                schema=schema,
                retries=retries,
                deadline=5,
                idle_timeout=2,
            )
        assert error.retryable

    def test_a_retry_can_succeed(self, schema):
        with serving(Reply(status=503, body={}), GOOD) as stub:
            assert told(opened(stub.url), schema=schema) == ["one ", "two"]
        assert len(stub.requests) == 2

    def test_waiting_as_asked(self, schema):
        with serving(Reply(status=429, headers={"Retry-After": "0.3"}, body={}), GOOD) as stub:
            began = time.monotonic()
            assert told(opened(stub.url, deadline=3), schema=schema) == ["one ", "two"]
        assert time.monotonic() - began >= 0.3

    def test_a_wait_past_the_deadline_is_not_begun(self, schema):
        with serving(Reply(status=429, headers={"Retry-After": "30"}, body={})) as stub:
            began = time.monotonic()
            error = failing(stub, ProviderError, calls=1, schema=schema, deadline=20)
        assert time.monotonic() - began < 2
        assert "30 s" in error.remedy

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
    def test_what_will_not_change_is_not_tried_again(self, schema, status):
        with serving(Reply(status=status, body={"error": {"message": "no"}})) as stub:
            error = failing(stub, ProviderError, calls=1, schema=schema)
        assert not error.retryable
        assert str(status) in str(error)

    def test_silence_after_text(self, schema):
        with serving(Reply(["one"], hang=5)) as stub:
            failing(stub, ProviderTimeoutError, calls=1, schema=schema)

    @pytest.mark.parametrize("cut", [True, False], ids=["dropped", "ended without a finish"])
    def test_cut_after_text(self, schema, cut):
        with serving(Reply(["one"], cut=cut, finish=None)) as stub:
            failing(stub, ProviderCutError, calls=1, schema=schema)

    def test_dripping_past_the_deadline(self, schema):
        with serving(Reply(["."], pause=0.1, endless=True)) as stub:
            failing(stub, ProviderTimeoutError, calls=1, schema=schema, deadline=0.5)

    def test_endless_text(self, schema):
        with serving(Reply(["word " * 20], endless=True)) as stub:
            failing(stub, ProviderCutError, calls=1, schema=schema, max_output_tokens=50, deadline=5)

    def test_five_megabytes_at_once(self, schema):
        with serving(Reply(["x" * 5_000_000])) as stub:
            failing(stub, ProviderCutError, calls=1, schema=schema, deadline=5)

    @pytest.mark.parametrize("reason", ["length", "content_filter", "something new"])
    def test_an_unusual_finish(self, schema, reason):
        with serving(Reply(["one"], finish=reason)) as stub:
            failing(stub, ProviderCutError, calls=1, schema=schema)

    def test_refusal(self, schema):
        with serving(Reply([chunk({"refusal": "I cannot help with that."})])) as stub:
            failing(stub, ProviderCutError, calls=1, schema=schema)

    @pytest.mark.parametrize("junk", [b"data: {not json\n\n", b"data: []\n\n", b'data: {"choices": 7}\n\n'])
    def test_garbage(self, schema, junk):
        with serving(Reply([junk])) as stub:
            failing(stub, ProviderCutError, calls=1, schema=schema)

    def test_an_error_in_the_middle_of_the_text(self, schema):
        event = b'data: {"error": {"message": "boom", "code": 500}}\n\n'
        with serving(Reply(["one", event])) as stub:
            failing(stub, ProviderCutError, calls=1, schema=schema)


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("word", ["response_format is not supported", "this model has no tools"])
def test_a_refused_schema_is_remembered(status, word):
    with serving(Reply(status=status, body={"error": {"message": word}}), GOOD) as stub:
        model = opened(stub.url)
        for _ in range(2):
            with pytest.raises(Unstructured):
                told(model, schema=SCHEMA)
        assert len(stub.requests) == 1
        assert not model.structured
        assert told(model) == ["one ", "two"]


def test_a_refused_temperature_is_left_out():
    refusal = Reply(status=400, body={"error": {"message": "Unsupported value: 'temperature'"}})
    with serving(refusal, GOOD) as stub:
        model = opened(stub.url, retries=0)
        assert told(model) == told(model) == ["one ", "two"]
    assert ["temperature" in each for each in stub.requests] == [True, False, False]


def test_a_model_without_schemas():
    model = ChatModel.of(FakeListChatModel(responses=["abc"]), settings=Settings.load(), name="fake")
    with pytest.raises(Unstructured):
        told(model, schema=SCHEMA)
    assert "".join(told(model)) == "abc"


def test_one_deadline_for_several_calls():
    with serving(Reply(["."], pause=0.05, endless=True)) as stub:
        began = time.monotonic()
        with pytest.raises(ProviderTimeoutError):
            told(opened(stub.url, deadline=30), deadline=began + 0.3)
    assert time.monotonic() - began < 0.3 + SLACK


def test_waits_grow_and_are_spread():
    model = opened("http://127.0.0.1:9/v1", jitter=0.1, deadline=30)
    again = Failure(ProviderError("busy"), retry=True)
    for retries, expected in [(0, 0.05), (1, 0.1)]:
        began = time.monotonic()
        event_loop.run(model._pause(again, retries, began + 30))
        assert expected <= time.monotonic() - began < expected + SLACK


# Row 13: the stub sends back the key and the prompt; neither may be seen anywhere.


def _everything(error: BaseException) -> str:
    seen, parts = set(), []
    todo: list[BaseException | None] = [error]
    while todo:
        each = todo.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        parts += [str(each), repr(each), repr(each.args), repr(getattr(each, "__dict__", ""))]
        todo += [each.__cause__, each.__context__]
    return "\n".join([*parts, *traceback.format_exception(error)])


@pytest.mark.parametrize("schema", [None, SCHEMA], ids=["plain", "schema"])
@pytest.mark.parametrize(
    "reply",
    [Reply(status=status, body={"error": {"message": f"bad {KEY}", "param": KEY, "code": KEY}})
     for status in (400, 401, 403, 404, 422, 429, 500)]
    + [Reply([f"data: {junk}\n\n".encode()]) for junk in (KEY, json.dumps({"error": {"message": KEY}}))],
    ids=lambda reply: str(reply.status),
)  # fmt: skip
def test_row_13_an_echoed_key_is_nowhere(reply, schema, caplog):
    caplog.set_level(logging.DEBUG, logger="onrecord")
    with serving(reply) as stub, pytest.raises(ProviderError) as caught:
        told(opened(stub.url, retries=0), schema=schema)
    assert stub.keys == [f"Bearer {KEY}"]
    assert KEY not in _everything(caught.value)
    assert not [r for r in caplog.records if r.name.startswith("onrecord") and KEY in r.getMessage()]


def test_row_13_the_model_does_not_show_its_key():
    model = opened("http://127.0.0.1:9/v1")
    assert KEY not in repr(model) + str(vars(model))


# Opening


def test_a_missing_key_is_told_when_the_model_is_opened(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(SettingsError, match="OPENAI_API_KEY"):
        ChatModel.open(Settings.load(model="openai:gpt-5-mini"))


def test_the_providers_own_variable_is_read(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert ChatModel.open(Settings.load(model="openai:gpt-5-mini")).name == "openai:gpt-5-mini"


def test_the_providers_own_key_stays_with_the_provider(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-openai")
    with serving(GOOD) as stub:
        told(ChatModel.open(Settings.load(model="openai:stub", base_url=stub.url)))
    assert "sk-of-openai" not in stub.keys[0]


@pytest.mark.parametrize("model", ["anthropic:claude-sonnet-4-5", "ollama:llama3"])
def test_other_providers_open(model):
    pytest.importorskip(f"langchain_{model.partition(':')[0]}")
    assert ChatModel.open(Settings.load(model=model, api_key=KEY)).name == model


def test_a_missing_package_is_told_with_its_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "langchain_groq", None)
    with pytest.raises(ProviderMissingError, match="langchain-groq") as caught:
        ChatModel.open(Settings.load(model="groq:x", api_key=KEY))
    assert sys.executable in caught.value.remedy


def test_an_unknown_provider():
    with pytest.raises(ProviderError, match="nosuch"):
        ChatModel.open(Settings.load(model="nosuch:x", api_key=KEY))


def test_install_commands_have_the_ranges_of_the_extras(root):
    extras = (root / "pyproject.toml").read_text(encoding="utf-8")
    for provider in ("openai", "anthropic", "ollama", "gguf"):
        requirement = missing_package(provider).remedy.split('"')[1]
        assert f'"{requirement}"' in extras


def test_retry_after_as_a_date():
    now = datetime(2026, 1, 1, tzinfo=UTC)

    class Response:
        def __init__(self, value):
            self.headers = {"retry-after": value}

    def asked(value):
        error = RuntimeError()
        error.response = Response(value)
        return retry_after(error, now=now)

    assert asked(format_datetime(now + timedelta(seconds=7), usegmt=True)) == 7
    assert asked(format_datetime(now - timedelta(seconds=7), usegmt=True)) == 0
    assert asked("2.5") == 2.5
    assert asked("soon") is asked("") is asked("inf") is None


# The loop


def _left() -> int:
    async def count() -> int:
        await asyncio.sleep(0.05)
        gc.collect()
        return len(asyncio.all_tasks()) - 1

    return event_loop.run(count())


class Source:
    """Counts for ever, and says whether it was closed."""

    def __init__(self):
        self.made, self.closed = 0, False

    async def numbers(self) -> AsyncGenerator[int, None]:
        try:
            while True:
                yield self.made
                self.made += 1
                await asyncio.sleep(0)
        finally:
            self.closed = True


def test_closing_the_iterator_stops_its_source():
    source = Source()
    numbers = event_loop.iterate(source.numbers)
    assert [next(numbers) for _ in range(3)] == [0, 1, 2]
    numbers.close()
    assert _left() == 0
    assert source.closed


def test_abandoning_the_iterator_stops_its_source():
    source = Source()
    numbers = event_loop.iterate(source.numbers)
    next(numbers)
    del numbers
    gc.collect()
    assert _left() == 0
    assert source.closed


def test_a_slow_reader_holds_its_source_up():
    source = Source()
    numbers = event_loop.iterate(source.numbers)
    next(numbers)
    time.sleep(0.1)
    assert source.made < 200
    numbers.close()


def test_reading_from_another_loop():
    source = Source()

    async def read() -> list[int]:
        async with contextlib.aclosing(event_loop.aiterate(source.numbers)) as numbers:
            return [await anext(numbers) for _ in range(3)]

    assert asyncio.run(read()) == [0, 1, 2]
    assert _left() == 0
    assert source.closed


def test_cancelling_a_reader_cancels_its_call():
    stopped = []

    async def forever() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            stopped.append(True)

    async def impatient() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(event_loop.await_on(forever()), 0.05)

    asyncio.run(impatient())
    assert _left() == 0
    assert stopped


def test_waiting_for_the_loop_on_the_loop_is_refused():
    async def inner() -> None:
        event_loop.run(asyncio.sleep(0))

    with pytest.raises(RuntimeError, match="await instead"):
        event_loop.run(inner())


def test_a_stopped_reader_closes_the_connection():
    with serving(Reply(["one"], hang=10)) as stub:
        deltas = event_loop.iterate(lambda: opened(stub.url, deadline=20, idle_timeout=20).stream(ASKED))
        assert next(deltas) == "one"
        deltas.close()
        end = time.monotonic() + 3
        while not stub.dropped and time.monotonic() < end:
            time.sleep(0.02)
        assert stub.dropped == 1
    assert _left() == 0


def test_several_loops_can_ask_one_model():
    with serving(GOOD) as stub:
        model = opened(stub.url)
        assert [asyncio.run(model.complete(ASKED)) for _ in range(2)] == ["one two"] * 2
        assert "".join(told(model)) == "one two"
