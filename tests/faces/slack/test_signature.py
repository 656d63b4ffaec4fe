"""The signature: what slack_sdk's own verifier accepts is let in, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.signature import Clock, SignatureVerifier
from starlette.datastructures import Headers

from onrecord.errors import SettingsError
from onrecord.faces.http.admission import Refused
from onrecord.faces.slack.settings import SlackSettings
from onrecord.faces.slack.signature import BODY, SlackGate
from tests.faces.slack.sending import SECRET, headers_for

NOW = 1_790_000_000.0
BODIES = b'{"type": "event_callback"}'


def status(headers: dict[str, str], body: bytes = BODIES, secrets: tuple[str, ...] = (SECRET,)) -> int:
    try:
        SlackGate(secrets, lambda: NOW).check(Headers(headers), body)
    except Refused as refused:
        return refused.response.status_code
    return 200


class Fixed(Clock):
    def now(self) -> float:
        return NOW


@given(st.integers(-400, 400), st.sampled_from(["", "x"]), st.sampled_from([SECRET, "another"]))
def test_it_agrees_with_slacks_own_verifier(seconds, added, secret):
    headers = headers_for(BODIES, secret=secret, at=NOW + seconds)
    body = BODIES + added.encode()
    agreed = SignatureVerifier(SECRET, Fixed()).is_valid_request(body, headers)
    assert status(headers, body) == (200 if agreed else 401)


def test_while_it_is_replaced_both_secrets_are_valid():
    settings = SlackSettings.load(signing_secret=f" old , {SECRET}")
    assert settings.secrets == ("old", SECRET)
    for secret, expected in (("old", 200), (SECRET, 200), ("other", 401)):
        assert status(headers_for(BODIES, secret=secret, at=NOW), secrets=settings.secrets) == expected


@pytest.mark.parametrize(
    "changed",
    [
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "soon"},
        {"X-Slack-Request-Timestamp": "1" * 5_000},
        {"X-Slack-Request-Timestamp": "-1790000000"},
        {"X-Slack-Request-Timestamp": "+1790000000"},
        {"X-Slack-Request-Timestamp": "1790000000.0"},
        {"X-Slack-Request-Timestamp": "１７９０００００００"},
        {"X-Slack-Request-Timestamp": " 1790000000"},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0="},
        {"X-Slack-Signature": "v0=" + "é" * 64},
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": "v1=" + "0" * 64},
        {"X-Slack-Signature": "v0=" + "0" * 10_000},
    ],
)
def test_what_is_not_signed_is_refused(changed):
    signed = headers_for(BODIES, at=NOW)
    raw = [(name.lower().encode(), value.encode()) for name, value in {**signed, **changed}.items()]
    with pytest.raises(Refused) as refused:
        SlackGate((SECRET,), lambda: NOW).check(Headers(raw=raw), BODIES)
    assert refused.value.response.status_code == 401


def test_a_large_body_is_refused_before_it_is_hashed():
    body = b"x" * (BODY + 1)
    assert status(headers_for(body, at=NOW), body) == 413


@pytest.mark.parametrize("name", ["SIGNING_SECRET", "BOT_TOKEN", "APP_TOKEN", "OUTGOING_TOKEN"])
@pytest.mark.parametrize("value", ["", "  ", "a,,b"])
def test_an_empty_secret_is_refused_by_name(monkeypatch, name, value):
    monkeypatch.setenv(f"SLACK_{name}", value)
    with pytest.raises(SettingsError, match=f"SLACK_{name}") as refused:
        SlackSettings.load()
    assert "a,," not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["http://slack.example/api/", "ftp://127.0.0.1/", "slack.com", "http://[", "https://"]
)
def test_a_token_is_not_sent_where_others_can_read_it(monkeypatch, url):
    monkeypatch.setenv("SLACK_API_URL", url)
    with pytest.raises(SettingsError, match="SLACK_API_URL"):
        SlackSettings.load()


def test_it_is_off_until_both_are_set():
    assert not SlackSettings.load().on
    assert not SlackSettings.load(signing_secret="s").on
    assert not SlackSettings.load(bot_token="t").on
    assert SlackSettings.load(signing_secret="s", bot_token="t").over_http
    assert SlackSettings.load(app_token="a", bot_token="t").over_socket
    assert "xoxb" not in repr(SlackSettings.load(bot_token="xoxb-1"))
