"""Damage each file of an index, one copy each: ``python -m tests.reliability.damage INDEX COPIES``.

Writes how many cases there were and how many of them were noticed.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from onrecord.errors import IndexCorruptError, IndexMissingError
from onrecord.index.generation import open_current


def kinds(path: Path):
    """Name the ways to damage a file, and do each."""
    content = path.read_bytes()
    middle = len(content) // 2
    yield "missing", path.unlink
    if content:
        flipped = bytes([*content[:middle], content[middle] ^ 1, *content[middle + 1 :]])
        yield "emptied", lambda: path.write_bytes(b"")
        yield "halved", lambda: path.write_bytes(content[:middle])
        yield "flipped", lambda: path.write_bytes(flipped)
        yield "forged", lambda: _forge(path, flipped)
    else:
        yield "grown", lambda: path.write_bytes(b"x")


def _forge(path: Path, content: bytes) -> None:
    before = path.stat()
    with path.open("r+b") as stream:
        stream.write(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def noticed(index: Path, file: Path, kind: str) -> bool:
    """Open the index and say whether the damage was found and named."""
    try:
        # Only a full check sees damage that hides behind the old times.
        open_current(index, full=kind == "forged")
    except IndexCorruptError as error:
        return file.name in error.message or file.parent.name in error.message
    except IndexMissingError:
        return file.name == "current" and kind == "missing"
    return False


def main(index: Path, copies: Path) -> int:
    files = [path.relative_to(index) for path in sorted(index.glob("gen-*/**/*")) if path.is_file()]
    cases = detected = 0
    for file in [*files, Path("current")]:
        for kind, _ in kinds(index / file):
            copy = copies / f"{cases}"
            shutil.copytree(index, copy)
            open_current(copy)
            dict(kinds(copy / file))[kind]()
            cases += 1
            if noticed(copy, file, kind):
                detected += 1
            else:
                sys.stderr.write(f"not noticed: {file} {kind}\n")
            shutil.rmtree(copy)
    sys.stdout.write(f"{cases} {detected}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), Path(sys.argv[2])))
