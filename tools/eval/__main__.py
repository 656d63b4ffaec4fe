"""`python -m tools.eval`: measure onrecord beside a plain system on questions with gold evidence."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from rich.console import Console

from onrecord import OnrecordError, Settings
from onrecord.evaluation.figures import LEGEND
from onrecord.evaluation.grids import Grid, runs_grid
from onrecord.evaluation.metrics.hit import hits_at
from onrecord.evaluation.questions import PARTS, QuestionSet
from onrecord.evaluation.report import runs_dict, write_json, write_page
from onrecord.evaluation.run import SYSTEM, Run
from onrecord.evaluation.running import answer_all, make_work
from onrecord.evaluation.tables import console, markdown, miss_lines, print_grid, time_line
from onrecord.faces.cli.progress import Bars
from tests.shared import ROOT
from tools.eval.deciding import decided
from tools.eval.locate import DEFAULT_WORK, MissingDataError, find_shared
from tools.eval.metrics.dated_speaker import speaker_and_day_ranks
from tools.eval.plain import Plain
from tools.eval.plain_vectors import load_embedder
from tools.eval.sets import DEFAULT_LIMITS, REPORTED, SEED, SETS, read_seed, read_set

_DATED = "speaker_topic_date"
_ALTERATIONS = "alterations"
_SPEECH = "speech"
_KNOWN = (SEED, _SPEECH, *SETS, _ALTERATIONS)
_FALSE_REFUSALS = 0.05
_PLAIN = """
onrecord refuses by its own threshold; BM25, dense and fused get the one that falsely refuses as many as
onrecord does."""


class Evaluation:
    """One run over several sets."""

    def __init__(self, options: argparse.Namespace, out: Console, bars: Bars) -> None:
        self._options = options
        self._out = out
        self._bars = bars
        self._embedder = cache(load_embedder)
        self._work = make_work(options.work)
        self.runs: list[Run] = []
        self.more: dict[str, Any] = {}
        self.blocks: dict[str, str] = {}

    def measure(self, name: str) -> None:
        """Measure one set, or what has figures of its own."""
        if name == SEED:
            corpus = ROOT / "corpus"
            self._questions(read_seed(find_shared(), corpus), corpus, part="all")
        elif name == _SPEECH:
            self._speech()
        elif name == _ALTERATIONS:
            self._alterations()
        else:
            shared, part = find_shared(), self._options.part
            limit = self._options.limit or DEFAULT_LIMITS.get(name)
            questions = read_set(shared, name).part(part, limit=limit)
            self._questions(questions, shared / "eval" / name / "corpus.jsonl.gz", part=part)

    def _questions(self, questions: QuestionSet, corpus: Path, *, part: str) -> None:
        runs: list[Run] = []
        rate = _FALSE_REFUSALS
        if self._options.systems in ("ours", "all"):
            settings = Settings.load(corpus=corpus, index=self._work / questions.name / "index")
            outcomes = answer_all(
                questions, settings, self._work, fresh=self._options.fresh, step=self._bars.step
            )
            runs.append(Run.of(questions, outcomes, part=part))
            rate = runs[0].figures["falsely"].value or 0.0
        if self._options.systems in ("plain", "all"):
            runs = [*self._plain(questions, part, rate), *runs]
        self.runs += runs
        apart = [[run] for run in runs[-1:] if len(runs) > 1 and run.kinds]
        self._show(questions.name, *(runs_grid(each) for each in (runs, *apart)))
        if runs[-1].system == SYSTEM:
            self._out.print(time_line(runs[-1]))
            self._say_dated(questions, runs[-1])
        if self._options.misses:
            for line in miss_lines(runs[-1]):
                self._out.print(line, markup=False, soft_wrap=True)

    def _plain(self, questions: QuestionSet, part: str, rate: float) -> list[Run]:
        title = f"{questions.name}: vectors of the plain system"
        plain = Plain(
            questions,
            self._work / questions.name / "plain",
            embedder=self._embedder,
            progress=lambda done, total: self._bars.step(title, done, total),
        )
        return [
            Run.of(questions, decided(questions, outcomes, false_refusals=rate), part=part, system=name)
            for name, outcomes in plain.ask(questions.questions).items()
        ]

    def _show(self, block: str, *grids: Grid) -> None:
        for grid in grids:
            print_grid(self._out, grid)
        self.blocks[f"make eval: {block}"] = markdown(grids)

    def _say_dated(self, questions: QuestionSet, run: Run) -> None:
        """Where a set asks for a person, a topic and a day: how often the first quotations are of both."""
        records = [record for record in run.records if record.kind == _DATED]
        if not records:
            return
        share = hits_at(speaker_and_day_ranks(questions, run.records), 3).value or 0.0
        self.more["speaker and day among the first three shown"] = {run.set: share}
        self._out.print(
            f"  {share:.3f} of {len(records)} have the speaker and the day among the first three shown\n"
        )

    def _speech(self) -> None:
        """Who said what, beside human annotations and the labels of transcripts."""
        from tools.eval.attributions import evaluate, read_gold
        from tools.eval.speech_table import attribution_grids, turns_grid
        from tools.eval.turns import evaluate_turns, read_transcripts

        shared, part = find_shared(), self._options.part
        attributions, turns = evaluate(read_gold(shared, part)), evaluate_turns(read_transcripts(shared))
        for name, grid in attribution_grids(attributions, part=part).items():
            self._show(name, grid)
        self._show("turns", turns_grid(turns))
        self.more[_SPEECH] = {"part": part, "polnear": attributions.as_dict(), "turns": turns.as_dict()}

    def _alterations(self) -> None:
        """Altered quotations and typographic variants, through `verify`."""
        from onrecord.corpus.folder import read_corpus
        from tests.alterations import run

        shared = find_shared()
        for corpus in (ROOT / "corpus", shared / "eval" / "news_iran_ukraine" / "corpus.jsonl.gz"):
            articles = read_corpus(corpus).articles
            table = run(articles)
            self._out.print(
                f"[bold]altered quotations and typographic variants ({len(articles):,} articles)[/]"
            )
            self._out.print(f"{table}\n", highlight=False, markup=False)
            self.more.setdefault(_ALTERATIONS, {})[f"{len(articles)} articles"] = {
                "caught": table.caught,
                "false_alarms": table.false_alarms,
            }

    def write(self) -> None:
        """Write what was measured where the command line says."""
        if self._options.json:
            write_json(self._options.json, runs_dict(self.runs, **self.more))
        if self._options.markdown:
            write_page(self._options.markdown, self.blocks)

    @property
    def exact(self) -> bool:
        """Whether every quotation was a slice of its article; says how many there were."""
        checked = sum(record.checked for run in self.runs for record in run.records)
        inexact = sum(len(run.inexact) for run in self.runs)
        if checked:
            self._out.print(f"{LEGEND}{_PLAIN}", highlight=False)
            self._out.print(f"Exact slices of their articles: {checked - inexact:,} of {checked:,}.")
        return not inexact


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.eval", description=__doc__)
    default = (SEED, _SPEECH, *REPORTED, _ALTERATIONS)
    parser.add_argument(
        "names",
        nargs="*",
        default=default,
        metavar="SET",
        help=f"of: {', '.join(_KNOWN)} (default: %(default)s)",
    )
    parser.add_argument(
        "--limit", type=int, help="questions of each set, a sample by hash (default: 2,000 of SQuAD)"
    )
    parser.add_argument("--part", choices=PARTS, default="check", help="which half (default: %(default)s)")
    parser.add_argument("--systems", choices=("plain", "ours", "all"), default="all")
    parser.add_argument("--misses", action="store_true", help="list the questions that went wrong")
    parser.add_argument("--fresh", action="store_true", help="ask again what was answered before")
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK, help="where indexes and answers are kept")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write figures and one record a question")
    parser.add_argument(
        "--markdown", type=Path, metavar="FILE", help="put the tables between the page's marks"
    )
    options = parser.parse_args(arguments)
    options.names = [name for name in ",".join(options.names).split(",") if name]
    if unknown := [name for name in options.names if name not in _KNOWN]:
        parser.error(f"no such set: {', '.join(unknown)}")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print; 1 when a quotation is not exact, 2 when something that is needed is missing."""
    options = _options(arguments)
    try:
        find_shared()
        with Bars() as bars:
            evaluation = Evaluation(options, console(), bars)
            for name in options.names:
                evaluation.measure(name)
        exact = evaluation.exact
        evaluation.write()
    except (MissingDataError, OnrecordError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0 if exact else 1


if __name__ == "__main__":
    raise SystemExit(main())
