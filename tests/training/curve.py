"""The refusal threshold, and the curve that justifies it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from onrecord.evaluation.metrics.auroc import auroc

__all__ = ["choose_threshold", "write_curve"]

Array = npt.NDArray[Any]
_STEPS = np.round(np.arange(0.05, 1.0, 0.05), 2)
_HARD = "squad2_dev"
"""Its unanswerable questions are made to look answerable; they would drag the threshold up for everybody."""


def _rates(sure: Array, answerable: Array, threshold: float) -> tuple[float, float]:
    """Refused of the unanswerable, and of the answerable."""
    refused = sure < threshold
    return float(refused[~answerable].mean()), float(refused[answerable].mean())


def choose_threshold(sure: Array, answerable: Array, groups: Array) -> float:
    """Choose the threshold with the best balanced accuracy, every group counting the same.

    Args:
        sure: Confidence of each case.
        answerable: Its label.
        groups: Its group.

    Returns:
        The threshold.
    """
    kept = [g for g in np.unique(groups) if g != _HARD and len(np.unique(answerable[groups == g])) == 2]

    def balance(threshold: float) -> float:
        rates = [_rates(sure[groups == g], answerable[groups == g], threshold) for g in kept]
        return float(np.mean([caught - lost for caught, lost in rates]))

    return float(max(_STEPS, key=balance))


def write_curve(target: Path, sure: Array, answerable: Array, groups: Array, threshold: float) -> None:
    """Write the page that shows the curve.

    Args:
        target: The page.
        sure: Confidence of each case.
        answerable: Its label.
        groups: Its group.
        threshold: The one chosen.
    """
    lines = [
        "# When onrecord refuses",
        "",
        "Every answer has a confidence between 0 and 1: what a small network makes of the best sentence,",
        "of how much of the question stands in its passage, of the names that the corpus does not know,",
        "and of whether the person asked about speaks at all. A time or a number that is asked for and",
        f"not there takes four fifths of it away. Under **{threshold:.2f}** onrecord refuses.",
        "",
        "The threshold has the best balance between questions rightly and wrongly refused, every group",
        f"counting the same; `{_HARD}`, whose unanswerable questions were written to look answerable,",
        "is shown but does not vote.",
        "",
        "This page is written by `make training`, which also writes the weights. It shows the tuning halves,",
        "and the seed questions on the two articles, from which nothing was learned. `make eval` prints",
        "the figures on the halves that nothing was tuned on.",
        "",
        "| group | cases | AUROC | refused, unanswerable | refused, answerable |",
        "|---|---|---|---|---|",
    ]
    for group in np.unique(groups):
        mine = groups == group
        area = auroc(sure[mine & answerable].tolist(), sure[mine & ~answerable].tolist())
        if area is not None:
            caught, lost = _rates(sure[mine], answerable[mine], threshold)
            lines.append(f"| {group} | {mine.sum()} | {area:.3f} | {caught:.0%} | {lost:.0%} |")
    votes = groups != _HARD
    lines += ["", "| threshold | refused, unanswerable | refused, answerable |", "|---|---|---|"]
    for step in _STEPS:
        caught, lost = _rates(sure[votes], answerable[votes], float(step))
        mark = " (chosen)" if step == np.round(threshold, 2) else ""
        lines.append(f"| {step:.2f}{mark} | {caught:.0%} | {lost:.0%} |")
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
