"""Fine-tune the reader, and write it down as an 8-bit ONNX graph.

It can be stopped at any time: called again, it goes on from its last checkpoint.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from tokenizers import Tokenizer

from onrecord.evaluation.running import make_work
from onrecord.models.weights import packaged_file
from tests.shared import ROOT
from tools.eval.locate import DEFAULT_WORK, find_shared
from tools.training.folds import read_by
from tools.training.opened import open_set
from tools.training.reader.export import export
from tools.training.reader.groups import Group, Passage, batches, groups
from tools.training.reader.network import Network, loss

_SEED = 7
_TARGET = ROOT / "src" / "onrecord" / "models" / "data" / "reader.onnx"
_PHASES: tuple[dict[str, float], ...] = (
    {"squad2_dev": 0.8, "squad1_dev": 0.8},
    {"squad1_dev": 1.1, "squad2_dev": 1.4, "train": 3.7},
)
"""Set to how often each of its questions is read: first encyclopedias alone, then the news with them."""
_SIZE, _RATE, _WARM, _LEAST = 8, 1e-4, 100, 0.02
_CHECKPOINT = 250


def main() -> None:
    """Train, then export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK)
    parser.add_argument("--target", type=Path, default=_TARGET)
    arguments = parser.parse_args()
    shared, work = find_shared(), make_work(arguments.work)
    network = fit(_read(shared, work), work / "reader.pt")
    digest = export(network, arguments.target)
    print(f"wrote {arguments.target}; its sha256, for src/onrecord/models/cross_encoder.py, is {digest}")


def _read(shared: Path, work: Path) -> dict[str, Sequence[Group]]:
    """Give each set's groups; a question that two sets share is read in the first."""
    seen: set[str] = set()
    found: dict[str, Sequence[Group]] = {}
    for name in dict.fromkeys(name for phase in _PHASES for name in phase):
        questions, index = open_set(shared, work, name)
        asked = [q for q in questions.questions if read_by(name, q) and q.text not in seen]
        seen.update(question.text for question in asked)
        found[name] = list(groups(index, asked, weak=name == "train"))
        print(f"{name}: {len(found[name])} questions", flush=True)
    return found


def fit(found: dict[str, Sequence[Group]], checkpoint: Path) -> Network:
    """Fine-tune.

    Args:
        found: Each set's groups.
        checkpoint: Written every so many steps, and gone on from.

    Returns:
        The network.
    """
    torch.manual_seed(_SEED)
    torch.set_flush_denormal(True)
    tokenizer = Tokenizer.from_file(str(packaged_file("tokenizer.json")))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    network = Network().train()
    learned = [weights for weights in network.parameters() if weights.requires_grad]
    optimizer = torch.optim.AdamW(learned, lr=_RATE, weight_decay=0.01)
    plan = list(_plan(found))
    done = _resume(checkpoint, network, optimizer)
    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("loss {task.fields[loss]:.2f}")) as bar:
        task = bar.add_task("", total=len(plan), completed=done, loss=0.0)
        for step, drawn in enumerate(plan[done:], start=done):
            for group in optimizer.param_groups:
                group["lr"] = _RATE * min(1, (step + 1) / _WARM) * max(_LEAST, 1 - step / len(plan))
            found_loss = loss(network, tokenizer, drawn)
            optimizer.zero_grad()
            found_loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(learned, 1.0)
            optimizer.step()
            bar.update(task, advance=1, loss=found_loss.item())
            if (step + 1) % _CHECKPOINT == 0:
                _save(checkpoint, network, optimizer, step + 1)
    _save(checkpoint, network, optimizer, len(plan))
    return network.eval()


def _plan(found: dict[str, Sequence[Group]]) -> Iterator[list[tuple[str, tuple[Passage, ...]]]]:
    """Give all batches in order; the same at every call, so that a run can be gone on with."""
    rng = random.Random(_SEED)
    for phase in _PHASES:
        items: list[Group] = []
        for name, times in phase.items():
            whole, part = int(times), times - int(times)
            items += [*found[name]] * whole + [*found[name]][: int(part * len(found[name]))]
        yield from batches(items, rng, size=_SIZE)


def _save(path: Path, network: Network, optimizer: torch.optim.Optimizer, step: int) -> None:
    """Write a checkpoint beside the last one, then put it in its place."""
    state: dict[str, Any] = {
        "network": network.state_dict(),
        "optimizer": optimizer.state_dict(),
        "random": torch.get_rng_state(),
        "step": step,
    }
    staged = path.with_suffix(".part")
    torch.save(state, staged)
    staged.replace(path)


def _resume(path: Path, network: Network, optimizer: torch.optim.Optimizer) -> int:
    """Take up a checkpoint; gives the steps that are done."""
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    network.load_state_dict(state["network"])
    optimizer.load_state_dict(state["optimizer"])
    torch.set_rng_state(state["random"])
    return int(state["step"])


if __name__ == "__main__":
    main()
