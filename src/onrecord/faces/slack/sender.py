"""What goes to Slack: at Slack's pace, tried again where that can help, and never to another address."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from onrecord.errors import SlackError
from onrecord.faces.slack.api_errors import Refusal, refusal_of
from onrecord.faces.slack.blocks import Message
from onrecord.faces.slack.settings import SLACK_API

_LOG = logging.getLogger("onrecord.slack")
_TRIES = 4
_PACE = 1.0
_LONGEST = 60.0
"""Slack may ask to wait; not for longer than this, since others wait behind."""
_SHORT = 3.0
_CHANNELS = 10_000
_REPLIES = 200
_SLACK_CLOCK = 120.0  # seconds by which Slack's clock may differ from ours
_EVENT = "onrecord_answer"
_HOSTS = ("hooks.slack.com", "hooks.slack-gov.com")
_REMEDIES = {
    "channel_not_found": "Invite the app to the channel.",
    "not_in_channel": "Invite the app to the channel.",
    "missing_scope": "Install the app anew from the manifest.",
} | dict.fromkeys(
    ("invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"),
    "Install the app anew and set SLACK_BOT_TOKEN.",
)


def is_slack_address(url: str, api_url: str = SLACK_API) -> bool:
    """Say whether an address that came with a request is Slack's, so that nothing is sent elsewhere."""
    try:
        parts, api = urlsplit(url), urlsplit(api_url)
        here = (parts.scheme, parts.hostname, parts.port)
        if parts.username is not None or parts.password is not None:
            return False
        if api_url != SLACK_API and here == (api.scheme, api.hostname, api.port):
            return True
    except ValueError:
        return False
    return parts.scheme == "https" and parts.hostname in _HOSTS and parts.port in (None, 443)


class Sender:
    """Sends to Slack.

    Args:
        client: With the token, and the address of Slack.
        session: For addresses that came with a request.
        sleep: Waits so many seconds.
        now: Seconds of a clock that never goes back.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        session: aiohttp.ClientSession,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        now: Callable[[], float] | None = None,
    ) -> None:
        self.client = client
        self._session = session
        self._sleep = sleep
        self._now = now or asyncio.get_running_loop().time
        self._next: OrderedDict[str, float] = OrderedDict()

    # --- messages

    async def post(
        self, channel: str, message: Message, *, thread: str = "", mark: str = ""
    ) -> dict[str, Any]:
        """Send a message to a channel, one a second."""
        fields: dict[str, Any] = {"channel": channel, **message.fields}
        if thread:
            fields["thread_ts"] = thread
        if mark:
            fields["metadata"] = {"event_type": _EVENT, "event_payload": {"key": mark}}
        began = f"{time.time() - _SLACK_CLOCK:.6f}"

        async def send() -> Mapping[str, Any]:
            await self._wait_for(channel)
            return _told(await self.client.chat_postMessage(**fields))

        async def arrived() -> bool:
            return mark in await self.marks(channel, thread, since=began, tries=1)

        findable = arrived if mark and thread else None
        return dict(await self.call(send, channel=channel, arrived=findable))

    async def marks(self, channel: str, thread: str, *, since: str = "", tries: int = _TRIES) -> set[str]:
        """Give the marks of our own messages in a thread."""
        found = await self.replies(channel, thread, since=since, tries=tries)
        metadata = [_inside(each, "metadata") for each in found]
        return {
            str(_inside(each, "event_payload").get("key"))
            for each in metadata
            if each.get("event_type") == _EVENT
        }

    async def replies(
        self, channel: str, thread: str, *, since: str = "", until: str = "", tries: int = _TRIES
    ) -> list[Mapping[str, Any]]:
        """Give the messages of a thread, oldest first."""

        async def fetch() -> Mapping[str, Any]:
            return _told(
                await self.client.conversations_replies(
                    channel=channel,
                    ts=thread,
                    oldest=since or None,
                    latest=until or None,
                    limit=_REPLIES,
                    include_all_metadata=True,
                )
            )

        found = (await self.call(fetch, tries=tries, harmless=True)).get("messages")
        return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []

    async def whisper(self, channel: str, user: str, message: Message, *, thread: str = "") -> None:
        """Send a message that one person sees."""
        fields = {**message.fields, "thread_ts": thread or None}
        for name in ("unfurl_links", "unfurl_media", "mrkdwn"):
            fields.pop(name)

        async def send() -> Mapping[str, Any]:
            return _told(await self.client.chat_postEphemeral(channel=channel, user=user, **fields))

        await self.call(send)

    async def respond(self, url: str, message: Message, *, public: bool = False) -> None:
        """Answer a command at the address that came with it."""
        if not is_slack_address(url, self.client.base_url):
            raise SlackError("The address to answer at is not Slack's.", code="foreign_address")
        kind = "in_channel" if public else "ephemeral"
        fields = {**message.fields, "response_type": kind, "replace_original": False}

        async def send() -> Mapping[str, Any]:
            async with self._session.post(
                url, json=fields, allow_redirects=False, proxy=self.client.proxy
            ) as answered:
                if answered.status == 200:
                    return {}
                raise Refusal(answered.status, "response_url", answered.headers.get("Retry-After"))

        await self.call(send)

    # --- what a person sees while an answer is made

    async def working(self, channel: str, ts: str, thread: str) -> bool:
        """Show that an answer is being made; say whether a reaction has to be taken back afterwards.

        In a thread with an assistant Slack shows a status, elsewhere the question gets a reaction.
        """
        if channel.startswith("D") and await self._quietly(
            self.client.assistant_threads_setStatus(
                channel_id=channel, thread_ts=thread, status="is searching the articles…"
            )
        ):
            return False
        return await self._quietly(self.client.reactions_add(channel=channel, timestamp=ts, name="mag"))

    async def rested(self, channel: str, ts: str) -> None:
        """Take the reaction back."""
        await self._quietly(self.client.reactions_remove(channel=channel, timestamp=ts, name="mag"))

    async def _quietly(self, call: Awaitable[Any]) -> bool:
        """Make a call that nothing depends on."""
        try:
            async with asyncio.timeout(_SHORT):
                await call
        except Exception as error:  # noqa: BLE001  (an answer is worth more than its ornament)
            code = refusal_of(error).code
            _LOG.info("Slack did not take a status: %s", code)
            return code == "already_reacted"  # by a process that was killed
        return True

    # --- calls

    async def call(
        self,
        send: Callable[[], Awaitable[Mapping[str, Any]]],
        *,
        channel: str = "",
        arrived: Callable[[], Awaitable[bool]] | None = None,
        harmless: bool = False,
        tries: int = _TRIES,
    ) -> Mapping[str, Any]:
        """Make a call, again where that helps; what may have been heard, only where one can find out."""
        failed: Refusal | None = None
        for attempt in range(tries):
            try:
                if failed is not None and failed.unsure and arrived is not None and await arrived():
                    return {}
                return await send()
            except Exception as error:  # noqa: BLE001  (libraries raise many kinds; each becomes one of ours)
                # Whether it was heard stays unknown for as long as nobody can be asked.
                failed = failed if isinstance(error, SlackError) and failed else refusal_of(error)
            wait = failed.retry_after if failed.retry_after is not None else min(2.0**attempt, 8.0)
            blind = failed.unsure and arrived is None and not harmless
            if not failed.retryable or blind or wait > _LONGEST or attempt == tries - 1:
                break
            _LOG.info("Slack: %s; again in %.0f s", failed.code, wait)
            if failed.retry_after is not None and channel:
                self._next[channel] = self._now() + wait
            await self._sleep(wait)
        code = failed.code if failed is not None else "not_tried"
        raise SlackError(f"Slack did not take it: {code}.", remedy=_REMEDIES.get(code, ""), code=code)

    async def _wait_for(self, channel: str) -> None:
        """Wait for the channel's turn; the next one is a second later."""
        now = self._now()
        turn = max(now, self._next.pop(channel, now))
        self._next[channel] = turn + _PACE
        while len(self._next) > _CHANNELS:
            self._next.popitem(last=False)
        if turn > now:
            await self._sleep(turn - now)


def _told(answered: Any) -> Mapping[str, Any]:
    return answered.data if isinstance(answered.data, dict) else {}


def _inside(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = told.get(name)
    return value if isinstance(value, dict) else {}
