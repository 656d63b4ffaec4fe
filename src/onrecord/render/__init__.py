"""Answers written out: as pieces of text, Markdown, JSON, citations and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onrecord.lazy import exports

if TYPE_CHECKING:
    from onrecord.render.json import answer_dict
    from onrecord.render.markdown import answer_markdown, conversation_markdown
    from onrecord.render.pieces import answer_pieces

__all__ = ["answer_dict", "answer_markdown", "answer_pieces", "conversation_markdown"]

__getattr__, __dir__ = exports(
    __name__,
    {
        "answer_dict": "json",
        "answer_markdown": "markdown",
        "answer_pieces": "pieces",
        "conversation_markdown": "markdown",
    },
)
