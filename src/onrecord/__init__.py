"""Question answering over news articles, carried by exact quotations.

>>> from onrecord import ask
>>> answer = ask("What did Blinken say about the Iran nuclear deal?")  # doctest: +SKIP
>>> for quote in answer.quotes:  # doctest: +SKIP
...     print(quote.article_id, quote.start, quote.end, quote.text)

Names are loaded when first used, so ``import onrecord`` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from onrecord.lazy import exports

if TYPE_CHECKING:
    from onrecord.api import ask, verify
    from onrecord.assistant.assistant import Assistant
    from onrecord.errors import OnrecordError
    from onrecord.index.build import build_index
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

__getattr__, __dir__ = exports(
    __name__,
    {
        "Answer": "types",
        "Article": "types",
        "Assistant": "assistant.assistant",
        "OnrecordError": "errors",
        "Quote": "types",
        "Settings": "settings",
        "ask": "api",
        "build_index": "index.build",
        "verify": "api",
    },
)
