"""Question answering over news articles, carried by exact quotations.

>>> from onrecord import ask
>>> answer = ask("What did Blinken say about the Iran nuclear deal?")  # doctest: +SKIP
>>> for quote in answer.quotes:  # doctest: +SKIP
...     print(quote.article_id, quote.start, quote.end, quote.text)

Names are loaded when first used, so ``import onrecord`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onrecord.assistant import Assistant
    from onrecord.errors import OnrecordError
    from onrecord.ingest import build_index
    from onrecord.oneshot import ask, verify
    from onrecord.settings import Settings
    from onrecord.types import Answer, Article, Quote

__all__ = [
    "Answer",
    "Article",
    "Assistant",
    "OnrecordError",
    "Quote",
    "Settings",
    "ask",
    "build_index",
    "verify",
]

__version__ = "0.1.0"

_HOME = {
    "Answer": "onrecord.types",
    "Article": "onrecord.types",
    "Assistant": "onrecord.assistant",
    "OnrecordError": "onrecord.errors",
    "Quote": "onrecord.types",
    "Settings": "onrecord.settings",
    "ask": "onrecord.oneshot",
    "build_index": "onrecord.ingest",
    "verify": "onrecord.oneshot",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
