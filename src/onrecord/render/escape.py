"""Text in HTML: escaped so that a browser has every character as it is."""

from __future__ import annotations

import re
from html import escape as _escape

from onrecord.text.direction import CONTROLS, code_of

_NOT_IN_HTML = re.compile("[\0\ud800-\udfff]")
_CONTROL = re.compile(f"[{CONTROLS}]")


def escape(text: str) -> str:
    """Escape text for an attribute, so that a parser has it as it is and UTF-8 can encode it.

    Between tags :func:`text_html` is used.

    HTML can carry neither a NUL nor a lone surrogate: each is shown as U+FFFD, which is one code
    point as they are, and which no reader takes for a word of the article's.
    """
    # As itself, a carriage return would become a line feed.
    carried = _NOT_IN_HTML.sub("\N{REPLACEMENT CHARACTER}", text)
    return _escape(carried, quote=True).replace("\r", "&#13;")


def text_html(text: str) -> str:
    """Write text between tags, so that a parser has it as it is and its reader sees it in its order.

    A character that turns the direction of reading stands in an element of its own, which keeps it
    from turning anything and before which the style sheet prints its name. The text of it all is
    still the text.

    Args:
        text: Any text; what HTML cannot carry is shown as :func:`escape` says.

    Returns:
        HTML.
    """
    return _CONTROL.sub(_isolated, escape(text))


def _isolated(found: re.Match[str]) -> str:
    return f'<bdi class="bidi" data-code="{code_of(found[0])}">&#x{ord(found[0]):X};</bdi>'


def outer_link(address: str | None) -> str:
    """Link to where an article was published, in a new tab; empty without an address on the web."""
    if not address:
        return ""
    target = 'target="_blank" rel="noopener noreferrer"'
    return f'<a class="outer" href="{escape(address)}" {target}>At the source</a>'


def place(article: str, start: int | None, end: int | None) -> str:
    """Write the attributes by which the page's script opens an article at a slice."""
    return f'data-article="{escape(article)}" data-start="{start}" data-end="{end}"'


def action(
    name: str, label: str, *, hint: str = "", kind: str = "", pressed: bool | None = None, **data: object
) -> str:
    """Make a button."""
    values = "".join(f' data-{key}="{escape(str(value))}"' for key, value in data.items())
    told = f' aria-label="{escape(hint)}"' if hint else ""
    state = "" if pressed is None else f' aria-pressed="{str(pressed).lower()}"'
    head = f'<button type="button"{state} class="act {kind}" data-act="{name}"{values}{told}>'
    return f"{head}{text_html(label)}</button>"
