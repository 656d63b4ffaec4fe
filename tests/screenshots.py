"""``python -m tests.screenshots``: the pictures of the page in docs/, taken from the page as it is."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from onrecord import Settings, build_index
from tests.browser.browsing import launched
from tests.browser.serving import served
from tests.shared import ROOT

QUESTION = "What did Blinken say about a new Iran deal?"
DRAFT = (
    "Blinken was plain. “There is an agreement in the offing, even as we continue to be willing to explore "
    "diplomatic paths,” he said.\n\nHis spokesman would add nothing. “I have no updates at all to share,” "
    "Miller answered. “The talks will resume in the spring,” he said later.\n"
)
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


def _page(browser: Browser, url: str, **options: object) -> Page:
    page = browser.new_context(viewport=options.pop("viewport", WIDE), **options).new_page()
    page.goto(url)
    page.locator("#examples .suggestion").first.wait_for(timeout=30_000)
    return page


def _ask(page: Page, question: str) -> None:
    page.locator("#question textarea").fill(question)
    page.locator("#question textarea").press("Enter")
    page.locator("#current article.turn:not([aria-busy=true])").wait_for()
    page.locator("#next .suggestion").first.wait_for()
    page.evaluate("window.scrollTo(0, 0)")


def _shoot(page: Page, name: str) -> None:
    page.wait_for_timeout(900)
    page.screenshot(path=ROOT / "docs" / f"{name}.png")
    page.context.close()


def main() -> None:
    """Take all of them."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        settings = Settings.load(corpus=ROOT / "corpus", index=Path(folder) / "index")
        build_index(settings)
        with served(settings, Path(folder)) as server, launched(playwright) as browser:
            url = server.url
            page = _page(browser, url)
            _ask(page, QUESTION)
            page.locator("#current a.mark").first.click()
            page.locator("#reader mark.slice").wait_for()
            _shoot(page, "page")
            for name, options in (
                ("page-light", {}),
                ("page-dark", {"color_scheme": "dark"}),
                ("page-phone", {"viewport": PHONE}),
            ):
                page = _page(browser, url, **options)
                _ask(page, QUESTION)
                _shoot(page, name)
            page = _page(browser, url)
            _ask(page, "What did the ambassador say about Taiwan?")
            _shoot(page, "page-refusal")
            page = _page(browser, url)
            _ask(page, "How did Antony Blinken’s statements on Iran change over time?")
            page.locator("#timeline .js-plotly-plot").wait_for()
            page.locator("#timeline").scroll_into_view_if_needed()
            _shoot(page, "page-timeline")
            page = _page(browser, url)
            page.get_by_role("tab", name="Check a draft").click()
            page.locator("#draft textarea").fill(DRAFT)
            page.locator("#check").click()
            page.locator("#verdicts .verdicts li").first.wait_for()
            _shoot(page, "page-draft")


if __name__ == "__main__":
    main()
