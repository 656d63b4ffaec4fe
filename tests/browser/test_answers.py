"""Asking, and what can be done with an answer."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import unquote

import pytest
from playwright.sync_api import expect

from tests import corpora
from tests.browser.browsing import answered, ask
from tests.browser.questions import BOTH, QUESTION, UNKNOWN, slice_of
from tests.browser.serving import served
from tests.shared import ROOT

pytestmark = pytest.mark.slow

WATCH = """
window.__seen = [];
new MutationObserver(() => {
  const turn = [...document.querySelectorAll('article.turn')].pop();
  if (!turn) return;
  const state = `${turn.getAttribute('aria-busy') === 'true'} ${turn.querySelectorAll('.quote').length > 0}`;
  if (window.__seen.at(-1) !== state) window.__seen.push(state);
}).observe(document.body, { childList: true, subtree: true, attributes: true });
"""


def test_every_quotation_on_the_page_is_a_slice_of_its_file(visit):
    turn = ask(visit.open(), QUESTION)
    quotes = turn.locator(".answer > blockquote.quote")
    assert quotes.count() >= 2
    for quote in quotes.all():
        assert quote.locator(".words").evaluate("node => node.textContent") == slice_of(quote)
        assert quote.locator(".words").evaluate("node => node.childNodes.length") == 1


def test_an_answer_is_shown_while_it_is_made(visit):
    page = visit.open()
    page.evaluate(WATCH)
    ask(page, QUESTION)
    seen = page.evaluate("window.__seen")
    assert seen[0].startswith("true")
    assert seen[-1] == "false true"


def test_what_an_answer_took_can_be_seen(visit):
    steps = ask(visit.open(), QUESTION).locator("details.steps")
    expect(steps.locator("summary")).to_have_text(
        re.compile(r"Searched 2 articles, \d+ passages; (\d+) of \1 quotations verified")
    )
    expect(steps.locator("li").first).not_to_be_visible()
    steps.locator("summary").click()
    expect(steps.locator("li").first).to_be_visible()


def test_a_mark_opens_the_article_at_the_slice(visit):
    page = visit.open()
    turn = ask(page, QUESTION)
    quote = turn.locator(".answer > blockquote.quote").first
    quote.locator("a.mark").click()
    slice_ = page.locator("#reader mark.slice")
    expect(slice_).to_be_in_viewport()
    assert slice_.evaluate("node => node.textContent") == slice_of(quote)
    whole = page.locator("#reader .article-text").evaluate("node => node.textContent")
    text = (ROOT / "corpus" / quote.get_attribute("data-article")).read_bytes().decode("utf-8")
    assert whole.strip() == text.strip()


def test_the_title_of_an_article_stays_in_sight(visit):
    page = visit.open()
    turn = ask(page, QUESTION)
    turn.locator(".answer > blockquote.quote").last.locator("a.mark").click()
    expect(page.locator("#reader mark.slice")).to_be_in_viewport()
    page.wait_for_timeout(700)
    expect(page.locator("#reader header h2")).to_be_in_viewport()
    page.locator("#reader .leaf").evaluate("node => { node.scrollTop = node.scrollHeight; }")
    expect(page.locator("#reader header h2")).to_be_in_viewport()
    head = page.locator("#reader header").bounding_box()
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(700)
    assert page.locator("#reader mark.slice").first.bounding_box()["y"] >= head["y"] + head["height"] - 1


def test_an_article_on_the_web_is_linked_at_its_words(visitor, tmp_path):
    record = {**corpora.PLAIN[0], "url": "https://paper.example/harbour?x=1#top"}
    settings = corpora.indexed(tmp_path, [record])
    with served(settings, tmp_path) as server:
        page = visitor(server).open()
        turn = ask(page, "What did Ostrow say about the harbour?")
        words = turn.locator(".answer > .quote .words").first.text_content()
        link = page.locator("#sources .source a.outer").first
        address, _, fragment = link.get_attribute("href").partition("#top:~:text=")
        assert address == "https://paper.example/harbour?x=1"
        first, _, last = fragment.partition(",")  # a slice of two paragraphs is named by its two ends
        assert words.startswith(unquote(first))
        assert words.endswith(unquote(last))
        assert len(unquote(first)) > 20
        assert link.get_attribute("rel") == "noopener noreferrer"
        turn.locator(".answer > .quote a.mark").first.click()
        expect(page.locator("#reader header a.outer")).to_have_attribute("href", link.get_attribute("href"))


def test_the_reader_steps_through_the_quotations(visit):
    page = visit.open()
    turn = ask(page, QUESTION)
    quotes = turn.locator(".answer > blockquote.quote")
    slice_ = page.locator("#reader mark.slice")
    quotes.nth(0).locator("a.mark").click()
    expect(slice_).to_have_text(slice_of(quotes.nth(0)))
    expect(page.locator("#reader [data-act=prev]")).to_be_disabled()
    page.keyboard.press("ArrowRight")
    expect(slice_).to_have_text(slice_of(quotes.nth(1)))
    expect(slice_).to_be_in_viewport()
    page.keyboard.press("ArrowLeft")
    expect(slice_).to_have_text(slice_of(quotes.nth(0)))
    page.locator("#reader [data-act=next]").click()
    expect(slice_).to_have_text(slice_of(quotes.nth(1)))
    for _ in range(quotes.count() - 2):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(200)
    expect(page.locator("#reader [data-act=next]")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(page.locator("#reader")).to_be_hidden()
    assert page.evaluate("document.activeElement.matches('a.mark')")


def test_sources_are_what_the_answer_used_in_order(visit):
    page = visit.open()
    turn = ask(page, QUESTION)
    places = [
        [node.get_attribute(f"data-{name}") for name in ("article", "start", "end")]
        for kind in (turn.locator(".answer > blockquote.quote"), page.locator("#sources .source"))
        for node in kind.all()
    ]
    half = len(places) // 2
    assert places[:half] == places[half:] != []
    for source in page.locator("#sources .source").all():
        assert source.locator(".words, mark").first.evaluate("node => node.textContent") == slice_of(source)


def test_the_badge_says_what_was_checked(visit):
    page = visit.open()
    ask(page, QUESTION)
    source = page.locator("#sources .source").first
    source.locator("details.badge summary").click()
    told = source.locator("details.badge").inner_text()
    raw = (ROOT / "corpus" / source.get_attribute("data-article")).read_bytes()
    assert hashlib.sha256(raw).hexdigest()[:16] in told.replace(" ", "").replace("\n", "")
    for name in ("start", "end"):
        assert source.get_attribute(f"data-{name}") in told.replace(",", "")


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("markdown", "> "),
        ("plain", "Blinken"),
        ("html", "<blockquote"),
        ("bibtex", "@"),
        ("csv", ","),
    ],
)
def test_a_quotation_is_copied_with_its_citation(visit, form, told):
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visit.open()
    ask(page, QUESTION)
    source = page.locator("#sources .source").first
    source.locator("details.menu summary").click()
    source.locator(f"button[data-act=cite][data-form={form}]").click()
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert told in copied
    if form in ("plain", "markdown"):
        words = re.sub(r"\W+", " ", slice_of(source))
        assert words.strip() in re.sub(r"\W+", " ", copied)


def test_an_answer_is_copied_asked_again_and_edited(visit):
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visit.open()
    turn = ask(page, QUESTION)
    turn.locator("button[data-act=copy]").click()
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    assert "Blinken" in page.evaluate("navigator.clipboard.readText()")
    turn.locator("button[data-act=edit]").click()
    expect(page.locator("#question textarea")).to_have_value(QUESTION)
    page.locator("#question textarea").fill("")
    turn.locator("button[data-act=retry]").click()
    expect(page.locator("article.turn:not([aria-busy=true])")).to_have_count(2)
    again = answered(page, QUESTION)
    assert again.locator(".words").all_inner_texts() == turn.locator(".words").all_inner_texts()


def test_an_answer_is_rated_with_a_reason_and_that_is_kept(visit):
    page = visit.open()
    turn = ask(page, QUESTION)
    turn.locator("button[data-act=down]").click()
    page.locator("form.why input").fill("Says too much")
    page.locator("form.why button").click()
    page.wait_for_timeout(500)
    visit.reload(page)
    pressed = page.locator("article.turn button[data-act=down]")
    expect(pressed).to_have_attribute("aria-pressed", "true")


def test_examples_and_follow_ups_are_answered(visit):
    page = visit.open()
    example = page.locator("#examples .suggestion").first
    question = example.get_attribute("data-question")
    example.click()
    turn = answered(page, question)
    expect(turn.locator(".answer > blockquote.quote").first).to_be_visible()
    expect(turn.locator(".refusal")).to_have_count(0)
    follow = page.locator(".followups .suggestion").first
    question = follow.get_attribute("data-question")
    follow.click()
    turn = answered(page, question)
    expect(turn.locator(".answer > blockquote.quote").first).to_be_visible()


def test_a_follow_up_shows_what_was_searched(visit):
    page = visit.open()
    first = ask(page, "What is the US de-escalation effort with Iran about, according to DiMaggio?")
    expect(first.locator(".standalone")).to_have_count(0)
    turn = ask(page, "And why now?")
    expect(turn.locator(".standalone")).to_contain_text("DiMaggio")
    expect(turn.locator(".asked")).to_have_text("And why now?")


def test_a_question_without_an_answer_is_refused(visit):
    page = visit.open()
    turn = ask(page, UNKNOWN)
    expect(turn.locator(".refusal")).to_contain_text("Not in this corpus.")
    expect(turn.locator(".refusal")).to_contain_text("Taiwan")
    expect(turn.locator(".answer > blockquote.quote")).to_have_count(0)
    expect(page.locator("#sources .source")).to_have_count(0)
    expect(page.locator("#timeline")).to_be_hidden()


def test_a_blank_question_asks_nothing(visit):
    page = visit.open()
    page.locator("#question textarea").fill("   ")
    page.locator("#question textarea").press("Enter")
    page.wait_for_timeout(500)
    expect(page.locator("article.turn")).to_have_count(0)
    expect(page.locator("#ask")).to_be_visible()


def test_dated_quotations_stand_in_a_timeline(visit):
    page = visit.open()
    turn = ask(page, BOTH)
    quoted = {quote.get_attribute("data-article") for quote in turn.locator(".answer > .quote").all()}
    assert len(quoted) == 2, "the question has to be answered from both articles"
    timeline = page.locator("#timeline")
    expect(timeline.locator(".js-plotly-plot")).to_be_visible()
    expect(timeline.locator("table tr").nth(1)).to_be_attached()
    point = timeline.locator(".js-plotly-plot .scatterlayer .point").first
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    slice_ = page.locator("#reader mark.slice")
    expect(slice_).to_be_visible()
    slices = [slice_of(quote) for quote in turn.locator(".answer > .quote").all()]
    assert slice_.evaluate("node => node.textContent") in slices
