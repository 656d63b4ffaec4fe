"""Doing to an index what somebody would who can write its folder, and leaving it sound in itself."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from onrecord.index.generation import newest_name
from onrecord.index.manifest import MANIFEST, generation_name

__all__ = ["altered_text", "forge", "forge_articles"]


def forge(index: Path, change: Callable[[Path], object]) -> Path:
    """Change the generation in use, renew its hashes and its name, and give its new folder."""
    name = newest_name(index)
    assert name
    folder = index / name
    change(folder)
    manifest = json.loads((folder / MANIFEST).read_bytes())
    for file, told in manifest["files"].items():
        content = (folder / file).read_bytes()
        told.update(sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    content = json.dumps(manifest).encode()
    (folder / MANIFEST).unlink()  # it may be linked to from elsewhere
    (folder / MANIFEST).write_bytes(content)
    forged = folder.rename(index / generation_name(9, content))
    (index / "current").write_text(f"{forged.name}\n")
    shutil.rmtree(index / ".stamps", ignore_errors=True)
    return forged


def forge_articles(index: Path, change: Callable[[sqlite3.Connection], object]) -> Path:
    """Change the articles that an index holds."""

    def rewrite(folder: Path) -> None:
        database, copy = folder / "articles.sqlite", folder / "copy.sqlite"
        shutil.copyfile(database, copy)
        copy.replace(database)
        connection = sqlite3.connect(database)
        with connection:
            change(connection)
        connection.close()

    return forge(index, rewrite)


def altered_text(old: str, new: str, *, hashed: bool = True) -> Callable[[sqlite3.Connection], None]:
    """Put other words into every article that has these; where ``hashed``, its hash is renewed."""
    assert len(old) == len(new), "sentences would begin elsewhere"

    def change(connection: sqlite3.Connection) -> None:
        found = connection.execute("SELECT row, text, sha256 FROM article").fetchall()
        changed = 0
        for row, text, sha256 in found:
            other = text.replace(old.encode(), new.encode())
            digest = hashlib.sha256(other).hexdigest() if hashed else sha256
            changed += other != text
            if other != text:
                connection.execute(
                    "UPDATE article SET text = ?, sha256 = ? WHERE row = ?", (other, digest, row)
                )
        assert changed

    return change
