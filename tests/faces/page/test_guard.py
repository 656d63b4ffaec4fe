"""The page's own routes over real connections: uploads, slow clients, and ones that go away midway."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from onrecord import Assistant, Settings
from onrecord.faces.http.admission import Admission
from onrecord.faces.server import create_app
from tests import corpora
from tests.faces.http.test_server import Served, served, until
from tests.providerstub import Reply, serving

# Gradio looks at its own past with pandas now and then, in a task of its own.
pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
LIMIT = 200_000
QUESTION = "What did Blinken say about a new Iran deal?"


@contextmanager
def paged(settings: Settings, kept) -> Iterator[Served]:
    """A running server with the page, and no conversations but its own."""
    settings = settings.model_copy(update={"conversations": kept})
    with (
        Assistant.open(settings) as assistant,
        served(create_app(assistant, settings=settings, page=True)) as (running),
    ):
        yield running


@pytest.fixture(scope="module")
def taking(plain_index, tmp_path_factory):
    """A server that takes articles of at most 200 kB."""
    folder = tmp_path_factory.mktemp("taking")
    settings = corpora.copy_of(plain_index, folder).model_copy(
        update={"uploads": True, "max_file_bytes": LIMIT}
    )
    with paged(settings, folder / "conversations.sqlite") as running:
        yield running


def visiting(running: Served) -> dict[str, str]:
    """The header by which a visitor who has the page open is known."""
    [(name, value)] = httpx.get(f"{running.url}/", timeout=30).cookies.items()
    return {"cookie": f"{name}={value}"}


def sent(running: Served, *sizes: int) -> httpx.Response:
    files = [("files", (f"{n}.txt", b"x" * size, "text/plain")) for n, size in enumerate(sizes)]
    headers = visiting(running)
    return httpx.post(f"{running.url}/gradio_api/upload", files=files, headers=headers, timeout=30)


# Uploads


def test_files_of_more_than_64_kb_are_taken_where_uploads_are_on(taking):
    found = sent(taking, 150_000, 199_000)
    assert found.status_code == 200
    assert len(found.json()) == 2


def test_each_file_is_held_to_the_limit_of_a_file(taking):
    assert sent(taking, LIMIT + 1).status_code == 413
    assert sent(taking, 10, LIMIT + 1).status_code == 413


def test_many_files_at_once_are_held_to_a_limit_too(taking):
    found = sent(taking, *[LIMIT - 1] * 12)
    assert found.status_code == 413
    assert found.json()["error"]["kind"] == "too_large"


def test_an_upload_of_unknown_length_is_cut_off(taking):
    head = (
        "POST /gradio_api/upload HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
        f"Cookie: {visiting(taking)['cookie']}\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n"
    )
    part = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
    filled = part + b"x" * (LIMIT - 10_000) + b"\r\n"
    with taking.connect() as connection:
        connection.sendall(head.encode())
        try:
            for _ in range(40):
                connection.sendall(f"{len(filled):x}\r\n".encode() + filled + b"\r\n")
        except OSError:
            pass
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_elsewhere_the_usual_limit_holds(taking, plain_index, tmp_path):
    body = b"x" * 70_000
    assert httpx.post(f"{taking.url}/gradio_api/cancel", content=body).status_code == 413
    with paged(plain_index, tmp_path / "conversations.sqlite") as running:
        assert sent(running, 70_000).status_code == 413
        assert sent(running, 10).status_code == 404


def test_a_body_that_is_handed_on_may_not_stall():
    async def reads(scope, receive, send):
        assert scope["type"] == "http"  # it has no lifespan
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                await send({"type": "http.response.start", "status": 500, "headers": []})
                raise OSError("gone")

    with (
        served(Admission(reads, streamed={"/files": 1_000}, body_seconds=0.2)) as server,
        server.connect() as connection,
    ):
        connection.sendall(b"POST /files HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf")
        assert connection.recv(100).startswith(b"HTTP/1.1 408 ")


def test_a_body_that_is_handed_on_arrives_whole():
    async def echoes(scope, receive, send):
        assert scope["type"] == "http"
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    content = bytes(range(256)) * 3_000
    with served(Admission(echoes, streamed={"/files": len(content)})) as server:
        assert httpx.post(f"{server.url}/files", content=content).content == content
        assert httpx.post(f"{server.url}/files", content=content + b"x").status_code == 413


# Row 31: slow clients, closed midway


@pytest.fixture(scope="module")
def slow(built_index, tmp_path_factory):
    """A server with a chat model that takes ten seconds, for one question at a time."""
    folder = tmp_path_factory.mktemp("slow")
    with serving(Reply(["{"] * 100, pause=0.1)) as stub:
        settings = Settings.load(
            corpus=built_index.corpus,
            index=built_index.index,
            model="openai:stub",
            base_url=stub.url,
            api_key="none",
            max_concurrent=1,
        )
        with paged(settings, folder / "conversations.sqlite") as running:
            httpx.get(f"{running.url}/gradio_api/startup-events")
            yield running


def joined(running: Served, session: str, visitor: dict[str, str]) -> None:
    """Put a question as the page does."""
    config = httpx.get(f"{running.url}/config").json()
    ask = next(each["id"] for each in config["components"] if each["props"].get("elem_id") == "ask")
    event = next(each["id"] for each in config["dependencies"] if [ask, "click"] in each["targets"])
    data = [QUESTION, "", "", "", [], [], []]
    asked = {"data": data, "fn_index": event, "session_hash": session, "trigger_id": ask, "event_data": None}
    found = httpx.post(f"{running.url}/gradio_api/queue/join", json=asked, headers=visitor)
    assert found.status_code == 200, found.text


def listening(running: Served, session: str, visitor: dict[str, str]) -> socket.socket:
    connection = running.connect()
    path = f"/gradio_api/queue/data?session_hash={session}"
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {visitor['cookie']}\r\n\r\n"
    connection.sendall(head.encode())
    return connection


def test_an_answer_that_nobody_listens_to_any_more_is_given_up(slow):
    before, visitor = slow.tasks(), visiting(slow)
    for number in range(3):
        joined(slow, f"session{number}", visitor)
        with listening(slow, f"session{number}", visitor) as connection:
            received = b""
            while b"aria-busy" not in received:
                received += connection.recv(65_536)
            assert b"busy.</strong>" not in received
        # The place among those who are answered is free again long before the model would be done.
        assert until(lambda: slow.tasks() <= before, seconds=8)


def test_pages_closed_midway_leave_no_task(slow):
    before = slow.tasks()
    paths = ("/", "/config", "/page/article?id=000_958ad2b006b0f065.txt", "/page/state", "/assets/x.js")
    for path in paths * 6:
        with slow.connect() as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    for path in ("/gradio_api/queue/join", "/signin", "/gradio_api/cancel") * 6:
        with slow.connect() as connection:
            head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\nhalf"
            connection.sendall(head.encode())
    assert until(lambda: slow.tasks() <= before)
    assert httpx.get(f"{slow.url}/page/state").json() == {"ready": True}


def test_slow_readers_do_not_hold_up_others(slow):
    before, began = slow.tasks(), time.monotonic()
    connections = []
    for _ in range(20):
        connection = slow.connect()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1_024)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connections.append(connection)  # and nothing is ever read
    for _ in range(5):
        assert httpx.get(f"{slow.url}/page/state", timeout=10).status_code == 200
    assert time.monotonic() - began < 10
    for connection in connections:
        connection.close()
    assert until(lambda: slow.tasks() <= before)
