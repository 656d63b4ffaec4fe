"""Bolt's side: which request goes to which reader, and what Slack is told at once."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from onrecord.faces.slack.blocks import Message, note
from onrecord.faces.slack.jobs import Job, JobKind, of_action, of_command, of_event, of_shortcut
from onrecord.faces.slack.queue import Taken

SHORTCUT = "check_quotations"
_ANY = re.compile(r".*", re.DOTALL)
_SECRET = re.compile(r"xox[a-z.]*-[\w.-]+|xapp-[\w.-]+|(?:https?|wss?)://\S+", re.IGNORECASE)
_LINE = 300
_BOLT = "onrecord.slack.bolt"
_LOG = logging.getLogger("onrecord.slack")

Take = Callable[[Job], Awaitable[Taken]]
Json = dict[str, Any]


class _Discreet(logging.Filter):
    """Keeps bodies, tokens and addresses out of what Slack's libraries log."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _SECRET.sub("(left out)", record.getMessage().partition("\n")[0])[:_LINE]
        record.args, record.exc_info, record.exc_text, record.stack_info = (), None, None, None
        return True


def quiet_logger() -> logging.Logger:
    """Give the logger that Slack’s libraries write to: errors, one line each, nothing secret."""
    logger = logging.getLogger(_BOLT)
    if not logger.filters:
        logger.addFilter(_Discreet())
    # By its own level, not its parent's, these libraries decide whether to write bodies out.
    logger.setLevel(logging.ERROR)
    return logger


def bolt_app(client: AsyncWebClient, take: Take) -> AsyncApp:
    """Make the app that sorts what Slack sends."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        # Asking Slack who we are would hold up the first acknowledgement; each event says it too.
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=client.token)

    app = AsyncApp(
        name=_BOLT,  # bolt gives the logger of this name the level of the next
        logger=quiet_logger(),
        client=client,
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
    _listen(app, take)
    return app


def _listen(app: AsyncApp, take: Take) -> None:
    async def take_if(job: Job | None) -> Taken | None:
        return await take(job) if job is not None else None

    async def event(body: Json) -> None:
        await take_if(of_event(body))

    async def command(body: Json, ack: Callable[..., Awaitable[Any]]) -> None:
        job = of_command(body)
        await ack(**_told(job, await take_if(job)))

    async def shortcut(body: Json, ack: Callable[..., Awaitable[Any]]) -> None:
        await take_if(of_shortcut(body))
        await ack()

    async def action(body: Json, ack: Callable[..., Awaitable[Any]]) -> None:
        await take_if(of_action(body))
        await ack()

    async def failed(error: Exception) -> BoltResponse:
        return _unreadable(error)

    app.event(_ANY)(event)
    app.command(_ANY)(command)
    app.shortcut({"type": "message_action", "callback_id": SHORTCUT})(shortcut)
    app.action(_ANY)(action)
    app.error(failed)


def _unreadable(error: Exception) -> BoltResponse:
    _LOG.warning("a request of Slack's could not be read: %s", type(error).__name__)
    return BoltResponse(status=400, body="")


def _told(job: Job | None, taken: Taken | None) -> Json:
    """Say at once what a command will come to; only who typed it sees that."""
    if job is None or taken is None:
        told = "This command cannot be read. Type /ask help."
    elif taken is Taken.BUSY:
        told = "Busy: too many questions wait already. Ask again in a moment."
    elif job.kind is JobKind.HELP:
        return {}
    elif job.kind is JobKind.VERIFY:
        told = "Checking…"
    else:
        told = "Searching the articles…"
    message = Message(told, (note(told),))
    return {"text": message.text, "blocks": list(message.blocks), "response_type": "ephemeral"}


async def dispatched(app: AsyncApp, body: Json) -> BoltResponse:
    """Hand on what has been checked and parsed."""
    try:
        # As in Socket Mode, the body is an object already: bolt's own reader takes any command
        # that holds the word "payload" for something else.
        return await app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body))
    except Exception as error:  # noqa: BLE001  (bolt reads some fields without asking what they are)
        return _unreadable(error)
