"""Who said what in an article: direct and reported speech, its speaker, its day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onrecord.lazy import exports

if TYPE_CHECKING:
    from onrecord.speech.statements import statements

__all__ = ["statements"]

__getattr__, __dir__ = exports(__name__, {"statements": "statements"})
