"""Asking and verifying without an assistant of one's own: one is opened at the first call, and stays open."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from onrecord.assistant.assistant import Assistant
from onrecord.settings import Settings
from onrecord.types import Answer

if TYPE_CHECKING:
    from onrecord.types import Verdict

_shared: dict[tuple[Path, Settings], Assistant] = {}
_shared_lock = threading.Lock()


def _assistant(settings: Settings | None) -> Assistant:
    settings = settings or Settings.load()
    key = (Path.cwd(), settings)  # relative paths of the same settings may mean another index
    with _shared_lock:
        if key not in _shared:
            _shared[key] = Assistant.open(settings)
        return _shared[key]


def ask(question: str, *, settings: Settings | None = None, **filters: Any) -> Answer:
    """Ask one question; the index stays open for the next.

    Args:
        question: In English.
        settings: Where the index is; from the environment when None.
        **filters: As for :meth:`Assistant.ask`.

    Returns:
        The answer.
    """
    return _assistant(settings).ask(question, **filters)


def verify(text: str, *, settings: Settings | None = None) -> list[Verdict]:
    """Check every quotation in a text against the articles of the index.

    Args:
        text: A draft.
        settings: Where the index is; from the environment when None.

    Returns:
        A verdict for each quotation, in order.
    """
    return _assistant(settings).verify(text)
