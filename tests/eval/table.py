"""The tables that are printed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from tests.eval.score import Row
from tests.eval.seed import GOAL_FIRST, GOAL_THREE, SeedResult
from tests.eval.sets import QuestionSet

__all__ = ["README_FIGURES", "console", "print_seed", "print_set", "verdict"]

README_FIGURES = {
    "realtimeqa": "BM25/dense/fused hit@1 .83/.78/.81, hit@10 1.00, quote .54/.74, AUROC .957 (600 docs)",
    "squad2_dev": "BM25/dense/fused hit@1 .77/.59/.75, hit@10 .95, quote .74/.87, AUROC .65 (1,204 docs)",
}
"""A plain system as published with the data, on other samples of the same sets."""

_COLUMNS = (
    "system", "hit@1", "hit@10", "MRR", "quote@1", "quote@3", "words@1", "words@3", "AUROC", "refused",
    "falsely",
)  # fmt: skip


def console() -> Console:
    """Give a console that is wide enough for the tables wherever the output goes."""
    plain = Console()
    return plain if plain.is_terminal else Console(width=140)


def print_set(out: Console, questions: QuestionSet, rows: Sequence[Row], *, part: str) -> None:
    """Print one set's table: best figure of each column in bold."""
    yes = sum(q.answerable for q in questions.questions)
    no = len(questions.questions) - yes
    title = (
        f"{questions.name} ({part}): {yes:,} answerable, {no:,} not, {len(questions.documents):,} documents"
    )
    table = Table(title=title, title_justify="left", title_style="bold")
    for name in _COLUMNS:
        table.add_column(name, justify="left" if name == "system" else "right")
    values = [list(row.as_dict().values())[1:] for row in rows]
    best = [_best(column, lowest=False) for column in list(zip(*values, strict=True))[:-2]]
    for row, cells in zip(rows, values, strict=True):
        marks = [value is not None and value == top for value, top in zip(cells, best, strict=False)]
        shown = [
            f"[bold]{_share(v)}[/]" if mark else _share(v) for v, mark in zip(cells, marks, strict=False)
        ]
        table.add_row(row.system, *shown, *map(_percent, cells[-2:]))
    out.print(table)
    if questions.name in README_FIGURES:
        out.print(f"  published for a plain system: {README_FIGURES[questions.name]}", highlight=False)
    out.print()


def _best(column: Sequence[object], *, lowest: bool) -> float | None:
    numbers = [value for value in column if isinstance(value, float)]
    if not numbers:
        return None
    return min(numbers) if lowest else max(numbers)


def _share(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else "-"


def _percent(value: object) -> str:
    return f"{100 * value:.1f} %" if isinstance(value, float) else "-"


def verdict(met: bool) -> str:
    """Give the words for a goal."""
    return "[green]met[/]" if met else "[red]not met[/]"


def print_seed(out: Console, result: SeedResult) -> None:
    """Print the goals of the seed questions beside what was measured, then the misses."""
    table = Table(title="seed questions, as shown after refusals", title_justify="left", title_style="bold")
    for name in ("", "onrecord", "goal", "plain system", ""):
        table.add_column(name)
    n, m = result.answerable, result.unanswerable
    table.add_row(
        "gold among the first three", f"{100 * result.three:.0f} % of {n}", "≥ 95 %", "94 %",
        verdict(result.three >= GOAL_THREE),
    )  # fmt: skip
    table.add_row(
        "gold in the first", f"{100 * result.first:.0f} % of {n}", "≥ 80 %", "59 %",
        verdict(result.first >= GOAL_FIRST),
    )  # fmt: skip
    table.add_row("unanswerable refused", f"{result.refused} of {m}", "all", "", verdict(result.refused == m))
    table.add_row(
        "answerable refused",
        f"{result.falsely_refused} of {n}",
        "≤ 1",
        "",
        verdict(result.falsely_refused <= 1),
    )
    table.add_row("AUROC of the confidence", f"{result.auroc:.3f}", "", ".83", "")
    out.print(table)
    for line in result.misses:
        out.print(f"  {line}", highlight=False, markup=False, soft_wrap=True)
    out.print()
