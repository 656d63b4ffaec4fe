"""What the reliability tests share: a builder in a process of its own, and file systems with a defect."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.forked import Program
from tests.reliability import small


@pytest.fixture
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Program]]:
    """Start the builder of `tests.reliability.small` with arguments; what still runs at the end is killed."""
    started: list[Program] = []
    said = tmp_path_factory.mktemp("said")

    def start(*arguments: object, failpoint: str = "") -> Program:
        errors = said / f"{len(started)}.txt"
        started.append(Program(small.main, list(map(str, arguments)), failpoint, errors=errors))
        return started[-1]

    yield start
    for program in started:
        program.kill()
        program.communicate()


@contextmanager
def mounted(target: Path, *arguments: str) -> Iterator[None]:
    done = subprocess.run(["mount", *arguments, str(target)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"cannot mount: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(target)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Give a function that mounts a file system of so many KiB, or changes its size."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a file system")
    disk = tmp_path / "disk"
    disk.mkdir()

    def resize(kib: int) -> Path:
        subprocess.run(["mount", "-o", f"remount,size={kib}k", str(disk)], check=True)
        return disk

    with mounted(disk, "-t", "tmpfs", "-o", "size=8m", "tmpfs"):
        yield resize


@pytest.fixture
def read_only() -> Callable[[Path], contextmanager[None]]:
    """Give a context manager that makes a folder read-only, for root by a bind mount."""

    @contextmanager
    def as_root(folder: Path) -> Iterator[None]:
        with mounted(folder, "--bind", str(folder)):
            subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
            yield

    @contextmanager
    def as_anybody(folder: Path) -> Iterator[None]:
        folder.chmod(0o555)
        try:
            yield
        finally:
            folder.chmod(0o755)

    return as_root if os.geteuid() == 0 else as_anybody
