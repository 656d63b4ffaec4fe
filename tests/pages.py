"""What the tests of the page share: HTML read back as a browser would, and answers made by hand."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from onrecord.types import Answer, Mode, Quote, Searched

__all__ = ["Html", "answered", "carried", "made"]

_VOID = frozenset(("meta",))


class Html(HTMLParser):
    """Each element's tag, attributes and text; every element has to be closed."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.comments: list[str] = []
        self._open: list[tuple[str, list[str]]] = []
        # A browser makes line feeds of carriage returns and drops each NUL before it reads anything.
        self.feed(re.sub("\r\n?", "\n", html).replace("\0", ""))
        self.close()
        assert not self._open, "an element is left open"

    def handle_starttag(self, tag, attrs):
        held: list[str] = []
        self.elements.append((tag, dict(attrs), held))
        if tag not in _VOID:
            self._open.append((tag, held))

    def handle_endtag(self, tag):
        opened, _ = self._open.pop()
        assert opened == tag

    def handle_data(self, data):
        for _, held in self._open:
            held.append(data)

    def handle_comment(self, data):
        self.comments.append(data)

    def of(self, kind: str) -> list[str]:
        """The text of each element of a tag or class."""
        return [
            "".join(held)
            for tag, attrs, held in self.elements
            if kind == tag or kind in (attrs.get("class") or "").split()
        ]

    @property
    def tags(self) -> list[str]:
        return [tag for tag, _, _ in self.elements]

    @property
    def attributes(self) -> list[tuple[str, str | None]]:
        return [pair for _, attrs, _ in self.elements for pair in attrs.items()]


def carried(text: str) -> str:
    """What HTML can carry of a text."""
    return re.sub("[\0\ud800-\udfff]", "\ufffd", text)


def made(text: str, **fields: Any) -> Quote:
    """A quotation that is all of its article."""
    known = {"article_id": "a.txt", "file": "a.txt", "title": "T", "sha256": "0" * 64, "mode": Mode.DIRECT}
    return Quote(start=0, end=len(text), text=text, **(known | fields))


def answered(quotes: tuple[Quote, ...], **fields: Any) -> Answer:
    """An answer to “Q?” that shows some quotations."""
    known = {
        "id": "x",
        "question": "Q?",
        "standalone": "",
        "text": "",
        "quotes": quotes,
        "ranked": quotes,
        "confidence": 1.0,
        "reason": "",
        "nearest": (),
        "searched": Searched(1, 1),
    }
    return Answer(**(known | fields))
