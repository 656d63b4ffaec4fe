"""What became of the quotations in a text, as a message for Slack."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from onrecord.faces.slack.blocks import (
    ELEMENT,
    MESSAGE,
    Block,
    Message,
    clip_elements,
    fits,
    is_carried,
    note,
    note_elements,
    opening,
    rich,
    section,
    short,
    texts,
)
from onrecord.faces.slack.mrkdwn import escape
from onrecord.types import Verdict
from onrecord.wording.dates import count
from onrecord.wording.verdict_labels import (
    ARTICLES_WORDS,
    DIFFERENCE,
    NOTHING_TO_CHECK,
    checked_line,
    named_line,
    verdict_label,
)

_CLAIMED = 1_000
_MOST = 45  # blocks, beside the first

Title = Callable[[str], str]
Link = Callable[[Verdict], "str | None"]


def verdict_message(verdicts: Sequence[Verdict], *, title: Title, link: Link) -> Message:
    """Write verdicts out."""
    if not verdicts:
        return Message(NOTHING_TO_CHECK, (note(NOTHING_TO_CHECK),))
    summary = checked_line(verdicts)
    shown = enumerate(verdicts[:_MOST], start=1)
    drawn = [_drawn(number, verdict, title, link) for number, verdict in shown]
    room = len(drawn)
    while True:
        left = len(verdicts) - room
        rest = f" {count(left, 'verdict')} left out: too long for Slack." if left else ""
        blocks = (note(f"{summary}{rest}", bold=True), *drawn[:room])
        message = Message(escape(summary), blocks)
        if fits(message, MESSAGE) or not room:
            return message
        room -= 1


def _drawn(number: int, verdict: Verdict, title: Title, link: Link) -> Block:
    """Write one verdict out: what the text says as plain words, what the article says as a quotation."""
    label = f"{number}. {verdict_label(verdict)}: "
    elements = [section(*texts(label, bold=True), *texts(short(verdict.claimed, _CLAIMED)))]
    source = verdict.source
    if source and is_carried(source, ELEMENT):
        if source != verdict.claimed:
            elements.append(section(*texts(ARTICLES_WORDS)))
        elements.append({"type": "rich_text_quote", "elements": [{"type": "text", "text": source}]})
        elements += note_elements(source)
    if verdict.article_id is not None:
        elements.append(
            section(*texts(f"— {short(title(verdict.article_id), 200)}"), *opening(link(verdict)))
        )
    elements += clip_elements(verdict.clipped)
    if verdict.diff:
        elements.append(section(*_differences(verdict)))
    notes = [named_line(short(verdict.named, 200))] if verdict.named else []
    notes += [short(verdict.note, 500)] if verdict.note else []
    if notes:
        elements.append(section(*texts(" ".join(notes), italic=True)))
    return rich(*elements, name=f"verdict-{number}")


def _differences(verdict: Verdict) -> list[Block]:
    """Name the words that differ, as wdiff does."""
    told = []
    for word in verdict.diff:
        if word.op != "equal":
            told += [f"[-{short(word.source, 100)}-]"] if word.source else []
            told += [f"{{+{short(word.claimed, 100)}+}}"] if word.claimed else []
    return texts(f"{DIFFERENCE} {short(' '.join(told), 800)}")
