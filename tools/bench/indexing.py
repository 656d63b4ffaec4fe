"""Indexing and asking the same articles: onrecord beside the tutorial's pipeline."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from onrecord.models.embedder import has_bfloat16
from tools.bench.measure import Ran, disk_bytes, module, onrecord, percentile, run
from tools.bench.report import Report, mebibytes, milliseconds
from tools.bench.workload import news_questions, take

__all__ = ["compare"]

_QUESTIONS = 50
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class _Side:
    name: str
    built: Ran
    asked: Sequence[Ran]
    bytes: int

    def times(self, what: str = "question") -> list[float]:
        return [value for ran in self.asked for value in ran.result["times"].get(what, ())]

    @property
    def rate(self) -> float:
        return float(self.built.result["articles"]) / self.built.seconds

    def row(self) -> tuple[str, ...]:
        result, times = self.built.result, self.times()
        return (
            self.name,
            f"{self.built.seconds:,.1f} s",
            f"{self.rate:,.1f}",
            f"{result['passages'] / self.built.seconds:,.1f}",
            f"{result['passages']:,}",
            mebibytes(self.built.peak),
            mebibytes(self.bytes),
            milliseconds(percentile(times, 0.5)),
            milliseconds(percentile(times, 0.95)),
            mebibytes(max(ran.peak for ran in self.asked)),
        )


def compare(report: Report, shared: Path, work: Path, *, articles: int | None) -> None:
    """Build both, ask both the same questions in turns, build onrecord's again with nothing changed."""
    corpus = shared / "eval" / "news_iran_ukraine" / "corpus.jsonl.gz"
    if articles:
        take(corpus, work / "news.jsonl", articles)
        corpus = work / "news.jsonl"
    questions = work / "news-questions.json"
    questions.write_text(json.dumps(news_questions(corpus, _QUESTIONS)), encoding="utf-8")
    ours, theirs = _build_and_ask(report, corpus, questions, work)
    report.table(
        f"{ours.built.result['articles']:,} news articles; {_QUESTIONS} questions × {_ROUNDS}, in turns",
        (
            "",
            "indexing",
            "articles/s",
            "passages/s",
            "passages",
            "peak",
            "disk",
            "p50",
            "p95",
            "peak asking",
        ),
        (ours.row(), theirs.row()),
    )
    _steps(report, ours)
    _judge(report, ours, theirs)
    _again(report, corpus, work / "news-index")


def _build_and_ask(report: Report, corpus: Path, questions: Path, work: Path) -> tuple[_Side, _Side]:
    index, store = work / "news-index", work / "news-chroma"
    for folder in (index, store):
        shutil.rmtree(folder, ignore_errors=True)
    report.say("indexing: onrecord …")
    built = run(module("ours", "index", "--corpus", corpus, "--index", index))
    report.say(f"  {built.seconds:,.1f} s\nindexing: the tutorial's pipeline …")
    theirs = run(module("tutorial", "index", "--corpus", corpus, "--store", store))
    report.say(f"  {theirs.seconds:,.1f} s\nquestions, in turns …")
    asked: tuple[list[Ran], list[Ran]] = ([], [])
    for _ in range(_ROUNDS):
        asked[0].append(
            run(module("ours", "ask", "--corpus", corpus, "--index", index, "--questions", questions))
        )
        asked[1].append(run(module("tutorial", "ask", "--store", store, "--questions", questions)))
    return (
        _Side("onrecord", built, asked[0], disk_bytes(index)),
        _Side("tutorial", theirs, asked[1], disk_bytes(store)),
    )


def _steps(report: Report, ours: _Side) -> None:
    steps: dict[str, list[float]] = {}
    for ran in ours.asked:
        for step, values in ran.result["steps"].items():
            steps.setdefault(step, []).extend(values)
    rows = [("one encoder pass, alone", ours.times("encoder")), *steps.items()]
    report.table(
        "where a question's time goes",
        ("step", "p50", "p95"),
        [(n, milliseconds(percentile(v, 0.5)), milliseconds(percentile(v, 0.95))) for n, v in rows],
    )


def _judge(report: Report, ours: _Side, theirs: _Side) -> None:
    ratio = ours.rate / theirs.rate
    bfloat16 = has_bfloat16()
    report.goal(
        "indexing, articles a second beside the tutorial",
        f"{ratio:.2f}×",
        "≥ 2.5× where the processor has bfloat16" + ("" if bfloat16 else " (this one has not)"),
        met=ratio >= 2.5 if bfloat16 else None,
    )
    report.figures["news"] = {side.name: _figures(side) for side in (ours, theirs)} | {"ratio": ratio}


def _figures(side: _Side) -> dict[str, Any]:
    return {
        **side.built.result,
        "index_seconds": side.built.seconds,
        "articles_per_second": side.rate,
        "passages_per_second": side.built.result["passages"] / side.built.seconds,
        "question_p50_ms": percentile(side.times(), 0.5),
        "question_p95_ms": percentile(side.times(), 0.95),
        "index_peak_bytes": side.built.peak,
        "disk_bytes": side.bytes,
    }


def _again(report: Report, corpus: Path, index: Path) -> None:
    """Index once more: what it takes over and above starting the command line without a model."""
    start = min(run(onrecord("--help")).seconds for _ in range(_ROUNDS))
    runs = [run(onrecord("index", "--corpus", corpus, "--index", index)) for _ in range(_ROUNDS)]
    seconds = percentile([ran.seconds for ran in runs], 0.5)
    report.goal(
        "`onrecord index` with nothing changed",
        f"{seconds:.2f} s (start without a model: {start:.2f} s)",
        "≤ 2 s plus that start",
        met=seconds <= 2.0 + start,
    )
    report.figures["second run"] = {"seconds": seconds, "start_seconds": start, "said": runs[0].output[-300:]}
