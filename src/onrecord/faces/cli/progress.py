"""Progress bars on standard error, for people; standard output stays clean."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from onrecord.faces.cli.terminal import screen
from onrecord.text.direction import visible

if TYPE_CHECKING:
    from rich.progress import TaskID


class Bars:
    """One bar for each step; away from a screen only the finished bars are printed."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self._tasks: dict[str, TaskID] = {}
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(file=screen(sys.stderr)),
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def step(self, step: str, done: int, total: int | None) -> None:
        """Show how far a step is.

        Args:
            step: Its name; a new name opens a new bar.
            done: How much is done.
            total: Of how much, None where nobody knows.
        """
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task(visible(step), total=total)
        self._progress.update(self._tasks[step], completed=done, total=total)

    def counter(self, step: str, total: int | None) -> Callable[[], None]:
        """Open a bar that counts by ones.

        Args:
            step: Its name.
            total: Where it ends, None where nobody knows.

        Returns:
            What to call after each one.
        """
        self.step(step, 0, total)
        return lambda: self._progress.advance(self._tasks[step])
