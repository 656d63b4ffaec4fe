"""RELIABILITY rows 1 to 3: after a kill or on a full disk, the index is the old one or the new one."""

from __future__ import annotations

import os
import random
import signal
import time

import pytest

from onrecord.errors import IndexWriteError
from onrecord.index.generation import newest_name
from tests.reliability.small import answer, build, leftovers

TIMES = int(os.environ.get("RELIABILITY_TIMES", "1"))
KILLED = -signal.SIGKILL


def killed_at_each_step(start, index, *arguments, old=1, new=2, step="*"):
    """Kill the builder at its 1st, 2nd, ... step until a build ends; give the answer after each kill."""
    answers = []
    for nth in range(1, 100):
        program = start(index, new, *arguments, failpoint=f"{step}:{nth}")
        _, said = program.communicate(timeout=60)
        if program.returncode == 0:
            return answers
        assert program.returncode == KILLED, said
        answers.append(answer(index, full=True))
        build(index, old)
        assert leftovers(index) == []
        assert answer(index, full=True) == old
    raise AssertionError("the build never ended")


@pytest.mark.slow
def test_killed_at_each_step(tmp_path, start):
    build(tmp_path, 1)
    answers = killed_at_each_step(start, tmp_path)
    # Up to the replacement of `current` it is the old one, from there on the new one.
    assert answers == [1] * 8 + [2] * 3
    assert answer(tmp_path, full=True) == 2


@pytest.mark.slow
@pytest.mark.parametrize("step", ["vectors-written", "chroma-batch", "checked", "current-replaced"])
def test_killed_at_a_step_with_vectors(tmp_path, start, step):
    build(tmp_path, 1)
    program = start(tmp_path, 2, "--vectors", failpoint=step)
    program.communicate(timeout=60)
    assert program.returncode == KILLED
    assert answer(tmp_path, full=True) == (2 if step == "current-replaced" else 1)
    build(tmp_path, 3, vectors=True)
    assert answer(tmp_path, full=True) == 3
    assert leftovers(tmp_path) == []


@pytest.mark.slow
def test_killed_while_there_is_no_index_yet(tmp_path, start):
    program = start(tmp_path / "index", 1, failpoint="renamed")
    assert program.wait(60) == KILLED
    assert newest_name(tmp_path / "index") is None
    build(tmp_path / "index", 2)
    assert answer(tmp_path / "index") == 2
    build(tmp_path / "index", 3)
    assert len(list((tmp_path / "index").glob("gen-*"))) == 2, "what was never in use is gone"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3 * TIMES))
def test_killed_at_a_random_time(tmp_path, start, seed):
    build(tmp_path, 1)
    program = start(tmp_path, 2, "--vectors")
    time.sleep(random.Random(seed).uniform(0.1, 2.0))
    program.kill()
    program.wait(60)
    assert answer(tmp_path, full=True) in {1, 2}
    build(tmp_path, 3)
    assert answer(tmp_path, full=True) == 3
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("kib", [36, 60, 100, 200, 240, 320, 400])
def test_disk_full(small_disk, kib):
    disk = small_disk(8_192)
    index = disk / "index"
    build(index, 1, size=1_000)
    answer(index)
    small_disk(kib)
    error = None
    try:
        build(index, 2, size=200_000)
    except IndexWriteError as caught:
        error = caught
    if error is None:
        assert answer(index, full=True) == 2
        assert kib >= 240
    else:
        assert str(disk) in error.message
        assert "bytes" in error.message
        assert answer(index, full=True) == 1
        assert kib <= 240
    assert leftovers(index) == []
    small_disk(8_192)
    build(index, 3)
    assert answer(index, full=True) == 3


@pytest.mark.slow
@pytest.mark.parametrize("kib", [80, 1_200, 6_000])
def test_disk_full_with_vectors(small_disk, start, kib):
    disk = small_disk(8_192)
    index = disk / "index"
    build(index, 1)
    small_disk(kib)
    program = start(index, 2, "--vectors")
    _, said = program.communicate(timeout=60)
    if program.returncode == 0:
        assert answer(index, full=True) == 2
        assert kib > 1_000
    else:
        assert program.returncode == 2, said
        assert "IndexWriteError" in said
        assert str(disk) in said
        assert "bytes" in said
        assert answer(index, full=True) == 1
        assert kib < 6_000
    assert leftovers(index) == []
    small_disk(8_192)
    build(index, 3, vectors=True)
    assert answer(index, full=True) == 3


@pytest.mark.slow
@pytest.mark.parametrize("room", [2_000, 20_000, 150_000])
def test_files_that_may_not_grow(tmp_path, start, room):
    """The same for anybody: a limit on the size of a file stands for the full disk."""
    build(tmp_path, 1)
    program = start(tmp_path, 2, "--vectors", "--room", room)
    _, said = program.communicate(timeout=60)
    assert program.returncode == 2, said
    assert "IndexWriteError" in said
    assert str(tmp_path) in said
    assert answer(tmp_path, full=True) == 1
    assert leftovers(tmp_path) == []
    build(tmp_path, 3, vectors=True)
    assert answer(tmp_path, full=True) == 3
