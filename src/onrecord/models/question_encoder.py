"""Encoding one question: onnxruntime on an export of the index's own model.

The export is made once, when an index is built, and checked against the
original there. It keeps torch out of every process that only asks.
"""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from onrecord.errors import ModelError
from onrecord.text.terms import encodable

if TYPE_CHECKING:
    from onrecord.models.embedder import TorchEmbedder
    from onrecord.models.weights import Weights

_ONNX = "question.onnx"
_TOKENIZER = "tokenizer.json"
_AGREEMENT = 0.9999
_PROBES = (
    "Who said it?",
    "What did the foreign minister say about sanctions on 28 June 2023?",
    "Why, according to the spokesperson, were the talks that had been announced in March broken off, "
    "and what would have to happen before either side would come back to the table?",
)


class QuestionEncoder:
    """Turns a question into a vector, in milliseconds and without torch."""

    def __init__(self, session: Any, tokenizer: Any) -> None:
        self._session = session
        self._tokenizer = tokenizer

    @classmethod
    def open(cls, folder: Path, *, threads: int = 1) -> QuestionEncoder:
        """Open an export.

        Args:
            folder: Holds the two files that :func:`export_question_encoder` wrote.
            threads: For onnxruntime; a question is too short to gain from a second.

        Returns:
            The encoder.

        Raises:
            ModelError: If onnxruntime or the tokenizer cannot read the files.
        """
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(
                str(folder / _ONNX), options, providers=["CPUExecutionProvider"]
            )
            tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER))
        except Exception as error:  # both libraries raise bare Exception subclasses of their own
            raise ModelError(
                f"The question encoder in {folder} cannot be read ({type(error).__name__}).",
                remedy="Rebuild the index: onrecord index --rebuild.",
            ) from error
        tokenizer.no_padding()
        tokenizer.enable_truncation(256)
        return cls(session, tokenizer)

    def encode(self, question: str) -> npt.NDArray[np.float32]:
        """Encode one question.

        Args:
            question: Any text; past 256 tokens it is cut.

        Returns:
            A unit vector, shape [dimension], float32.
        """
        vector: npt.NDArray[np.float32] = self.encode_all([question])[0]
        return vector

    def encode_all(self, questions: Sequence[str]) -> npt.NDArray[np.float32]:
        """Encode several questions in one pass.

        Args:
            questions: Any texts, at least one; past 256 tokens each is cut.

        Returns:
            Unit vectors, shape [questions, dimension], float32.
        """
        read = [self._tokenizer.encode(encodable(question)).ids for question in questions]
        ids = np.zeros((len(read), max(map(len, read))), np.int64)
        mask = np.zeros_like(ids)
        for row, one in enumerate(read):
            ids[row, : len(one)], mask[row, : len(one)] = one, 1
        (vectors,) = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        unit: npt.NDArray[np.float32] = vectors / lengths
        return unit


def export_question_encoder(weights: Weights, folder: Path, *, agreement: float = _AGREEMENT) -> None:
    """Write the float32 model as ONNX, and prove that it agrees with the original.

    Args:
        weights: The checked model.
        folder: Is made; receives the graph and the tokenizer.
        agreement: The least cosine of a probe's two vectors.

    Raises:
        ModelError: If the two vectors of a probe differ by more.
    """
    from onrecord.models.embedder import TorchEmbedder

    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(weights.path / _TOKENIZER, folder / _TOKENIZER)
    original = TorchEmbedder.load(weights, bfloat16=False)
    _export(original, folder / _ONNX)
    exported = QuestionEncoder.open(folder)
    for probe in _PROBES:
        expected = original.model.encode(probe, normalize_embeddings=True, show_progress_bar=False)
        cosine = float(exported.encode(probe) @ np.asarray(expected, np.float32))
        if cosine < agreement:
            raise ModelError(
                f"The exported question encoder disagrees with {weights.name}: cosine {cosine:.5f}.",
                remedy="Choose another model, or report this with the versions of torch and onnxruntime.",
            )


def _export(embedder: TorchEmbedder, target: Path) -> None:
    import torch

    class Pooled(torch.nn.Module):
        def __init__(self, model: torch.nn.Module) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            vectors: torch.Tensor = self.model({"input_ids": input_ids, "attention_mask": attention_mask})[
                "sentence_embedding"
            ]
            return vectors

    probe = torch.ones((1, 8), dtype=torch.long)
    axes = {"input_ids": {0: "batch", 1: "tokens"}, "attention_mask": {0: "batch", 1: "tokens"}}
    with warnings.catch_warnings(), torch.inference_mode():
        # The tracing exporter announces its successor, which needs one more large package.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Pooled(embedder.model.cpu()),
            (probe, probe),
            str(target),
            input_names=list(axes),
            output_names=["vectors"],
            dynamic_axes={**axes, "vectors": {0: "batch"}},
            opset_version=17,
            dynamo=False,
        )
