"""Claim support: what share of a chat model's sentences do the quotations that they name bear out?"""

from __future__ import annotations

from onrecord.evaluation.metrics.shares import FloatArray, Shares


def claim_support(shown: FloatArray, dropped: FloatArray) -> Shares:
    """Give the share of claims that passed verification."""
    return Shares(shown, shown + dropped)
