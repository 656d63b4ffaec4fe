"""Reading: from scored sentences to quotations, each an exact slice of its article.

A quotation is one sentence, with its neighbour where it cannot stand alone:
inside a quotation that it would cut, or where it opens with a word that
points back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from onrecord.chat.prompts import forges_turn
from onrecord.index.columns.store import KINDS, MODES
from onrecord.index.opened import Index
from onrecord.retrieval.candidates import Candidates
from onrecord.retrieval.features import NAMES, Features
from onrecord.text.clipping import clips
from onrecord.text.quotation_marks import OPENING, STRAIGHT, unbalanced
from onrecord.types import Article, Clip, Mode, Quote, SentenceKind, Statement

_LONGEST = 900
_POINTS_BACK = re.compile(
    rf"[{OPENING}{STRAIGHT}‘'(\[]*(?:He|She|It|They|His|Her|Their|Its|This|That|These|Those|Both|But|And|So|Yet|However|Such|"
    r"Then|Instead|Meanwhile|Also|Or|Nor|Because|"
    r"The (?:two|three|former|latter|official|man|woman|company|group|agency|move|decision|deal|"
    r"plan|law|bill|report|study|statement))\b"
)
_ASKED_SPEAKER, _COSINE = NAMES.index("asked_speaker"), NAMES.index("sentence_cosine")
_HEDGED = 3
_TWIN = 0.985
_SHARED = 0.8
_FEW_WORDS = 8
_NEARLY = 2.5


@dataclass(frozen=True, slots=True)
class _Cut:
    """The slice for a sentence: its first and last sentence, the quotation, and whether it may be shown."""

    first: int
    last: int
    quote: Quote
    forged: bool


class Cutter:
    """Cuts quotations out of the articles of an index.

    For one question each article is read once and each sentence cut once, however many parts ask for it.

    Args:
        index: Where the articles are.
    """

    def __init__(self, index: Index) -> None:
        self.index = index
        self._articles: dict[int, Article] = {}
        self._cuts: dict[int, _Cut] = {}

    def article(self, row: int) -> Article:
        """Give the article of a row."""
        if row not in self._articles:
            self._articles[row] = self.index.article(row)
        return self._articles[row]

    def quote(self, article_row: int, row: int, *, score: float) -> Quote:
        """Quote one sentence, with a neighbour where it cannot stand alone."""
        return replace(self.cut(article_row, row).quote, score=score)

    def cut(self, article_row: int, row: int) -> _Cut:
        """Cut the slice for a sentence."""
        if row not in self._cuts:
            self._cuts[row] = self._cut(article_row, row)
        return self._cuts[row]

    def _cut(self, article_row: int, row: int) -> _Cut:
        article = self.article(article_row)
        first, last, beside = _stretch(self.index, article_row, article, row)
        quote = _quote(self.index, article_row, article, first, last, row, beside)
        return _Cut(first, last, quote, forges_turn(quote.text))


def read_quotes(
    cutter: Cutter,
    candidates: Candidates,
    features: Features,
    scores: npt.NDArray[np.float32],
    *,
    limit: int = 10,
    per_article: int = 4,
) -> tuple[Quote, ...]:
    """Choose the best quotations."""
    quotes: list[Quote] = []
    taken: list[tuple[int, int]] = []
    waiting: list[Quote] = []
    counts: dict[int, int] = {}
    index = cutter.index
    for at in _hedged(features, list(_fresh(index, features, scores, 4 * limit)), candidates, index):
        if len(quotes) == limit:
            break
        article_row = int(index.store.passages["article"][candidates.rows[features.owner[at]]])
        full = counts.get(article_row, 0) >= per_article
        if full and len(quotes) + len(waiting) >= limit:
            continue  # nothing of it will be needed
        cut = cutter.cut(article_row, int(features.rows[at]))
        if any(cut.first <= b and cut.last >= a for a, b in taken):
            continue
        taken.append((cut.first, cut.last))
        if cut.forged:
            continue
        quote = replace(cut.quote, score=float(scores[at]))
        if full:
            waiting.append(quote)
            continue
        counts[article_row] = counts.get(article_row, 0) + 1
        quotes.append(quote)
    return (*quotes, *waiting[: limit - len(quotes)])


def _hedged(features: Features, order: list[int], candidates: Candidates, index: Index) -> list[int]:
    """Give the third place to what the person asked about says nearest in meaning, where the first was found.

    The first two share the question's words; a question whose premise is false is answered in others.
    """
    if len(order) < _HEDGED or not features.matrix[order[0], _ASKED_SPEAKER]:
        return order
    articles = index.store.passages["article"][candidates.rows[features.owner]]
    own = features.usable & (features.matrix[:, _ASKED_SPEAKER] > 0) & (articles == articles[order[0]])
    waiting = np.zeros(len(own), np.bool_)
    waiting[order[2:]] = True
    own &= waiting
    if not own.any():
        return order
    nearest = int(np.argmax(np.where(own, features.matrix[:, _COSINE], -np.inf)))
    return [*order[:2], nearest, *(at for at in order[2:] if at != nearest)]


def _fresh(index: Index, features: Features, scores: npt.NDArray[np.float32], limit: int) -> Iterator[int]:
    """Give positions of the best sentences, skipping near copies of better ones."""
    order = np.lexsort((features.rows, -scores))[:limit]
    order = order[np.isfinite(scores[order])]
    if not len(order):
        return
    rows = features.rows[order]
    alike = _alike(index, rows)
    lengths = index.store.sentences["end"][rows] - index.store.sentences["start"][rows]
    for rank, at in enumerate(order.tolist()):
        if alike[rank, :rank].any():
            continue
        # Of several that say the same, the longest tells most.
        same = np.flatnonzero(alike[:, rank] & (scores[order] >= scores[at] - _NEARLY))
        yield int(order[max(same, key=lambda other: (lengths[other], -other))]) if len(same) else at


def _alike(index: Index, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Say which sentences say the same: near-equal vectors, or within one origin nearly the same words."""
    store = index.store
    vectors = store.sentence_vectors[rows].astype(np.float32)
    articles = store.passages["article"][np.searchsorted(store.passages["sentence"], rows, side="right") - 1]
    origins = store.origins[articles]
    starts, ends = store.sentences["token"][rows], store.sentences["token"][rows + 1]
    words = [frozenset(store.tokens[a:b].tolist()) for a, b in zip(starts, ends, strict=True)]
    alike: npt.NDArray[np.bool_] = np.einsum("ij,kj->ik", vectors, vectors) > _TWIN
    for one in range(len(rows)):
        for other in range(one):
            fewer = min(len(words[one]), len(words[other]))
            if origins[one] == origins[other] and fewer >= _FEW_WORDS:
                alike[one, other] |= len(words[one] & words[other]) > _SHARED * fewer
    return alike


def _stretch(
    index: Index, article_row: int, article: Article, row: int
) -> tuple[int, int, tuple[Clip, ...] | None]:
    """Take in neighbours until the slice can stand alone, or has grown too long.

    Gives the first and the last sentence, and what could turn the sense of the slice; None where that has
    to be looked for again.
    """
    low, high = _article_sentences(index, article_row)
    first = last = row
    sentences = index.store.sentences

    def length(a: int, b: int) -> int:
        return int(sentences["end"][b] - sentences["start"][a])

    speaker = int(sentences["speaker"][row])

    def joins(at: int) -> bool:
        """Neighbours of another speaker stay out: a slice has one attribution."""
        if not low <= at < high or KINDS[sentences["kind"][at]] not in (
            SentenceKind.TEXT,
            SentenceKind.QUESTION,
        ):
            return False
        return int(sentences["speaker"][at]) in (-1, speaker)

    for _ in range(4):
        text = article.text[sentences["start"][first] : sentences["end"][last]]
        need = unbalanced(text)
        if need > 0 and joins(last + 1) and length(first, last + 1) <= _LONGEST:
            last += 1
        elif need < 0 and joins(first - 1) and length(first - 1, last) <= _LONGEST:
            first -= 1
        else:
            break
    text = article.text[sentences["start"][first] : sentences["end"][last]]
    if _POINTS_BACK.match(text) and joins(first - 1) and length(first - 1, last) <= _LONGEST:
        first -= 1
    first_code, end_code = int(sentences["start"][first]), int(sentences["end"][last])
    beside = clips(article.text, first_code, end_code)
    for clip in beside:
        # What is wanting stands in a neighbour: taken in, nothing is clipped.
        if clip.end <= first_code and joins(first - 1) and length(first - 1, last) <= _LONGEST:
            return first - 1, last, None
        if clip.start >= end_code and joins(last + 1) and length(first, last + 1) <= _LONGEST:
            return first, last + 1, None
    return first, last, beside


def _article_sentences(index: Index, article_row: int) -> tuple[int, int]:
    passages = index.store.articles["passage"][article_row : article_row + 2]
    low, high = index.store.passages["sentence"][passages]
    return int(low), int(high)


def _quote(
    index: Index,
    article_row: int,
    article: Article,
    first: int,
    last: int,
    row: int,
    beside: tuple[Clip, ...] | None,
) -> Quote:
    table = index.store.sentences
    start, end = int(table["start"][first]), int(table["end"][last])
    mode, speaker = MODES[table["mode"][row]], int(table["speaker"][row])
    name = index.store.speakers[speaker] if speaker >= 0 and mode is not Mode.ARTICLE else None
    said = _said(index, article_row, row, name, mode)
    return cut_quote(index, article, start, end, mode=mode, speaker=name, said=said, beside=beside)


def cut_quote(
    index: Index,
    article: Article,
    start: int,
    end: int,
    *,
    mode: Mode,
    speaker: str | None,
    said: Statement | None,
    score: float = 0.0,
    beside: tuple[Clip, ...] | None = None,
) -> Quote:
    """Cut a slice out of an article, with all that the index knows of it.

    It is unconfirmed: only :func:`onrecord.answer.standing.confirmed` holds it against the corpus.

    Args:
        index: Knows which speakers are named.
        article: The article.
        start: First code point.
        end: Past the last code point.
        mode: Whose words they are.
        speaker: As resolved within the article, where somebody speaks.
        said: The statement that it carries, where there is one.
        score: The reader's.
        beside: What just outside the slice could turn its sense, where that is known already.

    Returns:
        The quotation.
    """
    return Quote(
        article_id=article.id,
        file=article.file,
        title=article.title,
        start=start,
        end=end,
        text=article.text[start:end],
        sha256=article.sha256,
        mode=mode,
        speaker=speaker,
        outlet=article.outlet,
        published=article.published,
        published_basis=article.basis.get("published"),
        score=score,
        clips=clips(article.text, start, end) if beside is None else beside,
        unnamed=speaker is not None and index.identities.is_unnamed(speaker),
        certain=said is None or said.certain,
        said_on=said.said_on if said else None,
        said_on_basis=said.said_on_basis if said else None,
    )


def _said(index: Index, article_row: int, row: int, speaker: str | None, mode: Mode) -> Statement | None:
    """Find the statement for which a sentence is given to a speaker."""
    if speaker is None:
        return None
    start, end = index.store.sentences["start"][row], index.store.sentences["end"][row]
    told = index.store.statements_within(article_row, int(start), int(end))
    return next((one for one in told if one.speaker == speaker and one.mode is mode), None)


def in_order_of_date(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """Sort quotations by the day they were said, else published, unknown last; equal ones stay in order."""
    return tuple(sorted(quotes, key=lambda quote: quote.said_on or quote.published or "9999"))
