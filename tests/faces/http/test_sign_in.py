"""Signing in on the page, and what guards it: reliability rows 28 and 29."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from onrecord import Assistant
from onrecord.faces.http.ended_sessions import EndedSessions
from onrecord.faces.http.sign_in import SESSION, Gate
from onrecord.faces.http.visitor import COOKIE
from onrecord.faces.server import create_app

TOKEN = "a long and secret token"
HTML = {"accept": "text/html"}


@pytest.fixture(scope="module")
def assistant(built_index, tmp_path_factory):
    kept = tmp_path_factory.mktemp("signin") / "conversations.sqlite"
    with Assistant.open(built_index.model_copy(update={"conversations": kept})) as opened:
        yield opened


@pytest.fixture(scope="module")
def open_page(assistant, built_index):
    with TestClient(
        create_app(assistant, settings=built_index, page=True), base_url="http://localhost"
    ) as client:
        yield client


@pytest.fixture
def locked_page(assistant, built_index):
    settings = built_index.model_copy(update={"token": SecretStr(TOKEN)})
    app = create_app(assistant, settings=settings, page=True)
    with TestClient(app, base_url="http://localhost", follow_redirects=False) as client:
        yield client


def scope(cookie: str):
    return {"type": "http", "scheme": "http", "headers": [(b"cookie", cookie.encode())]}


def test_a_session_is_sealed_and_runs_out(tmp_path):
    now = 1_000.0
    gate = Gate(SecretStr(TOKEN), key=b"1" * 32, ended=EndedSessions(tmp_path / "x.ended"), now=lambda: now)
    session = gate.session()
    assert gate.is_session(scope(f"{SESSION}={session}"))
    ends, rest = session.split(".", 1)
    for forged in (f"{int(ends) + 1}.{rest}", session[:-1], session + "0", "", "..", "é.é.é", f"x.{rest}"):
        assert not gate.is_session(scope(f"{SESSION}={forged}")), forged
    now += 31 * 86_400
    assert not gate.is_session(scope(f"{SESSION}={session}"))


def test_the_page_wants_a_sign_in(locked_page):
    assert locked_page.get("/", headers=HTML).headers["location"] == "signin"
    for path in ("/gradio_api/queue/data", "/config", "/page/article?id=x", "/page/state", "/assets/x.js"):
        assert locked_page.get(path).status_code == 401, path
    form = locked_page.get("/signin")
    assert form.status_code == 200
    assert '<label for="token">' in form.text
    assert "script" not in form.text.replace("Content-Security-Policy", "")


def test_the_right_token_opens_the_page_with_a_cookie_no_script_reads(locked_page):
    entered = locked_page.post("/signin", data={"token": TOKEN})
    assert entered.status_code == 303
    flags = entered.headers["set-cookie"].lower()
    assert all(flag in flags for flag in ("httponly", "samesite=lax", "path=/", "max-age="))
    assert TOKEN not in flags
    assert locked_page.get("/", headers=HTML).status_code == 200
    assert locked_page.get("/api/info").status_code == 200
    locked_page.post("/signout")
    assert locked_page.get("/", headers=HTML).status_code == 303


@pytest.mark.parametrize(
    "query", ["?open=dir%2Fa+b.txt&start=5&end=11", "?since=2022&speaker=Anna%20Ber%C3%A9nyi", ""]
)
def test_signing_in_leads_to_what_the_address_shows(locked_page, query):
    to_form = locked_page.get(f"/{query}", headers=HTML)
    assert (to_form.status_code, to_form.headers["location"]) == (303, f"signin{query}")
    at = to_form.headers["location"]
    # The form has no address of its own, so a browser sends it to the page's, query and all.
    assert "action=" not in locked_page.get(f"/{at}").text
    assert locked_page.post(f"/{at}", data={"token": "wrong"}).status_code == 401
    entered = locked_page.post(f"/{at}", data={"token": TOKEN})
    assert (entered.status_code, entered.headers["location"]) == (303, f"./{query}")


@pytest.mark.parametrize(
    "query", ["?//evil.example", "?next=https://evil.example", "?/../\\evil.example", "?%0d%0aSet-Cookie:x=1"]
)
def test_signing_in_leads_to_this_page_alone(locked_page, query):
    entered = locked_page.post(f"/signin{query}", data={"token": TOKEN})
    led = urljoin("http://localhost/signin", entered.headers["location"])
    assert urlsplit(led)[:3] == ("http", "localhost", "/")
    assert len(entered.headers.get_list("set-cookie")) == 1


def test_a_cookie_is_secure_over_tls(assistant, built_index):
    settings = built_index.model_copy(update={"token": SecretStr(TOKEN)})
    app = create_app(assistant, settings=settings, page=True)
    with TestClient(app, base_url="https://localhost", follow_redirects=False) as client:
        assert "secure" in client.post("/signin", data={"token": TOKEN}).headers["set-cookie"].lower()
    behind = {"x-forwarded-proto": "https"}  # of a proxy that speaks TLS
    with TestClient(app, base_url="http://localhost", headers=behind, follow_redirects=False) as client:
        signed = client.post("/signin", data={"token": TOKEN}).headers["set-cookie"]
        session = signed.partition(";")[0]
        page = client.get("/", headers={**HTML, "cookie": session})
        assert "secure" in signed.lower()
        assert "secure" in page.headers["set-cookie"].lower()


PROBES = [
    ("GET", "/gradio_api/file=/etc/passwd"),
    ("GET", "/gradio_api/file=../../etc/passwd"),
    ("GET", "/gradio_api/file/etc/passwd"),
    ("GET", "/file=/etc/passwd"),
    ("GET", "/gradio_api/proxy=http://127.0.0.1:1/"),
    ("HEAD", "/gradio_api/proxy=http://169.254.169.254/latest/meta-data"),
    ("POST", "/gradio_api/upload"),
    ("POST", "/upload"),
    ("POST", "/gradio_api/run/predict"),
    ("POST", "/gradio_api/api/ask"),
    ("POST", "/gradio_api/call/_ask"),
    ("GET", "/gradio_api/info"),
    ("GET", "/gradio_api/openapi.json"),
    ("GET", "/gradio_api/dev/reload"),
    ("GET", "/gradio_api/vibe-code"),
    ("POST", "/gradio_api/vibe-edit"),
    ("GET", "/gradio_api/runs"),
    ("GET", "/gradio_api/deep_link"),
    ("GET", "/gradio_api/queue/status"),
    ("GET", "/gradio_api/stream/a/b/c/playlist.m3u8"),
    ("POST", "/gradio_api/component_server"),
    ("POST", "/gradio_api/process_recording"),
    ("GET", "/gradio_api/profiling/traces"),
    ("GET", "/monitoring"),
    ("GET", "/monitoring/summary"),
    ("POST", "/login"),
    ("GET", "/assets/../../../etc/passwd"),
    ("GET", "/assets/%2e%2e/%2e%2e/config"),
    ("GET", "/svelte/x.js"),
    ("PUT", "/"),
]


def test_what_the_page_does_not_use_is_not_there(open_page, capsys):
    failed = [
        (method, path, status)
        for method, path in PROBES
        if (status := open_page.request(method, path).status_code) not in (403, 404, 405)
    ]
    with capsys.disabled():
        print(f"\nprobes failed: {len(failed)} of {len(PROBES)}")
    assert failed == []


def test_another_site_gets_nothing(open_page):
    foreign = {"origin": "https://evil.example"}
    assert open_page.post("/gradio_api/queue/join", json={}, headers=foreign).status_code == 403
    found = open_page.get("/config", headers=foreign)
    assert not [name for name in found.headers if name.startswith("access-control-")]
    assert open_page.get("/", headers={"host": "evil.example"}).status_code == 421


def test_the_page_goes_out_with_a_strict_policy(open_page):
    pages = [open_page.get("/") for _ in range(2)]
    for page in pages:
        policy = page.headers["content-security-policy"]
        nonce = re.search(r"'nonce-([\w-]+)'", policy)[1]
        scripts = re.findall(r"<script[^>]*>", page.text)
        assert scripts
        assert all(f'nonce="{nonce}"' in script for script in scripts)
        assert "'unsafe-inline'" not in policy.partition("style-src")[0]
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["x-frame-options"] == "DENY"
        assert not re.search(r"(?:src|href)=\"https?://", page.text)
    assert pages[0].headers["content-security-policy"] != pages[1].headers["content-security-policy"]


def test_a_visitor_gets_one_number(open_page):
    open_page.get("/")
    assert COOKIE in open_page.cookies
    assert "set-cookie" not in open_page.get("/").headers


def test_conversations_are_saved_by_their_owner_only(open_page, assistant):
    open_page.get("/")
    given = open_page.cookies[COOKIE]
    talk = assistant.conversation("kept", owner=f"page:{given.partition('.')[0]}")
    answer = talk.ask("What did Blinken say about a new Iran deal?")
    open_page.cookies.clear()
    mine = {"cookie": f"{COOKIE}={given}"}
    for form, kind in (("md", "text/markdown"), ("html", "text/html")):
        found = open_page.get(f"/page/conversations/kept.{form}", headers=mine)
        assert found.status_code == 200
        assert found.headers["content-type"].startswith(kind)
        assert "attachment" in found.headers["content-disposition"]
        other = open_page.get(f"/page/conversations/kept.{form}", headers={"cookie": f"{COOKIE}={'2' * 32}"})
        assert other.status_code == 404
    assert answer.quotes[0].text in open_page.get("/page/conversations/kept.md", headers=mine).text
    assert open_page.get("/page/conversations/kept.exe", headers=mine).status_code == 404


def test_a_form_that_is_none_is_a_wrong_token(locked_page):
    assert locked_page.post("/signin", content=b"a&" * 10).status_code == 401
