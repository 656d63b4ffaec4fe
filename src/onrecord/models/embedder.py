"""Bulk embedding: passages and their sentences from one forward pass (late chunking).

A passage is encoded once, with its article's title and date in front as
context. The passage's vector is the model's own pooled output; each
sentence's vector is the mean of its tokens' vectors inside that same pass, so
that a sentence is embedded with its surroundings in view and costs nothing
extra (Günther et al. 2024, "Late Chunking", arXiv:2409.04701).

Runs in sentence-transformers on torch: bfloat16 where the processor computes
in it, else float32. Questions never come here: see :mod:`onrecord.models.question_encoder`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from onrecord.models.weights import Weights
from onrecord.text.terms import encodable

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

Vectors = npt.NDArray[np.float32]
_BATCH_TOKENS = 8192


@dataclass(frozen=True, slots=True)
class Unit:
    """One passage to embed.

    Attributes:
        context: Title and date, seen by the encoder but no part of any sentence.
        text: The passage's exact slice.
        bounds: Each sentence's start and end, in code points of ``text``.
    """

    context: str
    text: str
    bounds: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Embedded:
    """What came of some units.

    Attributes:
        passages: Unit vectors, shape [units, dimension], float32.
        sentences: Unit vectors of all sentences in order, shape [sum of bounds, dimension], float32.
    """

    passages: Vectors
    sentences: Vectors


class Embedder(Protocol):
    """What an index is built with."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the model's tokens in each text, without the special ones."""
        ...

    def embed(self, units: Sequence[Unit], *, advance: Callable[[int], None] | None = None) -> Embedded:
        """Embed passages and their sentences; ``advance`` hears of every batch's size."""
        ...


def has_bfloat16() -> bool:
    """Say whether this processor multiplies in bfloat16 (avx512_bf16 or amx_bf16)."""
    try:
        flags = Path("/proc/cpuinfo").read_text().split()
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


class TorchEmbedder:
    """An :class:`Embedder` on sentence-transformers and torch."""

    def __init__(self, model: SentenceTransformer, tokenizer: Any, *, dtype: torch.dtype) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._tokenizer.no_padding()  # the file asks for 128 tokens of padding
        self._dtype = dtype
        self._max_tokens = int(model.max_seq_length or 256)

    @classmethod
    def load(
        cls, weights: Weights, *, threads: int | None = None, bfloat16: bool | None = None
    ) -> TorchEmbedder:
        """Load checked weights.

        Args:
            weights: From :func:`onrecord.models.weights.find_weights`.
            threads: For torch; its own choice when None.
            bfloat16: Compute in bfloat16; by what the processor has when None.

        Returns:
            The embedder, on the first CUDA device where torch has one.
        """
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
        # Threads that spin while they wait cost a busy machine several times the work they do.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        import torch
        from sentence_transformers import SentenceTransformer
        from tokenizers import Tokenizer
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
        if threads:
            torch.set_num_threads(threads)
        model = SentenceTransformer(
            str(weights.path),
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
        model.eval()
        on_gpu = model.device.type == "cuda"
        wanted = (on_gpu or has_bfloat16()) if bfloat16 is None else bfloat16
        dtype = torch.bfloat16 if wanted else torch.float32
        return cls(model.to(dtype), Tokenizer.from_file(str(weights.path / "tokenizer.json")), dtype=dtype)

    @property
    def model(self) -> SentenceTransformer:
        """The loaded model."""
        return self._model

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._model.get_embedding_dimension() or 0)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the model's tokens in each text, without the special ones."""
        self._tokenizer.no_truncation()
        encodings = self._tokenizer.encode_batch_fast([encodable(t) for t in texts], add_special_tokens=False)
        return [len(encoding) for encoding in encodings]

    def embed(self, units: Sequence[Unit], *, advance: Callable[[int], None] | None = None) -> Embedded:
        """Embed passages and their sentences.

        Args:
            units: The passages.
            advance: Called with the number of units in each batch when it is done.

        Returns:
            Unit vectors in the order given.
        """
        first = np.cumsum([0, *(len(unit.bounds) for unit in units)])
        passages = np.zeros((len(units), self.dimension), np.float32)
        sentences = np.zeros((int(first[-1]), self.dimension), np.float32)
        for rows in self._batches(units):
            pooled, tokens, owners = self._forward([units[row] for row in rows])
            passages[rows] = pooled
            where = np.concatenate([np.arange(first[row], first[row + 1]) for row in rows])
            sentences[where] = _pool(
                tokens, owners, len(where), fallback=pooled, counts=first[1:][rows] - first[:-1][rows]
            )
            if advance:
                advance(len(rows))
        return Embedded(_unit(passages), _unit(sentences))

    def _batches(self, units: Sequence[Unit]) -> Iterator[list[int]]:
        """Longest first, so that a batch pads little and a lack of memory shows at once."""
        order = sorted(range(len(units)), key=lambda row: -len(units[row].text))
        size = max(1, _BATCH_TOKENS // self._max_tokens)
        for start in range(0, len(order), size):
            yield order[start : start + size]

    def _forward(self, units: Sequence[Unit]) -> tuple[Vectors, torch.Tensor, torch.Tensor]:
        """Encode one batch: pooled vectors, all token vectors, and the sentence that owns each token."""
        import torch

        self._tokenizer.enable_truncation(self._max_tokens)
        heads = [unit.context + "\n" if unit.context else "" for unit in units]
        encodings = self._tokenizer.encode_batch(
            [encodable(h + u.text) for h, u in zip(heads, units, strict=True)]
        )
        width = max(len(encoding) for encoding in encodings)
        ids = np.zeros((len(units), width), np.int64)
        mask = np.zeros((len(units), width), np.int64)
        owners = np.full((len(units), width), -1, np.int64)
        seen = 0
        for row, (unit, head, encoding) in enumerate(zip(units, heads, encodings, strict=True)):
            ids[row, : len(encoding)] = encoding.ids
            mask[row, : len(encoding)] = encoding.attention_mask
            owners[row, : len(encoding)] = _owners(encoding, unit, len(head), seen)
            seen += len(unit.bounds)
        features = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
        with torch.inference_mode():
            out = self._model({key: value.to(self._model.device) for key, value in features.items()})
        pooled = out["sentence_embedding"].float().cpu().numpy()
        return pooled, out["token_embeddings"].float().flatten(0, 1), torch.from_numpy(owners.ravel())


def _owners(encoding: Any, unit: Unit, head: int, seen: int) -> npt.NDArray[np.int64]:
    """Give each token the number of its sentence, or -1: special tokens and context belong to none."""
    offsets = np.asarray(encoding.offsets, np.int64).reshape(-1, 2)
    starts = np.asarray([start for start, _ in unit.bounds], np.int64)
    owner = np.searchsorted(starts, offsets[:, 0] - head, side="right") - 1
    special = offsets[:, 1] <= offsets[:, 0]
    return np.where(special | (owner < 0), -1, owner + seen)


def _pool(
    tokens: torch.Tensor,
    owners: torch.Tensor,
    total: int,
    *,
    fallback: Vectors,
    counts: npt.NDArray[np.int64],
) -> Vectors:
    """Mean of the token vectors of each sentence; a sentence past the model's length takes its passage's."""
    import torch

    kept = owners >= 0
    sums = torch.zeros((total, tokens.shape[1]), device=tokens.device)
    sums.index_add_(0, owners[kept].to(tokens.device), tokens[kept.to(tokens.device)])
    pooled: Vectors = sums.cpu().numpy()
    empty = np.bincount(owners[kept].numpy(), minlength=total) == 0
    pooled[empty] = np.repeat(fallback, counts, axis=0)[empty]
    return pooled


def _unit(vectors: Vectors) -> Vectors:
    """Scale every row to length 1 (a row of zeros stays)."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vectors = (vectors / np.maximum(norms, 1e-12)).astype(np.float32)
    return scaled
