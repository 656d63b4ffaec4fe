"""The words of an answer: who, when, where, then the quotation, then [n]; or what was searched in vain."""

from __future__ import annotations

from collections.abc import Sequence

from onrecord.errors import IndexStaleError
from onrecord.text.quotation_marks import holds_marks, left_open
from onrecord.types import Change, Claim, Coverage, Quote, Searched, Withdrawn, article_name
from onrecord.wording.dates import count, date_range, written_date
from onrecord.wording.source_line import lead_line

REFUSAL = "Not in this corpus."
BRING_UP_TO_DATE = (
    "Run `onrecord index`; if the index is of another corpus than the one that is set, name that (--corpus)."
)
UNCONFIRMED = (
    "The corpus is not here, or cannot be read, so these quotations are unconfirmed: the index says so."
)
_FILES = 3


def _set_off(text: str) -> str:
    """Put a slice in quotation marks, unless it has its own: nothing inside it is ever changed."""
    return text if holds_marks(text) else f"“{text}”"


def change_lines(change: Change) -> tuple[str, ...]:
    """Say what may have changed from one quotation to a later one: a heading, then a line a shift."""
    known = (change.before_on, change.before_inferred), (change.after_on, change.after_inferred)
    days = [written_date(day, inferred=inferred) for day, inferred in known]
    pair = f"[{change.before}], {days[0]}, to [{change.after}], {days[1]}"
    if not change.shifts:
        return (f"From {pair}: no rule finds a difference.",)
    told = (
        f"{shift.value}: {', '.join(words[0]) or 'none'} in [{change.before}], "
        f"{', '.join(words[1]) or 'none'} in [{change.after}]"
        for shift, words in zip(change.shifts, change.words, strict=True)
    )
    return (f"Possible change from {pair}, by rule of words; compare them yourself:", *told)


def compose_answer(quotes: Sequence[Quote], *, reason: str = "", caveats: Sequence[str] = ()) -> str:
    """Write an answer out.

    Args:
        quotes: In the order to show them; at least one.
        reason: What to say before them: that they do not bear out what the question takes for granted.
        caveats: What else to say before them: parts without an answer, constraints that are not met.

    Returns:
        Paragraphs, one a quotation: a line that leads to it, the exact slice, its number.
    """
    return "\n\n".join([*([reason] if reason else ()), *caveats, *_paragraphs(quotes)])


def compose_claims(claims: Sequence[Claim], quotes: Sequence[Quote], *, caveats: Sequence[str] = ()) -> str:
    """Write a chat model's answer out.

    Args:
        claims: Its prose, each sentence with the numbers of the quotations that carry it.
        quotes: The quotations.
        caveats: As for :func:`compose_answer`.

    Returns:
        A paragraph of prose, then the quotations as :func:`compose_answer` writes them.
    """
    prose = " ".join(f"{claim.text} {marks(claim.quotes)}" for claim in claims)
    return "\n\n".join([*caveats, prose, *_paragraphs(quotes)])


def marks(numbers: Sequence[int]) -> str:
    """Write the numbers of quotations: ``[1][3]``."""
    return "".join(f"[{number}]" for number in numbers)


def _paragraphs(quotes: Sequence[Quote]) -> list[str]:
    return [_paragraph(quote, number) for number, quote in enumerate(quotes, start=1)]


def _paragraph(quote: Quote, number: int) -> str:
    if isinstance(quote, Withdrawn):
        return f"{quote.line} [{number}]"
    if left_open(quote.text):  # a number behind it would stand inside its quotation
        return f"{lead_line(quote)} [{number}]:\n{quote.text}"
    return f"{lead_line(quote)}:\n{_set_off(quote.text)} [{number}]"


def searched_line(searched: Searched) -> str:
    """Say what was searched: how many articles and passages, within which filters and days."""
    within = f" within {searched.filters}" if searched.filters else ""
    dates = f", {date_range(searched.first, searched.last)}" if searched.first or searched.last else ""
    held = f"{count(searched.articles, 'article')} ({count(searched.passages, 'passage')})"
    return f"Searched {held}{within}{dates}."


def coverage_line(coverage: Coverage) -> str:
    """Say what quotations rest on: how many articles and origins, which days and outlets, whose voices."""
    held = [count(coverage.articles, "article")]
    if coverage.origins != coverage.articles:
        held.append(count(coverage.origins, "origin"))
    held.append(date_range(coverage.first, coverage.last))
    outlets = ", ".join(coverage.outlets) or "outlets not stated"
    voices = "; ".join(coverage.speakers) or "nobody but the articles"
    return f"Quoted from {', '.join(held)}; {outlets}. Voices: {voices}."


def left_out_line(quotes: Sequence[Quote]) -> str:
    """Say how many quotations are left out because of what became of their files; empty where none is."""
    if not quotes:
        return ""
    # Who reads an answer cannot build the index, and need not know how.
    keeper = "Whoever keeps this index has to bring it up to date."
    return f"{count(len(quotes), 'quotation')} left out: {'; '.join(_became(quotes))}. {keeper}"


def stale(quotes: Sequence[Quote]) -> IndexStaleError:
    """Make the error for a question that only quotations answer which may not be shown."""
    known = {article_name(quote.article_id, quote.file): quote.on_disk.told for quote in quotes}
    names, (first, *others) = [*known][:_FILES], known.values()
    if not others:
        where = f"{names[0]}, which was {first}"
    else:
        more = " and others" if len(known) > _FILES else ""
        where = f"{', '.join(names)}{more}, which were changed or deleted since they were indexed"
    return IndexStaleError(f"What answers this stands in {where}.", remedy=BRING_UP_TO_DATE)


def _became(quotes: Sequence[Quote]) -> list[str]:
    """Say of each file, each once, what became of it."""
    known = {article_name(quote.article_id, quote.file): quote.on_disk.told for quote in quotes}
    told = [f"{name} was {became}" for name, became in list(known.items())[:_FILES]]
    return [*told, f"so were {len(known) - _FILES:,} more"] if len(known) > _FILES else told


def compose_refusal(
    reason: str, searched: Searched, nearest: Sequence[Quote], *, caveats: Sequence[str] = ()
) -> str:
    """Write a refusal out.

    Args:
        reason: One sentence.
        searched: What was searched.
        nearest: The nearest quotations, which are no answer.
        caveats: What else to say of the corpus: that it holds nothing of the days asked for.

    Returns:
        Paragraphs.
    """
    lines = [" ".join((REFUSAL, reason, *caveats, searched_line(searched)))]
    if nearest:
        lines.append("Nearest, not an answer:")
        lines += [f"{lead_line(quote)}:\n{_set_off(quote.text)}" for quote in nearest]
    return "\n\n".join(lines)
