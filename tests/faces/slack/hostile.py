"""Requests that nobody who means well sends, each with the statuses that may answer it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.faces.slack.sending import event_body, headers_for, message

__all__ = ["Hostile", "hostile"]

BODY = json.dumps(event_body(message("<@UBOT> canary-hostile"))).encode()
REFUSED = (400, 401, 408, 413, 431)
PATHS = ("/slack/events", "/slack/commands", "/slack/interactivity")


@dataclass(frozen=True)
class Hostile:
    """One request.

    Attributes:
        name: What is wrong with it.
        path: Where it is sent.
        body: Its body.
        headers: Its headers.
        statuses: Any of which is right.
    """

    name: str
    path: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    statuses: tuple[int, ...] = REFUSED


def hostile() -> Iterator[Hostile]:
    """Give each of them, for each path where it makes a difference."""
    for path in PATHS:
        yield Hostile("unsigned", path, BODY, {"Content-Type": "application/json"}, (401,))
        yield Hostile("forged", path, BODY, headers_for(BODY, secret="guessed"), (401,))
        yield Hostile("forged, 10 MB", path, b"x" * 10_000_000, headers_for(b"x"), (413,))
        yield Hostile("signed, 10 MB", path, big := b"x" * 10_000_000, headers_for(big), (413,))
    signed = headers_for(BODY)
    for name, value in _timestamps().items():
        yield Hostile(name, PATHS[0], BODY, {**signed, "X-Slack-Request-Timestamp": value})
    for name, value in _signatures(signed["X-Slack-Signature"]).items():
        yield Hostile(name, PATHS[0], BODY, {**signed, "X-Slack-Signature": value})
    for seconds in (-320, 360, -10_000_000):
        stale = headers_for(BODY, at=time.time() + seconds)
        yield Hostile(f"signed {seconds} s off", PATHS[0], BODY, stale, (401,))
    yield Hostile("another body than signed", PATHS[0], BODY + b" ", signed, (401,))
    for name, body in _bodies().items():
        yield Hostile(f"signed, {name}", PATHS[0], body, headers_for(body), (400,))
        yield Hostile(f"unsigned, {name}", PATHS[0], body, {"Content-Type": "application/json"}, (401,))
    for name, body in _forms().items():
        yield Hostile(f"signed form, {name}", PATHS[2], body, headers_for(body), (400,))


def _timestamps() -> dict[str, str]:
    return {
        "no timestamp": "",
        "timestamp in words": "yesterday",
        "negative timestamp": "-1",
        "fraction": f"{time.time()}",
        "not a number": "NaN",
        "timestamp of 5,000 digits": "1" * 5_000,
        "timestamp of 100,000 digits": "1" * 100_000,
        "timestamp that is no ASCII": "\xb2\xb3",
    }


def _signatures(sound: str) -> dict[str, str]:
    return {
        "no signature": "",
        "short signature": sound[:-1],
        "long signature": sound + "0" * 20_000,
        "signature over the limit": "v0=" + "a" * 100_000,
        "signature that is no ASCII": "v0=\xe9\xe9",
        "another version": sound.replace("v0", "v1"),
    }


def _bodies() -> dict[str, bytes]:
    return {
        "invalid UTF-8": b'{"type": "\xff\xfe"}',
        "broken JSON": b'{"type": "event_callback"',
        "20,000 deep": b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
        "200 deep": b'{"a":' * 200 + b"1" + b"}" * 200,
        "a list": b"[1, 2]",
        "a list 20,000 deep": b"[" * 20_000 + b"]" * 20_000,
        "a string": b'"text"',
        "nothing": b"",
        "a form": b"a=b",
    }


def _forms() -> dict[str, bytes]:
    return {
        "payload is a list": urlencode({"payload": "[]"}).encode(),
        "payload is broken": urlencode({"payload": "{"}).encode(),
        "payload is deep": urlencode({"payload": '{"a":' * 5_000 + "1" + "}" * 5_000}).encode(),
        "invalid UTF-8": b"payload=%ff%fe",
        "too many fields": b"&".join([b"a=1"] * 5_000),
    }
