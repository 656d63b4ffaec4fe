"""The surface of a text: folding, words, sentences, marks, negation.

Everything here looks at characters and words alone: it knows no article, no speaker and no index. Lists of
words are data and lie in a folder for each language (`en/`): that is the door for the next one. Slices are
counted in code points of the text that was given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from onrecord.lazy import exports

if TYPE_CHECKING:
    from onrecord.text.clipping import clips
    from onrecord.text.folding import fold
    from onrecord.text.sentences import split_sentences
    from onrecord.text.terms import tokenize

__all__ = ["clips", "fold", "split_sentences", "tokenize"]

__getattr__, __dir__ = exports(
    __name__, {"clips": "clipping", "fold": "folding", "split_sentences": "sentences", "tokenize": "terms"}
)
