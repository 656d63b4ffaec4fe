"""Refusal: all that moves a confidence after the rankers spoke, and what is said of an answer that is unsure.

``rules`` holds every rule, each beside the question that taught it; ``confidence`` applies them, in their
order; ``reasons`` words a refusal or a doubt. Nothing else in the package changes a confidence.
"""

from onrecord.answer.refusal.confidence import (
    SHOWN_IN_DOUBT,
    decided,
    fitness,
    keeping_to,
    letting_go,
    narrowed,
    outweighs_model,
    surest,
)
from onrecord.answer.refusal.reasons import NO_PASSAGE

__all__ = [
    "NO_PASSAGE",
    "SHOWN_IN_DOUBT",
    "decided",
    "fitness",
    "keeping_to",
    "letting_go",
    "narrowed",
    "outweighs_model",
    "surest",
]
