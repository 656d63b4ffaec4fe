"""Asks Slack whether the token works."""

from __future__ import annotations

import logging
import re
from urllib.error import URLError

from slack_sdk.errors import SlackApiError
from slack_sdk.web.client import WebClient

from onrecord.errors import SlackError
from onrecord.faces.slack.settings import SlackSettings

_SECONDS = 5
_CODE = re.compile(r"[a-z0-9_]{1,64}")


def who_we_are(slack: SlackSettings) -> str:
    """Ask Slack whom the bot token stands for.

    Args:
        slack: The token, and where Slack is.

    Returns:
        The app's name and the workspace's.

    Raises:
        SlackError: If Slack does not know the token, or cannot be reached.
    """
    token = slack.bot_token.get_secret_value() if slack.bot_token else None
    silent = logging.getLogger("onrecord.slack.check")
    silent.setLevel(logging.CRITICAL)
    client = WebClient(token, base_url=slack.api_url, timeout=_SECONDS, logger=silent, retry_handlers=[])
    if slack.api_url.startswith("http:"):
        client.proxy = None
    try:
        found = client.auth_test()
    except SlackApiError as error:
        told = error.response.get("error")
        code = told if isinstance(told, str) and _CODE.fullmatch(told) else "no reason given"
        raise SlackError(
            f"Slack refuses SLACK_BOT_TOKEN: {code}.",
            remedy="Copy the Bot User OAuth Token anew from the app's page, Install App.",
            code=code,
        ) from None
    except (URLError, OSError):
        raise SlackError(
            "Slack cannot be reached.", remedy="Check the network, a proxy, and SLACK_API_URL."
        ) from None
    return f"@{found.get('user', '?')} in {found.get('team', '?')}"
