"""A set's questions and the index of what they are asked of."""

from __future__ import annotations

from pathlib import Path

from onrecord import Settings, build_index
from onrecord.evaluation.questions import QuestionSet
from onrecord.index.opened import Index
from onrecord.index.originals import Originals
from tests.shared import ROOT
from tools.eval.sets import read_seed, read_set
from tools.training.examples import train_set

__all__ = ["OWN", "SPOKEN", "open_set"]

SPOKEN = "news_iran_ukraine"
"""Articles without questions; some are made of what people say in them."""
OWN = "the two articles"
"""The seed questions: nothing is learned from them, but the threshold hears them."""


def open_set(shared: Path, work: Path, name: str) -> tuple[QuestionSet, Index]:
    """Read a set and build its index, or bring it up to date.

    Args:
        shared: The folder of the data.
        work: Where indexes are kept.
        name: Of the set.

    Returns:
        Its questions and its index.
    """
    if name == OWN:
        settings = Settings.load(corpus=ROOT / "corpus", index=work / "seed" / "index")
        build_index(settings)
        return read_seed(shared, settings.corpus), Index.open(settings.index, Originals.open(settings))
    corpus = shared / "eval" / name / "corpus.jsonl.gz"
    if name == "train":
        questions, corpus = train_set(shared, work)
    elif name == SPOKEN:
        questions = QuestionSet(name, {}, ())
    else:
        questions = read_set(shared, name)
    settings = Settings.load(corpus=corpus, index=work / name / "index")
    build_index(settings)
    return questions, Index.open(settings.index, Originals.open(settings))
