"""The command `onrecord eval`: answers and refusals measured on questions with gold evidence."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TextIO

import typer

from onrecord.errors import EvaluationError
from onrecord.faces.cli.options import IndexOptions, show_json
from onrecord.faces.spread import spread
from onrecord.text.direction import one_line

if TYPE_CHECKING:
    from onrecord.evaluation.grids import Grid
    from onrecord.evaluation.run import Run
    from onrecord.evaluation.running import Plan

_RUNS, _COMPARED = "onrecord eval", "onrecord eval comparison"

Part = Literal["tune", "check", "all"]


@spread("at")
def eval_command(
    sets: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="SET",
            help="A folder with queries.jsonl and corpus.jsonl, or a file of questions.",
            show_default=False,
        ),
    ] = None,
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option("--compare", metavar="OLD NEW", help="Compare two files that --json wrote, instead."),
    ] = None,
    part: Annotated[Part, typer.Option("--part", help="Only this half of the questions, by a hash.")] = "all",
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Questions of each set, at most: a sample by a hash.")
    ] = None,
    misses: Annotated[bool, typer.Option("--misses", help="List the questions that went wrong.")] = False,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write figures and a record a question; - prints."),
    ] = None,
    markdown: Annotated[
        Path | None,
        typer.Option("--markdown", metavar="FILE", help="Put the tables into a page, between its marks."),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Ask again what was answered before.")] = False,
    work: Annotated[
        Path | None,
        typer.Option("--work", help="Folder of indexes and answers.  [default: .eval]", show_default=False),
    ] = None,
    *,
    at: IndexOptions,
) -> None:
    """Measure answers and refusals on questions of your own.

    Figures come with 95 % intervals, and for each kind of question. What was answered before with the
    same question, index, code, weights and settings is not asked again, so that a run that was
    interrupted goes on. A folder's own articles are indexed in the work folder; a file of questions
    is asked of --corpus. Exit code 1 when a quotation is no exact slice of its article.
    """
    if compare is not None:
        return _compare(*compare, json_file, markdown)
    if not sets:
        raise EvaluationError(
            "There is no question set.", remedy="Name one, or two files of results with --compare."
        )
    from onrecord.evaluation.grids import runs_grid
    from onrecord.evaluation.report import runs_dict
    from onrecord.evaluation.running import DEFAULT_WORK, Plan

    plan = Plan(work or DEFAULT_WORK, at.corpus, at.index, part=part, limit=limit, fresh=fresh)
    runs = _runs(plan, sets)
    if str(json_file) != "-":
        _print(runs, misses=misses)
    _write(runs_dict(runs), json_file, _RUNS, [runs_grid([run]) for run in runs], markdown)
    inexact = [line for run in runs for line in _inexact_lines(run)]
    if inexact:
        _print_lines(inexact, to=sys.stderr)
        raise typer.Exit(1)
    return None


def _runs(plan: Plan, sets: Sequence[Path]) -> list[Run]:
    from onrecord.evaluation.sets import SetFiles
    from onrecord.faces.cli.progress import Bars

    found = [SetFiles.find(path) for path in sets]  # a name mistyped is told before the first is measured
    with Bars() as bars:
        measured = [plan.run(files, step=bars.step) for files in found]
    for _, warnings in measured:
        _print_lines(warnings, to=sys.stderr)
    return [run for run, _ in measured]


def _print(runs: Sequence[Run], *, misses: bool) -> None:
    from onrecord.evaluation.figures import LEGEND
    from onrecord.evaluation.grids import runs_grid
    from onrecord.evaluation.tables import console, miss_lines, print_grid, time_line
    from onrecord.faces.cli.terminal import screen

    out = console(screen(sys.stdout))
    for run in runs:
        print_grid(out, runs_grid([run]))
        out.print(time_line(run))
        if misses:
            _print_lines(miss_lines(run))
    out.print(LEGEND, markup=False)


def _print_lines(lines: Iterable[str], *, to: TextIO | None = None) -> None:
    from onrecord.text.direction import visible

    (to or sys.stdout).writelines(f"{visible(line)}\n" for line in lines)


def _inexact_lines(run: Run) -> Iterator[str]:
    for record, shown in run.inexact:
        place = f"{shown.document} {shown.start}–{shown.end}"
        yield f"{run.set}, {record.id}: not an exact slice of {place}: {one_line(shown.text)}"


def _compare(old: Path, new: Path, json_file: Path | None, markdown: Path | None) -> None:
    from onrecord.evaluation.comparison import compare
    from onrecord.evaluation.grids import comparison_grid
    from onrecord.evaluation.report import read_runs
    from onrecord.evaluation.tables import change_lines, console, print_grid
    from onrecord.faces.cli.terminal import screen

    comparisons = compare(read_runs(old), read_runs(new))
    grids = [comparison_grid(each) for each in comparisons]
    if str(json_file) != "-":
        for comparison, grid in zip(comparisons, grids, strict=True):
            print_grid(console(screen(sys.stdout)), grid)
            _print_lines(change_lines(comparison))
    value = {"comparisons": [comparison.as_dict() for comparison in comparisons]}
    _write(value, json_file, _COMPARED, grids, markdown)


def _write(
    value: Mapping[str, Any], json_file: Path | None, name: str, grids: Sequence[Grid], page: Path | None
) -> None:
    from onrecord.evaluation.report import write_json, write_page
    from onrecord.evaluation.tables import markdown

    if str(json_file) == "-":
        show_json(value)
    elif json_file is not None:
        write_json(json_file, value)
    if page is not None:
        write_page(page, {name: markdown(grids)})
