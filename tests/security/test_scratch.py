"""The folder of what is uploaded: its process's own, swept by age, and after processes that are no more."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

from onrecord.scratch import sweep

PRINT = "from onrecord.scratch import scratch_folder; print(scratch_folder(), flush=True); input()"


def made(temporary: Path) -> tuple[subprocess.Popen[str], Path]:
    process = subprocess.Popen(
        [sys.executable, "-c", PRINT],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    return process, Path(process.stdout.readline().strip())


def ended(process: subprocess.Popen[str]) -> None:
    process.communicate("\n", timeout=20)


def test_each_process_has_a_folder_of_its_own_which_goes_with_it(tmp_path):
    one, first = made(tmp_path)
    other, second = made(tmp_path)
    assert first != second
    assert {stat.S_IMODE(each.stat().st_mode) for each in (first, second, first.parent)} == {0o700}
    ended(one)
    assert not first.exists()
    assert second.exists()
    ended(other)


def test_what_a_killed_process_left_is_swept_by_the_next(tmp_path):
    killed, left = made(tmp_path)
    (left / "a").mkdir()
    (left / "a" / "notes.txt").write_text("left", encoding="utf-8")
    killed.kill()
    killed.communicate(timeout=20)
    assert left.exists()
    running, _ = made(tmp_path)
    assert not left.exists()
    ended(running)


def test_a_link_that_somebody_put_there_first_is_not_followed(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o777)
    (tmp_path / f"onrecord-{os.geteuid()}").symlink_to(elsewhere)
    process, folder = made(tmp_path)
    assert elsewhere not in folder.resolve().parents
    assert list(elsewhere.iterdir()) == []
    ended(process)


def test_files_and_their_folders_go_when_they_are_old_and_what_is_left_is_counted(tmp_path):
    for name, age in (("old", 4_000), ("new", 10)):
        (tmp_path / name).mkdir()
        file = tmp_path / name / "a.txt"
        file.write_bytes(b"x" * 100)
        for path in (file, file.parent):
            os.utime(path, (time.time() - age,) * 2)
    assert sweep(tmp_path, older_than=3_600) == 100
    assert [each.parent.name for each in tmp_path.rglob("*.txt")] == ["new"]
    # A folder counts as changed when its file went: it might be just about to be filled.
    assert sweep(tmp_path, older_than=3_600, now=time.time() + 10_000) == 0
    assert sweep(tmp_path, older_than=3_600, now=time.time() + 20_000) == 0
    assert list(tmp_path.iterdir()) == []
