"""The server's own secret: a key beside the conversations, by which it seals what browsers keep for it."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import logging
import os
import secrets
import stat
from pathlib import Path

from onrecord.errors import SettingsError

__all__ = ["server_key", "subkey"]

_BYTES = 32
# A fifo in its place must not keep the server waiting, nor a link lead elsewhere.
_FLAGS = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_REMEDY = "Remove it, and a new one is made; whoever is signed in then has to sign in again."
_log = logging.getLogger(__name__)


def server_key(path: Path) -> bytes:
    """Read the key, made first where there is none; servers that start at once get the same one.

    Args:
        path: Of its file, which only its owner may read. Where it cannot be made, the key lives as long
            as this process.

    Returns:
        32 random bytes.

    Raises:
        SettingsError: If what is there cannot be read, is somebody else's, a link, or no key.
    """
    try:
        return _kept(path)
    except OSError as error:
        if os.path.lexists(path) and error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise _unfit(path, "it is a link" if path.is_symlink() else str(error.strerror)) from None
        _log.warning(
            "The server's key cannot be kept in %s (%s): sign-ins, and whose conversations are whose, "
            "are forgotten when it stops.",
            path,
            error.strerror,
        )
        return secrets.token_bytes(_BYTES)


def subkey(key: bytes, purpose: str) -> bytes:
    """Derive the key of one purpose, from which neither the server's nor another's can be told.

    Args:
        key: The server's.
        purpose: At most 16 characters of ASCII.

    Returns:
        32 bytes.
    """
    return hashlib.blake2b(key=key, digest_size=_BYTES, person=purpose.encode("ascii")).digest()


def _kept(path: Path) -> bytes:
    descriptor = _open(path)
    try:
        _check_owner(path, descriptor)
        held = os.pread(descriptor, _BYTES + 1, 0) or _first(descriptor)
    finally:
        os.close(descriptor)
    if len(held) != _BYTES:
        raise _unfit(path, f"it does not hold {_BYTES} bytes")
    return held


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | _FLAGS, 0o600)
    except OSError as error:
        if error.errno not in (errno.EROFS, errno.EACCES):
            raise
        return os.open(path, os.O_RDONLY | _FLAGS)


def _check_owner(path: Path, descriptor: int) -> None:
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        raise _unfit(path, "it is no file")
    if found.st_uid != os.geteuid():
        raise _unfit(path, "it belongs to another user")
    if found.st_mode & 0o077:
        os.fchmod(descriptor, 0o600)
        _log.warning("Others could read %s; now they cannot. Who may have read it? %s", path, _REMEDY)


def _first(descriptor: int) -> bytes:
    """Write a new key, unless another process did so while this one waited."""
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    held = os.pread(descriptor, _BYTES + 1, 0)
    if held:
        return held
    made = secrets.token_bytes(_BYTES)
    os.pwrite(descriptor, made, 0)
    os.fsync(descriptor)
    return made


def _unfit(path: Path, why: str) -> SettingsError:
    return SettingsError(f"The server's key {path} cannot be used: {why}.", remedy=_REMEDY)
