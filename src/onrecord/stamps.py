"""What the last full check of a generation saw of each file, so that opening need not hash them again."""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from onrecord.manifest import Stamp

__all__ = ["Checked", "Origin", "forget_stamp", "keep_stamp", "last_stamp"]

_FOLDER = ".stamps"


class Origin(StrEnum):
    """Where a generation comes from, as far as that can be known."""

    SIGNED = "signed"
    """It carries the signature of the key that is set."""
    BUILT_HERE = "built here"
    """Its files are those that a build wrote in this place."""
    UNKNOWN = "unknown"
    """It was copied, restored or touched since."""


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


def last_stamp(generation: Path) -> Checked | None:
    """Read what the last full check saw.

    Args:
        generation: Folder of the generation.

    Returns:
        What it saw, or None when there is nothing that can be read.
    """
    try:
        stored = json.loads(_path(generation).read_bytes())
        seen = {name: tuple(of_file) for name, of_file in stored["seen"].items()}
        return Checked(seen, stored["built"] is True)
    except (OSError, ValueError, AttributeError, TypeError, KeyError):
        return _kept.get(generation.absolute())


def keep_stamp(generation: Path, stamp: Stamp, *, built: bool) -> None:
    """Keep the stamp of a full check that just passed.

    Args:
        generation: Folder of the generation.
        stamp: Taken before the check, so that what changed meanwhile differs from it.
        built: Whether the generation was built here, just now.
    """
    path = _path(generation)
    temporary = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(exist_ok=True)
        temporary.write_text(json.dumps({"built": built, "seen": stamp}), encoding="utf-8")
        temporary.replace(path)
    except OSError:
        _kept[generation.absolute()] = Checked(stamp, built)
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def forget_stamp(generation: Path) -> None:
    """Remove the stamp of a generation that is no more.

    Args:
        generation: What was its folder.
    """
    _kept.pop(generation.absolute(), None)
    with suppress(OSError):
        _path(generation).unlink(missing_ok=True)


def _path(generation: Path) -> Path:
    return generation.parent / _FOLDER / f"{generation.name}.json"
