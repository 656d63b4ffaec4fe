"""Spokespeople: whose words a question asks for that names somebody else, as ``Blinken’s spokesman``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from onrecord.text.lexicon import CALENDAR, ORGANISATIONS, PLACES
from onrecord.text.terms import STOP, is_country, tokenize

_SPOKES = re.compile(r"\bspokes(?:man|woman|person|men|women|people)\b", re.IGNORECASE)
_NAME = r"[A-Z][\w.’'-]*?(?:\s+[A-Z][\w.’'-]*?){0,3}"
_ROLE = (
    r"(?:[a-z-]+\s+){0,2}(?:spokes(?:man|woman|person|men|women|people)|press secretary|chief of staff|"
    r"lawyers?|attorneys?|aides?|advis[eo]rs?|strategists?|representatives?|envoys?|campaign|office|team|deput(?:y|ies)|"
    r"brothers?|sisters?|wife|husband|father|mother|sons?|daughters?|allies|ally)"
)
_ASKED = (
    r"(?:[Dd]id|[Dd]oes|[Dd]o|[Hh]as|[Hh]ave|had|would|[Aa]ccording to|by|from|of|[Ee]verything|that)\s+"
    r"(?:the\s+)?"
)
_VERB = r"(?:\s+(?:\w+ly|ever|never|also|once|then|again))?(?:\s+(?P<verb>\w+))?"
_PATTERNS = (
    re.compile(rf"\b{_ASKED}(?P<whose>{_NAME})(?:['’]s|(?<=s)['’])\s+(?P<role>{_ROLE})\b{_VERB}"),
    re.compile(
        rf"\b{_ASKED}(?:an?\s+)?(?P<role>{_ROLE})\s+(?:for|of|to)\s+"
        rf"(?P<whose>[A-Z][\w.’'-]*(?:\s+[A-Z][\w.’'-]*){{0,3}}){_VERB}"
    ),
)


@dataclass(frozen=True, slots=True)
class Proxy:
    """Somebody who is asked for by whom they speak for or belong to.

    Attributes:
        words: As asked: ``Blinken’s spokesman``.
        whose: ``Blinken``.
        role: ``spokesman``.
    """

    words: str
    whose: str
    role: str

    def described_by(self, text: str) -> bool:
        """Say whether a description or a printed role is theirs: ``spokeswoman for Blinken``."""
        return frozenset(_stems(f"{self.whose.split()[-1]} {self.role}")) <= frozenset(_stems(text))

    @property
    def stems(self) -> tuple[str, ...]:
        """What an article holds that speaks of them: the stems of the name and of the role as asked."""
        return tuple(token.stem for token in tokenize(f"{self.whose.split()[-1]} {self.role}"))


def asked_proxy(question: str, *, saying: str) -> Proxy | None:
    """Read whom a question asks for by somebody else's name.

    Gives who; None where nobody is asked for so, or for a country's or a body's, which have names of their
    own.
    """
    for pattern in _PATTERNS:
        for found in pattern.finditer(question):
            by = re.match(r"(?i:according|by|from|of)\b", found[0])
            if _is_person(found["whose"]) and (by or re.fullmatch(saying, found["verb"] or "")):
                words = question[min(found.start("whose"), found.start("role")) :]
                end = max(found.end("whose"), found.end("role")) - (len(question) - len(words))
                return Proxy(words[:end], found["whose"], found["role"])
    return None


def _is_person(name: str) -> bool:
    words = {word.lower().strip(".") for word in name.split()}
    if words & (PLACES | ORGANISATIONS | CALENDAR):
        return False
    return not any(is_country(token.stem) for token in tokenize(name))


def _stems(text: str) -> Iterator[str]:
    """Give content stems; whoever speaks for somebody is a spokesman."""
    told = _SPOKES.sub("spokesman", text)
    return (token.stem for token in tokenize(told) if not token.flags & STOP)
