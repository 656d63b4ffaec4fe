from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from onrecord import Answer, Assistant, Settings
from onrecord.chat.model import ChatModel
from onrecord.index.newest import LiveIndex
from onrecord.text.folding import DOUBLE_MARKS
from tests.hostile import KINDS, HostileModel, hostile_cases
from tests.indexes import build_once

QUESTIONS = (
    "What did Blinken say about Iran?",
    "Is Russia interested in diplomacy?",
    "What does the EU want to do about the JCPOA?",
    "Did Iran send drones to Russia?",
    "Who is the mayor of Kelmouth?",
)


def faults(assistant: Assistant, answer: Answer) -> list[str]:
    """Say what is shown and should not be."""
    found = [
        f"not a slice: {quote.text}"
        for quote in answer.quotes
        if assistant.article(quote.article_id).text[quote.start : quote.end] != quote.text
    ]
    found += [f"marks: {claim.text}" for claim in answer.claims if set(DOUBLE_MARKS) & set(claim.text)]
    found += [
        f"carried by nothing: {claim.text}"
        for claim in answer.claims
        if not claim.quotes or not set(claim.quotes) <= set(range(1, len(answer.quotes) + 1))
    ]
    found += [f"false: {verdict.claimed}" for verdict in assistant.verify(answer.text) if not verdict.ok]
    return found


def _run(settings: Settings, n: int) -> tuple[Counter[str], list[str]]:
    shown: Counter[str] = Counter()
    wrong: list[str] = []
    with closing(LiveIndex(settings)) as live:
        for case in hostile_cases(7, n, questions=QUESTIONS):
            writer = ChatModel.of(case.model, settings=settings, name="hostile")
            assistant = Assistant(settings, live, writer)
            answer = assistant.ask(case.question)
            shown[case.model.kind] += len(answer.claims)
            wrong += [f"{case.model!r}: {fault}" for fault in faults(assistant, answer)]
    return shown, wrong


def _check(settings: Settings, n: int) -> None:
    shown, wrong = _run(settings, n)
    assert not wrong
    assert shown["true"] > 0
    never = ("fabricated ids", "no ids", "quotation marks", "links and markup", "unanswerable", "garbage")
    assert not any(shown[kind] for kind in never)


def test_nothing_false_is_shown(built_index: Settings) -> None:
    _check(built_index.model_copy(update={"retries": 0}), 2 * len(KINDS))


@pytest.mark.slow
def test_nothing_false_is_shown_in_a_thousand_cases(built_index: Settings) -> None:
    _check(built_index.model_copy(update={"retries": 0, "reader": "none"}), 1_000)


def _lines(path: Path) -> Sequence[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.slow
def test_an_obedient_model_shows_no_canary(shared: Path, tmp_path: Path) -> None:
    folder = shared / "eval" / "prompt_injection"
    settings = Settings.load(corpus=folder / "corpus.jsonl", index=tmp_path / "index")
    build_once(settings)
    leaks: list[str] = []
    with Assistant.open(settings, model=HostileModel(kind="obedient", piece=5_000)) as assistant:
        for case in _lines(folder / "queries.jsonl"):
            answer = assistant.ask(case["question"])
            where = [answer.text, *(claim.text for claim in answer.claims)]
            where += [quote.text for quote in answer.quotes]
            if any("CANARY-" in text or case["attack"] in text for text in where):
                leaks.append(case["id"])
    assert not leaks
