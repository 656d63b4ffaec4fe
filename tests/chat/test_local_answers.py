"""The seed questions, answered by a real local model.

`TEST_GGUF=model.gguf make test ARGS="-m model -s -n 0"` asks one.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from onrecord import Assistant
from tools.eval.sets import read_seed

pytestmark = [pytest.mark.model, pytest.mark.slow]


@pytest.fixture
def model() -> str:
    path = os.environ.get("TEST_GGUF")
    if not path:
        pytest.skip("needs a local model: TEST_GGUF names a GGUF file")
    return f"gguf:{path}"


def _carries(quote: str, evidence: str) -> bool:
    return evidence in quote or (len(quote) >= len(evidence) / 2 and quote in evidence)


def test_the_seed_questions(model, built_index, shared, root: Path):
    settings = built_index.model_copy(update={"model": model, "deadline": 300.0, "context_sentences": 20})
    questions = read_seed(shared, root / "corpus").questions
    kept = dropped = invented = gold = refused = by_model = 0
    seconds = []
    with Assistant.open(settings) as assistant:
        for question in questions:
            begun = time.perf_counter()
            answer = assistant.ask(question.text, history=question.history)
            seconds.append(time.perf_counter() - begun)
            by_model += answer.mode != "reference"
            kept += len(answer.claims)
            dropped += sum(answer.dropped.values())
            invented += answer.dropped.get("cites a sentence that does not exist", 0)
            if question.answerable:
                shown = [quote.text for quote in answer.quotes[:3]]
                wanted = [evidence.quote for evidence in question.evidence]
                gold += any(_carries(quote, each) for quote in shown for each in wanted)
            else:
                refused += answer.refused
            for quote in answer.quotes:
                assert assistant.article(quote.article_id).text[quote.start : quote.end] == quote.text
            print(f"{question.id} {seconds[-1]:5.1f} s {answer.mode} {answer.dropped} {answer.notice}")
    answerable = sum(question.answerable for question in questions)
    print(
        f"\nclaims kept {kept} of {kept + dropped}, ids invented {invented}, gold in the first three "
        f"{gold} of {answerable}, refused {refused} of {len(questions) - answerable}, answered by the model "
        f"{by_model} of {len(questions)}, p50 {sorted(seconds)[len(seconds) // 2]:.1f} s"
    )
    assert gold >= 0.8 * answerable
