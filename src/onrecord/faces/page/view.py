"""What the page's address says: a conversation, and what the search is narrowed to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from onrecord.types import NARROWING


@dataclass(frozen=True, slots=True)
class View:
    """What an address shows: a conversation and what the search is narrowed to.

    Attributes:
        conversation: Its id; empty for a new one.
        since: First day, as typed.
        until: Last day, as typed.
        outlet: Outlets to stay within.
        speaker: Speakers to stay with.
        article: Articles to stay within.
    """

    conversation: str = ""
    since: str = ""
    until: str = ""
    outlet: tuple[str, ...] = ()
    speaker: tuple[str, ...] = ()
    article: tuple[str, ...] = ()

    @classmethod
    def of(cls, search: str) -> View:
        """Read the query of an address, ``?c=…&since=…``; what is not known there is left alone."""
        given = parse_qs(search.lstrip("?"), max_num_fields=100, errors="replace")
        return cls(
            given.get("c", [""])[0][:128],
            given.get("since", [""])[0][:40],
            given.get("until", [""])[0][:40],
            *(tuple(given.get(name, ())) for name in ("outlet", "speaker", "article")),
        )

    @property
    def filters(self) -> dict[str, Any]:
        """What is narrowed to, as :meth:`onrecord.assistant.assistant.Assistant.ask` takes it."""
        return {name: getattr(self, name) for name in NARROWING if getattr(self, name)}
