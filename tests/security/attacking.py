"""Somebody with a browser who sends what they like: a cookie, the page's configuration, and its calls."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Self

import httpx

__all__ = ["Caller", "recorded_address"]


class Caller:
    """A visitor of the page.

    Attributes:
        client: Speaks to the server.
        cookies: That the server gave.
        config: What the page is made of.
    """

    def __init__(
        self, url: str, *, page: bool = True, headers: dict[str, str] | None = None, token: str = ""
    ) -> None:
        self.cookies: dict[str, str] = {}
        hooks = {"request": [self._send_cookies], "response": [self._keep_cookies]}
        self.client = httpx.Client(base_url=url, timeout=20, headers=headers or {}, event_hooks=hooks)
        if token:
            assert self.client.post("/signin", data={"token": token}).status_code == 303
        if page:
            assert self.client.get("/").status_code == 200
        found = self.client.get("/config")
        self.config: dict[str, Any] = found.json() if found.status_code == 200 else {}

    def _send_cookies(self, request: httpx.Request) -> None:
        """Send them as a browser does behind a proxy with TLS, to which this connection is a secure one."""
        if self.cookies:
            request.headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _keep_cookies(self, response: httpx.Response) -> None:
        for told in response.headers.get_list("set-cookie"):
            name, _, value = told.partition(";")[0].partition("=")
            self.cookies[name.strip()] = value.strip().strip('"')
        self.client.cookies.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    @property
    def functions(self) -> list[int]:
        """The number of every function that the page names."""
        return [each["id"] for each in self.config["dependencies"]]

    def component(self, name: str) -> int:
        return next(each["id"] for each in self.config["components"] if each["props"].get("elem_id") == name)

    def function(self, name: str, event: str) -> int:
        """The function that answers an event of a component."""
        target = [self.component(name), event]
        return next(each["id"] for each in self.config["dependencies"] if target in each["targets"])

    def inputs(self, function: int) -> int:
        """How many values a function takes."""
        return next(len(each["inputs"]) for each in self.config["dependencies"] if each["id"] == function)

    def join(
        self, function: object, data: Sequence[object], *, session: object = "s", **more: object
    ) -> httpx.Response:
        body = {"data": list(data), "fn_index": function, "session_hash": session, **more}
        return self.client.post("/gradio_api/queue/join", json=body)

    def ask(self, question: str, *, session: str = "s") -> str:
        """Put a question; give the name of its event."""
        found = self.join(self.function("ask", "click"), [question, "", "", "", [], [], []], session=session)
        assert found.status_code == 200, found.text
        return str(found.json()["event_id"])

    def check(self, draft: str, *, session: str = "s") -> httpx.Response:
        return self.join(self.function("check", "click"), [draft], session=session)

    def replies(self, session: str = "s") -> list[dict[str, Any]]:
        """Listen to a session until it is told all."""
        with self.client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
            if stream.status_code != 200:
                return []
            return [json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: ")]

    def told(self, session: str = "s") -> str:
        return json.dumps(self.replies(session), ensure_ascii=False)

    def upload(self, name: str, content: bytes, *, ident: str = "") -> list[str]:
        query = {"upload_id": ident} if ident else {}
        files = [("files", (name, content, "text/plain"))]
        found = self.client.post("/gradio_api/upload", files=files, params=query)
        assert found.status_code == 200, found.text
        return list(found.json())

    def add(self, *paths: str, session: str = "s", **more: object) -> httpx.Response:
        files = [{"path": path, "meta": {"_type": "gradio.FileData"}, **more} for path in paths]
        return self.join(self.function("upload", "upload"), [files], session=session)


@contextmanager
def recorded_address() -> Iterator[tuple[str, list[str]]]:
    """A web address of this machine, and the paths that anybody fetched from it."""
    fetched: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fetched.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/file.txt", fetched
        finally:
            server.shutdown()
            thread.join()
