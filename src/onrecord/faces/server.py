"""The HTTP server: the application, made of routes and a guard, and the process that serves it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from uvicorn.protocols.http.h11_impl import H11Protocol

from onrecord import __version__
from onrecord.assistant.assistant import Assistant
from onrecord.assistant.memory import Memory
from onrecord.errors import IndexError_, OnrecordError, SettingsError
from onrecord.faces.http.admission import Admission, is_loopback, local_hosts
from onrecord.faces.http.api_docs import POLICY, page
from onrecord.faces.http.ended_sessions import EndedSessions
from onrecord.faces.http.error_responses import JsonResponse, failure, refusal
from onrecord.faces.http.peer import client_address, neighbourhood
from onrecord.faces.http.routes import WorkLimit, router
from onrecord.faces.http.server_key import server_key
from onrecord.faces.http.sign_in import Gate
from onrecord.faces.http.visitor import Visitors
from onrecord.faces.page.calls import PageCalls
from onrecord.faces.page.guard import PageGuard
from onrecord.faces.page.replies import Replies
from onrecord.faces.slack.settings import SlackSettings
from onrecord.scratch import scratch_folder
from onrecord.settings import Settings, new_token
from onrecord.settings.authority import Origin

if TYPE_CHECKING:
    from onrecord.faces.slack.app import Slack

_PUBLIC = ("/api/health", "/docs", "/openapi.json", "/signin")
_BODIES = {"/api/verify": 1_000_000, "/gradio_api/queue/join": 1_000_000}
_FILES = 10  # so many files of the largest size may come at once; each is held to its own limit
_GRACE_SECONDS = 10
_SESSIONS = 200
"""Of so many pages Gradio remembers what they show; each may weigh some megabytes."""
_log = logging.getLogger(__name__)
_GONE = 499  # nobody reads it; the number is nginx's


class Connection(H11Protocol):
    """Closes a connection on which no request's headers come whole in time; uvicorn would wait for ever.

    Attributes:
        seconds: How long it waits.
    """

    seconds = 15.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._expect()

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        super().on_response_complete()
        self._expect()

    def _expect(self) -> None:
        self.loop.call_later(self.seconds, self._give_up, self.cycle)

    def _give_up(self, before: object) -> None:
        if self.cycle is before and not self.transport.is_closing():
            self.transport.close()


class _Server(uvicorn.Server):
    """Hangs up on the streams by which open pages keep alive; at the end uvicorn would wait for them too."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(_config(app))
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop; what is being answered is finished first."""
        for route in self._app.routes:
            streams = getattr(getattr(route, "app", None), "stop_event", None)  # of Gradio's application
            if streams is not None:
                streams.set()
        await super().shutdown(sockets)


def create_app(
    assistant: Assistant,
    *,
    settings: Settings,
    host: str = "127.0.0.1",
    page: bool = False,
    slack: Slack | None = None,
) -> FastAPI:
    """Make the application."""
    app = FastAPI(
        title="onrecord",
        version=__version__,
        summary="Question answering over news articles, carried by exact quotations.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        dependencies=[Security(HTTPBearer(auto_error=False))] if settings.token else [],
        lifespan=slack.lifespan if slack else None,
    )
    app.state.desk = WorkLimit(assistant, settings)
    app.state.proxies = settings.proxies
    key = server_key(settings.key_file, settings.state_folder)
    app.state.visitors = Visitors(key, _knows(settings))
    app.include_router(router)
    app.add_route("/docs", _docs, include_in_schema=False)
    app.router.routes.extend(slack.routes if slack else ())
    _add_failures(app)
    gate = _gate(settings, key)
    if gate is not None:
        app.add_route("/signin", gate.form, methods=["GET"], include_in_schema=False)
        app.add_route("/signin", gate.enter, methods=["POST"], include_in_schema=False)
        app.add_route("/signout", gate.leave, methods=["POST"], include_in_schema=False)
    if page:
        # Where none runs, Gradio makes event loops of its own and never closes them.
        ours = tuple(slack.bodies) if slack else ()
        # A proxy brings people from elsewhere.
        proxied = settings.public_url or settings.proxies or settings.hosts
        local = is_loopback(host) and not proxied
        app = asyncio.run(_with_page(app, assistant, settings, ours=ours, local=local))
    app.add_middleware(
        Admission,
        gate=gate,
        hosts=_names(settings, host),
        origin=Origin.of_address(settings.public_url) if settings.public_url else None,
        public=_PUBLIC,
        signed=slack.bodies if slack else (),
        bodies=_BODIES | (slack.bodies if slack else {}),
        streamed={"/gradio_api/upload": _FILES * settings.max_file_bytes} if settings.uploads else None,
    )
    return app


def _knows(settings: Settings) -> Callable[[str], bool]:
    """Give what says whether somebody has conversations of before the server had a key, and none since."""
    memory = Memory.of(settings)

    def knows(owner: str) -> bool:
        try:
            made = datetime.fromtimestamp(settings.key_file.stat().st_mtime, UTC)
        except OSError:  # it could not be kept, so nobody knows
            return False
        headings = memory.headings(owner=owner)
        return bool(headings) and all(each.created < made for each in headings)

    return knows


def _gate(settings: Settings, key: bytes) -> Gate | None:
    if settings.token is None:
        return None
    ended = EndedSessions(settings.ended_sessions)
    return Gate(settings.token, key=key, ended=ended, proxies=settings.proxies)


def _names(settings: Settings, host: str) -> frozenset[str] | None:
    """Give the names by which the server may be called; None for any."""
    if not (settings.hosts or is_loopback(host)):
        return None
    # Whatever it is bound to, a program of this machine may ask how it is.
    local = local_hosts(host if is_loopback(host) else "localhost")
    public = Origin.of_address(settings.public_url or "")
    return local.union(settings.hosts, {public.name} if public else ())


async def _with_page(
    app: FastAPI, assistant: Assistant, settings: Settings, *, ours: tuple[str, ...], local: bool
) -> FastAPI:
    uploads = scratch_folder()
    os.environ["GRADIO_TEMP_DIR"] = str(uploads)
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    import gradio

    from onrecord.faces.page.layout import build_page, page_functions, page_options
    from onrecord.faces.page.routes import router as files

    app.include_router(files)
    visitors: Visitors = app.state.visitors
    blocks = build_page(assistant, settings, visitors=visitors, local=local)
    blocks.state_session_capacity = _SESSIONS
    mounted: FastAPI = gradio.mount_gradio_app(
        app,
        blocks,
        path="/",
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        show_error=False,
        mcp_server=False,
        pwa=False,
        max_file_size=settings.max_file_bytes,
        **page_options(),
    )
    # Until this is set Gradio opens whatever file a call names; mounted, it never sets it itself.
    blocks.has_launched = True
    functions, taking = page_functions(blocks)
    mounted.add_middleware(
        PageCalls,
        owner=visitors.owner,
        address=lambda scope: neighbourhood(client_address(scope, settings.proxies)),
        functions=functions,
        taking=taking,
        sessions=Replies(blocks._queue, blocks.state_holder.session_data),
        uploads=uploads,
    )
    mounted.add_middleware(PageGuard, visitors=visitors, uploads=settings.uploads, ours=ours)
    return mounted


async def _docs(request: Request) -> Response:
    """Describe the interface, on a page that loads nothing."""
    schema = request.app.openapi()
    return HTMLResponse(page(schema), headers={"Content-Security-Policy": POLICY})


def _add_failures(app: FastAPI) -> None:
    @app.exception_handler(OnrecordError)
    async def _failed(request: Request, error: OnrecordError) -> JsonResponse:  # noqa: ARG001
        return failure(error)

    @app.exception_handler(RequestValidationError)
    async def _misfit(request: Request, error: RequestValidationError) -> JsonResponse:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if request.method == "POST" and kind != "application/json":
            told, remedy = "The body is not JSON.", "Send it with Content-Type: application/json."
            return refusal(415, "media_type", told, remedy=remedy)
        return refusal(422, "misfit", _misfits(error), remedy="See /docs for what fits.")

    @app.exception_handler(HTTPException)
    async def _refused(request: Request, error: HTTPException) -> JsonResponse:  # noqa: ARG001
        kind = {404: "not_found", 405: "method"}.get(error.status_code, "unreadable")
        return refusal(error.status_code, kind, f"{error.detail}.", headers=error.headers)

    @app.exception_handler(ClientDisconnect)
    async def _gone(request: Request, error: ClientDisconnect) -> Response:  # noqa: ARG001
        return Response(status_code=_GONE)


def _misfits(error: RequestValidationError) -> str:
    """Say what does not fit and where, without repeating what was sent but for a key's name."""
    told = []
    for each in error.errors()[:3]:
        place = ".".join(str(part)[:80] for part in each["loc"])
        told.append(f"{place}: {each['msg']}")
    return f"{'; '.join(told)}."


def serve(
    settings: Settings,
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    insecure: bool = False,
    announce: Callable[[str], None] | None = None,
) -> None:
    """Serve until stopped by SIGINT or SIGTERM; what is being answered then is finished first.

    Where there is no index, or a broken one, the page says what to do, and answers once there is one.

    Args:
        settings: Where the index is; the token and the limits.
        host: Address to bind to.
        port: Of TCP; 0 picks a free one.
        insecure: Also serve without a token on an address that other machines reach.
        announce: Is told the address.

    Raises:
        SettingsError: If other machines would reach it without a token, or the address cannot be used.
    """
    if not (settings.token or insecure or is_loopback(host)):
        raise SettingsError(
            f"Anybody who reaches {host} could ask, for no token is set.",
            remedy=f"Set ONRECORD_TOKEN, say to {new_token()}, made just now; or bind to 127.0.0.1, or "
            "give --insecure where a proxy guards it.",
        )
    slack_settings = SlackSettings.load()
    with _bound(host, port) as bound, Assistant.open(settings, waiting=True) as assistant:
        _warn(assistant)
        if announce is not None:
            announce(_address(host, bound))
        slack = _slack(assistant, settings, slack_settings)
        app = create_app(assistant, settings=settings, host=host, page=True, slack=slack)
        server = _Server(app)
        # uvicorn stops gracefully at a signal, then raises it anew.
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, signal.default_int_handler)
        with suppress(KeyboardInterrupt):
            server.run(sockets=[bound])


def _warn(assistant: Assistant) -> None:
    """Say so where there is no index to answer from yet."""
    try:
        _ = assistant.index
    except IndexError_ as error:
        _log.warning("%s Until then the page says what to do, and /api/ready is 503.", error)


def _slack(assistant: Assistant, settings: Settings, slack: SlackSettings) -> Slack | None:
    """Give its presence in Slack, where that is set up."""
    if not slack.on:
        return None
    from onrecord.faces.slack.app import Slack

    return Slack(assistant, settings, slack)


def _config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host.strip("[]"), port), family=family, backlog=128)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SettingsError(
            f"{host} port {port} cannot be used: {reason}.", remedy="Name another with --host or --port."
        ) from error


def _address(host: str, bound: socket.socket) -> str:
    name = f"[{host.strip('[]')}]" if ":" in host else host
    return f"http://{name}:{bound.getsockname()[1]}"
