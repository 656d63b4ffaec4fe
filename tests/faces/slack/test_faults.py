"""What Slack does wrong (RELIABILITY row 27), and what happens when too much is asked at once."""

from __future__ import annotations

import itertools
import json
import logging
import time

import pytest

from onrecord import Assistant
from onrecord.errors import IndexMissingError
from onrecord.faces.slack.sender import is_slack_address
from tests import corpora
from tests.faces.slack import blockkit
from tests.faces.slack.inprocess import here
from tests.faces.slack.mockslack import TOKEN, Down, MockSlack, mock_slack
from tests.faces.slack.sending import SECRET

ASKED = "Who opened the new harbour?"
pytestmark = pytest.mark.slow
_channels = (f"C{number}" for number in itertools.count(100))


@pytest.fixture(scope="module")
def mock():
    with mock_slack() as slack:
        yield slack


@pytest.fixture(scope="module")
def site(plain_index, mock, tmp_path_factory):
    with here(plain_index, mock, tmp_path_factory.mktemp("faults")) as running:
        yield running


@pytest.fixture
def channel():
    return next(_channels)


@pytest.fixture(autouse=True)
def logged(caplog):
    caplog.set_level(logging.DEBUG)
    yield
    for secret in (TOKEN, SECRET, "hooks/secret"):
        assert secret not in caplog.text


def answered(mock: MockSlack, channel: str, seconds: float = 20) -> dict:
    return mock.wait(lambda: mock.messages(channel), seconds)[0]


def settled(site, channel: str) -> list[dict]:
    """Give what was posted once another question after it has been answered."""
    other = next(_channels)
    site.sender.mention(ASKED, channel=other)
    answered(site.slack, other)
    return site.slack.messages(channel)


def test_a_mention_is_answered_in_its_thread_with_exact_quotations(site, mock, channel):
    event = site.sender.mention(ASKED, channel=channel)
    message = answered(mock, channel)
    assert message["thread_ts"] == event["ts"]
    texts = [record["text"] for record in corpora.PLAIN]
    assert blockkit.quotations(message)
    assert all(any(quoted in text for text in texts) for quoted in blockkit.quotations(message))


def test_it_waits_as_long_as_slack_asks(site, mock, channel):
    mock.script["chat.postMessage"].append(Down(429, "ratelimited", {"Retry-After": "2"}))
    site.sender.mention(ASKED, channel=channel)
    answered(mock, channel)
    first, second = [call for call in mock.of("chat.postMessage") if call.fields["channel"] == channel]
    assert 2.0 <= second.at - first.at < 6


@pytest.mark.parametrize(
    ("down", "code"),
    [
        (Down(429, "ratelimited", {"Retry-After": "3600"}), "ratelimited"),
        (Down(200, "channel_not_found"), "channel_not_found"),
        (Down(200, "is_archived"), "is_archived"),
        (Down(200, "token_revoked"), "token_revoked"),
        (Down(200, "invalid_auth"), "invalid_auth"),
    ],
)
def test_what_slack_refuses_is_dropped_with_a_line(site, mock, channel, caplog, down, code):
    mock.script["chat.postMessage"].append(down)
    site.sender.mention(f"{ASKED} canary-of-a-question", channel=channel)
    mock.wait(lambda: f"dropped ask: Slack did not take it: {code}" in caplog.text)
    assert settled(site, channel) == []
    assert len([call for call in mock.of("chat.postMessage") if call.fields["channel"] == channel]) == 1
    assert "canary-of-a-question" not in caplog.text


def test_a_message_that_is_too_long_is_sent_shorter(site, mock, channel):
    mock.script["chat.postMessage"].append(Down(200, "msg_too_long"))
    site.sender.mention(ASKED, channel=channel)
    assert blockkit.size(answered(mock, channel)) <= 6_600


@pytest.mark.parametrize(
    "downs",
    [
        [Down(503, "down"), Down(500, "internal_error")],
        [Down(200, "internal_error")],
        [Down(502, text="<html>bad gateway</html>")],
    ],
)
def test_an_outage_is_waited_for(site, mock, channel, downs):
    mock.script["chat.postMessage"] += downs
    site.sender.mention(ASKED, channel=channel)
    answered(mock, channel)
    assert len(settled(site, channel)) == 1


@pytest.mark.parametrize("down", [Down(503, heard=True), Down(502, heard=True, text="<html></html>")])
def test_what_was_heard_although_it_failed_is_not_said_twice(site, mock, channel, down):
    mock.script["chat.postMessage"].append(down)
    event = site.sender.mention(ASKED, channel=channel)
    mock.wait(lambda: [call for call in mock.of("conversations.replies") if call.fields["ts"] == event["ts"]])
    settled(site, channel)
    assert len(mock.threads[channel, event["ts"]]) == 1


def test_one_message_a_second_goes_to_a_channel(site, mock, channel):
    for _ in range(3):
        site.sender.mention(ASKED, channel=channel)
    mock.wait(lambda: len(mock.messages(channel)) == 3)
    times = [call.at for call in mock.of("chat.postMessage") if call.fields["channel"] == channel]
    assert min(later - earlier for earlier, later in itertools.pairwise(times)) > 0.9


def test_a_channel_that_waits_holds_up_no_other(site, mock, channel):
    for _ in range(4):
        site.sender.mention(ASKED, channel=channel)
    other = next(_channels)
    site.sender.mention(ASKED, channel=other)
    answered(mock, other, 3)
    mock.wait(lambda: len(mock.messages(channel)) == 4)


def test_a_status_that_is_refused_holds_nothing_up(site, mock, channel):
    mock.script["reactions.add"].append(Down(200, "missing_scope"))
    site.sender.mention(ASKED, channel=channel)
    answered(mock, channel)


def test_a_reaction_shows_that_it_is_searching_and_is_taken_back(site, mock, channel):
    event = site.sender.mention(ASKED, channel=channel)
    for method in ("reactions.add", "reactions.remove"):
        mock.wait(lambda name=method: [c for c in mock.of(name) if c.fields["timestamp"] == event["ts"]])


def test_slack_that_is_gone_ends_nothing(plain_index, tmp_path, caplog):
    with mock_slack() as slack:
        pass  # its port is closed again
    with here(plain_index, slack, tmp_path) as running:
        running.sender.mention(ASKED)
        slack.wait(lambda: "unreachable" in caplog.text, 30)
        assert running.sender.client.get("/api/health").status_code == 200


def test_a_slow_answer_holds_up_no_other_request(site, mock, channel):
    mock.script["reactions.add"].append(Down(200, pause=4))
    mock.script["chat.postMessage"].append(Down(200, heard=True, pause=4))
    site.sender.mention(ASKED, channel=channel)
    mock.wait(lambda: [call for call in mock.of("chat.postMessage") if call.fields["channel"] == channel])
    started = time.monotonic()
    assert site.sender.command("help", f"{mock.url}/hooks/quick").status_code == 200
    assert site.sender.client.get("/api/health").status_code == 200
    assert site.sender.client.post("/api/ask", json={"question": ASKED}).status_code == 200
    assert time.monotonic() - started < 3.5


def test_when_too_much_waits_people_are_told_so(plain_index, tmp_path):
    with mock_slack() as slack, here(plain_index, slack, tmp_path, queue=2, workers=1) as running:
        slack.always["reactions.add"] = Down(200, pause=0.2)
        slack.script["chat.postMessage"] += [Down(200, heard=True, pause=3)]
        events = [running.sender.mention(ASKED, channel=f"C{number}") for number in range(8)]
        told = slack.wait_for("chat.postEphemeral", 5)
        assert all("Busy" in call.fields["text"] for call in told)
        answered = running.sender.command(ASKED, f"{slack.url}/hooks/secret")
        assert (answered.status_code, "Busy" in answered.json()["text"]) == (200, True)
        assert "ephemeral" in answered.text
        slack.wait(lambda: len(slack.messages()) == 3)
        busy = {call.fields["channel"] for call in told}
        assert busy | {message["channel"] for message in slack.messages()} == {e["channel"] for e in events}
        assert running.face._intake.most <= 2


def test_an_address_that_is_not_slacks_is_never_called(site, mock, caplog, plain_index):
    with mock_slack() as foreign:
        for url in (f"{foreign.url}/hooks/steal", "http://169.254.169.254/latest", "file:///etc/passwd"):
            assert site.sender.command(ASKED, url).status_code == 200
        mock.wait(lambda: caplog.text.count("is not Slack's") == 3)
        assert foreign.calls == []


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("https://hooks.slack.com/commands/T/1/x", True),
        ("https://hooks.slack-gov.com/commands/T/1/x", True),
        ("http://hooks.slack.com/commands", False),
        ("https://hooks.slack.com.evil.example/", False),
        ("https://evil.example/hooks.slack.com", False),
        ("https://hooks.slack.com@evil.example/", False),
        ("https://user:pass@hooks.slack.com/", False),
        ("https://hooks.slack.com:8443/", False),
        ("https://hooks.slack.com:port/", False),
        ("//hooks.slack.com/", False),
        ("", False),
    ],
)
def test_only_slacks_own_addresses_are_slacks(url, ours):
    assert is_slack_address(url) is ours


def test_errors_name_a_remedy_and_no_secret(site, mock, channel, caplog):
    mock.script["chat.postMessage"].append(Down(200, "not_in_channel"))
    site.sender.mention(ASKED, channel=channel)
    mock.wait(lambda: "Invite the app to the channel." in caplog.text)
    assert "Invite the app to the channel." in caplog.text


def test_two_questions_of_a_thread_are_answered_in_their_order(site, mock, channel):
    first = site.sender.mention(ASKED, channel=channel)
    later = site.sender.mention("And what did it cost?", channel=channel, thread_ts=first["ts"])
    mock.wait(lambda: len(mock.messages(channel)) == 2)
    keys = [message["metadata"]["event_payload"]["key"] for message in mock.messages(channel)]
    assert keys == [f"T1:{channel}:{event['ts']}/0" for event in (first, later)]
    assert "Searched as: " in json.dumps(mock.messages(channel)[1]["blocks"])


def test_what_only_its_keepers_can_mend_is_told_to_them(plain_index, tmp_path, caplog):
    with mock_slack() as slack, here(plain_index, slack, tmp_path) as running:
        (tmp_path / "conversations.sqlite").write_bytes(b"no database" * 1_000)
        running.sender.mention(ASKED)
        told = slack.wait_for("chat.postEphemeral")[0].fields["text"]
    assert told == "This cannot be answered at the moment. The server's log says why."
    assert str(tmp_path) in caplog.text


def test_a_home_that_cannot_be_drawn_sends_nobody_a_message(plain_index, tmp_path, caplog, monkeypatch):
    def missing(_: Assistant) -> None:
        raise IndexMissingError("There is no index.", remedy="Build one.")

    with mock_slack() as slack, here(plain_index, slack, tmp_path) as running:
        monkeypatch.setattr(Assistant, "info", missing)
        running.sender.event({"type": "app_home_opened", "user": "U7", "tab": "home", "channel": "D7"})
        slack.wait(lambda: "home could not be done" in caplog.text)
        running.sender.mention("help", channel="C7")
        slack.wait_for("chat.postEphemeral")
        assert slack.messages("U7") == []
