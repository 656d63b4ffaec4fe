"""The index on disk: immutable generations, one of which is current.

::

    index/
    ├── .lock              held by the one process that builds
    ├── .staging-<random>  the generation being built; swept by the next build
    ├── .stamps/           what the last full check of a generation saw, and whether it was built here
    ├── current            name of the generation in use
    └── gen-000007-1a2b3c4d/
        ├── manifest.json  written last: versions, facts, sha256 and size of every file
        ├── manifest.hmac  its signature, where a signing key is set
        └── ...            whatever the builder put there

After any fault ``current`` names the old generation or the new one, whole.
The order that makes it so: write, fsync, check, manifest, fsync, rename to
``gen-*``, fsync the folder, replace ``current``, fsync the folder, and only
then remove what is older (Pillai et al. 2014, "All File Systems Are Not
Created Equal", lists what goes wrong otherwise).
"""

from __future__ import annotations

import logging
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from onrecord.errors import IndexCorruptError, IndexError_, IndexMissingError, IndexSignatureError
from onrecord.index.disk import failpoint, replace_file, sync_folder, sync_tree, write_errors, write_file
from onrecord.index.lock import locked
from onrecord.index.manifest import (
    MANIFEST,
    REBUILD,
    SCHEMA,
    SIGNATURE,
    Manifest,
    Stamp,
    corrupt,
    counter_of,
    generation_name,
    signature,
)
from onrecord.index.stamps import Origin, forget_stamp, keep_stamp, last_stamp

_CURRENT = "current"
_LOCK = ".lock"
_STAGING = ".staging-"
_KEPT = 1
_TRIES = 5

_LOG = logging.getLogger("onrecord.index")
_STRANGE = (
    "The index in %s was not built here, or was touched since: "
    "its answers are only as good as where it comes from."
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Generation:
    """One built index, which never changes.

    Attributes:
        name: As in ``current``.
        path: Its folder.
        manifest: What it was made with.
        origin: Where it comes from.
    """

    name: str
    path: Path
    manifest: Manifest
    origin: Origin = Origin.UNKNOWN

    @property
    def facts(self) -> Mapping[str, Any]:
        """What the builder recorded."""
        return self.manifest.facts


def newest_name(index: Path) -> str | None:
    """Read which generation is current, cheaply, to notice a new one.

    Args:
        index: Folder of the index.

    Returns:
        Its name, or None when there is none or ``current`` is damaged.
    """
    try:
        return _current(index)
    except IndexError_:
        return None


def open_current(
    index: Path, *, full: bool = False, schema: int = SCHEMA, key: bytes | None = None
) -> Generation:
    """Open the generation in use after checking every file of it.

    The check compares size, times and inode of every file with what the last
    check saw. A file of which any differs is hashed again; where a key is set
    and that note does not carry its seal, or ``full`` is set, all are.

    Args:
        index: Folder of the index.
        full: Hash every file, whatever the last check saw.
        schema: Layout that the caller reads.
        key: That it has to be signed with; a signature is not looked at when None.

    Returns:
        The generation.

    Raises:
        IndexMissingError: If nothing was built yet.
        IndexCorruptError: If a file is missing or differs from the manifest; names it.
        IndexMismatchError: If this installation cannot read it.
        IndexSignatureError: If it is not signed with the key.
    """
    return load_current(index, lambda generation: generation, full=full, schema=schema, key=key)


def load_current(
    index: Path,
    load: Callable[[Generation], T],
    *,
    full: bool = False,
    schema: int = SCHEMA,
    key: bytes | None = None,
) -> T:
    """Open the generation in use and read from it, again if it was replaced meanwhile.

    A builder removes old generations. A reader slow enough to see two builds
    pass while it opens one finds files missing; it is then given the newer one.
    """
    name = _current(index)
    for _ in range(_TRIES):
        try:
            return load(_open(index / name, full=full, schema=schema, key=key))
        except (IndexCorruptError, IndexSignatureError, FileNotFoundError):
            newer = newest_name(index)
            if newer in (None, name):
                raise
            name = newer or name
    raise IndexCorruptError(f"The index in {index} is replaced faster than it can be read.", remedy=REBUILD)


def _open(folder: Path, *, full: bool, schema: int, key: bytes | None) -> Generation:
    if not folder.is_dir():
        raise corrupt(folder, "is missing")
    manifest = Manifest.read(folder, key=key)
    manifest.require(folder, schema=schema)
    if key is not None:
        manifest.require_alone(folder)
    stamp, before = manifest.stamp(folder), last_stamp(folder, key=key)
    seen = before.stamp if before else {}
    # The stamp is older than the hashes: what changes meanwhile will differ from it.
    manifest.verify(folder, (name for name in stamp if full or stamp[name] != seen.get(name)))
    built = before is not None and before.built and _unchanged(stamp, seen)
    if stamp != seen:
        if key is None and not _unchanged(stamp, seen):
            _LOG.warning(_STRANGE, folder.parent)
        keep_stamp(folder, stamp, built=built, key=key)
    origin = Origin.BUILT_HERE if built else Origin.UNKNOWN
    return Generation(folder.name, folder, manifest, origin if key is None else Origin.SIGNED)


def _unchanged(stamp: Stamp, seen: Stamp) -> bool:
    """Say whether all files are those that were seen; a link to one changes nothing but its last time."""
    return {name: of[:-1] for name, of in stamp.items()} == {name: of[:-1] for name, of in seen.items()}


def _current(index: Path) -> str:
    path = index / _CURRENT
    try:
        name = path.read_bytes().decode("ascii").strip()
    except FileNotFoundError:
        raise IndexMissingError(f"There is no index in {index}.", remedy="Run `onrecord index`.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise corrupt(path, "cannot be read") from error
    if counter_of(name) is None:
        raise corrupt(path, "does not name a generation")
    return name


@contextmanager
def staging(
    index: Path,
    *,
    holder: str = "",
    wait: float = 0.0,
    schema: int = SCHEMA,
    now: datetime | None = None,
    token: str | None = None,
    key: bytes | None = None,
) -> Iterator[Staging]:
    """Build a generation; nothing is changed unless :meth:`Staging.commit` succeeds."""
    token = token or secrets.token_hex(4)
    path = index / f"{_STAGING}{token}"
    with locked(index / _LOCK, holder=holder, wait=wait, now=now):
        with write_errors(index):
            # A switch whose fsync failed must be on disk before what it replaced goes.
            sync_folder(index)
            _sweep(index)
            path.mkdir()
        try:
            failpoint("staged")
            with write_errors(path, written=path):
                yield Staging(path=path, previous=_previous(index, schema, key), token=token, key=key)
        finally:
            shutil.rmtree(path, ignore_errors=True)


def _previous(index: Path, schema: int, key: bytes | None) -> Generation | None:
    try:
        return open_current(index, full=True, schema=schema, key=key)
    except IndexError_:
        return None


@dataclass(frozen=True, slots=True)
class Staging:
    """A generation being built.

    Attributes:
        path: Folder to fill.
        previous: The generation in use, wholly checked, if it can be read.
        token: Part of temporary names.
        key: To sign with; None signs nothing.
    """

    path: Path
    previous: Generation | None
    token: str
    key: bytes | None = field(default=None, repr=False)

    def commit(
        self,
        *,
        facts: Mapping[str, Any],
        schema: int = SCHEMA,
        check: Callable[[Path], object] | None = None,
    ) -> Generation:
        """Make the folder the generation in use."""
        with write_errors(self.path, written=self.path):
            manifest, stamp = self._seal(schema, facts, check)
            return self._publish(manifest, stamp)

    def _seal(
        self, schema: int, facts: Mapping[str, Any], check: Callable[[Path], object] | None
    ) -> tuple[Manifest, Stamp]:
        failpoint("filled")
        manifest = Manifest.of(self.path, schema=schema, facts=facts)
        stamp = manifest.stamp(self.path)
        sync_tree(self.path)
        failpoint("synced")
        if check is not None:
            check(self.path)
        if not _unchanged(manifest.stamp(self.path), stamp):
            raise IndexCorruptError(f"{self.path} was written to while it was checked.", remedy=REBUILD)
        failpoint("checked")
        return manifest, stamp

    def _publish(self, manifest: Manifest, stamp: Stamp) -> Generation:
        index, content = self.path.parent, manifest.dump()
        write_file(self.path / MANIFEST, content)
        if self.key is not None:
            write_file(self.path / SIGNATURE, signature(content, key=self.key))
        sync_folder(self.path)
        failpoint("sealed")
        counters = [counter for _, counter in _generations(index)]
        folder = index / generation_name(max(counters, default=0) + 1, content)
        self.path.rename(folder)
        failpoint("renamed")
        sync_folder(index)
        failpoint("renamed-synced")
        keep_stamp(folder, stamp, built=True, key=self.key)
        self._switch(index, folder.name)
        failpoint("switched")
        _retire(index, folder.name)
        failpoint("retired")
        origin = Origin.BUILT_HERE if self.key is None else Origin.SIGNED
        return Generation(folder.name, folder, manifest, origin)

    def _switch(self, index: Path, name: str) -> None:
        before = newest_name(index)
        try:
            replace_file(index / _CURRENT, f"{name}\n".encode("ascii"), token=self.token)
        except OSError:
            # The new name may have become visible before its fsync failed. The new
            # generation stays where it is: on disk, either name may be the durable one.
            with suppress(OSError):
                self._restore(index / _CURRENT, before)
            raise

    def _restore(self, path: Path, name: str | None) -> None:
        if name is None:
            path.unlink(missing_ok=True)
        else:
            replace_file(path, f"{name}\n".encode("ascii"), token=self.token)


def _generations(index: Path) -> list[tuple[Path, int]]:
    found = ((path, counter_of(path.name)) for path in index.iterdir())
    return sorted(
        ((path, counter) for path, counter in found if counter is not None), key=lambda each: each[1]
    )


def _sweep(index: Path) -> None:
    for path in (*index.glob(f"{_STAGING}*"), *index.glob(f".{_CURRENT}-*")):
        _remove(path)
    name = newest_name(index)
    if name is not None and (index / name).is_dir():
        _retire(index, name)


def _retire(index: Path, current: str) -> None:
    """Remove all generations but the current one and the one before; readers may still be opening that."""
    limit = counter_of(current) or 0
    others = [(path, counter) for path, counter in _generations(index) if path.name != current]
    before = [path for path, counter in others if counter < limit]
    for path in {path for path, _ in others} - set(before[-_KEPT:]):
        _remove(path)
        forget_stamp(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)
