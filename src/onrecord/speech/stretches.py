"""Spoken: the statements of one article, one for each stretch that is somebody's words or their gist."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from onrecord.speech.content_clauses import ended, leads
from onrecord.speech.statements import statements
from onrecord.text.quotation_marks import MARKS
from onrecord.text.quotations import Span, quotations
from onrecord.text.sentences import split_sentences
from onrecord.types import Article, Mode, Sentence, SentenceKind, Statement

_NESTED = 8
_FEW_WORDS = 6
_CLOSE_BY = 80
_FEW_TOLD = 4
_TOLD = frozenset(("told", "tells"))
_BEFORE = 8
_INTRODUCING = (",", ":")
_MARKS = f"{MARKS}` "
_EDGES = " \t\n\r\xa0,;:—–-"


def spoken(article: Article) -> tuple[Statement, ...]:
    """Find who said what in an article, as :mod:`onrecord.speech.statements` does, with other spans.

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
    borrowed = [] if _is_transcript(found) else list(_borrowed(quotations(article.text), sentences, direct))
    reported, alone = _shared_out(borrowed, reported, article.text)
    mixed = [one for one in reported if one.mode is Mode.MIXED]
    apart = [_embedded(one, sentences, article.text) for one in direct if not _within(one, mixed)]
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
        clause = _bounded(one, inside, text)
        key = (clause.start, clause.end, clause.speaker)
        opened = bool(inside) and _nothing_said(clause.cue, text[clause.start : inside[0].start])
        opened = opened and (ended(text[clause.start : inside[0].end]) or inside[0].end >= clause.end)
        if not opened and clause.start < clause.end and key not in seen:
            seen.add(key)
            yield clause


def _bounded(one: Statement, inside: Sequence[Statement], text: str) -> Statement:
    """End a clause with the quotations in it, and before one that belongs to a sign outside of it."""
    own = list(takewhile(lambda each: _belongs(each, one, text), inside))
    end = max(one.end, own[-1].end) if own else one.end
    if len(own) < len(inside):
        end = max(one.start, own[-1].end if own else one.start)
        end = max(end, min(one.end, inside[len(own)].start))
    return replace(one, end=end, mode=Mode.MIXED if own else one.mode)


def _belongs(quotation: Statement, clause: Statement, text: str) -> bool:
    cue = quotation.cue_start
    if cue is None or cue == clause.cue_start:
        return True
    return clause.start <= cue < clause.end and not _stands(quotation, text)


def _stands(quotation: Statement, text: str) -> bool:
    """Tell whether a quotation is an utterance that a comma or a colon introduces, by a sign of its own."""
    introduced = text[max(quotation.start - _BEFORE, 0) : quotation.start].rstrip()[-1:] in _INTRODUCING
    words = text[quotation.start : quotation.end].lstrip(_MARKS)
    return introduced and words[:1].isupper() and ended(words)


def _embedded(one: Statement, sentences: Sequence[Sentence], text: str) -> Statement:
    """Take a quotation that only goes on with the article's own words for the part of a clause that it is.

    ``He was “a friend of mine,” she said`` tells of a clause that quotes some words. Where the sign of
    speech itself stands before the marks (``she said “we are ready”``), or who is told, the words are all
    that was said.
    """
    sentence = sentences[bisect_right(sentences, one.start, key=_start) - 1]
    before = text[sentence.start : one.start].rstrip()
    cue = one.cue_end
    if not before[-1:].isalnum() or cue is None or one.cue_start == one.speaker_start:
        return one
    if cue < one.start and _nothing_said(one.cue, text[cue : one.start]):
        return one
    first = max(sentence.start, cue) if cue < one.start else sentence.start
    while text[first] in _EDGES:
        first += 1
    return replace(one, start=first, mode=Mode.MIXED)


def _nothing_said(sign: str, between: str) -> bool:
    """Tell whether nothing stands between a sign and a quotation, or behind ``told`` only who was told."""
    words = between.split()
    told = sign in _TOLD and len(words) <= _FEW_TOLD and words[-1:] != ["that"] and not leads(between)
    return not words or told


def _start(sentence: Sentence) -> int:
    return sentence.start


def _within(one: Statement, clauses: Sequence[Statement]) -> bool:
    """Tell whether a quotation belongs to one of the clauses, which are in order."""
    first = bisect_right(clauses, one.start, key=lambda clause: clause.start)
    return any(one.end <= clause.end for clause in clauses[max(first - _NESTED, 0) : first])


def _borrowed(
    quoted: Sequence[Span], sentences: Sequence[Sentence], direct: Sequence[Statement]
) -> Iterator[Span]:
    """Give what stands in quotation marks outside of headings and is no direct speech."""
    begins, starts = [one.start for one in sentences], [one.start for one in direct]
    for span in quoted:
        before = bisect_right(starts, span.start) - 1
        taken = before >= 0 and span.start < direct[before].end
        taken = taken or (before + 1 < len(direct) and starts[before + 1] < span.end)
        kind = sentences[bisect_right(begins, span.start) - 1].kind
        if not taken and kind not in (SentenceKind.HEADING, SentenceKind.BOILERPLATE):
            yield span


def _shared_out(
    borrowed: Sequence[Span], reported: Sequence[Statement], text: str
) -> tuple[list[Statement], list[Statement]]:
    """Give words in quotation marks to the clause that they stand in, close to its sign; others to nobody.

    The farther from ``she said``, the likelier the marks are the article's own.
    """
    clauses = sorted(reported, key=lambda one: one.start)
    starts = [one.start for one in clauses]
    alone = []
    for span in borrowed:
        past = bisect_right(starts, span.start)
        holding = [at for at in range(max(past - _NESTED, 0), past) if _quotes(clauses[at], span, text)]
        for at in holding:
            clauses[at] = replace(clauses[at], mode=Mode.MIXED)
        if not holding:
            alone.append(_scare(span))
    return clauses, alone


def _quotes(clause: Statement, span: Span, text: str) -> bool:
    sign = clause.cue_end
    if sign is None or not sign <= span.start < span.end <= clause.end or span.start - sign > _CLOSE_BY:
        return False
    return len(text[sign : span.start].split()) <= _FEW_WORDS and text[span.start - 1].isspace()


def _scare(span: Span) -> Statement:
    return Statement(
        "", "", Mode.SCARE, span.start, span.end, content_start=span.start, content_end=span.end,
        certain=False,
    )  # fmt: skip


def _is_transcript(found: Sequence[Statement]) -> bool:
    """Tell whether turns are among the statements: a label is speaker and sign at once."""
    return any(one.speaker and one.cue_start == one.speaker_start for one in found)
