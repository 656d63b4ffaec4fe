"""Setting it up: the manifest agrees with what is listened to and called, the docs with the manifest."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import pytest
import yaml

from onrecord import Settings
from onrecord.errors import SettingsError
from onrecord.faces.cli.app import main
from onrecord.faces.cli.doctor import examine
from onrecord.faces.slack.app import COMMANDS, EVENTS, INTERACTIVITY, OUTGOING
from onrecord.faces.slack.jobs import of_event
from onrecord.faces.slack.listeners import SHORTCUT
from onrecord.faces.slack.manifest import MANIFEST, manifest
from onrecord.faces.slack.settings import SlackSettings
from tests.faces.slack.inprocess import here
from tests.faces.slack.mockslack import Down, mock_slack
from tests.faces.slack.sending import event_body, message, next_ts
from tests.shared import ROOT

ASKED = "Who opened the new harbour?"
DOCS = (ROOT / "docs" / "slack.md").read_text(encoding="utf-8")
# Web API methods that the code calls, and the scopes of which one is enough (docs.slack.dev).
CALLS = {
    "chat_postMessage": {"chat:write"},
    "chat_postEphemeral": {"chat:write"},
    "reactions_add": {"reactions:write"},
    "reactions_remove": {"reactions:write"},
    "conversations_replies": {"channels:history", "groups:history", "im:history", "mpim:history"},
    "assistant_threads_setStatus": {"assistant:write"},
    "assistant_threads_setSuggestedPrompts": {"assistant:write"},
    "views_publish": set(),
    "auth_test": set(),
}
EVENT_SCOPES = {
    "app_mention": {"app_mentions:read"},
    "message.im": {"im:history"},
    "app_home_opened": set(),
    "assistant_thread_started": {"assistant:write"},
}


@pytest.fixture(scope="module")
def told() -> dict:
    return yaml.safe_load(manifest("https://onrecord.newsroom.example/sub"))


def test_the_manifest_names_the_routes(told):
    base = "https://onrecord.newsroom.example/sub"
    settings = told["settings"]
    assert settings["event_subscriptions"]["request_url"] == base + EVENTS
    assert settings["interactivity"]["request_url"] == base + INTERACTIVITY
    [command] = told["features"]["slash_commands"]
    assert (command["command"], command["url"]) == ("/ask", base + COMMANDS)
    assert [each["callback_id"] for each in told["features"]["shortcuts"]] == [SHORTCUT]
    assert not settings["socket_mode_enabled"]


def test_the_manifest_for_socket_mode_names_no_address():
    text = manifest(None)
    assert yaml.safe_load(text)["settings"]["socket_mode_enabled"] is True
    assert "https://onrecord" not in text.replace("`onrecord slack manifest --url https://…`", "")
    assert not re.search(r"^\s*(request_)?url:", text, re.MULTILINE)


def test_the_manifest_asks_for_what_is_used_and_no_more(told):
    sources = [path.read_text(encoding="utf-8") for path in MANIFEST.parent.glob("*.py")]
    called = set(re.findall(r"client\.([a-z]+(?:_[a-zA-Z]+)+)\(", "\n".join(sources))) - {"send_dict"}
    called -= {"connect_to_new_endpoint"}
    assert called == set(CALLS)
    events = told["settings"]["event_subscriptions"]["bot_events"]
    assert set(events) == set(EVENT_SCOPES)
    needed = {"commands"}.union(*CALLS.values(), *EVENT_SCOPES.values())
    assert set(told["oauth_config"]["scopes"]["bot"]) == needed


def test_what_is_subscribed_to_is_answered(told):
    thread = {"channel_id": "D1", "thread_ts": "1.1"}
    samples = {
        "app_mention": message("<@UBOT> x"),
        "message.im": message("x", kind="message", channel="D1"),
        "app_home_opened": {"type": "app_home_opened", "user": "U1", "tab": "home"},
        "assistant_thread_started": {"type": "assistant_thread_started", "assistant_thread": thread},
    }
    for event in told["settings"]["event_subscriptions"]["bot_events"]:
        assert of_event(event_body(samples[event])) is not None


def test_the_manifest_is_within_slacks_limits(told):
    info = told["display_information"]
    assert len(info["name"]) <= 35
    assert len(info["description"]) <= 140
    assert 174 <= len(info["long_description"]) <= 4_000
    [command] = told["features"]["slash_commands"]
    assert len(command["description"]) <= 2_000
    [shortcut] = told["features"]["shortcuts"]
    assert len(shortcut["name"]) <= 24


def test_the_docs_explain_each_scope_event_and_variable(told):
    for name in (
        *told["oauth_config"]["scopes"]["bot"],
        *told["settings"]["event_subscriptions"]["bot_events"],
    ):
        assert f"`{name}`" in DOCS
    for name in SlackSettings.model_fields:
        assert f"`SLACK_{name.upper()}`" in DOCS


@pytest.mark.parametrize(
    "url", ["http://onrecord.example", "https://", "https://a b", "https://a/\n  evil: x", 'https://a"']
)
def test_an_address_that_slack_would_not_call_is_refused(url):
    with pytest.raises(SettingsError):
        manifest(url)


def test_the_command_prints_it(capsys):
    assert main(["slack", "manifest", "--url", "https://a.example"]) == 0
    assert (
        yaml.safe_load(capsys.readouterr().out)["features"]["slash_commands"][0]["url"]
        == "https://a.example/slack/commands"
    )
    assert main(["slack", "manifest"]) == 2
    assert "--socket" in capsys.readouterr().err


@pytest.mark.parametrize(
    "url", ["", "ftp://a.example", "https://", "https://u:p@a.example", "https://a.example/?x=1"]
)
def test_the_pages_address_is_checked(url):
    with pytest.raises(SettingsError, match="public_url"):
        Settings.load(public_url=url)


# doctor


def row(settings: Settings):
    return next(each for each in examine(settings) if each.check == "slack")


def test_doctor_says_what_to_set(plain_index, monkeypatch):
    found = row(plain_index)
    assert found.ok
    assert "SLACK_SIGNING_SECRET and SLACK_BOT_TOKEN" in found.state
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    found = row(plain_index)
    assert not found.ok
    assert "SLACK_SIGNING_SECRET" in found.remedy


def test_doctor_asks_slack_whether_the_token_works(plain_index, monkeypatch):
    with mock_slack() as slack:
        for name, value in (("BOT_TOKEN", "xoxb-canary"), ("SIGNING_SECRET", "s"), ("API_URL", slack.api)):
            monkeypatch.setenv(f"SLACK_{name}", value)
        assert row(plain_index).state == "@onrecord in Newsroom, by HTTP"
        slack.script["auth.test"].append(Down(200, "token_revoked"))
        found = row(plain_index)
    assert not found.ok
    assert "token_revoked" in found.state
    found = row(plain_index)
    assert "cannot be reached" in found.state
    assert "xoxb" not in found.state + found.remedy


# Other ways in


@pytest.mark.slow
def test_socket_mode_answers_the_same(plain_index, tmp_path, caplog):
    options = {"app_token": "xapp-canary", "signing_secret": None}
    with mock_slack() as slack, here(plain_index, slack, tmp_path, **options) as running:
        assert slack.connected.wait(10)
        event = message(f"<@UBOT> {ASKED}", channel="C1")
        envelope = {"type": "events_api", "envelope_id": "e1", "accepts_response_payload": False}
        slack.sent.append({**envelope, "payload": event_body(event)})
        slack.sent.append({**envelope, "envelope_id": "e2", "payload": event_body(event)})
        fields = {"command": "/ask", "text": "help", "team_id": "T1", "user_id": "U1", "channel_id": "C1"}
        command = {**fields, "response_url": f"{slack.url}/hooks/a", "trigger_id": "1.1.x"}
        slack.sent.append({"type": "slash_commands", "envelope_id": "e3", "payload": command})
        slack.wait(lambda: {each["envelope_id"] for each in slack.acknowledged} == {"e1", "e2", "e3"})
        slack.wait(lambda: slack.messages("C1"))
        slack.wait_for("hook")
        assert len(slack.messages("C1")) == 1
        assert slack.of("apps.connections.open")[0].token == "xapp-canary"
        assert running.sender.client.post(EVENTS, content=b"{}").status_code == 404
    for secret in ("xapp-canary", "secret-ticket"):
        assert secret not in caplog.text


@pytest.mark.slow
def test_a_legacy_outgoing_webhook_has_a_route_only_when_its_token_is_set(plain_index, tmp_path):
    with mock_slack() as slack, here(plain_index, slack, tmp_path, outgoing_token="legacy-token") as running:
        fields = {
            "token": "legacy-token",
            "team_id": "T1",
            "channel_id": "C5",
            "user_id": "U1",
            "user_name": "ann",
        }
        said = {**fields, "timestamp": next_ts(), "text": f"quote: {ASKED}", "trigger_word": "quote:"}
        for changed, status in (
            ({"token": "guess"}, 401),
            ({"token": ""}, 401),
            ({}, 200),
            ({}, 200),
            ({"user_id": "USLACKBOT", "timestamp": next_ts()}, 200),
        ):
            answered = running.sender.client.post(OUTGOING, content=urlencode({**said, **changed}))
            assert answered.status_code == status
        assert running.sender.client.post(OUTGOING, content=b"\xff").status_code == 400
        slack.wait(lambda: slack.messages("C5"))
        assert [each["thread_ts"] for each in slack.messages("C5")] == [said["timestamp"]]


def test_without_secrets_slacks_libraries_are_not_even_imported():
    code = (
        "import sys, onrecord.faces.server; "
        "print([name for name in sys.modules if name.startswith('slack_')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# docs/slack.md, followed literally


@pytest.mark.slow
@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("openssl")), reason="needs curl and openssl")
def test_the_script_of_the_docs_shows_an_answer(built_index, tmp_path):
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "python").symlink_to(sys.executable)
    program = folder / "onrecord"
    program.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -m onrecord.faces.cli.app "$@"\n', encoding="utf-8"
    )
    program.chmod(0o755)
    ports = {"STANDIN_PORT": str(_free_port()), "PORT": str(_free_port())}
    named = {"ONRECORD_CORPUS": str(built_index.corpus), "ONRECORD_INDEX": str(built_index.index)}
    done = subprocess.run(
        ["bash", str(ROOT / "docs" / "slack-try.sh")],
        env={**os.environ, **ports, **named, "BIN": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert '{"challenge": "a-challenge"}' in done.stdout
    text = (Path(built_index.corpus) / "000_958ad2b006b0f065.txt").read_text(encoding="utf-8")
    assert f"\n| {text[486:804]}\n" in done.stdout
    assert "This is not signed by Slack" in done.stdout


def test_the_docs_name_the_script():
    for name in ("slack-try.sh", "slack-send.sh", "slack-standin.py"):
        assert (ROOT / "docs" / name).is_file()
        assert name in DOCS


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return bound.getsockname()[1]
