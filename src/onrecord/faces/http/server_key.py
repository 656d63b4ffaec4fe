"""The server's own secret: a key in the state folder, by which it seals what browsers keep for it."""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import secrets
from pathlib import Path

from onrecord.errors import SettingsError
from onrecord.faces.http.private_file import open_private, unfit
from onrecord.state import StateFolder

_BYTES = 32
_log = logging.getLogger(__name__)


def server_key(path: Path, folder: StateFolder | None = None) -> bytes:
    """Read the key, made first where there is none; servers that start at once get the same one.

    Args:
        path: Of its file, which only its owner may read. Where it cannot be made, the key lives as long
            as this process.
        folder: In which it lies, to be made before; None where it lies elsewhere.

    Returns:
        32 random bytes.

    Raises:
        SettingsError: If what is there cannot be read, is somebody else's, a link, or no key; or if an old
            one cannot be taken along.
    """
    try:
        if folder is not None:
            folder.make()
        return _kept(path)
    except OSError as error:
        _log.warning(
            "The server's key cannot be kept in %s (%s): when the server stops, everybody is signed out, "
            "and visitors lose their conversations.",
            path,
            error.strerror,
        )
        return secrets.token_bytes(_BYTES)


def subkey(key: bytes, purpose: str) -> bytes:
    """Derive the key of one purpose, from which neither the server's nor another's can be told."""
    return hashlib.blake2b(key=key, digest_size=_BYTES, person=purpose.encode("ascii")).digest()


def _kept(path: Path) -> bytes:
    descriptor = _open(path)
    try:
        held = os.pread(descriptor, _BYTES + 1, 0) or _first(descriptor)
    finally:
        os.close(descriptor)
    if len(held) != _BYTES:
        raise unfit(path, f"it does not hold {_BYTES} bytes")
    return held


def _open(path: Path) -> int:
    try:
        return open_private(path, os.O_RDWR | os.O_CREAT)
    except SettingsError:
        if os.access(path, os.W_OK):
            raise
        return open_private(path, os.O_RDONLY)  # of a folder that was mounted to be read


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
