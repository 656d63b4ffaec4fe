"""Tokens: the words, marks and masked quotations of a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from onrecord.text.lexicon import ADVERBS, CALENDAR, FUNCTION

QUOTED = "\ue000"
"""Stands for every code point of a quotation in a masked text."""

_TOKEN = re.compile(
    rf"{QUOTED}++|(?:[^\W\d_]\.)+(?![^\W\d_])|(?:Mrs?|Ms|Dr|Sen|Rep|Gov|Gen|Lt|Col|Capt|Prof|Rev|Sens|Reps|Amb|Adm|"
    r"St|Jr|Sr|Jan|Feb|Aug|Sept|Oct|Nov|Dec)\.|[^\W_]++(?:[’'.&\-][^\W_]++)*+(?:[’'](?=\s))?|\S"
)
_OWNERS = ("’s", "'s", "s’", "s'")
_CONTRACTED = re.compile(r"(?:i|he|she|it|we|you|they|that|there|here|what|who|let)[’']")


class Token(NamedTuple):
    """A word, a mark, or a whole quotation of a masked text.

    Attributes:
        text: As printed.
        low: In lower case.
        start: First code point.
        end: Past the last code point.
    """

    text: str
    low: str
    start: int
    end: int

    @property
    def quoted(self) -> bool:
        """Whether it stands for a quotation."""
        return self.text[0] == QUOTED

    @property
    def capital(self) -> bool:
        """Whether it may be a word of a name."""
        if not (self.text[0].isupper() or self.low.startswith(("then-", "ex-"))):
            return False
        return not (self.low in FUNCTION or self.low in CALENDAR or _CONTRACTED.match(self.low))

    @property
    def owner(self) -> bool:
        """Whether it is a possessive."""
        return self.text.endswith(_OWNERS)


def tokenise(text: str, start: int, end: int) -> list[Token]:
    """Split a slice of a masked text into tokens."""
    found = _TOKEN.finditer(text, start, end)
    return [Token(word := match.group(), word.lower(), match.start(), match.end()) for match in found]


def low_at(tokens: Sequence[Token], index: int) -> str:
    """Give a token in lower case, empty outside the sentence."""
    return tokens[index].low if 0 <= index < len(tokens) else ""


def quoted_at(tokens: Sequence[Token], index: int) -> bool:
    """Tell whether a quotation stands at a place."""
    return 0 <= index < len(tokens) and tokens[index].quoted


def adverb(token: Token) -> bool:
    """Tell whether a token may stand between a subject and its verb."""
    return token.low in ADVERBS or (token.low.endswith("ly") and token.text.islower())
