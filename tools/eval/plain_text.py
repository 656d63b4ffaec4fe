"""How the plain system cuts articles: sentences by a simple rule, passages of about 700 characters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from onrecord.evaluation.questions import Document

__all__ = ["PASSAGE_CHARS", "PlainPassage", "cut", "cut_sentences"]

PASSAGE_CHARS = 700
_LONGEST = 600
_END = re.compile(r"[.!?][\"'”’)\]]*(?=\s)|\n(?=\s*\n)|\n(?=\S)")


@dataclass(frozen=True, slots=True)
class PlainPassage:
    """A run of sentences of one article."""

    document: str
    sentences: tuple[tuple[int, int], ...]

    @property
    def start(self) -> int:
        """First code point."""
        return self.sentences[0][0]

    @property
    def end(self) -> int:
        """Past the last code point."""
        return self.sentences[-1][1]


def cut_sentences(text: str) -> list[tuple[int, int]]:
    """Cut after sentence marks and at line ends; what runs on for too long is cut at a fixed length."""
    ends = [found.end() for found in _END.finditer(text)] + [len(text)]
    spans = []
    start = 0
    for end in ends:
        while end - start > 2 * _LONGEST:
            spans.append((start, start + _LONGEST))
            start += _LONGEST
        spans.append((start, end))
        start = end
    return [span for span in (_trimmed(text, *span) for span in spans) if span[0] < span[1]]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


def cut(documents: Iterable[Document]) -> list[PlainPassage]:
    """Pack the sentences of each article into passages of about :data:`PASSAGE_CHARS`."""
    passages = []
    for document in documents:
        held: list[tuple[int, int]] = []
        for sentence in cut_sentences(document.text):
            if held and sentence[1] - held[0][0] > PASSAGE_CHARS:
                passages.append(PlainPassage(document.id, tuple(held)))
                held = []
            held.append(sentence)
        if held:
            passages.append(PlainPassage(document.id, tuple(held)))
    return passages
