"""What every request passes before anything else sees it, and every response on its way out.

Pure ASGI, outermost, so that it holds for whatever is mounted behind it: host
and origin, token, size and time of the body; headers that keep browsers from
guessing, framing, storing and calling elsewhere; a fault that ends as one
line with a number.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Collection, Mapping, MutableMapping
from typing import Any

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from onrecord.faces.http.error_responses import JsonResponse, failure, refusal
from onrecord.faces.http.sign_in import Gate
from onrecord.faces.http.visitor import is_over_tls
from onrecord.settings.authority import Origin, called_by, name_of

_log = logging.getLogger(__name__)
_BODY = 64_000
_BODY_SECONDS = 15.0
_LINGER_BYTES = 2_000_000
_LINGER_SECONDS = 2.0
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_ELSEWHERE = frozenset({"cross-site", "same-site"})  # as browsers say it who leave out the origin
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Refused(Exception):  # noqa: N818  (it says what became of the request)
    """A request that is not let in; carries the response."""

    def __init__(self, response: JsonResponse) -> None:
        super().__init__()
        self.response = response


def is_loopback(host: str) -> bool:
    """Say whether an address is reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def local_hosts(host: str) -> frozenset[str]:
    """Give the names by which a browser may call an address of this machine."""
    return frozenset({"localhost", "127.0.0.1", "::1", name_of(host)})


class Admission:
    """Lets requests in or refuses them; see the module.

    Args:
        app: What is behind.
        gate: Knows what callers must present; None lets everybody in.
        hosts: Names by which the server may be called; None for any. Guards against DNS rebinding.
        origin: Whose pages may call it, besides those loaded by the name in a request.
        public: Paths that need no token; one that ends in ``/`` stands for all below it.
        signed: Paths whose requests prove where they come from themselves: they need no token, and may come
            by any name, for Slack calls by the one that a proxy is known by.
        bodies: Path to how many bytes its body may have, where that is not the usual 64 kB.
        streamed: Likewise, of bodies too large to be held: they are handed on piece by piece.
        body_seconds: Within which a body must have come, or the next piece of one that is handed on.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        gate: Gate | None = None,
        hosts: Collection[str] | None = None,
        origin: Origin | None = None,
        public: Collection[str] = (),
        signed: Collection[str] = (),
        bodies: Mapping[str, int] | None = None,
        streamed: Mapping[str, int] | None = None,
        body_seconds: float = _BODY_SECONDS,
    ) -> None:
        self._app = app
        self._gate = gate
        self._hosts = hosts
        self._origin = origin
        self._public = frozenset(public)
        self._signed = frozenset(signed)
        self._below = tuple(path for path in public if path.endswith("/"))
        self._streamed = dict(streamed or {})
        self._bodies = {**(bodies or {}), **self._streamed}
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or refuse it (ASGI)."""
        if scope["type"] == "websocket":  # nothing here speaks it
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        outlet = _Outlet(send)
        try:
            await self._check(scope)
            limit = self._limit(scope)
            if scope["path"] in self._streamed:
                await self._meter(scope, _Metered(receive, outlet, limit, self._body_seconds), outlet)
                return
            body = await self._body(receive, limit)
        except Refused as refused:
            await _turn_away(refused.response, receive, outlet)
            return
        await self._pass(scope, _Replayed(body, receive), outlet)

    async def _pass(self, scope: Scope, receive: Receive, outlet: _Outlet) -> None:
        try:
            await self._app(scope, receive, outlet)
        except Exception as error:
            if _is_gone(error):
                _log.warning("A caller went away in the midst of %s %s.", scope["method"], scope["path"])
                return
            if outlet.begun:
                raise  # the server then cuts the connection, so that half an answer does not pass for one
            await failure(error)(scope, receive, outlet)

    async def _meter(self, scope: Scope, metered: _Metered, outlet: _Outlet) -> None:
        """Hand a body on as it comes; what the app says of one that was cut off is not sent."""
        await self._pass(scope, metered, outlet)
        if metered.refused is not None and not outlet.begun:
            outlet.muted = False
            raise Refused(metered.refused)

    async def _check(self, scope: Scope) -> None:
        if scope["path"] in self._signed:
            return
        headers = Headers(scope=scope)
        called = _called(scope, headers)
        if not self._answers_to(called, headers):
            raise Refused(
                refusal(
                    421,
                    "host",
                    "This server is not called that.",
                    remedy="Call it by the address it printed, or by a name in ONRECORD_HOSTS.",
                )
            )
        if scope["method"] not in _SAFE and not self._is_own(headers, called):
            raise Refused(
                refusal(403, "origin", "A page of another site may not call this server.", remedy="")
            )
        if self._gate is not None and not self._is_public(scope["path"]):
            await self._check_token(self._gate, scope, headers)

    def _answers_to(self, called: Origin | None, headers: Headers) -> bool:
        """Say whether the server may be called so; a request without a name is one of HTTP/1.0."""
        if called is None:
            return self._hosts is None and "host" not in headers
        return self._hosts is None or called.name in self._hosts

    def _is_own(self, headers: Headers, called: Origin | None) -> bool:
        """Say whether a request comes from a page of this server, or from none."""
        origins = headers.getlist("origin")
        if not origins:
            return headers.get("sec-fetch-site", "").lower() not in _ELSEWHERE
        origin = Origin.of(origins[0]) if len(origins) == 1 else None
        return origin is not None and origin in (called, self._origin)

    def _is_public(self, path: str) -> bool:
        return path in self._public or path.startswith(self._below)

    async def _check_token(self, gate: Gate, scope: Scope, headers: Headers) -> None:
        if gate.is_session(scope):
            return
        presented = headers.get("authorization", "")
        if not presented:
            raise Refused(_to_sign_in(scope) if _is_page(scope, headers) else _tokenless())
        scheme, _, token = presented.partition(" ")
        sent = token.encode("latin-1").decode("utf-8", "replace")  # headers come as Latin-1
        if scheme.lower() == "bearer" and gate.is_token(sent):
            return
        wait = await gate.wrong(scope)
        raise Refused(_guessed(wait) if wait else _tokenless())

    def _limit(self, scope: Scope) -> int:
        """Give how many bytes a body may have; refuse one that says that it has more."""
        limit = self._bodies.get(scope["path"], _BODY)
        told = Headers(scope=scope).get("content-length", "0")
        if not told.isdecimal() or int(told[:20]) > limit:
            raise Refused(_too_large(limit))
        return limit

    async def _body(self, receive: Receive, limit: int) -> bytes:
        """Read the body before anything else does: so no more than its limit is ever held."""
        body = bytearray()
        with anyio.move_on_after(self._body_seconds):
            while True:
                message = await receive()
                body += message.get("body", b"")
                if len(body) > limit:
                    raise Refused(_too_large(limit))
                if not message.get("more_body", False):
                    return bytes(body)
        raise Refused(_too_slow())


class _Replayed:
    """Gives the body that was read, then what comes from the connection."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


class _Metered:
    """Gives a body as it comes; one that is too long or stalls ends as if the caller had gone."""

    def __init__(self, receive: Receive, outlet: _Outlet, limit: int, seconds: float) -> None:
        self._receive = receive
        self._outlet = outlet
        self._limit = limit
        self._seconds = seconds
        self._left = limit
        self._whole = False
        self.refused: JsonResponse | None = None

    async def __call__(self) -> Message:
        if self._whole:
            return await self._receive()
        message: Message | None = None
        with anyio.move_on_after(self._seconds):
            message = await self._receive()
        if message is None:
            return self._cut(_too_slow())
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            return self._cut(_too_large(self._limit))
        self._whole = not message.get("more_body", False)
        return message

    def _cut(self, response: JsonResponse) -> Message:
        self.refused = response
        self._outlet.muted = not self._outlet.begun
        return {"type": "http.disconnect"}


class _Outlet:
    """Sends a response with the headers that each must have, unless it is muted."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False
        self.muted = False

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        if self.muted:
            return
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(raw=list(message.get("headers", ())))
            for name in [name for name in headers if name.startswith("access-control-")]:
                del headers[name]  # no other site is let in, whatever a part of the app offers
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            message = {**message, "headers": headers.raw}
        await self._send(message)


def _is_gone(error: BaseException | None) -> bool:
    """Say whether an error comes of a caller who closed the connection."""
    while error is not None and not isinstance(error, ClientDisconnect):
        error = error.__cause__ or error.__context__
    return error is not None


async def _turn_away(response: JsonResponse, receive: Receive, send: Send) -> None:
    """Answer at once, then let go of a little of the body: closed in its midst, the answer might be lost."""
    await send(
        {"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers}
    )
    await send({"type": "http.response.body", "body": response.body, "more_body": True})
    left = _LINGER_BYTES if response.status_code == 413 else 0
    with anyio.move_on_after(_LINGER_SECONDS):
        while left > 0:
            message = await receive()
            left -= len(message.get("body", b""))
            if not message.get("more_body", False):
                break
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _is_page(scope: Scope, headers: Headers) -> bool:
    return scope["path"] == "/" and scope["method"] == "GET" and "text/html" in headers.get("accept", "")


def _to_sign_in(scope: Scope) -> JsonResponse:
    """Lead to the form, which keeps what the address shows: a link opens there what it opens here."""
    query = scope["query_string"].decode("latin-1")
    return refusal(303, "token", "Sign in first.", headers={"Location": f"signin{query and f'?{query}'}"})


def _tokenless() -> JsonResponse:
    return refusal(
        401,
        "token",
        "This needs the server's token.",
        remedy="Send the header Authorization: Bearer TOKEN.",
        headers={"WWW-Authenticate": 'Bearer realm="onrecord"'},
    )


def _guessed(wait: int) -> JsonResponse:
    return refusal(
        429,
        "guesses",
        "Too many wrong tokens have come of late.",
        remedy=f"Send the right one, which is taken at any time, or wait {wait} seconds.",
        headers={"Retry-After": str(wait)},
    )


def _called(scope: Scope, headers: Headers) -> Origin | None:
    """Give the origin of a page that is loaded by the name in a request."""
    named = headers.getlist("host")
    return called_by(named[0], "https" if is_over_tls(scope) else "http") if len(named) == 1 else None


def _too_slow() -> JsonResponse:
    return refusal(
        408,
        "slow",
        "The request did not come whole in time.",
        remedy="Try again.",
        headers={"Connection": "close"},
    )


def _too_large(limit: int) -> JsonResponse:
    return refusal(
        413,
        "too_large",
        f"The request has more than {limit:,} bytes.",
        remedy="Send less at a time.",
        headers={"Connection": "close"},
    )
