"""Articles from disk: files, formats, what is known of each, and what is skipped and why.

A new format is one more reader in `formats`. What is read is never changed: offsets count in its text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from onrecord.lazy import exports

if TYPE_CHECKING:
    from onrecord.corpus.folder import Corpus, read_corpus

__all__ = ["Corpus", "read_corpus"]

__getattr__, __dir__ = exports(__name__, {"Corpus": "folder", "read_corpus": "folder"})
