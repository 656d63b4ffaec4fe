"""What Slack sends, signed as Slack signs it."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from typing import Any
from urllib.parse import urlencode

import httpx
from slack_sdk.signature import SignatureVerifier

__all__ = ["SECRET", "Sender", "event_body", "headers_for", "message"]

SECRET = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
_numbers = itertools.count(1)


def next_ts() -> str:
    return f"17900{next(_numbers):05}.000{next(_numbers):03}"


def headers_for(
    body: bytes, *, secret: str = SECRET, at: float | None = None, **others: str
) -> dict[str, str]:
    """Sign a body with slack_sdk's own verifier; it cannot sign what is no UTF-8, so that is done here."""
    timestamp = str(int(time.time() if at is None else at))
    try:
        signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    except UnicodeDecodeError:
        signed = b"v0:%s:%s" % (timestamp.encode(), body)
        signature = f"v0={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"
    kind = "application/json" if body[:1] in (b"{", b"[") else "application/x-www-form-urlencoded"
    signed = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": str(signature)}
    return {"Content-Type": kind, **signed, **others}


def message(
    text: str, *, kind: str = "app_mention", channel: str = "C1", ts: str = "", **others: Any
) -> dict[str, Any]:
    """An event: somebody writes something."""
    direct = {"channel_type": "im"} if channel.startswith("D") else {"channel_type": "channel"}
    said = {"type": kind, "user": "U1", "text": text, "channel": channel, "ts": ts or next_ts()}
    return {**said, **(direct if kind == "message" else {}), **others}


def event_body(event: dict[str, Any], **others: Any) -> dict[str, Any]:
    """The envelope of an event."""
    ours = [{"team_id": "T1", "user_id": "UBOT", "is_bot": True, "is_enterprise_install": False}]
    told = {"token": "verification", "team_id": "T1", "api_app_id": "A1", "type": "event_callback"}
    ident = {"event_id": f"Ev{next(_numbers):08}", "event_time": int(time.time()), "authorizations": ours}
    return {**told, "event": event, **ident, **others}


class Sender:
    """Sends to a server what Slack would.

    Args:
        url: Of the server.
    """

    def __init__(self, url: str) -> None:
        self.client = httpx.Client(base_url=url, timeout=30, trust_env=False)
        self.statuses: list[int] = []

    def __enter__(self) -> Sender:
        return self

    def __exit__(self, *error: object) -> None:
        self.client.close()

    def send(self, path: str, body: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
        answered = self.client.post(
            path, content=body, headers=headers_for(body) if headers is None else headers
        )
        self.statuses.append(answered.status_code)
        return answered

    def event(
        self, event: dict[str, Any], headers: dict[str, str] | None = None, **others: Any
    ) -> httpx.Response:
        body = json.dumps(event_body(event, **others)).encode()
        return self.send("/slack/events", body, headers_for(body) | (headers or {}))

    def mention(self, text: str, **options: Any) -> dict[str, Any]:
        """Somebody mentions the app; give the event."""
        event = message(f"<@UBOT> {text}", **options)
        assert self.event(event).status_code == 200
        return event

    def command(self, text: str, url: str, **others: str) -> httpx.Response:
        fields = {"command": "/ask", "text": text, "team_id": "T1", "channel_id": "C1", "user_id": "U1"}
        more = {"response_url": url, "trigger_id": f"1.{next(_numbers)}.abc", **others}
        return self.send("/slack/commands", urlencode({**fields, **more}).encode())

    def interact(self, payload: dict[str, Any]) -> httpx.Response:
        return self.send("/slack/interactivity", urlencode({"payload": json.dumps(payload)}).encode())

    def shortcut(self, text: str, url: str) -> httpx.Response:
        said = {"type": "message", "user": "U2", "ts": next_ts(), "text": text}
        return self.interact(
            {
                "type": "message_action",
                "callback_id": "check_quotations",
                "trigger_id": f"2.{next(_numbers)}.abc",
                "team": {"id": "T1", "domain": "newsroom"},
                "user": {"id": "U1"},
                "channel": {"id": "C1", "name": "general"},
                "message": said,
                "response_url": url,
            }
        )

    def click(self, action: str, value: str, url: str = "", **others: Any) -> httpx.Response:
        return self.interact(
            {
                "type": "block_actions",
                "trigger_id": f"3.{next(_numbers)}.abc",
                "team": {"id": "T1", "domain": "newsroom"},
                "user": {"id": "U1"},
                "channel": {"id": "C1", "name": "general"},
                "container": {"type": "message"},
                "actions": [{"type": "button", "action_id": action, "value": value, "action_ts": next_ts()}],
                "response_url": url,
                **others,
            }
        )
