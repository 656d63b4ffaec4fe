"""The tables on who said what: quotations found, speakers right, turns right, and the commonest errors."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from tests.eval.attributions import Result
from tests.eval.metrics.content import Found
from tests.eval.metrics.speaker import Accuracy, Verdict
from tests.eval.table import verdict
from tests.eval.turns import TurnResult

__all__ = ["GOAL_QUOTATIONS", "GOAL_SPEAKERS", "GOAL_TURNS", "print_attributions", "print_turns"]

GOAL_QUOTATIONS = 0.93
GOAL_SPEAKERS = 0.90
GOAL_TURNS = 0.98
_ERRORS = 10


def print_attributions(out: Console, result: Result, *, part: str) -> None:
    """Print what was found of the human attributions, the goals, and the ten commonest errors."""
    title = f"who said what: polnear ({part}), {result.documents:,} articles"
    table = Table(title=title, title_justify="left", title_style="bold")
    for name in ("direct quotations", "precision", "recall", "F1", "goal", ""):
        table.add_column(name, justify="left" if name in ("direct quotations", "") else "right")
    _row(table, "same span", result.exact)
    _row(table, "≥ 80 % overlap", result.near, goal=GOAL_QUOTATIONS)
    _row(table, "the same, parts of a longer content left out", result.apart, goal=GOAL_QUOTATIONS)
    _row(table, "≥ 80 % overlap with what the set flags as direct", result.flagged)
    out.print(table)
    _print_speakers(out, result)
    borne = f"{result.any.precision or 0:.3f} of {result.any.shown:,}"
    out.print(f"statements shown, of any mode, that annotators marked too: {borne}\n", highlight=False)
    errors = Table(title="commonest errors", title_justify="left", title_style="bold")
    errors.add_column("")
    errors.add_column("count", justify="right")
    for name, count in result.errors.most_common(_ERRORS):
        errors.add_row(name, f"{count:,}")
    out.print(errors)
    out.print()


def _row(table: Table, name: str, found: Found, *, goal: float | None = None) -> None:
    shares = [
        f"{share:.3f}" if share is not None else "-" for share in (found.precision, found.recall, found.f1)
    ]
    judged = (f"F1 ≥ {goal:.2f}", verdict((found.f1 or 0) >= goal)) if goal else ("", "")
    table.add_row(name, *shares, *judged)


def _print_speakers(out: Console, result: Result) -> None:
    table = Table()
    for name in ("speakers", "right", "wrong", "unknown", "missed", "of", "right of found", "goal", ""):
        table.add_column(name, justify="left" if name in ("speakers", "") else "right")
    rows = (
        ("direct, source named", result.named, GOAL_SPEAKERS),
        ("direct", result.direct, None),
        ("all attributions", result.everything, None),
    )
    for name, verdicts, goal in rows:
        shares = (
            [f"{verdicts.count(each) / len(verdicts):.3f}" for each in Verdict] if verdicts else ["-"] * 4
        )
        share = Accuracy.of(verdicts).share or 0.0
        judged = (f"≥ {goal:.2f}", verdict(share >= goal)) if goal else ("", "")
        found = [one for one in verdicts if one is not Verdict.MISSED]
        of_found = f"{Accuracy.of(found).share or 0:.3f}"
        table.add_row(name, *shares, f"{len(verdicts):,}", of_found, *judged)
    out.print(table)


def print_turns(out: Console, result: TurnResult) -> None:
    """Print how many turns of the briefings went to their speaker, and questions to anybody."""
    table = Table(
        title=f"turns: wh_briefings, {result.documents:,} transcripts",
        title_justify="left",
        title_style="bold",
    )
    for name in ("", "measured", "goal", ""):
        table.add_column(name)
    share = result.accuracy or 0.0
    table.add_row(
        "turns given to their speaker", f"{share:.4f} of {result.turns:,}", f"≥ {GOAL_TURNS}",
        verdict(share >= GOAL_TURNS),
    )  # fmt: skip
    table.add_row(
        "reporters' questions credited to somebody", f"{result.credited:,} of {result.questions:,}", "0",
        verdict(not result.credited),
    )  # fmt: skip
    out.print(table)
    out.print()
