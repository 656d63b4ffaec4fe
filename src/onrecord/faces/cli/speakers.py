"""The commands `onrecord speakers` and `onrecord quotes`: who is on record, and with what."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from enum import StrEnum
from operator import itemgetter
from typing import TYPE_CHECKING, Annotated

import typer

from onrecord.faces.cli.options import (
    ArticleFilters,
    IndexOptions,
    JsonOption,
    SpeakerOption,
    show,
    show_json,
)
from onrecord.faces.spread import spread
from onrecord.render.csv import csv_table
from onrecord.text.direction import one_line as _line

if TYPE_CHECKING:
    from onrecord.assistant.speakers import SpeakerRecord, SpokenQuote
    from onrecord.render.pieces import Piece

_AboutOption = Annotated[
    str | None,
    typer.Option("--about", metavar="WORDS", help="Only what is said on this.", show_default=False),
]
_CsvOption = Annotated[bool, typer.Option("--csv", help="Print CSV, for spreadsheets.")]
_QuotedCsvOption = Annotated[
    bool, typer.Option("--csv", help="Print CSV, for spreadsheets; the words stand between “ and ”.")
]
_SPEAKER = ("name", "label", "unnamed", "article_id", "roles", "variants", "direct", "reported", "articles",
            "first", "last")  # fmt: skip
_QUOTE = ("said_on", "published", "speaker", "direct", "text", "outlet", "title", "file", "start", "end")


class Modes(StrEnum):
    """Which statements are printed."""

    DIRECT = "direct"
    REPORTED = "reported"
    ALL = "all"


@spread("filters", "at")
def speakers_command(
    about: _AboutOption = None,
    *,
    filters: ArticleFilters,
    as_csv: _CsvOption = False,
    at: IndexOptions,
    as_json: JsonOption = False,
) -> None:
    """List who is on record, those with most statements first.

    With each: roles as printed, other names that are the same person's, statements in their own
    words and reported ones, articles, and the days of the first and the last. A source that is not
    named is marked so, and is never taken for a source of another article.
    """
    from onrecord.render.json import speaker_dict

    with at.open() as assistant:
        found = assistant.speaker_records(about=about, **asdict(filters))
    if as_json:
        return show_json([speaker_dict(one) for one in found])
    if as_csv:
        sys.stdout.write(csv_table(_SPEAKER, map(itemgetter(*_SPEAKER), map(speaker_dict, found))))
        return None
    return show(*_speaker_pieces(found))


@spread("filters", "at")
def quotes_command(
    speaker: SpeakerOption = None,
    about: _AboutOption = None,
    *,
    filters: ArticleFilters,
    mode: Annotated[
        Modes, typer.Option("--mode", help="Own words, the articles' reports of them, or both.")
    ] = Modes.DIRECT,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="So many, at most.")] = None,
    as_csv: _QuotedCsvOption = False,
    at: IndexOptions,
    as_json: JsonOption = False,
) -> None:
    """Print every statement of a speaker, each an exact slice with its place.

    In order of the day it was said or published; with --about the nearest first. A statement whose
    speaker is not certain is left out. In CSV the slice is the text without its first and last
    character; --json has it as it is.
    """
    from onrecord.render.json import spoken_dict

    with at.open() as assistant:
        found = assistant.quotes(about=about, speaker=speaker, **asdict(filters))
    counts = {"direct": sum(one.quote.direct for one in found)}
    counts["reported"] = len(found) - counts["direct"]
    shown = [one for one in found if _is_in(one, mode)]
    # Reports stand apart from what was said in so many words.
    shown = sorted(shown, key=lambda one: not one.quote.direct)[:limit]
    if as_json:
        return show_json({**counts, "quotes": [spoken_dict(one) for one in shown]})
    if as_csv:
        rows = map(itemgetter(*_QUOTE), map(spoken_dict, shown))
        sys.stdout.write(csv_table(_QUOTE, rows, slices=("text",)))
        return None
    return show(*_quote_pieces(shown, counts, mode))


def _is_in(one: SpokenQuote, mode: Modes) -> bool:
    return mode is Modes.ALL or one.quote.direct is (mode is Modes.DIRECT)


def _speaker_pieces(found: Sequence[SpeakerRecord]) -> Iterator[Piece]:
    from onrecord.render.pieces import Piece, Style
    from onrecord.wording.dates import count, date_range

    for one in found:
        yield Piece(f"{_line(one.label)}\n", Style.STRONG)
        if one.roles:
            yield Piece(f"  {_line('; '.join(one.roles))}\n")
        if one.variants:
            yield Piece(f"  also {_line(', '.join(one.variants))}\n")
        held = f"{one.direct:,} direct, {one.reported:,} reported, {count(one.articles, 'article')}"
        yield Piece(f"  {held}, {date_range(one.first, one.last)}\n", Style.FAINT)
    yield Piece(f"{count(len(found), 'speaker')}.\n")


def _quote_pieces(shown: Sequence[SpokenQuote], counts: Mapping[str, int], mode: Modes) -> Iterator[Piece]:
    from onrecord.render.pieces import Piece, Style, clip_pieces, note_pieces
    from onrecord.wording.source_line import source_line

    told = None
    for one in shown:
        if mode is Modes.ALL and one.quote.direct is not told:
            told = one.quote.direct
            yield Piece("Direct speech\n\n" if told else "Reported, in the articles' words\n\n", Style.STRONG)
        yield Piece(f"{_line(_heading(one))}\n")
        yield Piece(one.quote.text, Style.QUOTE)
        yield Piece(f"\n— {source_line(one.quote)}\n", Style.FAINT)
        yield from note_pieces(one.quote.text)
        yield from clip_pieces(one.quote.clips)
        yield Piece("\n")
    yield Piece(f"{counts['direct']:,} direct, {counts['reported']:,} reported; {len(shown):,} shown.\n")


def _heading(one: SpokenQuote) -> str:
    from onrecord.wording.source_line import said_line

    said = said_line(one.quote.said_on, one.quote.said_on_basis)
    to = f"to {one.addressee}" if one.addressee else ""
    return ", ".join(part for part in (one.speaker, said, to, one.occasion or "") if part) + ":"
