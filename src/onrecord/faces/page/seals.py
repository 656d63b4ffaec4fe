"""Names that are sealed for one visitor of the page, and what is said of an upload by them."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

from onrecord.faces.page.uploaded_body import FilesOnly


@dataclass(frozen=True, slots=True)
class Seals:
    """Names that count for one visitor alone, as long as this process lives."""

    key: bytes

    def name(self, purpose: str, owner: str, text: str) -> str:
        """Give a name that nobody else's call can be given."""
        told = "\0".join((purpose, owner, text)).encode("utf-8", "surrogatepass")
        return hmac.new(self.key, told, hashlib.sha256).hexdigest()


class UploadAnswer:
    """Sends what Gradio says of an upload, each path sealed for who sent the file."""

    def __init__(self, send: Send, seal: Callable[[str], str], sent: FilesOnly) -> None:
        self._send = send
        self._seal = seal
        self._sent = sent
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        """Send a message (ASGI)."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body", False) or self._start is None or self._sent.refused:
            return
        body = bytes(self._body)
        if self._start["status"] == 200:
            body = json.dumps([self._seal(path) for path in json.loads(body)]).encode("ascii")
        headers = MutableHeaders(raw=list(self._start["headers"]))
        headers["content-length"] = str(len(body))
        await self._send({**self._start, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": body})
