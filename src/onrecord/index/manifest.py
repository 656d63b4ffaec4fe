"""The manifest of a generation: what it was made with, and the hash of every file in it."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

from onrecord.errors import IndexCorruptError, IndexMismatchError, IndexSignatureError

SCHEMA = 2
"""Layout of a generation; raise it whenever an older generation can no longer be read."""
MANIFEST = "manifest.json"
SIGNATURE = "manifest.hmac"
REBUILD = "Run `onrecord index` to build it again."
_PURPOSE = "manifest of an index, 1"
_NAME = re.compile(r"gen-(\d{6,})-([0-9a-f]{8})")
_RECORDED = ("chromadb", "numpy", "onrecord", "tantivy")
_BINDING = ("chromadb",)

Stamp = Mapping[str, tuple[int, ...]]
"""Relative path to size, modification time, inode and time of change; times in nanoseconds.

The last tells of every write, for nobody can set it back, but also of each link that is made or removed."""


MODEL_FOLDER = "model"
"""Of a generation: the question encoder."""


def generation_name(counter: int, content: bytes) -> str:
    """Name a generation after its manifest, so that the name vouches for the manifest."""
    return f"gen-{counter:06}-{hashlib.sha256(content).hexdigest()[:8]}"


def counter_of(name: str) -> int | None:
    """Read the counter in a generation's name.

    Gives the counter, or None when the name is not that of a generation.
    """
    found = _NAME.fullmatch(name)
    return int(found[1]) if found else None


def signature(content: bytes, *, key: bytes, purpose: str = _PURPOSE) -> bytes:
    """Sign a manifest (HMAC-SHA256, RFC 2104), with a key that serves no other purpose."""
    derived = hmac.digest(key, f"onrecord: {purpose}".encode("ascii"), "sha256")
    return hmac.digest(derived, content, "sha256").hex().encode("ascii") + b"\n"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What the manifest says about one file."""

    sha256: str
    size: int

    @classmethod
    def measure(cls, path: Path) -> StoredFile:
        """Hash a file."""
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            return cls(digest, os.fstat(stream.fileno()).st_size)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation was made with.

    Attributes:
        schema: Layout of the generation.
        versions: Library to the version that wrote it.
        facts: What the caller recorded; JSON values only.
        files: Path relative to the generation, with ``/``, to hash and size.
    """

    schema: int
    versions: Mapping[str, str]
    facts: Mapping[str, Any]
    files: Mapping[str, StoredFile]

    @classmethod
    def of(cls, folder: Path, *, schema: int, facts: Mapping[str, Any]) -> Manifest:
        """Describe a folder as it is now."""
        files = {name: StoredFile.measure(folder / name) for name in sorted(_names(folder))}
        return cls(schema, {name: _version(name) for name in _RECORDED}, facts, files)

    @classmethod
    def read(cls, folder: Path, *, key: bytes | None = None) -> Manifest:
        """Read the manifest of a generation and check it against the generation's name."""
        path = folder / MANIFEST
        try:
            content = path.read_bytes()
        except OSError as error:
            raise corrupt(path, "cannot be read" if folder.exists() else "is missing") from error
        if generation_name(counter_of(folder.name) or 0, content) != folder.name:
            raise corrupt(path, "is damaged")
        if key is not None:
            _require_signature(folder, content, key)
        return cls._parse(path, content)

    @classmethod
    def _parse(cls, path: Path, content: bytes) -> Manifest:
        try:
            fields = json.loads(content)
            files = {name: StoredFile(**file) for name, file in fields.pop("files").items()}
            return cls(files=files, **fields)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise corrupt(path, "is not a manifest") from error

    def dump(self) -> bytes:
        """Write the manifest as JSON; equal manifests give equal bytes."""
        text = json.dumps(asdict(self), sort_keys=True, indent=1, ensure_ascii=False)
        return text.encode("utf-8", "surrogatepass") + b"\n"

    def require(self, folder: Path, *, schema: int) -> None:
        """Refuse a generation that this installation cannot read."""
        found: dict[str, object] = {"schema": self.schema}
        expected: dict[str, object] = {"schema": schema}
        found |= {name: self.versions.get(name, "unknown") for name in _BINDING}
        expected |= {name: _version(name) for name in _BINDING}
        for name, value in expected.items():
            if found[name] != value:
                raise IndexMismatchError(
                    f"The index in {folder.parent} was built with {name} {found[name]},"
                    f" and this installation has {name} {value}.",
                    remedy=REBUILD,
                )

    def stamp(self, folder: Path) -> Stamp:
        """Note size, times and inode of every file."""
        return {name: _stat(folder / name, file) for name, file in self.files.items()}

    def require_alone(self, folder: Path) -> None:
        """Refuse a generation with files that the manifest does not vouch for."""
        others = set(_names(folder)) - self.files.keys() - {MANIFEST, SIGNATURE}
        if others:
            raise corrupt(folder / min(others), "is no part of the index")

    def verify(self, folder: Path, names: Iterable[str] | None = None) -> None:
        """Hash files."""
        for name in self.files if names is None else names:
            try:
                same = StoredFile.measure(folder / name) == self.files[name]
            except OSError as error:
                raise corrupt(folder / name, "cannot be read") from error
            if not same:
                raise corrupt(folder / name, "is damaged")


def sign_folder(folder: Path, *, key: bytes) -> None:
    """Write a signature of every file of a folder into it."""
    content = Manifest.of(folder, schema=SCHEMA, facts={}).dump()
    (folder / SIGNATURE).write_bytes(signature(content, key=key))


def require_signed_folder(folder: Path, *, key: bytes) -> None:
    """Refuse a folder that :func:`sign_folder` did not sign with this key, as it is now."""
    manifest = Manifest.of(folder, schema=SCHEMA, facts={})
    files = {name: file for name, file in manifest.files.items() if name != SIGNATURE}
    _require_signature(folder, replace(manifest, files=files).dump(), key)


def _require_signature(folder: Path, content: bytes, key: bytes) -> None:
    try:
        found = (folder / SIGNATURE).read_bytes()
    except OSError:
        found = b""
    if not hmac.compare_digest(found, signature(content, key=key)):
        why = "is signed with another key, or was changed since" if found else "is not signed"
        raise IndexSignatureError(
            f"A signing key is set, and the index in {folder.parent} {why}.",
            remedy="Run `onrecord index` with this key to build it again, or unset ONRECORD_SIGNING_KEY.",
        )


def corrupt(path: Path, what: str) -> IndexCorruptError:
    """Make the error for a file that is not as it was built."""
    return IndexCorruptError(f"{path} {what}.", remedy=REBUILD)


def _stat(path: Path, file: StoredFile) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError as error:
        raise corrupt(path, "is missing") from error
    if found.st_size != file.size:
        raise corrupt(path, f"has {found.st_size:,} bytes instead of {file.size:,}")
    return found.st_size, found.st_mtime_ns, found.st_ino, found.st_ctime_ns


def _names(folder: Path) -> list[str]:
    walked = ((Path(place), names) for place, _, names in os.walk(folder))
    return [(place / name).relative_to(folder).as_posix() for place, names in walked for name in names]


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "unknown"
