"""Transcripts: turns of speakers whose labels open paragraphs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from onrecord.people.names import Roster
from onrecord.text.lexicon import DESCRIBERS, GENERIC_LABELS, ROLES
from onrecord.text.quotation_marks import OPENING, STRAIGHT

_CAPS = r"[^\W\d_a-z](?:[^\W\d_a-z]|[.’'\-])*+"
_LABEL = re.compile(
    rf"[*_>]{{0,4}}(?:(?P<label>{_CAPS}(?: {_CAPS}){{0,5}}+)"
    r"(?: ?\([^()\n]{0,60}\))?[*_]{0,3}:[*_]{0,3}(?=\s|$)"
    r"|(?P<asked>Q)(?:[*_]{0,3}[:.]?[*_]{0,3}(?=\s)|(?=[A-Z][a-z’'])))"
)
_NAMED = re.compile(
    r"[*_]{0,3}(?P<label>[^\W\d_a-z][\w.’'\-]*+(?: [^\W\d_a-z][\w.’'\-]*+){0,5}+)"
    rf"[*_]{{0,3}}:[*_]{{0,3}}(?=\s[^\s{OPENING}{STRAIGHT}‘'])"
)
_BREAK = re.compile(r"#{1,6}\s|END\b|[*_]{0,2}\d{1,2}:\d\d [AaPp]\.?[Mm]\b|\* \* \*|###")
_STATEMENT = re.compile(
    r"(?P<cue>(?:Statement|Remarks|Message|Letter|Address|Speech|Op-Ed) (?:by|from|of)) "
    r"(?P<name>[^,:;()\[\]]{3,80})",
    re.IGNORECASE,
)
_TOPIC = re.compile(
    r"\s(?:on|at|in|to|regarding|about|after|following|before|for|during|announcing|as)\s", re.IGNORECASE
)
_DIRECTION = re.compile(r"[*_]{0,3}(?:\([^()\n]{0,200}\)|\[[^\[\]\n]{0,200}\])[*_.]{0,3}")
_ASIDE = "()"
"""Label of a stage direction, after which the same speaker goes on."""
_FIRST_PERSON = re.compile(r"\b(?:I|we|my|our)\b")


@dataclass(frozen=True, slots=True)
class SpeakerTurn:
    """What one speaker of a transcript says without interruption.

    Attributes:
        speaker: Full name where the article tells it; empty for those who ask.
        label: As printed.
        start: First code point after the label.
        end: Past the last code point.
        label_start: First code point of the label; None where it stands in the title.
    """

    speaker: str
    label: str
    start: int
    end: int
    label_start: int | None = None


def turns(text: str, blocks: Sequence[tuple[int, int]], roster: Roster) -> tuple[SpeakerTurn, ...]:
    """Read the turns of a transcript."""
    marks = [(start, end, _LABEL.match(text, start, end)) for start, end in blocks]
    if not _is_transcript([match for _, _, match in marks if match]):
        marks = [(start, end, _NAMED.match(text, start, end)) for start, end in blocks]
        if not _is_interview([match for _, _, match in marks if match]):
            return ()
    names: dict[str, str] = {}
    found: list[SpeakerTurn] = []
    for start, end, match in marks:
        if match is not None:
            label = match.groupdict().get("asked") or match["label"]
            speaker = names.setdefault(label, _speaker(label, roster))
            at = match.start("label") if match["label"] else None
            found.append(SpeakerTurn(speaker, label, match.end(), end, at))
        elif found and _BREAK.match(text, start):
            found.append(SpeakerTurn("", "", start, end))
        elif found and _DIRECTION.fullmatch(text, start, end):
            found.append(SpeakerTurn("", _ASIDE, start, end))
        elif found and found[-1].label == _ASIDE:
            spoken = next(turn for turn in reversed(found) if turn.label != _ASIDE)
            found.append(replace(spoken, start=start, end=end))
        elif found:
            found[-1] = replace(found[-1], end=end)
    return tuple(turn for turn in found if turn.speaker)


def _is_transcript(marks: Sequence[re.Match[str]]) -> bool:
    labels = Counter(match["label"] for match in marks if match["label"])
    asked = sum(1 for match in marks if match["asked"])
    titled = sum(count for label, count in labels.items() if _is_titled(label))
    return bool(titled) or bool(asked and labels) or sum(count for count in labels.values() if count > 1) > 3


def _is_titled(label: str) -> bool:
    words = label.lower().split()
    return len(words) > 1 and any(word.rstrip(".") in ROLES for word in words)


def _is_interview(marks: Sequence[re.Match[str]]) -> bool:
    labels = Counter(match["label"] for match in marks)
    return sum(1 for count in labels.values() if count > 2) > 1


def _speaker(label: str, roster: Roster) -> str:
    words = [_titled(word) for word in label.split()]
    low = [word.lower() for word in words]
    if low[0] in GENERIC_LABELS:
        return ""
    if low in (["a"], ["answer"]):
        return roster.foremost() or "Interviewee"
    if low[0] != "the" and (low[-1] in DESCRIBERS or low[-1] in ROLES):
        return " ".join(low)
    known = roster.resolve(words)
    if known is not None and known.name.lower() != low[-1]:
        return known.name
    if low[0] == "the":
        held = roster.by_role(words[1:])
        return held.name if held else " ".join(words)
    return " ".join(words) if known is not None else " ".join(low)


def _titled(word: str) -> str:
    return "-".join(part[:1] + part[1:].lower() for part in word.split("-")) if word.isupper() else word


def whole_statement(title: str, text: str, roster: Roster) -> tuple[SpeakerTurn, ...]:
    """Read an article that is one person's statement, as its title says."""
    match = _STATEMENT.match(title.title() if title.isupper() else title)
    if match is None or _FIRST_PERSON.search(text) is None:
        return ()
    words = _TOPIC.split(match["name"], maxsplit=1)[0].split()
    known = roster.resolve(words) if words and len(words) < 9 and words[-1][:1].isupper() else None
    return (
        (SpeakerTurn(known.name, match["cue"], 0, len(text)),) if known is not None and known.person else ()
    )
