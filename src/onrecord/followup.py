"""Follow-ups, by rules: what a question leans on is the subject of the question before."""

from __future__ import annotations

import re
from collections.abc import Sequence

from onrecord.terms import STOP, tokenize

__all__ = ["leans_on"]

_LEANS = re.compile(
    r"^\s*(?:and|but|so|also|then|or)\b|^\s*(?:what|how) about\b|"
    r"\b(?:he|she|they|him|her|them|his|hers|their|theirs|it|its|this|these|those|then|else|same)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^\s*(?:(?:and|but|so)\s+)?(?:what|who|whom|whose|when|where|why|how|which|did|does|do|is|are|was|were|has|"
    r"have|had|can|could|will|would|should|list|tell|give|show)\b"
    r"(?:\s+(?:is|are|was|were|did|does|do|has|have|had|many|much|me|us|the))*\s*",
    re.IGNORECASE,
)
_FEW = 3


def leans_on(question: str, history: Sequence[str]) -> str:
    """Find what a question leans on.

    Args:
        question: As typed.
        history: Earlier questions, oldest first.

    Returns:
        The subject of the question before, or nothing where the question stands alone.
    """
    asked = [earlier.strip() for earlier in history if earlier.strip()]
    if not asked or not _leans(question):
        return ""
    # A chain of follow-ups leans on the last question that stood alone.
    before = next((earlier for earlier in reversed(asked) if not _leans(earlier)), asked[-1])
    return _OPENING.sub("", before).rstrip(" ?.!")


def _leans(question: str) -> bool:
    content = [token for token in tokenize(question) if not token.flags & STOP]
    return (bool(_LEANS.search(question)) and len(content) <= 2 * _FEW) or len(content) < _FEW
