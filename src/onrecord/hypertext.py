"""Text in HTML: escaped so that a browser has every character as it is."""

from __future__ import annotations

import re
from html import escape as _escape
from urllib.parse import urlsplit

__all__ = ["action", "escape", "is_web_address"]

_SURROGATE = re.compile("[\ud800-\udfff]")


def escape(text: str) -> str:
    """Escape text for HTML; of a lone surrogate, which no encoding can carry, a question mark is shown."""
    # As itself, a carriage return would become a line feed.
    return _escape(_SURROGATE.sub("?", text), quote=True).replace("\r", "&#13;")


def is_web_address(url: str | None) -> bool:
    """Say whether an address may become a link: one of the web, with a host."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def action(name: str, label: str, *, hint: str = "", kind: str = "", **data: object) -> str:
    """Make a button.

    Args:
        name: What it does, as the page's script knows it.
        label: What is printed on it.
        hint: What is told to those who cannot see where it stands.
        kind: A class besides.
        **data: Values that go with it.

    Returns:
        HTML.
    """
    values = "".join(f' data-{key}="{escape(str(value))}"' for key, value in data.items())
    told = f' aria-label="{escape(hint)}"' if hint else ""
    return (
        f'<button type="button" class="act {kind}" data-act="{name}"{values}{told}>{escape(label)}</button>'
    )
