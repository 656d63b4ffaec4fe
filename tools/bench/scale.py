"""Asking among 10,000 and 100,000 passages: without the reader, with a date filter, and with the reader."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tools.bench.measure import disk_bytes, module, percentile, run
from tools.bench.report import Report, mebibytes, milliseconds
from tools.bench.workload import FILTER, news_questions

__all__ = ["scale"]

_QUESTIONS = 100
_ROUNDS = 2
_TIMES_OF_ENCODER = {10_000: 3.0, 100_000: 5.0}
_TIMES_OF_UNFILTERED = 2.0
_READ_MS = {10_000: 150.0}


def scale(report: Report, shared: Path, work: Path, *, sizes: tuple[int, ...]) -> None:
    """Build an index of each size and ask it."""
    source = shared / "eval" / "reuters21578" / "corpus.jsonl.gz"
    questions = work / "reuters-questions.json"
    questions.write_text(json.dumps(news_questions(source, _QUESTIONS)), encoding="utf-8")
    rows = [_one(report, source, questions, work, passages) for passages in sizes]
    report.table(
        f"reuters21578, {_QUESTIONS} questions × {_ROUNDS} rounds, each beside one encoder pass of it",
        (
            "passages",
            "indexing",
            "peak",
            "on disk",
            "encoder p50",
            "p50",
            "p95",
            "filtered p50",
            "p95",
            "with the reader p50",
            "p95",
            "peak asking",
        ),
        rows,
    )


def _one(report: Report, source: Path, questions: Path, work: Path, passages: int) -> tuple[str, ...]:
    corpus, index = work / f"reuters-{passages}.jsonl", work / f"reuters-{passages}-index"
    if not corpus.exists():
        report.say(f"writing articles for {passages:,} passages …")
        run(module("workload", source, corpus, "--passages", passages))
    shutil.rmtree(index, ignore_errors=True)
    report.say(f"indexing {passages:,} passages …")
    built = run(module("ours", "index", "--corpus", corpus, "--index", index))
    report.say(f"  {built.seconds:,.1f} s\nquestions …")
    where = ("--corpus", corpus, "--index", index, "--questions", questions)
    asked = [
        run(module("ours", "ask", *where, "--since", FILTER[0], "--until", FILTER[1])) for _ in range(_ROUNDS)
    ]
    times: dict[str, list[float]] = {}
    for ran in asked:
        for name, values in ran.result["times"].items():
            times.setdefault(name, []).extend(values)
    middle = {name: percentile(values, 0.5) for name, values in times.items()}
    high = {name: percentile(values, 0.95) for name, values in times.items()}
    _judge(report, passages, middle)
    size, peak = disk_bytes(index), max(ran.peak for ran in asked)
    report.figures[f"{passages:,} passages"] = {
        "passages": built.result["passages"],
        "index_seconds": built.seconds,
        "index_peak_bytes": built.peak,
        "disk_bytes": size,
        "p50_ms": middle,
        "p95_ms": high,
        "ask_peak_bytes": peak,
        "steps_p50_ms": _steps([ran.result["steps"] for ran in asked]),
    }
    return (
        f"{built.result['passages']:,}",
        f"{built.seconds:,.1f} s",
        mebibytes(built.peak),
        mebibytes(size),
        milliseconds(middle["encoder"]),
        milliseconds(middle["question"]),
        milliseconds(high["question"]),
        milliseconds(middle["filtered"]),
        milliseconds(high["filtered"]),
        milliseconds(middle["read"]),
        milliseconds(high["read"]),
        mebibytes(peak),
    )


def _steps(rounds: list[dict[str, list[float]]]) -> dict[str, float]:
    names = rounds[0]
    return {name: percentile([v for steps in rounds for v in steps.get(name, ())], 0.5) for name in names}


def _judge(report: Report, passages: int, middle: dict[str, float]) -> None:
    allowed = _TIMES_OF_ENCODER.get(passages)
    ratio = middle["question"] / middle["encoder"]
    if allowed:
        report.goal(
            f"question p50 at {passages:,} passages, in encoder passes",
            f"{ratio:.2f}× ({middle['question']:.1f} ms, {middle['encoder']:.1f} ms)",
            f"≤ {allowed:g}×",
            met=ratio <= allowed,
        )
    if most := _READ_MS.get(passages):
        report.goal(
            f"question p50 at {passages:,} passages with the reader",
            f"{middle['read']:.1f} ms",
            f"≤ {most:g} ms",
            met=middle["read"] <= most,
        )
    filtered = middle["filtered"] / middle["question"]
    report.goal(
        f"filtered question p50 at {passages:,} passages beside an unfiltered one",
        f"{filtered:.2f}× ({middle['filtered']:.1f} ms, {middle['question']:.1f} ms)",
        f"≤ {_TIMES_OF_UNFILTERED:g}×",
        met=filtered <= _TIMES_OF_UNFILTERED,
    )
