"""onrecord in Slack: its routes, and what runs beside them as long as the server does."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from onrecord.assistant.assistant import Assistant
from onrecord.faces.http.admission import Refused
from onrecord.faces.http.error_responses import refusal
from onrecord.faces.slack.inbox import Inbox
from onrecord.faces.slack.jobs import Job, of_outgoing
from onrecord.faces.slack.listeners import bolt_app, dispatched, quiet_logger
from onrecord.faces.slack.queue import Intake, Taken
from onrecord.faces.slack.sender import Sender
from onrecord.faces.slack.settings import SlackSettings
from onrecord.faces.slack.signature import BODY, SlackGate, is_token, read_form, read_json
from onrecord.faces.slack.worker import SlackWorker
from onrecord.settings import Settings

EVENTS = "/slack/events"
COMMANDS = "/slack/commands"
INTERACTIVITY = "/slack/interactivity"
OUTGOING = "/slack/outgoing"
_LOG = logging.getLogger("onrecord.slack")
_SECONDS = 15
_RECONNECT = 60.0
_CORES = 2
_BUSY = "Busy: too many questions wait already. Ask again in a moment."


class Slack:
    """One assistant's presence in one workspace.

    Args:
        assistant: Answers.
        settings: Limits.
        slack: Secrets and tokens.
        now: Seconds since 1970.

    Attributes:
        bodies: Path to how many bytes its body may have. These paths need no token of ours: each
            checks for itself that Slack sent the request.
    """

    def __init__(
        self,
        assistant: Assistant,
        settings: Settings,
        slack: SlackSettings,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._assistant = assistant
        self._settings = settings
        self._slack = slack
        self._now = now
        self._gate = SlackGate(slack.secrets, now)
        token = slack.bot_token.get_secret_value() if slack.bot_token else None
        self._client = AsyncWebClient(
            token, slack.api_url, timeout=_SECONDS, logger=quiet_logger(), retry_handlers=[]
        )
        if slack.api_url.startswith("http:"):  # on this machine; a proxy would not find it
            self._client.proxy = None
        self._intake: Intake | None = None
        self._bolt: AsyncApp = bolt_app(self._client, self._take)
        self.bodies = dict.fromkeys([route.path for route in self.routes], BODY)

    @property
    def routes(self) -> list[Route]:
        """What Slack calls; none in Socket Mode alone."""
        found: list[Route] = []
        if self._slack.over_http:
            found = [
                Route(EVENTS, self._events, methods=["POST"], include_in_schema=False),
                Route(COMMANDS, self._form, methods=["POST"], include_in_schema=False),
                Route(INTERACTIVITY, self._form, methods=["POST"], include_in_schema=False),
            ]
        if self._slack.outgoing_token is not None:
            found.append(Route(OUTGOING, self._outgoing, methods=["POST"], include_in_schema=False))
        return found

    async def _take(self, job: Job) -> Taken:
        if self._intake is None:
            raise RuntimeError("the server has not started")
        return await self._intake.take(job)

    # --- requests

    async def _events(self, request: Request) -> Response:
        return await self._admitted(request, read_json)

    async def _form(self, request: Request) -> Response:
        return await self._admitted(request, read_form)

    async def _admitted(self, request: Request, read: Callable[[bytes], dict[str, Any]]) -> Response:
        body = await request.body()
        try:
            self._gate.check(request.headers, body)
            found = read(body)
        except Refused as refused:
            _LOG.info("refused a request to %s with %s", request.url.path, refused.response.status_code)
            return refused.response
        answered = await dispatched(self._bolt, found)
        if answered.status == 404:  # what bolt does not know, nobody here needs
            return Response()
        # Nothing that Slack sends is a fault of this server's.
        status = answered.status if answered.status < 500 else 400
        return Response(answered.body, status, answered.first_headers_without_set_cookie())

    async def _outgoing(self, request: Request) -> Response:
        """Take what a legacy outgoing webhook sends; the answer comes in the thread."""
        wanted = self._slack.outgoing_token.get_secret_value() if self._slack.outgoing_token else ""
        try:
            form = read_form(await request.body())
        except Refused as refused:
            return refused.response
        presented = form.get("token")
        if not (isinstance(presented, str) and is_token(presented, wanted)):
            return refusal(401, "token", "The token of the outgoing webhook is wrong.")
        job = of_outgoing(form)
        if job is not None:
            await self._take(job)
        return Response(b"{}", media_type="application/json")

    # --- beside them

    @asynccontextmanager
    async def lifespan(self, app: object) -> AsyncIterator[None]:
        """Work for as long as the server runs."""
        del app
        async with AsyncExitStack() as stack:
            # One session for all calls: a connection is not made anew for each.
            timeout = aiohttp.ClientTimeout(total=_SECONDS)
            session = await stack.enter_async_context(
                aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())
            )
            self._client.session = session
            inbox = Inbox.of(self._settings, self._now)
            outlet = Sender(self._client, session)
            # Without a chat model an answer takes all of a core, and acknowledging must not wait for it.
            at_once = _CORES if self._assistant.model is None else self._slack.workers
            desk = SlackWorker(self._assistant, self._settings, outlet, inbox, at_once=at_once)

            async def busy(job: Job) -> None:
                if not job.response_url or job.private:  # a command has been told in its acknowledgement
                    await desk.tell(job, _BUSY)

            self._intake = Intake(
                inbox,
                do=desk.do,
                busy=busy,
                size=self._slack.queue,
                workers=self._slack.workers,
                now=self._now,
            )
            await self._intake.start()
            stack.push_async_callback(self._intake.stop)
            if self._slack.over_socket:
                await stack.enter_async_context(self._socket())
            yield

    @asynccontextmanager
    async def _socket(self) -> AsyncIterator[None]:
        """Fetch requests from Slack (Socket Mode)."""
        token = self._slack.app_token.get_secret_value() if self._slack.app_token else ""
        handler = AsyncSocketModeHandler(self._bolt, token, web_client=self._client, logger=quiet_logger())
        task = asyncio.create_task(_connected(handler))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await handler.close_async()  # type: ignore[no-untyped-call]


async def _connected(handler: AsyncSocketModeHandler) -> None:
    """Connect, however often it takes; the client keeps the connection up from then on."""
    wait = 1.0
    while True:
        try:
            await handler.client.connect_to_new_endpoint()
        except Exception as error:  # noqa: BLE001  (whatever it is, Slack may come back)
            _LOG.warning("Socket Mode: %s; again in %.0f s", type(error).__name__, wait)
            await asyncio.sleep(wait)
            wait = min(2 * wait, _RECONNECT)
        else:
            return
