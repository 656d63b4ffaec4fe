"""A chat model's server on loopback: real HTTP, OpenAI's chat completions as server-sent events, scripted.

Each call takes the next reply of the script, the last one again and again. What came in is kept.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DONE = b"data: [DONE]\n\n"
Writer = Callable[[bytes], None]


def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
    """One event of a stream."""
    body = {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "stub",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    return b"data: " + json.dumps(body).encode() + b"\n\n"


@dataclass
class Reply:
    """What one call gets.

    Attributes:
        status: Anything but 200 sends `body` as JSON.
        pieces: Texts, each one delta; or raw bytes sent as they are.
        pause: Seconds before each piece.
        finish: The finish reason; None ends the stream without one.
        hang: Seconds of silence after the pieces, before the end.
        cut: Close the connection after the pieces, in the middle of the body.
    """

    pieces: Sequence[str | bytes] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    pause: float = 0.0
    finish: str | None = "stop"
    hang: float = 0.0
    cut: bool = False
    endless: bool = False


@dataclass
class Stub:
    """The running server and what it was asked."""

    url: str
    script: list[Reply]
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    dropped: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    def next(self, request: dict[str, Any], key: str) -> Reply:
        self.requests.append(request)
        self.keys.append(key)
        return self.script[min(len(self.requests), len(self.script)) - 1]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stub: Stub

    def log_message(self, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        request = json.loads(self.rfile.read(length))
        self.close_connection = True
        reply = self.stub.next(request, self.headers.get("authorization", ""))
        try:
            self._send(reply)
        except OSError:  # the client went away
            self.stub.dropped += 1

    def _send(self, reply: Reply) -> None:
        body = json.dumps(reply.body).encode() if reply.status != 200 else b""
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        kind = "text/event-stream" if reply.status == 200 else "application/json"
        self.send_header("content-type", kind)
        self.send_header("connection", "close")
        if reply.status == 200:
            self.send_header("transfer-encoding", "chunked")
        else:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        if reply.status == 200:
            self._stream(reply)

    def _stream(self, reply: Reply) -> None:
        while True:
            for piece in reply.pieces:
                self.stub.released.wait(reply.pause)
                self._event(piece if isinstance(piece, bytes) else chunk({"content": piece}))
            if not reply.endless or self.stub.released.is_set():
                break
        self._silence(reply.hang)
        if reply.cut:
            return
        if reply.finish:
            self._event(chunk({}, reply.finish) + DONE)
        self.wfile.write(b"0\r\n\r\n")

    def _silence(self, seconds: float) -> None:
        """Say nothing, but notice when the other side hangs up."""
        end = time.monotonic() + seconds
        self.connection.settimeout(0.02)
        while time.monotonic() < end and not self.stub.released.is_set():
            try:
                if not self.connection.recv(1):
                    raise ConnectionResetError
            except TimeoutError:
                continue
        self.connection.settimeout(None)

    def _event(self, payload: bytes) -> None:
        self.wfile.write(f"{len(payload):x}\r\n".encode() + payload + b"\r\n")
        self.wfile.flush()


@contextmanager
def serving(*script: Reply) -> Iterator[Stub]:
    """Run the server for the length of a `with`."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    handler.stub = stub = Stub(f"http://127.0.0.1:{server.server_port}/v1", list(script))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        stub.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
