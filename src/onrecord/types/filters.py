"""What a person narrowed the search to: as given, as kept, and written out again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from onrecord.errors import QuestionError
from onrecord.types.article import DateSpan

Names = str | Sequence[str] | None
"""One name, several, or no limit."""
NARROWING = ("since", "until", "outlet", "article", "speaker")
"""What a search can be narrowed by, as every face calls it."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a person narrowed the search to. Empty tuples and None mean no limit."""

    since: date | None = None
    until: date | None = None
    outlets: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.since or self.until or self.outlets or self.articles or self.speakers)


def read_filters(
    *,
    since: str | None = None,
    until: str | None = None,
    outlet: Names = None,
    article: Names = None,
    speaker: Names = None,
) -> Filters:
    """Read the filters that came with a question.

    Args:
        since: First day (``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``); None for no limit.
        until: Last day, the same forms.
        outlet: Outlets to stay within.
        article: Articles (id or file) to stay within.
        speaker: People or bodies to stay with: only their words are quoted.

    Returns:
        The filters; whether the corpus knows the names is for the index to say.

    Raises:
        QuestionError: If a date is none.
    """
    return Filters(
        since=_day("since", since).first if since is not None else None,
        until=_day("until", until).last if until is not None else None,
        outlets=_names(outlet),
        articles=_names(article),
        speakers=_names(speaker),
    )


def _day(name: str, value: str) -> DateSpan:
    try:
        return DateSpan.parse(value)
    except ValueError:
        raise QuestionError(
            f"The date given as {name!r} cannot be read.", remedy="Write YYYY, YYYY-MM or YYYY-MM-DD."
        ) from None


def _names(value: Names) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def described(filters: Filters) -> str:
    """Write filters out: ``since 2022-01-01, outlet Reuters``; empty when there are none."""
    days = (("since", filters.since), ("until", filters.until))
    parts = [f"{name} {day.isoformat()}" for name, day in days if day]
    named = (("outlet", filters.outlets), ("article", filters.articles), ("speaker", filters.speakers))
    parts += [f"{kind} {name}" for kind, names in named for name in names]
    return ", ".join(parts)
