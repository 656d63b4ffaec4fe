"""Visitors' cookies: only the server makes one, and only what it sealed gives anybody a conversation."""

from __future__ import annotations

from http.cookies import SimpleCookie

import httpx
import pytest

from onrecord import Assistant
from onrecord.faces.http.visitor import COOKIE
from onrecord.faces.server import create_app
from tests.faces.http.test_server import served

QUESTION = "What did Blinken say about a new Iran deal?"
TLS = {"x-forwarded-proto": "https"}
KEPT = "/page/conversations/kept.md"
BEFORE = "5" * 32  # a visitor of before cookies were sealed


@pytest.fixture(scope="module")
def settings(built_index, tmp_path_factory):
    kept = tmp_path_factory.mktemp("visitors") / "conversations.sqlite"
    return built_index.model_copy(update={"conversations": kept, "reader": "none"})


@pytest.fixture(scope="module")
def server(settings):
    with Assistant.open(settings) as assistant:
        assistant.conversation("kept", owner=f"page:{BEFORE}").ask(QUESTION)
        with served(create_app(assistant, settings=settings, page=True)) as running:
            yield running


def visit(server, cookie="", **headers):
    """Open the page; give the name and value of the cookie that it sets."""
    sent = {**headers, **({"cookie": cookie} if cookie else {})}
    found = httpx.get(server.url, headers=sent)
    assert found.status_code == 200
    return found.headers.get("set-cookie", "")


def value_of(cookie: str) -> str:
    [morsel] = SimpleCookie(cookie).values()
    return morsel.value


def opens(server, cookie: str, **headers) -> bool:
    found = httpx.get(server.url + KEPT, headers={"cookie": cookie, **headers})
    assert found.status_code in (200, 404)
    return found.status_code == 200


def test_a_visitor_cannot_make_up_an_owner(server):
    made = value_of(visit(server))
    ident, _, seal = made.partition(".")
    assert ident != BEFORE
    for forged in (BEFORE, f"{BEFORE}.", f"{BEFORE}.{seal}", f"{BEFORE}.{'0' * 64}", f"page:{BEFORE}"):
        assert not opens(server, f"{COOKIE}={forged}"), forged
        assert not opens(server, f"__Host-{COOKIE}={forged}", **TLS), forged


def test_who_comes_with_a_number_of_before_keeps_the_conversations(server):
    for headers, name in (({}, COOKIE), (TLS, f"__Host-{COOKIE}")):
        given = visit(server, f"{COOKIE}={BEFORE}", **headers).partition(";")[0]
        assert given.startswith(f"{name}={BEFORE}.")
        assert opens(server, given, **headers)
        assert visit(server, given, **headers) == ""


def test_a_number_that_owns_nothing_counts_for_nothing(server):
    stranger = "6" * 32
    assert stranger not in visit(server, f"{COOKIE}={stranger}")


def test_a_cookie_counts_under_the_name_of_its_kind_of_connection_only(server):
    sealed = value_of(visit(server, f"{COOKIE}={BEFORE}"))
    assert opens(server, f"{COOKIE}={sealed}")
    assert not opens(server, f"{COOKIE}={sealed}", **TLS)
    assert not opens(server, f"__Host-{COOKIE}={sealed}")
    assert visit(server, f"{COOKIE}={sealed}", **TLS)


def test_over_tls_no_other_server_of_the_domain_can_set_the_cookie(server):
    flags = {flag.strip().lower() for flag in visit(server, **TLS).split(";")[1:]}
    assert {"secure", "path=/", "httponly", "samesite=lax"} <= flags
    assert not [flag for flag in flags if flag.startswith("domain")]
    assert "secure" not in visit(server).lower()


def test_cookies_outlast_the_process(server, settings):
    given = visit(server, f"{COOKIE}={BEFORE}").partition(";")[0]
    with (
        Assistant.open(settings) as assistant,
        served(create_app(assistant, settings=settings, page=True)) as later,
    ):
        assert opens(later, given)
