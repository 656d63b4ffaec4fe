"""What was found for a quotation that a draft claims."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from onrecord.types.quote import Clip


@dataclass(frozen=True, slots=True)
class DiffWord:
    """One stretch of a word diff.

    Attributes:
        op: ``equal``, ``insert`` (the claim adds it), ``delete`` (the claim lacks it) or ``replace``.
        claimed: As the claim has it.
        source: As the article has it.
    """

    op: str
    claimed: str
    source: str


class Status(StrEnum):
    """What became of a claimed quotation."""

    EXACT = "exact"
    """A slice of an article, code point for code point."""
    TYPOGRAPHIC = "typographic"
    """The same words, set differently."""
    ALTERED = "altered"
    """Near to a slice of an article, but its words differ."""
    STITCHED = "stitched"
    """Exact pieces from different places, joined without saying so."""
    MISPLACED = "misplaced"
    """A slice of another article than the one the draft names."""
    ABSENT = "absent"
    """Nothing like it in the corpus."""
    OUTDATED = "outdated"
    """A slice of an article in the index, but its file was changed or deleted since."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found for one claimed quotation.

    Attributes:
        claimed: The claim's words as the draft has them.
        start: First code point of the claim in the draft.
        end: Past the last one.
        status: What became of it.
        article_id: Article that holds it, or its nearest slice.
        source_start: First code point of that slice in the article.
        source_end: Past the last one.
        source: The slice itself.
        diff: Word by word, what the claim changes; empty unless altered.
        named: Article that the draft names for it, where it is the wrong one.
        note: What a careful reader should know besides.
        clipped: What the article has just beside a true quotation that could turn its sense.
    """

    claimed: str
    start: int
    end: int
    status: Status
    article_id: str | None = None
    source_start: int | None = None
    source_end: int | None = None
    source: str | None = None
    diff: tuple[DiffWord, ...] = ()
    named: str | None = None
    note: str = ""
    clipped: tuple[Clip, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the claim is a true quotation: exact, or typeset differently."""
        return self.status in (Status.EXACT, Status.TYPOGRAPHIC)

    def to_dict(self) -> dict[str, Any]:
        """The verdict as plain values for JSON, with ``ok``."""
        return {**asdict(self), "status": self.status.value, "ok": self.ok}
