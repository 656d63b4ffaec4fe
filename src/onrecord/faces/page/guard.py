"""What stands between a browser and Gradio: only the routes that the page uses, and a strict content policy.

Gradio serves more than a page needs: files by path, a proxy, uploads, its own
editor. A request that is not listed here ends as 404. The page itself goes out
with a nonce on each of its scripts, so that a script written into an article
does not run even where escaping should fail.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, Collection
from functools import partial

from anyio import to_thread
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from onrecord.faces.http.error_responses import refusal
from onrecord.faces.http.visitor import Visitors

_OURS = ("/api/", "/page/", "/docs", "/openapi.json", "/signin", "/signout")
_ALLOWED = (
    ("GET", re.compile(r"/")),
    ("GET", re.compile(r"/(?:assets|static)/[\w./-]+")),
    ("GET", re.compile(r"/(?:gradio_api/)?theme\.css|/config|/favicon\.ico|/manifest\.json|/pwa_icon")),
    ("GET", re.compile(r"/gradio_api/(?:app_id|startup-events|queue/data|heartbeat/[a-z0-9]{1,40})")),
    ("POST", re.compile(r"/gradio_api/(?:queue/join|cancel|reset)")),
)
_UPLOAD = (
    ("POST", re.compile(r"/gradio_api/upload")),
    ("GET", re.compile(r"/gradio_api/upload_progress")),
)
_SCRIPT = re.compile(rb"<script(?=[\s>])")
_FOREIGN = re.compile(rb"<(?:meta|link)\b[^>]*(?:content|href)=\"https?://[^\"]*\"[^>]*/?>")
_IMMUTABLE = "public, max-age=31536000, immutable"


def content_policy(nonce: str) -> str:
    """Write the content policy of the page."""
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; "
        "worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
    )


class PageGuard:
    """Lets through what the page needs; see the module.

    Args:
        app: Gradio, and our own routes.
        visitors: Gives cookies to those who come without one.
        uploads: Whether files may be uploaded.
        ours: Beginnings of further paths that are not Gradio's.
    """

    def __init__(
        self, app: ASGIApp, *, visitors: Visitors, uploads: bool = False, ours: Collection[str] = ()
    ) -> None:
        self._app = app
        self._visitors = visitors
        self._ours = (*_OURS, *ours)
        self._allowed = (*_ALLOWED, *_UPLOAD) if uploads else _ALLOWED

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer 404 (ASGI)."""
        if scope["type"] != "http" or scope["path"].startswith(self._ours):
            await self._app(scope, receive, send)
            return
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        if not any(method == verb and path.fullmatch(scope["path"]) for verb, path in self._allowed):
            await refusal(404, "not_found", "There is nothing here.")(scope, receive, send)
            return
        if scope["path"] == "/":
            await self._app(scope, receive, _Page(send, partial(self._cookie, scope)))
        elif scope["path"].startswith("/assets/"):
            await self._app(scope, receive, _Kept(send))
        else:
            await self._app(scope, receive, send)

    async def _cookie(self, scope: Scope) -> str:
        """Make a cookie for whoever comes without one; empty where it is not needed, or not given."""
        if self._visitors.owner(scope):
            return ""
        return await to_thread.run_sync(self._visitors.new_cookie, scope)


class _Kept:
    """Lets a browser keep what never changes: Gradio's assets carry their hash in their names."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            headers = MutableHeaders(raw=list(message["headers"]))
            headers["Cache-Control"] = _IMMUTABLE
            message = {**message, "headers": headers.raw}
        await self._send(message)


class _Page:
    """Holds the page back until it is whole, then sends it with nonces and a visitor's cookie."""

    def __init__(self, send: Send, cookie: Callable[[], Awaitable[str]]) -> None:
        self._send = send
        self._cookie = cookie
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body", False) or self._start is None:
            return
        nonce = secrets.token_urlsafe(16)
        page = _FOREIGN.sub(b"", bytes(self._body))
        page = _SCRIPT.sub(b'<script nonce="%s"' % nonce.encode(), page)
        headers = MutableHeaders(raw=list(self._start["headers"]))
        headers["Content-Security-Policy"] = content_policy(nonce)
        headers["Content-Length"] = str(len(page))
        # Without a referrer a browser would not say which site the form for signing out is sent from.
        headers["Referrer-Policy"] = "same-origin"
        cookie = await self._cookie()
        if cookie:
            headers.append("Set-Cookie", cookie)
        await self._send({**self._start, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": page})
