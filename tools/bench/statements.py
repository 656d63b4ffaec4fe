"""Who said what beside embedding, in one process on the same articles."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tools.bench.measure import module, run
from tools.bench.report import Report

__all__ = ["statements"]

_RATIO = 2.0


def statements(report: Report, shared: Path, *, articles: int | None) -> None:
    """Read who said what in the news articles, embed the same, and compare the times."""
    corpus = shared / "eval" / "news_iran_ukraine" / "corpus.jsonl.gz"
    report.say("reading who said what, then embedding the same articles")
    took = run(module("statements", corpus, *([articles] if articles else []))).result
    rows = [
        (name, f"{took[key]:,.2f} s", f"{took['bytes'] / took[key] / 1e6:,.2f} MB/s")
        for name, key in (
            ("statements for the index", "index"),
            ("statements of `onrecord statements`", "command"),
            ("embedding", "embedding"),
        )
    ]
    report.table(f"{took['articles']:,} news articles, one after the other", ("", "time", "text"), rows)
    ratio = took["index"] / took["embedding"]
    report.goal(
        "statements beside embedding the same articles",
        f"{ratio:.3f}×",
        f"≤ {_RATIO:g}×",
        met=ratio <= _RATIO,
    )
    report.figures["statements"] = took | {"ratio": ratio}


def _measure(corpus: Path, articles: int | None) -> dict[str, Any]:
    from onrecord.corpus.folder import read_corpus
    from onrecord.index.prepare import prepare
    from onrecord.models.embedder import TorchEmbedder
    from onrecord.models.weights import find_weights
    from onrecord.speech.statements import statements as find
    from onrecord.speech.stretches import spoken
    from onrecord.text.sentences import split_sentences

    found = read_corpus(corpus).articles[:articles]
    split = [(one, split_sentences(one.text, title=one.title)) for one in found]
    took = {
        "articles": len(found),
        "bytes": sum(len(one.text.encode()) for one in found),
        "index": _timed(find, split),
        "command": _timed(spoken, ((one,) for one in found)),
    }
    weights = find_weights()
    embedder = TorchEmbedder.load(weights, threads=os.cpu_count() or 1)
    drafts = [prepare(one, model="", count_tokens=embedder.count_tokens) for one in found]
    units = [unit for draft in drafts for unit in draft.units()]
    embedder.embed(units[:8])  # the first pass pays for what later ones find ready
    return took | {"embedding": _timed(embedder.embed, [(units,)])}


def _timed(call: Callable[..., Any], arguments: Iterable[tuple[Any, ...]]) -> float:
    each = list(arguments)
    started = time.perf_counter()
    for one in each:
        call(*one)
    return time.perf_counter() - started


def main() -> None:
    """Measure and print what came of it as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus", type=Path)
    parser.add_argument("articles", type=int, nargs="?")
    options = parser.parse_args()
    print(json.dumps(_measure(options.corpus, options.articles)))


if __name__ == "__main__":
    main()
