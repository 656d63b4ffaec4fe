"""Where a quotation in Slack leads: to the page's reader at the slice, or to where it was published."""

from __future__ import annotations

from urllib.parse import urlencode

from onrecord.render.citation import fragment_link
from onrecord.types import Article


def reader_link(article: Article, start: int, end: int, *, public_url: str | None) -> str | None:
    """Link to a slice of an article.

    Args:
        article: That holds it.
        start: First code point.
        end: Past the last one.
        public_url: Address of the page; without one the link leads to where the article was published.

    Returns:
        An address, or None where there is none.
    """
    if public_url is None:
        return fragment_link(article.url, article.text[start:end])
    query = urlencode({"open": article.id, "start": start, "end": end}, errors="replace")
    return f"{public_url.rstrip('/')}/?{query}"
