"""The state folder: where it is, whose it is, and that what lay beside the index comes along whole."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from onrecord import Assistant, Settings
from onrecord.assistant.memory import Memory
from onrecord.errors import ConversationError, SettingsError, SlackError
from onrecord.faces.cli.app import main
from onrecord.faces.cli.doctor import Row, examine
from onrecord.faces.http.ended_sessions import EndedSessions
from onrecord.faces.http.server_key import server_key
from onrecord.faces.slack.inbox import Inbox
from tests.assistant.test_memory import NOON, answer_to
from tests.shared import ROOT

NEW = ("conversations.sqlite", "server.key", "ended-sessions", "slack.sqlite")
OLD = tuple(f"index.conversations{end}" for end in (".sqlite", ".key", ".ended", ".slack.sqlite"))
KEY = bytes(range(32))
MADE = 1_650_000_000_000_000_000


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings.load(corpus=tmp_path / "corpus", index=tmp_path / "index")


@pytest.fixture
def old(settings, tmp_path) -> Path:
    """What an earlier onrecord kept beside the index; gives the folder."""
    kept = settings.model_copy(update={"conversations": tmp_path / OLD[0]})
    memory = Memory.of(kept)
    memory.append("before", answer_to("Who signed it?"), at=NOON)
    memory.rate("before", 1, up=True, reason="clear")
    kept.key_file.write_bytes(KEY)
    kept.key_file.chmod(0o600)
    os.utime(kept.key_file, ns=(MADE, MADE))
    EndedSessions(kept.ended_sessions).add("0" * 32, 2_000_000_000)
    inbox = Inbox.of(kept)
    inbox.accept("T1:C1:1.1", '{"text": "unanswered"}')
    inbox.close()
    assert [name for name in OLD if not (tmp_path / name).exists()] == []
    return tmp_path


def require_all_of_it(settings: Settings) -> None:
    """Look into the new place for everything that the fixture put into the old one."""
    [turn] = Memory.of(settings).turns("before")
    assert (turn.question, turn.rating.up, turn.rating.reason) == ("Who signed it?", True, "clear")
    assert server_key(settings.key_file, settings.state_folder) == KEY
    assert settings.key_file.stat().st_mtime_ns == MADE
    assert "0" * 32 in EndedSessions(settings.ended_sessions)
    inbox = Inbox.of(settings)
    assert not inbox.accept("T1:C1:1.1", "{}")
    assert [entry.job for entry in inbox.take_up()[0]] == ['{"text": "unanswered"}']
    inbox.close()
    assert {name for name in names_in(settings.state_folder.path) if name[0] != "."} == set(NEW)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def left_behind(folder: Path) -> list[str]:
    return [name for name in names_in(folder) if "conversations" in name]


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def state_row(settings: Settings) -> Row:
    [row] = [row for row in examine(settings) if row.check == "state"]
    return row


# Where it is


def test_it_lies_beside_the_corpus(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for corpus, folder in (
        ("corpus", tmp_path),
        ("sub/news.jsonl", tmp_path / "sub"),
        ("/data/news", "/data"),
    ):
        settings = Settings.load(corpus=corpus, index="elsewhere/index")
        assert settings.memory == Path(folder, ".onrecord/conversations.sqlite")
        places = (settings.memory, settings.key_file, settings.ended_sessions, settings.slack_inbox)
        assert [path.name for path in places] == list(NEW)


def test_a_setting_and_an_option_name_another(monkeypatch, tmp_path):
    monkeypatch.setenv("ONRECORD_STATE", str(tmp_path / "kept"))
    assert Settings.load().memory == tmp_path / "kept" / "conversations.sqlite"
    assert Settings.load(state=tmp_path / "other").slack_inbox == tmp_path / "other" / "slack.sqlite"


def test_indexes_of_one_corpus_are_told_apart_by_name():
    one, other = (Settings.load(corpus="/c/news", index=index) for index in ("/x/index", "/x/small"))
    assert one.memory.name == "conversations.sqlite"
    assert other.memory.name == "small.conversations.sqlite"
    assert other.key_file.name == "small.server.key"
    assert one.memory.parent == other.memory.parent == Path("/c/.onrecord")


def test_a_file_of_conversations_that_is_named_has_the_rest_beside_it(tmp_path):
    settings = Settings.load(conversations=tmp_path / "talk.sqlite", state=tmp_path / "state")
    assert settings.memory == tmp_path / "talk.sqlite"
    assert settings.key_file == tmp_path / "talk.key"
    assert settings.ended_sessions == tmp_path / "talk.ended"
    assert settings.slack_inbox == tmp_path / "talk.slack.sqlite"
    Memory.of(settings).append("c", answer_to("q"), at=NOON)
    assert names_in(tmp_path) == ["talk.sqlite"]


# Made when it is needed, for its owner alone, unseen by git


@pytest.mark.parametrize("keep", ["memory", "key", "inbox"])
def test_it_is_made_for_its_owner_alone_by_what_is_first_kept(settings, keep):
    before = os.umask(0)
    try:
        if keep == "memory":
            Memory.of(settings).append("c", answer_to("q"), at=NOON)
        elif keep == "key":
            server_key(settings.key_file, settings.state_folder)
        else:
            Inbox.of(settings).accept("k", "{}")
    finally:
        os.umask(before)
    folder = settings.state_folder.path
    assert mode_of(folder) == 0o700
    assert all(mode_of(path) == 0o600 for path in folder.iterdir() if path.name in NEW)
    assert (folder / ".gitignore").read_text() == "*\n"


def test_git_does_not_see_it_wherever_it_lies(settings, tmp_path):
    def git(*arguments: str) -> str:
        command = ["git", "-C", str(tmp_path), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    git("init", "--quiet")
    server_key(settings.key_file, settings.state_folder)
    assert settings.key_file.exists()
    assert git("status", "--porcelain", "--untracked-files=all") == ""
    assert "/.onrecord/" in (ROOT / ".gitignore").read_text().splitlines()


def test_a_folder_that_somebody_named_gets_no_gitignore_where_it_holds_something(tmp_path):
    (tmp_path / "mine.txt").touch()
    settings = Settings.load(state=tmp_path)
    server_key(settings.key_file, settings.state_folder)
    assert names_in(tmp_path) == ["mine.txt", "server.key"]


def test_reading_makes_nothing(settings, tmp_path, plain_index):
    memory = Memory.of(settings)
    assert memory.headings() == ()
    assert not memory.delete("c")
    with pytest.raises(ConversationError, match="no conversation"):
        memory.rename("c", "t")
    assert names_in(tmp_path) == []
    mine = plain_index.model_copy(update={"state": tmp_path / "state"})
    with Assistant.open(mine) as assistant:
        assistant.ask("What did Ostrow say about the harbour?")
        assert assistant.conversation("c").turns == ()
    state_row(mine)
    assert names_in(tmp_path) == []


def test_where_it_cannot_be_made_that_is_said(settings, tmp_path):
    settings = settings.model_copy(update={"state": tmp_path / "no" / "folder"})
    with pytest.raises(ConversationError, match="cannot be written") as raised:
        Memory.of(settings).append("c", answer_to("q"), at=NOON)
    assert "ONRECORD_STATE" in raised.value.remedy
    (tmp_path / "file").touch()
    settings = settings.model_copy(update={"state": tmp_path / "file"})
    with pytest.raises(SettingsError, match="is no folder"):
        server_key(settings.key_file, settings.state_folder)
    with pytest.raises(SlackError, match="is no folder"):
        Inbox.of(settings).accept("k", "{}")


def test_a_folder_of_another_user_is_refused(settings, monkeypatch):
    folder = settings.state_folder
    folder.make()
    if os.geteuid() == 0:
        os.chown(folder.path, 4_242, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 4_243)
    with pytest.raises(SettingsError, match="another user") as raised:
        server_key(settings.key_file, folder)
    assert "ONRECORD_STATE" in raised.value.remedy
    assert not settings.key_file.exists()


def test_cleaning_up_leaves_it(settings, tmp_path):
    for name in ("index", "src", "tests", "tools"):
        (tmp_path / name).mkdir()
    (tmp_path / "index" / "gen-1").touch()
    server_key(settings.key_file, settings.state_folder)
    subprocess.run(
        ["make", "-C", tmp_path, "-f", ROOT / "Makefile", "clean"], check=True, capture_output=True
    )
    assert not (tmp_path / "index" / "gen-1").exists()
    assert len(server_key(settings.key_file)) == 32
    assert settings.key_file.exists()


# What lay beside the index


def test_old_files_are_read_where_they_are_until_something_is_kept(old, settings):
    [heading] = Memory.of(settings).headings()
    assert heading.id == "before"
    assert not settings.state_folder.path.exists()


@pytest.mark.parametrize("keep", ["memory", "key", "inbox"])
def test_old_files_are_taken_along_once(old, settings, caplog, keep):
    if keep == "memory":
        Memory.of(settings).append("after", answer_to("And then?"), at=NOON)
    elif keep == "key":
        server_key(settings.key_file, settings.state_folder)
    else:
        inbox = Inbox.of(settings)
        inbox.accept("other", "{}")
        inbox.finish("other", "done")
        inbox.close()
    assert left_behind(old) == []
    require_all_of_it(settings)
    [line] = caplog.messages
    assert all(name in line for name in (*OLD, str(old), str(settings.state_folder.path)))


def test_an_index_of_another_name_takes_along_its_own(old, settings):
    other = settings.model_copy(update={"index": old / "small"})
    assert server_key(other.key_file, other.state_folder) != KEY
    assert len(left_behind(old)) == len(OLD)


def test_to_delete_or_rename_an_old_conversation_takes_it_along(old, settings):
    memory = Memory.of(settings)
    memory.rename("before", "Signatures")
    assert left_behind(old) == []
    assert [heading.title for heading in memory.headings()] == ["Signatures"]
    assert memory.delete("before")


def test_what_a_killed_server_had_not_written_back_comes_along(old, settings):
    script = (
        "import os, signal, sys; from pathlib import Path; from onrecord.faces.slack.inbox import Inbox\n"
        "Inbox(Path(sys.argv[1])).accept('late', '{}'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", script, str(old / OLD[3])], env=own_environment(), check=False)
    assert (old / f"{OLD[3]}-wal").stat().st_size > 0
    inbox = Inbox.of(settings)
    assert not inbox.accept("late", "{}")
    inbox.close()
    assert left_behind(old) == []


def test_while_another_process_uses_the_old_inbox_nothing_moves(old, settings, monkeypatch):
    monkeypatch.setattr("onrecord.state._WAIT", 0.1)
    before = names_in(old)
    with closing(sqlite3.connect(old / OLD[3])) as running:
        running.execute("SELECT * FROM entry").fetchall()
        with pytest.raises(SettingsError, match="still running") as raised:
            server_key(settings.key_file, settings.state_folder)
        assert OLD[3] in raised.value.message
        assert "ONRECORD_CONVERSATIONS" in raised.value.remedy
        assert not settings.key_file.exists()
    assert set(before) <= set(names_in(old))
    settings.state_folder.make()
    require_all_of_it(settings)


@pytest.mark.parametrize("name", OLD)
@pytest.mark.parametrize("kind", ["link", "folder", "another user's"])
def test_what_is_no_file_of_ours_is_refused_and_nothing_moves(old, settings, monkeypatch, name, kind):
    path = old / name
    if kind == "another user's":
        monkeypatch.setattr(os, "geteuid", lambda: 12_345)
    else:
        path.rename(old / "real")
        path.symlink_to(old / "real") if kind == "link" else path.mkdir()
    told = "is a link" if kind == "link" else "is no file" if kind == "folder" else "another user"
    before = left_behind(old)
    with pytest.raises(SettingsError, match=told) as raised:
        server_key(settings.key_file, settings.state_folder)
    assert str(old) in raised.value.message
    assert left_behind(old) == before
    with pytest.raises(ConversationError, match=told):
        Memory.of(settings).append("c", answer_to("q"), at=NOON)
    with pytest.raises(SlackError, match=told):
        Inbox.of(settings).accept("k", "{}")


def test_what_cannot_be_moved_is_told_and_no_second_history_begun(old, settings, monkeypatch):
    def denied(self: Path, target: Path) -> Path:
        raise OSError(errno.EACCES, "Permission denied", str(self))

    monkeypatch.setattr(Path, "rename", denied)
    with pytest.raises(ConversationError, match="Permission denied"):
        Memory.of(settings).append("c", answer_to("q"), at=NOON)
    assert not settings.memory.exists()
    [heading] = Memory.of(settings).headings()
    assert heading.id == "before"
    going_on = settings.model_copy(update={"conversations": old / OLD[0]})
    assert server_key(going_on.key_file, going_on.state_folder) == KEY


def test_a_damaged_old_file_is_told_as_such_in_its_new_place(old, settings):
    (old / OLD[0]).write_bytes(b"no database" * 1_000)
    assert server_key(settings.key_file, settings.state_folder) == KEY
    with pytest.raises(ConversationError, match="damaged"):
        Memory.of(settings).headings()


# Across file systems, at once, and interrupted


def other_file_system(self: Path, target: Path) -> Path:
    if self.parent != Path(target).parent:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), str(self))
    os.replace(self, target)  # noqa: PTH105  (Path.rename is what this stands in for)
    return Path(target)


def test_old_files_come_along_from_another_file_system(old, settings, monkeypatch):
    monkeypatch.setattr(Path, "rename", other_file_system)
    before = os.umask(0)
    try:
        settings.state_folder.make()
    finally:
        os.umask(before)
    assert left_behind(old) == []
    assert all(mode_of(settings.state_folder.path / name) == 0o600 for name in NEW)
    require_all_of_it(settings)


def test_where_there_is_no_room_the_old_files_stay(old, settings, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "rename", other_file_system)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(ConversationError, match="No space left"):
            Memory.of(settings).append("c", answer_to("q"), at=NOON)
    assert left_behind(old) == sorted(OLD)
    settings.state_folder.make()
    require_all_of_it(settings)


INTERRUPTED = """
import os, signal, sys
from pathlib import Path
from onrecord import Settings
from tests.test_state import other_file_system
left, renames, removes = int(sys.argv[2]), Path.rename, Path.unlink
if sys.argv[3] == "across":
    renames = other_file_system
def counted(call):
    def step(*arguments, **options):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments, **options)
    return step
Path.rename, Path.unlink = counted(renames), counted(removes)
folder = Path(sys.argv[1])
Settings.load(corpus=folder / "corpus", index=folder / "index").state_folder.make()
"""


def own_environment() -> dict[str, str]:
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT), os.environ["PYTHONPATH"]])
    return {**os.environ, "PYTHONPATH": path}


@pytest.mark.parametrize(
    ("where", "step"), [*(("here", n) for n in range(4)), *(("across", n) for n in range(20))]
)
def test_whoever_is_killed_midway_loses_nothing(old, settings, where, step):
    command = [sys.executable, "-c", INTERRUPTED, str(old), str(step), where]
    done = subprocess.run(command, env=own_environment(), check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    [heading] = Memory.of(settings).headings()
    assert heading.id == "before"
    settings.state_folder.make()
    require_all_of_it(settings)
    assert left_behind(old) == []
    assert not settings.state_folder.left()


WRITING = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from onrecord import Settings
from onrecord.assistant.memory import Memory
from onrecord.faces.http.server_key import server_key
from tests.assistant.test_memory import answer_to
folder = Path(sys.argv[1])
settings = Settings.load(corpus=folder / "corpus", index=folder / "index")
print("ready", flush=True)
sys.stdin.readline()
Memory.of(settings).append("before", answer_to(sys.argv[2]), at=datetime.now(UTC))
sys.stdout.write(server_key(settings.key_file, settings.state_folder).hex())
"""


def test_processes_that_start_at_once_share_what_was_there(old, settings):
    pipe = subprocess.PIPE
    started = [
        subprocess.Popen(
            [sys.executable, "-c", WRITING, str(old), f"q{number}"],
            env=own_environment(), stdin=pipe, stdout=pipe, stderr=pipe, text=True,
        )
        for number in range(4)
    ]  # fmt: skip
    assert [each.stdout.readline() for each in started] == ["ready\n"] * 4
    for each in started:
        each.stdin.write("\n")
        each.stdin.flush()
    told = [each.communicate(timeout=60) for each in started]
    assert [key for key, _ in told] == [KEY.hex()] * 4
    assert sum("Taken along" in line for _, lines in told for line in lines.splitlines()) == 1
    asked = {turn.question for turn in Memory.of(settings).turns("before")}
    assert asked == {"Who signed it?", "q0", "q1", "q2", "q3"}
    assert left_behind(old) == []


def test_threads_that_read_meanwhile_always_find_it(old, settings):
    def read(_: int) -> int:
        return len(Memory.of(settings).headings())

    with ThreadPoolExecutor(8) as pool:
        found = pool.map(read, range(300))
        settings.state_folder.make()
        assert set(found) == {1}


# Doctor


def test_doctor_names_the_folder_and_what_lies_in_it(plain_index, tmp_path):
    settings = plain_index.model_copy(update={"state": tmp_path / "state"})
    row = state_row(settings)
    assert (row.ok, row.state) == (True, f"{tmp_path / 'state'}: made when something is first kept")
    server_key(settings.key_file, settings.state_folder)
    assert state_row(settings).state == f"{tmp_path / 'state'}: server.key (32 bytes)"
    named = settings.model_copy(update={"conversations": tmp_path / "talk.sqlite"})
    assert str(tmp_path / "talk.sqlite") in state_row(named).state


def test_doctor_names_what_will_be_taken_along(old, settings):
    row = state_row(settings)
    assert row.ok
    assert all(str(old / name) in row.state for name in OLD)
    assert "will be taken along" in row.state
    assert len(left_behind(old)) == len(OLD)


def test_doctor_fails_where_old_files_were_not_taken_along(old, settings):
    settings.state_folder.make()
    (old / OLD[0]).write_bytes(settings.memory.read_bytes())  # as by an earlier onrecord that is still used
    row = state_row(settings)
    assert not row.ok
    assert str(old / OLD[0]) in row.state
    assert str(settings.state_folder.path) in row.state
    assert "Move" in row.remedy


def test_doctor_fails_where_old_files_cannot_be_taken_along(old, settings):
    (old / OLD[1]).rename(old / "real")
    (old / OLD[1]).symlink_to(old / "real")
    row = state_row(settings)
    assert not row.ok
    assert "is a link" in row.state
    assert "ONRECORD_CONVERSATIONS" in row.remedy


def test_the_option_reaches_doctor(plain_index, tmp_path, capfd):
    places = ["--corpus", str(plain_index.corpus), "--index", str(plain_index.index)]
    main(["doctor", *places, "--state", str(tmp_path / "mine")])
    assert f"{tmp_path / 'mine'}: made when" in capfd.readouterr().out
