"""Writing to a screen, a pipe or a file without altering what is quoted.

A pipe or a file gets exactly the text. A screen gets styles, a rule along
each quotation, and visible symbols in place of control characters, so that
no article can move the cursor, recolour the screen or forge a line.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TextIO

from onrecord.render import Piece, Style, plain

if TYPE_CHECKING:
    from rich.segment import Segment

__all__ = ["dumps", "prepare", "visible", "write"]

_RULE = "  │ "
_LOOKS = {
    Style.STRONG: "bold",
    Style.FAINT: "dim",
    Style.GOOD: "green",
    Style.BAD: "bold red",
    Style.MARK: "reverse",
}
_PICTURES = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\n\t"}
_SYMBOLS = _PICTURES | {0x7F: 0x2421} | dict.fromkeys(range(0x80, 0xA0), 0xFFFD)
# Valid in JSON, but C1 codes steer a terminal and the others end a line for many readers of JSONL.
_RISKY_IN_JSON = re.compile("[\x7f-\x9f\u2028\u2029]")


def prepare(stream: TextIO) -> None:
    """Make a stream take any text: UTF-8 with plain line breaks into a pipe, its own encoding on a screen.

    Args:
        stream: Standard output or error; anything but a real text stream is left as it is.
    """
    if not isinstance(stream, io.TextIOWrapper):
        return
    if stream.isatty():
        stream.reconfigure(errors="backslashreplace")
    else:
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def write(pieces: Iterable[Piece], stream: TextIO) -> None:
    """Write pieces: exactly into a pipe or a file, with styles and visible symbols on a screen.

    Args:
        pieces: From :mod:`onrecord.render`.
        stream: Where to.
    """
    if not stream.isatty():
        stream.write(plain(pieces))
        stream.flush()
        return
    from rich.console import Console
    from rich.segment import Segments

    console = Console(file=stream, markup=False, emoji=False, highlight=False)
    # soft_wrap leaves the breaking of long lines to the terminal, so copied text stays whole.
    console.print(Segments([_segment(piece) for piece in pieces]), soft_wrap=True, end="")


def _segment(piece: Piece) -> Segment:
    from rich.segment import Segment
    from rich.style import Style as Look

    text = visible(piece.text)
    if piece.style is Style.QUOTE:
        text = "\n".join(f"{_RULE}{line}" for line in text.split("\n"))
    return Segment(text, Look.parse(_LOOKS.get(piece.style, "none")))


def visible(text: str) -> str:
    """Show control characters as symbols, one for one, all but tab and line break.

    Args:
        text: Any text.

    Returns:
        Text that a terminal prints and never obeys.
    """
    return text.replace("\r\n", "\n").translate(_SYMBOLS)


def dumps(value: Any) -> str:
    """Write a value as one line of JSON that any reader of UTF-8 takes.

    Args:
        value: Of JSON's types.

    Returns:
        The line, without its break; escaped throughout where UTF-8 cannot carry a lone surrogate.
    """
    line = json.dumps(value, ensure_ascii=False)
    if not _encodable(line):
        return json.dumps(value)
    return _RISKY_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
