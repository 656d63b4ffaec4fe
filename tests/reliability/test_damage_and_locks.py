"""RELIABILITY rows 4 to 8: damaged files, two builders, readers across switches, read-only folders."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from onrecord.errors import IndexLockedError, IndexWriteError
from onrecord.index.generation import load_current, newest_name, open_current, staging
from onrecord.index.vectors.chroma import Chroma
from onrecord.index.vectors.search import Vectors
from tests.reliability.small import IDS, answer, build, unchecked, unit_vectors
from tests.shared import ROOT

CHROMA = Chroma()

TIMES = int(os.environ.get("RELIABILITY_TIMES", "1"))


@pytest.mark.slow
def test_damage_to_any_file_is_named_before_anything_opens_it(tmp_path):
    build(tmp_path / "index", 1, vectors=True, check=unchecked)
    # A process of its own: should the damage get as far as Chroma, that may end in a segmentation fault.
    ended = subprocess.run(
        [sys.executable, "-m", "tests.reliability.damage", str(tmp_path / "index"), str(tmp_path / "copies")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    cases, detected = map(int, ended.stdout.split())
    assert detected == cases >= 4 * 11


@pytest.mark.slow
@pytest.mark.parametrize("kill", [True, False])
def test_the_lock_of_a_builder_that_is_gone_is_free(tmp_path, start, kill):
    for number in range(TIMES):
        index = tmp_path / str(number)
        build(index, 1)
        with staging(index):
            other = start(index, 2)
            _, said = other.communicate(timeout=60)
            assert other.returncode == 2
            assert "IndexLockedError" in said
            assert f"process {os.getpid()} " in said
        holder = start(index, 3, failpoint="checked" if kill else "")
        holder.communicate(timeout=60)
        build(index, 4)
        assert answer(index, full=True) == 4


@pytest.mark.slow
def test_of_two_builders_the_second_is_told_of_the_first(tmp_path, start):
    holder = start(tmp_path, 1, "--vectors")
    deadline = time.monotonic() + 30
    while not list(tmp_path.glob(".staging-*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    with pytest.raises(IndexLockedError, match=f"process {holder.pid} on .*a test"):
        build(tmp_path, 2)
    holder.kill()
    holder.wait(60)
    build(tmp_path, 3)
    assert answer(tmp_path) == 3


def test_readers_across_switches_see_one_generation_each(tmp_path):
    switches, readers = 20, 8
    build(tmp_path, 0)
    stop = threading.Event()

    def read() -> list[int]:
        """Ask again and again, opening what is newest; `answer` refuses a mixture."""
        seen, name = [answer(tmp_path)], newest_name(tmp_path)
        while not (stop.is_set() and seen[-1] == switches):
            newest = newest_name(tmp_path)
            if newest != name:
                name = newest
                seen.append(answer(tmp_path))
            time.sleep(0.001)
        return seen

    with ThreadPoolExecutor(readers) as pool:
        asked = [pool.submit(read) for _ in range(readers)]
        for number in range(1, switches + 1):
            build(tmp_path, number)
        stop.set()
        for future in asked:
            seen = future.result(timeout=5)
            assert seen == sorted(seen), "a reader went back"
            assert seen[-1] == switches


@pytest.mark.slow
def test_searches_across_switches_answer_from_one_generation(tmp_path):
    switches, readers = 4, 4
    truth = [unit_vectors(number) for number in range(switches + 1)]
    query = truth[0][0]

    def opened() -> tuple[int, Vectors]:
        def load(generation):
            return generation.facts["number"], Vectors.open(
                generation.path, ids=IDS, exact_below=0, store=CHROMA
            )

        return load_current(tmp_path, load)

    build(tmp_path, 0, vectors=True, check=unchecked)
    stop = threading.Event()

    def read() -> set[int]:
        name, (number, vectors) = newest_name(tmp_path), opened()
        seen = {number}
        while not (stop.is_set() and number == switches):
            if newest_name(tmp_path) != name:
                name, (number, vectors) = newest_name(tmp_path), opened()
                seen.add(number)
            rows, scores = vectors.search(query, 5)
            assert np.allclose(scores, np.sort(truth[number] @ query)[::-1][:5], atol=1e-5)
            assert np.allclose(truth[number][rows] @ query, scores, atol=1e-5)
            time.sleep(0.002)
        return seen

    with ThreadPoolExecutor(readers) as pool:
        asked = [pool.submit(read) for _ in range(readers)]
        for number in range(1, switches + 1):
            build(tmp_path, number, vectors=True, check=unchecked)
        stop.set()
        assert all(switches in future.result(timeout=30) for future in asked)


def test_a_read_only_index_serves_and_refuses_builders(tmp_path, read_only):
    index = tmp_path / "index"
    build(index, 1)
    before = sorted(path.name for path in index.iterdir())
    with read_only(index):
        assert answer(index) == 1
        assert open_current(index).facts == {"number": 1}
        with pytest.raises(IndexWriteError, match="index"), staging(index):
            pytest.fail("a read-only folder was staged in")
        assert sorted(path.name for path in index.iterdir()) == before
    build(index, 2)
    assert answer(index) == 2


def test_an_index_that_was_never_built_cannot_be_built_where_nothing_may_be_written(tmp_path, read_only):
    parent = tmp_path / "parent"
    parent.mkdir()
    with read_only(parent), pytest.raises(IndexWriteError, match="index"):
        build(parent / "index", 1)


@pytest.mark.slow
def test_a_read_only_index_is_searched_by_chroma(tmp_path, read_only):
    index = tmp_path / "index"
    build(index, 1, vectors=True, check=unchecked)
    truth = unit_vectors(1)
    with read_only(index):
        vectors = Vectors.open(open_current(index).path, ids=IDS, exact_below=0, store=CHROMA)
        assert vectors.search(truth[7], 1)[0].tolist() == [7]
        vectors.close()
