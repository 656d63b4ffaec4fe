"""What the last check of a generation saw of each file, so that opening need not hash them again.

Who can write the index can write this too. Where a key is set, only a note that was made with it counts.
"""

from __future__ import annotations

import hmac
import json
import secrets
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from onrecord.index.manifest import Stamp, signature

_FOLDER = ".stamps"
_PURPOSE = "stamp of an index, 1"


class Origin(StrEnum):
    """Where a generation comes from, as far as that can be known."""

    SIGNED = "signed"
    """It carries the signature of the key that is set."""
    BUILT_HERE = "built here"
    """Its files are those that a build wrote in this place, as a note beside them says."""
    UNKNOWN = "unknown"
    """It was copied, restored or touched since, or built before such notes were kept."""

    @property
    def told(self) -> str:
        """Say so, with what it is worth."""
        return {
            Origin.SIGNED: "signed with the key that is set",
            Origin.BUILT_HERE: "built here, says a note beside the index; only a signature would prove it",
            Origin.UNKNOWN: "unknown: built by an earlier onrecord, or copied, restored or touched since",
        }[self]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a full check saw.

    Attributes:
        stamp: Of every file.
        built: Whether it was the check of the build that made the files, here.
    """

    stamp: Stamp
    built: bool


# Where the index is read-only, a stamp lives as long as the process.
_kept: dict[Path, Checked] = {}


def last_stamp(generation: Path, *, key: bytes | None = None) -> Checked | None:
    """Read what the last full check saw.

    Gives what it saw, or None when there is nothing that can be read and trusted.
    """
    try:
        content, _, seal = _path(generation).read_bytes().partition(b"\n")
        if key is not None and not hmac.compare_digest(seal, _seal(generation, content, key)):
            return _kept.get(generation.absolute())
        stored = json.loads(content)
        seen = {name: tuple(of_file) for name, of_file in stored["seen"].items()}
        return Checked(seen, stored["built"] is True)
    except (OSError, ValueError, AttributeError, TypeError, KeyError):
        return _kept.get(generation.absolute())


def keep_stamp(generation: Path, stamp: Stamp, *, built: bool, key: bytes | None = None) -> None:
    """Keep the stamp of a full check that just passed."""
    content = json.dumps({"built": built, "seen": stamp}).encode("ascii")
    seal = b"" if key is None else _seal(generation, content, key)
    path = _path(generation)
    temporary = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(exist_ok=True)
        temporary.write_bytes(content + b"\n" + seal)
        temporary.replace(path)
    except OSError:
        _kept[generation.absolute()] = Checked(stamp, built)
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def forget_stamp(generation: Path) -> None:
    """Remove the stamp of a generation that is no more."""
    _kept.pop(generation.absolute(), None)
    with suppress(OSError):
        _path(generation).unlink(missing_ok=True)


def _seal(generation: Path, content: bytes, key: bytes) -> bytes:
    return signature(generation.name.encode("ascii") + b"\n" + content, key=key, purpose=_PURPOSE)


def _path(generation: Path) -> Path:
    return generation.parent / _FOLDER / f"{generation.name}.json"
