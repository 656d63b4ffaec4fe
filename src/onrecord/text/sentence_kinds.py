"""What a paragraph or a sentence is: text, a question, a heading, or boilerplate."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from onrecord.text.quotation_marks import CLOSING, STRAIGHT
from onrecord.text.quotations import Span
from onrecord.text.sentence_boundaries import sentence_spans
from onrecord.types import SentenceKind

_HEADING_LENGTH = 110
_HEADING_WORDS = 16
_NOTICE_LENGTH = 400
_LIST_LENGTH = 3
_TOP = 5

# Paragraphs that lead elsewhere or say who made the page, told by how they begin.
_POINTS = (
    r"(?:read|see|also|watch|learn|more|listen)\s(?:more|also|read|next|now|on|this|here)"
    r"(?:\s(?:on|in)\b[^:\n]{0,40})?\s?[:–—|-]",
    r"(?:read|watch|listen|more|recommended|explainer|opinion|in\spictures|don[’']t\smiss|most\sread)\s?:",
    r"(?:recommended|related)(?:\s(?:stories|story|articles?|links?|content|coverage|videos?|topics))?\s?:",
    r"read\smore\s(?:about|from)\b|sign\sup\s(?:for|to|now|here|today)\b|click\shere\b|continue\sreading\b",
    r"subscribe\s(?:to|now|here|today|for)\b|(?:story|article)\scontinues\b|skip\s(?:to|advertisement)\b",
    r"follow\s(?:us\b|@|(?:\w+\s){1,4}on\s(?:twitter|x|facebook|instagram|threads|bluesky|tiktok)\b)",
    r"join\sus\son\s(?:twitter|facebook)\b|share\sthis\b|all\srights\sreserved\b",
    r"©|\(c\)\s?\d{4}|copyright\s(?:©|\(c\)|\d{4})",
    r"photos?(?:graph)?(?:\sby|\scredit)?\s?:|image(?:\scredit|\ssource|\scaption)?\s?:",
    r"(?<=\()(?:reporting|editing|writing|compiled|graphics)\s(?:and\s\w+\s)?by\s",
    r"(?:additional|further)\s(?:reporting|editing|writing)\s(?:and\s\w+\s)?by\s",
    r"this\s(?:article|story|page)\s(?:was\soriginally|first\sappeared|originally\sappeared)\b",
    r"download\s(?:the|our)\s(?:\w+\s){0,3}app\b|get\s(?:the|our)\s(?:\w+\s){0,3}newsletter\b",
)
_BOILERPLATE = re.compile(
    rf"(?i:[\[(*_►▶>•\s]*+(?:{'|'.join(_POINTS)}))"
    r"|(?:Reporting|Writing|Editing)\s(?:and\s\w+\s)?by\s[A-Z][\w.’'-]*\s[A-Z][\w.’'-]*"
    r"\s?(?:[;,.]|in\s|and\s|\Z)"
)
_NOTICES = (
    r"advertis(?:ement|ing)|sponsored|reuters?|related|share|subscribe|sign\sup|follow\sus",
    r"read\smore|read\salso|also\sread|must\swatch|replay\smore\svideos|hide\scaption(?:\s\d+\sof\s\d+)?",
    r"(?:end\s+)?\d{1,2}:\d{2}\s[ap]\.?m\.?\s(?:[a-z]{2,4}|\(local\))",
)
_WHOLE_BOILERPLATE = re.compile(rf"(?i:\W*+(?:{'|'.join(_NOTICES)})\W*+)")
_ASIDES = (
    "laughter|laughs|laughing|applause|cheers|crosstalk|cross-talk|inaudible|pause|off[ -]mic|no response"
)
_ASIDE = re.compile(
    rf"(?i:[(\[](?:{_ASIDES})\.?[)\]]"
    r"|(?:you\scan\s)?(?:sign\sup|subscribe|read\smore|click|register)\s(?:right\s)?here\.?)"
)
_ASKER = re.compile(r"(?:\*\*)?(?:Q(?:\s{2,}|\s?[:.]\s?|[\xa0\t])|(?:QUESTIONS?|Question|REPORTER)\s?:)")
_LOOSE_ASKER = re.compile(r"(?:\*\*)?(?:Q(?:\s|\s?[:.]\s?)|(?:QUESTIONS?|Question|REPORTER)\s?:)")
_SPEAKER = re.compile(r"(?:\*\*)?(?:[A-Z][A-Z.’'\- ]{1,60}[A-Z.](?:\s\([^)\n]{1,40}\))?|A)\s?:|A\s{2,}")
_NAMED = re.compile(r"(?:[A-Z][\w.’'\-]{1,30}\s){0,3}[A-Z][\w.’'\-]{1,30}:\s")
_NOT_HEADING = re.compile(r"[-–—•▪●*>|]\s|\d{1,3}[.)]\s|Q\s|[(\[]")
_MARKDOWN_HEADING = re.compile(r"#{1,6}\s")
_TABLE_ROW = re.compile(r"\d.{0,30} vs | vs .{0,20}\d")
_DIGITS = re.compile(r"\d")
_WORDLIKE = re.compile(r"\w")
_CLOSERS = f"{CLOSING}{STRAIGHT}'’)]}}*_"
_NOT_LETTERS = re.compile(r"[\W_]+")
_UNFINISHED = (*".!?:;,…—–-", "--")


def paragraph_kinds(
    text: str, blocks: Sequence[tuple[int, int]], *, title: str = ""
) -> tuple[list[SentenceKind], bool]:
    """Say what each paragraph is."""
    kinds = [_look(text, start, end) for start, end in blocks]
    if len(blocks) == 1 and kinds[0] is SentenceKind.HEADING:
        kinds[0] = SentenceKind.TEXT
    _drop_lists(text, blocks, kinds)
    _mark_title(text, blocks, kinds, title)
    return kinds, _mark_asked(text, blocks, kinds)


def sentence_kind(
    text: str, start: int, end: int, quoted: Sequence[Span], *, transcript: bool
) -> SentenceKind:
    """Say what a sentence of a text paragraph is."""
    if end - start <= 40 and _ASIDE.fullmatch(text, start, end):
        return SentenceKind.BOILERPLATE
    if _WORDLIKE.search(text, start, end) is None:
        return SentenceKind.BOILERPLATE
    if transcript:
        return SentenceKind.TEXT
    tail = text[max(start, end - 4) : end].rstrip(")*_")
    if not tail.endswith(("?", "？", "؟")):
        return SentenceKind.TEXT
    at = end - 1
    before = bisect_right(quoted, at, key=_start) - 1
    return SentenceKind.TEXT if before >= 0 and quoted[before].end > at else SentenceKind.QUESTION


def _start(span: Span) -> int:
    return span.start


def _look(text: str, start: int, end: int) -> SentenceKind:
    """Tell boilerplate and what looks like a heading, from the paragraph alone."""
    length = end - start
    if length <= _NOTICE_LENGTH and (
        _WORDLIKE.search(text, start, end) is None
        or _WHOLE_BOILERPLATE.fullmatch(text, start, end)
        or _BOILERPLATE.match(text, start, end)
    ):
        return SentenceKind.BOILERPLATE
    if length > _HEADING_LENGTH:
        return SentenceKind.TEXT
    if _MARKDOWN_HEADING.match(text, start, end):
        return SentenceKind.HEADING
    return SentenceKind.HEADING if _is_title_like(text, start, end) else SentenceKind.TEXT


def _is_title_like(text: str, start: int, end: int) -> bool:
    if _NOT_HEADING.match(text, start, end) or _SPEAKER.match(text, start, end):
        return False
    line = text[start:end]
    if "\n" in line or _TABLE_ROW.search(line) or len(_DIGITS.findall(line)) > len(line) // 4:
        return False
    if line.rstrip(_CLOSERS).endswith(_UNFINISHED) or line[0].islower() or len(line.split()) > _HEADING_WORDS:
        return False
    return not any(last < end for _, last in sentence_spans(text, start, end))


def _drop_lists(text: str, blocks: Sequence[tuple[int, int]], kinds: list[SentenceKind]) -> None:
    """Take short lines in a row for a list or a table, and those that head nothing, for text."""
    run = 0
    heads = False
    for index in range(len(kinds) - 1, -2, -1):
        kind = kinds[index] if index >= 0 else SentenceKind.BOILERPLATE
        if kind is SentenceKind.HEADING and not _MARKDOWN_HEADING.match(text, blocks[index][0]):
            run += 1
            continue
        # Dateline, byline and the like may pile up at the top.
        if run and (not heads or (run >= _LIST_LENGTH and index + run >= _TOP)):
            kinds[index + 1 : index + 1 + run] = [SentenceKind.TEXT] * run
        run = 0
        heads = heads or kind is not SentenceKind.BOILERPLATE


def _mark_title(text: str, blocks: Sequence[tuple[int, int]], kinds: list[SentenceKind], title: str) -> None:
    wanted = _NOT_LETTERS.sub("", title).casefold()
    if not wanted or len(blocks) < 2:
        return
    for index, (start, end) in enumerate(blocks[:3]):
        if end - start <= 2 * len(title) + 20 and _NOT_LETTERS.sub("", text[start:end]).casefold() == wanted:
            kinds[index] = SentenceKind.HEADING


def _mark_asked(text: str, blocks: Sequence[tuple[int, int]], kinds: list[SentenceKind]) -> bool:
    """Mark the turns of those who ask in a transcript; say whether it is one."""
    loose = sum(_LOOSE_ASKER.match(text, *block) is not None for block in blocks) > 1
    asker = _LOOSE_ASKER if loose else _ASKER
    asks = [asker.match(text, *block) is not None for block in blocks]
    if not any(asks):
        return False
    # Where nobody who answers is labelled, only the paragraph that is labelled asks.
    labelled = any(_SPEAKER.match(text, *block) for block in blocks)
    asking = False
    for index, (start, end) in enumerate(blocks):
        if asks[index]:
            asking = True
        elif not labelled or _SPEAKER.match(text, start, end) or _NAMED.match(text, start, end):
            asking = False
        if asking and kinds[index] is not SentenceKind.BOILERPLATE:
            kinds[index] = SentenceKind.QUESTION
    return labelled
