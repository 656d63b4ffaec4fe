"""What one visitor may ask for, what a caller who goes away leaves in the log, and what strangers read."""

from __future__ import annotations

import re
import socket
import time
from pathlib import Path

import httpx
import pytest

from onrecord import Settings
from onrecord.faces.http.error_responses import outward
from onrecord.faces.page.quota import Quota
from tests.browser.serving import served
from tests.security.conftest import target

QUESTION = "What did Blinken say about a new Iran deal?"
LIMITS = {
    "ONRECORD_VISITOR_QUESTIONS": "2",
    "ONRECORD_VISITOR_DRAFTS": "2",
    "ONRECORD_MAX_DRAFT_QUOTATIONS": "50",
}


BEHIND = (
    {"ONRECORD_PUBLIC_URL": "https://news.example"},
    {"ONRECORD_PROXIES": "127.0.0.1"},
    {"ONRECORD_HOSTS": "a.example"},
)


@pytest.fixture(scope="module")
def strict(built_index, tmp_path_factory):
    """A server that lets a visitor do little."""
    yield from target(built_index, tmp_path_factory.mktemp("strict"), **LIMITS)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_quota_is_each_visitors_own_and_fills_again():
    clock = Clock()
    quota = Quota(2, seconds=60, clock=clock)
    assert [quota.take("a"), quota.take("a"), quota.take("a")] == [0, 0, 60]
    assert quota.take("b") == 0
    clock.now = 45.5
    assert quota.take("a") == 15
    clock.now = 60
    assert [quota.take("a"), quota.take("a")] == [0, 0]
    assert quota.take("a") == 60


def test_a_visitor_who_asks_without_end_is_told_to_wait_and_others_are_not(strict, callers):
    busy, other = callers(strict.url), callers(strict.url)
    for number in range(3):
        busy.ask(QUESTION, session=f"s{number}")
    told = [busy.told(f"s{number}") for number in range(3)]
    assert sum("blockquote" in each for each in told) == 2
    assert sum("within a minute" in each and "Go on in" in each for each in told) == 1
    other.ask(QUESTION)
    assert "blockquote" in other.told()


def test_drafts_are_counted_for_each_visitor(strict, callers):
    busy = callers(strict.url)
    for number in range(3):
        assert busy.check("He said “There is no agreement in the offing” today.", session=f"d{number}")
    told = [busy.told(f"d{number}") for number in range(3)]
    assert sum("within a minute" in each for each in told) == 1


def test_a_draft_with_too_many_quotations_is_refused_at_once(strict, callers):
    said = "He said “one word and another one” today. "
    draft = said * 51
    refused = httpx.post(f"{strict.url}/api/verify", json={"text": draft}, timeout=20)
    assert refused.status_code == 400
    assert "51 quotations" in refused.json()["error"]["message"]
    assert "parts" in refused.json()["error"]["remedy"]
    caller = callers(strict.url)
    caller.check(draft)
    assert "51 quotations" in caller.told()
    taken = httpx.post(f"{strict.url}/api/verify", json={"text": said * 50}, timeout=20)
    assert len(taken.json()["verdicts"]) == 50


def test_a_draft_of_nearly_a_megabyte_is_refused_by_how_many_quotations_it_has(usual):
    draft = " ".join(f"He said “word{n} and another{n} and more{n}” ." for n in range(20_000))[:900_000]
    found = httpx.post(f"{usual.url}/api/verify", json={"text": draft}, timeout=60)
    assert found.status_code == 400
    assert "at most" in found.json()["error"]["message"]


# Callers who go away


def test_a_caller_who_goes_away_costs_the_log_a_line(taking, callers):
    one = callers(taking.url)
    address = httpx.URL(taking.url)
    cookie = "; ".join(f"{name}={value}" for name, value in one.cookies.items())
    part = '--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\nhalf'
    before = len(taking.log)
    with socket.create_connection((address.host, address.port)) as connection:
        head = (
            f"POST /gradio_api/upload HTTP/1.1\r\nHost: {address.host}:{address.port}\r\nCookie: {cookie}\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 5000\r\n\r\n"
        )
        connection.sendall((head + part).encode())
        time.sleep(0.5)
    time.sleep(1)
    told = taking.log[before:]
    assert told.count("\n") <= 1, told
    assert len(told) < 200


# What strangers read


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ("There is no index in /srv/my news/index. Run it.", "There is no index in index. Run it."),
        ("/a/b/c.sqlite is damaged.", "c.sqlite is damaged."),
        ("See https://example.org/a/b and index/a.txt.", "See https://example.org/a/b and index/a.txt."),
        (r"C:\Users\me\index is gone.", "index is gone."),
        ("file:///srv/x/y is gone.", "y is gone."),
        ("There is none in /home/o'brien/my,corp/index.", "There is none in index."),
        ("Set ONRECORD_MODEL=openai:a/b/c.", "Set ONRECORD_MODEL=openai:a/b/c."),
    ],
)
def test_of_a_path_strangers_are_told_the_last_name(told, left):
    assert outward(told) == left


@pytest.mark.parametrize("behind", BEHIND)
def test_visitors_are_not_told_where_things_lie(tmp_path, callers, behind):
    settings = Settings.load(corpus=tmp_path / "corpus", index=tmp_path / "deep" / "index")
    (tmp_path / "corpus").mkdir()
    with served(settings, tmp_path, **behind) as server:
        caller = callers(server.url, headers={"origin": server.url})
        caller.join(0, ["", None])
        page = caller.told()
        asked = caller.client.post("/api/ask", json={"question": QUESTION})
        ready = caller.client.get("/api/ready")
    assert "There is no index yet" in page
    assert "Whoever keeps this server" in page
    assert asked.status_code == ready.status_code == 503
    for told in (page, asked.text, ready.text):
        assert str(tmp_path) not in told
        assert not re.search(r"onrecord index --|(?<![\w/:.])/(?:tmp|var|home|root|work)/", told)
    assert str(Path(tmp_path)) in server.log.read_text(encoding="utf-8")  # who keeps it can look it up
