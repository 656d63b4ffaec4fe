"""``python -m tests.browser.timing``: how long a person waits, printed.

From the start of the server to a page that answers, and from Enter to the first
quotation on the screen, both with the reference mode over the articles in corpus/.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from onrecord import Settings, build_index
from tests.bench.measure import percentile
from tests.browser.browsing import Visit, launched
from tests.browser.serving import Server, served
from tests.shared import ROOT

__all__ = ["main"]

_QUESTIONS = (
    "What did Blinken say about a new Iran deal?",
    "What did DiMaggio say about the nuclear program?",
    "What did Zakharova say about drones?",
    "What did Miller say about updates?",
    "What did Trump say about the deal?",
)
# The clock starts at the key and stops when the browser has drawn the quotation.
_WATCH = """() => new Promise(resolve => {
  const before = document.querySelectorAll('article.turn .quote').length;
  let start = 0;
  document.addEventListener('keydown', event => { if (event.key === 'Enter') start = performance.now(); },
    { capture: true, once: true });
  window.__drawn = new Promise(drawn => {
    const watch = new MutationObserver(() => {
      const current = document.querySelector('#current article.turn .quote .words');
      if (!start || !current) return;
      const asked = document.querySelector('#current .asked')?.textContent;
      if (asked !== document.querySelector('#question textarea').dataset.asked) return;
      watch.disconnect();
      requestAnimationFrame(() => setTimeout(() => drawn(performance.now() - start), 0));
    });
    watch.observe(document.body, { childList: true, subtree: true });
  });
  resolve(before);
})"""


def main(arguments: list[str] | None = None) -> None:
    """Measure and print.

    Args:
        arguments: Of the command line; those of the process where None.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.browser.timing", description=__doc__)
    parser.add_argument("--starts", type=int, default=3, help="how often the server is started")
    parser.add_argument("--questions", type=int, default=20, help="how many questions are put")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="onrecord-timing-") as name:
        folder = Path(name)
        settings = Settings.load(corpus=ROOT / "corpus", index=folder / "index")
        build_index(settings)
        starts = [_start(settings, folder) for _ in range(options.starts)]
        waits = _answers(settings, folder, options.questions)
    for told, seconds in zip(_STARTS, zip(*starts, strict=True), strict=True):
        print(f"{told}: {statistics.median(seconds):.2f} s, median of {len(seconds)}")
    print(
        f"from Enter to the first quotation on the screen: p50 {percentile(waits, 0.5):.0f} ms, "
        f"p95 {percentile(waits, 0.95):.0f} ms, slowest {max(waits):.0f} ms, of {len(waits)}"
    )


_STARTS = (
    "from the start of the process to its address",
    "to the page's HTML",
    "to a page that takes a question",
    "to its first quotation on the screen",
)


@contextmanager
def _browsing(server: Server) -> Iterator[Visit]:
    with sync_playwright() as playwright, launched(playwright) as browser:
        yield Visit(browser.new_context(viewport={"width": 1440, "height": 900}), server.url)


def _start(settings: Settings, folder: Path) -> tuple[float, ...]:
    """Start the server under a browser that waits for it."""
    with sync_playwright() as playwright, launched(playwright) as browser:
        page = browser.new_page()
        with served(settings, folder) as server:
            address = time.perf_counter()
            page.goto(server.url, wait_until="commit")
            html = time.perf_counter()
            page.locator("#examples .suggestion").first.wait_for(timeout=60_000)
            ready = time.perf_counter()
            page.locator("#question textarea").fill(_QUESTIONS[0])
            page.locator("#question textarea").press("Enter")
            page.locator("article.turn .quote").first.wait_for(timeout=60_000)
            first = time.perf_counter()
            return tuple(at - server.started for at in (address, html, ready, first))


def _answers(settings: Settings, folder: Path, number: int) -> list[float]:
    with served(settings, folder) as server, _browsing(server) as visit:
        page = visit.open()
        _answer(page, _QUESTIONS[-1])  # the first answer of a process warms it
        return [_answer(page, _QUESTIONS[at % len(_QUESTIONS)]) for at in range(number)]


def _answer(page: Page, question: str) -> float:
    box = page.locator("#question textarea")
    box.fill(question)
    box.evaluate("(node, asked) => { node.dataset.asked = asked; }", question)
    page.evaluate(_WATCH)
    box.press("Enter")
    waited: float = page.evaluate("window.__drawn")
    page.locator("article.turn[aria-busy=true]").wait_for(state="detached")
    page.locator("#ask").wait_for()
    page.wait_for_timeout(200)
    return waited


if __name__ == "__main__":
    main()
