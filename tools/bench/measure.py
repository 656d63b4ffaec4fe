"""Running a program and seeing what it took; percentiles; bytes on disk."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.shared import ROOT

__all__ = ["FailedError", "Ran", "disk_bytes", "module", "onrecord", "percentile", "run"]


class FailedError(Exception):
    """A program that is measured ended with an error."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run of a program took.

    Attributes:
        seconds: From before it started until it ended.
        peak: Resident bytes at most, of it or of any one program it started.
        output: What it printed.
        errors: What it printed to the error stream.
    """

    seconds: float
    peak: int
    output: str
    errors: str

    @property
    def result(self) -> Any:
        """What its last line says, read as JSON."""
        return json.loads(self.output.strip().rpartition("\n")[2])


def run(command: Sequence[str | Path], *, env: dict[str, str] | None = None) -> Ran:
    """Run a program to its end.

    Raises:
        FailedError: If it ends with an error; holds the end of what it said.
    """
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        started = time.perf_counter()
        child = subprocess.Popen(
            [str(part) for part in command],
            cwd=ROOT,
            env=_environment() | (env or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
        )
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        ran = Ran(seconds, usage.ru_maxrss * 1024, output.read(), errors.read())
    if child.returncode:
        raise FailedError(
            f"{' '.join(map(str, command))} ended with {child.returncode}:\n{ran.errors[-2000:]}"
        )
    return ran


def _environment() -> dict[str, str]:
    """Nothing leaves this machine while it is measured; the modules are those of this interpreter."""
    path = os.pathsep.join(
        [str(ROOT), *(entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry)]
    )
    quiet = {"HF_HUB_OFFLINE": "1", "ANONYMIZED_TELEMETRY": "False", "PYTHONWARNINGS": "ignore"}
    return {**os.environ, **quiet, "PYTHONPATH": path}


def module(name: str, *arguments: object) -> list[str]:
    """Give the command line of one of this package's programs."""
    return [sys.executable, "-m", f"tools.bench.{name}", *map(str, arguments)]


def onrecord(*arguments: object, flags: Sequence[str] = ()) -> list[str]:
    """Give the command line of onrecord, as its installed script starts it."""
    start = "import sys; from onrecord.faces.cli.app import main; sys.exit(main())"
    return [sys.executable, *flags, "-c", start, *map(str, arguments)]


def percentile(values: Sequence[float], share: float) -> float:
    """Give the smallest value that at least this share of the values does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1]


def disk_bytes(folder: Path) -> int:
    """Give the bytes that a folder's files take on disk, each file once however often it is linked."""
    seen = {}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            status = path.stat()
            seen[status.st_dev, status.st_ino] = status.st_blocks * 512
    return sum(seen.values())
