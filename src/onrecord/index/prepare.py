"""From one article to all that an index keeps of it, but for the vectors."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from onrecord.index.chunking import Chunked, chunk
from onrecord.index.columns.statements import StatementRows
from onrecord.index.columns.store import KINDS, MODES, Part
from onrecord.models.embedder import Unit
from onrecord.speech.statements import statements
from onrecord.text.terms import term_arrays
from onrecord.types import Article, Mode, Sentence, Statement
from onrecord.wording.dates import written_date

_RECIPE = "7"
"""Changes whenever sentences, passages, speakers or terms of the same article come out otherwise."""


@dataclass(frozen=True, slots=True)
class PreparedArticle:
    """An article prepared, its vectors still missing.

    Attributes:
        article: The article.
        part: All columns; the two of vectors are empty.
        chunked: Its sentences and passages.
    """

    article: Article
    part: Part
    chunked: Chunked

    def units(self) -> list[Unit]:
        """Give its passages as the embedder takes them."""
        text, first = self.article.text, self.chunked.first
        context = _context(self.article)
        return [
            Unit(
                context,
                text[passage.start : passage.end],
                [
                    (sentence.start - passage.start, sentence.end - passage.start)
                    for sentence in self.chunked.sentences[first[row] : first[row + 1]]
                ],
            )
            for row, passage in enumerate(self.chunked.passages)
        ]

    def embedded(self, passages: npt.NDArray[np.float32], sentences: npt.NDArray[np.float32]) -> Part:
        """Put the vectors in: shapes [passages, dimension] and [sentences, dimension]."""
        columns = {name: getattr(self.part, name) for name in Part.__slots__}
        columns |= {"passage_vectors": passages, "sentence_vectors": sentences.astype(np.float16)}
        return Part(**columns)


def part_key(article: Article, *, model: str) -> str:
    """Name what an article's columns depend on: its id and content, the recipe and the model."""
    return _digest(article.id, content_key(article), _RECIPE, model)


def content_key(article: Article) -> str:
    """Name an article's content, which copies under other ids share: its text, title, date and outlet."""
    return _digest(article.sha256, article.title, article.published or "", article.outlet or "")


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def prepare(
    article: Article, *, model: str, count_tokens: Callable[[Sequence[str]], Sequence[int]]
) -> PreparedArticle:
    """Cut an article into passages and sentences, find who speaks, and analyse its words.

    Args:
        article: The article.
        model: Fingerprint of the embedding model.
        count_tokens: Counts that model's tokens.

    Returns:
        The draft.
    """
    chunked = chunk(article, count_tokens=count_tokens)
    terms = [term_arrays(article.text[s.start : s.end]) for s in chunked.sentences]
    spoken = statements(article, chunked.sentences)
    told = _told(chunked.sentences, spoken)
    counts = np.cumsum([0, *(len(numbers) for _, numbers, _ in terms)])
    span = article.span
    part = Part(
        key=part_key(article, model=model),
        dates=(span.first.toordinal(), span.last.toordinal()) if span else (0, 0),
        outlet=article.outlet or "",
        title=term_arrays(article.title)[1],
        passages=np.array(
            [(p.start, p.end, first) for p, first in zip(chunked.passages, chunked.first, strict=False)],
            np.int32,
        ).reshape(-1, 3),
        sentences=np.array(
            [
                (s.start, s.end, token, KINDS.index(s.kind), MODES.index(mode))
                for s, token, (mode, _) in zip(chunked.sentences, counts, told, strict=False)
            ],
            np.int64,
        ).reshape(-1, 5),
        speakers=[speaker for _, speaker in told],
        tokens=_joined((numbers for _, numbers, _ in terms), np.uint32),
        flags=_joined((flags for _, _, flags in terms), np.uint8),
        passage_vectors=np.zeros((0, 0), np.float32),
        sentence_vectors=np.zeros((0, 0), np.float16),
        statements=StatementRows.pack(spoken),
    )
    return PreparedArticle(article, part, chunked)


def _joined(arrays: Iterable[npt.NDArray[np.generic]], dtype: type) -> npt.NDArray[np.generic]:
    return np.concatenate([np.zeros(0, dtype), *arrays])


def _told(sentences: Sequence[Sentence], told: Sequence[Statement]) -> list[tuple[Mode, str]]:
    """Give each sentence its strongest statement: direct before reported, then the longest."""
    best: list[tuple[tuple[bool, int], Mode, str]] = [((False, 0), Mode.ARTICLE, "")] * len(sentences)
    row = 0
    for statement in told:
        while row < len(sentences) and sentences[row].end <= statement.start:
            row += 1
        at = row
        while at < len(sentences) and sentences[at].start < statement.end:
            shared = min(sentences[at].end, statement.end) - max(sentences[at].start, statement.start)
            strength = (statement.mode is Mode.DIRECT, shared)
            if strength > best[at][0]:
                best[at] = (strength, statement.mode, statement.speaker)
            at += 1
    return [(mode, speaker) for _, mode, speaker in best]


def _context(article: Article) -> str:
    """What the encoder is told of a passage's article."""
    date = written_date(article.published, inferred=False) if article.published else ""
    return f"{article.title} ({date})" if date else article.title
