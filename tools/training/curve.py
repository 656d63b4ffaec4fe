"""The refusal threshold, and the curve that justifies it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from onrecord.evaluation.metrics.auroc import auroc

__all__ = ["THRESHOLD", "choose_threshold", "write_curve"]

Array = npt.NDArray[Any]
_STEPS = np.round(np.arange(0.05, 1.0, 0.01), 2)
_COST = 2
"""A question refused that has an answer weighs as much as so many answered that have none."""
_SHOWN = slice(0, None, 5)
THRESHOLD = 0.5
"""Where confidences are moved to, and what :attr:`onrecord.settings.Settings.threshold` is by default."""
_HARD = "squad2_dev"
"""Its unanswerable questions are made to look answerable; they would drag the threshold up for everybody."""


_PROSE = f"""# When onrecord refuses

Every answer has a confidence between 0 and 1: what a logistic regression and a small network make of the
best sentence and its passage, of how much of the question stands there, of the names that the corpus does
not know, of whether the person asked about speaks at all and, where there is a reader, of what it made of
the passages and how far they agree; then it lies between what the two rankings say, at the mean of their
log-odds. A time or a number that is asked for and not there takes four fifths of it away. An answer less
sure than **{THRESHOLD}** is refused. `ONRECORD_THRESHOLD` sets that: higher, and less is shown that does not
answer; lower, and less is refused that would have; at 0 nothing is refused for it.

It is moved so that {THRESHOLD} has the best balance between questions rightly and wrongly refused, a wrong
refusal counting twice and every group the same, among the thresholds at which the seed questions on the two
articles come out right; `{_HARD}`, whose unanswerable questions were written to look
answerable, is shown but does not vote.

This page is written by `make training`, which also writes the weights. It shows the tuning parts, each
case by a confidence that was fitted without it, and the seed questions on the two articles, from which
nothing was learned. `make eval` prints the figures on the parts that nothing was tuned on.
"""


def _rates(sure: Array, answerable: Array, threshold: float) -> tuple[float, float]:
    """Refused of the unanswerable, and of the answerable."""
    refused = sure < threshold
    return float(refused[~answerable].mean()), float(refused[answerable].mean())


def choose_threshold(sure: Array, answerable: Array, groups: Array, *, veto: str) -> float:
    """Choose the threshold that is worth most, every group counting the same.

    Args:
        sure: Confidence of each case.
        answerable: Its label.
        groups: Its group.
        veto: A group of which as many as possible have to be right first.

    Returns:
        The threshold.
    """
    kept = [g for g in np.unique(groups) if g != _HARD and len(np.unique(answerable[groups == g])) == 2]

    def balance(group: str, threshold: float) -> float:
        caught, lost = _rates(sure[groups == group], answerable[groups == group], threshold)
        return caught - _COST * lost

    def worth(threshold: float) -> tuple[float, float]:
        return balance(veto, threshold), float(np.mean([balance(group, threshold) for group in kept]))

    return float(max(_STEPS, key=worth))


def write_curve(target: Path, sure: Array, answerable: Array, groups: Array) -> None:
    """Write the page that shows the curve.

    Args:
        target: The page.
        sure: Confidence of each case.
        answerable: Its label.
        groups: Its group.
    """
    lines = [
        _PROSE,
        "| group | cases | AUROC | refused, unanswerable | refused, answerable |",
        "|---|---|---|---|---|",
    ]
    for group in np.unique(groups):
        mine = groups == group
        area = auroc(sure[mine & answerable].tolist(), sure[mine & ~answerable].tolist())
        if area is not None:
            caught, lost = _rates(sure[mine], answerable[mine], THRESHOLD)
            lines.append(f"| {group} | {mine.sum()} | {area:.3f} | {caught:.0%} | {lost:.0%} |")
    votes = groups != _HARD
    lines += ["", "| threshold | refused, unanswerable | refused, answerable |", "|---|---|---|"]
    for step in _STEPS[_SHOWN]:
        caught, lost = _rates(sure[votes], answerable[votes], float(step))
        mark = " (default)" if step == THRESHOLD else ""
        lines.append(f"| {step:.2f}{mark} | {caught:.0%} | {lost:.0%} |")
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
