"""Answers as messages for Slack (Block Kit).

A quotation stands in ``rich_text_quote`` and nowhere else: its text elements are literal, so that
nothing in an article becomes a mention, a link or bold type, and what is read back is the slice. A
quotation of more than 3,000 characters is carried by several blocks, one after the other, which join
to the slice. What Slack cannot carry whole is not shown as a quotation at all. Of a quotation that
holds characters that turn the direction of reading, a line after it says so; elsewhere they are shown
by their names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from onrecord.faces.slack.mrkdwn import escape, units
from onrecord.text.direction import direction_note, marked, one_line
from onrecord.types import Answer, Clip, Quote, Withdrawn
from onrecord.wording.answer_text import REFUSAL, change_lines, coverage_line, marks, searched_line
from onrecord.wording.dates import count
from onrecord.wording.source_line import CLIPPED, intro, source_line

MESSAGE = 13_200
"""Characters that a message may have in all, its structure counted in."""
ELEMENT = 3_000
"""Characters of one text object."""
_BLOCKS = 50
_FALLBACK = 3_900
_NAME = 200  # characters of a title or a name; articles may have longer ones
_CLAIMS = 4_000
_URL = 3_000
_CAVEATS = 6
_CHANGES = 8  # lines on what may have changed
_PARTS = 3  # messages that one answer may take
_SURROGATE = re.compile("[\ud800-\udfff]")

Block = dict[str, Any]
Link = Callable[[Quote], "str | None"]


@dataclass(frozen=True, slots=True)
class Message:
    """A message, as Slack takes it.

    Attributes:
        text: What a notification shows, mrkdwn.
        blocks: What a reader sees.
        left_out: How many of the answer's quotations, the last ones, neither it nor another one holds.
    """

    text: str
    blocks: tuple[Block, ...]
    left_out: int = 0

    @property
    def size(self) -> int:
        """Characters in all, structure included."""
        return units(self.text) + units(json.dumps(self.blocks, ensure_ascii=False, separators=(",", ":")))

    @property
    def fields(self) -> dict[str, Any]:
        """What a call that sends it takes: nothing is unfurled, and no name made a mention."""
        off = {"unfurl_links": False, "unfurl_media": False, "link_names": False, "parse": "none"}
        return {"text": self.text, "blocks": list(self.blocks), "mrkdwn": False, **off}


def fits(message: Message, limit: int = MESSAGE) -> bool:
    """Say whether Slack takes a message."""
    return message.size <= limit and len(message.blocks) <= _BLOCKS and units(message.text) <= _FALLBACK


# --- what blocks are made of


def texts(text: str, **style: bool) -> list[Block]:
    """Make literal text elements, none longer than Slack takes; never for a quotation."""
    sound = _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", marked(text))
    styled = {"style": style} if style else {}
    return [{"type": "text", "text": piece, **styled} for piece in _pieces(sound)]


def _pieces(text: str) -> list[str]:
    """Cut a text into pieces that join to it."""
    pieces, start, held = [], 0, 0
    for at, char in enumerate(text):
        width = 2 if char > "\uffff" else 1
        if held + width > ELEMENT:
            pieces.append(text[start:at])
            start, held = at, 0
        held += width
    return [*pieces, text[start:]] if start < len(text) else pieces


def section(*elements: Block) -> Block:
    """Make a paragraph of a rich text."""
    return {"type": "rich_text_section", "elements": list(elements)}


def rich(*elements: Block, name: str = "") -> Block:
    """Make a block of rich text."""
    named = {"block_id": name} if name else {}
    return {"type": "rich_text", **named, "elements": list(elements)}


def note(text: str, **style: bool) -> Block:
    """Make a block of one paragraph."""
    return rich(section(*texts(text, **style)))


def plain(text: str, limit: int = ELEMENT) -> Block:
    """Make a text object without markup, cut where it is too long."""
    told = _safe(text)
    while units(told) > limit:
        text = text[: max(1, len(text) * limit // units(told) - 2)] + "…"
        told = _safe(text)
    return {"type": "plain_text", "text": told, "emoji": False}


def context(text: str) -> Block:
    """Make a line in small type."""
    return {"type": "context", "elements": [plain(text, 2_000)]}


# --- a quotation


def quote_blocks(quote: Quote, *, heading: str, name: str, link: str | None) -> list[Block]:
    """Write a quotation out."""
    if isinstance(quote, Withdrawn):
        return [rich(section(*texts(quote.line)), name=f"{name}-1")]
    if not is_carried(quote.text, MESSAGE):
        return []
    parts: list[list[Block]] = [
        [{"type": "rich_text_quote", "elements": [{"type": "text", "text": piece}]}]
        for piece in _pieces(quote.text)
    ]
    parts[0].insert(0, section(*texts(heading, bold=True)))
    parts[-1].append(section(*texts(f"— {source_line(_brief(quote))}"), *opening(link)))
    parts[-1] += note_elements(quote.text) + clip_elements(quote.clips)
    return [rich(*elements, name=f"{name}-{number}") for number, elements in enumerate(parts, start=1)]


def clip_elements(clips: Sequence[Clip]) -> list[Block]:
    """Make the elements that say what a slice leaves out that could turn its sense: a quotation each."""
    return [
        element
        for clip in clips
        if is_carried(clip.text, ELEMENT)
        for element in (
            section(*texts(CLIPPED[clip.turning], italic=True)),
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": clip.text}]},
            *note_elements(clip.text),
        )
    ]


def note_elements(quoted: str) -> list[Block]:
    """Say after a quotation which characters it holds that turn the direction of reading, if it does."""
    note = direction_note(quoted)
    return [section(*texts(note, italic=True))] if note else []


def is_carried(text: str, limit: int) -> bool:
    """Say whether Slack can carry a text of at most so many characters as it is."""
    return 0 < units(text) <= limit and not _SURROGATE.search(text)


def opening(link: str | None) -> list[Block]:
    """Make the elements that lead to an address; none without one."""
    if not link or units(link) > _URL:
        return []
    return [{"type": "text", "text": " · "}, {"type": "link", "url": link, "text": "Open in the article"}]


def _brief(quote: Quote) -> Quote:
    """Shorten names and titles, which may be of any length; never the quotation."""
    return replace(
        quote,
        title=short(quote.title),
        file=short(quote.file),
        outlet=short(quote.outlet) if quote.outlet else None,
        speaker=short(quote.speaker) if quote.speaker else None,
    )


def short(text: str, limit: int = _NAME) -> str:
    """Put a text that is no quotation on one line, cut where it is long."""
    line = one_line(text)
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def _uncarried(quote: Quote, link: str | None) -> Block:
    """Say that a quotation is not shown, and where it is."""
    told = "A quotation is left out here: Slack cannot carry it whole. "
    return rich(section(*texts(f"{told}— {source_line(_brief(quote))}", italic=True), *opening(link)))


# --- an answer


def answer_messages(
    answer: Answer,
    *,
    link: Link = lambda _: None,
    rating: str = "",
    asked: bool = False,
    parts: int = _PARTS,
    limit: int = MESSAGE,
) -> tuple[Message, ...]:
    """Write an answer out."""
    quotes = answer.quotes or answer.nearest
    drawn = [_drawn(answer, number, quote, link(quote)) for number, quote in enumerate(quotes, start=1)]
    head, foot = _head(answer, asked=asked), _foot(answer, rating=rating)
    for room in range(len(drawn), -1, -1):
        rest = _continued(answer, drawn[room:], parts=parts - 1, limit=limit)
        left_out = len(drawn) - room - sum(number for number, _ in rest)
        more = _more(len(drawn) - room, left_out)
        blocks = (*head, *_joined(drawn[:room]), *more, *foot)
        message = Message(_fallback(answer), blocks, left_out)
        if fits(message, limit):
            return (message, *(each for _, each in rest))
    told = note(f"{_fallback_line(answer)} It is too long for Slack.")
    return (Message(_fallback(answer), (told,), len(drawn)),)


def _joined(drawn: Iterable[list[Block]]) -> list[Block]:
    return [block for blocks in drawn for block in blocks]


def _drawn(answer: Answer, number: int, quote: Quote, link: str | None) -> list[Block]:
    heading = intro(_brief(quote)) if answer.refused else f"[{number}] {intro(_brief(quote))}"
    blocks = quote_blocks(quote, heading=heading, name=f"quote-{number}", link=link)
    alone = Message("", tuple(blocks))
    # What does not fit a message by itself, and its attribution beside it, fits none.
    return blocks if blocks and alone.size <= MESSAGE - 1_500 else [_uncarried(quote, link)]


def _continued(
    answer: Answer, drawn: Sequence[list[Block]], *, parts: int, limit: int
) -> list[tuple[int, Message]]:
    """Make further messages, each with as many whole quotations as it holds."""
    done: list[tuple[int, Message]] = []
    left = list(drawn)
    while left and len(done) < parts:
        room = len(left)
        while room and not fits(_further(answer, left[:room]), limit):
            room -= 1
        if not room:
            break
        done.append((room, _further(answer, left[:room])))
        left = left[room:]
    return done


def _further(answer: Answer, drawn: Sequence[list[Block]]) -> Message:
    return Message(_safe(f"Continued: {_fallback_line(answer)}"), tuple(_joined(drawn)))


def _more(later: int, left_out: int) -> list[Block]:
    """Say how many quotations follow in the thread, and how many are left out."""
    lines = []
    if later > left_out:
        lines.append(f"{count(later - left_out, 'more quotation')} below, in this thread.")
    if left_out:
        lines.append(f"{count(left_out, 'quotation')} left out: too long for Slack.")
    return [note(" ".join(lines), italic=True)] if lines else []


def _head(answer: Answer, *, asked: bool) -> list[Block]:
    parts = [note(short(answer.question, 2_500), bold=True)] if asked else []
    if answer.standalone and answer.standalone != answer.question:
        parts.append(note(f"Searched as: {short(answer.standalone, 2_500)}", italic=True))
    if answer.refused:
        told = section(*texts(REFUSAL, bold=True), *texts(f" {short(answer.reason, 1_000)}"))
        parts += [rich(told), *_caveats(answer)]
        return [*parts, note("Nearest, not an answer:", bold=True)] if answer.nearest else parts
    if answer.reason:
        parts.append(note(short(answer.reason, 1_000)))
    return [*parts, *_caveats(answer), *_prose(answer)]


def _caveats(answer: Answer) -> list[Block]:
    """Say which parts of the question have no answer, and which constraints are not met: a line each."""
    return [note(short(line, 500)) for line in islice(answer.caveats, _CAVEATS)]


def _prose(answer: Answer) -> list[Block]:
    """Write a chat model's sentences out, and whose words they are; whole ones, as far as there is room."""
    shown, held = [], 0
    for claim in answer.claims:
        told = f"{one_line(claim.text)} {marks(claim.quotes)} "
        held += units(told)
        if held > _CLAIMS:
            break
        shown.append(told)
    if not shown:
        return []
    left = len(answer.claims) - len(shown)
    rest = f" {count(left, 'sentence')} left out: too long for Slack." if left else ""
    whose = f"\n— {short(answer.mode)}’s words; what follows is quoted.{rest}"
    return [rich(section(*texts("".join(shown).rstrip()), *texts(whose, italic=True)))]


def _foot(answer: Answer, *, rating: str) -> list[Block]:
    coverage = answer.searched.coverage
    lines = [answer.notice, searched_line(answer.searched)]
    lines += [coverage_line(coverage), *coverage.warnings] if coverage else []
    changes = (line for change in answer.changes for line in change_lines(change))
    foot = [note(short(line, 900)) for line in islice(changes, _CHANGES)]
    foot.append(context(" ".join(short(line, 900) for line in lines if line)))
    return [*foot, _rating(rating)] if rating else foot


def _rating(value: str) -> Block:
    buttons = [
        {"type": "button", "action_id": name, "text": plain(label), "value": value}
        for name, label in (("helpful", "Helpful"), ("unhelpful", "Not helpful"))
    ]
    return {"type": "actions", "block_id": "rating", "elements": buttons}


def _fallback_line(answer: Answer) -> str:
    if answer.refused:
        return f"{REFUSAL} {short(answer.reason, 500)}"
    articles = len({quote.article_id for quote in answer.quotes})
    return f"{count(len(answer.quotes), 'quotation')} from {count(articles, 'article')}."


def _fallback(answer: Answer) -> str:
    """Say in one line what the message is; a notification shows it, so it holds no quotation."""
    return _safe(f"{short(answer.question, 300)} – {_fallback_line(answer)}")


def _safe(text: str) -> str:
    """Make a text that Slack parses: nothing in it is markup."""
    return escape(_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text))
