"""Server-sent events: an answer sent while it is being made, and given up when nobody listens any more.

Each event's data is one line of JSON, so no quotation can end an event or begin another.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any, TypeVar

import anyio
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from onrecord.render.json import dumps

HEARTBEAT = 10.0
_PATIENCE = 30.0
_COMMENT = b":\n\n"
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

T = TypeVar("T")


def frame(event: str, value: Any) -> bytes:
    """Write one event."""
    return f"event: {event}\ndata: {dumps(value)}\n\n".encode()


async def unless_gone(receive: Receive, work: Awaitable[T]) -> T:
    """Wait for work, and cancel it when the client closes the connection."""
    done: list[T] = []
    failed: Exception | None = None
    async with anyio.create_task_group() as group:
        group.start_soon(_cancel_when_gone, receive, group.cancel_scope)
        try:
            done.append(await work)
        except Exception as error:  # noqa: BLE001  (a task group would wrap it)
            failed = error
        group.cancel_scope.cancel()
    if failed is not None:
        raise failed
    if not done:
        raise ClientDisconnect
    return done[0]


async def _cancel_when_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


class EventResponse(StreamingResponse):
    """Events as they come, with a comment now and then so that no proxy closes a quiet connection.

    A failure before anything was sent is raised, so that it gets a status of
    its own; a later one becomes the last event. When the client closes the
    connection, or does not read for half a minute, the events' generator is
    cancelled.

    Args:
        events: Frames, made as they are asked for.
        failed: Makes the last frame of a failure.
        heartbeat: Seconds between two comments.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        events: AsyncGenerator[bytes, None],
        *,
        failed: Callable[[Exception], bytes],
        heartbeat: float = HEARTBEAT,
    ) -> None:
        super().__init__(events, headers=_HEADERS)
        self._events = events
        self._failed = failed
        self._heartbeat = heartbeat
        self._begun = False
        self._turn = anyio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send the events (ASGI)."""
        early: Exception | None = None
        async with anyio.create_task_group() as group:
            group.start_soon(_cancel_when_gone, receive, group.cancel_scope)
            group.start_soon(self._beat, send, group.cancel_scope)
            early = await self._relay(send, group.cancel_scope)
            group.cancel_scope.cancel()
        if early is not None:
            raise early

    async def _relay(self, send: Send, scope: anyio.CancelScope) -> Exception | None:
        async with aclosing(self._events) as events:
            try:
                async for each in events:
                    await self._write(send, scope, each)
            except Exception as error:  # noqa: BLE001  (it is sent, or raised where nothing was sent)
                if not self._begun:
                    return error
                await self._write(send, scope, self._failed(error))
        await self._write(send, scope, b"", more=False)
        return None

    async def _beat(self, send: Send, scope: anyio.CancelScope) -> None:
        while True:
            await anyio.sleep(self._heartbeat)
            await self._write(send, scope, _COMMENT)

    async def _write(self, send: Send, scope: anyio.CancelScope, body: bytes, *, more: bool = True) -> None:
        async with self._turn:
            with anyio.move_on_after(_PATIENCE) as patience:
                if not self._begun:
                    self._begun = True
                    start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
                    await send(start)
                await send({"type": "http.response.body", "body": body, "more_body": more})
        if patience.cancelled_caught:
            scope.cancel()
