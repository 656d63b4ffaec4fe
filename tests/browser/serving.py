"""The server as a person starts it: a process of its own, on a free port of this machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from onrecord import Settings
from tests.shared import ROOT

__all__ = ["Server", "served"]

_ADDRESS = re.compile(r"https?://[\w.:\[\]-]+")
_SECONDS = 120


@dataclass
class Server:
    """A running server.

    Attributes:
        url: Its address.
        process: To stop it.
        started: When it was started, by ``time.perf_counter``.
        log: What it writes as it goes.
        kept: The file of conversations.
    """

    url: str
    process: subprocess.Popen[str]
    started: float
    log: Path
    kept: Path


@contextmanager
def served(settings: Settings, folder: Path, **env: str) -> Iterator[Server]:
    """Run ``onrecord serve`` for the length of a ``with``.

    Args:
        settings: Names the corpus and the index; nothing else of them is handed on.
        folder: For conversations and the log.
        **env: Variables besides.

    Yields:
        The server, as soon as it says its address.
    """
    kept, log = folder / "conversations.sqlite", folder / "server.log"
    command = [sys.executable, "-m", "onrecord.faces.cli.app", "serve", "--port", "0"]
    command += ["--corpus", str(settings.corpus), "--index", str(settings.index)]
    started = time.perf_counter()
    with (
        log.open("a", encoding="utf-8") as errors,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "ONRECORD_CONVERSATIONS": str(kept), **env},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            yield Server(_address(process, log), process, started, log, kept)
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def _address(process: subprocess.Popen[str], log: Path) -> str:
    """Wait for the line with the address."""
    assert process.stdout is not None
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        line = process.stdout.readline()
        found = _ADDRESS.search(line)
        if found:
            return found[0].replace("//localhost", "//127.0.0.1")
        if not line:
            break
    raise AssertionError(f"the server did not start:\n{log.read_text(encoding='utf-8')}")
