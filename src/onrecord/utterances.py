"""Utterances: the day of one, where an article states it."""

from __future__ import annotations

import re
from datetime import date

__all__ = ["day_in"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY = re.compile(
    r"\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?:[a-z]{1,6}|\.)? "
    r"(\d{1,2})(?!\d)(?:st|nd|rd|th)?(?:,? (\d{4})\b)?",
    re.IGNORECASE,
)


def day_in(text: str, *, year: int | None = None) -> str | None:
    """Read the first day that a text names by month and number.

    Args:
        text: Such as ``told a panel on June 23``.
        year: Of a day that is named without one.

    Returns:
        The ISO date, or None where there is no day, or no year for it.
    """
    match = _DAY.search(text)
    if match is None:
        return None
    known = int(match[3]) if match[3] else year
    if known is None or known < 1:
        return None
    try:
        return date(known, _MONTHS.index(match[1].lower()) + 1, int(match[2])).isoformat()
    except ValueError:
        return None
