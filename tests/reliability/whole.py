"""Whole builds and whole answers in processes that may be killed."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable
from pathlib import Path

from onrecord import Assistant, OnrecordError, Settings, build_index
from tests.forked import processes

__all__ = ["QUESTIONS", "answers", "build", "run"]

QUESTIONS = (
    "What did Ostrow say about the harbour?",
    "What did Verlaan tell reporters about the roster?",
    "Who advises an overnight rest for the dough?",
    "What did the central bank of Osaka decide?",
)
_SECONDS = 120


def build(settings: Settings, result: Path, failpoint: str = "") -> None:
    """Build, and write down what came of it; stop at a failpoint where one is named."""
    os.environ["_ONRECORD_FAILPOINT"] = failpoint
    steps: list[str] = []
    try:
        report = build_index(settings, save_every=1, progress=lambda step, *_: steps.append(step))
    except OnrecordError as error:
        said = {"error": type(error).__name__, "said": str(error)}
    else:
        said = dataclasses.asdict(report)
    result.write_text(json.dumps(said | {"steps": steps}), encoding="utf-8")


def answers(settings: Settings, result: Path) -> None:
    """Ask, and write down everything but the time it took; what no index holds, the reader, is left out."""
    with Assistant.open(settings.model_copy(update={"reader": "none"})) as assistant:
        found = [dataclasses.asdict(assistant.ask(question)) for question in QUESTIONS]
    for answer in found:
        del answer["timings"]
    result.write_text(json.dumps(found), encoding="utf-8")


def run(action: Callable[..., None], settings: Settings, folder: Path, **options: str) -> tuple[int, object]:
    """Do it in a process of its own; give its exit code and what it wrote down."""
    result = folder / "result.json"
    result.unlink(missing_ok=True)
    process = processes.Process(target=action, args=(settings, result), kwargs=options)
    process.start()
    process.join(_SECONDS)
    process.kill()
    process.join()
    content = json.loads(result.read_bytes()) if result.exists() else None
    code = process.exitcode
    process.close()
    return code, content
