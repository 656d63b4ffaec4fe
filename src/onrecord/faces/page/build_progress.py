"""How far a build is, told on the page while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

from onrecord.index.build_process import Heard
from onrecord.render.html.corpus import progress_html

_TOLD_SECONDS = 0.3


async def watched(work: Callable[[Heard], object]) -> AsyncGenerator[str, None]:
    """Do blocking work in a thread, and tell how far it is; raises what it raises."""
    steps: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def heard(step: str, done: int, total: int) -> None:
        loop.call_soon_threadsafe(steps.put_nowait, progress_html(step, done, total))

    doing = asyncio.ensure_future(asyncio.to_thread(work, heard))
    told = progress_html("Starting", 0, 1)
    while not doing.done():
        yield told
        await asyncio.wait({doing}, timeout=_TOLD_SECONDS)
        while not steps.empty():
            told = steps.get_nowait()
    await doing
