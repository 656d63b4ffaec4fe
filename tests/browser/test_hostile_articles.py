"""Stored scripts: articles, questions, drafts and titles that try to run as part of the page."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.browser.browsing import ask
from tests.browser.hostile_articles import ATTACKS, hostile_index
from tests.browser.serving import served

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    settings = hostile_index(folder)
    with served(settings, folder) as server:
        server.texts = {
            each["id"]: each["text"]
            for each in map(json.loads, settings.corpus.read_text(encoding="utf-8").splitlines())
        }
        yield server


@pytest.fixture
def seen(figures, request):
    """Count what ran and what was asked of other machines, to be printed when all is done."""
    counted = {"pages": 0, "scripts": [], "foreign": []}
    yield counted
    line = f"{counted['pages']} views, scripts run: {len(counted['scripts'])}, "
    line += f"requests off loopback: {len(counted['foreign'])}"
    figures.append(f"{request.node.name}: {line}")
    assert counted["scripts"] == []
    assert counted["foreign"] == []


def look(visit, page, counted) -> None:
    """Point at everything that an attribute could have given a handler, then count."""
    page.wait_for_timeout(150)
    for node in page.locator("[onmouseover], [onfocus], [onerror], [onload], #trap").all():
        counted["scripts"].append(f"left standing: {node.evaluate('node => node.outerHTML')[:120]}")
    if page.locator("a[href^='javascript' i], a[href^='data:' i], a[href^='vbscript' i]").count():
        counted["scripts"].append("a link that runs")
    counted["pages"] += 1
    counted["scripts"] += visit.ran()
    counted["foreign"] += [url for url in visit.foreign if url not in counted["foreign"]]


def test_what_is_stored_in_articles_is_shown_and_never_run(visitor, hostile_site, seen):
    visit = visitor(hostile_site)
    page = visit.open()
    look(visit, page, seen)
    for number in range(0, len(ATTACKS), 2):
        turn = ask(page, f"What did Ostrow say about ferry number {number}?")
        look(visit, page, seen)
        for quote in turn.locator(".answer > .quote").all()[:2]:
            text = hostile_site.texts[quote.get_attribute("data-article")]
            start, end = (int(quote.get_attribute(f"data-{name}")) for name in ("start", "end"))
            words = quote.locator(".words").evaluate("node => node.textContent")
            assert words.replace("\ufffd", "\0") == text[start:end]
        mark = turn.locator(".answer > .quote a.mark, .nearest .quote [data-act=open]").first
        if mark.is_visible():
            mark.hover()
            mark.click()
            page.locator("#reader .article-text").wait_for()
            look(visit, page, seen)
            page.keyboard.press("Escape")
        for summary in page.locator("#sources details summary").all()[:2]:
            summary.click()
    page.locator("#filters > button").click()
    page.locator("#outlet input").click()
    page.get_by_role("option").first.wait_for()
    page.get_by_role("option").first.hover()
    look(visit, page, seen)
    page.get_by_role("option").first.click()
    look(visit, page, seen)
    visit.reload(page)
    page.locator("article.turn").first.wait_for()
    look(visit, page, seen)


def test_the_corpus_lists_and_opens_them(visitor, hostile_site, seen):
    visit = visitor(hostile_site)
    page = visit.open()
    page.get_by_role("tab", name="Corpus").click()
    rows = page.locator("#corpus-table tbody tr")
    rows.first.wait_for()
    expect(rows).to_have_count(len(ATTACKS) - 1)  # the one with a NUL is no text, and is left out
    look(visit, page, seen)
    for number in range(rows.count()):
        rows.nth(number).locator("button.act").first.click()
        page.locator("#reader .article-text").wait_for()
        look(visit, page, seen)
    page.locator("#corpus-search input, #corpus-search textarea").fill("<script>alert('search')</script>")
    page.wait_for_timeout(500)
    look(visit, page, seen)


def test_questions_titles_and_drafts_are_shown_and_never_run(visitor, hostile_site, seen):
    visit = visitor(hostile_site)
    page = visit.open()
    for attack in ATTACKS[::4]:
        typed = attack.replace("\0", "")
        page.locator("#question textarea").fill(typed)
        page.locator("#question textarea").press("Enter")
        page.locator("article.turn .asked", has_text=typed.split()[0][:8]).last.wait_for()
        page.locator("article.turn[aria-busy=true]").wait_for(state="detached")
        page.locator("#ask").wait_for()
        look(visit, page, seen)
    entry = page.locator("#conversations .conversation").first
    entry.locator("summary").click()
    entry.locator("[data-act=rename]").click()
    page.locator("form.renaming input").fill(ATTACKS[1])
    page.locator("form.renaming input").press("Enter")
    expect(entry.locator(".pick")).to_have_text(ATTACKS[1])
    visit.reload(page)
    page.locator("article.turn").first.wait_for()
    look(visit, page, seen)
    page.get_by_role("tab", name="Check a draft").click()
    draft = "\n".join(
        f"He said “Ferry number {n} will sail {a} before dawn” {a}" for n, a in enumerate(ATTACKS)
    )
    page.locator("#draft textarea").fill(draft)
    page.locator("#check").click()
    page.locator("#verdicts .verdicts > li").first.wait_for()
    look(visit, page, seen)


def test_a_saved_conversation_runs_nothing(visitor, hostile_site, seen, tmp_path):
    visit = visitor(hostile_site)
    page = visit.open()
    for number in (0, 1, 2, 4, 7, 8, 9, 18):
        ask(page, f"What did Ostrow say about ferry number {number}?")
    page.wait_for_timeout(500)
    entry = page.locator("#conversations .conversation").first
    entry.locator("summary").click()
    with page.expect_download() as download:
        entry.locator("[data-act=export-html]").click()
    saved = tmp_path / "saved.html"
    download.value.save_as(saved)
    # Opened as a file, nothing but the text itself guards it.
    outside = visitor(hostile_site)
    opened = outside.context.new_page()
    opened.goto(saved.as_uri())
    opened.wait_for_timeout(500)
    expect(opened.locator("body")).to_contain_text("Ferry number")
    counted = seen
    outside.requests = [url for url in outside.requests if not url.startswith("file:")]
    look(outside, opened, counted)


def test_an_address_with_scripts_in_it_runs_nothing(visitor, hostile_site, seen):
    visit = visitor(hostile_site)
    page = visit.open(
        "?c=%3Cscript%3Ealert(1)%3C/script%3E&since=%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E"
        "&outlet=%3Csvg/onload=alert(1)%3E&speaker=javascript:alert(1)&article=%3Cscript%3E"
    )
    look(visit, page, seen)
