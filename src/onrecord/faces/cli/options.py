"""What the commands share: options, and the ways in and out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from onrecord.errors import OnrecordError

if TYPE_CHECKING:
    from onrecord.assistant.assistant import Assistant
    from onrecord.render.pieces import Piece
    from onrecord.settings import Settings

_BROKEN_PIPE = 141

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
SpeakerOption = Annotated[
    list[str] | None,
    typer.Option("--speaker", metavar="NAME", help="Only this person's words; may be repeated."),
]


@dataclass(frozen=True, slots=True)
class IndexOptions:
    """Which articles, and which index of them; :func:`onrecord.faces.spread.spread` makes options of it."""

    corpus: Annotated[
        Path | None,
        typer.Option(
            "--corpus", help="Folder of articles, or one JSONL file.  [default: corpus]", show_default=False
        ),
    ] = None
    index: Annotated[
        Path | None,
        typer.Option("--index", help="Folder of the index.  [default: index]", show_default=False),
    ] = None

    @property
    def settings(self) -> Settings:
        """The settings, with what the command line gave."""
        from onrecord.settings import Settings

        return Settings.load(**asdict(self))

    def open(self) -> Assistant:
        """Open the index that the command line or the settings name."""
        from onrecord.assistant.assistant import Assistant

        return Assistant.open(self.settings)


@dataclass(frozen=True, slots=True)
class PlaceOptions(IndexOptions):
    """The same, and where what is kept of questions lies."""

    state: Annotated[
        Path | None,
        typer.Option(
            "--state",
            help="Folder of conversations and keys.  [default: .onrecord beside the corpus]",
            show_default=False,
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class ArticleFilters:
    """Which articles a command keeps to."""

    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Only articles of this day or later.")
    ] = None
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Only articles of this day or earlier.")
    ] = None
    outlet: Annotated[
        list[str] | None,
        typer.Option("--outlet", metavar="NAME", help="Only this outlet; may be repeated."),
    ] = None
    article: Annotated[
        list[str] | None,
        typer.Option("--article", metavar="ID", help="Only this article; may be repeated."),
    ] = None


@dataclass(frozen=True, slots=True)
class SearchFilters(ArticleFilters):
    """What a search is narrowed to."""

    speaker: SpeakerOption = None


@dataclass(slots=True)
class Run:
    """What one run of the command line was told before the command's name."""

    debug: bool = False


def show(*pieces: Piece) -> None:
    """Write pieces to standard output."""
    from onrecord.faces.cli.terminal import write

    write(pieces, sys.stdout)


def show_json(value: Any) -> None:
    """Write a value to standard output as one line of JSON."""
    from onrecord.render.json import dumps

    sys.stdout.write(f"{dumps(value)}\n")


def read_bytes(path: Path) -> bytes:
    """Read a file, or standard input where it is named ``-``."""
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise OnrecordError(
            f"{path} cannot be read: {error.strerror or error}.",
            remedy="Name a file, or - for standard input.",
        ) from error


def read_text(path: Path) -> str:
    """Read a text file, or standard input where it is named ``-``."""
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise OnrecordError(f"{path} is not UTF-8.", remedy="Save it as UTF-8 text.") from None


def drop_output() -> int:
    """Leave quietly when the reader has gone, and keep the interpreter from complaining on its way out."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return _BROKEN_PIPE


def announcer(told: Callable[[str], object] | None = None) -> Callable[[str], None]:
    """Give what prints a server's address, and hands it on to ``told``."""

    def announce(address: str) -> None:
        sys.stdout.write(f"onrecord answers on {address} (Ctrl-C ends it)\n")
        sys.stdout.flush()
        if told is not None:
            told(address)

    return announce
