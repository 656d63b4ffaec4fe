"""White House transcripts: is each turn given to the one whose label opens it, and no question to anybody?

The reference is read by a rule of its own: a label in capitals, or ``Q``, at the start of a paragraph, and
whatever follows up to the next one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from onrecord.evaluation.rows import read_rows
from onrecord.speech.stretches import spoken
from onrecord.types import Article, Statement

__all__ = ["LabelledTurn", "TurnResult", "evaluate_turns", "read_transcripts", "reference_turns"]

_PARAGRAPH = re.compile(r"[^\n]+")
_LABEL = re.compile(
    r"[*_]{0,3}(?:(?P<label>[A-Z][A-Z.’'\-]+(?: [A-Z][A-Z.’'\-]*){0,5})(?: ?\([^)]*\))?:(?=[*_\s])"
    r"|(?P<asked>Q)(?=[\s:]))"
)
_OUTSIDE = re.compile(r"\([^)]*\)(?=\n|\Z)|END\b|[\d:]+ [AP]\.?M\.?|\* ?\* ?\*|#")
_FEWEST = 3
_MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class LabelledTurn:
    """One turn by its label; ``Q`` is a reporter's."""

    label: str
    start: int
    end: int

    @property
    def asked(self) -> bool:
        """Whether a reporter asks."""
        return self.label == "Q"


@dataclass(slots=True)
class TurnResult:
    """Turns counted."""

    documents: int = 0
    turns: int = 0
    right: int = 0
    questions: int = 0
    credited: int = 0
    errors: Counter[str] = field(default_factory=Counter)

    @property
    def accuracy(self) -> float | None:
        """Share of the turns that are given to their speaker; None without any."""
        return self.right / self.turns if self.turns else None

    def as_dict(self) -> dict[str, Any]:
        """Give the figures for a JSON file."""
        return {
            "documents": self.documents,
            "turns": self.turns,
            "accuracy": self.accuracy,
            "questions": self.questions,
            "questions credited to somebody": self.credited,
            "errors": dict(self.errors.most_common()),
        }


def read_transcripts(shared: Path) -> Iterator[Article]:
    """Give the briefings."""
    for row in read_rows(shared / "eval" / "wh_briefings" / "corpus.jsonl.gz"):
        yield Article(row["id"], "", row["title"] or "", row["text"], "", published=row["date"])


def reference_turns(text: str) -> list[LabelledTurn]:
    """Read the turns of a transcript; none where it has fewer than three labels of each kind or of one."""
    found: list[LabelledTurn] = []
    for paragraph in _PARAGRAPH.finditer(text):
        start, end = paragraph.span()
        match = _LABEL.match(text, start, end)
        if match:
            found.append(LabelledTurn(match["label"] or "Q", match.end(), end))
        elif found and not _OUTSIDE.match(text, start):
            found[-1] = LabelledTurn(found[-1].label, found[-1].start, end)
    return [turn for turn in found if text[turn.start : turn.end].strip()] if len(found) >= _FEWEST else []


def evaluate_turns(articles: Iterator[Article]) -> TurnResult:
    """Find who said what in each transcript and hold it against the labels."""
    result = TurnResult()
    for article in articles:
        turns = reference_turns(article.text)
        if turns:
            result.documents += 1
            _judge(result, article.text, turns, spoken(article))
    return result


def _judge(result: TurnResult, text: str, turns: Sequence[LabelledTurn], shown: Sequence[Statement]) -> None:
    at = 0
    for turn in turns:
        while at < len(shown) and shown[at].end <= turn.start:
            at += 1
        after = at
        while after < len(shown) and shown[after].start < turn.end:
            after += 1
        said = shown[at:after]
        if turn.asked:
            result.questions += 1
            result.credited += bool(said)
            continue
        result.turns += 1
        error = _error(turn, text, said)
        result.right += not error
        if error:
            result.errors[f"{turn.label}: {error}"] += 1


def _error(turn: LabelledTurn, text: str, said: Sequence[Statement]) -> str:
    """Say what is wrong with what is shown of a turn, which an aside may part; empty when nothing is."""
    covered = sum(min(one.end, turn.end) - max(one.start, turn.start) for one in said)
    if covered < _MOSTLY * (turn.end - turn.start):
        return "missed"
    other = next((one for one in said if not _same(turn.label, one, text)), None)
    return f"given to {other.speaker}" if other else ""


def _same(label: str, one: Statement, text: str) -> bool:
    """Tell whether a statement is printed under this label, and its speaker has the label's surname."""
    if one.speaker_start is None or text[one.speaker_start : one.speaker_end] != label.strip():
        return False
    surname = label.rsplit(maxsplit=1)[-1].casefold()
    return bool(one.canonical) and (surname in one.speaker.casefold() or label.split(maxsplit=1)[0] == "THE")
