"""``python -m tools.screenshots``: the pictures of the page in docs/, taken from the page as it is.

Which fonts a picture shows is up to the machine; those in docs/ were taken with Debian's fonts-noto-core.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from onrecord import Settings, build_index
from tests.browser.browsing import ask, launched
from tests.browser.serving import served
from tests.shared import ROOT

QUESTION = "What did Blinken say about a new Iran deal?"
CHANGE = "How did Antony Blinken’s statements on Iran change over time?"
REFUSED = "What did the ambassador say about Taiwan?"
DRAFT = (
    "Blinken was plain. “There is an agreement in the offing, even as we continue to be willing to explore "
    "diplomatic paths,” he said.\n\nHis spokesman would add nothing. “I have no updates at all to share,” "
    "Miller answered. “The talks will resume in the spring,” he said later.\n"
)
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
COLOURS = 256
"""Enough for text on paper; a picture of all colours is three times as large."""


class Camera:
    """Takes pictures of one server's page.

    Args:
        browser: To look with.
        folder: For the pictures.
    """

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._browser = browser
        self._folder = folder

    def page(self, url: str, **options: object) -> Page:
        """Open the page in a profile of its own."""
        page = self._browser.new_context(viewport=options.pop("viewport", WIDE), **options).new_page()
        page.goto(url)
        page.locator("#examples .suggestion, #examples .vacant").first.wait_for(timeout=30_000)
        return page

    def asked(self, url: str, question: str, **options: object) -> Page:
        """Open the page and put a question."""
        page = self.page(url, **options)
        ask(page, question)
        page.locator("#next .suggestion").first.wait_for()
        page.evaluate("window.scrollTo(0, 0)")
        return page

    def shoot(self, page: Page, name: str) -> None:
        """Take the picture, with the mouse away from everything."""
        page.mouse.move(1, 1)
        page.evaluate("document.activeElement.blur()")
        page.wait_for_timeout(900)
        taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        fewer = taken.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        fewer.save(self._folder / f"{name}.png", optimize=True)
        page.context.close()


def main(arguments: list[str] | None = None) -> None:
    """Take all of them.

    Args:
        arguments: Of the command line; those of the process where None.
    """
    parser = argparse.ArgumentParser(prog="python -m tools.screenshots", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs", help="folder for the pictures")
    out = parser.parse_args(arguments).out
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        settings = Settings.load(corpus=ROOT / "corpus", index=Path(folder) / "index")
        with launched(playwright) as browser:
            camera = Camera(browser, out)
            # As it is started in the folder of a fresh installation: its names are short.
            bare = Settings.load(corpus=Path("corpus"), index=Path("my-index"))
            with served(bare, Path(folder)) as server:
                camera.shoot(camera.page(server.url), "page-no-index")
            build_index(settings)
            with served(settings, Path(folder)) as server:
                _shoot_all(camera, server.url)


def _shoot_all(camera: Camera, url: str) -> None:
    camera.shoot(camera.page(url), "page-start")
    page = camera.asked(url, QUESTION)
    page.locator("#current a.mark").first.click()
    page.locator("#reader mark.slice").wait_for()
    camera.shoot(page, "page")
    camera.shoot(camera.asked(url, QUESTION), "page-light")
    camera.shoot(camera.asked(url, QUESTION, color_scheme="dark"), "page-dark")
    camera.shoot(camera.asked(url, QUESTION, viewport=PHONE), "page-phone")
    page = camera.asked(url, REFUSED)
    page.locator("#current details.nearest summary").click()
    camera.shoot(page, "page-refusal")
    page = camera.asked(url, CHANGE)
    page.locator("#timeline .js-plotly-plot").wait_for()
    page.locator("#timeline").evaluate("node => node.scrollIntoView({ block: 'center' })")
    camera.shoot(page, "page-timeline")
    page = camera.page(url)
    page.get_by_role("tab", name="Check a draft").click()
    page.locator("#draft textarea").fill(DRAFT)
    page.locator("#check").click()
    page.locator("#verdicts .verdicts li").first.wait_for()
    camera.shoot(page, "page-draft")
    page = camera.page(url)
    page.get_by_role("tab", name="Corpus").click()
    page.locator("#corpus-table tbody tr").first.wait_for()
    camera.shoot(page, "page-corpus")


if __name__ == "__main__":
    main()
