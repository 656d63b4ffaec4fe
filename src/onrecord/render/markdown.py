"""Markdown: answers and whole conversations, to be pasted elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable

from onrecord.assistant.conversation import Conversation
from onrecord.render.pieces import Piece, Style, answer_pieces
from onrecord.text.direction import marked
from onrecord.types import Answer
from onrecord.wording.answer_text import searched_line
from onrecord.wording.dates import count, written_date

_PUNCTUATION = re.compile(r"[\\`*_\[\]<>&#|~!]")
_BACKTICKS = re.compile(r"`+")


def answer_markdown(answer: Answer) -> str:
    """Write an answer in Markdown.

    Quotations stand in fenced blocks, the one construct of Markdown in which
    every character means itself; the fence is longer than any run of
    backticks inside.

    Args:
        answer: What :meth:`onrecord.assistant.assistant.Assistant.ask` gave.

    Returns:
        Markdown text.
    """
    return markdown(answer_pieces(answer))


def markdown(pieces: Iterable[Piece]) -> str:
    """Join pieces into Markdown; a quotation becomes a fenced block."""
    return "".join(map(_markdown_piece, pieces))


def _markdown_piece(piece: Piece) -> str:
    if piece.style is Style.QUOTE:
        longest = max((len(run) for run in _BACKTICKS.findall(piece.text)), default=0)
        fence = "`" * max(3, longest + 1)
        return f"\n{fence}text\n{piece.text}\n{fence}\n"
    escaped = _PUNCTUATION.sub(r"\\\g<0>", piece.text)
    if piece.style is not Style.STRONG:
        return escaped
    return f"**{escaped.strip()}**\n\n" if escaped.strip() else escaped


def conversation_markdown(conversation: Conversation) -> str:
    """Write all of a conversation: title, date, what was searched, then every question and answer.

    Args:
        conversation: Any.

    Returns:
        Markdown text, in which each quotation stands in its file now; empty before the first answer.
    """
    heading, turns = (
        conversation.memory.heading(conversation.id, owner=conversation.owner),
        conversation.recalled,
    )
    if heading is None or not turns:
        return ""
    widest = max((turn.answer.searched for turn in turns), key=lambda searched: searched.articles)
    when = written_date(heading.created.date().isoformat(), inferred=False)
    held = f"{when}, {count(heading.turns, 'question')}. {_escaped(searched_line(widest))}"
    head = f"# {_escaped(heading.title)}\n\n{held}\n"
    return "\n---\n\n".join((head, *(answer_markdown(turn.answer) for turn in turns)))


def _escaped(text: str) -> str:
    return _PUNCTUATION.sub(r"\\\g<0>", marked(text))
