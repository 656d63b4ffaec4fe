"""Spoken: the statements of one article, one for each stretch that is somebody's words or their gist."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from onrecord.contents import ended
from onrecord.quotemarks import Span, quotations
from onrecord.sentences import split_sentences
from onrecord.speech import statements
from onrecord.types import Article, Kind, Mode, Sentence, Statement

__all__ = ["spoken"]

_NESTED = 8


def spoken(article: Article) -> tuple[Statement, ...]:
    """Find who said what in an article, as :mod:`onrecord.speech` does, with other spans.

    Args:
        article: The article.

    Returns:
        Statements by start, whose ``start`` and ``end`` are those of their content: of direct speech
        the whole quotation in its marks, of reported speech the clause. ``mixed`` are clauses
        that quote some words, ``scare`` are words in quotation marks that are nobody's speech.
    """
    sentences = split_sentences(article.text, title=article.title)
    found = statements(article, sentences, clauses=True)
    direct = _whole(one for one in found if one.mode is Mode.DIRECT)
    reported = list(_clauses((one for one in found if one.mode is Mode.REPORTED), direct, article.text))
    alone = [] if _is_transcript(found) else _scare(quotations(article.text), sentences, direct)
    mixed = [one for one in reported if one.mode is Mode.MIXED]
    apart = [one for one in direct if not _within(one, mixed)]
    return tuple(sorted([*apart, *reported, *alone], key=lambda one: (one.start, -one.end)))


def _whole(found: Iterable[Statement]) -> list[Statement]:
    """Join the statements of each quotation."""
    whole = {(one.content_start, one.content_end): one for one in reversed([*found])}
    return [_stretched(one) for one in reversed(whole.values())]


def _stretched(one: Statement) -> Statement:
    start = one.start if one.content_start is None else one.content_start
    return replace(one, start=start, end=one.end if one.content_end is None else one.content_end)


def _clauses(reported: Iterable[Statement], direct: Sequence[Statement], text: str) -> Iterator[Statement]:
    """Take each clause once, and leave out those that a whole quotation opens: they are that quotation."""
    starts = [one.start for one in direct]
    seen: set[tuple[int, int, str]] = set()
    for one in map(_stretched, reported):
        inside = direct[bisect_left(starts, one.start) : bisect_left(starts, one.end)]
        clause = _bounded(one, inside)
        key = (clause.start, clause.end, clause.speaker)
        opened = bool(inside) and inside[0].start == clause.start
        opened = opened and (ended(text[clause.start : inside[0].end]) or inside[0].end >= clause.end)
        if not opened and clause.start < clause.end and key not in seen:
            seen.add(key)
            yield clause


def _bounded(one: Statement, inside: Sequence[Statement]) -> Statement:
    """End a clause with the quotations in it, and before one that belongs to a sign outside of it."""
    own = list(takewhile(lambda each: _belongs(each, one), inside))
    end = max(one.end, own[-1].end) if own else one.end
    if len(own) < len(inside):
        end = max(one.start, own[-1].end if own else one.start)
        end = max(end, min(one.end, inside[len(own)].start))
    return replace(one, end=end, mode=Mode.MIXED if own else one.mode)


def _belongs(quotation: Statement, clause: Statement) -> bool:
    cue = quotation.cue_start
    return cue is None or cue == clause.cue_start or clause.start <= cue < clause.end


def _within(one: Statement, clauses: Sequence[Statement]) -> bool:
    """Tell whether a quotation belongs to one of the clauses, which are in order."""
    first = bisect_right(clauses, one.start, key=lambda clause: clause.start)
    return any(one.end <= clause.end for clause in clauses[max(first - _NESTED, 0) : first])


def _scare(
    quoted: Sequence[Span], sentences: Sequence[Sentence], direct: Sequence[Statement]
) -> Iterator[Statement]:
    """Give what stands in quotation marks outside of headings and is nobody's speech."""
    begins, starts = [one.start for one in sentences], [one.start for one in direct]
    for span in quoted:
        before = bisect_right(starts, span.start) - 1
        taken = before >= 0 and span.start < direct[before].end
        taken = taken or (before + 1 < len(direct) and starts[before + 1] < span.end)
        kind = sentences[bisect_right(begins, span.start) - 1].kind
        if not taken and kind not in (Kind.HEADING, Kind.BOILERPLATE):
            yield Statement(
                "", "", Mode.SCARE, span.start, span.end, content_start=span.start, content_end=span.end,
                certain=False,
            )  # fmt: skip


def _is_transcript(found: Sequence[Statement]) -> bool:
    """Tell whether turns are among the statements: a label is speaker and sign at once."""
    return any(one.speaker and one.cue_start == one.speaker_start for one in found)
