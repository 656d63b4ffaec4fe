"""Claimed quotations: what a draft puts between quotation marks or in a blockquote.

Marks of every style are read, straight ones by what stands beside them. Speech
that runs over paragraphs, each reopened with a mark, is one claim; a quotation
split by "he said" is two. Everything is one pass over the marks: linear.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from onrecord.text.folding import DOUBLE_MARKS
from onrecord.text.quotation_marks import CLOSING, INNER, OPENING, OUTER, STRAIGHT

_Span = tuple[int, int]

_MIN_WORDS = 3
_WORD = re.compile(r"\w+(?:['’]\w+)*")
# Inner ones too where Swiss usage has them: ‹…› stands within «…».
_DOUBLE = re.compile(f"[{OUTER}]".translate({ord("‹"): None, ord("›"): None}))
_SINGLE = re.compile(f"[{INNER}‹›]")
_OPENERS = frozenset(f"{OPENING}‘‚")
_CLOSERS = frozenset(f"{CLOSING}’")
_FAMILY = {mark: family for family, marks in (("straight", '"＂'), ("angle", "«»")) for mark in marks}
_BEFORE_OPENING = frozenset(f"([{{<—–-―‘'*_/¡¿“{STRAIGHT}")
_AFTER_CLOSING = frozenset(f".,;:!?)]}}>—–-―’'*_/…”{STRAIGHT}")
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")
_QUOTED_LINE = re.compile(r" {0,3}>[> \t]*")
# What an agency sends as ``…'' is read as “…”: as long, the marks next to the words.
_DOUBLED = re.compile(r"``((?:(?!``|''|\n\s*\n).)*+)''", re.DOTALL)
_EVENED = "\N{WORD JOINER}“\\1”\N{WORD JOINER}"
_SIGNATURE = re.compile(r"\s*(?:—|–|―|--?)\s*\w")
_ELIDED = re.compile(r"(?:em|til|tis|twas|cause|bout|round|n|cos|nuff)\b", re.IGNORECASE)


class Shape(StrEnum):
    """How a draft marks words as quoted."""

    MARKS = "marks"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class DraftQuotation:
    """Words that a draft says are somebody's.

    Attributes:
        text: The words as the draft has them, without the outer marks; of a blockquote without ``>``.
        start: First code point in the draft.
        end: Past the last one; ``draft[start:end] == text`` except for blockquotes.
        shape: Quotation marks or blockquote.
        inner: Of a blockquote, the claims between quotation marks inside it.
    """

    text: str
    start: int
    end: int
    shape: Shape = Shape.MARKS
    inner: tuple[DraftQuotation, ...] = ()


@dataclass(frozen=True, slots=True)
class _Mark:
    """A double mark: where it stands, whether it opens, and does so first in a line, and its family."""

    at: int
    opens: bool
    first: bool
    family: str


def find_quotations(draft: str) -> tuple[DraftQuotation, ...]:
    """Find every claimed quotation of at least three words."""
    if _DOUBLED.search(draft):
        return tuple(
            replace(one, text=draft[one.start : one.end]) if one.shape is Shape.MARKS else one
            for one in find_quotations(_DOUBLED.sub(_EVENED, draft))
        )
    claims: list[DraftQuotation] = []
    at = 0
    for start, end in _blocks(draft):
        claims += _marked(draft, at, start)
        claims += _block(draft, start, end)
        at = end
    claims += _marked(draft, at, len(draft))
    return tuple(claims)


def _blocks(draft: str) -> Iterator[_Span]:
    begin, at = -1, 0
    for line in draft.splitlines(keepends=True):
        quoted = _QUOTED_LINE.match(line) is not None
        if quoted and begin < 0:
            begin = at
        elif not quoted and begin >= 0:
            yield begin, at
            begin = -1
        at += len(line)
    if begin >= 0:
        yield begin, at


def _block(draft: str, start: int, end: int) -> list[DraftQuotation]:
    lines, at = [], []
    position = start
    for line in draft[start:end].splitlines(keepends=True):
        found = _QUOTED_LINE.match(line)
        skip = found.end() if found else 0
        lines.append(line[skip:])
        at.append(position + skip)
        position += len(line)
    lines = _without_signature(lines)
    text = "".join(lines)
    whole = _unquoted(text.strip())
    if not _long_enough(whole):
        return []
    inner = tuple(_lifted(_marked(text, 0, len(text)), lines, at))
    return [DraftQuotation(whole, start, at[len(lines) - 1] + len(lines[-1].rstrip()), Shape.BLOCK, inner)]


def _without_signature(lines: list[str]) -> list[str]:
    kept = list(lines)
    while kept and not kept[-1].strip():
        kept.pop()
    if len(kept) > 1 and _SIGNATURE.match(kept[-1]):
        kept.pop()
    return kept


def _lifted(
    claims: Iterable[DraftQuotation], lines: Sequence[str], at: Sequence[int]
) -> Iterator[DraftQuotation]:
    """The claims of a blockquote, found in its text without ``>``, at their places in the draft."""
    begins = [0, *itertools.accumulate(map(len, lines))]
    for claim in claims:
        first = bisect_right(begins, claim.start) - 1
        last = bisect_right(begins, claim.end - 1) - 1
        start, end = at[first] + claim.start - begins[first], at[last] + claim.end - begins[last]
        yield DraftQuotation(claim.text, start, end)


def _unquoted(text: str) -> str:
    if not text or text[0] not in DOUBLE_MARKS or text[-1] not in DOUBLE_MARKS:
        return text
    inside = _marked(text, 0, len(text))
    bare = text[1:-1].strip()
    return bare if len(inside) == 1 and inside[0].text == bare else text


def _marked(draft: str, start: int, end: int) -> list[DraftQuotation]:
    claims = []
    for first, last in _regions(draft, start, end):
        firm, unclosed, unopened = _double_spans(draft, first, last)
        spans = _clear_of(firm, list(_single_spans(draft, first, last)))
        spans = _outermost([*firm, *spans, *_clear_of(spans, unclosed)])
        claims += _claims(draft, sorted([*spans, *_empty_of(spans, unopened)]))
    return claims


def _clear_of(others: Sequence[_Span], spans: Iterable[_Span]) -> list[_Span]:
    """The spans that neither lie inside one of the others nor cross one; they may hold some."""
    begins, ends = [begin for begin, _ in others], [end for _, end in others]

    def clear(at: int) -> bool:
        return bisect_right(begins, at) == bisect_right(ends, at)

    return [(begin, end) for begin, end in spans if clear(begin) and clear(end)]


def _empty_of(others: Sequence[_Span], spans: Iterable[_Span]) -> list[_Span]:
    """The spans that share nothing with the others."""
    begins = [begin for begin, _ in others]
    clear = _clear_of(others, spans)
    return [(begin, end) for begin, end in clear if bisect_right(begins, begin) == bisect_right(begins, end)]


def _outermost(spans: Iterable[_Span]) -> list[_Span]:
    outer: list[_Span] = []
    for span in sorted(spans):
        if not outer or span[0] >= outer[-1][1]:
            outer.append(span)
    return outer


def _claims(draft: str, spans: Iterable[_Span]) -> list[DraftQuotation]:
    found = []
    for start, end in spans:
        text = draft[start:end]
        bare = text.strip()
        if bare and _long_enough(bare):
            begin = start + len(text) - len(text.lstrip())
            found.append(DraftQuotation(bare, begin, begin + len(bare)))
    return found


def _long_enough(text: str) -> bool:
    words = _WORD.finditer(text)
    return sum(1 for _ in zip(range(_MIN_WORDS), words, strict=False)) == _MIN_WORDS or _unspaced(text)


def _unspaced(text: str) -> bool:
    return len(text) >= 2 * _MIN_WORDS and any(
        "\u0e00" <= char <= "\U0003ffff" and char.isalpha() for char in text
    )


def _regions(draft: str, start: int, end: int) -> Iterator[_Span]:
    """Paragraphs; those through which an unclosed quotation runs on are taken together."""
    begin = start
    open_ = False
    at = start
    for gap in [*_PARAGRAPH.finditer(draft, start, end), None]:
        stop = gap.start() if gap else end
        open_ = _left_open(draft, at, stop, already=open_)
        after = gap.end() if gap else end
        if gap and open_ and _reopens(draft, after, end):
            at = after
            continue
        yield begin, stop
        begin = at = after
        open_ = False


def _reopens(draft: str, at: int, end: int) -> bool:
    return at < end and draft[at] in DOUBLE_MARKS and draft[at] not in _CLOSERS


def _left_open(draft: str, start: int, end: int, *, already: bool) -> bool:
    depth = int(already)
    for i, mark in enumerate(_marks(draft, start, end, depth)):
        if i == 0 and already and mark.opens:
            continue
        depth = depth + 1 if mark.opens else max(depth - 1, 0)
    return depth > 0


def _marks(draft: str, start: int, end: int, depth: int) -> Iterator[_Mark]:
    attribute = False
    for found in _DOUBLE.finditer(draft, start, end):
        at = found.start()
        before = draft[at - 1] if at > start else "\n"
        after = draft[at + 1] if at + 1 < end else "\n"
        attribute = found[0] == '"' and (before == "=" or attribute)
        if attribute:
            attribute = before == "="
            continue
        opens = _opens(found[0], before, after, depth)
        # A mark that closes nothing, after a digit, stands for inches.
        if opens or depth or not before.isdigit():
            yield _Mark(at, opens, opens and before == "\n", _FAMILY.get(found[0], "curly"))
        depth = depth + 1 if opens else max(depth - 1, 0)


def _opens(mark: str, before: str, after: str, depth: int) -> bool:
    opening = (before.isspace() or before in _BEFORE_OPENING) and not after.isspace()
    closing = not before.isspace() and (after.isspace() or after in _AFTER_CLOSING)
    if opening != closing and mark not in "“”":
        return opening
    if mark in _OPENERS:
        return not (mark == "“" and closing and not opening and depth > 0)
    if mark in _CLOSERS:
        return opening and not closing and depth == 0
    return depth == 0


def _double_spans(draft: str, start: int, end: int) -> tuple[list[_Span], list[_Span], list[_Span]]:
    """Spans that are closed, that are not, and that are not even opened."""
    marks = list(_marks(draft, start, end, 0))
    nested = _nested_spans(marks)
    return (nested, [], []) if nested is not None else _paired_spans(draft, marks, start, end)


def _nested_spans(marks: Sequence[_Mark]) -> list[_Span] | None:
    """Outermost spans when every mark finds its partner; a mark that reopens a line does not nest."""
    spans = []
    depth = begin = 0
    for mark in marks:
        if mark.opens:
            begin = begin if depth else mark.at + 1
            depth += 0 if mark.first and depth == 1 else 1
        elif depth == 0:
            return None
        else:
            depth -= 1
            if depth == 0:
                spans.append((begin, mark.at))
    return spans if depth == 0 else None


def _paired_spans(
    draft: str, marks: Sequence[_Mark], start: int, end: int
) -> tuple[list[_Span], list[_Span], list[_Span]]:
    """Spans when some mark has no partner: from each mark to the nearest that can close it.

    What stands before a mark that closes nothing is claimed too: its opening mark was forgotten.
    """
    closed: list[_Span] = []
    unclosed: list[_Span] = []
    unopened: list[_Span] = []
    closers = _closers(marks)
    i, at = 0, start
    while i < len(marks):
        begin, j = marks[i].at + 1, closers[i]
        if not marks[i].opens:
            unopened.append((max(at, draft.rfind("\n", at, begin) + 1), marks[i].at))
            i, at = i + 1, begin
        elif j < len(marks) and not marks[j].opens:
            closed.append((begin, marks[j].at))
            i, at = j + 1, marks[j].at + 1
        else:
            at = marks[j].at if j < len(marks) else end
            unclosed.append((begin, at))
            i = j
    return closed, unclosed, unopened


def _closers(marks: Sequence[_Mark]) -> list[int]:
    """For each mark the one that ends its span: its own family's next, if that closes, else any next one."""
    found = [len(marks)] * len(marks)
    own: dict[str, int] = {}
    following = len(marks)
    for i in range(len(marks) - 1, -1, -1):
        mark = marks[i]
        partner = own.get(mark.family, len(marks))
        closes = partner < len(marks) and not marks[partner].opens
        found[i] = partner if closes else following
        if not mark.first:
            own[mark.family] = following = i
    return found


def _single_spans(draft: str, start: int, end: int) -> Iterator[_Span]:
    begin = candidate = -1
    seen = start
    for found in _SINGLE.finditer(draft, start, end):
        at = found.start()
        before = draft[at - 1] if at > start else "\n"
        after = draft[at + 1] if at + 1 < end else "\n"
        if _PARAGRAPH.search(draft, seen, at):
            begin = candidate = -1
        seen = at
        if _opens_single(found[0], before, after, draft, at):
            if begin >= 0 and candidate >= 0:
                yield begin, candidate
            begin, candidate = at + 1, -1
        elif begin >= 0 and not (before.isspace() or after.isalnum()):
            candidate = at if candidate < 0 else candidate
            if not _possessive(before, draft[at + 1 : at + 3]):
                yield begin, at
                begin = candidate = -1
    if begin >= 0 and candidate >= 0:
        yield begin, candidate


def _opens_single(mark: str, before: str, after: str, draft: str, at: int) -> bool:
    if not (before.isspace() or before in _BEFORE_OPENING) or after.isspace():
        return False
    return mark in _OPENERS or (mark == "'" and after.isalpha() and _ELIDED.match(draft, at + 1) is None)


def _possessive(before: str, following: str) -> bool:
    return before in "sS" and len(following) == 2 and following[0] == " " and following[1].isalpha()
