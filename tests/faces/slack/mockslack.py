"""Slack's Web API, its webhooks and its Socket Mode on loopback: real HTTP, every call recorded.

What Slack would refuse is refused here: texts that are too long, blocks that are none. What is to go
wrong is scripted, one answer a call.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.faces.slack import blockkit

__all__ = ["Call", "Down", "MockSlack", "mock_slack"]

TOKEN = "xoxb-canary-5f0c2e9d7b"


@dataclass(frozen=True)
class Call:
    """One call, as it came."""

    method: str
    fields: dict[str, Any]
    at: float
    token: str
    answered: dict[str, Any]
    status: int = 200


@dataclass
class Down:
    """What the next call of a method gets instead.

    Attributes:
        status: Of HTTP.
        error: Slack's word; None is success.
        headers: To send.
        heard: Whether the call does what it says all the same (its answer is lost).
        pause: Seconds between the call and its answer.
        text: A body that is not JSON.
    """

    status: int = 200
    error: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    heard: bool = False
    pause: float = 0.0
    text: str | None = None


class MockSlack:
    """The server, what it was asked, and what it is to answer."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.script: dict[str, deque[Down]] = defaultdict(deque)
        self.always: dict[str, Down] = {}
        self.threads: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        self.sent: deque[dict[str, Any]] = deque()
        self.acknowledged: list[dict[str, Any]] = []
        self.connected = threading.Event()
        self.url = ""
        self._changed = threading.Condition()
        self._number = 0

    # --- what tests ask

    @property
    def api(self) -> str:
        return f"{self.url}/api/"

    def of(self, method: str) -> list[Call]:
        with self._changed:
            return [call for call in self.calls if call.method == method]

    def messages(self, channel: str | None = None) -> list[dict[str, Any]]:
        """Messages that were posted and taken."""
        found = [call for call in self.of("chat.postMessage") if call.answered.get("ok")]
        return [call.fields for call in found if channel in (None, call.fields["channel"])]

    def wait(self, what, seconds: float = 20.0) -> Any:
        """Wait until something is so."""
        end = time.monotonic() + seconds
        with self._changed:
            while not (found := what()):
                left = end - time.monotonic()
                if left <= 0:
                    named = [(call.method, call.answered) for call in self.calls[-10:]]
                    raise AssertionError(f"it did not come; the last calls were {named}")
                self._changed.wait(min(left, 0.1))
            return found

    def wait_for(self, method: str, count: int = 1, seconds: float = 20.0) -> list[Call]:
        """Wait for so many calls of a method that were taken."""

        def taken() -> list[Call] | None:
            found = [call for call in self.calls if call.method == method and call.status == 200]
            good = [call for call in found if call.answered.get("ok", True)]
            return good if len(good) >= count else None

        return self.wait(taken, seconds)

    def say(self, channel: str, thread: str, text: str, *, ts: str, user: str = "U7") -> None:
        """Put a message of a person into a thread."""
        self.threads[channel, thread].append({"type": "message", "user": user, "text": text, "ts": ts})

    # --- what it does

    def _take(self, method: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Do what a call says."""
        if method == "auth.test":
            return {"ok": True, "user": "onrecord", "team": "Newsroom", "user_id": "UBOT", "bot_id": "BBOT"}
        if method == "apps.connections.open":
            return {"ok": True, "url": f"{self.url.replace('http', 'ws')}/socket?ticket=secret-ticket"}
        if method == "conversations.replies":
            return {"ok": True, "messages": self._replies(fields)}
        if method == "views.publish":
            found = list(blockkit.faults({"text": "-", **fields["view"]}, blocks=100, whole=100_000))
            return {"ok": not found, **({"error": found[0]} if found else {})}
        if method in ("chat.postMessage", "chat.postEphemeral"):
            return self._post(method, fields)
        return {"ok": True}

    def _replies(self, fields: dict[str, Any]) -> list[dict[str, Any]]:
        first, last = float(fields.get("oldest", 0)), float(fields.get("latest", "inf"))
        found = self.threads[fields["channel"], fields["ts"]]
        within = [each for each in found if first < float(each["ts"]) < last or each["ts"] == fields["ts"]]
        return within[: int(fields["limit"])]

    def _post(self, method: str, fields: dict[str, Any]) -> dict[str, Any]:
        found = list(blockkit.faults(fields))
        if found:
            return {"ok": False, "error": found[0]}
        self._number += 1
        ts = f"1800000000.{self._number:06}"
        channel = fields["channel"] if fields["channel"][0] in "CDG" else f"D{fields['channel']}"
        if method == "chat.postMessage":
            said = {"type": "message", "bot_id": "BBOT", "user": "UBOT", "ts": ts, "text": fields["text"]}
            kept = {**said, "metadata": fields.get("metadata", {})}
            self.threads[channel, fields.get("thread_ts", ts)].append(kept)
        return {"ok": True, "channel": channel, "ts": ts}

    async def answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        fields = await _fields(request)
        scripted = self._scripted(method)
        with self._changed:
            if scripted is None or scripted.heard:
                answered = self._take(method, fields)
            else:
                answered = {"ok": False, "error": scripted.error or "none"}
            status = scripted.status if scripted else 200
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            self.calls.append(Call(method, fields, time.monotonic(), token, answered, status))
            self._changed.notify_all()
        if scripted is not None and scripted.pause:
            await asyncio.sleep(scripted.pause)
        if scripted is not None and scripted.text is not None:
            return web.Response(text=scripted.text, status=status, content_type="text/html")
        headers = scripted.headers if scripted else {}
        return web.json_response(answered, status=status, headers=headers)

    async def hook(self, request: web.Request) -> web.Response:
        """An incoming webhook, or a ``response_url``."""
        body = await request.text()
        fields = json.loads(body)
        scripted = self._scripted("hook")
        found = next(blockkit.faults(fields), None)
        error = scripted.error if scripted else found
        status = scripted.status if scripted else (400 if found else 200)
        with self._changed:
            path = {"path": request.path, **fields}
            self.calls.append(Call("hook", path, time.monotonic(), "", {"ok": status == 200}, status))
            self._changed.notify_all()
        headers = scripted.headers if scripted else {}
        return web.Response(text=error or "ok", status=status, headers=headers)

    def _scripted(self, method: str) -> Down | None:
        if self.script[method]:
            return self.script[method].popleft()
        return self.always.get(method) or (self.always.get("*") if method != "auth.test" else None)

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        channel = web.WebSocketResponse(autoping=True)
        await channel.prepare(request)
        await channel.send_str(json.dumps({"type": "hello"}))
        self.connected.set()
        reader = asyncio.create_task(self._acknowledgements(channel))
        with suppress(ConnectionError):
            while not channel.closed:
                while self.sent:
                    await channel.send_str(json.dumps(self.sent.popleft()))
                await asyncio.sleep(0.02)
        reader.cancel()
        return channel

    async def _acknowledgements(self, channel: web.WebSocketResponse) -> None:
        async for message in channel:
            if message.type == WSMsgType.TEXT:
                with self._changed:
                    self.acknowledged.append(json.loads(message.data))
                    self._changed.notify_all()


async def _fields(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        return dict(json.loads(await request.text() or "{}"))  # a call without arguments has no body
    return {**request.query, **dict(await request.post())}


@contextmanager
def mock_slack() -> Iterator[MockSlack]:
    """Run it for the length of a ``with``."""
    mock = MockSlack()
    loop = asyncio.new_event_loop()
    started = threading.Event()
    runner: web.AppRunner

    async def start() -> None:
        nonlocal runner
        app = web.Application()
        app.router.add_route("*", "/api/{method}", mock.answer)
        app.router.add_post("/hooks/{rest:.*}", mock.hook)
        app.router.add_get("/socket", mock.socket)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        mock.url = f"http://127.0.0.1:{runner.addresses[0][1]}"

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(start())
        loop.call_soon(started.set)
        loop.run_forever()
        for task in asyncio.all_tasks(loop):  # what is still to be answered, nobody waits for
            task.cancel()
        loop.run_until_complete(runner.cleanup())
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield mock
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
