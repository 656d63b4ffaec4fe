"""Takes in what came from Slack: once, written down before it is acknowledged, and no more than can wait."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from enum import StrEnum
from functools import partial
from typing import TypeVar

from onrecord.errors import SlackError
from onrecord.faces.slack.inbox import Inbox
from onrecord.faces.slack.jobs import Job, JobKind

_LOG = logging.getLogger("onrecord.slack")
_REMEMBERED = 10_000
_NOTICES = 20
_EVERY = 20.0
_MINOR = frozenset({JobKind.HOME, JobKind.PROMPTS})

T = TypeVar("T")


class Taken(StrEnum):
    """What became of something that came in."""

    NEW = "new"
    KNOWN = "known"
    BUSY = "busy"


class Intake:
    """A bounded queue, and what was in it before.

    Args:
        inbox: Where all that comes in is written down.
        do: Does a job; raises nothing.
        busy: Tells a person that too much waits already.
        size: Jobs that may wait.
        workers: Jobs that are attended to at once.
        now: Seconds since 1970.

    Attributes:
        most: Jobs that waited at once, at most.
        refused: How many were told to come back.
    """

    def __init__(
        self,
        inbox: Inbox,
        *,
        do: Callable[[Job], Awaitable[None]],
        busy: Callable[[Job], Awaitable[None]],
        size: int,
        workers: int,
        now: Callable[[], float],
    ) -> None:
        self._inbox = inbox
        self._do = do
        self._busy = busy
        self._queue: asyncio.Queue[Job] = asyncio.Queue(size)
        self._workers = workers
        self._now = now
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._notices: set[asyncio.Task[None]] = set()
        self._writer = ThreadPoolExecutor(1, "onrecord-slack")
        self.most = 0
        self.refused = 0

    async def start(self) -> None:
        """Begin to work; first on what was left unfinished."""
        self._tasks |= {asyncio.create_task(self._work()) for _ in range(self._workers)}
        self._tasks.add(asyncio.create_task(self._keep()))

    async def stop(self) -> None:
        """Stop; what is unfinished stays written down, for the next start."""
        tasks = [*self._tasks, *self._notices]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(self._writer.shutdown)
        self._inbox.close()

    async def take(self, job: Job) -> Taken:
        """Take a job in, unless it is known already or too much waits."""
        if self._is_known(job):
            return Taken.KNOWN
        job = replace(job, at=self._now())
        if not await self._is_new(job):
            return Taken.KNOWN
        try:
            self._queue.put_nowait(job)
        except asyncio.QueueFull:
            self.refused += 1
            self._turn_away(job)
            return Taken.BUSY
        self.most = max(self.most, self._queue.qsize())
        return Taken.NEW

    def _is_known(self, job: Job) -> bool:
        names = {job.key, f"event:{job.event}"} if job.event else {job.key}
        known = not names.isdisjoint(self._seen)
        self._seen.update(dict.fromkeys(names))
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return known

    async def _is_new(self, job: Job) -> bool:
        """Write it down; where that fails it is new as far as this process knows."""
        try:
            return await self._written(partial(self._inbox.accept, job.key, job.to_json(), event=job.event))
        except SlackError as error:
            _LOG.warning("%s Messages that come twice are only recognised until the next start.", error)
            return True

    async def _written(self, write: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writer, write)

    def _turn_away(self, job: Job) -> None:
        """Tell the person, beside the queue; too many to tell are only counted."""
        _LOG.info("busy: %s jobs wait", self._queue.qsize())
        told = job.kind not in _MINOR and len(self._notices) < _NOTICES
        task = asyncio.create_task(self._told(job) if told else self._finished(job))
        self._notices.add(task)
        task.add_done_callback(self._notices.discard)

    async def _told(self, job: Job) -> None:
        await self._finished(job)
        try:
            await self._busy(job)
        except SlackError as error:
            _LOG.info("could not say busy: %s", error.code)

    async def _finished(self, job: Job) -> None:
        try:
            await self._written(partial(self._inbox.finish, job.key, "busy"))
        except SlackError as error:
            _LOG.warning("%s", error)

    async def _work(self) -> None:
        while True:
            job = await self._queue.get()
            try:
                await self._do(job)
            except Exception as error:  # noqa: BLE001  (a worker that ends would be missed by nobody)
                _LOG.error("a job failed by %s", type(error).__name__)

    async def _keep(self) -> None:
        """Take up what others left, and say every now and then that this process is alive."""
        while True:
            try:
                await self._written(self._inbox.renew)
                left, late = await self._written(self._inbox.take_up)
            except SlackError as error:
                _LOG.warning("%s", error)
                left, late = [], 0
            if late:
                _LOG.warning("%s left unanswered by an earlier process came too long ago", late)
            for entry in left:
                try:
                    job = replace(Job.from_json(entry.job), again=True, posting=entry.posting)
                except (ValueError, TypeError, KeyError):  # another version's, which this one cannot do
                    _LOG.warning("something that another version left cannot be read, and is left out")
                    continue
                self._is_known(job)
                await self._queue.put(job)
            await asyncio.sleep(_EVERY)
