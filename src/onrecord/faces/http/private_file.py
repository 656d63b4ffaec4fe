"""A file for the server's own eyes: readable by its owner alone, and neither a link nor somebody else's."""

from __future__ import annotations

import errno
import logging
import os
import stat
from pathlib import Path

from onrecord.errors import SettingsError

# A fifo in its place must not keep the server waiting, nor a link lead elsewhere.
_FLAGS = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_FULL = (errno.ENOSPC, errno.EDQUOT)
_log = logging.getLogger(__name__)


def open_private(path: Path, flags: int) -> int:
    """Open a file, made if the flags say so; one that others could read is shut, with a line in the log."""
    try:
        descriptor = os.open(path, flags | _FLAGS, 0o600)
    except OSError as error:
        if error.errno in _FULL or not os.path.lexists(path):
            raise
        raise unfit(path, "it is a link" if path.is_symlink() else str(error.strerror)) from None
    try:
        _check(path, descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _check(path: Path, descriptor: int) -> None:
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        raise unfit(path, "it is no file")
    if found.st_uid != os.geteuid():
        raise unfit(path, "it belongs to another user")
    if found.st_mode & 0o077:
        os.fchmod(descriptor, 0o600)
        _log.warning("Others could open %s; now they cannot. If they may have, remove it and restart.", path)


def unfit(path: Path, why: str) -> SettingsError:
    """Make the error of a file that cannot be used."""
    return SettingsError(
        f"The server's own file {path} cannot be used: {why}.",
        remedy="Remove it, and a new one is made; whoever is signed in then has to sign in again.",
    )
