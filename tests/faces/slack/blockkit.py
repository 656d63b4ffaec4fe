"""What Slack takes and what it refuses: the limits of Block Kit, and reading a message back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

__all__ = ["faults", "markup_of", "quotations", "size", "strings"]

Block = dict[str, Any]
_BLOCKS = {"section", "context", "actions", "rich_text", "divider", "header"}
_RICH = {"rich_text_section", "rich_text_quote", "rich_text_list", "rich_text_preformatted"}
_KEYS = {
    "rich_text": {"type", "block_id", "elements"},
    "section": {"type", "block_id", "text", "accessory", "fields"},
    "context": {"type", "block_id", "elements"},
    "actions": {"type", "block_id", "elements"},
}


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def size(message: dict[str, Any]) -> int:
    """Characters in all, structure included."""
    blocks = json.dumps(message.get("blocks", []), ensure_ascii=False, separators=(",", ":"))
    return units(message.get("text") or "") + units(blocks)


def faults(message: dict[str, Any], *, blocks: int = 50, whole: int = 13_200) -> Iterator[str]:
    """Say what Slack would refuse a message or a view for, in its own words."""
    if not message.get("text") and not message.get("blocks"):
        yield "no_text"
    if units(message.get("text") or "") >= 4_000:
        yield "msg_too_long"
    if size(message) > whole:
        yield "msg_blocks_too_long"
    found = message.get("blocks", [])
    if len(found) > blocks:
        yield "invalid_blocks"
    names = [block["block_id"] for block in found if "block_id" in block]
    if len(names) != len(set(names)) or any(len(name) > 255 for name in names):
        yield "invalid_blocks"
    for block in found:
        yield from _block_faults(block)


def _block_faults(block: Block) -> Iterator[str]:
    kind = block.get("type")
    if kind not in _BLOCKS or not set(block) <= _KEYS.get(kind, set(block)):
        yield "invalid_blocks"
        return
    if kind == "rich_text":
        yield from (fault for each in block["elements"] for fault in _rich_faults(each))
        if not block["elements"]:
            yield "invalid_blocks"
    elif kind == "context":
        if not 1 <= len(block["elements"]) <= 10:
            yield "invalid_blocks"
        yield from (fault for each in block["elements"] for fault in _text_faults(each))
    elif kind == "section":
        yield from _text_faults(block["text"])
        yield from _button_faults(block["accessory"]) if "accessory" in block else ()
    elif kind == "actions":
        yield from (fault for each in block["elements"] for fault in _button_faults(each))


def _rich_faults(element: Block) -> Iterator[str]:
    if element.get("type") not in _RICH or not element.get("elements"):
        yield "invalid_blocks"
        return
    for each in element["elements"]:
        if each.get("type") == "text":
            if not 1 <= units(each.get("text", "")) <= 3_000 or not set(each) <= {"type", "text", "style"}:
                yield "invalid_blocks"
        elif each.get("type") == "link":
            if not each["url"].startswith(("http://", "https://")) or units(each["url"]) > 3_000:
                yield "invalid_blocks"
        else:  # a user, a channel, a broadcast or an emoji: ours has none
            yield "invalid_blocks"


def _text_faults(text: Block) -> Iterator[str]:
    if text.get("type") not in ("plain_text", "mrkdwn") or not 1 <= units(text.get("text", "")) <= 3_000:
        yield "invalid_blocks"


def _button_faults(button: Block) -> Iterator[str]:
    yield from _text_faults(button["text"])
    if button.get("type") != "button" or units(button["text"]["text"]) > 75:
        yield "invalid_blocks"
    if units(button.get("value", "")) > 2_000 or units(button["action_id"]) > 255:
        yield "invalid_blocks"


def quotations(message: dict[str, Any]) -> list[str]:
    """Read the quotations of a message back: quoted texts that follow one another with nothing between."""
    found: list[str] = []
    going_on = False
    for block in message.get("blocks", []):
        if block["type"] != "rich_text":
            going_on = False
        for element in block.get("elements", []) if block["type"] == "rich_text" else ():
            if element["type"] != "rich_text_quote":
                going_on = False
                continue
            text = "".join(each["text"] for each in element["elements"])
            if going_on:
                found[-1] += text
            else:
                found.append(text)
            going_on = True
    return found


def strings(value: Any) -> Iterator[str]:
    """Give every text that a reader sees."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name == "text" and isinstance(each, str):
                yield each
            else:
                yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


def markup_of(message: dict[str, Any]) -> list[str]:
    """Give what Slack would read as markup: angle brackets in texts that are parsed, and special elements."""
    found = [part for part in [message.get("text") or ""] if "<" in part]
    for block in message.get("blocks", []):
        found += [each for each in _parsed(block) if "<" in each or ">" in each]
        found += [kind for kind in _kinds(block) if kind in {"user", "usergroup", "broadcast", "channel"}]
    return found


def _parsed(value: Any) -> Iterator[str]:
    """Texts of text objects; those of rich text are literal."""
    if isinstance(value, dict):
        if value.get("type") in ("mrkdwn", "plain_text"):
            yield value["text"]
        for each in value.values():
            yield from _parsed(each)
    elif isinstance(value, list):
        for each in value:
            yield from _parsed(each)


def _kinds(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("type"), str):
            yield value["type"]
        for each in value.values():
            yield from _kinds(each)
    elif isinstance(value, list):
        for each in value:
            yield from _kinds(each)
