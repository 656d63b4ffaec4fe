"""Periods: the days that a question keeps to, where it says so surely.

"In June 2021", "since May", "between 2020 and 2022", "on June 28", "last year" are read; "the 2015
deal", "by 2030", "before the election" and "this week" are not: the first two name a thing or a
deadline, the third needs more than a calendar, and the last says when the question was asked.

What is counted back ("last year") is counted from the newest article and not from today: the same
question on the same index has the same answer tomorrow, and of an archive that ends in 2023 nobody
can have asked for a year that it does not reach. An answer always says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from onrecord.text.lexicon import MONTHS
from onrecord.text.quotation_marks import OUTER
from onrecord.types import DateSpan

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_YEAR = r"(?:19|20)\d\d"
DATE = (
    rf"(?:\d{{4}}-\d\d(?:-\d\d)?|(?:{_MONTH})\.? \d{{1,2}}(?:st|nd|rd|th)?(?:,? {_YEAR})?(?!\d)"
    rf"|\d{{1,2}}(?:st|nd|rd|th)? (?:{_MONTH})\b\.?(?:,? {_YEAR})?"
    rf"|(?:{_MONTH})\.?,? (?:of )?{_YEAR}|(?:early |late |mid-?)?{_YEAR})(?![\w-])"
)
"""Pattern of a date as people write it, with small and capital letters alike."""
_PARTS = re.compile(
    rf"(?:(?P<iso>\d{{4}}-\d\d(?:-\d\d)?)"
    rf"|(?P<m1>{_MONTH})\.? (?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<y1>{_YEAR}))?(?!\d)"
    rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th)? (?P<m2>{_MONTH})\b\.?(?:,? (?P<y2>{_YEAR}))?"
    rf"|(?P<m3>{_MONTH})\.?,? (?:of )?(?P<y3>{_YEAR})|(?:early |late |mid-?)?(?P<y4>{_YEAR}))",
    re.IGNORECASE,
)
_COUNTED = r"(?:(?:last|the (?:past|previous)) (?:year|month|week)|yesterday)"
_RELATIVE = re.compile(rf"\b(?:(?:in|during|of|from) )?(?P<told>{_COUNTED})\b(?! of\b)", re.IGNORECASE)
_RANGE = re.compile(
    rf"\b(?:between (?P<a>{DATE}) and (?P<b>{DATE})|from (?P<c>{DATE}) (?:to|until|through) (?P<d>{DATE}))",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    rf"\b(?P<edge>since|after|before|until|till|in|on|during|throughout) (?P<date>{DATE})"
    rf"(?P<also>(?:,? (?:and|or) (?:(?:in|on|during) )?{DATE})?)"
    r"(?! (?:deal|agreement|accord|war|crisis|election)\b)",
    re.IGNORECASE,
)
_STATED = re.compile(
    rf"\b(?:articles?|reports?|coverage|statements?|remarks?|quotes?|interviews?|briefings?) (?:of|from) "
    rf"(?P<date>{DATE})|\((?P<iso>\d{{4}}-\d\d(?:-\d\d)?)\)",
    re.IGNORECASE,
)
_QUOTED = re.compile(rf"[{OUTER}][^{OUTER}]{{1,400}}[{OUTER}]")
_ENDLESS = {"since", "after", "before", "until", "till"}
_EARLIEST = date(2, 2, 1)
"""There is no year to count back to before it."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days that a question keeps to.

    Attributes:
        words: As the question has them: ``June 2021``, ``since May 2022``.
        spans: Any of these; several where a date has no year.
        counted: Whether they are counted back from the newest article.
        open: Whether only one end of them is given.
    """

    words: str
    spans: tuple[DateSpan, ...]
    counted: bool = False
    open: bool = False

    @property
    def phrase(self) -> str:
        """The words, to stand behind "Nothing": ``of June 2021``, ``since May 2022``."""
        return self.words if self.open or self.words.startswith("between") else f"of {self.words}"

    def holds(self, first: date, last: date) -> bool:
        """Say whether any day from first to last is within."""
        return any(span.overlaps(first, last) for span in self.spans)


def periods_in(text: str, *, years: range, newest: date | None) -> tuple[Period, ...]:
    """Read the periods that a question keeps to.

    Args:
        text: A question.
        years: Those of the articles, for dates without one.
        newest: Day of the newest article, from which "last year" is counted; None if it is not known.

    Returns:
        The periods in order, each once; dates within quotation marks are none.
    """
    plain = _QUOTED.sub(lambda found: " " * len(found[0]), " ".join(text.split()))
    return tuple(dict.fromkeys(_periods(plain, years, newest)))


def _periods(text: str, years: range, newest: date | None) -> Iterator[Period]:
    for found in _RANGE.finditer(text):
        first = _spans(found["a"] or found["c"], years)
        last = _spans(found["b"] or found["d"], years)
        if len(first) == len(last) == 1 and first[0].first <= last[0].last:
            yield Period(
                f"between {found['a'] or found['c']} and {found['b'] or found['d']}",
                (DateSpan(first[0].first, last[0].last),),
            )
    text = _RANGE.sub("", text)
    for found in _PLAIN.finditer(text):
        yield from _plain(found, years)
    for found in _STATED.finditer(text):
        yield from _named(found["date"] or found["iso"], years)
    for found in _RELATIVE.finditer(text) if newest else ():
        span = _counted(found["told"].lower().removeprefix("the "), max(newest or date.max, _EARLIEST))
        yield Period(found["told"], (span,), counted=True)


def _plain(found: re.Match[str], years: range) -> Iterator[Period]:
    edge = found["edge"].lower()
    if edge not in _ENDLESS:
        yield from _named(found["date"], years)
        for other in re.finditer(DATE, found["also"], re.IGNORECASE):
            yield from _named(other[0], years)
        return
    spans = _spans(found["date"], years)
    if len(spans) != 1:
        return
    first, last = spans[0].first, spans[0].last
    day = timedelta(days=1)
    reach = {
        "since": (first, date.max),
        "after": (min(last, date.max - day) + day, date.max),
        "before": (date.min, max(first, date.min + day) - day),
    }.get(edge, (date.min, last))
    yield Period(f"{edge} {found['date']}", (DateSpan(*reach),), open=True)


def _named(words: str, years: range) -> Iterator[Period]:
    spans = _spans(words, years)
    if spans:
        yield Period(words, spans)


def _spans(words: str, years: range) -> tuple[DateSpan, ...]:
    """Read a date; one without a year is that of every year of the articles. None that the calendar lacks."""
    found = _PARTS.fullmatch(words.rstrip("., "))
    if not found:
        return ()
    part = found.groupdict()
    if part["iso"]:
        written = [part["iso"]]
    else:
        month, day = part["m1"] or part["m2"] or part["m3"], part["d1"] or part["d2"]
        year = part["y1"] or part["y2"] or part["y3"] or part["y4"]
        tail = f"-{MONTHS[month.lower()]:02d}" if month else ""
        tail += f"-{int(day):02d}" if day else ""
        written = [f"{each}{tail}" for each in ([year] if year else years)]
    return tuple(span for each in written if (span := _parsed(each)))


def _parsed(written: str) -> DateSpan | None:
    try:
        return DateSpan.parse(written)
    except ValueError:
        return None


def _counted(told: str, newest: date) -> DateSpan:
    """Count back from a day: the calendar year, month or week before its own, or the day before."""
    day = timedelta(days=1)
    if told.endswith("year"):
        return DateSpan.parse(f"{newest.year - 1:04d}")
    if told.endswith("month"):
        before = newest.replace(day=1) - day
        return DateSpan(before.replace(day=1), before)
    if told.endswith("week"):
        monday = newest - newest.weekday() * day
        return DateSpan(monday - 7 * day, monday - day)
    return DateSpan(newest - day, newest - day)
