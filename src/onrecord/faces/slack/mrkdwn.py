"""Text to and from Slack's own markup (mrkdwn)."""

from __future__ import annotations

import re

from onrecord.text.direction import marked
from onrecord.text.quotation_marks import holds_marks

_REFERENCE = re.compile(r"<([^<>]*)>")
_ENTITY = re.compile(r"&(amp|lt|gt);")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">"}
_QUOTED = re.compile(r"^(?:&gt;|>)[^\S\n]?(.*)$")


def escape(text: str) -> str:
    """Escape text for a text object: these three characters are all that Slack reads as more than text.

    It is never a quotation, so what turns the direction of reading is shown by its name.
    """
    return marked(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def units(text: str) -> int:
    """Count as Slack's clients do, in UTF-16 code units: an emoji is two."""
    return len(text) + sum(char > "\uffff" for char in text)


def plain_text(mrkdwn: str) -> str:
    """Give what a person typed: entities as characters, links by their label, mentions of people left out."""
    text = _REFERENCE.sub(_referred, mrkdwn)
    return _ENTITY.sub(lambda found: _ENTITIES[found[1]], text).strip()


def _referred(found: re.Match[str]) -> str:
    target, _, label = found[1].partition("|")
    if target.startswith("#"):
        return label
    if target.startswith(("@", "!")):
        return ""
    return label or target


def quoted_lines(mrkdwn: str) -> str:
    """Set what a message quotes by ``>`` in quotation marks, unless it has some: so it can be checked."""
    done: list[str] = []
    block: list[str] = []
    for line in [*mrkdwn.split("\n"), None]:
        found = _QUOTED.match(line) if line is not None else None
        if found:
            block.append(found[1])
            continue
        if block:
            told = "\n".join(block)
            done.append(told if holds_marks(told) else f"“{told}”")
            block = []
        if line is not None:
            done.append(line)
    return "\n".join(done)
