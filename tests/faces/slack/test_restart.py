"""What a process that was killed left behind: taken up by the next one, sent once, or said to be lost."""

from __future__ import annotations

import logging
import os
import time
from dataclasses import replace

import pytest

from onrecord import Assistant
from onrecord.assistant.memory import Memory
from onrecord.faces.slack.inbox import Inbox
from onrecord.faces.slack.jobs import Job, JobKind
from tests.faces.slack.inprocess import here
from tests.faces.slack.mockslack import Down, mock_slack

pytestmark = pytest.mark.slow

ASKED = "Who opened the new harbour?"


def asked(channel: str, **others) -> Job:
    key = f"T1:{channel}:1.1"
    return replace(Job(JobKind.ASK, key, "T1", channel, "U1", ASKED, ts="1.1", thread="1.1"), **others)


def left(folder, *jobs: Job, posting: bool = False, ago: float = 5) -> None:
    """Write jobs down as a process would that has died since."""
    at = time.time() - ago
    inbox = Inbox(folder / "conversations.slack.sqlite", lambda: at)
    inbox._holder = f"{inbox._host}:{_dead()}:abc"
    for job in jobs:
        assert inbox.accept(job.key, replace(job, at=at).to_json())
        if posting:
            inbox.posting(job.key)
    inbox.close()


def _dead() -> int:
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    return child


def test_what_was_not_begun_is_answered(plain_index, tmp_path):
    left(tmp_path, asked("C1"), asked("C2"))
    with mock_slack() as slack, here(plain_index, slack, tmp_path) as running:
        slack.wait(lambda: {each["channel"] for each in slack.messages()} == {"C1", "C2"})
        assert running.sender.event(
            {"type": "app_mention", "user": "U1", "channel": "C1", "ts": "1.1", "text": ASKED}
        ).is_success
        running.sender.mention(ASKED, channel="C3")
        slack.wait(lambda: slack.messages("C3"))
        assert len(slack.messages("C1")) == 1


@pytest.mark.parametrize("told", ["{}", "no JSON", '{"kind": "of tomorrow"}', '{"kind": "ask", "mood": 1}'])
def test_what_another_version_wrote_ends_nothing(plain_index, tmp_path, caplog, told, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(Job, "to_json", lambda _: told)
        left(tmp_path, asked("C1"), ago=6)
    left(tmp_path, asked("C2"))
    with mock_slack() as slack, here(plain_index, slack, tmp_path):
        slack.wait(lambda: slack.messages("C2"))
        assert slack.messages("C1") == []
    assert "another version" in caplog.text


def test_what_may_have_been_sent_is_looked_for_first(plain_index, tmp_path):
    left(tmp_path, asked("C1"), asked("C2"), posting=True)
    with mock_slack() as slack:
        mark = {"event_type": "onrecord_answer", "event_payload": {"key": "T1:C1:1.1/0"}}
        slack.threads["C1", "1.1"].append({"ts": "1.2", "text": "answer", "bot_id": "B1", "metadata": mark})
        with here(plain_index, slack, tmp_path) as running:
            slack.wait(lambda: slack.messages("C2"))
            running.sender.mention(ASKED, channel="C3")
            slack.wait(lambda: slack.messages("C3"))
            assert slack.messages("C1") == []


def test_what_may_have_been_sent_and_cannot_be_looked_for_is_not_sent_twice(plain_index, tmp_path, caplog):
    left(tmp_path, asked("C1"), posting=True)
    with mock_slack() as slack:
        slack.always["conversations.replies"] = Down(200, "missing_scope")
        with here(plain_index, slack, tmp_path):
            slack.wait(lambda: "missing_scope" in caplog.text)
    assert slack.messages() == []


@pytest.mark.parametrize("posting", [False, True])
def test_a_command_is_answered_unless_it_may_have_been(plain_index, tmp_path, caplog, posting):
    caplog.set_level(logging.INFO)
    with mock_slack() as slack:
        job = Job(JobKind.ASK, "command:T1:1.1", "T1", "C1", "U1", ASKED, response_url=f"{slack.url}/hooks/a")
        left(tmp_path, job, posting=posting)
        with here(plain_index, slack, tmp_path):
            slack.wait(lambda: "it is not sent twice" in caplog.text if posting else slack.of("hook"))
        assert len(slack.of("hook")) == (0 if posting else 1)


def test_what_nobody_waits_for_any_more_is_said_to_be_lost(plain_index, tmp_path, caplog):
    left(tmp_path, asked("C1"), ago=3_600)
    with mock_slack() as slack, here(plain_index, slack, tmp_path):
        slack.wait(lambda: "came too long ago" in caplog.text)
    assert slack.messages() == []


def test_an_answer_that_was_kept_is_sent_as_it_was(plain_index, tmp_path):
    """Killed between keeping a turn and sending it: the turn is not kept twice."""
    settings = plain_index.model_copy(update={"conversations": tmp_path / "conversations.sqlite"})
    left(tmp_path, asked("C1"))
    with Assistant.open(settings) as assistant:
        assistant.conversation("C1.1.1", owner="slack:T1").ask(ASKED)
    with mock_slack() as slack, here(plain_index, slack, tmp_path):
        slack.wait(lambda: slack.messages("C1"))
    assert len(Memory(settings.memory).turns("C1.1.1", owner="slack:T1")) == 1
    assert "Searched as" not in str(slack.messages("C1"))


def test_a_damaged_inbox_is_said_and_answers_go_on(plain_index, tmp_path, caplog):
    (tmp_path / "conversations.slack.sqlite").write_bytes(b"no database" * 1_000)
    with mock_slack() as slack, here(plain_index, slack, tmp_path) as running:
        event = running.sender.mention(ASKED, channel="C1")
        running.sender.event(event)
        slack.wait(lambda: slack.messages("C1"))
        running.sender.mention(ASKED, channel="C2")
        slack.wait(lambda: slack.messages("C2"))
        assert len(slack.messages("C1")) == 1
    assert "only recognised until the next start" in caplog.text
