"""The words of an answer: who, when, where, then the quotation, then [n]; or what was searched in vain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from onrecord.dates import count, date_range, written_date
from onrecord.question import Query
from onrecord.types import Claim, Mode, Quote, Searched

__all__ = [
    "attribution",
    "compose_answer",
    "compose_claims",
    "compose_refusal",
    "marks",
    "refusal_reason",
    "searched_line",
]

REFUSAL = "Not in this corpus."
DOUBT = "This corpus does not bear out what the question takes for granted. Nearest to it:"
_MARKS = '“”"«»„'
_OWN = {Mode.DIRECT: "quoted in", Mode.REPORTED: "as reported in"}


def attribution(quote: Quote) -> str:
    """Say whose words these are and where they stand: ``Antony Blinken, quoted in …, 28 June 2023``."""
    place = ", ".join(part for part in (quote.title, quote.outlet, _date(quote)) if part)
    if quote.speaker and quote.mode in _OWN:
        return f"{quote.speaker}, {_OWN[quote.mode]} {place}"
    return f"The article {place}"


def _set_off(text: str) -> str:
    """Put a slice in quotation marks, unless it has its own: nothing inside it is ever changed."""
    return text if any(mark in text for mark in _MARKS) else f"“{text}”"


def _date(quote: Quote) -> str:
    return (
        written_date(quote.published, inferred=quote.published_basis is not None)
        if quote.published
        else "undated"
    )


def compose_answer(quotes: Sequence[Quote], *, doubted: bool = False) -> str:
    """Write an answer out.

    Args:
        quotes: In the order to show them; at least one.
        doubted: Whether the question takes for granted what these do not bear out.

    Returns:
        Paragraphs, one a quotation: an attribution, the exact slice, its number.
    """
    paragraphs = _paragraphs(quotes)
    return "\n\n".join([DOUBT, *paragraphs] if doubted else paragraphs)


def compose_claims(claims: Sequence[Claim], quotes: Sequence[Quote]) -> str:
    """Write a chat model's answer out.

    Args:
        claims: Its prose, each sentence with the numbers of the quotations that carry it.
        quotes: The quotations.

    Returns:
        A paragraph of prose, then the quotations as :func:`compose_answer` writes them.
    """
    prose = " ".join(f"{claim.text} {marks(claim.quotes)}" for claim in claims)
    return "\n\n".join([prose, *_paragraphs(quotes)])


def marks(numbers: Sequence[int]) -> str:
    """Write the numbers of quotations: ``[1][3]``."""
    return "".join(f"[{number}]" for number in numbers)


def _paragraphs(quotes: Sequence[Quote]) -> list[str]:
    return [_paragraph(quote, number) for number, quote in enumerate(quotes, start=1)]


def _paragraph(quote: Quote, number: int) -> str:
    if _left_open(quote.text):  # a number behind it would stand inside its quotation
        return f"{attribution(quote)} [{number}]:\n{quote.text}"
    return f"{attribution(quote)}:\n{_set_off(quote.text)} [{number}]"


def _left_open(text: str) -> bool:
    """Say whether a slice opens a quotation of its own that goes on behind it in the article."""
    opened = sum(map(text.count, "“«„")) > sum(map(text.count, "”»"))
    return opened or text.count('"') % 2 == 1


def searched_line(searched: Searched) -> str:
    """Say what was searched: how many articles and passages, within which filters and days."""
    within = f" within {searched.filters}" if searched.filters else ""
    dates = f", {date_range(searched.first, searched.last)}" if searched.first or searched.last else ""
    held = f"{count(searched.articles, 'article')} ({count(searched.passages, 'passage')})"
    return f"Searched {held}{within}{dates}."


def refusal_reason(query: Query, searched: Searched, *, silent: bool) -> str:
    """Say why there is no answer.

    Args:
        query: The question, read.
        searched: What was searched, with the question's words that stand nowhere.
        silent: Whether the person asked about says nothing in what was found.

    Returns:
        One sentence.
    """
    if not searched.passages:
        return "No article is within these filters."
    if searched.missing:
        words = ", ".join(searched.missing)
        return f"No article mentions {words}."
    if silent and query.person:
        return f"The corpus holds no statement by {query.person} on this."
    return "No passage answers it."


def compose_refusal(reason: str, searched: Searched, nearest: Sequence[Quote]) -> str:
    """Write a refusal out.

    Args:
        reason: One sentence.
        searched: What was searched.
        nearest: The nearest quotations, which are no answer.

    Returns:
        Paragraphs.
    """
    lines = [f"{REFUSAL} {reason} {searched_line(searched)}"]
    if nearest:
        lines.append("Nearest, not an answer:")
        lines += [f"{attribution(quote)}:\n{_set_off(quote.text)}" for quote in nearest]
    return "\n\n".join(lines)


def iso(day: int) -> str | None:
    """Write an ordinal day as ISO 8601; 0 is unknown."""
    return date.fromordinal(day).isoformat() if day else None
