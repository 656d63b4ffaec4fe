"""The server in a thread of the tests' own process: quick to start, with Slack on and without the page."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from onrecord import Assistant, Settings
from onrecord.faces.server import create_app
from onrecord.faces.slack.app import Slack
from onrecord.faces.slack.settings import SlackSettings
from tests.faces.slack.mockslack import TOKEN, MockSlack
from tests.faces.slack.sending import SECRET, Sender

__all__ = ["Here", "here"]


@dataclass
class Here:
    """A running server."""

    slack: MockSlack
    sender: Sender
    face: Slack
    settings: Settings


@contextmanager
def here(settings: Settings, slack: MockSlack, folder: Path, **options: object) -> Iterator[Here]:
    """Serve for the length of a ``with``."""
    kept = folder / "conversations.sqlite"
    own = {"conversations": kept, "public_url": "https://page.example", "reader": "none"}
    settings = settings.model_copy(update=own)
    told = {"signing_secret": SECRET, "bot_token": TOKEN, "api_url": slack.api, **options}
    with Assistant.open(settings) as assistant:
        face = Slack(assistant, settings, SlackSettings.load(**told))
        app = create_app(assistant, settings=settings, slack=face)
        bound = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, ws="none", log_config=None, access_log=False))
        thread = threading.Thread(target=asyncio.run, args=(server.serve(sockets=[bound]),))
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            with Sender(f"http://127.0.0.1:{bound.getsockname()[1]}") as sender:
                yield Here(slack, sender, face, settings)
        finally:
            server.should_exit = True
            thread.join(20)
            bound.close()
