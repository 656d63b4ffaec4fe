"""Negation: the one list of what turns a statement round, for whoever cuts, compares or checks one.

The words are data (``en/negations.txt``, ``en/turning_words.txt``); contractions with ``not`` are a rule.
"""

from __future__ import annotations

import re

from onrecord.text.word_lists import table, words

NEGATORS = words("negations")
"""Words that negate what follows them."""
TURNING = table("turning_words")
"""Other words and phrases to how far they reach: ``next`` the words behind them, ``whole`` their clause."""


def _pattern(entry: str) -> str:
    # “no-confidence” and “no-fly” are names of things.
    return r"no(?!-)" if entry == "no" else re.escape(entry).replace(r"\ ", r"\s+")


NEGATION = (
    rf"(?:{'|'.join(map(_pattern, sorted({*NEGATORS, *TURNING}, key=len, reverse=True)))}|\w{{1,12}}n[’']t)"
)
"""Any of them, as a pattern that stands between word borders, in any case."""
_NEGATION = re.compile(rf"\b{NEGATION}\b", re.IGNORECASE)


def negations(text: str) -> list[re.Match[str]]:
    """Find what turns a statement round, in order."""
    return list(_NEGATION.finditer(text))
