"""Why there is no answer, and what is said of it."""

from __future__ import annotations

from enum import StrEnum

from onrecord.question.query import Query
from onrecord.types import Searched
from onrecord.wording.answer_text import NO_PASSAGE

DOUBT = "This corpus does not bear out what the question takes for granted. Nearest to it:"


def nearest_to_it(query: Query) -> str:
    """Say of an answer to "Did she ever say …?" that it affirms nothing; empty for other questions."""
    return f"Nearest to it, of what {query.person} is on record with:" if query.ever else ""


class Standing(StrEnum):
    """How somebody whose words are asked for stands in a corpus."""

    ABSENT = "absent"
    NAMED = "named"
    """The articles name them, but carry no words of theirs."""
    QUOTED = "quoted"
    UNQUOTED = "unquoted"
    """They are asked for by whom they speak for, and no article quotes anybody as that."""


def refusal_reason(query: Query, searched: Searched, *, standing: Standing | None) -> str:
    """Say why there is no answer."""
    if not searched.passages:
        return "No article is within these filters."
    if standing is Standing.ABSENT:
        return f"{query.person} does not appear in any article."
    if standing is Standing.NAMED:
        return f"The articles name {query.person}, but carry no words of theirs."
    if standing is Standing.UNQUOTED:
        return f"No article quotes anybody as {query.person}."
    told = []
    if standing is Standing.QUOTED:
        told.append(f"{query.person} is on record here, but with nothing that answers this.")
    if searched.missing:
        told.append(f"No article mentions {', '.join(searched.missing)}.")
    return " ".join(told) or NO_PASSAGE
