"""What a program reads: answers, passages and articles as JSON objects."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from onrecord.types import Answer, Article, Hit, Quote

__all__ = ["answer_dict", "article_dict", "batch_dict", "hit_dict", "quote_dict"]

Json = dict[str, Any]


def quote_dict(quote: Quote) -> Json:
    """Give a quotation as a JSON object."""
    names = (
        "text",
        "file",
        "article_id",
        "title",
        "outlet",
        "published",
        "start",
        "end",
        "sha256",
        "speaker",
    )
    return {name: getattr(quote, name) for name in names} | {"direct": quote.direct, "score": quote.score}


def answer_dict(answer: Answer) -> Json:
    """Give an answer as the JSON object that ``onrecord ask --json`` prints."""
    return {
        "id": answer.id,
        "question": answer.question,
        "text": answer.text,
        "refused": answer.refused,
        "reason": answer.reason,
        "mode": answer.mode,
        "quotes": [quote_dict(quote) for quote in answer.quotes],
        "searched": asdict(answer.searched),
        "timings": dict(answer.timings),
    }


def batch_dict(answer: Answer, *, id: object) -> Json:  # noqa: A002  (the key's own name)
    """Give an answer as one line of ``onrecord batch``.

    Args:
        answer: The answer.
        id: Of the question, as given in the input.

    Returns:
        A JSON object: that of :func:`answer_dict`, ``ranked`` and ``confidence``.
    """
    ranked = [quote_dict(quote) for quote in answer.ranked[:10]]
    return answer_dict(answer) | {"id": id, "ranked": ranked, "confidence": answer.confidence}


def hit_dict(hit: Hit, article: Article) -> Json:
    """Give a found passage as a JSON object."""
    return {
        "rank": hit.rank,
        "score": hit.score,
        "why": dict(hit.why),
        "text": hit.text,
        "file": article.file,
        "article_id": article.id,
        "title": article.title,
        "outlet": article.outlet,
        "published": article.published,
        "start": hit.passage.start,
        "end": hit.passage.end,
        "sha256": article.sha256,
    }


def article_dict(article: Article, *, start: int, end: int) -> Json:
    """Give an article, and a slice of it, as a JSON object."""
    names = ("id", "file", "title", "outlet", "published", "url", "language", "sha256", "text")
    known = {name: getattr(article, name) for name in names}
    return known | {
        "basis": dict(article.basis),
        "start": start,
        "end": end,
        "slice": article.text[start:end],
    }
