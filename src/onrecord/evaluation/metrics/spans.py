"""When does a shown quotation count? When it contains the gold one, or covers at least half of it."""

from __future__ import annotations


def occurrences(text: str, quote: str) -> list[tuple[int, int]]:
    """Give every place where a gold quote stands in an article, as code points."""
    found = []
    start = text.find(quote) if quote else -1
    while start >= 0:
        found.append((start, start + len(quote)))
        start = text.find(quote, start + 1)
    return found


def covers(shown: tuple[int, int], gold: tuple[int, int]) -> bool:
    """Say whether a shown span holds at least half of a gold span (all of it included)."""
    shared = min(shown[1], gold[1]) - max(shown[0], gold[0])
    return shared > 0 and 2 * shared >= gold[1] - gold[0]
