"""What a request from Slack passes before anything reads it: signature and age, then form.

Bolt parses a body before it checks who sent it, and writes one that fails into its log. So the
signature is checked here, on the bytes as they came, and bolt gets what has been parsed once.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import orjson

from onrecord.faces.http.admission import Refused
from onrecord.faces.http.error_responses import refusal

BODY = 256_000
"""Bytes that a request may have; Slack's own are far smaller."""
_WINDOW = 300
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")
_DEPTH = 100
_FIELDS = 100

Json = dict[str, Any]


class SlackGate:
    """Knows the signing secrets, and what Slack signs.

    Args:
        secrets: Any of which makes a signature valid; two while one is replaced by another.
        now: Seconds since 1970.
    """

    def __init__(self, secrets: Sequence[str], now: Callable[[], float] = time.time) -> None:
        self._keys = tuple(secret.encode() for secret in secrets)
        self._now = now

    def check(self, headers: Mapping[str, str], body: bytes) -> None:
        """Let through what Slack sent within the last five minutes."""
        if len(body) > BODY:
            raise Refused(refusal(413, "too_large", f"The request has more than {BODY:,} bytes."))
        timestamp = headers.get("x-slack-request-timestamp", "")
        signature = headers.get("x-slack-signature", "")
        if not (_TIMESTAMP.fullmatch(timestamp) and _SIGNATURE.fullmatch(signature)):
            raise _unsigned()
        if abs(self._now() - int(timestamp)) > _WINDOW:
            raise _unsigned()
        signed = b"v0:%s:%s" % (timestamp.encode(), body)
        # Every secret is tried, so that time tells nothing about which one fits.
        fits = [hmac.compare_digest(_sign(key, signed), signature) for key in self._keys]
        if not any(fits):
            raise _unsigned()


def _sign(key: bytes, signed: bytes) -> str:
    return f"v0={hmac.new(key, signed, hashlib.sha256).hexdigest()}"


def is_token(presented: str, token: str) -> bool:
    """Compare a token in constant time."""
    return hmac.compare_digest(presented.encode("utf-8", "replace"), token.encode())


def read_json(body: bytes) -> Json:
    """Read a JSON object."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _unreadable() from None
    if not isinstance(found, dict) or not _is_shallow(found):
        raise _unreadable()
    return found


def _is_shallow(value: Json) -> bool:
    """Say whether nothing nests too deep, without recursion."""
    level: list[Any] = [value]
    for _ in range(_DEPTH):
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return True
    return False


def read_form(body: bytes) -> Json:
    """Read a form; of one that holds a ``payload``, that object."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_FIELDS)
    except ValueError:
        raise _unreadable() from None
    fields = dict(pairs)
    return (
        read_json(fields["payload"].encode()) if "payload" in fields and "command" not in fields else fields
    )


def _unsigned() -> Refused:
    return Refused(refusal(401, "signature", "This is not signed by Slack, or it is old."))


def _unreadable() -> Refused:
    return Refused(refusal(400, "unreadable", "The body cannot be read."))
