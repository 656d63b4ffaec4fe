"""`python -m tests.eval`: measure onrecord beside a plain system on questions with gold evidence."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO, Any

from rich.console import Console
from rich.progress import Progress

from onrecord import OnrecordError
from tests.bench.measure import percentile
from tests.eval.dump import dump
from tests.eval.locate import DEFAULT_WORK, MissingDataError, find_shared, make_work
from tests.eval.metrics.dated_speaker import first_of_speaker_and_day
from tests.eval.metrics.exact import count_exact
from tests.eval.metrics.quotation import first_by_place, rate_at
from tests.eval.outcome import Outcome
from tests.eval.plain import Plain
from tests.eval.plain_vectors import load_embedder
from tests.eval.score import Row, score
from tests.eval.seed import judge
from tests.eval.sets import DEFAULT_LIMITS, PARTS, REPORTED, SETS, QuestionSet, read_seed, read_set
from tests.eval.table import console, print_seed, print_set
from tests.shared import ROOT

_SEED = "seed"
_DATED = "speaker_topic_date"
_ALTERATIONS = "alterations"
_SPEECH = "speech"
_FALSE_REFUSALS = 0.05
_LEGEND = """\
hit, MRR: articles, by the passages found. quote@k: the gold quote, or at least half of it, stands in one of
the first k quotations before any refusal; words@k: a short answer's words do, which is what the published
figures of a plain system count. refused: of the unanswerable; falsely: of the answerable. onrecord refuses
by its own threshold; the others get the one that falsely refuses as many as onrecord does."""


class Evaluation:
    """One run over several sets."""

    def __init__(self, options: argparse.Namespace, out: Console, dumped: IO[bytes] | None) -> None:
        self._options = options
        self._out = out
        self._dumped = dumped
        self._embedder = cache(load_embedder)
        self._work = make_work(options.work)
        self._corpus = ROOT / "corpus"
        self.exact = 0
        self.results: dict[str, Any] = {}

    def seed(self) -> None:
        """The seed questions on the project's own articles."""
        questions = read_seed(find_shared(), self._corpus)
        outcomes = self._answer(questions, self._corpus)
        if "ours" in outcomes:
            result = judge(questions, outcomes["ours"])
            print_seed(self._out, result)
            self.results["seed goals"] = {
                "first": result.first,
                "three": result.three,
                "refused": result.refused,
                "falsely_refused": result.falsely_refused,
                "auroc": result.auroc,
                "met": result.met,
            }
        self._report(questions, outcomes, "all")

    def run(self, name: str) -> None:
        """One of the larger sets."""
        shared = find_shared()
        limit = self._options.limit or DEFAULT_LIMITS.get(name)
        questions = read_set(shared, name).part(self._options.part, limit=limit)
        outcomes = self._answer(questions, shared / "eval" / name / "corpus.jsonl.gz")
        self._report(questions, outcomes, self._options.part)

    def _answer(self, questions: QuestionSet, corpus: Path) -> dict[str, list[Outcome]]:
        outcomes: dict[str, list[Outcome]] = {}
        if self._options.systems in ("plain", "all"):
            outcomes |= self._plain(questions)
        if self._options.systems in ("ours", "all"):
            ours = self._ours(questions, corpus)
            outcomes |= {"ours": ours, "ours, by quotation": [outcome.by_quotation() for outcome in ours]}
        return outcomes

    def _plain(self, questions: QuestionSet) -> dict[str, list[Outcome]]:
        folder = self._work / questions.name / "plain"
        with _progress(self._out, f"{questions.name}: vectors of the plain system") as advance:
            plain = Plain(questions, folder, embedder=self._embedder, progress=advance)
        return plain.ask(questions.questions)

    def _ours(self, questions: QuestionSet, corpus: Path) -> list[Outcome]:
        from tests.eval.ours import Ours

        with _progress(self._out, f"{questions.name}: index") as advance:
            ours = Ours(
                corpus,
                self._work / questions.name / "index",
                progress=lambda _, done, total: advance(done, total),
            )
        try:
            with _progress(self._out, f"{questions.name}: questions") as advance:
                outcomes = []
                for done, question in enumerate(questions.questions, start=1):
                    outcomes += ours.ask([question])
                    advance(done, len(questions.questions))
        finally:
            ours.close()
        for outcome in outcomes:
            self.exact += count_exact(
                (*outcome.quotations, *outcome.shown, *outcome.extra), questions.documents
            )
        return outcomes

    def _report(self, questions: QuestionSet, outcomes: Mapping[str, Sequence[Outcome]], part: str) -> None:
        rows: list[Row] = []
        rate = _FALSE_REFUSALS
        if "ours" in outcomes:
            rate = score("ours", questions, outcomes["ours"]).falsely_refused or 0.0
        for name, found in outcomes.items():
            rows.append(score(name, questions, found, false_refusals=rate))
        print_set(self._out, questions, rows, part=part)
        self._say_dated(questions, outcomes.get("ours", ()))
        self._say_time(outcomes.get("ours", ()))
        self.results[questions.name] = {"part": part, "rows": [row.as_dict() for row in rows]}
        if self._dumped:
            dump(self._dumped, questions, outcomes)

    def _say_dated(self, questions: QuestionSet, outcomes: Sequence[Outcome]) -> None:
        """Where a set asks for a person, a topic and a day: how often the first quotations are of both."""
        pairs = [(q, o) for q, o in zip(questions.questions, outcomes, strict=False) if q.kind == _DATED]
        if not pairs:
            return
        shown = [first_of_speaker_and_day(o.shown, q, questions.documents) for q, o in pairs]
        gold = [first_by_place(o.shown, q, questions.documents) for q, o in pairs]
        figures = {"of speaker and day": rate_at(shown, 3), "gold": rate_at(gold, 3)}
        self.results.setdefault("speaker, topic, date", {})[questions.name] = figures | {
            "questions": len(pairs)
        }
        told = ", ".join(f"{name} {share:.3f}" for name, share in figures.items() if share is not None)
        self._out.print(f"  {len(pairs)} questions on speaker, topic and date; first three shown: {told}")

    def _say_time(self, outcomes: Sequence[Outcome]) -> None:
        seconds = [outcome.seconds for outcome in outcomes]
        if seconds:
            middle, high = (1000 * percentile(seconds, share) for share in (0.5, 0.95))
            self._out.print(f"  onrecord took {middle:.0f} ms a question (p50), {high:.0f} ms (p95)\n")


@contextmanager
def _progress(out: Console, title: str) -> Iterator[Callable[[int, int], None]]:
    with Progress(console=Console(stderr=True), transient=True, disable=not out.is_terminal) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.eval", description=__doc__)
    known = (_SEED, _SPEECH, *SETS, _ALTERATIONS)
    parser.add_argument("names", nargs="*", help="sets, as for --sets, which they replace")
    parser.add_argument(
        "--sets",
        default=",".join((_SEED, _SPEECH, *REPORTED, _ALTERATIONS)),
        help=f"separated by commas, of: {', '.join(known)} (default: %(default)s)",
    )
    parser.add_argument(
        "--limit", type=int, help="questions of each set, a sample by hash (default: 2,000 of SQuAD)"
    )
    parser.add_argument("--part", choices=PARTS, default="check", help="which half (default: %(default)s)")
    parser.add_argument("--systems", choices=("plain", "ours", "all"), default="all")
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK, help="where indexes and vectors are kept")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--dump", type=Path, metavar="FILE", help="write one JSON line a question there")
    options = parser.parse_args(arguments)
    options.sets = [
        name for name in ",".join(options.names or [options.sets]).replace(" ", "").split(",") if name
    ]
    if unknown := [name for name in options.sets if name not in known]:
        parser.error(f"no such set: {', '.join(unknown)}")
    return options


def _run(options: argparse.Namespace, out: Console, dumped: IO[bytes] | None) -> None:
    started = time.monotonic()
    evaluation = Evaluation(options, out, dumped)
    for name in options.sets:
        if name == _SEED:
            evaluation.seed()
        elif name == _SPEECH:
            _speech(out, evaluation, part=options.part)
        elif name == _ALTERATIONS:
            _alterations(out, evaluation)
        else:
            evaluation.run(name)
    _legend(out, evaluation.exact, time.monotonic() - started)
    if options.json:
        figures = {**evaluation.results, "exact": evaluation.exact}
        options.json.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _speech(out: Console, evaluation: Evaluation, *, part: str) -> None:
    """Who said what, beside human annotations and the labels of transcripts."""
    from tests.eval.attributions import evaluate, read_gold
    from tests.eval.speech_table import print_attributions, print_turns
    from tests.eval.turns import evaluate_turns, read_transcripts

    shared = find_shared()
    attributions, turns = evaluate(read_gold(shared, part)), evaluate_turns(read_transcripts(shared))
    print_attributions(out, attributions, part=part)
    print_turns(out, turns)
    evaluation.results[_SPEECH] = {"part": part, "polnear": attributions.as_dict(), "turns": turns.as_dict()}


def _alterations(out: Console, evaluation: Evaluation) -> None:
    """Altered quotations and typographic variants, through `verify`."""
    from onrecord.corpus import read_corpus
    from tests.alterations import run

    shared = find_shared()
    for corpus in (ROOT / "corpus", shared / "eval" / "news_iran_ukraine" / "corpus.jsonl.gz"):
        articles = read_corpus(corpus).articles
        table = run(articles)
        out.print(f"[bold]altered quotations and typographic variants ({len(articles):,} articles)[/]")
        out.print(f"{table}\n", highlight=False, markup=False)
        evaluation.results.setdefault(_ALTERATIONS, {})[f"{len(articles)} articles"] = {
            "caught": table.caught,
            "false_alarms": table.false_alarms,
        }


def _legend(out: Console, exact: int, seconds: float) -> None:
    out.print(_LEGEND, highlight=False)
    out.print(f"Quotations and passages that are exact slices of their articles: {exact:,} of {exact:,}.")
    out.print(f"{seconds:,.0f} s")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print; 2 when something that is needed is missing."""
    options = _options(arguments)
    out = console()
    try:
        find_shared()
        if options.dump:
            with options.dump.open("wb") as dumped:
                _run(options, out, dumped)
        else:
            _run(options, out, None)
    except (MissingDataError, OnrecordError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
