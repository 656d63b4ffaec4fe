"""Widths, colours, keyboard, motion, and what axe-core says."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.browsing import ask, serious_faults
from tests.browser.questions import BOTH, QUESTION, UNKNOWN, slice_of

pytestmark = pytest.mark.slow

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
STATES = ("empty", "answer", "timeline", "refusal", "reader", "filters", "draft", "corpus")
TABS = ("Ask", "Check a draft", "Corpus")
OVERFLOW = """() => [document.documentElement.scrollWidth, window.innerWidth,
  [...document.querySelectorAll('body *')].filter(node => {
    const box = node.getBoundingClientRect();
    const clipped = node.closest('#reader[hidden], .offscreen, .visually-hidden, svg, details:not([open])');
    return box.width && box.right > window.innerWidth + 1 && !clipped;
  }).slice(0, 3).map(node => node.outerHTML.slice(0, 120))]"""


def fits(page):
    wide, width, culprits = page.evaluate(OVERFLOW)
    assert wide <= width, culprits


def test_a_phone_shows_everything_without_scrolling_sideways(visitor, site):
    page = visitor(site, **PHONE).open()
    fits(page)
    turn = ask(page, BOTH)
    fits(page)
    quote = turn.locator(".answer > .quote").first
    quote.locator("a.mark").tap()
    slice_ = page.locator("#reader mark.slice")
    expect(slice_).to_be_in_viewport()
    assert slice_.evaluate("node => node.textContent") == slice_of(quote)
    fits(page)
    page.locator("#reader [data-act=close]").tap()
    for name in TABS[1:]:
        page.get_by_role("tab", name=name).tap()
        page.wait_for_timeout(300)
        fits(page)
    targets = page.locator("button:visible, summary:visible").all()
    assert targets


@pytest.mark.parametrize("width", [320, 768, 1024, 1440, 2560])
def test_no_width_scrolls_sideways(visitor, site, width):
    page = visitor(site, viewport={"width": width, "height": 800}).open()
    ask(page, BOTH)
    fits(page)


def test_text_that_is_twice_as_large_still_fits(visitor, site):
    page = visitor(site, viewport={"width": 720, "height": 450}, device_scale_factor=2).open()
    ask(page, QUESTION)
    fits(page)


def luminance(colour: str) -> float:
    red, green, blue = (float(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3])
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_colours_follow_the_system(visitor, site, scheme, dark):
    page = visitor(site, color_scheme=scheme).open()
    turn = ask(page, QUESTION)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    ink = turn.locator(".words").first.evaluate("node => getComputedStyle(node).color")
    assert (luminance(paper) < 0.5) is dark
    assert (luminance(ink) > 0.5) is dark


def test_the_page_is_used_with_the_keyboard_alone(visit):
    page = visit.open()
    page.locator("body").evaluate("node => document.activeElement.blur()")
    page.keyboard.press("/")
    expect(page.locator("#question textarea")).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("Tell me.")
    expect(page.locator("#question textarea")).to_have_value(f"{QUESTION}\nTell me.")
    page.locator("#question textarea").fill(QUESTION)
    page.keyboard.press("Enter")
    turn = page.locator("article.turn:not([aria-busy=true])").last
    quote = turn.locator(".answer > .quote").first
    quote.wait_for()
    reached(page, "a.mark")
    page.keyboard.press("Enter")
    slice_ = page.locator("#reader mark.slice")
    expect(slice_).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#reader")).to_be_hidden()
    assert page.evaluate("document.activeElement.matches('a.mark')")
    reached(page, "#tab-draft-button", key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Check a draft")).to_have_attribute("aria-selected", "true")


def reached(page, selector: str, *, key: str = "Tab", most: int = 80) -> None:
    """Press a key until something of a kind has the focus, and see that the focus shows."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate("selector => !!document.activeElement?.matches(selector)", selector):
            style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert style != "none", f"{selector} has the focus and does not show it"
            return
    pytest.fail(f"no {selector} within {most} times {key}")


def test_a_slash_in_a_field_is_a_slash(visit):
    page = visit.open()
    page.get_by_role("tab", name="Check a draft").click()
    page.locator("#draft textarea").click()
    page.keyboard.type("and/or")
    expect(page.locator("#draft textarea")).to_have_value("and/or")


def test_nothing_moves_for_who_wants_no_motion(visitor, site):
    page = visitor(site, reduced_motion="reduce").open()
    turn = ask(page, QUESTION)
    moving = "() => document.getAnimations().filter(each => each.playState === 'running').length"
    turn.locator(".answer > .quote a.mark").last.click()
    expect(page.locator("#reader mark.slice")).to_be_in_viewport()
    assert page.evaluate(moving) == 0


def test_the_page_has_names_for_what_cannot_be_seen(visit):
    page = visit.open()
    ask(page, QUESTION)
    assert page.title() == "onrecord"
    assert page.evaluate("document.documentElement.lang")
    for name in TABS:
        expect(page.get_by_role("tab", name=name, exact=True)).to_be_visible()
    expect(page.get_by_role("textbox", name="Question")).to_be_visible()
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
    expect(page.locator("[aria-live]").filter(has=page.locator("article.turn"))).to_have_count(1)


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_axe_finds_nothing_serious(visitor, site, look):
    options = {"light": {}, "dark": {"color_scheme": "dark"}, "phone": PHONE}[look]
    visit = visitor(site, reduced_motion="reduce", **options)
    for state in STATES:
        page = visit.open()  # after the first time its scripts are at hand
        brought(page, state)
        page.wait_for_timeout(400)
        assert serious_faults(page) == [], state
        page.close()


def brought(page, state: str) -> None:
    """Bring the page into a state."""
    if state in ("answer", "reader"):
        turn = ask(page, BOTH)
        page.locator("#sources details").first.locator("summary").click()
        if state == "reader":
            turn.locator(".answer > .quote a.mark").first.click()
            page.locator("#reader mark.slice").wait_for()
    elif state == "timeline":
        ask(page, BOTH)
        page.locator("#timeline .js-plotly-plot").wait_for()
        page.locator("#timeline summary").click()
    elif state == "refusal":
        turn = ask(page, UNKNOWN)
        for summary in turn.locator("details summary").all():
            summary.click()
    elif state == "filters":
        page.locator("#filters > button").click()
        page.locator("#since input, #since textarea").wait_for()
    elif state == "draft":
        page.get_by_role("tab", name="Check a draft").click()
        page.locator("#draft textarea").fill(
            'He said "there\'s no prospect for an agreement, then" and “no such words”.'
        )
        page.locator("#check").click()
        page.locator("#verdicts .verdicts > li").first.wait_for()
    elif state == "corpus":
        page.get_by_role("tab", name="Corpus").click()
        page.locator("#corpus-table tbody tr").first.wait_for()
