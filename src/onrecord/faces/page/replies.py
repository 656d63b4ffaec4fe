"""Replies that wait for a browser to fetch them: dropped when none comes, and when they grow too large.

Gradio keeps whatever a session's functions give until somebody reads it, for
two thousand sessions. A browser fetches a reply while it is made, so one that
waits belongs to a page that is gone, or to somebody who never meant to read.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

_SECONDS = 30.0
_SESSION_BYTES = 16_000_000
_ALL_BYTES = 64_000_000


@dataclass(slots=True)
class _Waiting:
    """What waits for one session: the size of each reply, oldest first, and since when nobody listens."""

    sizes: deque[int] = field(default_factory=deque)
    alone: asyncio.TimerHandle | None = None

    def stay(self) -> None:
        """Wait on, however long."""
        if self.alone is not None:
            self.alone.cancel()
            self.alone = None


class Replies:
    """Watches over the replies of a page's queue.

    Args:
        queue: Gradio's, of the page.
        states: By session, what else Gradio keeps of it: all that it was sent, and all that it was given.
        seconds: So long replies wait for somebody who listens.
        session_bytes: More than this may not wait for one session.
        all_bytes: Nor more than this for all of them; what most waits for, and nobody listens to, goes first.
    """

    def __init__(
        self,
        queue: Any,
        states: MutableMapping[str, Any],
        *,
        seconds: float = _SECONDS,
        session_bytes: int = _SESSION_BYTES,
        all_bytes: int = _ALL_BYTES,
    ) -> None:
        self._queue = queue
        self._states = states
        self._seconds = seconds
        self._session_bytes = session_bytes
        self._all_bytes = all_bytes
        self._listening: Counter[str] = Counter()
        self._waiting: dict[str, _Waiting] = {}
        self._total = 0
        self._cleaning: set[asyncio.Task[None]] = set()
        self._hand_on = queue.send_message
        queue.send_message = self._sent

    @property
    def waiting(self) -> int:
        """How many bytes wait to be fetched, at most."""
        return self._total

    @contextmanager
    def listening(self, session: str) -> Iterator[None]:
        """Note that a browser listens to a session, as long as the block lasts.

        Args:
            session: Its name.

        Yields:
            Nothing.
        """
        self._listening[session] += 1
        waits = self._waiting.get(session)
        if waits is not None:
            waits.stay()
        try:
            yield
        finally:
            self._listening[session] -= 1
            if self._listening[session] <= 0:
                del self._listening[session]
                self._left(session)

    def awaits(self, session: str, event: str) -> bool:
        """Say whether an event of that session has yet to be answered."""
        return event in self._queue.pending_event_ids_session.get(session, ())

    def holds(self, session: str) -> bool:
        """Say whether there is such a session."""
        return session in self._queue.pending_messages_per_session

    def _sent(self, event: Any, message: Any) -> None:
        """Keep a reply for its session, unless that was dropped."""
        session = event.session_hash
        messages = self._queue.pending_messages_per_session.get(session)
        if messages is None:
            return
        self._hand_on(event, message)
        waits = self._waiting.setdefault(session, _Waiting())
        self._settle(session, messages.qsize() - 1)
        if not waits.sizes and session not in self._listening:
            self._left(session)
        waits.sizes.append(_size(getattr(message, "output", None)))
        self._total += waits.sizes[-1]
        if sum(waits.sizes) > self._session_bytes:
            self.drop(session)
        while self._total > self._all_bytes:
            self.drop(max(self._waiting, key=self._burden))

    def _settle(self, session: str, waiting: int) -> None:
        """Count no longer what has been fetched: all but the newest so many."""
        sizes = self._waiting[session].sizes
        while len(sizes) > max(waiting, 0):
            self._total -= sizes.popleft()

    def _burden(self, session: str) -> tuple[bool, int]:
        """Say how well a session can be done without, as a key to sort by."""
        return session not in self._listening, sum(self._waiting[session].sizes)

    def _left(self, session: str) -> None:
        """Give a session nobody listens to a while to be listened to."""
        waits, messages = self._waiting.get(session), self._queue.pending_messages_per_session.get(session)
        if waits is not None:
            self._settle(session, messages.qsize() if messages is not None else 0)
            waits.stay()
            waits.alone = asyncio.get_running_loop().call_later(self._seconds, self.drop, session)

    def drop(self, session: str) -> None:
        """Forget a session, and give up what is being done for it.

        Args:
            session: Its name; one that is not there is no matter.
        """
        waits = self._waiting.pop(session, None)
        if waits is not None:
            waits.stay()
            self._total -= sum(waits.sizes)
        self._queue.pending_messages_per_session.pop(session, None)
        cleaning = asyncio.get_running_loop().create_task(self._clean(session))
        self._cleaning.add(cleaning)
        cleaning.add_done_callback(self._cleaning.discard)

    async def _clean(self, session: str) -> None:
        """Give up what is being done for a session, and forget it."""
        await self._queue.clean_events(session_hash=session)
        if session not in self._queue.pending_messages_per_session:
            self._queue.pending_event_ids_session.pop(session, None)
            self._states.pop(session, None)


def _size(value: object) -> int:
    """Give roughly how many bytes a value takes, in proportion to its parts and not to its text."""
    size, within = 0, [value]
    while within:
        one = within.pop()
        size += 2 * len(one) if isinstance(one, str) else 16
        if isinstance(one, dict):
            within += one.values()
        elif isinstance(one, list | tuple):
            within += one
    return size
