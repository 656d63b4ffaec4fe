"""The token and what it opens: guessed, shortened, replayed after signing out, forged from a cookie."""

from __future__ import annotations

import hashlib
import hmac
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest
from pydantic import SecretStr

from onrecord import Assistant, Settings
from onrecord.errors import SettingsError
from onrecord.faces.http.sign_in import SESSION
from onrecord.faces.server import create_app, serve
from tests.faces.http.test_server import served

TOKEN = "a long and secret token"
RIGHT = {"authorization": f"Bearer {TOKEN}"}
WRONG = {"authorization": "Bearer a wrong token"}
TLS = {"x-forwarded-proto": "https"}


@pytest.fixture
def settings(built_index, tmp_path):
    told = {"conversations": tmp_path / "conversations.sqlite", "reader": "none", "token": SecretStr(TOKEN)}
    return built_index.model_copy(update=told)


@pytest.fixture
def at_once(monkeypatch):
    """Let no wrong answer wait, where only the count of them matters."""
    monkeypatch.setattr("onrecord.faces.http.guesses._LONGEST", 0)


@contextmanager
def started(settings, **options):
    with (
        Assistant.open(settings) as assistant,
        served(create_app(assistant, settings=settings, **options)) as server,
        httpx.Client(base_url=server.url, timeout=30) as client,
    ):
        yield client


def sign_in(client, token=TOKEN, **headers):
    """Send the form; give the cookie, if there is one."""
    found = client.post("/signin", data={"token": token}, headers=headers)
    cookie = found.headers.get("set-cookie", "").partition(";")[0]
    client.cookies.clear()
    return found, cookie


def opens(client, cookie, **headers) -> bool:
    return client.get("/api/info", headers={"cookie": cookie, **headers}).status_code == 200


# How long a token has to be


@pytest.mark.parametrize(
    "token", ["a", "short", "x" * 15, f"  {'x' * 15}  ", "   ", "", "x" * 16 + "\n" + "y" * 16, "\udcff" * 16]
)
def test_a_short_token_is_refused_and_a_new_one_offered(monkeypatch, token):
    monkeypatch.setenv("ONRECORD_TOKEN", token)
    with pytest.raises(SettingsError, match="token") as raised:
        Settings.load()
    assert "xxx" not in str(raised.value)
    assert "ONRECORD_TOKEN" in raised.value.remedy
    [offered] = [word for word in raised.value.remedy.replace(",", "").split() if len(word) == 32]
    monkeypatch.setenv("ONRECORD_TOKEN", offered)
    assert Settings.load().token.get_secret_value() == offered


def test_sixteen_characters_are_enough():
    assert Settings.load(token="x" * 16).token


def test_a_server_does_not_start_with_a_short_token(built_index):
    command = [
        sys.executable,
        "-m",
        "onrecord.faces.cli.app",
        "serve",
        "--port",
        "0",
        "--index",
        str(built_index.index),
    ]
    env = {**os.environ, "ONRECORD_TOKEN": "canary"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "16 characters" in done.stderr
    assert "canary" not in done.stderr + done.stdout
    assert "http://" not in done.stdout


def test_who_forgot_the_token_is_offered_one(built_index):
    with pytest.raises(SettingsError, match="no token is set") as raised:
        serve(built_index, host="0.0.0.0")
    assert [word for word in raised.value.remedy.replace(",", "").split() if len(word) == 32]


# Guessing


def test_the_right_token_passes_whoever_guessed_wrong_before(settings):
    with started(settings) as client:
        wrong = [client.get("/api/info", headers=WRONG).status_code for _ in range(6)]
        assert wrong == [401] * 5 + [429]
        assert client.get("/api/info", headers=RIGHT).status_code == 200
        found, cookie = sign_in(client)
        assert found.status_code == 303
        assert opens(client, cookie)
        again, _ = sign_in(client, "another wrong one")
        assert (again.status_code, "right one is taken" in again.text) == (429, True)
        assert 0 < int(again.headers["retry-after"]) <= 60


def test_wrong_tokens_wait_ever_longer_by_form_and_by_header(settings):
    with started(settings) as client:
        took = []
        for turn in range(4):
            began = time.monotonic()
            if turn % 2:
                assert sign_in(client, "wrong")[0].status_code == 401
            else:
                assert client.get("/api/info", headers=WRONG).status_code == 401
            took.append(time.monotonic() - began)
        assert all(seconds >= least for seconds, least in zip(took, (0.1, 0.2, 0.4, 0.8), strict=True))
        began = time.monotonic()
        assert client.get("/api/info", headers=RIGHT).status_code == 200
        assert client.get("/api/info").status_code == 401  # it has guessed nothing
        assert time.monotonic() - began < 0.5


def test_many_that_guess_at_once_do_not_keep_the_right_one_out(settings):
    with started(settings) as client:

        def guess(_) -> int:
            return httpx.get(f"{client.base_url}/api/info", headers=WRONG, timeout=30).status_code

        with ThreadPoolExecutor(30) as pool:
            guesses = [pool.submit(guess, turn) for turn in range(30)]
            assert client.get("/api/info", headers=RIGHT).status_code == 200
            assert sign_in(client)[0].status_code == 303
            statuses = [each.result() for each in guesses]
        assert set(statuses) == {401, 429}
        assert statuses.count(401) == 5


def test_an_address_that_a_caller_makes_up_counts_for_nothing(settings, at_once):
    with started(settings) as client:
        statuses = [
            client.get("/api/info", headers={**WRONG, "x-forwarded-for": f"203.0.113.{turn}"}).status_code
            for turn in range(6)
        ]
    assert statuses == [401] * 5 + [429]


def test_behind_a_proxy_that_a_setting_names_each_address_has_its_own_count(settings, at_once):
    behind = settings.model_copy(update={"proxies": Settings.load(proxies="127.0.0.1,10.0.0.0/8").proxies})
    with started(behind) as client:

        def guess(told: str) -> int:
            return client.get("/api/info", headers={**WRONG, "x-forwarded-for": told}).status_code

        # What stands before the last address that is no proxy's, the caller wrote.
        made_up = [guess(f"198.51.100.{turn}, 203.0.113.7, 10.1.2.3") for turn in range(6)]
        assert made_up == [401] * 5 + [429]
        assert guess("203.0.113.8") == 401


# What a cookie is worth


def test_signing_out_ends_every_copy_of_the_cookie_also_after_a_restart(settings):
    with started(settings) as client:
        _, cookie = sign_in(client)
        _, other = sign_in(client)
        assert opens(client, cookie)
        left = client.post("/signout", headers={"cookie": cookie})
        assert left.status_code == 303
        assert "max-age=0" in left.headers["set-cookie"].lower()
        assert not opens(client, cookie)
        assert client.post("/signout", headers={"cookie": cookie}).status_code == 401
        assert opens(client, other)
    with started(settings) as client:
        assert not opens(client, cookie)
        assert opens(client, other)


def test_servers_that_share_their_state_agree_on_who_signed_out(settings):
    with started(settings) as one, started(settings) as two:
        _, cookie = sign_in(one)
        assert opens(two, cookie)
        one.post("/signout", headers={"cookie": cookie})
        assert not opens(two, cookie)


def test_another_token_ends_every_session(settings):
    with started(settings) as client:
        _, cookie = sign_in(client)
    other = settings.model_copy(update={"token": SecretStr("another long token")})
    with started(other) as client:
        assert not opens(client, cookie)
    with started(settings) as client:
        assert opens(client, cookie)


def test_a_cookie_does_not_let_the_token_be_guessed_offline(settings):
    with started(settings) as client:
        _, cookie = sign_in(client)
    told, _, seal = cookie.partition("=")[2].rpartition(".")
    # All that is in the sources and not on the server's disk, as the seal was once made.
    token = TOKEN.encode()
    for key in (token, hashlib.blake2b(token, digest_size=32, person=b"onrecordsession").digest()):
        assert hmac.new(key, told.encode(), hashlib.sha256).hexdigest() != seal
    settings.key_file.write_bytes(os.urandom(32))
    with started(settings) as client:
        assert not opens(client, cookie)


def test_over_tls_no_other_server_of_the_domain_can_set_the_session(settings):
    with started(settings) as client:
        found, cookie = sign_in(client, **TLS)
        assert cookie.startswith(f"__Host-{SESSION}=")
        flags = {flag.strip().lower() for flag in found.headers["set-cookie"].split(";")[1:]}
        assert {"secure", "path=/", "httponly", "samesite=lax"} <= flags
        assert not [flag for flag in flags if flag.startswith("domain")]
        assert opens(client, cookie, **TLS)
        assert not opens(client, cookie)
        assert not opens(client, cookie.removeprefix("__Host-"), **TLS)
        left = client.post("/signout", headers={"cookie": cookie, **TLS}).headers["set-cookie"]
        assert left.startswith(f"__Host-{SESSION}=")
        assert "secure" in left.lower()  # else a browser would not take it
        assert not opens(client, cookie, **TLS)


def test_only_a_session_that_is_one_is_written_down(settings):
    with started(settings) as client:
        for cookie in ("", f"{SESSION}=1.2.3", f"{SESSION}=9999999999.{'0' * 32}.{'0' * 64}"):
            assert client.post("/signout", headers={"cookie": cookie}).status_code == 401
            found = client.post("/signout", headers={"cookie": cookie, **RIGHT})
            assert found.status_code == 303
        assert not settings.key_file.with_suffix(".ended").exists()
        _, cookie = sign_in(client)
        client.post("/signout", headers={"cookie": cookie})
        assert settings.key_file.with_suffix(".ended").stat().st_mode & 0o077 == 0
