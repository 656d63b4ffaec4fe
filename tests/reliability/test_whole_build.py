"""RELIABILITY rows 1, 3, 4 and 8 on the whole product: real builds killed, starved, damaged, locked out."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess

import pytest

from onrecord import Assistant, build_index
from onrecord.errors import IndexCorruptError, IndexWriteError
from tests.corpora import PLAIN, copy_of, write_jsonl
from tests.reliability.small import leftovers
from tests.reliability.whole import QUESTIONS, answers, build, run
from tests.shared import ROOT

STEPS = (
    "staged embedded store shelf lexical vectors-written chroma-batch chroma-written vectors model "
    "filled synced checked sealed renamed renamed-synced current-written "
    "current-replaced switched retired"
).split()
SWITCH = STEPS.index("current-replaced")
NEW = [
    {**PLAIN[0], "text": PLAIN[0]["text"].replace("a third", "half")},
    *PLAIN[1:3],
    {"id": "dough", "title": "Bread", "text": "Baker Ida Rolf advises no rest at all for the dough."},
]


def holding(settings, folder, records):
    """Give the same index with the corpus that it was built of: every quotation is held against that."""
    (folder / "held").mkdir(exist_ok=True)
    corpus = write_jsonl(folder / "held" / settings.corpus.name, records)
    return settings.model_copy(update={"corpus": corpus})


def answered(settings, folder, records):
    code, found = run(answers, holding(settings, folder, records), folder)
    assert code == 0
    return found


def slices(found):
    """Give the first three; beyond, bfloat16 may order near equals by what was embedded beside them."""
    return [
        [(quote["article_id"], quote["start"], quote["end"]) for quote in answer["ranked"][:3]]
        for answer in found
    ]


def test_the_steps_are_all_there_are():
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py")]
    assert {name for source in sources for name in re.findall(r'failpoint\("([^"]+)"\)', source)} <= set(
        STEPS
    )


@pytest.mark.slow
def test_killed_at_each_step_of_a_whole_build(plain_index, tmp_path):
    """Each build goes on from what the one before left; up to the switch `current` answers as before."""
    mine = copy_of(plain_index, tmp_path)
    old = answered(mine, tmp_path, PLAIN)
    write_jsonl(mine.corpus, NEW)
    for step in STEPS[:SWITCH]:
        assert run(build, mine, tmp_path, failpoint=step) == (-signal.SIGKILL, None), step
        assert answered(mine, tmp_path, PLAIN) == old, step
    for step in STEPS[SWITCH:]:
        write_jsonl(mine.corpus, NEW)
        assert run(build, mine, tmp_path, failpoint=step) == (-signal.SIGKILL, None), step
        new = answered(mine, tmp_path, NEW)
        assert new != old, step
        code, report = run(build, mine, tmp_path)
        assert (code, report["changed"], report["articles"]) == (0, False, 4), step
        assert answered(mine, tmp_path, NEW) == new, step
        write_jsonl(mine.corpus, PLAIN)
        code, report = run(build, mine, tmp_path)
        assert (code, report["changed"], leftovers(mine.index)) == (0, True, []), step
    assert slices(answered(mine, tmp_path, PLAIN)) == slices(old)


@pytest.mark.slow
def test_killed_before_there_is_any_index(plain_index, tmp_path):
    mine = plain_index.model_copy(update={"index": tmp_path / "index"})
    assert run(build, mine, tmp_path, failpoint="model") == (-signal.SIGKILL, None)
    assert not (mine.index / "current").exists()
    code, report = run(build, mine, tmp_path)
    assert (code, report["articles"], leftovers(mine.index)) == (0, 4, [])
    assert len(answered(mine, tmp_path, PLAIN)) == len(QUESTIONS)


def used_kib(folder) -> int:
    return int(subprocess.check_output(["du", "-sk", str(folder)]).split()[0])


@pytest.mark.slow
@pytest.mark.parametrize("room", [60, 400, 900])
def test_disk_full_in_a_whole_build(small_disk, plain_index, tmp_path, room):
    disk = small_disk(400_000)
    mine = plain_index.model_copy(update={"index": disk / "index", "corpus": tmp_path / "corpus.jsonl"})
    write_jsonl(mine.corpus, PLAIN)
    assert run(build, mine, tmp_path)[0] == 0
    old = answered(mine, tmp_path, PLAIN)
    write_jsonl(mine.corpus, NEW)
    small_disk(used_kib(disk) + room)
    code, said = run(build, mine, tmp_path)
    assert code == 0
    assert said.get("error") == "IndexWriteError", said
    assert str(disk) in said["said"]
    assert re.search(r"[\d,]+ bytes", said["said"])
    assert answered(mine, tmp_path, PLAIN) == old
    assert leftovers(mine.index) == []
    small_disk(400_000)
    code, report = run(build, mine, tmp_path)
    assert (code, report["changed"], report["articles"]) == (0, True, 4)


@pytest.mark.slow
def test_disk_full_before_there_is_any_index(small_disk, plain_index, tmp_path):
    disk = small_disk(40_000)
    mine = plain_index.model_copy(update={"index": disk / "index"})
    code, said = run(build, mine, tmp_path)
    assert (code, said.get("error")) == (0, "IndexWriteError"), said
    assert str(disk) in said["said"]
    assert leftovers(mine.index) == []
    small_disk(400_000)
    assert run(build, mine, tmp_path)[1]["articles"] == 4


@pytest.mark.slow
def test_damage_to_any_file_is_named_before_a_question_is_answered(plain_index, tmp_path):
    """Row 4; no damage reaches Chroma, for so small an index is searched exactly."""
    files = [file for file in plain_index.index.glob("gen-*/**/*") if file.is_file()]
    cases = 0
    for file in files:
        content = file.read_bytes()
        middle = len(content) // 2
        flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        for damage in (None, b"", content[:middle], flipped):
            folder = tmp_path / str(cases)
            folder.mkdir()
            mine = copy_of(plain_index, folder)
            damaged = mine.index / file.relative_to(plain_index.index)
            damaged.unlink()
            if damage is not None:
                damaged.write_bytes(damage)
            with pytest.raises(IndexCorruptError, match="Run `onrecord index`") as caught:
                Assistant.open(mine)
            assert file.name in caught.value.message
            shutil.rmtree(folder)
            cases += 1
    assert cases >= 4 * 25


def test_a_read_only_index_answers_and_refuses_to_be_built_at_once(plain_index, tmp_path, read_only):
    mine = copy_of(plain_index, tmp_path)
    with Assistant.open(mine) as assistant:
        expected = [assistant.ask(question).quotes for question in QUESTIONS]
    steps = []
    with read_only(mine.index):
        with Assistant.open(mine) as assistant:
            assert [assistant.ask(question).quotes for question in QUESTIONS] == expected
        assert build_index(mine).changed is False
        write_jsonl(mine.corpus, NEW)
        with pytest.raises(IndexWriteError, match="index"):
            build_index(mine, progress=lambda step, *_: steps.append(step))
        assert steps == []
        with Assistant.open(holding(mine, tmp_path, PLAIN)) as assistant:
            assert [assistant.ask(question).quotes for question in QUESTIONS] == expected
    assert build_index(mine).changed
