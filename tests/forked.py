"""Processes that may be killed, forked from one that has loaded the libraries: none starts up by itself."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

__all__ = ["Program", "processes"]

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.preloaded"])


class Program:
    """A function in a process of its own, watched as ``subprocess.Popen`` watches a program.

    Args:
        action: What it does; it gives the exit code.
        arguments: For that.
        errors: Receives what it writes to standard error.
    """

    def __init__(self, action: Callable[..., int], *arguments: object, errors: Path) -> None:
        self._errors = errors
        self._process = processes.Process(target=_run, args=(action, arguments, errors))
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(str(self._process), timeout or 0.0)
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        self.wait(timeout)
        return "", self._errors.read_text(encoding="utf-8") if self._errors.exists() else ""


def _run(action: Callable[..., int], arguments: tuple[object, ...], errors: Path) -> None:
    descriptor = os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(descriptor, 2)
    sys.exit(action(*arguments))
