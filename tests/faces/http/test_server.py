"""The HTTP interface, over real connections on loopback and on a real index."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import quote

import anyio
import httpx
import hypothesis
import pytest
import uvicorn
from fastapi import FastAPI, Request
from hypothesis import HealthCheck
from pydantic import SecretStr

from onrecord import Assistant, Settings
from onrecord.errors import SettingsError
from onrecord.faces.http.admission import Admission, is_loopback
from onrecord.faces.http.error_responses import JsonResponse, failure_frame
from onrecord.faces.http.sse import EventResponse, frame, unless_gone
from onrecord.faces.server import Connection, create_app, serve
from onrecord.render.json import answer_dict
from tests import corpora
from tests.shared import ROOT

CORPUS = ROOT / "corpus"
BLINKEN = "000_958ad2b006b0f065.txt"
ASKED = "What did Blinken say about the prospects of reviving the Iran nuclear deal?"
FOREIGN = "What did the central bank of Japan decide about interest rates in Osaka?"
TRUE = "at this moment, there's no prospect for an agreement again"
EVENTS = {"accept": "text/event-stream"}
JSON = {"content-type": "application/json"}
LONG = "s3cret-tökén-of-24-chars"
GUARDS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


class Served:
    """A running server: its address and its event loop's tasks."""

    def __init__(self, app, protocol: type[Connection] = Connection) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.server = uvicorn.Server(
            uvicorn.Config(
                app, http=protocol, ws="none", log_config=None, access_log=False, proxy_headers=False
            )
        )
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self.server.serve(sockets=[self.socket]))
        self.loop.close()

    def tasks(self) -> int:
        async def count() -> int:
            return len(asyncio.all_tasks()) - 1

        return asyncio.run_coroutine_threadsafe(count(), self.loop).result(10)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)


@contextmanager
def served(app, **options) -> Iterator[Served]:
    running = Served(app, **options)
    running.thread.start()
    while not running.server.started:
        time.sleep(0.01)
    try:
        yield running
    finally:
        running.server.should_exit = True
        running.thread.join(20)
        running.socket.close()


@pytest.fixture(scope="module")
def settings(built_index, tmp_path_factory) -> Settings:
    kept = tmp_path_factory.mktemp("memory") / "conversations.sqlite"
    # What is asked for here are statuses and bodies; reading is tested where answers are.
    return built_index.model_copy(update={"conversations": kept, "max_concurrent": 64, "reader": "none"})


@pytest.fixture(scope="module")
def assistant(settings):
    with Assistant.open(settings) as opened:
        yield opened


@pytest.fixture(scope="module")
def running(assistant, settings):
    with served(create_app(assistant, settings=settings)) as server:
        yield server


@pytest.fixture(scope="module")
def client(running):
    with httpx.Client(base_url=running.url, timeout=30) as opened:
        yield opened


def text_of(file: str) -> str:
    return (CORPUS / file).read_bytes().decode("utf-8-sig")


def events_of(text: str) -> list[tuple[str, dict]]:
    """Read server-sent events as the standard says, comments left out."""
    found = []
    for block in text.split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith(":")]
        if lines:
            assert [line.partition(": ")[0] for line in lines] == ["event", "data"]
            found.append((lines[0].partition(": ")[2], json.loads(lines[1].partition(": ")[2])))
    return found


def until(condition, seconds: float = 5) -> bool:
    ends = time.monotonic() + seconds
    while not condition() and time.monotonic() < ends:
        time.sleep(0.02)
    return condition()


def without_timings(answer: dict) -> dict:
    return {key: value for key, value in answer.items() if key != "timings"}


# Ask


def test_an_answer_is_the_command_lines_with_exact_slices(client, assistant):
    found = client.post("/api/ask", json={"question": ASKED})
    assert (found.status_code, found.headers["content-type"]) == (200, "application/json")
    expected = json.loads(json.dumps(answer_dict(assistant.ask(ASKED))))
    assert without_timings(found.json()) == without_timings(expected)
    for each in found.json()["quotes"]:
        assert text_of(each["file"])[each["start"] : each["end"]] == each["text"] != ""
        assert each["sha256"] == hashlib.sha256((CORPUS / each["file"]).read_bytes()).hexdigest()


def test_a_refusal_is_an_answer(client):
    answer = client.post("/api/ask", json={"question": FOREIGN}).json()
    assert (answer["refused"], answer["quotes"]) == (True, [])
    assert answer["reason"]


def test_filters_and_history_are_heard(client):
    narrowed = client.post("/api/ask", json={"question": ASKED, "article": [BLINKEN]}).json()
    assert {each["article_id"] for each in narrowed["quotes"]} == {BLINKEN}
    none = client.post("/api/ask", json={"question": ASKED, "until": "1999"}).json()
    assert (none["refused"], none["searched"]["articles"]) == (True, 0)
    leaning = client.post("/api/ask", json={"question": "Did Iran confirm it?", "history": [ASKED]}).json()
    assert leaning["standalone"] != "Did Iran confirm it?"


def test_events_tell_the_same_answer(client):
    plain = client.post("/api/ask", json={"question": ASKED}).json()
    found = client.post("/api/ask", json={"question": ASKED}, headers=EVENTS)
    assert found.headers["content-type"].startswith("text/event-stream")
    told = events_of(found.text)
    names = [name for name, _ in told]
    assert set(names) == {"progress", "part", "answer"}
    assert (names[-1], names.count("answer")) == ("answer", 1)
    assert without_timings(told[-1][1]) == without_timings(plain)
    parts = [each for name, part in told if name == "part" for each in part["quotes"]]
    assert [each["number"] for each in parts] == list(range(1, len(plain["quotes"]) + 1))
    assert [each["text"] for each in parts] == [each["text"] for each in plain["quotes"]]


def test_a_question_that_cannot_be_used_is_refused_before_any_event(client):
    for headers in ({}, EVENTS):
        found = client.post("/api/ask", json={"question": " "}, headers=headers)
        assert found.status_code == 400
        assert found.json()["error"] == {
            "kind": "question", "message": "The question is empty.", "remedy": "Type a question.",
        }  # fmt: skip


BAD = {
    "no body": (b"", "application/json", 422),
    "broken": (b'{"question": "x"', "application/json", 422),
    "list": (b'["x"]', "application/json", 422),
    "deep": (b"[" * 60_000, "application/json", 400),
    "not UTF-8": (b'{"question": "\xff"}', "application/json", 400),
    "long number": (b'{"question": ' + b"9" * 10_000 + b"}", "application/json", 400),
    "NaN": (b'{"question": NaN}', "application/json", 422),
    "number": (b'{"question": 7}', "application/json", 422),
    "unknown key": (b'{"question": "x", "outlets": "a"}', "application/json", 422),
    "odd key": (b'{"question": "x", "\\udc00\\u0000": 1}', "application/json", 422),
    "both pasts": (b'{"question": "x", "history": ["y"], "conversation": "a"}', "application/json", 422),
    "bad id": (b'{"question": "x", "conversation": "../a"}', "application/json", 422),
    "bad date": (b'{"question": "Who?", "since": "soon"}', "application/json", 400),
    "too long": (json.dumps({"question": "why " * 2_500}).encode(), "application/json", 400),
    "form": (b"question=x", "application/x-www-form-urlencoded", 415),
    "text": (b'{"question": "x"}', "text/plain", 415),
    "no type": (b'{"question": "x"}', None, 415),
    "unknown article": (b'{"question": "Who is it?", "article": "nope"}', "application/json", 404),
}


@pytest.mark.parametrize(("body", "kind", "status"), BAD.values(), ids=BAD)
def test_a_bad_body_is_refused_with_a_reason(client, body, kind, status):
    headers = {"content-type": kind} if kind else {}
    found = client.post("/api/ask", content=body, headers=headers)
    assert found.status_code == status
    error = found.json()["error"]
    assert error["kind"]
    assert error["message"]
    assert "Traceback" not in found.text


def test_half_a_character_comes_back_as_it_was(client):
    question = "\ud800 who is Blinken?"
    for headers in (JSON, JSON | EVENTS):
        found = client.post("/api/ask", content=json.dumps({"question": question}), headers=headers)
        assert found.status_code == 200
        answer = events_of(found.text)[-1][1] if "accept" in headers else found.json()
        assert answer["question"] == question


def test_what_was_sent_is_not_repeated_by_a_refusal(client):
    found = client.post("/api/ask", json={"question": {"secret": "hunter2"}})
    assert found.status_code == 422
    assert "hunter2" not in found.text


# Search, articles, verdicts, states


def test_search_gives_exact_slices(client):
    found = client.post("/api/search", json={"query": "Iran nuclear deal", "limit": 3}).json()
    assert [hit["rank"] for hit in found["hits"]] == [1, 2, 3]
    assert all(text_of(hit["file"])[hit["start"] : hit["end"]] == hit["text"] for hit in found["hits"])


def test_an_article_is_given_whole_with_the_slice_asked_for(client):
    path = f"/api/articles/{BLINKEN}"
    found = client.get(path, params={"start": 10, "end": 20}).json()
    assert (found["text"], found["slice"]) == (text_of(BLINKEN), text_of(BLINKEN)[10:20])
    assert client.get(path, params={"start": 20, "end": 10}).status_code == 400
    assert client.get(path, params={"end": 10**6}).status_code == 400
    assert client.get(path, params={"start": -1}).status_code == 422
    assert client.get("/api/articles/../../etc/passwd").status_code == 404
    missing = client.get("/api/articles/nope")
    assert (missing.status_code, missing.json()["error"]["kind"]) == (404, "unknown_article")


IDS = ["a/b//c", "../up", "100%", "q?x#y", "ü 🙂", "a\\b", "%2F", "."]


def test_an_article_of_any_id_is_found(tmp_path):
    record = corpora.PLAIN[0]
    texts = [record["text"].replace("Kelmouth", f"Kelmouth {number}") for number in range(len(IDS))]
    records = [{**record, "id": name, "text": text} for name, text in zip(IDS, texts, strict=True)]
    indexed = corpora.indexed(tmp_path, records)
    with Assistant.open(indexed) as assistant, served(create_app(assistant, settings=indexed)) as server:
        for name, text in zip(IDS, texts, strict=True):
            found = raw(server, f"GET /api/articles/{quote(name, safe='')} HTTP/1.1\r\nHost: localhost\r\n")
            assert json.loads(found.partition(b"\r\n\r\n")[2])["text"] == text


@pytest.mark.parametrize(("said", "ok"), [(TRUE, True), (TRUE.replace("no ", "a "), False)])
def test_verify_judges_each_quotation(client, said, ok):
    found = client.post("/api/verify", json={"text": f"Blinken said: “{said}”, and left."}).json()
    assert (found["ok"], [verdict["ok"] for verdict in found["verdicts"]]) == (ok, [ok])


def test_info_health_and_readiness(client):
    info = client.get("/api/info").json()
    assert (info["articles"], "index" in info) == (2, False)
    assert client.get("/api/health").json() == {"status": "up"}
    assert client.get("/api/ready").json() == {"status": "ready"}


def test_a_server_whose_index_is_gone_is_up_but_not_ready(plain_index, tmp_path):
    lost = corpora.copy_of(plain_index, tmp_path)
    with Assistant.open(lost) as assistant, served(create_app(assistant, settings=lost)) as server:
        assert httpx.get(f"{server.url}/api/ready").status_code == 200
        (lost.index / "current").write_text("gen-000009-00000000\n", encoding="utf-8")
        found = httpx.get(f"{server.url}/api/ready")
        assert found.status_code == 503
        assert found.json()["error"]["message"]
        assert httpx.get(f"{server.url}/api/health").status_code == 200


def test_a_conversation_is_kept_under_its_id(client):
    kept = {"conversation": "canary-1"}
    first = client.post("/api/ask", json={"question": ASKED, **kept}).json()
    assert first["conversation"] == "canary-1"
    told = events_of(
        client.post("/api/ask", json={"question": "Did Iran confirm it?", **kept}, headers=EVENTS).text
    )
    assert told[-1][0] == "answer"
    assert told[-1][1]["standalone"] != "Did Iran confirm it?"
    alone = client.post("/api/ask", json={"question": "Did Iran confirm it?", "conversation": "other"}).json()
    assert alone["standalone"] == "Did Iran confirm it?"


def test_unknown_paths_and_methods_are_refused_in_the_same_form(client):
    assert client.get("/nope").json()["error"]["kind"] == "not_found"
    found = client.get("/api/ask")
    assert (found.status_code, found.json()["error"]["kind"]) == (405, "method")
    assert client.post("/api/ask/", json={"question": ASKED}).status_code == 404


# The page of the interface


def test_the_docs_load_nothing_and_describe_every_route(client):
    found = client.get("/docs")
    assert not re.search(r"<script|<link|<img|@import|url\(|//", found.text)
    style = found.text.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert found.headers["content-security-policy"].startswith(
        f"default-src 'none'; style-src 'sha256-{digest}'"
    )
    schema = client.get("/openapi.json").json()
    assert sorted(schema["paths"]) == [
        "/api/articles/{article}", "/api/ask", "/api/health", "/api/info",
        "/api/ready", "/api/search", "/api/verify",
    ]  # fmt: skip
    assert all(path in found.text for path in schema["paths"])


# Admission


def raw(server: Served, head: str, body: bytes = b"") -> bytes:
    """Send bytes as they are, and read until the server closes."""
    with server.connect() as connection:
        connection.sendall(f"{head}Connection: close\r\n\r\n".encode() + body)
        received = b""
        while piece := connection.recv(65_536):
            received += piece
        return received


@pytest.mark.parametrize(
    ("method", "path", "options"),
    [
        ("GET", "/api/health", {}),
        ("GET", "/docs", {}),
        ("GET", "/nope", {}),
        ("POST", "/api/ask", {"json": {"question": ASKED}}),
        ("POST", "/api/ask", {"json": {"question": ASKED}, "headers": EVENTS}),
        ("POST", "/api/ask", {"content": b"x" * 70_000}),
        ("GET", "/api/health", {"headers": {"host": "evil.example"}}),
        ("OPTIONS", "/api/ask", {"headers": {"origin": "https://evil.example"}}),
    ],
)
def test_every_response_carries_the_guarding_headers(client, method, path, options):
    headers = client.request(method, path, **options).headers
    assert {name: headers[name] for name in GUARDS} == GUARDS
    assert "default-src 'none'" in headers["content-security-policy"]
    assert not [name for name in headers if name.startswith("access-control-")]
    assert "server" not in headers or headers["server"] == "uvicorn"  # `serve` leaves it out


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:80", 200),
        ("[::1]:7860", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("[", 421),
        ("", 421),
    ],
)
def test_only_local_names_are_answered(client, host, status):
    assert client.get("/api/health", headers={"host": host}).status_code == status


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example"])
def test_a_page_of_another_site_cannot_post(client, origin):
    found = client.post("/api/ask", json={"question": ASKED}, headers={"origin": origin})
    assert (found.status_code, found.json()["error"]["kind"]) == (403, "origin")


def test_a_page_of_this_server_can_post(client, running):
    assert (
        client.post("/api/search", json={"query": "Iran"}, headers={"origin": running.url}).status_code == 200
    )


def test_what_a_part_of_the_app_allows_other_sites_is_taken_back():
    async def lax(scope, receive, send):
        reply = JsonResponse(
            {}, headers={"Access-Control-Allow-Origin": "*", "X-Frame-Options": "SAMEORIGIN"}
        )
        await reply(scope, receive, send)

    found = asyncio.run(call(Admission(lax)))
    assert "access-control-allow-origin" not in found.headers
    assert found.headers["x-frame-options"] == "SAMEORIGIN"  # a page may say what it needs


async def call(app, method: str = "GET", path: str = "/", **options) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.request(method, path, **options)


def test_a_fault_is_a_number_in_the_answer_and_a_traceback_in_the_log(caplog):
    async def faulty(scope, receive, send):
        raise ZeroDivisionError("secret detail")

    found = asyncio.run(call(Admission(faulty)))
    error = found.json()["error"]
    assert (found.status_code, error["kind"]) == (500, "fault")
    assert "secret" not in found.text
    assert found.headers["x-frame-options"] == "DENY"
    assert f"fault {error['id']}" in caplog.text
    assert "ZeroDivisionError: secret detail" in caplog.text


@pytest.fixture(scope="module")
def locked(assistant, settings):
    closed = settings.model_copy(update={"token": SecretStr(LONG)})
    with (
        pytest.MonkeyPatch.context() as patched,
        served(create_app(assistant, settings=closed)) as server,
        httpx.Client(base_url=server.url) as client,
    ):
        patched.setattr("onrecord.faces.http.guesses._TRIES", 1_000)
        patched.setattr("onrecord.faces.http.guesses._TRIES_OF_ALL", 1_000)
        patched.setattr("onrecord.faces.http.guesses._LONGEST", 0)
        yield client


@pytest.mark.parametrize("path", ["/api/info", "/api/ready", "/api/articles/x", "/nope", "//api/health", "/"])
@pytest.mark.parametrize(
    "presented", [None, "", "Bearer", "Bearer s3cret", f"Basic {LONG}", LONG, "Bearer ÿ"]
)  # fmt: skip
def test_without_the_token_nothing_is_told(locked, path, presented):
    headers = {} if presented is None else {"authorization": presented.encode()}
    found = locked.get(f"{locked.base_url}{path}".replace("0//", "0/"), headers=headers)
    assert found.status_code == 401
    assert found.headers["www-authenticate"].startswith("Bearer")
    assert "s3cret" not in found.text


def test_with_the_token_all_is_told_and_health_needs_none(locked):
    key = {"authorization": f"bearer  {LONG}".encode()}
    assert locked.get("/api/info", headers=key).status_code == 200
    assert locked.post("/api/ask", json={"question": ASKED}, headers=key).status_code == 200
    assert [locked.get(path).status_code for path in ("/api/health", "/docs", "/openapi.json")] == [200] * 3
    assert "HTTPBearer" in locked.get("/openapi.json").json()["components"]["securitySchemes"]


def test_a_request_without_the_token_is_refused_before_its_body_is_read(locked):
    with socket.create_connection(("127.0.0.1", locked.base_url.port), timeout=5) as connection:
        head = b"POST /api/verify HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
        connection.sendall(head)
        assert connection.recv(100).startswith(b"HTTP/1.1 401 ")


# Sizes, slowness


@pytest.mark.parametrize(("path", "limit"), [("/api/ask", 64_000), ("/api/verify", 1_000_000)])
def test_a_body_is_taken_up_to_its_limit(client, path, limit):
    name = "question" if path == "/api/ask" else "text"
    frame_ = len(json.dumps({name: ""}))
    fits, exceeds = (json.dumps({name: " " * (limit - frame_ + more)}) for more in (0, 1))
    assert client.post(path, content=fits, headers=JSON).status_code in (200, 400)
    found = client.post(path, content=exceeds, headers=JSON)
    assert (found.status_code, found.json()["error"]["kind"]) == (413, "too_large")


@pytest.mark.parametrize("expect", ["", "Expect: 100-continue\r\n"])
@pytest.mark.parametrize("length", ["9" * 18, "64001"])
def test_a_large_body_is_refused_by_its_announcement(running, length, expect):
    with running.connect() as connection:
        head = f"POST /api/ask HTTP/1.1\r\nHost: localhost\r\n{expect}Content-Length: {length}\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_body_of_unknown_length_is_cut_off_at_the_limit(running):
    sent = 0
    with running.connect() as connection:
        head = "POST /api/ask HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head.encode())
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        try:
            while sent < 500:
                connection.sendall(chunk)
                sent += 1
        except OSError:
            pass
        assert sent < 500  # 32 MB would have been taken
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_body_that_does_not_come_is_given_up():
    async def never(scope, receive, send):
        raise AssertionError("let in")

    with served(Admission(never, body_seconds=0.2)) as server, server.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf")
        assert connection.recv(100).startswith(b"HTTP/1.1 408 ")


def test_headers_that_do_not_come_whole_are_given_up():
    class Impatient(Connection):
        seconds = 2.0  # a loaded machine has to get a request across within it

    async def fine(scope, receive, send):
        await JsonResponse({})(scope, receive, send)

    with served(Admission(fine), protocol=Impatient) as server, server.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        received = b""
        while not received.endswith(b"{}"):
            received += connection.recv(4_000)
        began = time.monotonic()
        connection.sendall(b"GET / HTTP/1.1\r\nHost: loc")
        assert connection.recv(100) == b""
        assert time.monotonic() - began < 12


# Row 31: closed midway


def test_a_client_that_goes_away_cancels_the_work_and_leaves_no_task():
    ended: list[str] = []
    app = FastAPI()

    async def slow_events():
        try:
            yield frame("progress", {"step": "one"})
            await anyio.sleep(60)
        finally:
            ended.append("events")

    async def slow_work() -> None:
        try:
            await anyio.sleep(60)
        finally:
            ended.append("work")

    @app.get("/events")
    async def _events():
        return EventResponse(slow_events(), failed=failure_frame, heartbeat=0.05)

    @app.get("/work")
    async def _work(request: Request):
        await unless_gone(request.receive, slow_work())

    with served(Admission(app)) as server:
        before = server.tasks()
        connections = []
        for path in ("/events", "/work") * 10:
            connection = server.connect()
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            connections.append(connection)
        received = connections[0].recv(4_000)
        while b"\n:\n\n" not in received.replace(b"\r\n", b"\n"):
            received += connections[0].recv(4_000)
        assert until(lambda: server.tasks() > before + 20)
        for connection in connections:
            connection.close()
        assert until(lambda: len(ended) == 20)
        assert until(lambda: server.tasks() == before)
    assert (ended.count("events"), ended.count("work")) == (10, 10)


def test_answers_closed_midway_leave_nothing_behind(running, client):
    body = json.dumps({"question": ASKED}).encode()
    head = "POST /api/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    before = running.tasks()
    for accept in ("text/event-stream", "application/json") * 10:
        with running.connect() as connection:
            told = f"{head}Accept: {accept}\r\nContent-Length: {len(body)}\r\n\r\n"
            connection.sendall(told.encode() + body)
    assert until(lambda: running.tasks() <= before)
    assert client.post("/api/ask", json={"question": ASKED}).status_code == 200


def test_a_failure_midway_is_the_last_event():
    async def failing():
        yield frame("progress", {"step": "one"})
        raise ZeroDivisionError("secret detail")

    app = FastAPI()

    @app.get("/")
    async def _events():
        return EventResponse(failing(), failed=failure_frame)

    found = asyncio.run(call(Admission(app)))
    told = events_of(found.text)
    assert [name for name, _ in told] == ["progress", "error"]
    assert told[-1][1]["kind"] == "fault"
    assert "secret" not in found.text


# Row 33: sessions do not cross; what is too much is told to wait


def test_fifty_sessions_with_canaries_do_not_cross(running):
    def session(number: int) -> list[str]:
        own = f"canary{number:02}x"
        question = f"What did Blinken say about the Iran nuclear deal and {own}?"
        with httpx.Client(base_url=running.url, timeout=60) as client:
            said = []
            for headers in ({}, EVENTS):
                found = client.post(
                    "/api/ask", json={"question": question, "history": [own]}, headers=headers
                )
                assert found.status_code == 200
                said.append(found.text)
            return said

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(session, range(50)))
    crossings = 0
    for number, said in enumerate(answers):
        for text in said:
            seen = set(re.findall(r"canary(\d\d)x", text))
            assert f"{number:02}" in seen
            crossings += len(seen - {f"{number:02}"})
    assert crossings == 0


def test_more_than_is_allowed_at_once_is_told_to_wait(built_index):
    narrow = built_index.model_copy(update={"max_concurrent": 1})
    bodies = {"/api/ask": {"question": ASKED}, "/api/search": {"query": ASKED}}
    with Assistant.open(narrow) as assistant, served(create_app(assistant, settings=narrow)) as server:

        def post(path: str) -> httpx.Response:
            return httpx.post(f"{server.url}{path}", json=bodies[path], timeout=30)

        for path in bodies:
            with ThreadPoolExecutor(20) as pool:
                found = list(pool.map(post, [path] * 60))
            assert {each.status_code for each in found} == {200, 503}
            busy = next(each for each in found if each.status_code == 503)
            assert busy.json()["error"]["kind"] == "busy"
            assert int(busy.headers["retry-after"]) > 0
            assert post(path).status_code == 200


# Row 23


@pytest.mark.parametrize("step", [10, pytest.param(1, marks=pytest.mark.slow)])
def test_naughty_strings_get_an_answer_or_a_refusal(client, shared, step):
    lines = (shared / "eval" / "naughty_strings" / "queries.jsonl").read_text(encoding="utf-8").split("\n")
    asked = [json.loads(line)["question"] for line in lines if line][::step]
    statuses = [
        client.post("/api/ask", content=json.dumps({"question": question}), headers=JSON).status_code
        for question in asked
    ]
    assert set(statuses) <= {200, 400, 422}
    assert statuses.count(200) > len(statuses) / 2


# serve


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])
def test_without_a_token_other_machines_are_not_served(built_index, host):
    with pytest.raises(SettingsError, match="no token is set") as caught:
        serve(built_index, host=host)
    assert "ONRECORD_TOKEN" in caught.value.remedy


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("localhost", True),
        ("::1", True),
        ("[::1]", True),
        ("::", False),
    ],
)
def test_loopback_is_told_from_the_rest(host, local):
    assert is_loopback(host) is local


def test_a_port_in_use_is_named(built_index):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"port {port} cannot be used"):
            serve(built_index, port=port)


SERVE = """
import sys
from onrecord import Settings
from onrecord.faces.server import serve
serve(Settings.load(), port=0, announce=lambda address: print(address, flush=True))
print("closed", flush=True)
"""


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_server_says_where_it_is_and_stops_gracefully(built_index, stop):
    own = {"ONRECORD_INDEX": str(built_index.index), "ONRECORD_STATE": str(built_index.state)}
    environment = os.environ | own
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", SERVE], stdout=pipe, stderr=pipe, env=environment
    ) as process:
        try:
            address = process.stdout.readline().decode().strip()
            # The address is said before the page is built, which takes its time on a loaded machine.
            found = httpx.post(f"{address}/api/ask", json={"question": ASKED}, timeout=120)
            assert (found.status_code, "server" in found.headers) == (200, False)
            # An open page does not hold it up: what is cut off at the end of the grace is written to the log.
            cookies = httpx.get(f"{address}/", timeout=120).cookies
            heartbeat = f"{address}/gradio_api/heartbeat/anopenpage"
            with httpx.stream("GET", heartbeat, cookies=dict(cookies), timeout=120) as page:
                alive = page.iter_text()
                assert next(alive).startswith("data: ALIVE")
                process.send_signal(stop)
                out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, out, err) == (0, b"closed\n", b"")


# Whatever fits the schema, and much that does not


@pytest.mark.parametrize("examples", [5, pytest.param(60, marks=pytest.mark.slow)])
@pytest.mark.parametrize("mode", ["POSITIVE", "NEGATIVE"])
def test_whatever_the_schema_suggests_is_answered_as_it_says(running, mode, examples):
    from schemathesis import GenerationMode, checks, openapi

    promised = [
        checks.not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_schema_conformance,
        checks.response_headers_conformance,
        *([checks.negative_data_rejection] if mode == "NEGATIVE" else []),
    ]
    called = set()
    for found in openapi.from_url(f"{running.url}/openapi.json").get_all_operations():
        operation = found.ok()
        takes = operation.body or operation.path_parameters or operation.query
        if mode == "NEGATIVE" and not takes:
            continue

        @hypothesis.settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
        @hypothesis.given(case=operation.as_strategy(GenerationMode[mode]))
        def fits(case):
            called.add(case.operation.path)
            case.call_and_validate(checks=promised, timeout=30)

        fits()
    assert len(called) == (7 if mode == "POSITIVE" else 4)
