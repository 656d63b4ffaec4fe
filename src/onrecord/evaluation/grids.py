"""Figures laid out in rows and columns, the same for a terminal and for Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from onrecord.evaluation.comparison import Comparison
from onrecord.evaluation.figures import METRICS, Figure
from onrecord.evaluation.run import Run

Row = tuple[str, ...]
_NONE = "-"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table.

    Attributes:
        title: What it shows.
        header: Of each column; the first column is text, the others are figures.
        rows: Cells.
        note: One line below it; may be empty.
    """

    title: str
    header: Row
    rows: tuple[Row, ...]
    note: str = ""


def runs_grid(runs: Sequence[Run]) -> Grid:
    """Lay out what one or more systems make of one set.

    Args:
        runs: Of the same questions; at least one.

    Returns:
        A row for each metric that one of them was measured by: of each system the figure and its interval,
        and of a system alone the figures of each kind of question.
    """
    last = runs[-1]
    names = [name for name in METRICS if any(run.figures[name].value is not None for run in runs)]
    part = "" if last.part == "all" else f", {last.part} half"
    title = (
        f"{last.set}{part}: {len(last.records):,} questions, {last.answerable:,} answerable, "
        f"{last.documents:,} articles"
    )
    header = [title for run in runs for title in (run.system, "95 %")]
    kinds = last.kinds if len(runs) == 1 else {}
    header += [kind or "of no kind" for kind in kinds]
    counts = [cell for run in runs for cell in (f"{len(run.records):,}", "")]
    counts += [f"{sum(record.kind == kind for record in last.records):,}" for kind in kinds]
    rows = [("questions", *counts)]
    for name in names:
        told = [cell for run in runs for cell in _cells(run.figures[name])]
        rows.append((name, *told, *(_share(figures[name].value) for figures in kinds.values())))
    return Grid(title, ("", *header), tuple(rows))


def _cells(figure: Figure) -> tuple[str, str]:
    return _share(figure.value), _interval(figure)


def _share(value: float | None, *, sign: bool = False) -> str:
    """Give three decimals, and more where they would hide that a share is not whole."""
    if value is None:
        return _NONE
    told = f"{value:{'+' if sign else ''}.3f}"
    return f"{value:.6f}" if told == "1.000" and value < 1 else told


def _interval(figure: Figure) -> str:
    return _NONE if figure.low is None else f"{figure.low:.2f}–{figure.high:.2f}"


def comparison_grid(comparison: Comparison) -> Grid:
    """Lay out how far each metric moved.

    Args:
        comparison: Of two runs.

    Returns:
        A row for each metric that both were measured by.
    """
    moved = [(name, each) for name, each in comparison.differences.items() if each.difference is not None]
    rows = tuple(
        (
            name,
            _share(each.old),
            _share(each.new),
            _share(each.difference, sign=True),
            f"{each.low:+.3f} to {each.high:+.3f}",
            "sure" if each.sure else "",
        )
        for name, each in moved
    )
    apart = [
        f"{count:,} only in the {which} run"
        for which, count in (("old", comparison.only_old), ("new", comparison.only_new))
        if count
    ]
    title = f"{comparison.set}, {comparison.system}: {comparison.questions:,} questions in both runs"
    return Grid(title, ("metric", "old", "new", "difference", "95 %", ""), rows, "; ".join(apart))
