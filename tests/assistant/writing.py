"""Answers made by hand, and a process that keeps many of them until it is killed."""

from __future__ import annotations

from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from onrecord.assistant.memory import Memory
from onrecord.types import Answer, Claim, Mode, Quote, Searched

__all__ = ["LONG", "answer_to", "write"]

LONG = "word " * 3_000


def quote_of(text: str) -> Quote:
    return Quote("a.txt", "a.txt", "A title", 7, 7 + len(text), text, "0" * 64, mode=Mode.DIRECT, speaker="X")


def answer_to(question: str, *texts: str) -> Answer:
    quotes = tuple(quote_of(text) for text in texts or ("We will sign it",))
    return Answer(
        id="a1", question=question, standalone=question, text="text", quotes=quotes, ranked=(),
        confidence=0.5, reason="", nearest=(), searched=Searched(2, 14),
        claims=(Claim("He will sign", (1,)),),
        dropped={"cites no sentence": 2}, notice="One claim left out.", timings={"read": 1.25},
    )  # fmt: skip


def write(path: Path, turns: int, ready: Connection) -> None:
    """Keep so many turns of one conversation, once it was said that the file is open."""
    memory = Memory.open(path)
    ready.send("ready")
    for number in range(turns):
        memory.append("c", answer_to(f"q{number}", LONG), at=datetime.now(UTC))
