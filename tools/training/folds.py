"""Which questions train the reader, and which are kept for the ranker that stands on it."""

from __future__ import annotations

from onrecord.evaluation.questions import Question, fold_of, part_of

__all__ = ["read_by", "unread"]

_SQUAD = ("squad1_dev", "squad2_dev")
_READ = (0, 1)
_NEWS_FOLDS = 5


def read_by(name: str, question: Question) -> bool:
    """Say whether the reader learns from a question.

    Args:
        name: Of its set.
        question: One of it.

    Returns:
        Of SQuAD, two folds of articles in four; of the news questions for training, four in five.
    """
    if name == "train":
        return fold_of(question, folds=_NEWS_FOLDS) != 0
    return name in _SQUAD and fold_of(question) in _READ


def unread(name: str, question: Question) -> bool:
    """Say whether a question may train what stands on the reader: not read by it, nor for checking."""
    return not read_by(name, question) and (name == "train" or part_of(question) == "tune")
