"""A server set up as somebody would, and the visitors who come to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from onrecord import Settings
from tests.browser.serving import served
from tests.security.attacking import Caller
from tests.security.attempts import Scene, Setup

__all__ = ["scene"]


@contextmanager
def scene(settings: Settings, folder: Path, setup: Setup) -> Iterator[Scene]:
    """Run a server of a set-up for the length of a ``with``.

    Args:
        settings: Name corpus and index.
        folder: For conversations and the log.
        setup: How it runs.

    Yields:
        The server, with those who come to it.
    """
    with served(settings, folder, **setup.env) as server, ExitStack() as made:

        def newcomer() -> Caller:
            return made.enter_context(Caller(server.url, headers=setup.headers, token=setup.token))

        def stranger() -> Caller:
            return made.enter_context(Caller(server.url, page=False, headers=setup.headers))

        yield Scene(setup, server.url, newcomer, stranger)
