"""What is shown while it takes long, when it cannot be done, and before there is anything."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from onrecord import Settings, build_index
from tests import corpora
from tests.browser.browsing import ask, serious_faults
from tests.browser.questions import FIRST, QUESTION
from tests.browser.serving import Server, served
from tests.indexes import build_once
from tests.providerstub import Reply, serving

pytestmark = pytest.mark.slow

UPLOADING = ["upload_progress", "Response (http"]
"""Gradio complains where an upload is done before it asks how far it is."""
_LINE = re.compile(r"^\[(\d+)\] (?:\([^)]*\) )?(.*)$", re.MULTILINE)
_MARKS = re.compile('["“”„«»‘’]')


def claims_of(request: dict[str, Any]) -> str:
    """Write what a careful model would: two sentences in their own words, without quotation marks."""
    told = [
        (int(number), _MARKS.sub("", text))
        for number, text in _LINE.findall(request["messages"][-1]["content"])
    ]
    talked = [each for each in told if "said" in each[1]] or told
    claims = [{"ids": [number], "claim": text} for number, text in talked[:2]]
    return json.dumps({"answerable": True, "claims": claims})


@contextmanager
def with_model(settings: Settings, folder: Path, *, pause: float, **env: str) -> Iterator[Server]:
    """Serve with a chat model that takes its time."""

    def answer(request: dict[str, Any], key: str) -> Reply:
        text = claims_of(request)
        return Reply([text[at : at + 40] for at in range(0, len(text), 40)], pause=pause)

    with serving(Reply()) as stub:
        stub.next = answer  # type: ignore[method-assign]
        model = {"ONRECORD_MODEL": "openai:stub", "ONRECORD_BASE_URL": stub.url, "ONRECORD_API_KEY": "none"}
        with served(settings, folder, ONRECORD_READER="none", **model, **env) as server:
            server.stub = stub
            yield server


@pytest.fixture(scope="module")
def slow_site(built_index, tmp_path_factory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("slow")
    with with_model(built_index, folder, pause=0.3, ONRECORD_MAX_CONCURRENT="1") as server:
        yield server


def start(page, question: str) -> None:
    page.locator("#question textarea").fill(question)
    page.locator("#question textarea").press("Enter")
    page.locator("article.turn[aria-busy=true]").wait_for()


def test_quotations_stand_before_the_answer_is_whole(visitor, slow_site):
    page = visitor(slow_site).open()
    start(page, QUESTION)
    expect(page.locator("article.turn[aria-busy=true] .quote").first).to_be_visible()
    expect(page.locator("#stop")).to_be_visible()
    expect(page.locator("#ask")).to_be_hidden()
    expect(page.locator("article.turn[aria-busy=true]")).to_have_count(0)
    expect(page.locator("#stop")).to_be_hidden()


def test_pointing_at_a_mark_shows_the_quotation_and_a_click_opens_it(visitor, slow_site):
    page = visitor(slow_site).open()
    turn = ask(page, QUESTION)
    mark = turn.locator(".prose a.mark").first
    number = mark.get_attribute("data-n")
    words = turn.locator(f".answer > .quote[data-n='{number}'] .words").text_content()
    mark.hover()
    tip = page.get_by_role("tooltip")
    expect(tip).to_be_visible()
    assert tip.locator(".words").text_content() == words
    page.mouse.move(5, 5)
    expect(tip).to_be_hidden()
    mark.focus()
    expect(tip).to_be_visible()
    page.keyboard.press("Enter")
    assert page.locator("#reader mark.slice").text_content() == words


def test_an_answer_is_stopped_and_nothing_of_it_is_kept(visitor, slow_site):
    visit = visitor(slow_site)
    page = visit.open()
    start(page, QUESTION)
    page.locator("#stop").click()
    expect(page.locator("article.turn .state.stopped")).to_contain_text("Stopped")
    expect(page.locator("#ask")).to_be_visible()
    page.wait_for_timeout(1_000)
    expect(page.locator("article.turn .quote")).to_have_count(0)
    visit.reload(page)
    page.locator("#examples .suggestion").first.wait_for()
    expect(page.locator("#conversations .conversation")).to_have_count(0)
    turn = ask(page, QUESTION)
    expect(turn.locator(".quote").first).to_be_visible()


def test_who_comes_when_it_is_full_is_told_at_once(visitor, slow_site):
    first, second = visitor(slow_site).open(), visitor(slow_site).open()
    start(first, QUESTION)
    second.locator("#question textarea").fill(QUESTION)
    second.locator("#question textarea").press("Enter")
    expect(second.locator("article.turn .state.busy")).to_be_visible(timeout=3_000)
    again = second.locator("article.turn .state.busy [data-act=retry]")
    expect(first.locator("article.turn[aria-busy=true]")).to_have_count(0, timeout=30_000)
    quoted = second.locator("article.turn .quote").first
    for _ in range(20):  # the place is free a moment after the other answer stands
        second.wait_for_timeout(1_000)
        if quoted.is_visible():
            break
        if again.is_visible():
            again.click()
    expect(quoted).to_be_visible(timeout=30_000)


def test_a_model_that_fails_leaves_quotations_and_a_notice(visitor, slow_site, monkeypatch):
    down = Reply(status=500, body={"error": {"message": "down"}})
    monkeypatch.setattr(slow_site.stub, "next", lambda *_: down)
    turn = ask(visitor(slow_site).open(), QUESTION)
    expect(turn.locator(".notice")).to_contain_text("chosen without it")
    expect(turn.locator(".answer > .quote").first).to_be_visible()


def test_a_server_that_went_away_is_said(visitor, built_index, tmp_path):
    with served(built_index, tmp_path) as server:
        visit = visitor(server)
        visit.allowed += [
            "ERR_CONNECTION_REFUSED",
            "Connection errored out",
            "Failed to fetch",
            "ERR_INCOMPLETE",
            "NetworkError",
            "ERR_",
        ]
        page = visit.open()
        turn = ask(page, QUESTION)
    turn.locator(".answer > .quote a.mark").first.click()
    expect(page.locator("#reader")).to_contain_text("does not answer")


@pytest.fixture
def bare(tmp_path: Path) -> Settings:
    """A corpus, and no index of it."""
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "harbour.txt").write_text(corpora.PLAIN[0]["text"], encoding="utf-8")
    return Settings.load(corpus=folder, index=tmp_path / "index")


def test_without_an_index_the_page_says_what_to_do_and_builds_it(visitor, bare, tmp_path):
    with served(bare, tmp_path) as server:
        assert httpx.get(f"{server.url}/api/health", timeout=60).status_code == 200
        assert httpx.get(f"{server.url}/api/ready", timeout=60).status_code == 503
        page = visitor(server).open()
        vacant = page.locator("#examples .vacant")
        expect(vacant).to_contain_text("There is no index yet")
        expect(vacant.locator("code")).to_have_text(
            f"onrecord index --corpus {bare.corpus} --index {bare.index}"
        )
        assert serious_faults(page) == []
        page.locator("#question textarea").fill("What did Ostrow say about the harbour?")
        page.locator("#question textarea").press("Enter")
        expect(page.locator("article.turn")).to_have_count(0)
        page.get_by_role("tab", name="Corpus").click()
        expect(page.locator("#corpus-info")).to_contain_text("There is no index yet")
        page.get_by_role("tab", name="Ask").click()
        page.locator("#examples [data-act=build]").click()
        expect(page.locator("#examples progress")).to_be_visible(timeout=60_000)
        expect(vacant).to_have_count(0, timeout=120_000)
        # What was typed is still there, to be asked now.
        expect(page.locator("#question textarea")).to_have_value("What did Ostrow say about the harbour?")
        page.locator("#question textarea").press("Enter")
        expect(page.locator("article.turn .answer > .quote").first).to_be_visible(timeout=60_000)
        page.get_by_role("tab", name="Corpus").click()
        expect(page.locator("#corpus-table tbody tr")).to_have_count(1)
        assert httpx.get(f"{server.url}/api/ready", timeout=60).status_code == 200


def test_a_page_wakes_up_when_somebody_else_builds_the_index(visitor, bare, tmp_path):
    with served(bare, tmp_path) as server:
        page = visitor(server).open("?since=2022")
        expect(page.locator("#examples .vacant")).to_be_visible()
        page.locator("#question textarea").fill("What did Ostrow")
        build_index(bare)
        expect(page.locator("#examples .vacant")).to_have_count(0, timeout=60_000)
        expect(page.locator("#question textarea")).to_have_value("What did Ostrow")
        expect(page.locator("#since input, #since textarea")).to_have_value("2022")


def test_a_broken_index_is_said_and_how_to_mend_it(visitor, plain_index, tmp_path):
    settings = corpora.copy_of(plain_index, tmp_path)
    next(settings.index.glob("gen-*/passages.npy")).unlink()
    with served(settings, tmp_path) as server:
        page = visitor(server).open()
        expect(page.locator("#examples .vacant")).to_contain_text("passages.npy")
        expect(page.locator("#examples .vacant code")).to_contain_text("onrecord index")
        build_index(settings)
        expect(page.locator("#examples .vacant")).to_have_count(0, timeout=60_000)
        turn = ask(page, "What did Ostrow say about the harbour?")
        expect(turn.locator(".answer > .quote").first).to_be_visible()


def test_a_large_article_is_taken_and_one_too_large_is_not(visitor, tmp_path):
    settings = folder_of_articles(tmp_path)
    line = "The keeper counts the ships that pass the lamp of Orrin Bay. "
    large, larger = tmp_path / "large.txt", tmp_path / "larger.txt"
    large.write_text("Ships\n\n" + line * 1_600, encoding="utf-8")  # 97 kB, more than other requests may have
    larger.write_text("Ships\n\n" + line * 2_500, encoding="utf-8")
    with served(settings, tmp_path, ONRECORD_UPLOADS="true", ONRECORD_MAX_FILE_BYTES="120000") as server:
        visit = visitor(server)
        visit.allowed += ["413", "exceeded maximum allowed size", *UPLOADING]
        page = visit.open()
        page.get_by_role("tab", name="Corpus").click()
        expect(page.locator("#corpus-table tbody tr")).to_have_count(1)
        page.locator("#upload input[type=file]").set_input_files(str(larger))
        expect(page.locator("#upload")).to_contain_text("at most 0.12 MB")
        expect(page.locator("#upload")).to_contain_text("Error")
        expect(page.locator("#corpus-table tbody tr")).to_have_count(1)
        visit.reload(page)
        page.get_by_role("tab", name="Corpus").click()
        page.locator("#upload input[type=file]").set_input_files(str(large))
        expect(page.locator("#corpus-table tbody tr")).to_have_count(2, timeout=180_000)


def test_an_article_is_added_and_asked_about(
    visitor: Callable[..., Any], plain_index: Settings, tmp_path: Path
) -> None:
    settings = folder_of_articles(tmp_path)
    added = tmp_path / "lighthouse.txt"
    added.write_text(
        "Lamp goes dark\n\n“The lamp in Orrin Bay will go dark in May,” keeper Sven Aalto said.\n"
    )
    with served(settings, tmp_path, ONRECORD_UPLOADS="true") as server:
        visit = visitor(server)
        visit.allowed += UPLOADING
        page = visit.open()
        page.get_by_role("tab", name="Corpus").click()
        expect(page.locator("#corpus-table tbody tr")).to_have_count(1)
        page.locator("#upload input[type=file]").set_input_files(str(added))
        expect(page.locator("#corpus-table tbody tr")).to_have_count(2, timeout=120_000)
        expect(page.locator("#added")).to_contain_text("1 file added. The index holds 2 articles now.")
        again = tmp_path / "buoy.txt"
        again.write_text("Buoy lost\n\n“The buoy is gone,” keeper Sven Aalto said.\n", encoding="utf-8")
        page.locator("#upload input[type=file]").set_input_files(str(again))
        expect(page.locator("#added progress")).to_be_visible(timeout=60_000)
        expect(page.locator("#corpus-table tbody tr")).to_have_count(3, timeout=120_000)
        page.get_by_role("tab", name="Ask").click()
        narrowing = page.locator("#filters > button")
        narrowing.click()
        expect(page.locator("#articles input[type=checkbox]")).to_have_count(3)
        narrowing.click()
        turn = ask(page, "When will the lamp in Orrin Bay go dark?")
        expect(turn.locator(".words").first).to_contain_text("go dark in May")


def folder_of_articles(tmp_path: Path) -> Settings:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "harbour.txt").write_text(corpora.PLAIN[0]["text"], encoding="utf-8")
    settings = Settings.load(corpus=folder, index=tmp_path / "index")
    build_once(settings)
    return settings


def test_with_a_token_people_sign_in(visitor, built_index, tmp_path):
    with served(built_index, tmp_path, ONRECORD_TOKEN="a long enough token") as server:
        visit = visitor(server)
        visit.allowed += ["401", "signal is aborted", "Connection errored out"]  # as the page is left
        page = visit.context.new_page()
        page.goto(f"{server.url}/?open={FIRST}&start=486&end=804")
        token = page.get_by_label("token")
        expect(page.locator("#question")).to_have_count(0)
        token.fill("a wrong one")
        token.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("not the token")
        assert serious_faults(page) == []
        page.get_by_label("token").fill("a long enough token")
        page.get_by_label("token").press("Enter")
        expect(page.locator("#reader mark.slice").first).to_be_visible()  # what the link was to
        page.keyboard.press("Escape")
        page.locator("#examples .suggestion").first.wait_for(timeout=60_000)
        turn = ask(page, QUESTION)
        turn.locator(".answer > .quote a.mark").first.click()
        expect(page.locator("#reader mark.slice")).to_be_visible()
        session = [each for each in visit.context.cookies() if "session" in each["name"]]
        assert [(each["httpOnly"], each["sameSite"]) for each in session] == [(True, "Lax")]
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_label("token")).to_be_visible()
        assert page.request.get(f"{server.url}/api/info").status == 401
