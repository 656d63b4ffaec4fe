"""A small index to do harm to: every file of a generation carries the same number."""

from __future__ import annotations

import argparse
import os
import resource
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from onrecord.errors import IndexCorruptError, OnrecordError
from onrecord.index.generation import Generation, load_current, staging
from onrecord.index.vectors.check import check_in_fresh_process
from onrecord.index.vectors.chroma import Chroma
from onrecord.index.vectors.search import write_vectors

CHROMA = Chroma()

IDS = [f"passage:{row}" for row in range(300)]


def build(index: Path, number: int, *, vectors: bool = False, size: int = 300, check=None) -> Generation:
    """Build a generation of text files, and of vectors where asked; ``size`` is that of the larger file."""
    with staging(index, holder="a test") as stage:
        (stage.path / "deep").mkdir()
        (stage.path / "answer.txt").write_text(f"{number}\n", encoding="ascii")
        (stage.path / "deep" / "again.txt").write_text(f"{number:{size}}\n", encoding="ascii")
        if vectors:
            check = check or check_in_fresh_process
            write_vectors(stage.path, IDS, unit_vectors(number), store=CHROMA)
        return stage.commit(facts={"number": number}, check=check)


def unchecked(folder: Path) -> None:
    """Take the vectors as they are, where the check is not what is tested."""


def unit_vectors(number: int, n: int = len(IDS), d: int = 16):
    """Make vectors that depend on the number alone."""
    vectors = np.random.default_rng(number).normal(size=(n, d))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def answer(index: Path, *, full: bool = False) -> int:
    """Ask the index which number it carries; refuse a mixture."""

    def load(generation: Generation) -> int:
        texts = [
            (generation.path / name).read_text(encoding="ascii") for name in ("answer.txt", "deep/again.txt")
        ]
        numbers = {int(text) for text in texts} | {generation.facts["number"]}
        if len(numbers) != 1:
            raise IndexCorruptError(f"a mixture of {numbers}")
        return numbers.pop()

    return load_current(index, load, full=full)


def leftovers(index: Path) -> list[str]:
    """List what an interrupted build may leave."""
    return sorted(path.name for path in index.iterdir() if path.name.startswith((".staging-", ".current-")))


def main(given: Sequence[str], failpoint: str) -> int:
    """Build as arguments say, and give an exit code; stop at a failpoint where one is named."""
    os.environ["_ONRECORD_FAILPOINT"] = failpoint
    parser = argparse.ArgumentParser()
    parser.add_argument("index", type=Path)
    parser.add_argument("number", type=int)
    parser.add_argument("--vectors", action="store_true")
    parser.add_argument("--room", type=int, help="largest file that this process may write")
    arguments = parser.parse_args(given)
    if arguments.room:
        resource.setrlimit(resource.RLIMIT_FSIZE, (arguments.room, arguments.room))
    try:
        build(arguments.index, arguments.number, vectors=arguments.vectors)
    except OnrecordError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 2
    return 0
