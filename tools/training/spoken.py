"""Questions about who said what, made from a corpus's own statements: answerable ones and near misses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from onrecord.evaluation.questions import Evidence, Question
from onrecord.index.columns.store import KINDS
from onrecord.index.opened import Index
from onrecord.people.names import speaker_key
from onrecord.retrieval.judge import Judge
from onrecord.text.terms import STOP, tokenize
from onrecord.types import Article, SentenceKind
from tools.training.examples import Case, narrow_case

__all__ = ["spoken_cases", "spoken_questions"]

Array = npt.NDArray[Any]
_TEMPLATES = (
    "What did {who} say about {what}?",
    "What did {who} say about {what}?",
    "How did {who} describe {what}?",
    "What is {who}'s position on {what}?",
    "What did {who} tell reporters about {what}?",
    "Did {who} mention {what}?",
    "Why did {who} talk about {what}?",
    "According to {who}, what about {what}?",
    "List everything {who} said about {what}.",
    "How did {who} react to {what}?",
)
_FULL_NAME = re.compile(r"\b[A-Z][a-z]+ [A-Z][a-z]{3,}\b")


def _subject(text: str, speaker: str, rng: np.random.Generator) -> str | None:
    """Cut a few neighbouring words out of a statement, without the speaker's name."""
    tokens = [t for t in tokenize(text) if t.end - t.start > 1]
    content = [
        at
        for at, t in enumerate(tokens)
        if not t.flags & STOP and text[t.start : t.end] not in speaker.split()
    ]
    starts = [at for at in content if at + 1 < len(tokens)]
    if not starts:
        return None
    first = int(rng.choice(starts))
    ends = [at for at in content if first < at <= first + 4]
    if not ends:
        return None
    return text[tokens[first].start : tokens[int(rng.choice(ends))].end]


def _statements(index: Index) -> Array:
    table = index.store.sentences[:-1]
    length = index.store.sentences["token"][1:] - table["token"]
    spoken = (
        (table["speaker"] >= 0)
        & (table["kind"] == KINDS.index(SentenceKind.TEXT))
        & (length >= 8)
        & (length < 45)
    )
    return np.flatnonzero(spoken)


def _article_of(index: Index, sentence: int) -> int:
    passage = np.searchsorted(index.store.passages["sentence"], sentence, side="right") - 1
    return int(index.store.passages["article"][passage])


def spoken_questions(index: Index, count: int, *, seed: int) -> list[tuple[Question, int]]:
    """Make questions that one statement answers.

    Args:
        index: Of any news corpus.
        count: How many to try for.
        seed: Of the choice.

    Returns:
        Each question with the row of its article.
    """
    rng = np.random.default_rng(seed)
    made = []
    for sentence in rng.permutation(_statements(index))[:count].tolist():
        row = _article_of(index, sentence)
        article = index.article(row)
        span = index.store.sentences[sentence]
        text, speaker = article.text[span["start"] : span["end"]], index.store.speakers[span["speaker"]]
        what = _subject(text, speaker, rng)
        if what and speaker[:1].isupper():
            who = speaker.split()[-1] if rng.random() < 0.5 else speaker
            asked = str(rng.choice(_TEMPLATES)).format(who=who, what=what)
            made.append((Question(f"spoken-{sentence}", asked, True, (Evidence(article.id, text),)), row))
    return made


def spoken_cases(
    index: Index, count: int, group: str, *, seed: int, judge: Judge | None = None
) -> Iterator[Case]:
    """Give each question over a few articles: as it is, of another subject, of another or a silent person."""
    rng = np.random.default_rng(seed)
    questions = spoken_questions(index, count, seed=seed)
    total = len(index.store.articles) - 1
    for (question, row), (other, elsewhere) in zip(questions, questions[1:] + questions[:1], strict=True):
        few = np.union1d([row], np.setdiff1d(rng.choice(total, int(rng.integers(1, 6))), [elsewhere]))
        yield narrow_case(index, question, few, True, group, judge=judge)
        what = _what(other.text)
        who = _who(question.text, what=_what(question.text))
        for text in (
            _asking(rng, who, what) if who and what else None,
            _asking(rng, _who(other.text, what=what), _what(question.text)),
            _asking(rng, _silent(index, index.article(row), rng), _what(question.text)),
        ):
            if text and rng.random() < 0.6 and elsewhere not in few:
                yield narrow_case(index, Question(question.id, text, False), few, False, group, judge=judge)


def _asking(rng: np.random.Generator, who: str | None, what: str | None) -> str | None:
    return str(rng.choice(_TEMPLATES)).format(who=who, what=what) if who and what else None


def _patterns() -> Iterator[re.Pattern[str]]:
    for template in dict.fromkeys(_TEMPLATES):
        pattern = re.escape(template).replace(r"\{who\}", "(?P<who>.+?)").replace(r"\{what\}", "(?P<what>.+)")
        yield re.compile(pattern, re.DOTALL)


def _parsed(text: str, name: str) -> str | None:
    for pattern in _patterns():
        if found := pattern.fullmatch(text):
            return found[name]
    return None


def _what(text: str) -> str | None:
    return _parsed(text, "what")


def _who(text: str, *, what: str | None) -> str | None:
    return _parsed(text, "who") if what else None


def _silent(index: Index, article: Article, rng: np.random.Generator) -> str | None:
    """Find somebody whom an article names and who says nothing in it."""
    known = {speaker_key(name) for name in index.store.speakers}
    names = [name for name in set(_FULL_NAME.findall(article.text)) if speaker_key(name) not in known]
    return str(rng.choice(sorted(names))) if names else None
