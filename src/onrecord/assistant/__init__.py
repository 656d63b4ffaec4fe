"""The only door to ask through: questions, conversations, what is kept of them, who is on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onrecord.lazy import exports

if TYPE_CHECKING:
    from onrecord.assistant.assistant import Assistant
    from onrecord.assistant.conversation import Conversation
    from onrecord.assistant.memory import Memory

__all__ = ["Assistant", "Conversation", "Memory"]

__getattr__, __dir__ = exports(
    __name__, {"Assistant": "assistant", "Conversation": "conversation", "Memory": "memory"}
)
