"""An index built in a process of its own, so that a server does not take on what embedding needs."""

from __future__ import annotations

import multiprocessing
import shlex
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import cast

from onrecord.errors import OnrecordError
from onrecord.index.build import BuildReport, build_index
from onrecord.settings import Settings

Heard = Callable[[str, int, int], None]
"""Hears of a step's name, how much is done, and the total."""


def build_command(settings: Settings, *, program: str = "") -> str:
    """Write the command that builds the index, to be typed in the folder where this process was started.

    Args:
        settings: Where corpus and index are.
        program: The command of this process; its own where empty.

    Returns:
        One line for a shell.
    """
    given = program or sys.argv[0]
    words = [given if Path(given).name == "onrecord" else "onrecord", "index"]
    for name in ("corpus", "index"):
        place = getattr(settings, name)
        if place != Settings.model_fields[name].default:
            words += [f"--{name}", str(place)]
    return shlex.join(words)


def build_apart(
    settings: Settings, *, progress: Callable[[str, int, int], None] | None = None
) -> BuildReport:
    """Bring the index in step with the corpus.

    Args:
        settings: Say where both are.
        progress: Hears of a step's name, how much is done, and the total.

    Returns:
        What the build did.

    Raises:
        OnrecordError: As :func:`onrecord.index.build.build_index` does, or when the process ends early.
    """
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe(duplex=False)
    worker = spawn.Process(target=_work, args=(theirs, settings), daemon=True)
    worker.start()
    theirs.close()
    try:
        while True:
            kind, told = ours.recv()
            if kind == "done":
                return cast("BuildReport", told)
            if kind == "failed":
                raise OnrecordError(told[0], remedy=told[1])
            if progress is not None:
                progress(*told)
    except EOFError:
        raise OnrecordError(
            "The index could not be built.", remedy="Run onrecord index to see why."
        ) from None
    finally:
        ours.close()
        worker.join()


def _work(told: Connection, settings: Settings) -> None:
    try:
        report = build_index(settings, progress=lambda *step: told.send(("step", step)))
        told.send(("done", report))
    except OnrecordError as error:
        told.send(("failed", (error.message, error.remedy)))
