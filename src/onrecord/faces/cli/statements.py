"""``onrecord statements``: who said what in a file, without an index; as JSON or as a table for a screen."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from onrecord.faces.cli.options import JsonOption, show_json
from onrecord.text.direction import one_line
from onrecord.types import Mode, Statement

if TYPE_CHECKING:
    from rich.table import Table

    from onrecord.corpus.documents import Document

_MODES = {Mode.REPORTED: "indirect"}
_WIDTH = 100


def statements_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Text, or JSONL; - is standard input.")],
    published: Annotated[
        str | None,
        typer.Option("--published", metavar="DATE", help="Of texts that do not say, for “on Friday”."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Find who said what in a text, or in many. Needs no index.

    JSONL is an object with id and text a line. --json prints one object a document: id and
    statements, each with start, end, mode (direct, indirect, mixed, or scare for quotation marks
    around nobody's speech), speaker and cue as printed with their places, and canonical: who is
    meant, null where that is not certain. Places are counted in code points. Exit code 1 when a
    line could not be used.
    """
    from onrecord.corpus.documents import open_documents

    bad = 0
    with (
        open_documents(file, standard=sys.stdin.buffer, published=published) as documents,
        _counter(listed=documents.listed) as advance,
    ):
        for document in documents.found:
            if document.error:
                bad += 1
                sys.stderr.write(f"{one_line(document.error)}\n")
            _print(document, as_json=as_json)
            sys.stdout.flush()
            advance()
    if bad:
        raise typer.Exit(1)


@contextmanager
def _counter(*, listed: bool) -> Iterator[Callable[[], object]]:
    """Count on standard error where many documents may come and somebody looks on."""
    if not listed or not sys.stderr.isatty() or sys.stdout.isatty():
        yield lambda: None
        return
    from onrecord.faces.cli.progress import Bars

    with Bars() as bars:
        yield bars.counter("Reading", None)


def _print(document: Document, *, as_json: bool) -> None:
    from onrecord.render.json import statement_dict
    from onrecord.speech.stretches import spoken

    article = document.article
    found = spoken(article) if article else ()
    text = article.text if article else ""
    if as_json:
        record: dict[str, Any] = {
            "id": document.id,
            "statements": [statement_dict(one, text) for one in found],
        }
        show_json(record | ({"error": document.error} if document.error else {}))
    elif article and not found:
        sys.stdout.write(f"{one_line(str(document.id))}: nobody is quoted or reported.\n")
    elif article:
        _show(_table(str(document.id), text, found))


def _show(table: Table) -> None:
    from rich.console import Console

    from onrecord.faces.cli.terminal import screen

    width = None if sys.stdout.isatty() else _WIDTH
    Console(file=screen(sys.stdout), width=width, highlight=False).print(table)


def _table(title: str, text: str, found: Sequence[Statement]) -> Table:
    """Make the table of one document; quotation marks stand only where the text has them."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from onrecord.text.direction import visible

    table = Table(title=Text(visible(title), "bold"), title_justify="left", box=box.SIMPLE_HEAD, expand=True)
    for name, ratio in (("mode", 3), ("who", 9), ("words as printed", 19)):
        table.add_column(name, ratio=ratio, overflow="fold")
    for one in found:
        words = Text(visible(text[one.start : one.end]), "" if one.mode is Mode.DIRECT else "dim")
        table.add_row(_MODES.get(one.mode, one.mode.value), Text(visible(_who(one, text))), words)
    return table


def _who(one: Statement, text: str) -> str:
    """Say who speaks, and what is told of it, one to a line."""
    from onrecord.wording.source_line import said_line

    if one.mode is Mode.SCARE:
        return "nobody’s speech"
    printed = one.speaker if one.speaker_start is None else text[one.speaker_start : one.speaker_end]
    told = [
        one.canonical or (f"not certain: {printed}" if printed else "unknown"),
        f"to {one.addressee}" if one.addressee else "",
        one.occasion or "",
        said_line(one.said_on, one.said_on_basis),
    ]
    return "\n".join(one_line(line) for line in told if line)
