"""`python -m tools.eval.followups`: measure retrieval for questions that lean on a conversation.

The raw last turn is held against the question that the rules make of it, over
one index. Rules were tuned on one half of the questions; the other is reported.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from onrecord import Settings, build_index
from onrecord.evaluation.metrics.hit import first_gold, hits_at
from onrecord.evaluation.metrics.mrr import reciprocal_ranks
from onrecord.evaluation.questions import PARTS, Question, part_of
from onrecord.evaluation.run import Run
from onrecord.evaluation.running import answer_all, make_work
from onrecord.evaluation.tables import console
from onrecord.index.opened import Index
from onrecord.index.originals import Originals
from onrecord.question.followup import Leaning, stand_alone
from onrecord.question.query import Query, parse_question
from onrecord.retrieval.candidates import retrieve, settled
from onrecord.retrieval.features import featurize
from onrecord.retrieval.hits import rank_passages
from onrecord.retrieval.ranker import Ranker
from onrecord.types import Filters, Turn
from tests.shared import ROOT
from tools.eval.locate import DEFAULT_WORK, find_shared
from tools.eval.sets import read_seed, read_set

__all__ = ["Asked", "Searcher", "main"]

_SET = "mtrag_un"
_DEPTH = 20
_HITS = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """A last turn, and where its gold evidence stood: searched raw, and as the rules made it.

    Attributes:
        question: With its history.
        kind: What the set calls the turn.
        leaning: What the rules made of it.
        raw: Rank of the first gold article for the turn as typed; 0 when not found.
        ours: As above, for the question that the rules made.
    """

    question: Question
    kind: str
    leaning: Leaning
    raw: int
    ours: int


class Searcher:
    """Retrieval as an assistant does it, for a question already read."""

    def __init__(self, corpus: Path, index: Path) -> None:
        settings = Settings.load(corpus=corpus, index=index)
        build_index(settings)
        self._index = Index.open(
            settings.index,
            Originals.open(settings),
            model=settings.embedding,
            exact_below=settings.exact_below,
        )
        self._selection = self._index.select(Filters())
        self._ranker = Ranker.shipped()
        self._per_article = settings.per_article

    def articles(self, query: Query) -> list[str]:
        """Give the articles of the best passages, each once."""
        query = settled(query, self._index)
        candidates = retrieve(self._index, query, self._selection)
        features = featurize(self._index, query, candidates)
        scores = self._ranker.score(query, features)
        hits = rank_passages(
            self._index, candidates, features, scores, limit=_DEPTH, per_article=self._per_article
        )
        return list(dict.fromkeys(hit.passage.article_id for hit in hits))

    def rank(self, query: Query, question: Question) -> int:
        """Give the rank of the first gold article."""
        return first_gold(self.articles(query), question.gold)


def _turns(row: Mapping[str, Any], *, replies: bool) -> list[Turn]:
    """Read a conversation; a reply stands in for what an answer would have quoted."""
    turns: list[Turn] = []
    for entry in row["history"]:
        if entry["role"] == "user":
            turns.append(Turn(entry["text"]))
        elif replies and turns:
            turns[-1] = Turn(turns[-1].question, quotes=(entry["text"],))
    return turns


def _ask(
    searcher: Searcher, questions: Sequence[Question], rows: Mapping[str, Mapping[str, Any]], *, replies: bool
) -> Iterator[Asked]:
    for question in questions:
        row = rows[question.id]
        leaning = stand_alone(question.text, _turns(row, replies=replies))
        raw = searcher.rank(parse_question(question.text), question)
        leant = parse_question(leaning.text, leaning_on=leaning.on)
        ours = raw if leaning.text == question.text else searcher.rank(leant, question)
        yield Asked(question, ", ".join(row["multi_turn"]), leaning, raw, ours)


def _groups(asked: Sequence[Asked]) -> Iterator[tuple[str, list[Asked]]]:
    tests: dict[str, Callable[[Asked], bool]] = {
        "all": lambda _: True,
        "with history": lambda a: bool(a.question.history),
        "stand alone by our rules": lambda a: a.leaning.standalone,
        "rewritten": lambda a: not a.leaning.standalone,
    }
    for kind in sorted({a.kind for a in asked}):
        tests[kind] = lambda a, kind=kind: a.kind == kind  # type: ignore[misc]
    for name, test in tests.items():
        yield name, [a for a in asked if test(a)]


def _print(out: Console, title: str, asked: Sequence[Asked]) -> None:
    table = Table(title=title, title_justify="left")
    for column in ("turns", "n", "hit@5 raw", "hit@5 ours", "MRR raw", "MRR ours"):
        table.add_column(column, justify="left" if column == "turns" else "right")
    for name, group in _groups(asked):
        ranks = [np.array(r, np.float64) for r in ([a.raw for a in group], [a.ours for a in group])]
        figures = [hits_at(r, _HITS).value for r in ranks] + [reciprocal_ranks(r).value for r in ranks]
        table.add_row(name, str(len(group)), *("" if f is None else f"{f:.3f}" for f in figures))
    out.print(table)
    changed = Counter(_change(a) for a in asked if not a.leaning.standalone)
    within = [(0 < a.raw <= _HITS, 0 < a.ours <= _HITS) for a in asked]
    out.print(
        f"  rewritten: {changed.total()}; gold ranked higher: {changed['up']}, lower: {changed['down']}; "
        f"into the first {_HITS}: {within.count((False, True))}, out: {within.count((True, False))}\n"
    )


def _change(asked: Asked) -> str:
    raw, ours = (rank or _DEPTH + 1 for rank in (asked.raw, asked.ours))
    return "up" if ours < raw else "down" if ours > raw else "same"


def _seeds(out: Console, work: Path) -> None:
    """Follow-ups of the seed questions: the gold quotation must be among the first three."""
    seed = read_seed(find_shared(), ROOT / "corpus")
    leaning = replace(seed, questions=tuple(q for q in seed.questions if q.history))
    settings = Settings.load(corpus=ROOT / "corpus", index=work / "seed" / "index")
    run = Run.of(leaning, answer_all(leaning, settings, work, step=lambda *_: None))
    for question, record in zip(leaning.questions, run.records, strict=True):
        told = stand_alone(question.text, question.history).text
        out.print(f"  {question.id}: {told}: {record.told}", markup=False)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tools.eval.followups", description=__doc__)
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK, help="where indexes are kept")
    parser.add_argument("--part", choices=PARTS, default="check", help="which half (default: %(default)s)")
    options = parser.parse_args(arguments)
    shared, work, out = find_shared(), make_work(options.work), console()
    folder = shared / "eval" / _SET
    searcher = Searcher(folder / "corpus.jsonl.gz", work / _SET / "index")
    rows = {row["id"]: row for row in map(json.loads, (folder / "queries.jsonl").open(encoding="utf-8"))}
    questions = [
        q for q in read_set(shared, _SET).questions if q.answerable and options.part in ("all", part_of(q))
    ]
    for replies in (False, True):
        title = f"{_SET}, {options.part}, " + ("replies as quotations" if replies else "user's turns only")
        _print(out, title, list(_ask(searcher, questions, rows, replies=replies)))
    _seeds(out, work)


if __name__ == "__main__":
    main()
