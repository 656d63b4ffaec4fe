"""Generations: what is built is found, what fails changes nothing, what is damaged is refused."""

from __future__ import annotations

import errno
import json
import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.errors import (
    IndexCorruptError,
    IndexLockedError,
    IndexMismatchError,
    IndexMissingError,
    IndexWriteError,
)
from onrecord.index.generation import newest_name, open_current, staging
from onrecord.index.manifest import MANIFEST, SCHEMA, Manifest, generation_name
from onrecord.index.stamps import Origin
from tests.reliability.small import answer, build, leftovers


def damage_kinds(path: Path) -> dict[str, object]:
    content = path.read_bytes()
    middle = len(content) // 2
    return {
        "missing": path.unlink,
        "emptied": lambda: path.write_bytes(b""),
        "halved": lambda: path.write_bytes(content[:middle]),
        "flipped": lambda: path.write_bytes(
            content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        ),
        "longer": lambda: path.write_bytes(content + b"\0"),
    }


def forge(path: Path) -> None:
    """Flip one bit in place and put the old times back."""
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    with path.open("r+b") as stream:
        stream.write(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_what_is_committed_is_opened(tmp_path):
    made = build(tmp_path, 7)
    found = open_current(tmp_path)
    assert found == made
    assert found.facts == {"number": 7}
    assert set(found.manifest.files) == {"answer.txt", "deep/again.txt"}
    assert found.manifest.schema == SCHEMA
    assert set(found.manifest.versions) == {"chromadb", "numpy", "onrecord", "tantivy"}
    assert newest_name(tmp_path) == found.name == found.path.name


def test_a_missing_index_says_what_to_run(tmp_path):
    for index in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(IndexMissingError, match="onrecord index"):
            open_current(index)
        assert newest_name(index) is None


def test_without_commit_nothing_stays(tmp_path):
    build(tmp_path, 1)
    before = sorted(path.name for path in tmp_path.iterdir())
    with staging(tmp_path) as stage:
        (stage.path / "answer.txt").write_text("2")
    with pytest.raises(RuntimeError, match="on purpose"), staging(tmp_path) as stage:
        raise RuntimeError("on purpose")
    after = sorted(path.name for path in tmp_path.iterdir())
    assert set(after) - set(before) <= {".stamps"}
    assert answer(tmp_path) == 1


def test_a_build_starts_from_the_generation_in_use(tmp_path):
    with staging(tmp_path) as stage:
        assert stage.previous is None
    first = build(tmp_path, 1)
    with staging(tmp_path) as stage:
        assert stage.previous == first
    forge(first.path / "answer.txt")
    with staging(tmp_path) as stage:
        assert stage.previous is None, "a damaged generation must not be built upon"
    build(tmp_path, 2)
    with staging(tmp_path, schema=SCHEMA + 1) as stage:
        assert stage.previous is None, "nor one of another schema"


def test_two_generations_are_kept_in_order(tmp_path):
    names = [build(tmp_path, number).name for number in range(4)]
    assert names == sorted(names)
    assert sorted(path.name for path in tmp_path.glob("gen-*")) == names[-2:]
    assert {path.stem for path in (tmp_path / ".stamps").iterdir()} <= set(names[-2:])


def test_what_an_interrupted_build_left_is_swept(tmp_path):
    name = build(tmp_path, 1).name
    (tmp_path / ".staging-left").mkdir()
    (tmp_path / ".staging-left" / "answer.txt").touch()
    (tmp_path / ".current-left").touch()
    shutil.copytree(tmp_path / name, tmp_path / "gen-000009-00000000")
    with staging(tmp_path):
        assert sorted(path.name for path in tmp_path.glob("gen-*")) == [name]
    assert leftovers(tmp_path) == []
    assert answer(tmp_path) == 1


@pytest.mark.parametrize("file", ["answer.txt", "deep/again.txt", MANIFEST])
@pytest.mark.parametrize("kind", ["missing", "emptied", "halved", "flipped", "longer"])
@pytest.mark.parametrize("opened_before", [True, False])
def test_a_damaged_file_is_named(tmp_path, file, kind, opened_before):
    generation = build(tmp_path, 1)
    if opened_before:
        open_current(tmp_path)
    damage_kinds(generation.path / file)[kind]()
    with pytest.raises(IndexCorruptError, match=file) as caught:
        open_current(tmp_path)
    assert "onrecord index" in caught.value.remedy


@pytest.mark.parametrize(
    "content", [b"", b"gen-000001", b"gen-000001-00000000\n", b"../x\n", b"\xff\xfe", b"\0" * 20]
)
def test_a_damaged_current_is_refused_and_rebuilt(tmp_path, content):
    build(tmp_path, 1)
    (tmp_path / "current").write_bytes(content)
    with pytest.raises(IndexCorruptError, match=r"current|gen-000001-00000000"):
        open_current(tmp_path)
    build(tmp_path, 2)
    assert answer(tmp_path) == 2


@pytest.mark.parametrize("full", [False, True])
def test_times_put_back_deceive_no_check(tmp_path, full):
    generation = build(tmp_path, 1)
    open_current(tmp_path)
    forge(generation.path / "answer.txt")
    with pytest.raises(IndexCorruptError, match=r"answer\.txt"):
        open_current(tmp_path, full=full)


def test_a_file_put_in_place_of_another_is_hashed_again(tmp_path):
    generation = build(tmp_path, 1)
    open_current(tmp_path)
    file = generation.path / "answer.txt"
    before = file.stat()
    other = tmp_path / "other"
    other.write_bytes(b"8\n")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(file)
    with pytest.raises(IndexCorruptError, match=r"answer\.txt"):
        open_current(tmp_path)


@pytest.mark.parametrize("stamp", [b"", b"{", b"[]", b'{"answer.txt": 3}', b"\xff"])
def test_a_damaged_stamp_only_costs_a_full_check(tmp_path, stamp):
    generation = build(tmp_path, 1)
    open_current(tmp_path)
    path = tmp_path / ".stamps" / f"{generation.name}.json"
    path.write_bytes(stamp)
    assert open_current(tmp_path) == replace(generation, origin=Origin.UNKNOWN)
    assert set(json.loads(path.read_bytes())["seen"]) == {"answer.txt", "deep/again.txt"}


def _rewrite_manifest(index: Path, **changes: object) -> None:
    """Do what another installation would have done: a consistent manifest with other values."""
    folder = open_current(index).path
    fields = json.loads((folder / MANIFEST).read_bytes())
    content = json.dumps(fields | changes).encode()
    (folder / MANIFEST).write_bytes(content)
    name = generation_name(9, content)
    folder.rename(index / name)
    (index / "current").write_text(name)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"schema": SCHEMA + 1}, [f"schema {SCHEMA + 1}", f"schema {SCHEMA}"]),
        ({"versions": {"chromadb": "0.3.29"}}, ["chromadb 0.3.29", "chromadb 1."]),
        ({"versions": {}}, ["chromadb unknown", "chromadb 1."]),
    ],
)
def test_an_index_of_another_installation_is_refused_naming_both(tmp_path, changes, named):
    build(tmp_path, 1)
    _rewrite_manifest(tmp_path, **changes)
    with pytest.raises(IndexMismatchError, match="onrecord index") as caught:
        open_current(tmp_path)
    assert all(words in caught.value.message for words in named), caught.value.message


@pytest.mark.parametrize(
    "content", [b"[]", b"{}", b'{"files": 1}', b'{"files": {"a": {"size": 1}}}', b"\xff"]
)
def test_a_manifest_that_is_none_is_refused(tmp_path, content):
    build(tmp_path, 1)
    name = generation_name(9, content)
    (tmp_path / name).mkdir()
    (tmp_path / name / MANIFEST).write_bytes(content)
    (tmp_path / "current").write_text(name)
    with pytest.raises(IndexCorruptError, match=MANIFEST):
        open_current(tmp_path)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), _JSON, max_size=4))
def test_facts_come_back_as_they_were(tmp_path_factory, facts):
    manifest = Manifest(schema=1, versions={}, facts=facts, files={})
    content = manifest.dump()
    folder = tmp_path_factory.mktemp("manifest") / generation_name(1, content)
    folder.mkdir()
    (folder / MANIFEST).write_bytes(content)
    assert Manifest.read(folder) == manifest


def test_a_second_builder_is_told_who_holds_the_lock(tmp_path):
    with staging(tmp_path, holder="the night build"):
        with pytest.raises(
            IndexLockedError, match=rf"process {os.getpid()} on .+ since .+, the night build"
        ) as caught:
            build(tmp_path, 1)
        assert caught.value.retryable
    assert build(tmp_path, 1).facts["number"] == 1


def test_a_builder_may_wait_for_the_lock(tmp_path):
    entered, leave = threading.Event(), threading.Event()

    def hold():
        with staging(tmp_path):
            entered.set()
            leave.wait(20)

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait(20)
    threading.Timer(0.2, leave.set).start()
    with staging(tmp_path, wait=20) as stage:
        assert stage.path.is_dir()
    holder.join()


def test_of_many_builders_at_once_one_builds_at_a_time(tmp_path):
    inside, most, done = [], [], []

    def run(number):
        try:
            with staging(tmp_path) as stage:
                inside.append(number)
                most.append(len(inside))
                (stage.path / "answer.txt").write_text(str(number))
                stage.commit(facts={})
                inside.remove(number)
                done.append(number)
        except IndexLockedError as error:
            return str(error)
        return None

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(run, range(24)))
    assert max(most) == 1
    assert len(done) + sum(error is not None for error in said) == 24
    assert done


def test_a_full_disk_is_named_with_the_bytes_needed(tmp_path):
    build(tmp_path, 1)
    with (
        pytest.raises(
            IndexWriteError, match=r"no space left; the new index needs more than [\d,]+ bytes"
        ) as caught,
        staging(tmp_path) as stage,
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(stage.path / "answer.txt"))
    assert "answer.txt" in caught.value.message
    assert answer(tmp_path) == 1


def test_an_error_of_another_folder_is_not_blamed_on_the_index(tmp_path):
    with pytest.raises(FileNotFoundError), staging(tmp_path / "index"):
        (tmp_path / "corpus" / "article.txt").read_text()


def test_an_index_that_cannot_be_a_folder_is_refused(tmp_path):
    (tmp_path / "index").write_text("a file")
    with pytest.raises(IndexWriteError, match="index"):
        build(tmp_path / "index", 1)


@pytest.mark.parametrize("error", [IndexCorruptError("unfit"), RuntimeError("a bug"), KeyboardInterrupt()])
def test_what_fails_the_check_is_not_used(tmp_path, error):
    build(tmp_path, 1)

    def check(folder: Path) -> None:
        assert (folder / "answer.txt").read_text() == "2\n"
        assert not (folder / MANIFEST).exists(), "the manifest is the last to be written"
        raise error

    with pytest.raises(type(error)):
        build(tmp_path, 2, check=check)
    assert answer(tmp_path) == 1
    assert leftovers(tmp_path) == []


def test_a_check_that_writes_is_refused(tmp_path):
    with pytest.raises(IndexCorruptError, match="written to"):
        build(tmp_path, 1, check=lambda folder: (folder / "answer.txt").write_text("9\n"))
    assert newest_name(tmp_path) is None


class Calls:
    """Record, in order, what is made durable, renamed and replaced; let the nth fsync fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, failing: int = 0) -> None:
        self.log: list[tuple[str, str]] = []
        self.failing, self.syncs = failing, 0
        self._fsync, self._rename, self._replace = os.fsync, os.rename, os.replace
        monkeypatch.setattr(os, "fsync", self.fsync)
        monkeypatch.setattr(os, "rename", self.rename)
        monkeypatch.setattr(os, "replace", self.replace)

    def fsync(self, descriptor: int) -> None:
        self.syncs += 1
        if self.syncs == self.failing:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        self._fsync(descriptor)
        self.log.append(("fsync", Path(f"/proc/self/fd/{descriptor}").readlink().name))

    def rename(self, source: Path, target: Path) -> None:
        self._rename(source, target)
        self.log.append(("rename", Path(target).name))

    def replace(self, source: Path, target: Path) -> None:
        self._replace(source, target)
        self.log.append(("replace", Path(target).name))


def test_each_step_is_on_disk_before_the_next(tmp_path, monkeypatch):
    index = tmp_path / "index"
    calls = Calls(monkeypatch)
    with staging(index, token="fixed") as stage:
        (stage.path / "deep").mkdir()
        (stage.path / "answer.txt").write_text("1")
        (stage.path / "deep" / "again.txt").write_text("1")
        name = stage.commit(facts={}, check=lambda _: calls.log.append(("check", ""))).name
    assert calls.log == [
        ("fsync", "index"),
        ("fsync", "again.txt"),
        ("fsync", "deep"),
        ("fsync", "answer.txt"),
        ("fsync", ".staging-fixed"),
        ("check", ""),
        ("fsync", MANIFEST),
        ("fsync", ".staging-fixed"),
        ("rename", name),
        ("fsync", "index"),
        ("replace", f"{name}.json"),
        ("fsync", ".current-fixed"),
        ("replace", "current"),
        ("fsync", "index"),
    ]


@pytest.mark.parametrize("before", [True, False])
def test_whichever_fsync_fails_the_old_index_stays(tmp_path, before):
    failed = 0
    for nth in range(1, 100):
        index = tmp_path / str(nth)
        if before:
            build(index, 1)
        error = None
        with pytest.MonkeyPatch.context() as patch:
            Calls(patch, failing=nth)
            try:
                build(index, 2)
            except IndexWriteError as caught:
                error = caught
        if error is None:
            break
        assert os.strerror(errno.EIO) in error.message
        failed += 1
        if before:
            assert answer(index, full=True) == 1
        else:
            assert newest_name(index) is None
        assert leftovers(index) == []
        build(index, 3)
        assert answer(index, full=True) == 3
    assert failed == 10


def test_a_reader_overtaken_by_two_builds_is_given_the_newer(tmp_path):
    from onrecord.index.generation import load_current

    build(tmp_path, 1)
    seen = []

    def slowly(generation):
        seen.append(generation.facts["number"])
        if len(seen) == 1:
            build(tmp_path, 2)
            build(tmp_path, 3)
        return (generation.path / "answer.txt").read_text()

    assert load_current(tmp_path, slowly) == "3\n"
    assert seen == [1, 3]
