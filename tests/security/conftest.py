"""Servers to be attacked, as a person starts them: each a process with a temporary folder of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from onrecord import Settings
from tests.browser.serving import Server, served
from tests.security.attacking import Caller


@dataclass
class Target:
    """A server, and where it keeps things.

    Attributes:
        server: The server.
        temporary: The temporary folder that its process was given.
        corpus: Where its articles lie.
    """

    server: Server
    temporary: Path
    corpus: Path

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def log(self) -> str:
        """What it has written so far."""
        return self.server.log.read_text(encoding="utf-8")

    def files(self) -> list[Path]:
        """Every file with something in it of those that callers sent."""
        found = self.temporary.glob(f"onrecord-{os.geteuid()}/**/*")
        return [each for each in found if each.is_file() and each.stat().st_size]


def target(settings, folder: Path, **env: str) -> Iterator[Target]:
    temporary = folder / "tmp"
    temporary.mkdir()
    with served(settings, folder, TMPDIR=str(temporary), **env) as server:
        yield Target(server, temporary, settings.corpus)


@pytest.fixture(scope="package")
def usual(plain_index, tmp_path_factory) -> Iterator[Target]:
    """A server as it comes."""
    yield from target(plain_index, tmp_path_factory.mktemp("usual"))


@pytest.fixture(scope="package")
def taking(built_index, tmp_path_factory) -> Iterator[Target]:
    """A server that takes articles."""
    folder = tmp_path_factory.mktemp("taking")
    yield from target(of_its_own(built_index, folder), folder, ONRECORD_UPLOADS="true")


def of_its_own(settings: Settings, folder: Path) -> Settings:
    """Copy a corpus that is a folder, and its index."""
    for name in ("corpus", "index"):
        shutil.copytree(getattr(settings, name), folder / name)
    return settings.model_copy(update={"corpus": folder / "corpus", "index": folder / "index"})


@pytest.fixture
def callers() -> Iterator[Callable[..., Caller]]:
    """Give a function that makes visitors, who hang up at the end."""
    with ExitStack() as made:
        yield lambda *given, **options: made.enter_context(Caller(*given, **options))
