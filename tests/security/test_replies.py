"""Replies that nobody fetches are dropped, by time and by size, and what makes them is given up."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import gradio as gr
import pytest
from gradio.queueing import Queue
from gradio.server_messages import ProcessCompletedMessage, ProcessGeneratingMessage

from onrecord.faces.page.replies import Replies

# Gradio's own queue, as the page's is.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def made(**limits) -> tuple[Queue, Replies]:
    queue = Queue(
        live_updates=False,
        concurrency_count=1,
        update_intervals=1,
        max_size=None,
        blocks=gr.Blocks(analytics_enabled=False),
        default_concurrency_limit=1,
    )
    return queue, Replies(queue, {}, **limits)


def joined(queue: Queue, session: str) -> SimpleNamespace:
    queue.pending_messages_per_session[session] = asyncio.Queue()
    event = SimpleNamespace(session_hash=session, alive=True, _id=f"event of {session}")
    queue.pending_event_ids_session[session] = {event._id}
    queue.active_jobs = [*queue.active_jobs, [event]]
    return event


def generated(size: int) -> ProcessGeneratingMessage:
    return ProcessGeneratingMessage(output={"data": ["x" * (size // 2)]}, success=True)


def test_replies_that_nobody_fetches_are_dropped_after_a_while():
    async def run() -> None:
        queue, replies = made(seconds=0.1)
        event = joined(queue, "s")
        queue.send_message(event, generated(10_000))
        assert replies.holds("s")
        assert replies.waiting >= 10_000
        assert replies.awaits("s", event._id)
        await asyncio.sleep(0.3)
        assert not replies.holds("s")
        assert not replies.awaits("s", event._id)
        assert replies.waiting == 0
        assert not event.alive  # so what makes them stops
        event.alive = True
        queue.send_message(event, generated(10_000))
        assert replies.waiting == 0

    asyncio.run(run())


def test_replies_wait_as_long_as_somebody_listens():
    async def run() -> None:
        queue, replies = made(seconds=0.1)
        event = joined(queue, "s")
        queue.send_message(event, generated(100))
        with replies.listening("s"):
            await asyncio.sleep(0.3)
            queue.send_message(event, ProcessCompletedMessage(output={"data": ["done"]}, success=True))
            got = [await queue.pending_messages_per_session["s"].get() for _ in range(2)]
            assert got[-1].output == {"data": ["done"]}
        await asyncio.sleep(0.05)
        assert replies.holds("s")
        await asyncio.sleep(0.2)
        assert not replies.holds("s")

    asyncio.run(run())


def test_one_session_may_not_hold_more_than_its_share():
    async def run() -> None:
        queue, replies = made(session_bytes=100_000)
        event, other = joined(queue, "s"), joined(queue, "t")
        queue.send_message(other, generated(10))
        with replies.listening("s"):
            for _ in range(3):
                queue.send_message(event, generated(40_000))
        assert not replies.holds("s")
        assert replies.holds("t")

    asyncio.run(run())


def test_what_was_fetched_counts_no_more():
    async def run() -> None:
        queue, replies = made(session_bytes=100_000)
        event = joined(queue, "s")
        with replies.listening("s"):
            for _ in range(10):
                queue.send_message(event, generated(40_000))
                await queue.pending_messages_per_session["s"].get()
        assert replies.holds("s")
        assert replies.waiting < 90_000

    asyncio.run(run())


def test_what_a_page_showed_is_forgotten_with_its_session():
    async def run() -> None:
        queue, _ = made()
        states = {"s": "all that it was sent and given", "t": "another's"}
        replies = Replies(queue, states)
        joined(queue, "s")
        replies.drop("s")
        await asyncio.sleep(0.05)
        assert states == {"t": "another's"}

    asyncio.run(run())


def test_whoever_makes_much_wait_loses_it_before_those_who_listen():
    async def run() -> None:
        queue, replies = made(all_bytes=100_000)
        reader, hoarder = joined(queue, "reader"), joined(queue, "hoarder")
        with replies.listening("reader"):
            queue.send_message(reader, generated(1_000))
            for _ in range(4):
                queue.send_message(hoarder, generated(30_000))
            assert replies.holds("reader")
            assert not replies.holds("hoarder")

    asyncio.run(run())


def test_all_sessions_together_hold_no_more_than_is_set():
    async def run() -> None:
        queue, replies = made(all_bytes=500_000)
        for number in range(40):
            queue.send_message(joined(queue, f"s{number}"), generated(50_000))
        assert replies.waiting <= 500_000
        assert replies.holds("s39")
        assert not replies.holds("s0")
        assert len(queue.pending_messages_per_session) <= 10

    asyncio.run(run())
