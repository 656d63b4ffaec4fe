"""Writing to a screen, a pipe or a file without altering what is quoted.

A pipe or a file gets exactly the text. A screen gets styles, a rule along
each quotation, and visible symbols in place of control characters, so that
no article can move the cursor, recolour the screen or forge a line; what
turns the direction of reading is shown by its name, as in Markdown and in
Slack. The command line writes through :func:`guarded`, libraries and all;
only what sets styles itself writes to :func:`screen`.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TextIO, cast

from onrecord.render.pieces import Piece, Style, plain
from onrecord.text.direction import visible

if TYPE_CHECKING:
    from rich.segment import Segment

_RULE = "  │ "
_LOOKS = {
    Style.STRONG: "bold",
    Style.FAINT: "dim",
    Style.GOOD: "green",
    Style.BAD: "bold red",
    Style.MARK: "reverse",
}


def prepare(stream: TextIO) -> None:
    """Make a stream take any text: UTF-8 with plain line breaks into a pipe, its own encoding on a screen."""
    if not isinstance(stream, io.TextIOWrapper):
        return
    if stream.isatty():
        stream.reconfigure(errors="backslashreplace")
    else:
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


class _Guarded:
    """A screen to which only visible text is written, whoever writes it."""

    def __init__(self, stream: TextIO) -> None:
        self.screen = stream

    def write(self, text: str) -> int:
        self.screen.write(visible(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.screen, name)


def guarded(stream: TextIO) -> TextIO:
    """Let nothing steer a screen: not an article's text, a file's name, an argument, nor a line of a log."""
    return cast("TextIO", _Guarded(stream)) if stream.isatty() else stream


def screen(stream: TextIO) -> TextIO:
    """Give the screen behind a guard, for what sets styles itself and makes its texts visible."""
    return stream.screen if isinstance(stream, _Guarded) else stream


def write(pieces: Iterable[Piece], stream: TextIO) -> None:
    """Write pieces: exactly into a pipe or a file, with styles and visible symbols on a screen."""
    if not stream.isatty():
        stream.write(plain(pieces))
        stream.flush()
        return
    from rich.console import Console
    from rich.segment import Segments

    console = Console(file=screen(stream), markup=False, emoji=False, highlight=False)
    # soft_wrap leaves the breaking of long lines to the terminal, so copied text stays whole.
    console.print(Segments([_segment(piece) for piece in pieces]), soft_wrap=True, end="")


def _segment(piece: Piece) -> Segment:
    from rich.segment import Segment
    from rich.style import Style as Look

    text = visible(piece.text)
    if piece.style is Style.QUOTE:
        text = "\n".join(f"{_RULE}{line}" for line in text.split("\n"))
    return Segment(text, Look.parse(_LOOKS.get(piece.style, "none")))
