"""The one event loop on which every call of a chat model runs, and the bridges to it.

Providers keep HTTP clients for the life of the process, and such a client breaks
when two event loops use it. So there is one loop, in a thread of its own that
starts with the first call, and callers with or without a loop cross over to it.
A caller that stops, is interrupted or is cancelled cancels what runs for it.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import queue
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

_AHEAD = 64  # items that may wait for a slow reader before the source is held up
_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


class _End:
    """Marks the end of a stream."""


_END = _End()


def run(coro: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, for a caller without an event loop."""
    if _is_current():
        coro.close()
        raise RuntimeError("run() was called on the loop that it waits for: await instead.")
    future = asyncio.run_coroutine_threadsafe(coro, _started())
    try:
        return future.result()
    finally:
        future.cancel()


async def await_on(coro: Coroutine[Any, Any, T]) -> T:
    """Await a coroutine on the loop of this module, from whichever loop the caller is on."""
    if _is_current():
        return await coro
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coro, _started()))


def iterate(source: Callable[[], AsyncGenerator[T, None]]) -> Iterator[T]:
    """Iterate over an asynchronous generator without an event loop."""
    if _is_current():
        raise RuntimeError("iterate() was called on the loop that it waits for: use the generator itself.")
    items: queue.SimpleQueue[T | _End] = queue.SimpleQueue()
    room = asyncio.Semaphore(_AHEAD)
    future = _pumping(source, room, items.put)
    try:
        while not isinstance(item := items.get(), _End):
            _started().call_soon_threadsafe(room.release)
            yield item
        future.result()
    finally:
        future.cancel()


async def aiterate(source: Callable[[], AsyncGenerator[T, None]]) -> AsyncIterator[T]:
    """Iterate over an asynchronous generator that runs on the loop of this module."""
    if _is_current():
        async with contextlib.aclosing(source()) as direct:
            async for item in direct:
                yield item
        return
    here = asyncio.get_running_loop()
    items: asyncio.Queue[T | _End] = asyncio.Queue()
    room = asyncio.Semaphore(_AHEAD)
    future = _pumping(source, room, lambda item: _hand_over(here, items, item))
    try:
        while not isinstance(found := await items.get(), _End):
            _started().call_soon_threadsafe(room.release)
            yield found
        await asyncio.wrap_future(future)
    finally:
        future.cancel()


def _hand_over(loop: asyncio.AbstractEventLoop, items: asyncio.Queue[T], item: T) -> None:
    with contextlib.suppress(RuntimeError):  # a reader whose loop is closed reads no more
        loop.call_soon_threadsafe(items.put_nowait, item)


def _pumping(
    source: Callable[[], AsyncGenerator[T, None]],
    room: asyncio.Semaphore,
    put: Callable[[T | _End], None],
) -> Future[None]:
    """Move items across, from one task, so that the generator keeps one context for its life."""

    async def pump() -> None:
        async with contextlib.aclosing(source()) as items:
            async for item in items:
                await room.acquire()
                put(item)

    future = asyncio.run_coroutine_threadsafe(pump(), _started())
    future.add_done_callback(lambda _: put(_END))
    return future


def _is_current() -> bool:
    try:
        return asyncio.get_running_loop() is _loop
    except RuntimeError:
        return False


def _started() -> asyncio.AbstractEventLoop:
    global _loop  # noqa: PLW0603 - there is one for the process, by design
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            thread = threading.Thread(target=_loop.run_forever, name="onrecord-models", daemon=True)
            thread.start()
            atexit.register(_stop, _loop, thread)
        return _loop


def _stop(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    if not thread.is_alive():
        return
    asyncio.run_coroutine_threadsafe(_cancel_all(), loop)
    thread.join(timeout=2)
    if not thread.is_alive():
        loop.close()


async def _cancel_all() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.wait(others, timeout=1) if others else None
    asyncio.get_running_loop().stop()


def _forget() -> None:
    """A forked child has the loop but not its thread: it starts its own."""
    global _loop, _lock
    _loop, _lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
