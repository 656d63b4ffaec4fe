"""What came in is known again: under another event id, after a restart, and from another process."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from onrecord.errors import SlackError
from onrecord.faces.slack.inbox import Inbox


class Time:
    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def inbox(tmp_path, time):
    opened = Inbox(tmp_path / "slack.sqlite", time)
    yield opened
    opened.close()


def test_a_message_is_new_once(inbox):
    assert inbox.accept("T1:C1:1.1", "{}", event="Ev1")
    assert not inbox.accept("T1:C1:1.1", "{}", event="Ev2")
    assert not inbox.accept("T1:C1:9.9", "{}", event="Ev1")
    assert inbox.accept("T1:C1:1.2", "{}")
    assert inbox.accept("T1:C1:1.3", "{}")


def test_of_many_at_once_one_is_new(tmp_path, time):
    inboxes = [Inbox(tmp_path / "slack.sqlite", time) for _ in range(4)]
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda n: inboxes[n % 4].accept("k", "{}", event=f"E{n}"), range(64)))
    assert sum(found) == 1
    for each in inboxes:
        each.close()


def test_it_is_known_after_a_restart_and_forgotten_in_the_end(tmp_path, inbox, time):
    inbox.accept("k", "{}")
    inbox.finish("k", "done")
    again = Inbox(inbox.path, time)
    assert not again.accept("k", "{}")
    time.now += 4 * 86_400
    again.renew()
    assert again.accept("k", "{}")
    again.close()


CHILD = """
import os, sys
from pathlib import Path
from onrecord.faces.slack.inbox import Inbox
inbox = Inbox(Path(sys.argv[1]), lambda: float(sys.argv[2]))
for key in ("begun", "posting", "done"):
    inbox.accept(key, key.upper())
inbox.posting("posting")
inbox.finish("done", "done")
os._exit(9)
"""


def test_what_a_dead_process_left_is_taken_up_once(inbox, time):
    done = subprocess.run([sys.executable, "-c", CHILD, inbox.path, str(time.now)], check=False)
    assert done.returncode == 9
    left, late = inbox.take_up()
    assert [(entry.job, entry.posting) for entry in left] == [("BEGUN", False), ("POSTING", True)]
    assert late == 0
    assert inbox.take_up() == ([], 0)
    inbox.finish("begun", "done")
    other = Inbox(inbox.path, time)
    time.now += 61  # the first is alive, but has said nothing for a minute
    [(entry)], late = other.take_up()
    assert (entry.job, late) == ("POSTING", 0)
    other.close()


def test_what_another_process_is_at_work_on_is_left_to_it(inbox, time):
    other = Inbox(inbox.path, time)
    other._holder = f"elsewhere:{os.getpid()}:abc"
    other.accept("k", "{}")
    assert inbox.take_up() == ([], 0)
    time.now += 50
    other.renew()
    time.now += 50
    assert inbox.take_up() == ([], 0)
    time.now += 15
    assert len(inbox.take_up()[0]) == 1
    other.close()


def test_what_nobody_waits_for_any_more_is_given_up(inbox, time):
    subprocess.run([sys.executable, "-c", CHILD, inbox.path, str(time.now)], check=False)
    time.now += 1_000
    assert inbox.take_up() == ([], 2)


def test_the_job_is_forgotten_once_it_is_done_and_the_file_is_the_owners(inbox):
    inbox.accept("k", "https://hooks.slack.com/commands/canary")
    assert inbox.path.stat().st_mode & 0o077 == 0
    inbox.finish("k", "done")
    inbox.close()
    database = sqlite3.connect(inbox.path)
    assert database.execute("SELECT state, job FROM entry").fetchall() == [("done", None)]
    database.close()


def test_a_damaged_or_forbidden_file_is_said(tmp_path):
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"no database" * 1_000)
    for path in (broken, tmp_path / "missing" / "slack.sqlite"):
        with pytest.raises(SlackError, match=path.name):
            Inbox(path).accept("k", "{}")


def test_a_digest_shows_a_quotation_once(inbox):
    assert inbox.unposted("s", ["a", "b"]) == {"a", "b"}
    inbox.note_posted("s", ["a"])
    assert inbox.unposted("s", ["a", "b"]) == {"b"}
    assert inbox.unposted("other", ["a"]) == {"a"}
