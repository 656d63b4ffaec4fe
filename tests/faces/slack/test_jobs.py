"""What is read from a payload, and what is never answered."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from slack_sdk.web.async_client import AsyncWebClient

from onrecord.faces.http.admission import Refused
from onrecord.faces.slack.jobs import Job, JobKind, of_action, of_command, of_event, of_outgoing, of_shortcut
from onrecord.faces.slack.listeners import bolt_app, dispatched
from onrecord.faces.slack.queue import Taken
from onrecord.faces.slack.signature import read_form, read_json
from tests.faces.slack.sending import event_body, message

HOOK = "https://hooks.slack.com/commands/T1/1/x"


def test_a_mention_is_a_question_in_its_thread():
    job = of_event(event_body(message("<@UBOT> what did he say?", ts="17.5")))
    assert (job.kind, job.text, job.key, job.thread) == (
        JobKind.ASK,
        "what did he say?",
        "T1:C1:17.5",
        "17.5",
    )
    job = of_event(event_body(message("<@UBOT> and now?", ts="17.6", thread_ts="17.5")))
    assert (job.thread, job.ts) == ("17.5", "17.6")


def test_a_direct_message_needs_no_mention():
    job = of_event(event_body(message("who?", kind="message", channel="D1", ts="18.1")))
    assert (job.kind, job.text, job.channel, job.direct) == (JobKind.ASK, "who?", "D1", True)


@pytest.mark.parametrize(
    "event",
    [
        message("hello", kind="message"),  # in a channel, without or beside a mention
        message("<@UBOT> x", kind="message"),
        message("x", kind="message", channel="G1", channel_type="mpim"),
        message("x", user="UBOT"),
        message("x", kind="message", channel="D1", user="UBOT"),
        message("x", kind="message", channel="D1", bot_id="B9"),
        message("x", bot_id="B9"),
        message("x", bot_profile={"id": "B9"}),
        message("x", kind="message", channel="D1", subtype="bot_message"),
        message("x", kind="message", channel="D1", subtype="message_changed"),
        message("x", kind="message", channel="D1", subtype="message_deleted"),
        message("x", kind="message", channel="D1", hidden=True),
        message("x", edited={"user": "U1", "ts": "1.1"}),
        message("x", subtype="channel_join"),
        message("x", subtype=["odd"]),
        message("x", ts="no number"),
        message("x", channel="C1 /../"),
        message("x", user=None),
        {"type": "reaction_added"},
        {"type": "app_home_opened", "user": "U1", "tab": "messages"},
        {},
    ],
)
def test_what_is_never_answered(event):
    assert of_event(event_body(event)) is None


@pytest.mark.parametrize(
    ("typed", "kind", "text"),
    [
        ("", JobKind.HELP, ""),
        (" Help ", JobKind.HELP, ""),
        ("verify", JobKind.HELP, ""),
        ("verify “We will go”", JobKind.VERIFY, "“We will go”"),
        ("verify: We will go now", JobKind.VERIFY, "“We will go now”"),
        ("What is payload?", JobKind.ASK, "What is payload?"),
    ],
)
def test_a_command_says_what_is_wanted(typed, kind, text):
    form = {
        "team_id": "T1",
        "user_id": "U1",
        "channel_id": "C1",
        "text": typed,
        "response_url": HOOK,
        "trigger_id": "1.2.x",
    }
    job = of_command(form)
    assert (job.kind, job.text, job.key) == (kind, text, "command:T1:1.2.x")
    assert of_command({**form, "response_url": ""}) is None


def test_a_question_that_begins_with_verify_is_a_question():
    job = of_event(event_body(message("<@UBOT> verify whether he said so")))
    assert (job.kind, job.text) == (JobKind.ASK, "verify whether he said so")


def test_a_job_can_be_stored():
    job = Job(JobKind.RATE, "k", "T1", "C1", "U1", "text 🙂 \ud800", up=True, at=1.5)
    assert Job.from_json(job.to_json()) == job


NAMES = (
    "team_id team user channel event type text ts actions action_id value message trigger_id response_url"
    " authorizations subtype bot_id user_id is_bot channel_id channel_type timestamp"
).split()
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["T1", "U1", "1.1", "D1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(NAMES), anything))
def test_no_payload_breaks_the_readers(body):
    for read in (of_event, of_command, of_shortcut, of_action, of_outgoing):
        assert read(body) is None or isinstance(read(body), Job)


kinds = st.sampled_from(
    ["event_callback", "block_actions", "message_action", "url_verification", "view_submission"]
)
odd = st.dictionaries(st.sampled_from([*NAMES, "command", "callback_id", "view", "challenge"]), anything)


@given(
    st.lists(
        st.builds(lambda body, kind: {**body, "type": kind}, odd, kinds | st.text(max_size=3)), max_size=5
    )
)
@example([{"type": "block_actions", "actions": 7}, {"type": "event_callback", "event": {"type": 5}}])
def test_no_signed_payload_is_a_fault(bodies):
    async def take(job):
        return Taken.NEW

    async def statuses():
        app = bolt_app(AsyncWebClient("xoxb-1"), take)
        return [(await dispatched(app, body)).status for body in bodies]

    assert {*asyncio.run(statuses())} <= {200, 400, 404}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"[1]",
        b'"x"',
        b"{",
        b"{'a': 1}",
        b"\xff\xfe",
        b'{"a": "\xff"}',
        b"null",
        b'{"a": NaN}',
        b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
        b"[" * 20_000,
        b'{"a":' + b"[" * 500 + b"]" * 500 + b"}",
    ],
)
def test_what_is_no_object_is_refused(body):
    with pytest.raises(Refused) as refused:
        read_json(body)
    assert refused.value.response.status_code == 400


@pytest.mark.parametrize("body", [b"a=%ff", b"\xff", b"payload=[]", b"payload={", b"&".join([b"a=1"] * 101)])
def test_a_form_that_cannot_be_read_is_refused(body):
    with pytest.raises(Refused) as refused:
        read_form(body)
    assert refused.value.response.status_code == 400
