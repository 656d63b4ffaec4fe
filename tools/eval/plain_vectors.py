"""The plain system's vectors: the same weights as onrecord's, made once and kept in the work folder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from onrecord.evaluation.questions import Document
from onrecord.models.embedder import Embedded, TorchEmbedder, Unit
from onrecord.models.weights import find_weights
from tools.eval.plain_text import PlainPassage

__all__ = ["load_embedder", "passage_vectors", "question_vectors"]

_SLICE = 2_000


def load_embedder() -> TorchEmbedder:
    """Load the default model as it is used for bulk work."""
    return TorchEmbedder.load(find_weights())


def passage_vectors(
    passages: Sequence[PlainPassage],
    documents: Mapping[str, Document],
    folder: Path,
    *,
    embedder: Callable[[], TorchEmbedder],
    progress: Callable[[int, int], None] | None = None,
) -> Embedded:
    """Embed passages and their sentences, or take them from an earlier run with the same text."""
    units = [_unit(passage, documents[passage.document].text) for passage in passages]
    folder.mkdir(parents=True, exist_ok=True)
    parts = []
    for start in range(0, len(units), _SLICE):
        part = units[start : start + _SLICE]
        parts.append(_part(part, folder, embedder))
        if progress:
            progress(start + len(part), len(units))
    return Embedded(
        np.concatenate([part.passages for part in parts]), np.concatenate([part.sentences for part in parts])
    )


def _part(units: Sequence[Unit], folder: Path, embedder: Callable[[], TorchEmbedder]) -> Embedded:
    path = folder / f"{_fingerprint(units)}.npz"
    if path.exists():
        with np.load(path) as kept:
            return Embedded(kept["passages"].astype(np.float32), kept["sentences"].astype(np.float32))
    made = embedder().embed(units)
    staged = path.with_suffix(".part.npz")
    np.savez(staged, passages=made.passages.astype(np.float16), sentences=made.sentences.astype(np.float16))
    staged.replace(path)
    return made


def _fingerprint(units: Sequence[Unit]) -> str:
    digest = hashlib.blake2b(find_weights().fingerprint.encode(), digest_size=12)
    for unit in units:
        digest.update(f"{unit.context}\0{unit.text}\0{unit.bounds}\0".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _unit(passage: PlainPassage, text: str) -> Unit:
    bounds = [(start - passage.start, end - passage.start) for start, end in passage.sentences]
    return Unit("", text[passage.start : passage.end], bounds)


def question_vectors(questions: Sequence[str], *, embedder: TorchEmbedder) -> np.ndarray:
    """Embed questions, shape [questions, dimension]."""
    return embedder.embed([Unit("", question, [(0, len(question))]) for question in questions]).passages
