"""From a file on disk to its bytes, and from bytes to text, by the rules of the corpus.

The rules themselves are written in :mod:`onrecord.corpus.folder`; here is the part of
them that looks at one file or one string and knows nothing of articles.
"""

from __future__ import annotations

import errno
import io
import os
import re
import stat
from pathlib import Path

_NOT_UTF8 = "not UTF-8; convert it"
_OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")  # UTF-16 and UTF-32, both byte orders
_CONTROLS = bytes(code for code in (*range(0x20), 0x7F) if code not in b"\n\r\t\f")
_CONTROL_SHARE = 0.10
LEADS_NOWHERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG)
"""Errors that say where a path leads, not that the system failed."""
_BAD_IN_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# Of these Windows knows only O_BINARY, and only Windows knows that.
_OPEN_FLAGS = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"):
    _OPEN_FLAGS |= getattr(os, _flag, 0)


class UnreadableError(Exception):
    """A file, or one record of it, that the corpus skips. Never leaves :mod:`onrecord.corpus.folder`.

    Args:
        reason: Why, in a few words; what follows a semicolon is detail.
        failed: Whether the system would not let it be read, which says nothing of what it holds.
    """

    def __init__(self, reason: str, *, failed: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.failed = failed


def open_inside(path: Path, *, root: Path) -> io.BufferedReader:
    """Open a regular file for reading, if it lies inside a folder once every link is followed."""
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(root):
            raise UnreadableError("link out of the corpus")
        _require_regular(os.lstat(real))
        # Should a pipe take the file's place in between, O_NONBLOCK keeps the open from waiting.
        descriptor = os.open(real, _OPEN_FLAGS)
    except FileNotFoundError:
        raise UnreadableError("broken link") from None
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, before Python 3.13
        raise _unreadable(error) from None
    try:
        _require_regular(os.fstat(descriptor))
    except UnreadableError:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, "rb")


def _unreadable(error: OSError | RuntimeError) -> UnreadableError:
    code, told = getattr(error, "errno", errno.ELOOP), getattr(error, "strerror", None) or "loop of links"
    return UnreadableError(f"unreadable; {told}", failed=code not in LEADS_NOWHERE)


def _require_regular(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise UnreadableError("not a regular file")


def read_inside(path: Path, *, root: Path, max_bytes: int) -> bytes:
    """Read a whole file that :func:`open_inside` accepts."""
    with open_inside(path, root=root) as file:
        try:
            size = os.fstat(file.fileno()).st_size
            content = file.read(max_bytes + 1) if size <= max_bytes else b""
        except OSError as error:
            raise _unreadable(error) from None
    if max(size, len(content)) > max_bytes:
        raise UnreadableError(f"too large; over {max_bytes:,} bytes")
    return content


def decode(content: bytes) -> str:
    """Turn the bytes of a text file into the text that offsets count in.

    Line ends stay as they are; one leading byte-order mark is removed.
    """
    require_text(content)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableError(_NOT_UTF8) from None


def encode(text: str) -> bytes:
    """Turn a text that came out of JSON into UTF-8, holding it to the rules for a file."""
    try:
        content = text.encode("utf-8")
    except UnicodeEncodeError:
        raise UnreadableError("lone surrogate") from None
    require_text(content)
    return content


def require_text(content: bytes) -> None:
    """Refuse what is plainly no UTF-8 text, without decoding it."""
    if content.startswith(_OTHER_MARKS):
        raise UnreadableError(_NOT_UTF8)
    controls = len(content) - len(content.translate(None, _CONTROLS))
    if controls > _CONTROL_SHARE * len(content) or b"\0" in content:
        raise UnreadableError("binary")


def bad_name(name: str) -> bool:
    """Say whether a file's name or an article's id holds control characters or is not valid UTF-8."""
    return _BAD_IN_NAME.search(name) is not None


def shown(name: str) -> str:
    """Spell a name so that it can be printed and encoded whatever it is made of."""
    return _BAD_IN_NAME.sub(_escaped, name)


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xDC80 <= code <= 0xDCFF:  # how Python carries a byte of a file name that is not UTF-8
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
