"""Another cross-encoder in the reader's place, by folder or by its name on the hub.

It scores a question with one sentence at a time, the sentence before it as
context, and needs torch at question time. Its logits have a scale of their
own, so that each question's are brought to one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from onrecord.errors import ModelError
from onrecord.models.cross_encoder import Reading, ReadPassage
from onrecord.models.weights import find_weights

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

_BATCH = 32
_TOKENS = 512
_SPREAD = 3.0
"""A question's logits are brought to this standard deviation, a choice that nothing was measured for."""


class HubCrossEncoder:
    """A sentence-transformers cross-encoder, used as :class:`onrecord.models.cross_encoder.CrossEncoder` is.

    Args:
        model: Gives one logit a pair.
    """

    def __init__(self, model: CrossEncoder) -> None:
        self._model = model

    @classmethod
    def open(cls, name: str) -> HubCrossEncoder:
        """Load a cross-encoder.

        Args:
            name: A folder or a name on the hub.

        Returns:
            The reader.

        Raises:
            ModelError: If it is missing, would run code of its own, or gives no single logit.
        """
        weights = find_weights(name)
        from sentence_transformers import CrossEncoder

        try:
            model = CrossEncoder(
                str(weights.path), local_files_only=True, trust_remote_code=False, max_length=_TOKENS
            )
        except Exception as error:  # transformers raises whatever a broken folder leads to
            raise ModelError(
                f"{name} cannot be loaded as a cross-encoder ({type(error).__name__}).",
                remedy="Name another in ONRECORD_READER, or none.",
            ) from error
        if model.num_labels != 1:
            raise ModelError(
                f"{name} gives {model.num_labels} scores a pair, and one is wanted.",
                remedy="Choose a cross-encoder for ranking in ONRECORD_READER, or none.",
            )
        return cls(model)

    def read(self, question: str, pages: Sequence[ReadPassage]) -> tuple[Reading, ...]:
        """Read passages.

        Args:
            question: As searched.
            pages: The passages.

        Returns:
            One reading a passage; 0 is what the question's sentences have on average.
        """
        from torch.nn import Identity

        pairs = [(question, text) for page in pages for text in _in_context(page)]
        if not pairs:
            return ()
        logits: Any = self._model.predict(
            pairs, batch_size=_BATCH, activation_fn=Identity(), show_progress_bar=False
        )
        scores = np.asarray(logits, np.float32).reshape(len(pairs))
        scores = _SPREAD * (scores - scores.mean()) / max(float(scores.std()), 1e-6)
        cuts = np.cumsum([len(page.starts) for page in pages])[:-1]
        return tuple(Reading(part.astype(np.float32), 0.0) for part in np.split(scores, cuts))


def _in_context(page: ReadPassage) -> list[str]:
    """Give each sentence behind its title and the sentence before it."""
    texts = [page.text[a:b] for a, b in zip(page.starts.tolist(), page.ends.tolist(), strict=True)]
    return [
        " ".join(filter(None, (page.title, before, text)))
        for before, text in zip(["", *texts], texts, strict=False)
    ]
