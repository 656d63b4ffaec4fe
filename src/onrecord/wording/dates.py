"""How dates and counts are written for people to read, wherever they stand.

Which date stands under a quotation, and in which words, is the matter of
:mod:`onrecord.wording.source_line`.
"""

from __future__ import annotations

import calendar
from datetime import date

from onrecord.types import DateSpan

UNKNOWN_DATE = "date unknown"
_EN_DASH = "\N{EN DASH}"


def written_date(published: str | None, *, inferred: bool) -> str:
    """Write a publication date out: ``28 June 2023``, ``about Oct–Dec 2022, inferred``.

    Args:
        published: As :meth:`~onrecord.types.DateSpan.parse` reads it, or None.
        inferred: Whether the article itself does not state it.

    Returns:
        The date in words; a value that is no date comes back as it is.
    """
    if not published:
        return UNKNOWN_DATE
    try:
        words = _span(DateSpan.parse(published))
    except ValueError:
        words = published
    return f"about {words}, inferred" if inferred else words


def date_range(first: str | None, last: str | None) -> str:
    """Write the days between two ISO dates, either of which may be unknown.

    Args:
        first: The earliest day, or None.
        last: The latest day, or None.

    Returns:
        ``1 October 2022 to 28 June 2023``, one date where both agree, or ``dates unknown``.
    """
    if not first and not last:
        return "dates unknown"
    if not first or not last:
        edge = "until" if last else "from"
        return f"{edge} {written_date(last or first, inferred=False)}"
    start, end = written_date(first, inferred=False), written_date(last, inferred=False)
    return start if start == end else f"{start} to {end}"


def count(number: int, noun: str, plural: str = "") -> str:
    """Write a number with its noun: ``1 article``, ``1,016 articles``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _span(span: DateSpan) -> str:
    """Write a span of days in the coarsest unit that it fills exactly."""
    first, last = span.first, span.last
    if first == last:
        return f"{first.day} {calendar.month_name[first.month]} {first.year}"
    if not _whole_months(first, last):
        return f"{_span(DateSpan(first, first))} to {_span(DateSpan(last, last))}"
    if (first.month, last.month) == (1, 12):
        return str(first.year) if first.year == last.year else f"{first.year}{_EN_DASH}{last.year}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{calendar.month_name[first.month]} {first.year}"
    start = calendar.month_abbr[first.month] + (f" {first.year}" if first.year != last.year else "")
    return f"{start}{_EN_DASH}{calendar.month_abbr[last.month]} {last.year}"


def _whole_months(first: date, last: date) -> bool:
    return first.day == 1 and last.day == calendar.monthrange(last.year, last.month)[1]


def iso(day: int) -> str | None:
    """Write an ordinal day as ISO 8601; 0 is unknown."""
    return date.fromordinal(day).isoformat() if day else None
