"""onrecord as a program that is measured: `index` builds, `ask` answers questions and times them."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

__all__ = ["main"]

_WARM = 5


def _index(options: argparse.Namespace) -> dict[str, Any]:
    from onrecord import Settings, build_index

    return asdict(build_index(Settings.load(corpus=options.corpus, index=options.index)))


def _ask(options: argparse.Namespace) -> dict[str, Any]:
    """Time each question beside one encoder pass of it, without the reader, filtered, and with the reader."""
    from onrecord import Assistant, Settings
    from onrecord.models.question_encoder import QuestionEncoder

    settings = Settings.load(corpus=options.corpus, index=options.index)
    model = next(options.index.rglob("question.onnx")).parent
    encoder = QuestionEncoder.open(model, threads=settings.threads)
    questions = json.loads(options.questions.read_text(encoding="utf-8"))
    times: dict[str, list[float]] = {"encoder": [], "question": []}
    steps: dict[str, list[float]] = {}
    within = {"since": options.since, "until": options.until} if options.since else {}
    unread = settings.model_copy(update={"reader": "none"})
    with Assistant.open(unread) as assistant, Assistant.open(settings) as reading:
        info = assistant.info()
        for question in questions[:_WARM]:
            encoder.encode(question)
            assistant.ask(question, **within)
            reading.ask(question)
        for number, question in enumerate(questions):
            times["encoder"].append(_timed(encoder.encode, question)[0])
            # Whichever is asked second finds some of its memory warm, so they take turns.
            for filtered in ((False, True), (True, False))[number % 2] if within else (False,):
                taken, answer = _timed(assistant.ask, question, **(within if filtered else {}))
                times.setdefault("filtered" if filtered else "question", []).append(taken)
                if not filtered:
                    for step, value in answer.timings.items():
                        steps.setdefault(step, []).append(value)
                elif not answer.searched.passages:
                    raise SystemExit("The date filter leaves nothing to search: nothing would be measured.")
            times.setdefault("read", []).append(_timed(reading.ask, question)[0])
    return {"times": times, "steps": steps, "passages": info.passages, "articles": info.articles}


def _timed(call: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[float, Any]:
    """Give the milliseconds that a call took, and what it gave."""
    started = time.perf_counter()
    given = call(*arguments, **options)
    return 1000 * (time.perf_counter() - started), given


def main() -> None:
    """Do one of the two and print what came of it as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("index", "ask"))
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--questions", type=Path)
    parser.add_argument("--since")
    parser.add_argument("--until")
    options = parser.parse_args()
    print(json.dumps(_index(options) if options.what == "index" else _ask(options)))


if __name__ == "__main__":
    main()
