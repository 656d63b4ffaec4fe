"""Utterances: when something was said, where an article tells it.

A time is resolved only where one reading is left: a weekday needs the day of
publication, a month or a day without a year needs a publication date that
gives the same result from its first day to its last.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from onrecord.text.lexicon import MONTHS
from onrecord.types import DateSpan

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?\.?|July?\.?|Aug(?:ust|\.)?|"
    r"Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_DAY = re.compile(
    r"\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?:[a-z]{1,6}|\.)? "
    r"(\d{1,2})(?!\d)(?:st|nd|rd|th)?(?:,? (\d{4})\b)?",
    re.IGNORECASE,
)
_TIME = re.compile(
    rf"(?P<day>\b{_MONTH} \d{{1,2}}(?!\d)(?:st|nd|rd|th)?(?:,? \d{{4}}\b)?)"
    r"|(?<!next )(?<!last )(?<!this )(?<!every )(?<!past )(?<!coming )(?<!Black )(?<!Super )"
    r"\b(?P<weekday>(?:[Oo]n )?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b"
    r"(?!’s|'s| (?:Night )?(?:Live|Times|Mail))"
    r"|\b(?P<today>[Tt]oday|[Tt]onight|[Tt]his (?:morning|afternoon|evening))\b(?!’s|'s)"
    r"|\b(?P<yesterday>[Yy]esterday|[Ll]ast night)\b(?!’s|'s)"
    r"|\b(?P<week>(?:[Ee]arlier |[Ll]ater )?[Tt]his week|[Ll]ast week)\b(?!’s|'s|end)"
    r"|\b(?P<month>(?:[Ee]arlier )?[Tt]his month|[Ll]ast month)\b(?!’s|'s)"
    rf"|\b(?P<named>(?:[Ii]n |[Ll]ast |[Ee]arlier in ){_MONTH}(?: (?:of )?\d{{4}}\b)?)(?![\w’'])(?! \d)"
    r"|\b(?P<year>[Ii]n \d{4}|[Ll]ast year|(?:[Ee]arlier )?[Tt]his year)\b(?!’s|'s)"
)


@dataclass(frozen=True, slots=True)
class Dated:
    """When something was said.

    Attributes:
        day: ISO date, month, year or interval, as :meth:`onrecord.types.DateSpan.parse` reads it.
        basis: The words that say so, and what they were resolved against.
    """

    day: str
    basis: str


@dataclass(frozen=True, slots=True)
class Dateline:
    """What times in an article are resolved against.

    Attributes:
        span: Days on which it may have been published; None if unknown.
        written: The same for a person to read.
    """

    span: DateSpan | None = None
    written: str = ""

    def find(self, text: str) -> tuple[re.Match[str], Dated | None] | None:
        """Find the first time that a text names; one with day and month before any other.

        Gives where it stands, and when that was, None where the date of publication leaves it open; or None
        where there is no time.
        """
        found = list(_TIME.finditer(text))
        best = next((match for match in found if match.lastgroup == "day"), found[0] if found else None)
        return (best, self._dated(best)) if best else None

    def _dated(self, match: re.Match[str]) -> Dated | None:
        words = match.group()
        whole = day_in(words) if match.lastgroup == "day" else None
        if whole:
            return Dated(whole, f"“{words}”, as printed")
        if self.span is None:
            return None
        resolve = _RULES[match.lastgroup or ""]
        if match.lastgroup in ("weekday", "today", "yesterday", "week") and self.span.first != self.span.last:
            return None
        try:
            days = {resolve(words, self.span.first), resolve(words, self.span.last)}
        except OverflowError:  # before the first day of the calendar
            return None
        day = days.pop()
        return (
            Dated(day, f"“{words}”, from the publication date {self.written}") if day and not days else None
        )


def day_in(text: str) -> str | None:
    """Read the first day that a text names by month, number and year.

    Gives the ISO date, or None where there is no such day.
    """
    match = _DAY.search(text)
    return _iso(int(match[3]), match[1], int(match[2])) if match and match[3] else None


def _iso(year: int, month: str, day: int) -> str | None:
    try:
        return date(year, MONTHS[month[:3].lower()], day).isoformat()
    except ValueError:
        return None


def _day(words: str, published: date) -> str | None:
    """Take the last such day that had come when the article was published."""
    match = _DAY.search(words)
    tried = (_iso(published.year - back, match[1], int(match[2])) for back in (0, 1)) if match else ()
    return next((day for day in tried if day and day <= published.isoformat()), None)


def _weekday(words: str, published: date) -> str | None:
    wanted = _WEEKDAYS.index(words.lower().removeprefix("on ")[:3])
    return (published - timedelta((published.weekday() - wanted) % 7)).isoformat()


def _today(_: str, published: date) -> str | None:
    return published.isoformat()


def _yesterday(_: str, published: date) -> str | None:
    return (published - timedelta(1)).isoformat()


def _week(words: str, published: date) -> str | None:
    """Give days from a Sunday on, since some count weeks from Sunday and some from Monday."""
    sunday = published - timedelta(published.weekday() + 1)
    if words.lower().startswith("last"):
        return f"{sunday - timedelta(7)}/{sunday}"
    return f"{sunday}/{published}" if "later" not in words.lower() else None


def _month(words: str, published: date) -> str | None:
    first = published.replace(day=1)
    return (first - timedelta(1) if words.lower().startswith("last") else first).isoformat()[:7]


def _named(words: str, published: date) -> str | None:
    """Take the last such month that had begun, or for ``last September`` ended, by then."""
    *before, name = re.sub(r" (?:of )?\d{4}$", "", words).split()
    month = MONTHS[name[:3].lower()]
    stated = re.search(r"\d{4}$", words)
    if stated:
        return f"{stated.group()}-{month:02}"
    passed = month < published.month or (month == published.month and before[0].lower() != "last")
    return f"{published.year - (not passed):04}-{month:02}"


def _year(words: str, published: date) -> str | None:
    if words[-1].isdigit():
        return words[-4:] if 1900 <= int(words[-4:]) <= published.year else None
    return f"{published.year - words.lower().startswith('last'):04}"


_RULES: dict[str, Callable[[str, date], str | None]] = {
    "day": _day, "weekday": _weekday, "today": _today, "yesterday": _yesterday, "week": _week,
    "month": _month, "named": _named, "year": _year,
}  # fmt: skip
