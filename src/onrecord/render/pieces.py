"""What a person reads: answers, hits, verdicts and articles as text and Markdown.

Nothing here alters a quoted character. For reading, a result becomes
:class:`Piece` objects, each a run of text with a style; joined, they are the
plain text. A quotation is always a piece of its own, whole and unchanged;
:mod:`onrecord.faces.cli.terminal` decides how it is set off on a screen. After it a line
says which characters it holds that turn the direction of reading; in names,
titles and questions such characters are shown by their names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from onrecord.text.direction import direction_note
from onrecord.text.direction import one_line as _line
from onrecord.types import Answer, Article, Clip, Hit, Quote, Withdrawn
from onrecord.wording.dates import count, date_range
from onrecord.wording.source_line import CLIPPED, article_line, intro, place_line, source_line
from onrecord.wording.verdict_labels import (
    ARTICLES_WORDS,
    DIFFERENCE,
    Weight,
    named_line,
    verdict_label,
    verdict_weight,
)

if TYPE_CHECKING:
    from onrecord.index.build import BuildReport
    from onrecord.index.info import Info
    from onrecord.types import DiffWord, Verdict


class Style(StrEnum):
    """What a piece of text is, so that a screen can show it."""

    PLAIN = "plain"
    STRONG = "strong"
    FAINT = "faint"
    GOOD = "good"
    BAD = "bad"
    MARK = "mark"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text in one style.

    Attributes:
        text: Printed as it is.
        style: What it is.
    """

    text: str
    style: Style = Style.PLAIN


def plain(pieces: Iterable[Piece]) -> str:
    """Join pieces into plain text."""
    return "".join(piece.text for piece in pieces)


# --- answers for reading


def answer_pieces(answer: Answer) -> Iterator[Piece]:
    """Write an answer out: the question, the numbered quotations or the refusal, and what was searched.

    Args:
        answer: What :meth:`onrecord.assistant.assistant.Assistant.ask` gave.

    Yields:
        Runs of text; each quotation is one of them.
    """
    from onrecord.wording.answer_text import REFUSAL, change_lines, coverage_line, marks, searched_line

    yield Piece(f"{_line(answer.question)}\n", Style.STRONG)
    if answer.standalone and answer.standalone != answer.question:
        yield Piece(f"Searched as: {_line(answer.standalone)}\n", Style.FAINT)
    if answer.quotes:
        yield Piece(f"\n{_line(answer.reason)}\n" if answer.reason else "")
        yield from caveat_pieces(answer)
    if answer.claims:
        prose = " ".join(f"{_line(claim.text)} {marks(claim.quotes)}" for claim in answer.claims)
        yield Piece(f"\n{prose}\n")
        yield Piece(f"— {_line(answer.mode)}'s words; what follows is quoted\n", Style.FAINT)
    for number, quote in enumerate(answer.quotes, 1):
        yield from _quote_pieces(quote, heading=f"[{number}] {intro(quote)}")
    for change in answer.changes:
        heading, *shifts = change_lines(change)
        yield Piece(f"\n{_line(heading)}\n", Style.STRONG)
        yield from (Piece(f"  {_line(shift)}\n") for shift in shifts)
    if answer.refused:
        yield Piece(f"\n{REFUSAL} {_line(answer.reason)}\n")
        yield from caveat_pieces(answer)
        if answer.nearest:
            yield Piece("\nNearest, not an answer:\n", Style.STRONG)
        for quote in answer.nearest:
            yield from _quote_pieces(quote, heading="")
    if answer.notice:
        yield Piece(f"\n{_line(answer.notice)}\n", Style.FAINT)
    yield Piece(f"\n{_line(searched_line(answer.searched))}\n", Style.FAINT)
    coverage = answer.searched.coverage
    if coverage:
        yield Piece(f"{_line(coverage_line(coverage))}\n", Style.FAINT)
        yield from (Piece(f"{_line(warning)}\n", Style.BAD) for warning in coverage.warnings)


def caveat_pieces(answer: Answer) -> Iterator[Piece]:
    """Write out, a line each, which parts of the question have no answer and which constraints are unmet."""
    for line in answer.caveats:
        yield Piece(f"\n{_line(line)}\n", Style.BAD)


def _quote_pieces(quote: Quote, *, heading: str) -> Iterator[Piece]:
    if isinstance(quote, Withdrawn):
        mark = f"{heading.partition(' ')[0]} " if heading else ""
        yield Piece(f"\n{mark}{_line(quote.line)}\n", Style.BAD)
        return
    yield Piece(f"\n{heading}\n" if heading else "\n")
    yield Piece(quote.text, Style.QUOTE)
    yield Piece(f"\n— {source_line(quote)}\n", Style.FAINT)
    yield from note_pieces(quote.text)
    yield from clip_pieces(quote.clips)


def note_pieces(quoted: str) -> Iterator[Piece]:
    """Say after a quotation which characters it holds that turn the direction of reading, if it does."""
    note = direction_note(quoted)
    if note:
        yield Piece(f"{note}\n", Style.BAD)


def clip_pieces(clips: Sequence[Clip]) -> Iterator[Piece]:
    """Write out what a slice leaves out that could turn its sense; each is a quotation of its own."""
    for clip in clips:
        yield Piece(f"{CLIPPED[clip.turning]}\n", Style.BAD)
        yield Piece(clip.text, Style.QUOTE)
        yield Piece(f"\n— {clip.start}–{clip.end}\n", Style.FAINT)
        yield from note_pieces(clip.text)


# --- other results for reading


def hit_pieces(hit: Hit, article: Article) -> Iterator[Piece]:
    """Write a found passage out.

    Args:
        hit: The passage.
        article: The article that holds it.

    Yields:
        Runs of text; the passage is one of them.
    """
    place = place_line(article.file, hit.passage.start, hit.passage.end)
    yield Piece(f"{hit.rank}. {article_line(article)}\n", Style.STRONG)
    yield Piece(hit.text, Style.QUOTE)
    changed = f", {hit.on_disk.told}" if hit.on_disk.told else ""
    yield Piece(f"\n— {place}, score {hit.score:.3f}{changed}\n", Style.FAINT)
    yield from note_pieces(hit.text)
    yield Piece("\n")


def article_pieces(article: Article, *, start: int, end: int) -> Iterator[Piece]:
    """Write an article's text, exactly, with one slice marked.

    Args:
        article: The article.
        start: First code point of the slice.
        end: Past its last code point; nothing is marked when it equals ``start``.

    Yields:
        Runs of text that join to the article's text and one line break where it ends without one.
    """
    yield Piece(article.text[:start])
    yield Piece(article.text[start:end], Style.MARK)
    yield Piece(article.text[end:])
    if not article.text.endswith("\n"):
        yield Piece("\n")


def verdict_pieces(verdict: Verdict) -> Iterator[Piece]:
    """Write out what became of one quotation in a draft.

    Args:
        verdict: From :meth:`onrecord.assistant.assistant.Assistant.verify`.

    Yields:
        Runs of text; the claimed quotation and the article's words are one each.
    """
    weight = verdict_weight(verdict)
    yield Piece(verdict_label(verdict), Style.GOOD if weight is Weight.GOOD else Style.BAD)
    yield Piece(f", at {verdict.start}–{verdict.end} of the draft\n")
    yield Piece(verdict.claimed, Style.QUOTE)
    yield Piece("\n")
    yield from note_pieces(verdict.claimed)
    if verdict.source is not None and verdict.source != verdict.claimed:
        yield Piece(f"{ARTICLES_WORDS}\n")
        yield Piece(verdict.source, Style.QUOTE)
        yield Piece("\n")
        yield from note_pieces(verdict.source)
    if verdict.article_id is not None and verdict.source_start is not None:
        place = place_line(
            verdict.article_id, verdict.source_start, verdict.source_end or verdict.source_start
        )
        yield Piece(f"— {place}\n", Style.FAINT)
    yield from clip_pieces(verdict.clipped)
    yield from _diff_pieces(verdict.diff)
    if verdict.named:
        yield Piece(f"{named_line(_line(verdict.named))}\n")
    if verdict.note:
        yield Piece(f"{_line(verdict.note)}\n")
    yield Piece("\n")


def _diff_pieces(diff: Sequence[DiffWord]) -> Iterator[Piece]:
    """Write a word diff as wdiff does: [-the article's words-] {+the draft's+}."""
    if not diff:
        return
    yield Piece(DIFFERENCE)
    for word in diff:
        if word.op == "equal":
            yield Piece(f" {_line(word.source)}")
            continue
        if word.source:
            yield Piece(f" [-{_line(word.source)}-]", Style.GOOD)
        if word.claimed:
            yield Piece(f" {{+{_line(word.claimed)}+}}", Style.BAD)
    yield Piece("\n")


def build_pieces(report: BuildReport) -> Iterator[Piece]:
    """Write out what a build did.

    Args:
        report: From :func:`onrecord.index.build.build_index`.

    Yields:
        Runs of text.
    """
    held = f"{count(report.articles, 'article')}, {count(report.passages, 'passage')}"
    yield Piece(f"{_line(report.summary)}\n")
    if not report.changed:
        yield Piece(f"Up to date: {held} ({report.generation}, {report.seconds:.1f} s).\n", Style.GOOD)
        return
    done = f"{report.embedded:,} embedded, {report.reused:,} reused, {report.removed:,} removed"
    yield Piece(f"Indexed {held}: {done} ({report.generation}, {report.seconds:.1f} s).\n", Style.GOOD)


def info_pieces(info: Info) -> Iterator[Piece]:
    """Write out what the index holds.

    Args:
        info: From :meth:`onrecord.assistant.assistant.Assistant.info`.

    Yields:
        Runs of text.
    """
    rows = {
        "index": f"{info.index} ({info.generation}, built {info.built})",
        "articles": f"{info.articles:,}",
        "passages": f"{info.passages:,}",
        "sentences": f"{info.sentences:,}",
        "speakers": f"{info.speakers:,}",
        "dates": date_range(info.first, info.last),
        "outlets": ", ".join(info.outlets) or "none known",
        "model": info.model,
        "on disk": f"{info.bytes / 1_000_000:,.1f} MB",
        "origin": info.origin.told,
    }
    yield from table_pieces(rows)


def table_pieces(rows: Mapping[str, str]) -> Iterator[Piece]:
    """Write names and values in two columns, a pair a line.

    Args:
        rows: Name to value.

    Yields:
        Runs of text.
    """
    width = max((len(name) for name in rows), default=0)
    for name, value in rows.items():
        yield Piece(f"{name:<{width}}  ", Style.FAINT)
        yield Piece(f"{_line(value)}\n")
