"""What is printed: figures as they come, and at the end every goal beside what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

__all__ = ["Goal", "Report", "mebibytes", "milliseconds"]


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal of the project beside what was measured. ``met`` is None where it does not apply here."""

    name: str
    measured: str
    goal: str
    met: bool | None


@dataclass(slots=True)
class Report:
    """Prints tables, and keeps the figures for a JSON file."""

    out: Console
    goals: list[Goal] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    def say(self, line: str) -> None:
        """Print what is being done."""
        self.out.print(f"[dim]{line}[/]", highlight=False)

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print one table."""
        table = Table(title=title, title_justify="left", title_style="bold")
        for number, name in enumerate(columns):
            table.add_column(name, justify="right" if number else "left")
        for row in rows:
            table.add_row(*row)
        self.out.print(table)
        self.out.print()

    def goal(self, name: str, measured: str, goal: str, *, met: bool | None) -> None:
        """Note a goal."""
        self.goals.append(Goal(name, measured, goal, met))

    def print_goals(self) -> None:
        """Print every goal that was looked at."""
        words = {True: "[green]met[/]", False: "[red]not met[/]", None: "does not apply"}
        rows = [(goal.name, goal.measured, goal.goal, words[goal.met]) for goal in self.goals]
        self.table("goals", ("goal", "measured", "wanted", ""), rows)

    def as_dict(self) -> dict[str, Any]:
        """Give the figures and the goals for a JSON file."""
        return {**self.figures, "goals": [asdict(goal) for goal in self.goals]}


def milliseconds(value: float) -> str:
    """Write a time."""
    return f"{value:,.1f} ms"


def mebibytes(value: float) -> str:
    """Write a size."""
    return f"{value / 2**20:,.0f} MiB"
