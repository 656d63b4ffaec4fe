"""New quotations on a subject, for a channel that wants to be told every day or week."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from onrecord.answer.coverage import cover
from onrecord.assistant.assistant import Assistant
from onrecord.errors import QuestionError
from onrecord.faces.slack.inbox import Inbox
from onrecord.types import Answer, DateSpan, Quote

_AGO = re.compile(r"(?P<number>[1-9][0-9]{0,3})(?P<unit>[dwmy])")
_DAYS: Mapping[str, int] = {"d": 1, "w": 7, "m": 30, "y": 365}


def since_day(since: str, *, today: date) -> str:
    """Read from when on quotations are new.

    Args:
        since: ``7d``, ``2w``, ``1m``, ``1y``, or a date.
        today: Now.

    Returns:
        The first day, ISO.

    Raises:
        QuestionError: If it is neither.
    """
    found = _AGO.fullmatch(since.strip())
    if found:
        return (today - timedelta(days=int(found["number"]) * _DAYS[found["unit"]])).isoformat()
    try:
        return DateSpan.parse(since).first.isoformat()
    except ValueError:
        raise QuestionError(
            f"{since[:40]!r} cannot be read.", remedy="Write 7d, 2w, 1m, 1y, or a date as YYYY-MM-DD."
        ) from None


def digest(assistant: Assistant, about: str, *, since: str) -> Answer:
    """Find what was said on a subject in articles published since a day.

    Args:
        assistant: Answers; without a chat model, so that a digest costs nothing and is the same anew.
        about: The subject, or a question.
        since: The first day, ISO.

    Returns:
        An answer, the newest quotations first; a refusal where there is none.
    """
    subject = " ".join(about.split())
    question = subject if subject.endswith("?") else f"What was said about {subject}?"
    answer = assistant.ask(question, since=since, reference=True)
    # A sort is stable: quotations of one day stay in the order of the answer.
    newest = sorted(answer.quotes, key=_day, reverse=True)
    # What may have changed is told by the numbers that the quotations had before.
    return replace(answer, quotes=tuple(newest), changes=())


def _day(quote: Quote) -> date:
    try:
        return DateSpan.parse(quote.published or "").last
    except ValueError:
        return date.min


def unposted(assistant: Assistant, answer: Answer, inbox: Inbox, *, subject: str) -> Answer:
    """Leave out what an earlier digest has shown.

    Args:
        assistant: That answered.
        answer: From :func:`digest`.
        inbox: Knows what was shown.
        subject: From :func:`subject_of`.

    Returns:
        The answer with what is left, which may be nothing, and what that rests on.
    """
    new = inbox.unposted(subject, [place_of(quote) for quote in answer.quotes])
    quotes = tuple(quote for quote in answer.quotes if place_of(quote) in new)
    coverage = cover(assistant.index, quotes) if quotes else None
    return replace(answer, quotes=quotes, searched=replace(answer.searched, coverage=coverage))


def subject_of(about: str, webhook: str) -> str:
    """Name a digest by its subject and where it goes; the webhook cannot be had back from it."""
    told = f"{' '.join(about.lower().split())}\n{webhook}"
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()


def place_of(quote: Quote) -> str:
    """Name a slice, so that it is recognised in another index."""
    return f"{quote.sha256}:{quote.start}:{quote.end}"
