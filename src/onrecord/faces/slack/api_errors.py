"""How calls of Slack's API fail, and whether the same call may succeed later."""

from __future__ import annotations

import logging
import re

import aiohttp
from slack_sdk.errors import SlackApiError

_LOG = logging.getLogger("onrecord.slack")
_BROKEN = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
_CODE = re.compile(r"[a-z0-9_.]{1,64}")


class Refusal(Exception):  # noqa: N818  (it says what Slack did)
    """What Slack answered to a call that failed; holds nothing of a body, an address or a token.

    Args:
        status: Of HTTP; 0 where there was no answer.
        code: Slack's word for it, or ours.
        retry_after: What the header of that name said.
        unheard: Whether the call certainly did not reach Slack.

    Attributes:
        retryable: Whether the same call may succeed later.
        unsure: Whether the call may have been heard all the same.
    """

    def __init__(
        self, status: int, code: str, retry_after: str | None = None, *, unheard: bool = False
    ) -> None:
        super().__init__()
        limited = status == 429 or code == "ratelimited"
        known = retry_after is not None and retry_after.isdecimal() and len(retry_after) < 8
        self.code = "ratelimited" if limited else code
        self.retry_after = float(retry_after) if limited and known and retry_after else None
        self.unsure = not unheard and (status >= 500 or status == 0 or code in _BROKEN)
        self.retryable = limited or unheard or self.unsure


def refusal_of(error: Exception) -> Refusal:
    """Read what went wrong from whatever a library raised."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, SlackApiError):
        answered = error.response
        told = getattr(answered, "data", None)
        code = told.get("error") if isinstance(told, dict) else None
        status = int(getattr(answered, "status_code", 0) or getattr(answered, "status", 0) or 0)
        named = code if isinstance(code, str) and _CODE.fullmatch(code) else f"http_{status}"
        headers = getattr(answered, "headers", None) or {}
        after = next((value for name, value in headers.items() if name.lower() == "retry-after"), None)
        return Refusal(status, named, str(after) if after is not None else None)
    if isinstance(error, aiohttp.ClientConnectorError):
        return Refusal(0, "unreachable", unheard=True)
    if isinstance(error, aiohttp.ClientError | TimeoutError | OSError):
        return Refusal(0, "unreachable")
    _LOG.warning("a call of Slack's failed by %s", type(error).__name__)
    return Refusal(400, "unreadable")
