"""Who said what, and how: the statement and its kinds. Import them from :mod:`onrecord.types`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """How words come to stand in an article."""

    DIRECT = "direct"
    """Inside quotation marks, or a speaker's turn in a transcript."""
    REPORTED = "reported"
    """Somebody's statement in the article's own words."""
    ARTICLE = "article"
    """The article's own words."""
    MIXED = "mixed"
    """Reported speech in which some words are quoted; only ``onrecord.speech`` tells it apart."""
    SCARE = "scare"
    """Words in quotation marks that are nobody's speech; no index holds them, no answer shows them."""


class SpeakerKind(StrEnum):
    """What kind of speaker a statement has."""

    PERSON = "person"
    """Somebody named."""
    BODY = "body"
    """A named body: a ministry, a campaign, a newspaper."""
    UNNAMED = "unnamed"
    """Somebody who is described and not named: ``senior U.S. official``."""
    UNKNOWN = "unknown"
    """The article does not tell."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Who said what: a slice of an article that carries somebody's words.

    A span is two offsets into the article's text, the first code point and past the last one;
    both are None where there is no such span.

    Attributes:
        speaker: Name as resolved within the article (``Antony Blinken``), or a description; empty if unknown.
        cue: The verb or sign that gave it away (``said``, ``according to``, a turn label).
        mode: Direct or reported speech.
        start: First code point.
        end: Past the last code point.
        said_on: ISO date, month or interval of the utterance where the article tells it.
        said_on_basis: By what words and from which date ``said_on`` was worked out.
        content_start: Of what the statement belongs to: the whole quotation, marks included, which may
            run over several sentences; of reported speech the clause without its speaker and cue.
        content_end: Of the same.
        speaker_start: Of the words that stand for the speaker (``the official``, ``he``).
        speaker_end: Of the same.
        cue_start: Of the cue.
        cue_end: Of the same.
        addressee: To whom it was said, as printed.
        occasion: Where or at what it was said, as printed (``at the Council on Foreign Relations``).
        source: What kind of speaker it is.
        certain: Whether the rules are sure of the speaker.
    """

    speaker: str
    cue: str
    mode: Mode
    start: int
    end: int
    said_on: str | None = None
    said_on_basis: str | None = None
    content_start: int | None = None
    content_end: int | None = None
    speaker_start: int | None = None
    speaker_end: int | None = None
    cue_start: int | None = None
    cue_end: int | None = None
    addressee: str | None = None
    occasion: str | None = None
    source: SpeakerKind = SpeakerKind.UNKNOWN
    certain: bool = True

    @property
    def canonical(self) -> str | None:
        """Who speaks, for a person to read: a name, a description marked as such, None if not certain."""
        if not self.speaker or not self.certain:
            return None
        return f"{self.speaker}, unnamed" if self.source is SpeakerKind.UNNAMED else self.speaker
