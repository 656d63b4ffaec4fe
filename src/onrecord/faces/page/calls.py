"""What a browser may send to Gradio: its own session, its own uploads, and plain values.

Gradio takes whoever names a session for its owner, and any object that looks
like a file for one to be opened, copied or fetched. So a call is written anew
before it gets there. A session's name is bound to the visitor's cookie: another
visitor's call with the same name reaches another session, which is empty. An
object that names a file is refused, but for files that this visitor has
uploaded, in a call that takes files; of such an object only the name of the
upload counts, and it is sealed for the visitor who sent it.
"""

from __future__ import annotations

import hmac
import json
import os
import re
import secrets
import shutil
import stat
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AbstractContextManager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlencode

from anyio import move_on_after, sleep, to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from onrecord.faces.http.error_responses import JsonResponse
from onrecord.faces.page.quota import Quota
from onrecord.faces.page.seals import Seals, UploadAnswer
from onrecord.faces.page.uploaded_body import FilesOnly
from onrecord.scratch import sweep

_API = "/gradio_api/"
_FILE_KEYS = frozenset({"path", "url", "meta"})
_UPLOADED = re.compile(r"([0-9a-f]{64})/([0-9a-f]{64})/([^/\\\0]{1,255})")
_UPLOAD_SECONDS = 3_600.0
"""So long a file may wait to be taken into the corpus."""
_UPLOAD_BYTES = 1_000_000_000
"""Where more than this waits, no more is taken."""
_NAMED = 200
_TEXT = 200_000
"""The longest text, in code points; a draft is the longest."""
_CALLS, _CALLS_OF_ADDRESS, _MINUTE = 600, 6_000, 60.0
"""A page calls at each letter that is typed into a filter; more than this no person types. Who throws cookies
away is a new visitor each time, so those of one address are counted together as well."""
_SESSIONS = 16
"""So many pages a visitor has open; the one used longest ago is forgotten for another."""
_OWNERS = 10_000
_TRACKED_SECONDS, _TRACKED_PAUSE = 2.0, 0.05
_FORGED = "This names a file. Only files that were sent from this page can be used."
_GONE = "That file is no longer here. Choose it once more."
_STRANGE = "The page sent what this server does not understand."
_RELOAD = "Reload the page."
# Gradio would say the same, and then raise an error that fills the log.
_NO_SESSION = (
    "data: "
    + json.dumps({"msg": "unexpected_error", "message": _RELOAD, "session_not_found": True, "success": False})
    + "\n\n"
)
_NO_COOKIE = "This page is not known here any more: cookies may be off in this browser."

_DONE = JsonResponse({"success": True})

_Handler = Callable[[Scope, Receive, Send, str], Awaitable[None]]


class Sessions(Protocol):
    """What is known of the sessions that Gradio serves."""

    def listening(self, session: str) -> AbstractContextManager[None]:
        """Note that a browser listens to a session, as long as the block lasts."""

    def drop(self, session: str) -> None:
        """Forget a session, and give up what is being done for it."""

    def awaits(self, session: str, event: str) -> bool:
        """Say whether an event of that session has yet to be answered."""

    def holds(self, session: str) -> bool:
        """Say whether there is such a session."""


class _RefusedError(Exception):
    """A call that does not reach Gradio; carries the response."""

    def __init__(self, status: int, kind: str, message: str, remedy: str = _RELOAD) -> None:
        super().__init__(message)
        told = {"kind": kind, "message": message, "remedy": remedy}
        # Gradio's own script shows a person what stands in `detail`.
        self.response = JsonResponse({"error": told, "detail": f"{message} {remedy}"}, status)


class PageCalls:
    """Writes the calls of a page anew, or refuses them; see the module.

    Args:
        app: Gradio's application, behind whatever else.
        owner: Tells who sends a request, by a sealed cookie; empty where nobody is known.
        address: Tells where it comes from.
        functions: Number of each function that a page may call, to how many values it takes.
        taking: Of those, the functions that take uploaded files.
        sessions: Of the page.
        uploads: Where uploaded files lie.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        owner: Callable[[Scope], str],
        address: Callable[[Scope], str],
        functions: Mapping[int, int],
        taking: Collection[int],
        sessions: Sessions,
        uploads: Path,
    ) -> None:
        self._app = app
        self._owner = owner
        self._address = address
        self._functions = dict(functions)
        self._taking = frozenset(taking)
        self._sessions = sessions
        self._uploads = uploads
        self._seals = Seals(secrets.token_bytes(32))
        self._owned: dict[str, dict[str, None]] = {}
        self._calls = Quota(_CALLS, seconds=_MINUTE)
        self._calls_of_address = Quota(_CALLS_OF_ADDRESS, seconds=_MINUTE)
        self._uploading: set[str] = set()
        self._handlers: Mapping[tuple[str, str], _Handler] = {
            ("POST", "queue/join"): self._join,
            ("GET", "queue/data"): self._data,
            ("POST", "cancel"): self._cancel,
            ("POST", "reset"): self._reset,
            ("GET", "heartbeat"): self._heartbeat,
            ("POST", "upload"): self._upload,
            ("GET", "upload_progress"): self._progress,
        }
        self._named = frozenset(name for _, name in self._handlers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a call on as this visitor's, or refuse it (ASGI)."""
        name = _name(scope)
        if name not in self._named:
            await self._app(scope, receive, send)
            return
        try:
            handler = self._handlers.get((scope["method"], name))
            if handler is None:
                raise _RefusedError(405, "method", _STRANGE)
            owner = self._owner(scope)
            if not owner:
                raise _RefusedError(403, "visitor", _NO_COOKIE, "Allow cookies for it, then reload the page.")
            await handler(scope, receive, send, owner)
        except _RefusedError as refused:
            await refused.response(scope, receive, send)

    def _session(self, owner: str, told: object) -> str:
        """Give the session that a visitor means by a name."""
        if not isinstance(told, str) or not 0 < len(told) <= _NAMED:
            raise _RefusedError(400, "session", _STRANGE)
        return self._seals.name("session", owner, told)

    def _joined(self, owner: str, told: object) -> str:
        """Give a session that is called, and forget the one that its visitor used longest ago."""
        session = self._session(owner, told)
        own = self._owned.pop(owner, {})
        own.pop(session, None)
        self._owned[owner] = {**own, session: None}
        if len(self._owned[owner]) > _SESSIONS:
            oldest = next(iter(self._owned[owner]))
            del self._owned[owner][oldest]
            self._sessions.drop(oldest)
        while len(self._owned) > _OWNERS:
            del self._owned[next(iter(self._owned))]
        return session

    def _count(self, scope: Scope, owner: str) -> None:
        """Refuse a visitor who calls without end."""
        wait = self._calls.take(owner) or self._calls_of_address.take(self._address(scope))
        if wait:
            raise _RefusedError(429, "calls", "This page asks for too much.", f"Go on in {wait} seconds.")

    # --- calls

    async def _join(self, scope: Scope, receive: Receive, send: Send, owner: str) -> None:
        self._count(scope, owner)
        told = await _read(receive)
        number, data = told.get("fn_index"), told.get("data")
        if type(number) is not int or not isinstance(data, list) or len(data) != self._functions.get(number):
            raise _RefusedError(400, "function", _STRANGE)
        event, trigger = told.get("event_data"), told.get("trigger_id")
        if _names_file(event) or (number not in self._taking and _names_file(data)):
            raise _RefusedError(403, "file", _FORGED)
        if number in self._taking:
            data = [self._taken(each, owner) for each in data]
        elif not all(map(_is_plain, data)):
            raise _RefusedError(400, "function", _STRANGE)
        call = {
            "data": data,
            "event_data": event,
            "fn_index": number,
            "trigger_id": trigger if type(trigger) is int else None,
            "session_hash": self._joined(owner, told.get("session_hash")),
        }
        await self._call(scope, receive, send, call)

    async def _cancel(self, scope: Scope, receive: Receive, send: Send, owner: str) -> None:
        told = await _read(receive)
        session, number, event = (
            self._session(owner, told.get("session_hash")),
            told.get("fn_index"),
            told.get("event_id"),
        )
        if type(number) is not int or not isinstance(event, str):
            raise _RefusedError(400, "function", _STRANGE)
        if not self._sessions.awaits(session, event):
            await _DONE(scope, receive, send)  # it is over already
            return
        call = {"session_hash": session, "fn_index": number, "event_id": event}
        await self._call(scope, receive, send, call)

    async def _reset(self, scope: Scope, receive: Receive, send: Send, owner: str) -> None:
        """Do nothing, as Gradio does; its script still calls."""
        del owner
        await _DONE(scope, receive, send)

    async def _call(self, scope: Scope, receive: Receive, send: Send, call: Mapping[str, Any]) -> None:
        body = json.dumps(call).encode("ascii")
        headers = MutableHeaders(raw=list(scope["headers"]))
        headers["content-length"] = str(len(body))
        sent: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replayed() -> Message:
            return sent.pop() if sent else await receive()

        await self._app({**scope, "headers": headers.raw}, replayed, send)

    async def _data(self, scope: Scope, receive: Receive, send: Send, owner: str) -> None:
        session = self._session(owner, _asked(scope).get("session_hash"))
        if not self._sessions.holds(session):
            await Response(_NO_SESSION, media_type="text/event-stream")(scope, receive, send)
            return
        with self._sessions.listening(session):
            try:
                await self._app(_asking(scope, session_hash=session), receive, send)
            except Exception:
                if self._sessions.holds(session):
                    raise
                # It was dropped meanwhile, and the page has been told so.
                await send({"type": "http.response.body", "body": b""})

    async def _heartbeat(self, scope: Scope, receive: Receive, send: Send, owner: str) -> None:
        path = f"{_API}heartbeat/{self._session(owner, scope['path'].rpartition('/')[2])}"
        await self._app({**scope, "path": path, "raw_path": path.encode()}, receive, send)

    # --- files

    async def _upload(self, scope: Scope, receive: Receive, send: Send, owner: str) -> None:
        self._count(scope, owner)
        waits = await to_thread.run_sync(partial(sweep, self._uploads, older_than=_UPLOAD_SECONDS))
        if waits > _UPLOAD_BYTES:
            raise _RefusedError(503, "busy", "Too many files wait to be added here.", "Try again in an hour.")
        ident = self._upload_id(scope, owner)
        own = _asking(scope, upload_id=ident) if _asked(scope) else scope
        sent = FilesOnly(receive, Headers(scope=scope).get("content-type", ""))
        sealing = UploadAnswer(send, partial(self._sealed, owner, {}), sent)
        self._uploading.add(ident)
        try:
            await self._app(own, sent, sealing)
        except Exception:
            if not sent.refused:
                raise
        finally:
            self._uploading.discard(ident)
        if sent.refused:
            raise _RefusedError(400, "unreadable", _STRANGE)

    async def _progress(self, scope: Scope, receive: Receive, send: Send, owner: str) -> None:
        """Tell how far an upload is; it may be asked for a little before the upload itself arrives."""
        self._count(scope, owner)
        ident = self._upload_id(scope, owner)
        with move_on_after(_TRACKED_SECONDS):
            while ident not in self._uploading:
                await sleep(_TRACKED_PAUSE)
        if ident not in self._uploading:
            raise _RefusedError(404, "upload", "Nothing of that name is being sent.", "")
        await self._app(_asking(scope, upload_id=ident), receive, send)

    def _upload_id(self, scope: Scope, owner: str) -> str:
        return self._seals.name("progress", owner, _asked(scope).get("upload_id", "")[:_NAMED])

    def _sealed(self, owner: str, kept: dict[str, Path], path: str) -> str:
        """Name an upload so that its visitor, and nobody else, can use it; where it lies is not told."""
        # Gradio names a folder after what a file holds, so two who send the same would share one.
        own = self._uploads / secrets.token_hex(32) / Path(path).name
        own.parent.mkdir()
        with suppress(FileNotFoundError):  # taken by who sent the same just now; it is told when it is used
            if path in kept:
                shutil.copyfile(kept[path], own)
            else:
                kept[path] = Path(path).rename(own)
        name = own.relative_to(self._uploads).as_posix()
        return f"{self._seals.name('upload', owner, name)}/{name}"

    def _taken(self, value: object, owner: str) -> list[dict[str, Any]]:
        """Give the files that a visitor means, each by what is known of it here and nothing that was sent."""
        if not isinstance(value, list) or not value:
            raise _RefusedError(400, "function", _STRANGE)
        return [self._file(each, owner) for each in value]

    def _file(self, told: object, owner: str) -> dict[str, Any]:
        path = told.get("path") if isinstance(told, dict) else None
        found = _UPLOADED.fullmatch(path) if isinstance(path, str) else None
        kept = f"{found[2]}/{found[3]}" if found else ""
        seal = self._seals.name("upload", owner, kept)
        if found is None or not hmac.compare_digest(found[1], seal) or found[3] in (".", ".."):
            raise _RefusedError(403, "file", _FORGED)
        file = self._uploads / kept
        if not _is_file(file):
            raise _RefusedError(410, "file", _GONE, "")
        return {"path": str(file), "orig_name": file.name, "meta": {"_type": "gradio.FileData"}}


def _name(scope: Scope) -> str:
    """Give the name of the call that a request makes; empty where it makes none."""
    if scope["type"] != "http" or not scope["path"].startswith(_API):
        return ""
    name: str = scope["path"].removeprefix(_API)
    return "heartbeat" if name.startswith("heartbeat/") else name


async def _read(receive: Receive) -> dict[str, Any]:
    """Read a call's body, which was held to its limit before."""
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise _RefusedError(400, "gone", _STRANGE)
        body += message.get("body", b"")
        more = message.get("more_body", False)
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise _RefusedError(400, "unreadable", _STRANGE) from None
    if not isinstance(told, dict):
        raise _RefusedError(400, "unreadable", _STRANGE)
    return told


def _is_plain(value: object) -> bool:
    """Say whether a value is what the page's boxes send: a text, or some."""
    texts = value if isinstance(value, list) else [value or ""]
    return all(isinstance(one, str) and len(one) <= _TEXT for one in texts)


def _names_file(value: object) -> bool:
    """Say whether any object within names a file or an address, however deep it stands."""
    within = [value]
    while within:
        one = within.pop()
        if isinstance(one, dict):
            if not _FILE_KEYS.isdisjoint(one):
                return True
            within += one.values()
        elif isinstance(one, list):
            within += one
    return False


def _asked(scope: Scope) -> dict[str, str]:
    query = scope["query_string"].decode("latin-1")
    try:
        return {name: values[-1] for name, values in parse_qs(query, max_num_fields=20).items()}
    except ValueError:
        raise _RefusedError(400, "unreadable", _STRANGE) from None


def _asking(scope: Scope, **query: str) -> Scope:
    """Give a request that asks for this, and for nothing that was sent."""
    return {**scope, "query_string": urlencode(query).encode("ascii")}


def _is_file(path: Path) -> bool:
    """Say whether a path is a plain file, and no link to one."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False
