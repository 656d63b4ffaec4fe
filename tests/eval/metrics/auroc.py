"""Refusal AUROC: how well does a confidence tell answerable questions from unanswerable ones?"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["auroc"]


def auroc(answerable: Sequence[float], unanswerable: Sequence[float]) -> float | None:
    """Give the chance that an answerable question has the higher confidence, ties counting half.

    The Mann-Whitney U statistic over the number of pairs, by midranks. None
    when one side is empty.
    """
    if not answerable or not unanswerable:
        return None
    ordered = sorted([(value, 1) for value in answerable] + [(value, 0) for value in unanswerable])
    total = 0.0
    start = 0
    while start < len(ordered):
        end = start
        while end < len(ordered) and ordered[end][0] == ordered[start][0]:
            end += 1
        midrank = (start + 1 + end) / 2
        total += midrank * sum(side for _, side in ordered[start:end])
        start = end
    n, m = len(answerable), len(unanswerable)
    return (total - n * (n + 1) / 2) / (n * m)
