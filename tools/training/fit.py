"""Fitting: a sentence scorer by a listwise loss, a confidence by a logistic one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression

from tools.training.examples import Example

__all__ = ["exported", "fit_confidence", "fit_sentences"]

Array = npt.NDArray[Any]
_LEAST_SPREAD = 0.1
_NEAR = 0.3
_HOLD = 0.005


class _Network(torch.nn.Module):
    """The same shape as the reader's: a linear part and one hidden layer."""

    def __init__(self, columns: int, hidden: int, mean: Array, spread: Array) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(columns, 1)
        self.hidden = torch.nn.Linear(columns, hidden)
        self.out = torch.nn.Linear(hidden, 1)
        self.mean, self.spread = torch.from_numpy(mean), torch.from_numpy(spread)
        with torch.no_grad():
            self.out.weight.mul_(0.1)

    def forward(self, matrix: torch.Tensor) -> torch.Tensor:
        scaled = (matrix - self.mean) / self.spread
        return (self.linear(scaled) + self.out(torch.relu(self.hidden(scaled))))[:, 0]


def _network(matrix: Array, hidden: int) -> _Network:
    # A column that hardly varies here must not explode where it does.
    return _Network(matrix.shape[1], hidden, matrix.mean(0), np.maximum(matrix.std(0), _LEAST_SPREAD))


def fit_sentences(
    groups: Sequence[tuple[Sequence[Example], float]], *, seed: int, hidden: int = 24, epochs: int = 8
) -> _Network:
    """Learn to put a gold sentence first.

    Args:
        groups: Examples of one set and the weight of each.
        seed: Of the start and the order.
        hidden: Units of the hidden layer.
        epochs: Passes over all examples.

    Returns:
        The network; the loss is the softmax cross-entropy of the gold sentences among the
        candidates (ListNet's top-one loss, Cao et al. 2007), plus a share for the gold articles'.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    items = [(example, weight) for examples, weight in groups for example in examples]
    network = _network(np.concatenate([example.matrix for example, _ in items]), hidden)
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=1e-4)
    for epoch in range(epochs):
        for group in optimizer.param_groups:
            group["lr"] = 3e-3 * (1 - epoch / epochs)
        order = rng.permutation(len(items))
        for start in range(0, len(order), 32):
            loss = _loss(network, [items[at] for at in order[start : start + 32]])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return network


def _loss(network: _Network, items: Sequence[tuple[Example, float]]) -> torch.Tensor:
    scores = network(torch.from_numpy(np.concatenate([example.matrix for example, _ in items])))
    total = torch.zeros(())
    for (example, weight), mine in zip(items, scores.split([len(e.matrix) for e, _ in items]), strict=True):
        gold = torch.from_numpy(example.gold)
        near = torch.from_numpy(example.near) | gold
        every = torch.logsumexp(mine, 0)
        missed = every - torch.logsumexp(mine[gold], 0)
        total = total + weight * (missed + _NEAR * (every - torch.logsumexp(mine[near], 0)))
    return total / len(items)


def fit_confidence(
    matrix: Array, answerable: Array, weights: Array, *, seed: int, hidden: int = 24, epochs: int = 30
) -> dict[str, Array]:
    """Learn whether a question is answered: the mean of a network and a logistic regression, as logits.

    There are a hundred columns and few questions of each set. On questions that neither had learned
    from, the regression, strongly held back, told better what a large corpus does not answer, the
    network what a few articles do not, and their mean did as well as either at both.

    Args:
        matrix: One row a case.
        answerable: The label of each.
        weights: The weight of each.
        seed: Of the network's start and the order.
        hidden: Units of its hidden layer.
        epochs: Its passes over all cases.

    Returns:
        Arrays of the network that is the mean, as the ranker expects them.
    """
    network = _classifier(matrix, answerable, weights, seed=seed, hidden=hidden, epochs=epochs)
    arrays = exported(network, "answer")
    mean, spread = network.mean.numpy(), network.spread.numpy()
    regression = LogisticRegression(C=_HOLD, max_iter=2_000)
    regression.fit((matrix - mean) / spread, answerable, sample_weight=weights)
    linear = (regression.coef_[0] / spread).astype(np.float32)
    offset = np.float32(regression.intercept_[0] - float((mean * linear).sum()))
    return arrays | {
        "answer_linear": (arrays["answer_linear"] + linear) / 2,
        "answer_offset": (arrays["answer_offset"] + offset) / 2,
        "answer_out": arrays["answer_out"] / 2,
    }


def _classifier(
    matrix: Array, answerable: Array, weights: Array, *, seed: int, hidden: int, epochs: int
) -> _Network:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = _network(matrix, hidden)
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=1.0)
    rows, labels, shares = (torch.from_numpy(a.astype(np.float32)) for a in (matrix, answerable, weights))
    for epoch in range(epochs):
        for group in optimizer.param_groups:
            group["lr"] = 2e-3 * (1 - epoch / epochs)
        for start in range(0, len(order := rng.permutation(len(rows))), 64):
            at = torch.from_numpy(order[start : start + 64])
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                network(rows[at]), labels[at], shares[at]
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return network


def exported(network: _Network, name: str) -> dict[str, Array]:
    """Fold the scaling into the weights and name the arrays as the reader expects them."""
    mean, spread = network.mean.numpy(), network.spread.numpy()
    linear = network.linear.weight[0].detach().numpy() / spread
    hidden = (network.hidden.weight.detach().numpy() / spread).T
    offset = network.linear.bias.item() + network.out.bias.item() - float((mean * linear).sum())
    arrays = {
        "linear": linear,
        "hidden": hidden,
        "bias": network.hidden.bias.detach().numpy() - mean @ hidden,
        "out": network.out.weight[0].detach().numpy(),
        "offset": np.array(offset),
    }
    return {f"{name}_{part}": array.astype(np.float32) for part, array in arrays.items()}
