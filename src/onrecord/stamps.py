"""What the last full check of a generation saw of each file, so that opening need not hash them again."""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from pathlib import Path

from onrecord.manifest import Stamp

__all__ = ["forget_stamp", "keep_stamp", "last_stamp"]

_FOLDER = ".stamps"

# Where the index is read-only, a stamp lives as long as the process.
_kept: dict[Path, Stamp] = {}


def last_stamp(generation: Path) -> Stamp | None:
    """Read the stamp of the last full check.

    Args:
        generation: Folder of the generation.

    Returns:
        The stamp, or None when there is none that can be read.
    """
    try:
        stored = json.loads(_path(generation).read_bytes())
        return {name: tuple(seen) for name, seen in stored.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return _kept.get(generation.absolute())


def keep_stamp(generation: Path, stamp: Stamp) -> None:
    """Keep the stamp of a full check that just passed.

    Args:
        generation: Folder of the generation.
        stamp: Taken before the check, so that what changed meanwhile differs from it.
    """
    path = _path(generation)
    temporary = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(exist_ok=True)
        temporary.write_text(json.dumps(stamp), encoding="ascii")
        temporary.replace(path)
    except OSError:
        _kept[generation.absolute()] = stamp
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
