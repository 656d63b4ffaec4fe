"""Sends an answer to an incoming webhook of Slack's. The address of a webhook is a secret."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from urllib.error import HTTPError, URLError

from slack_sdk.webhook import WebhookClient

from onrecord.errors import SettingsError, SlackError
from onrecord.faces.slack.blocks import Link, Message, answer_messages
from onrecord.faces.slack.settings import is_private_address
from onrecord.types import Answer

_TRIES = 4
_LONGEST = 60.0
_SECONDS = 15
_WORDS = {"invalid_payload", "no_service", "no_team", "channel_not_found", "channel_is_archived"} | {
    "action_prohibited",
    "posting_to_general_channel_denied",
    "invalid_token",
    "user_not_found",
    "too_many_attachments",
    "no_text",
    "no_active_hooks",
    "invalid_blocks",
}


def post_answer(answer: Answer, url: str, *, link: Link = lambda _: None) -> int:
    """Send an answer to a channel, by its incoming webhook.

    Args:
        answer: What :meth:`onrecord.assistant.assistant.Assistant.ask` gave.
        url: Of the webhook, ``https://hooks.slack.com/services/…``.
        link: Gives the address at which a quotation can be read in its article.

    Returns:
        How many of its quotations, the last ones, are left out because the message would be too long.

    Raises:
        SettingsError: If the address cannot be one of a webhook.
        SlackError: If Slack does not take it; names neither the address nor what was sent.
    """
    # A webhook does not say which message it made, so nothing can follow in a thread.
    [message] = answer_messages(answer, link=link, asked=True, parts=1)
    post_message(message, url)
    return message.left_out


def post_message(message: Message, url: str, *, sleep: Callable[[float], object] = time.sleep) -> None:
    """Send a message to an incoming webhook, again where Slack asks to wait or cannot be reached."""
    if not is_private_address(url):
        raise SettingsError(
            "The webhook's address cannot be used.",
            remedy="Copy it from the app's page, Incoming Webhooks: https://hooks.slack.com/services/…",
        )
    client = WebhookClient(url, timeout=_SECONDS, logger=_silent(), retry_handlers=[])
    if url.startswith("http:"):
        client.proxy = None
    code = ""
    for attempt in range(_TRIES):
        code, wait = _sent(client, message, min(2.0**attempt, 8.0))
        if not code:
            return
        if wait is None or wait > _LONGEST or attempt == _TRIES - 1:
            break
        sleep(wait)
    raise SlackError(
        f"Slack did not take it: {code}.",
        remedy="Make a new webhook on the app's page." if code in ("no_service", "no_team") else "",
        code=code,
    )


def _sent(client: WebhookClient, message: Message, wait: float) -> tuple[str, float | None]:
    """Send once; give Slack's word for what went wrong, and when to try again, if that can help."""
    try:
        answered = client.send_dict(message.fields)
    except HTTPError as error:
        return f"http_{error.code}", wait if error.code >= 500 else None
    except (URLError, OSError):
        return "unreachable", wait
    except Exception as error:  # noqa: BLE001  (its text may hold the address)
        return f"failed by {type(error).__name__}", None
    if answered.status_code == 200:
        return "", None
    if answered.status_code == 429:
        headers = {name.lower(): value for name, value in answered.headers.items()}
        after = str(headers.get("retry-after", ""))
        return "ratelimited", float(after) if after.isdecimal() and len(after) < 8 else wait
    said = answered.body.strip()
    code = said if said in _WORDS else f"http_{answered.status_code}"
    return code, wait if answered.status_code >= 500 else None


def _silent() -> logging.Logger:
    """Give a logger that never writes an address out, whatever the process logs."""
    logger = logging.getLogger("onrecord.slack.webhook")
    logger.setLevel(logging.CRITICAL)
    return logger
