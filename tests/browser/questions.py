"""What the tests of the page ask, and what stands in the files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.shared import ROOT

__all__ = ["BOTH", "FIRST", "QUESTION", "SECOND", "UNKNOWN", "slice_of"]

QUESTION = "What did Blinken say about a new Iran deal?"
BOTH = "What did Blinken say about an agreement with Iran?"
"""Answered from both articles, so from more than one date."""
UNKNOWN = "What did Blinken say about Taiwan?"
FIRST = "000_958ad2b006b0f065.txt"
SECOND = "003_4bf6cde60e83d0fa.txt"


def slice_of(node: Any, corpus: Path = ROOT / "corpus") -> str:
    """Read from the file on disk what an element with a place in an article has to show."""
    article, start, end = (node.get_attribute(f"data-{name}") for name in ("article", "start", "end"))
    text = (corpus / article).read_bytes().decode("utf-8")
    return text[int(start) : int(end)]
