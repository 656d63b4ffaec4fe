"""Conversations on disk: what is stored comes back whole, or an error says what to do."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import sqlite3
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onrecord.assistant.memory import Memory
from onrecord.assistant.turns import Rating, StoredTurn, answer_of, answer_record, bytes_of, text_of, title_of
from onrecord.errors import ConversationError
from onrecord.types import Answer, Claim, Mode, Quote, Searched
from tests.assistant.writing import LONG, answer_to, write
from tests.forked import processes

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
ANY_TEXT = st.text(st.characters() | st.sampled_from(["\ud83d", "\ude00", "\x00", "\u2028", '"', "\\"]))
NUMBERS = st.floats(allow_nan=False)
MAYBE = st.none() | ANY_TEXT
QUOTES = st.builds(
    Quote, ANY_TEXT, ANY_TEXT, ANY_TEXT, st.integers(0), st.integers(0), ANY_TEXT, ANY_TEXT,
    mode=st.sampled_from(Mode), speaker=MAYBE, outlet=MAYBE, published=MAYBE, published_basis=MAYBE,
    score=NUMBERS,
)  # fmt: skip
SLICES = st.lists(QUOTES, max_size=3).map(tuple)
ANSWERS = st.builds(
    Answer, id=ANY_TEXT, question=ANY_TEXT, standalone=ANY_TEXT, text=ANY_TEXT, quotes=SLICES, ranked=SLICES,
    confidence=NUMBERS, reason=ANY_TEXT, nearest=SLICES,
    searched=st.builds(
        Searched, st.integers(0), st.integers(0), MAYBE, MAYBE, ANY_TEXT, st.lists(ANY_TEXT).map(tuple)
    ),
    mode=ANY_TEXT,
    claims=st.lists(st.builds(Claim, ANY_TEXT, st.lists(st.integers(1)).map(tuple)), max_size=3).map(tuple),
    dropped=st.dictionaries(ANY_TEXT, st.integers(1), max_size=3),
    notice=ANY_TEXT,
    timings=st.dictionaries(ANY_TEXT, NUMBERS, max_size=3),
)  # fmt: skip


@pytest.fixture
def memory(tmp_path) -> Memory:
    return Memory.open(tmp_path / "talk.sqlite")


# What is stored comes back


@given(ANSWERS)
def test_an_answer_is_the_same_after_json(answer):
    line = json.dumps(answer_record(answer), ensure_ascii=False)
    assert answer_of(json.loads(text_of(bytes_of(line)))) == answer


@settings(max_examples=30)
@given(answer=ANSWERS, title=ANY_TEXT)
def test_an_answer_is_the_same_after_the_disk(tmp_path_factory, answer, title):
    memory = Memory.open(tmp_path_factory.mktemp("m") / "talk.sqlite")
    filters = {"since": "2022", "outlet": ["\ud800 Times", "B"]}
    memory.append("c", answer, at=NOON, filters=filters)
    [turn] = memory.turns("c")
    assert turn.answer == replace(answer, ranked=())
    assert (turn.question, turn.filters, turn.at, turn.rating) == (answer.question, filters, NOON, None)
    if title.strip():
        memory.rename("c", title)
        assert memory.heading("c").title == title_of(title)


def test_turns_are_numbered_and_the_last_ones_can_be_had(memory):
    for number in range(5):
        assert memory.append("c", answer_to(f"q{number}"), at=NOON) == number + 1
    assert [turn.question for turn in memory.turns("c", last=2)] == ["q3", "q4"]
    assert [turn.number for turn in memory.turns("c")] == [1, 2, 3, 4, 5]
    assert memory.turns("other") == ()


def test_a_title_is_the_first_question_cut_at_a_word(memory):
    memory.append("c", answer_to("What  did\nhe say? " + "word " * 40), at=NOON)
    memory.append("c", answer_to("Another"), at=NOON)
    title = memory.heading("c").title
    assert title.startswith("What did he say? word")
    assert title.endswith("word…")
    assert len(title) <= 61
    assert title_of("x" * 100) == "x" * 60 + "…"


def test_a_rating_is_kept_and_replaced(memory):
    memory.append("c", answer_to("q"), at=NOON)
    memory.rate("c", 1, up=True)
    memory.rate("c", 1, up=False, reason="wrong \ud800 man")
    assert memory.turns("c")[0].rating == Rating(up=False, reason="wrong \ud800 man")
    with pytest.raises(ConversationError, match="no turn 2"):
        memory.rate("c", 2, up=True)


def test_owners_neither_see_nor_reach_each_other(memory):
    memory.append("c", answer_to("mine"), at=NOON, owner="ann")
    memory.append("c", answer_to("yours"), at=NOON, owner="bob")
    assert [turn.question for turn in memory.turns("c", owner="ann")] == ["mine"]
    assert [heading.title for heading in memory.headings(owner="bob")] == ["yours"]
    assert memory.headings() == ()
    assert memory.delete("c") is False
    assert memory.delete("c", owner="ann") is True
    assert [turn.question for turn in memory.turns("c", owner="bob")] == ["yours"]
    with pytest.raises(ConversationError, match="no conversation 'c'"):
        memory.rename("c", "stolen", owner="ann")


# Bounds and deletion


def test_a_conversation_keeps_its_newest_turns(tmp_path):
    memory = Memory(tmp_path / "talk.sqlite", turns=3)
    for number in range(5):
        memory.append("c", answer_to(f"q{number}"), at=NOON)
    assert [(turn.number, turn.question) for turn in memory.turns("c")] == [(3, "q2"), (4, "q3"), (5, "q4")]
    assert memory.heading("c").title == "q0"


def test_an_owner_keeps_the_conversations_used_last(tmp_path):
    memory = Memory(tmp_path / "talk.sqlite", conversations=3)
    memory.append("other", answer_to("q"), at=NOON, owner="bob")
    for minute, name in enumerate(["a", "b", "c", "a", "d"]):
        memory.append(name, answer_to("q"), at=NOON + timedelta(minutes=minute))
    assert [heading.id for heading in memory.headings()] == ["d", "a", "c"]
    assert memory.turns("b") == ()
    assert len(memory.headings(owner="bob")) == 1


def test_what_is_deleted_is_gone_from_the_file(memory):
    memory.append("c", answer_to("where is the treasure"), at=NOON)
    memory.append("d", answer_to("q"), at=NOON)
    assert b"treasure" in memory.path.read_bytes()
    assert memory.delete("c")
    assert b"treasure" not in memory.path.read_bytes()
    assert [heading.id for heading in memory.headings()] == ["d"]


def test_a_conversation_that_was_deleted_meanwhile_stays_deleted(memory):
    memory.append("c", answer_to("q"), at=NOON)
    memory.delete("c")
    assert memory.append("c", answer_to("late"), at=NOON, begun=True) is None
    assert memory.headings() == ()
    assert memory.append("c", answer_to("anew"), at=NOON) == 1


# The file


def test_reading_makes_no_file_and_writing_makes_a_private_one(memory, tmp_path):
    assert (memory.headings(), memory.heading("c"), memory.delete("c")) == ((), None, False)
    with pytest.raises(ConversationError):
        memory.rename("c", "title")
    assert list(tmp_path.iterdir()) == []
    before = os.umask(0)
    try:
        memory.append("c", answer_to("q"), at=NOON)
    finally:
        os.umask(before)
    assert [path.name for path in tmp_path.iterdir()] == ["talk.sqlite"]
    assert stat.S_IMODE(memory.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["", "a b", "../x", "x" * 129, "é", "\ud800", "a\n", "'; DROP TABLE turn"])
def test_a_bad_id_is_refused(memory, name):
    for attempt in (memory.turns, memory.heading, memory.delete):
        with pytest.raises(ConversationError, match="cannot be the id"):
            attempt(name)


def refuse_all(memory: Memory, match: str) -> None:
    for attempt in (
        memory.headings,
        lambda: memory.turns("c"),
        lambda: memory.append("c", answer_to("q"), at=NOON),
        lambda: memory.delete("c"),
    ):
        with pytest.raises(ConversationError, match=match) as caught:
            attempt()
        assert str(memory.path) in caught.value.message
        assert caught.value.remedy


def test_a_newer_files_conversations_are_left_alone(memory):
    memory.append("c", answer_to("q"), at=NOON)
    with sqlite3.connect(memory.path) as database:
        database.execute("PRAGMA user_version = 2")
    before = memory.path.read_bytes()
    refuse_all(memory, "newer onrecord")
    assert memory.path.read_bytes() == before


def test_another_programs_database_is_left_alone(memory):
    with sqlite3.connect(memory.path) as database:
        database.execute("CREATE TABLE recipe (name)")
    before = memory.path.read_bytes()
    refuse_all(memory, "not one of conversations")
    assert memory.path.read_bytes() == before


def test_what_is_no_database_is_damaged(memory):
    memory.path.write_bytes(b"These are not the bytes of a database." * 100)
    refuse_all(memory, "is damaged")


def test_an_empty_file_is_an_empty_memory(memory):
    memory.path.touch()
    assert memory.headings() == ()
    assert memory.append("c", answer_to("q"), at=NOON) == 1


def test_damage_is_an_error_or_does_no_harm(tmp_path):
    memory = Memory.open(tmp_path / "talk.sqlite")
    for number in range(12):
        memory.append("c", answer_to(f"q{number}", "word " * 200), at=NOON)
    whole, right = memory.path.read_bytes(), {turn.number: turn for turn in memory.turns("c")}
    chance, errors = random.Random(7), 0
    for _ in range(300):
        content = bytearray(whole)
        start = chance.randrange(len(content))
        content[start : start + 8] = chance.randbytes(8)
        memory.path.write_bytes(content[: chance.choice([len(content), start])])
        found, said = turns_or_error(memory)
        errors += bool(said)
        assert not said or (str(memory.path) in said and "Traceback" not in said)
        # A lost row is a lost turn; a turn that comes back says what was stored.
        assert all(turn.answer == right[turn.number].answer for turn in found)
    assert errors > 100


def turns_or_error(memory: Memory) -> tuple[tuple[StoredTurn, ...], str]:
    try:
        return memory.turns("c"), ""
    except ConversationError as error:
        return (), str(error)


def test_a_file_that_cannot_be_written_says_so(memory):
    memory.append("c", answer_to("q"), at=NOON)
    journal = memory.path.with_name(f"{memory.path.name}-journal")
    journal.mkdir()  # stands in for a read-only folder, which root would not notice
    with pytest.raises(ConversationError, match="cannot be used") as caught:
        memory.append("c", answer_to("q"), at=NOON)
    assert "writable" in caught.value.remedy
    with pytest.raises(ConversationError, match="cannot be written"):
        Memory.open(memory.path / "in" / "no" / "folder").append("c", answer_to("q"), at=NOON)


def test_a_full_disk_says_so_and_loses_nothing(memory):
    memory.append("c", answer_to("q"), at=NOON)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, hard))
    try:
        with pytest.raises(ConversationError) as caught:
            memory.append("c", answer_to("big", "x" * 500_000), at=NOON)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "Make room" in caught.value.remedy
    assert [turn.question for turn in memory.turns("c")] == ["q"]
    assert memory.append("c", answer_to("again"), at=NOON) == 2


# Many at once


def test_threads_write_every_turn_once(memory):
    def write(number: int) -> int | None:
        return memory.append(f"c{number % 2}", answer_to(f"q{number}"), at=NOON)

    with ThreadPoolExecutor(16) as pool:
        numbers = list(pool.map(write, range(80)))
    assert sorted(numbers) == sorted([*range(1, 41), *range(1, 41)])
    assert {t.question for c in ("c0", "c1") for t in memory.turns(c)} == {f"q{n}" for n in range(80)}


def writer(path: Path, turns: int):
    said, ready = processes.Pipe(duplex=False)
    started = processes.Process(target=write, args=(path, turns, ready))
    started.start()
    assert said.poll(60)
    assert said.recv() == "ready"
    said.close()
    ready.close()
    return started


@pytest.mark.parametrize("rounds", [4, pytest.param(40, marks=pytest.mark.slow)])
def test_a_killed_writer_leaves_whole_turns(memory, rounds):
    chance, expected = random.Random(3), answer_to("q", LONG).quotes
    for _ in range(rounds):
        killed = writer(memory.path, 10_000)
        time.sleep(chance.uniform(0.01, 0.3))
        killed.kill()
        killed.join(60)
        assert killed.exitcode == -signal.SIGKILL
        turns = memory.turns("c")
        assert [turn.number for turn in turns] == list(range(turns[0].number, turns[-1].number + 1))
        assert all(turn.answer.quotes == expected for turn in turns)
        with sqlite3.connect(memory.path) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_several_processes_write_every_turn_once(memory):
    started = [writer(memory.path, 20) for _ in range(3)]
    for each in started:
        each.join(60)
    assert [each.exitcode for each in started] == [0, 0, 0]
    assert [turn.number for turn in memory.turns("c")] == list(range(1, 61))
