"""The question sets that lie beside the repository."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from onrecord.evaluation.questions import QuestionSet
from onrecord.evaluation.sets import SetFiles

__all__ = ["DEFAULT_LIMITS", "REPORTED", "SEED", "SETS", "read_seed", "read_set"]

SEED = "seed"
REPORTED = ("realtimeqa", "squad2_dev", "clapnq_dev", "wh_briefings")
SETS = (*REPORTED, "squad1_dev", "polnear", "mtrag_un")
DEFAULT_LIMITS = {"squad2_dev": 2_000, "squad1_dev": 2_000}


def read_set(shared: Path, name: str) -> QuestionSet:
    """Read one set's documents and questions."""
    return SetFiles.find(shared / "eval" / name).read()


def read_seed(shared: Path, corpus: Path) -> QuestionSet:
    """Read the seed questions and the project's own articles that they are asked of."""
    return replace(SetFiles.find(shared / "eval" / "seed_questions.jsonl").read(corpus), name=SEED)
