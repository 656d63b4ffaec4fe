"""Who may call: scheme, name and port of a page all count, and the names by which the server is called."""

from __future__ import annotations

import socket
from contextlib import contextmanager

import httpx
import pytest
from pydantic import SecretStr

from onrecord import Assistant, Settings
from onrecord.errors import SettingsError
from onrecord.faces.server import create_app
from tests.faces.http.test_server import served

TOKEN = "a long and secret token"
TLS = {"x-forwarded-proto": "https"}
PUBLIC = "https://news.example/desk"


@pytest.fixture(scope="module")
def settings(built_index, tmp_path_factory):
    told = {
        "conversations": tmp_path_factory.mktemp("origins") / "conversations.sqlite",
        "reader": "none",
        "token": SecretStr(TOKEN),
        "public_url": PUBLIC,
    }
    return built_index.model_copy(update=told)


@contextmanager
def started(settings, **options):
    with (
        Assistant.open(settings) as assistant,
        served(create_app(assistant, settings=settings, **options)) as server,
    ):
        yield server


@pytest.fixture(scope="module")
def server(settings):
    with started(settings) as running:
        yield running


def post(server, path="/signout", **headers) -> int:
    told = {
        "authorization": f"Bearer {TOKEN}",
        **{name.replace("_", "-"): each for name, each in headers.items()},
    }
    found = httpx.post(server.url + path, headers=told, json={"query": "Iran"})
    assert found.status_code in (200, 303, 403, 421)
    return found.status_code


@pytest.mark.parametrize(
    "path", ["/signout", "/signin", "/api/search", "/gradio_api/upload", "/gradio_api/queue/join"]
)
@pytest.mark.parametrize(
    "origin",
    [
        "http://127.0.0.1:9999",
        "http://127.0.0.1",
        "https://127.0.0.1:{port}",
        "http://localhost:{port}",
        "http://[::1]:{port}",
        "http://127.0.0.1:{port}.evil.example",
        "http://evil.example:{port}",
        "http://127.0.0.1:{port}@evil.example",
        "http://evil.example#http://127.0.0.1:{port}",
        "http://127.0.0.1:{port}/",
        "http://127.0.0.1:{port} http://evil.example",
        "http://127.0.0.1:{port},http://evil.example",
        "ftp://127.0.0.1:{port}",
        "//127.0.0.1:{port}",
        "127.0.0.1:{port}",
        "http://",
        "null",
        "",
        "http://news.example",
        "https://news.example:8443",
        "https://news.example.evil.example",
        "https://other.news.example",
    ],
)
def test_a_page_from_elsewhere_calls_nothing(server, path, origin):
    assert post(server, path, origin=origin.format(port=server.port)) == 403


def test_a_page_of_this_server_calls_it(server):
    assert post(server, origin=server.url) == 303
    assert post(server, origin=server.url.upper().replace("HTTP", "http")) == 303
    named = f"localhost:{server.port}"
    assert post(server, host=named, origin=f"http://{named}") == 303
    assert post(server, host=f"[::1]:{server.port}", origin=f"http://[::1]:{server.port}") == 303
    assert post(server, host="localhost", origin="http://localhost:80") == 303
    assert post(server, host="localhost:80", origin="http://localhost") == 303


def test_behind_a_proxy_the_scheme_is_what_the_proxy_speaks(server):
    behind = {"host": "news.example", **TLS}
    assert post(server, **behind, origin="https://news.example") == 303
    assert post(server, **behind, origin="https://news.example:443") == 303
    assert post(server, **behind, origin="http://news.example") == 403
    assert post(server, host="news.example", origin="http://news.example") == 303


def test_the_page_at_the_public_address_calls_whatever_name_the_proxy_hands_on(server):
    assert post(server, origin="https://news.example") == 303
    assert post(server, **TLS, origin="https://news.example") == 303


@pytest.mark.parametrize("site", ["cross-site", "same-site", "Cross-Site"])
def test_a_browser_that_leaves_out_the_origin_still_says_that_it_is_another_site(server, site):
    assert post(server, sec_fetch_site=site) == 403
    assert httpx.get(f"{server.url}/api/health", headers={"sec-fetch-site": site}).status_code == 200


@pytest.mark.parametrize("site", ["same-origin", "none", ""])
def test_programs_and_this_page_may_leave_out_the_origin(server, site):
    assert post(server, sec_fetch_site=site) == 303
    assert post(server) == 303


def asked(port: int, *hosts: str) -> int:
    """Ask how the server is, by so many names; HTTP/1.0 may come without one."""
    lines = "".join(f"Host: {host}\r\n" for host in hosts)
    version = "1.1" if hosts else "1.0"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        head = f"GET /api/health HTTP/{version}\r\n{lines}Connection: close\r\n\r\n"
        connection.sendall(head.encode("latin-1"))
        return int(connection.recv(100).split()[1])


HOSTILE = [
    "evil.example",
    "news.example.evil.example",
    "evil-news.example",
    "news.example, evil.example",
    "evil.example, news.example",
    "news.example evil.example",
    "user@news.example",
    "news.example@evil.example",
    "news.example:1@evil.example",
    "news.example:99999",
    "news.example:x",
    "news.example..",
    ".news.example",
    "[::1",
    "[news.example]",
    "[::1]evil.example",
    "http://news.example",
    "news.example/",
    "news.example#",
    "news.example%00",
    "néws.example",
    "127.1",
    "2130706433",
    "0.0.0.0",
    "",
]
FRIENDLY = [
    "news.example",
    "NEWS.example",
    "news.example.",
    "news.example:8000",
    "news.example.:443",
    "inner.example",
    "xn--nws-bma.example",
    "[2001:db8::5]:8000",
    "[2001:DB8:0:0:0:0:0:5]",
    "127.0.0.1:7860",
    "localhost",
    "[::1]",
]


@pytest.mark.parametrize("token", [TOKEN, None])
@pytest.mark.parametrize("bound", ["0.0.0.0", "127.0.0.1", "192.0.2.7"])
def test_where_names_are_set_no_other_is_answered(settings, bound, token):
    hosts = Settings.load(hosts="Inner.Example, néws.example,2001:db8::5").hosts
    told = {"hosts": hosts, "token": SecretStr(token) if token else None}
    with started(settings.model_copy(update=told), host=bound) as server:
        assert [host for host in HOSTILE if asked(server.port, host) not in (400, 421)] == []
        assert [host for host in FRIENDLY if asked(server.port, host) != 200] == []
        assert asked(server.port, "news.example", "evil.example") in (400, 421)
        assert asked(server.port) == 421


def test_where_none_are_set_other_machines_may_use_any_name_that_is_one(settings):
    with started(settings, host="0.0.0.0") as server:
        assert [asked(server.port, host) for host in ("evil.example", "10.0.0.3:80", "[fe80::1]")] == [
            200
        ] * 3
        assert asked(server.port) == 200
        for malformed in ("news.example, evil.example", "user@news.example", "[::1"):
            assert asked(server.port, malformed) in (400, 421), malformed


@pytest.mark.parametrize(
    "told",
    [
        "https://news.example",
        "news.example:80",
        "*",
        "a b",
        "user@news.example",
        "a/b",
        "[::1",
        "é" * 80,
        ",",
    ],
)
def test_what_is_no_name_is_refused_at_the_start(monkeypatch, told):
    monkeypatch.setenv("ONRECORD_HOSTS", told)
    with pytest.raises(SettingsError, match="'hosts'") as raised:
        Settings.load()
    assert "ONRECORD_HOSTS" in raised.value.remedy


@pytest.mark.parametrize(
    "told", ["nginx", "10.0.0.1/8", "10.0.0.0/99", "127.0.0.1;::1", "*", ",", "127.0.0.1:80"]
)
def test_what_is_no_address_of_a_proxy_is_refused_at_the_start(monkeypatch, told):
    monkeypatch.setenv("ONRECORD_PROXIES", told)
    with pytest.raises(SettingsError, match="'proxies'") as raised:
        Settings.load()
    assert "ONRECORD_PROXIES" in raised.value.remedy
    assert told not in raised.value.message or told in ",*"
