"""Characters that turn the direction of reading: named and marked, and never taken out of a quotation.

They are the twelve that Unicode calls bidirectional controls (UAX #9). A text that holds one can be
shown in another order than it is written in, so that its reader sees other words than are there.
"""

from __future__ import annotations

import re

CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_CONTROL = re.compile(f"[{CONTROLS}]")


_PICTURES = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\n\t"}
_SYMBOLS = _PICTURES | {0x7F: 0x2421} | dict.fromkeys(range(0x80, 0xA0), 0xFFFD)


def code_of(char: str) -> str:
    """Name a character by its code point: ``U+202E``."""
    return f"U+{ord(char):04X}"


def marked(text: str) -> str:
    """Show each such character by its name, ``⟨U+202E⟩``; for names, titles and questions.

    Args:
        text: That is no quotation.

    Returns:
        Text that is read in the order in which it is written.
    """
    return _CONTROL.sub(lambda found: f"⟨{code_of(found[0])}⟩", text)


def one_line(text: str) -> str:
    """Put a name, a title or a question on one line, such characters shown. Never used on a quotation."""
    return " ".join(marked(text).split())


def direction_note(quoted: str) -> str:
    """Say which such characters a quotation holds, since it is shown with them as it is.

    Args:
        quoted: The quotation.

    Returns:
        One sentence; empty where it holds none.
    """
    held = dict.fromkeys(map(code_of, _CONTROL.findall(quoted)))
    return f"It holds characters that turn the direction of reading: {', '.join(held)}." if held else ""


def visible(text: str) -> str:
    """Show control characters as symbols, all but tab and line break.

    What turns the direction of reading has no symbol in Unicode, and a sign in its place would not
    say which it is: it is shown by name, as :func:`onrecord.text.direction.marked` does everywhere.

    Args:
        text: Any text.

    Returns:
        Text that a terminal prints and never obeys.
    """
    return marked(text.replace("\r\n", "\n").translate(_SYMBOLS))
