"""Check a folder of vectors in a process of its own: a damaged Chroma folder can kill the process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from onrecord.errors import IndexCorruptError, IndexWriteError
from onrecord.index.manifest import REBUILD, corrupt
from onrecord.index.vectors.arrays import Matrix, Rows, load_ids, load_same, load_vectors
from onrecord.index.vectors.chosen import Chosen
from onrecord.index.vectors.vector_store import Neighbours, VectorStore

_SECONDS = 600.0
_RECALL = 0.95
# The graph of a collection full of near-copies may lose a few of them even when it is sound.
_FOUND = 0.99
_CHECK_ALL = 5_000
_SEED = 20_240_601


def check_in_fresh_process(folder: Path, *, seconds: float = _SECONDS) -> float:
    """Check the vectors in a folder from a new process."""
    package = Path(__file__).resolve().parents[3]
    path = os.pathsep.join(filter(None, (str(package), os.environ.get("PYTHONPATH"))))
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "onrecord.index.vectors.check", str(folder)],
            capture_output=True,
            timeout=seconds,
            check=False,
            env={**os.environ, "PYTHONPATH": path},
        )
    except subprocess.TimeoutExpired:
        raise corrupt(folder, f"was not checked within {seconds:.0f} seconds") from None
    return _result(folder, ended)


def _result(folder: Path, ended: subprocess.CompletedProcess[bytes]) -> float:
    lines = ended.stdout.decode("utf-8", "replace").splitlines()
    try:
        result = json.loads(lines[-1]) if lines else {}
    except ValueError:
        result = {}
    if ended.returncode == 0 and "recall" in result:
        return float(result["recall"])
    if "room" in result:
        raise IndexWriteError(
            f"Could not check {folder}. {result['room']}",
            remedy="Make room, or set TMPDIR to another folder, then run `onrecord index` again.",
        )
    reason = result.get("error") or f"ended with code {ended.returncode}"
    raise IndexCorruptError(f"{folder} did not pass the check of its vectors: {reason}", remedy=REBUILD)


def check_vectors(folder: Path, store: VectorStore, *, sample: int = 200) -> float:
    """Compare a store with the array: the same passages, each found by its own vector."""
    ids = load_ids(folder)
    vectors = load_vectors(folder, n=len(ids))
    stored = np.unique(load_same(folder, n=len(ids)))
    graph = store.open(folder / store.name)
    try:
        if sorted(graph.ids()) != sorted(ids[row] for row in stored):
            raise corrupt(folder / store.name, "does not hold the passages it should")
        rows = stored
        if len(stored) > _CHECK_ALL:
            rows = np.sort(np.random.default_rng(_SEED).choice(stored, sample, replace=False))
        recall, found = _measure(graph, ids, vectors, rows, stored)
    finally:
        graph.close()
    if recall < _RECALL or found < _FOUND:
        raise corrupt(folder / store.name, f"finds {found:.1%} of its passages at a recall of {recall:.3f}")
    return recall


def _measure(
    graph: Neighbours, ids: Sequence[str], vectors: Matrix, rows: Rows, stored: Rows
) -> tuple[float, float]:
    where = {ids[row]: row for row in stored.tolist()}
    k, recalls, found = min(10, len(stored)), [], 0
    for start in range(0, len(rows), 100):
        queries = vectors[rows[start : start + 100]]
        exact = queries @ vectors.T
        for query, scores, names in zip(queries, exact, graph.nearest(queries, k), strict=True):
            proposed = vectors[[where[name] for name in names]] @ query
            limit = np.partition(scores[stored], len(stored) - k)[len(stored) - k] - 1e-5
            recalls.append((proposed >= limit).sum() / k)
            found += bool(proposed.max(initial=-1.0) >= 1 - 1e-4)
    return (float(np.mean(recalls)), found / len(rows)) if len(rows) else (1.0, 1.0)


def main(arguments: list[str] | None = None) -> int:
    """Check the folder named on the command line and write one JSON object to standard output."""
    (folder,) = sys.argv[1:] if arguments is None else arguments
    result: dict[str, float | str]
    try:
        result = {"recall": check_vectors(Path(folder), Chosen())}
    except IndexWriteError as error:
        result = {"room": error.message}
    except IndexCorruptError as error:
        result = {"error": error.message}
    sys.stdout.write(json.dumps(result) + "\n")
    return 0 if "recall" in result else 1


if __name__ == "__main__":
    raise SystemExit(main())
