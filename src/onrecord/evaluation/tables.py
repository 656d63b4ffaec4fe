"""Grids, printed on a terminal or written as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TextIO

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from onrecord.evaluation.comparison import Change, Comparison
from onrecord.evaluation.grids import Grid
from onrecord.evaluation.run import Run
from onrecord.text.direction import one_line, visible

_WIDE = 120
_MARKDOWN = re.compile(r"([\\|<>*_`\[\]])")


def console(stream: TextIO | None = None) -> Console:
    """Give a console that is wide enough for the tables wherever the output goes."""
    plain = Console(file=stream, highlight=False)
    return plain if plain.is_terminal else Console(file=stream, width=_WIDE, highlight=False)


def print_grid(out: Console, grid: Grid) -> None:
    """Print a table with its title and note."""
    out.print(Text(visible(grid.title), style="bold"))
    table = Table(box=SIMPLE_HEAD)
    for at, name in enumerate(grid.header):
        table.add_column(Text(visible(name)), justify="right" if at else "left")
    for row in grid.rows:
        table.add_row(*(Text(visible(cell)) for cell in row))
    out.print(table)
    if grid.note:
        out.print(Text(f"  {visible(grid.note)}"))
    out.print()


def markdown(grids: Iterable[Grid]) -> str:
    """Write tables as Markdown, each below its title."""
    return "\n\n".join("\n".join(_lines(grid)) for grid in grids)


def _lines(grid: Grid) -> Iterator[str]:
    yield f"**{_escaped(grid.title)}**"
    yield ""
    yield _line(grid.header)
    yield "|".join(("", "---", *("--:" for _ in grid.header[1:]), ""))
    for row in grid.rows:
        yield _line(row)
    if grid.note:
        yield ""
        yield f"{_escaped(grid.note)}."


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(_escaped(cell.strip()) for cell in cells)} |"


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", one_line(text))


def time_line(run: Run) -> str:
    """Say how long questions took when they were asked; empty where nothing is known of it."""
    seconds = [record.seconds for record in run.records if record.seconds]
    if not seconds:
        return ""
    middle, high = 1_000 * np.percentile(seconds, (50, 95))
    return f"  {middle:.0f} ms a question (p50), {high:.0f} ms (p95), when they were asked\n"


def miss_lines(run: Run) -> Iterator[str]:
    """Give a line for each question that went wrong: what became of it, what was wanted, what came first."""
    for record in run.records:
        if record.right is False:
            wanted = f" | wanted: {' / '.join(record.wanted)}" if record.wanted else ""
            first = record.quotations[0].text if record.quotations else "nothing"
            yield _one_line(f"{record.id} {record.told}: {record.question}{wanted} | first: {first}")


def change_lines(comparison: Comparison) -> Iterator[str]:
    """Give a line for each question that came out otherwise, those lost last."""
    groups = (("changed", comparison.changed), ("gained", comparison.gained), ("lost", comparison.lost))
    for name, changes in groups:
        yield f"{name}: {len(changes):,}"
        yield from (_change_line(change) for change in changes)


def _change_line(change: Change) -> str:
    return _one_line(f"  {change.id}: {change.before} → {change.after}: {change.question}")


def _one_line(text: str) -> str:
    indent = text[: len(text) - len(text.lstrip())]
    return indent + one_line(text)
