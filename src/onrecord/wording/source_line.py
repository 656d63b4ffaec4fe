"""The line under a quotation: whose words, said when, printed where and when, and in which place.

Every face takes the words from here and adds only its own markup, so that a quotation is given the
same source wherever it is shown. The parts are as the corpus has them; a line made of them stands on
one line, with what turns the direction of reading shown by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from onrecord.text.direction import one_line
from onrecord.types import Article, Mode, Quote, Turning
from onrecord.wording.dates import UNKNOWN_DATE, written_date

CLIPPED = {
    Turning.NEGATION: "Cut beside a negation:",
    Turning.CONDITION: "Cut off from its condition:",
    Turning.CONTRAST: "Cut off from what it is set against:",
    Turning.ELLIPSIS: "Cut at a mark of omission:",
    Turning.QUESTION: "It answers this question:",
}
"""What is said of a slice, before the words that it leaves out."""

_ARTICLE = "The article"
_UNNAMED = "Speaker not named"
_MODES = {Mode.DIRECT: "direct speech", Mode.REPORTED: "reported speech", Mode.ARTICLE: ""}
_LEADS = {Mode.DIRECT: "quoted in", Mode.REPORTED: "as reported in"}
_DIGITS = 12
"""So many digits of a SHA-256 are printed."""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """What is said of a quotation's source, part by part; a part of which nothing is known is empty.

    Attributes:
        who: Whose words they are.
        mode: How they came to stand in the article.
        said: The day on which they were said, where the article tells it.
        title: Of the article.
        outlet: Of the article.
        date: Of the article, and whether it was inferred.
        on_disk: What became of the article's file.
        place: The file, and the slice in it.
    """

    who: str
    mode: str
    said: str
    title: str
    outlet: str
    date: str
    on_disk: str
    place: str

    @classmethod
    def of(cls, quote: Quote) -> SourceLine:
        """Say where a quotation comes from."""
        return cls(
            who=quote.voice or (_ARTICLE if quote.mode is Mode.ARTICLE else _UNNAMED),
            mode=_MODES[quote.mode],
            said=said_line(quote.said_on),
            title=quote.title,
            outlet=quote.outlet or "",
            date=quote_date(quote),
            on_disk=quote.on_disk.told,
            place=place_line(quote.file, quote.start, quote.end),
        )

    @property
    def printed(self) -> str:
        """The article's date, told apart from the day on which the words were said."""
        return f"printed {self.date}" if self.said and self.date != UNKNOWN_DATE else self.date

    @property
    def beside_title(self) -> tuple[str, ...]:
        """What stands between speaker and title where the title has a line of its own."""
        return _known(self.mode, self.said, self.outlet, self.printed, self.on_disk)

    def __str__(self) -> str:
        told = (self.who, self.mode, self.said, f"“{self.title}”", self.outlet, self.printed, self.on_disk)
        return _joined((*told, self.place))


def source_line(quote: Quote) -> str:
    """Say where a quotation comes from: speaker, mode, days, title, outlet, file and offsets."""
    return str(SourceLine.of(quote))


def cited_line(quote: Quote) -> str:
    """Say where a quotation comes from and of which bytes it is: the SHA-256's first digits come last."""
    return f"{source_line(quote)}, sha256 {quote.sha256[:_DIGITS]}"


def lead_line(quote: Quote) -> str:
    """Say before a quotation whose words follow, and where: ``Antony Blinken, quoted in …, 28 June 2023``."""
    line = SourceLine.of(quote)
    # Composed answers are compared to the letter, from one version to the next: they say "undated".
    date = line.date if quote.published else "undated"
    place = ", ".join(_known(line.title, line.outlet, date, line.on_disk))
    named = quote.voice and _LEADS.get(quote.mode)
    return f"{quote.voice}, {named} {place}" if named else f"{_ARTICLE} {place}"


def intro(quote: Quote) -> str:
    """Say whose words follow. A slice may frame a speaker's words by the article's, so the article speaks.

    Args:
        quote: The quotation.

    Returns:
        A line that ends with a colon.
    """
    if quote.mode is Mode.ARTICLE:
        return f"{_ARTICLE} says:"
    if quote.voice is None:
        return f"{_ARTICLE} quotes:" if quote.direct else f"{_ARTICLE} reports:"
    name = one_line(quote.voice)
    return f"{_ARTICLE} quotes {name}:" if quote.direct else f"{_ARTICLE} reports {name} as saying:"


def article_line(article: Article) -> str:
    """Say which article something stands in: title, outlet, date."""
    return _joined((f"“{article.title}”", article.outlet or "", article_date(article)))


def place_line(file: str, start: int, end: int) -> str:
    """Say where a slice stands: ``a.txt 0–9``."""
    return f"{one_line(file)} {start}–{end}"


def said_line(said_on: str | None, basis: str | None = None) -> str:
    """Say when words were said and, where wanted, by what that was worked out; empty where it is not told."""
    if not said_on:
        return ""
    day = f"said {written_date(said_on, inferred=False)}"
    return f"{day} (by {basis})" if basis else day


def quote_date(quote: Quote) -> str:
    """Write the date of a quotation's article, and whether it was inferred."""
    return written_date(quote.published, inferred=quote.published_basis is not None)


def article_date(article: Article) -> str:
    """Write the date of an article, and whether it was inferred."""
    return written_date(article.published, inferred="published" in article.basis)


def _known(*parts: str) -> tuple[str, ...]:
    return tuple(part for part in parts if part)


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(one_line(part) for part in parts if part)
