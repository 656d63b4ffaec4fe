"""The reader: a small cross-encoder that reads a question and a passage together.

It gives every token of the passage a logit for standing in the answer, and the
passage one for holding none. A sentence's score is the log-sum-exp of its
tokens' logits against the latter. The weights are all-MiniLM-L6-v2, fine-tuned
by ``python -m tools.training reader``, as an 8-bit ONNX graph in `data/`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from onrecord.errors import ModelError
from onrecord.models.weights import packaged_file
from onrecord.text.terms import STOP, encodable, placed_terms

_GRAPH = "models/data/reader.onnx"
_SHA256 = "55c349971558efd2363199fad324d1ce151c285389ca882ccb6f7755970d7c5c"
_CLS, _SEP = 101, 102
_MOST_ASKED, _MOST_TITLE, _MOST = 40, 20, 210
"""Tokens of the question, of the title, and of all, as in training."""
_UNSEEN = -20.0
"""Logit of a sentence past the last token that was read."""


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A passage to read.

    Attributes:
        title: Of its article.
        text: Of the passage.
        starts: Where its sentences start in the text, ascending, shape [s].
        ends: Where they end, shape [s].
    """

    title: str
    text: str
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader made of a passage.

    Attributes:
        scores: Of its sentences: log-odds of holding the answer against the passage holding none, shape [s].
        none: Logit of the passage holding none.
        words: Share of the passage's probability that falls on each of its words, by
            :func:`onrecord.text.terms.term_number`, without function words; they sum to at most 1.
    """

    scores: npt.NDArray[np.float32]
    none: float
    words: Mapping[int, float] = field(default_factory=dict)


class CrossEncoder:
    """Reads passages, all of one question in one batch; safe for use by many threads."""

    def __init__(self, session: Any, tokenizer: Any) -> None:
        self._session = session
        self._tokenizer = tokenizer

    @classmethod
    def shipped(cls) -> CrossEncoder:
        """Give the reader that comes with the package; it is opened once.

        Returns:
            The reader.

        Raises:
            ModelError: If its file is damaged.
        """
        return _shipped()

    def read(self, question: str, pages: Sequence[ReadPassage]) -> tuple[Reading, ...]:
        """Read passages.

        Args:
            question: As searched.
            pages: The passages; long ones are cut after so many tokens.

        Returns:
            One reading a passage.
        """
        if not pages:
            return ()
        laid = [lay_out(self._tokenizer, question, page) for page in pages]
        (logits,) = self._session.run(None, batch(laid))
        return tuple(_reading(row, one, page) for row, one, page in zip(logits, laid, pages, strict=True))


@dataclass(frozen=True, slots=True)
class Laid:
    """A question and a passage as the model takes them.

    Attributes:
        ids: ``[CLS] question [SEP] title [SEP] passage [SEP]``.
        asked: How many of them are the question's, with the marks about it.
        lead: How many stand before the passage.
        starts: Where the passage's tokens start in its text, shape [tokens].
        ends: Where they end, shape [tokens].
    """

    ids: Sequence[int]
    asked: int
    lead: int
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]


def lay_out(tokenizer: Any, question: str, page: ReadPassage) -> Laid:
    """Turn a question and a passage into tokens.

    Args:
        tokenizer: Of the model, from the library tokenizers.
        question: As searched.
        page: The passage.

    Returns:
        The tokens, cut to what the model was trained on.
    """

    def ids(text: str, most: int) -> list[int]:
        found: list[int] = tokenizer.encode(encodable(text), add_special_tokens=False).ids[:most]
        return found

    asked, title = ids(question, _MOST_ASKED), ids(page.title, _MOST_TITLE)
    body = tokenizer.encode(encodable(page.text), add_special_tokens=False)
    lead = len(asked) + len(title) + 3
    most = _MOST - lead - 1
    offsets = np.array(body.offsets[:most], np.int64).reshape(-1, 2)
    laid = [_CLS, *asked, _SEP, *title, _SEP, *body.ids[:most], _SEP]
    return Laid(laid, len(asked) + 2, lead, offsets[:, 0], offsets[:, 1])


def batch(laid: Sequence[Laid]) -> dict[str, npt.NDArray[np.int64]]:
    """Put passages into one batch, padded to the longest.

    Args:
        laid: At least one.

    Returns:
        The model's three inputs, each of shape [passages, tokens].
    """
    shape = (len(laid), max(len(one.ids) for one in laid))
    ids, types, mask = (np.zeros(shape, np.int64) for _ in range(3))
    for row, one in enumerate(laid):
        ids[row, : len(one.ids)] = one.ids
        types[row, one.asked : len(one.ids)] = 1
        mask[row, : len(one.ids)] = 1
    return {"input_ids": ids, "token_type_ids": types, "attention_mask": mask}


def sentences_of(laid: Laid, page: ReadPassage) -> npt.NDArray[np.int64]:
    """Say which sentence each of a passage's tokens stands in; -1 between sentences, shape [tokens]."""
    sentence = np.searchsorted(page.starts, laid.starts, side="right") - 1
    inside = (sentence >= 0) & (laid.starts < page.ends[np.maximum(sentence, 0)])
    return np.where(inside, sentence, -1)


def _reading(row: npt.NDArray[np.float32], laid: Laid, page: ReadPassage) -> Reading:
    """Sum the tokens' logits up by sentence, and their probabilities by word."""
    none = float(row[0])
    tokens = row[laid.lead : laid.lead + len(laid.starts)].astype(np.float64)
    sentence = sentences_of(laid, page)
    inside = sentence >= 0
    most = tokens.max(initial=none)
    sums = np.bincount(sentence[inside], weights=np.exp(tokens[inside] - most), minlength=len(page.starts))
    with np.errstate(divide="ignore"):
        scores = np.log(sums) + most - none
    likely = np.exp(tokens - most)
    shares = likely / (likely.sum() + np.exp(none - most))
    return Reading(np.maximum(scores, _UNSEEN).astype(np.float32), none, _by_word(shares, laid, page))


def _by_word(shares: npt.NDArray[np.float64], laid: Laid, page: ReadPassage) -> dict[int, float]:
    """Give each word of a passage what its tokens have; one that stands there twice gets both."""
    starts, numbers, flags = placed_terms(page.text)
    at = np.searchsorted(starts, laid.starts, side="right") - 1
    held = np.bincount(at[at >= 0], weights=shares[at >= 0], minlength=len(starts))
    found: dict[int, float] = {}
    for number, share, flag in zip(numbers, held.tolist(), flags.tolist(), strict=True):
        if not flag & STOP:
            found[number] = found.get(number, 0.0) + share
    return found


@lru_cache(maxsize=1)
def _shipped() -> CrossEncoder:
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # Threads that spin while they wait cost a busy machine several times the work they do.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    graph = files("onrecord").joinpath(_GRAPH).read_bytes()
    found = hashlib.sha256(graph).hexdigest()
    if found != _SHA256:
        raise ModelError(
            f"{_GRAPH} is damaged: expected sha256 {_SHA256}, found {found}.",
            remedy="Reinstall onrecord, or set ONRECORD_READER=none to answer without the reader.",
        )
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(packaged_file("tokenizer.json")))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return CrossEncoder(session, tokenizer)
