"""The reader's network and its loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from onrecord.models.cross_encoder import batch, lay_out
from onrecord.models.weights import find_weights
from tools.training.reader.groups import Passage, gold_tokens

__all__ = ["Network", "loss"]

_LOW = -1e4


class Network(torch.nn.Module):
    """MiniLM with one logit a token; its word vectors stay as they are."""

    def __init__(self) -> None:
        super().__init__()
        from transformers import AutoModel

        # Without dropout in the attention, torch takes its fast path on a CPU.
        self.body = AutoModel.from_pretrained(
            str(find_weights().path), add_pooling_layer=False, attention_probs_dropout_prob=0.0
        )
        self.head = torch.nn.Linear(self.body.config.hidden_size, 1)
        torch.nn.init.normal_(self.head.weight, std=0.02)
        self.body.embeddings.requires_grad_(False)

    def forward(
        self, input_ids: torch.Tensor, token_type_ids: torch.Tensor, attention_mask: torch.Tensor
    ) -> torch.Tensor:
        """Give a logit for every token, shape [passages, tokens]."""
        found = self.body(input_ids=input_ids, token_type_ids=token_type_ids, attention_mask=attention_mask)
        logits: torch.Tensor = self.head(found.last_hidden_state)[..., 0]
        return logits


def loss(network: Network, tokenizer: Any, drawn: Sequence[tuple[str, Sequence[Passage]]]) -> torch.Tensor:
    """Give the loss of one batch.

    Args:
        network: What learns.
        tokenizer: Of the model.
        drawn: Questions, each with its passages.

    Returns:
        The marginal likelihood (Clark and Gardner 2018) of the answer's tokens, once within each
        passage, where ``[CLS]`` stands for no answer, and once within all passages of a question.
    """
    pairs = [(question, passage) for question, passages in drawn for passage in passages]
    laid = [lay_out(tokenizer, question, passage.page) for question, passage in pairs]
    inputs = {name: torch.from_numpy(array) for name, array in batch(laid).items()}
    logits = network(**inputs)
    body, gold = (np.zeros(tuple(logits.shape), np.bool_) for _ in range(2))
    for row, (one, (_, passage)) in enumerate(zip(laid, pairs, strict=True)):
        held = slice(one.lead, one.lead + len(one.starts))
        body[row, held] = True
        gold[row, held] = gold_tokens(one, passage)

    def sums(mask: np.ndarray) -> torch.Tensor:
        return torch.logsumexp(logits.masked_fill(~torch.from_numpy(mask), _LOW), 1)

    every, right, none = sums(body), sums(gold), logits[:, 0]
    answers = torch.from_numpy(gold.any(axis=1))
    within = torch.logaddexp(every, none) - torch.where(answers, right, none)
    owner = torch.tensor([at for at, (_, passages) in enumerate(drawn) for _ in passages])
    among = [
        torch.logsumexp(every[owner == at], 0) - torch.logsumexp(right[(owner == at) & answers], 0)
        for at, (_, passages) in enumerate(drawn)
        if len(passages) > 1 and answers[owner == at].any()
    ]
    return within.mean() + (torch.stack(among).sum() / len(drawn) if among else 0.0)
