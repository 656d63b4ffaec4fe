"""The words of a verdict on a quotation in a draft, the same wherever a draft is checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from onrecord.types import Status, Verdict
from onrecord.wording.dates import count

NOTHING_TO_CHECK = "No quotation of three words or more stands in this text."
ARTICLES_WORDS = "The article’s words:"
DIFFERENCE = "Difference, [-article-] {+draft+}:"


class Weight(StrEnum):
    """How bad a verdict is."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class VerdictLabel:
    """The words of one kind of verdict.

    Attributes:
        label: Said of one quotation.
        counted: Said after a number of them.
        weight: How bad it is.
    """

    label: str
    counted: str
    weight: Weight


VERDICT_LABELS: Mapping[Status, VerdictLabel] = {
    Status.EXACT: VerdictLabel("Exact", "exact", Weight.GOOD),
    Status.TYPOGRAPHIC: VerdictLabel("The same words, set differently", "set differently", Weight.GOOD),
    Status.ALTERED: VerdictLabel("Altered", "altered", Weight.BAD),
    Status.STITCHED: VerdictLabel("Stitched together from separate places", "stitched together", Weight.WARN),
    Status.MISPLACED: VerdictLabel(
        "In another article than the one named", "in another article", Weight.WARN
    ),
    Status.ABSENT: VerdictLabel("Not in this corpus", "not in this corpus", Weight.BAD),
    Status.OUTDATED: VerdictLabel("Not in this corpus any more", "not in this corpus any more", Weight.BAD),
}


def verdict_label(verdict: Verdict) -> str:
    """Say what became of a quotation: ``Altered``; and whether it is cut so that its sense could turn."""
    label = VERDICT_LABELS[verdict.status].label
    return f"{label}, clipped" if verdict.clipped else label


def verdict_weight(verdict: Verdict) -> Weight:
    """A true quotation that is cut so that its sense could turn is not good as it stands."""
    return Weight.WARN if verdict.clipped and verdict.ok else VERDICT_LABELS[verdict.status].weight


def verdict_counts(verdicts: Sequence[Verdict]) -> str:
    """Count verdicts by kind: ``2 exact, 1 altered; 1 clipped``."""
    found = Counter(verdict.status for verdict in verdicts)
    told = ", ".join(f"{found[each]:,} {VERDICT_LABELS[each].counted}" for each in Status if found[each])
    clipped = sum(bool(verdict.clipped) for verdict in verdicts)
    return f"{told}; {clipped:,} clipped" if clipped else told


def checked_line(verdicts: Sequence[Verdict]) -> str:
    """Say how many quotations were checked, and what became of them."""
    if not verdicts:
        return NOTHING_TO_CHECK
    return f"{count(len(verdicts), 'quotation')} checked: {verdict_counts(verdicts)}."


def named_line(name: str) -> str:
    """Say which article the draft names for a quotation, where it is the wrong one."""
    return f"The draft names {name}."
