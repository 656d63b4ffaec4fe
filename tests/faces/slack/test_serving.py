"""`onrecord serve` with Slack on, as a process, over real HTTP: what people do there, and what they get."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from urllib.parse import urlencode

import httpx
import pytest

from onrecord.assistant.memory import Memory
from tests.faces.slack import blockkit
from tests.faces.slack.conftest import Running
from tests.faces.slack.mockslack import TOKEN
from tests.faces.slack.sending import SECRET, event_body, headers_for, message

pytestmark = pytest.mark.slow

ASKED = "What did Blinken say about the prospects of reviving the Iran nuclear deal?"
FOREIGN = "What did the central bank of Japan decide about interest rates in Osaka?"
TRUE = "at this moment, there's no prospect for an agreement again"


@pytest.fixture
def channel(site: Running, request) -> str:
    """A channel that no other test uses."""
    return f"C{abs(hash(request.node.nodeid)) % 10**9}"


def answer_to(site: Running, event: dict) -> dict:
    """Wait for the answer to a message."""

    def there() -> list[dict]:
        posted = site.slack.messages(event["channel"])
        key = f"T1:{event['channel']}:{event['ts']}/0"
        return [each for each in posted if each["metadata"]["event_payload"]["key"] == key]

    return site.slack.wait(there)[0]


def hook(site: Running, name: str) -> str:
    return f"{site.slack.url}/hooks/{name}"


def hooked(site: Running, name: str, count: int = 1) -> list[dict]:
    """Wait for what was sent to a ``response_url``."""

    def there() -> list[dict] | None:
        found = [call.fields for call in site.slack.of("hook") if call.fields["path"] == f"/hooks/{name}"]
        return found if len(found) >= count else None

    return site.slack.wait(there)


def told(message: dict) -> str:
    return "\n".join(blockkit.strings(message["blocks"]))


def asked_over_http(site: Running, question: str) -> dict:
    answered = site.sender.client.post("/api/ask", json={"question": question})
    return answered.json()


# The page and Slack are one server


def test_slack_checks_the_address_and_gets_its_challenge(site):
    body = json.dumps({"type": "url_verification", "token": "x", "challenge": "3eZbrw1aB"}).encode()
    answered = site.sender.send("/slack/events", body)
    assert (answered.status_code, answered.json()) == (200, {"challenge": "3eZbrw1aB"})


def test_slack_may_call_the_server_by_any_name_and_without_its_token(site):
    body = json.dumps({"type": "url_verification", "challenge": "abc"}).encode()
    headers = headers_for(body, Host="another.example", Origin="https://elsewhere.example")
    assert site.sender.send("/slack/events", body, headers).status_code == 200
    for host, status in (("onrecord.newsroom.example", 200), ("another.example", 421)):
        assert site.sender.client.get("/api/info", headers={"Host": host}).status_code == status


def test_other_paths_beside_its_own_are_not_there(site):
    for path in ("/slack/", "/slack/other", "/slack/outgoing", "/slack/events/x"):
        assert site.sender.client.post(path, content=b"{}").status_code == 404
    assert site.sender.client.get("/slack/events").status_code in (404, 405)


# Asking


def test_the_answer_is_the_same_as_everywhere(site, channel):
    event = site.sender.mention(ASKED, channel=channel)
    answer = answer_to(site, event)
    elsewhere = asked_over_http(site, ASKED)
    assert blockkit.quotations(answer) == [quote["text"] for quote in elsewhere["quotes"]]
    first = elsewhere["quotes"][0]
    link = f"https://onrecord.newsroom.example/?open={first['article_id']}&start={first['start']}&end={first['end']}"
    assert link in json.dumps(answer["blocks"])
    assert "The article quotes Antony Blinken:" in told(answer)
    assert answer["thread_ts"] == event["ts"]
    assert site.slack.of("chat.postMessage")[-1].token == TOKEN


def test_a_thread_is_one_conversation(site, channel):
    first = site.sender.mention(ASKED, channel=channel)
    answer_to(site, first)
    later = site.sender.mention("And what did he say about Russia?", channel=channel, thread_ts=first["ts"])
    answer = answer_to(site, later)
    assert answer["thread_ts"] == first["ts"]
    assert "Searched as: " in told(answer)
    assert "Blinken" in told(answer).split("Searched as: ")[1].splitlines()[0]


def test_a_thread_it_is_mentioned_in_midway_is_read_first(site, channel):
    site.slack.say(channel, "1700000000.1", ASKED, ts="1700000000.1")
    site.slack.say(channel, "1700000000.1", "I wonder too", ts="1700000000.2")
    event = site.sender.mention(
        "And what did he say about Russia?", channel=channel, thread_ts="1700000000.1"
    )
    assert "Blinken" in told(answer_to(site, event)).split("Searched as: ")[1].splitlines()[0]


def test_a_direct_message_is_answered_and_shows_a_status(site):
    event = message(ASKED, kind="message", channel="D77")
    assert site.sender.event(event).status_code == 200
    answer_to(site, event)
    status = [call.fields for call in site.slack.of("assistant.threads.setStatus")]
    assert {"channel_id": "D77", "thread_ts": event["ts"]}.items() <= status[-1].items()


def test_a_refusal_says_what_was_searched(site, channel):
    answer = answer_to(site, site.sender.mention(FOREIGN, channel=channel))
    assert "Not in this corpus." in told(answer)
    assert "Searched 2 articles" in told(answer)


def test_a_mention_without_a_question_gets_help_that_one_person_sees(site, channel):
    site.sender.mention("", channel=channel)
    found = site.slack.wait(
        lambda: [c for c in site.slack.of("chat.postEphemeral") if c.fields["channel"] == channel]
    )
    assert found[0].fields["user"] == "U1"
    assert "/ask verify" in told(found[0].fields)


def test_a_question_that_cannot_be_used_is_explained_to_one_person(site, channel):
    site.sender.mention("why " * 600, channel=channel)
    found = site.slack.wait(
        lambda: [c for c in site.slack.of("chat.postEphemeral") if c.fields["channel"] == channel]
    )
    assert "more than 2,000" in told(found[0].fields)
    assert site.slack.messages(channel) == []


# Commands and shortcuts


def test_a_command_is_acknowledged_then_answered_for_everybody(site):
    answered = site.sender.command(ASKED, hook(site, "ask"))
    assert (answered.status_code, answered.json()["response_type"]) == (200, "ephemeral")
    [answer] = hooked(site, "ask")
    assert answer["response_type"] == "in_channel"
    assert ASKED in told(answer)
    assert blockkit.quotations(answer) == [quote["text"] for quote in asked_over_http(site, ASKED)["quotes"]]


def test_a_refusal_of_a_command_is_for_who_asked(site):
    site.sender.command(FOREIGN, hook(site, "foreign"))
    assert hooked(site, "foreign")[0]["response_type"] == "ephemeral"


def test_a_command_may_hold_the_word_payload(site):
    site.sender.command("What payload did Blinken mention?", hook(site, "payload"))
    assert hooked(site, "payload")


def test_a_command_gives_help(site):
    assert site.sender.command("help", hook(site, "help")).status_code == 200
    assert "Mention me in a channel" in told(hooked(site, "help")[0])


@pytest.mark.parametrize(
    ("typed", "verdict"),
    [
        (f"verify “{TRUE}”", "Exact"),
        (f"verify {TRUE.replace('no', 'a', 1)}", "Altered"),
        ("verify “We come in peace today”", "Not in this corpus"),
    ],
)
def test_a_quotation_is_verified_by_command(site, typed, verdict):
    name = verdict.replace(" ", "")
    site.sender.command(typed, hook(site, name))
    [found] = hooked(site, name)
    assert found["response_type"] == "ephemeral"
    assert f"1. {verdict}:" in told(found)
    assert all(quoted in TRUE or TRUE in quoted for quoted in blockkit.quotations(found))


def test_a_message_is_checked_by_its_shortcut(site):
    text = f"Blinken said “{TRUE}” &amp; more\n&gt; {TRUE}\n“there is every prospect for an agreement now”"
    assert site.sender.shortcut(text, hook(site, "shortcut")).status_code == 200
    [found] = hooked(site, "shortcut")
    assert found["response_type"] == "ephemeral"
    assert "3 quotations checked: 2 exact, 1 altered." in told(found)


# Buttons, home


def test_a_rating_is_kept_with_the_answer(site, channel):
    event = site.sender.mention(ASKED, channel=channel)
    answer = answer_to(site, event)
    [value] = {each["value"] for each in answer["blocks"][-1]["elements"]}
    assert site.sender.click("unhelpful", value, hook(site, "rated")).status_code == 200
    assert "Thank you" in told(hooked(site, "rated")[0])
    [turn] = Memory(site.server.kept).turns(value.split()[0], owner="slack:T1")
    assert (turn.question, turn.rating.up) == (ASKED, False)


def test_a_rating_of_a_command_is_kept_too(site):
    site.sender.command(ASKED, hook(site, "first"))
    value = hooked(site, "first")[0]["blocks"][-1]["elements"][0]["value"]
    site.sender.click("helpful", value, hook(site, "second"))
    assert "Thank you" in told(hooked(site, "second")[0])


def test_the_home_shows_questions_that_can_be_asked_there(site):
    site.sender.event({"type": "app_home_opened", "user": "U55", "tab": "home", "channel": "D55"})
    published = site.slack.wait(
        lambda: [c for c in site.slack.of("views.publish") if c.fields["user_id"] == "U55"]
    )
    assert published[0].answered["ok"]
    blocks = published[0].fields["view"]["blocks"]
    button = next(block["accessory"] for block in blocks if "accessory" in block)
    assert "Searches 2 articles" in "\n".join(blockkit.strings(blocks))
    site.sender.click(button["action_id"], button["value"], channel={}, user={"id": "U55"})
    site.slack.wait(lambda: len(site.slack.messages("U55")) == 1 and len(site.slack.messages("DU55")) >= 1)
    assert blockkit.quotations(site.slack.messages("DU55")[0])


def test_an_assistant_thread_begins_with_suggestions(site):
    thread = {"user_id": "U1", "channel_id": "D66", "thread_ts": "1700000000.5", "context": {}}
    site.sender.event({"type": "assistant_thread_started", "assistant_thread": thread})
    [found] = site.slack.wait(lambda: site.slack.of("assistant.threads.setSuggestedPrompts"))
    assert found.fields["channel_id"] == "D66"
    assert 1 <= len(found.fields["prompts"]) <= 4


# Once, and only what people said


def test_the_same_message_is_answered_once(site, channel):
    event = message(f"<@UBOT> {ASKED}", channel=channel)
    for number, reason in enumerate(["", "http_timeout", "connection_failed", "http_timeout"]):
        retry = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason} if number else {}
        assert site.sender.event(event, retry, event_id="EvSame1").status_code == 200
    assert site.sender.event(event, event_id="EvOther1").status_code == 200
    assert site.sender.event({**event, "type": "message", "channel_type": "channel"}).status_code == 200
    answer_to(site, event)
    answer_to(site, site.sender.mention(ASKED, channel=f"{channel}0"))
    assert len(site.slack.messages(channel)) == 1


def test_a_retry_whose_first_never_came_is_answered(site, channel):
    event = message(f"<@UBOT> {ASKED}", channel=channel)
    site.sender.event(event, {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "connection_failed"})
    answer_to(site, event)


def test_a_request_that_is_replayed_is_answered_once(site, channel):
    event = message(f"<@UBOT> {ASKED}", channel=channel)
    body = json.dumps(event_body(event)).encode()
    fields = {
        "command": "/ask",
        "text": ASKED,
        "team_id": "T1",
        "user_id": "U1",
        "trigger_id": "9.9.replayed",
    }
    form = urlencode({**fields, "response_url": hook(site, "replayed")}).encode()
    for path, sent in (("/slack/events", body), ("/slack/commands", form)):
        headers = headers_for(sent)
        for _ in range(3):
            assert site.sender.send(path, sent, headers).status_code == 200
    answer_to(site, event)
    hooked(site, "replayed")
    answer_to(site, site.sender.mention(ASKED, channel=f"{channel}2"))
    assert len(site.slack.messages(channel)) == 1
    assert len(hooked(site, "replayed")) == 1


def test_messages_out_of_order_are_each_answered(site, channel):
    first = message(f"<@UBOT> {ASKED}", channel=channel)
    later = message("<@UBOT> And what did he say about Russia?", channel=channel, thread_ts=first["ts"])
    for event in (later, first):
        assert site.sender.event(event).status_code == 200
    assert answer_to(site, first)["thread_ts"] == answer_to(site, later)["thread_ts"] == first["ts"]
    assert len(site.slack.messages(channel)) == 2


@pytest.mark.parametrize(
    "others",
    [
        {"bot_id": "B1"},
        {"user": "UBOT"},
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"edited": {"user": "U1", "ts": "1.1"}},
        {"bot_profile": {"id": "B1"}},
    ],
)
def test_bots_edits_and_deletions_are_never_answered(site, channel, others):
    before = len(site.slack.calls)
    for event in (
        message(ASKED, channel=channel, **others),
        message(ASKED, kind="message", channel="D88", **others),
    ):
        assert site.sender.event(event).status_code == 200
    assert site.sender.event(message(ASKED, kind="message", channel=channel)).status_code == 200
    answer_to(site, site.sender.mention(ASKED, channel=f"{channel}1"))
    mine = [call for call in site.slack.calls[before:] if call.fields.get("channel") in (channel, "D88")]
    assert mine == []


def test_what_bolt_does_not_know_is_acknowledged(site):
    for event in (
        {"type": "tokens_revoked", "tokens": {"bot": ["x"]}},
        {"type": "channel_rename"},
        {"type": "app_uninstalled"},
    ):
        assert site.sender.event(event).status_code == 200
    assert site.sender.click("unknown", "1").status_code == 200
    assert (
        site.sender.interact({"type": "view_submission", "view": {}, "team": {"id": "T1"}}).status_code < 500
    )


# What is left behind


def test_no_secret_and_no_message_is_in_the_log_or_the_inbox(site, channel):
    canary = "canary-of-what-was-asked"
    answer_to(site, site.sender.mention(f"{ASKED} {canary}", channel=channel))
    bad = json.dumps({"type": "event_callback", "event": {"text": canary}}).encode()
    site.sender.send("/slack/events", bad, headers_for(bad, secret="wrong"))
    site.sender.send("/slack/events", bad[:-1])
    for secret in (canary, TOKEN, SECRET, "/hooks/"):
        assert secret not in site.log
    site.slack.wait(lambda: not _open_jobs(site))
    with closing(sqlite3.connect(site.inbox)) as database:
        assert database.execute("SELECT count(*) FROM entry WHERE job IS NOT NULL").fetchone() == (0,)
    assert "Traceback" not in site.log


def _open_jobs(site: Running) -> int:
    with closing(sqlite3.connect(site.inbox)) as database:
        return database.execute("SELECT count(*) FROM entry WHERE state IN ('open', 'posting')").fetchone()[0]


def test_everything_posted_is_within_limits_and_makes_no_mention(site):
    posted = [
        call.fields
        for call in site.slack.calls
        if call.method in ("chat.postMessage", "chat.postEphemeral", "hook")
    ]
    assert len(posted) > 10
    for each in posted:
        assert list(blockkit.faults(each)) == []
        assert blockkit.markup_of(each) == []
    assert 500 not in site.sender.statuses


def test_the_page_is_there_beside_it(site):
    assert isinstance(site.sender.client.get("/", headers={"Accept": "text/html"}), httpx.Response)
    assert site.sender.client.get("/").status_code == 200
