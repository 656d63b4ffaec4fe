"""Passages: exact slices of an article made of whole sentences, sized for the encoder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from onrecord.text.sentences import Layout, lay_out
from onrecord.types import Article, Passage, Sentence, SentenceKind

# Costs of ending a passage at a border; see chunk().
_PASSAGE = 0.05
_MID_PARAGRAPH = 1.0
_BESIDE_QUOTATION = 1.0
_AFTER_QUESTION = 0.4
_AFTER_LEAD = 4.0
_AFTER_HEADING = 50.0
_BEFORE_HEADING = -0.6
_INSIDE_QUOTATION = 1000.0
_TOO_SMALL = 2.0
_LAST_TOO_LARGE = 1.3
_LAST_SLACK = 1.2
_LAST_LIMIT = 220


@dataclass(frozen=True, slots=True)
class Chunked:
    """An article cut up.

    Attributes:
        sentences: All of the article, in order.
        passages: All of the article, in order.
        first: Passage i holds ``sentences[first[i]:first[i + 1]]``.
    """

    sentences: tuple[Sentence, ...]
    passages: tuple[Passage, ...]
    first: tuple[int, ...]


def article_key(article: Article) -> str:
    """Name this version of an article in 16 hexadecimal digits."""
    named = f"{article.id}\0{article.sha256}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(named, digest_size=8).hexdigest()


def chunk(
    article: Article,
    *,
    count_tokens: Callable[[Sequence[str]], Sequence[int]],
    low: int = 120,
    high: int = 180,
) -> Chunked:
    """Cut an article into passages of whole sentences.

    A passage ends at a paragraph where it can once it holds ``low`` tokens, never holds
    more than ``high`` unless one sentence alone does or a last scrap is taken in, never
    cuts a quotation that fits, and never ends with a heading.

    Args:
        article: The article.
        count_tokens: Tells the number of tokens of each text; called once.
        low: Tokens from which a passage may end.
        high: Tokens that a passage should not exceed.

    Returns:
        The sentences and the passages.
    """
    layout = lay_out(article.text, title=article.title)
    sentences = layout.sentences
    if not sentences:
        return Chunked((), (), (0,))
    # A text without a single known token still takes a place, which bounds the search below.
    tokens = [max(1, n) for n in count_tokens([article.text[s.start : s.end] for s in sentences])]
    first = _cut(tokens, _border_costs(article.text, layout, tokens, high), low, high)
    key = article_key(article)
    passages = tuple(
        Passage(f"{key}:{sentences[a].start}", article.id, sentences[a].start, sentences[b - 1].end)
        for a, b in pairwise(first)
    )
    return Chunked(sentences, passages, tuple(first))


def _border_costs(text: str, layout: Layout, tokens: Sequence[int], high: int) -> list[float]:
    """Say for each sentence what it costs to end a passage right before it."""
    sentences = layout.sentences
    costs = [0.0] * (len(sentences) + 1)
    for index in range(1, len(sentences)):
        before = sentences[index - 1]
        if not layout.opens[index]:
            costs[index] += _MID_PARAGRAPH
        if before.kind is SentenceKind.QUESTION and sentences[index].kind is SentenceKind.TEXT:
            costs[index] += _AFTER_QUESTION
        if sentences[index].kind is SentenceKind.HEADING and before.kind is not SentenceKind.HEADING:
            costs[index] += _BEFORE_HEADING
        if before.kind is SentenceKind.HEADING:
            costs[index] += _AFTER_HEADING
        elif text[before.end - 1] == ":":
            costs[index] += _AFTER_LEAD
    _guard_quotations(layout, tokens, high, costs)
    return costs


def _guard_quotations(layout: Layout, tokens: Sequence[int], high: int, costs: list[float]) -> None:
    """Make it dear to cut a quotation that fits, and to part it from its own paragraph's words."""
    sentences, opens = layout.sentences, layout.opens
    at = 0
    for span in layout.quoted:
        while sentences[at].end <= span.start:
            at += 1
        last = at
        while last + 1 < len(sentences) and sentences[last + 1].start < span.end:
            last += 1
        fits = sum(tokens[at : last + 1]) <= high
        if fits:
            for index in range(at + 1, last + 1):
                costs[index] += _INSIDE_QUOTATION
        for border in (at, last + 1):
            if border < len(sentences) and not opens[border]:
                costs[border] += _BESIDE_QUOTATION
        at = last


def _cut(tokens: Sequence[int], border: Sequence[float], low: int, high: int) -> list[int]:
    """Choose the cheapest borders by dynamic programming over the sentences."""
    count = len(tokens)
    total = list(accumulate(tokens, initial=0))
    best = [0.0] * (count + 1)
    came = [0] * (count + 1)
    for end in range(1, count + 1):
        limit = min(int(high * _LAST_SLACK), max(high, _LAST_LIMIT)) if end == count else high
        cheapest = float("inf")
        for start in range(end - 1, -1, -1):
            size = total[end] - total[start]
            if size > limit and start < end - 1:
                break
            cost = best[start] + _PASSAGE
            if size < low:
                cost += _TOO_SMALL * (low - size) / low
            elif size > high and start < end - 1:
                cost += _LAST_TOO_LARGE
            if cost < cheapest:
                cheapest, came[end] = cost, start
        best[end] = cheapest + border[end]
    first = [count]
    while first[-1]:
        first.append(came[first[-1]])
    return first[::-1]
