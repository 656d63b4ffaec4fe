"""``python -m tests.browser.timing``: how long a person waits, printed.

From `make chat` on an installed machine (and from the server itself) to a page that answers, and from Enter
to the first quotation on the screen, all with the reference mode over the articles in corpus/.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from onrecord import Settings, build_index
from tests.browser.browsing import Visit, launched
from tests.browser.serving import Server, served
from tests.shared import ROOT
from tools.bench.measure import percentile

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
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv", help="of the installed machine")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="onrecord-timing-") as name:
        folder = Path(name)
        settings = Settings.load(corpus=ROOT / "corpus", index=folder / "index")
        build_index(settings)
        starts = [_start(settings, folder) for _ in range(options.starts)]
        made = [_make(settings, folder, options.venv) for _ in range(options.starts)]
        waits = _answers(settings, folder, options.questions)
    for first, several in (("serve", starts), ("make chat", made)):
        for told, seconds in zip(_STARTS, zip(*several, strict=True), strict=True):
            print(f"from {first} {told}: {statistics.median(seconds):.2f} s, median of {len(seconds)}")
    print(
        f"from Enter to the first quotation on the screen: p50 {percentile(waits, 0.5):.0f} ms, "
        f"p95 {percentile(waits, 0.95):.0f} ms, slowest {max(waits):.0f} ms, of {len(waits)}"
    )


_STARTS = (
    "to its address",
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
    with (
        sync_playwright() as playwright,
        launched(playwright) as browser,
        served(settings, folder) as server,
    ):
        return _seen(browser.new_page(), server.url, server.started)


def _seen(page: Page, url: str, started: float) -> tuple[float, ...]:
    """Take the time of each thing that a person waits for."""
    address = time.perf_counter()
    page.goto(url, wait_until="commit")
    html = time.perf_counter()
    page.locator("#examples .suggestion").first.wait_for(timeout=60_000)
    ready = time.perf_counter()
    page.locator("#question textarea").fill(_QUESTIONS[0])
    page.locator("#question textarea").press("Enter")
    page.locator("article.turn .quote").first.wait_for(timeout=60_000)
    first = time.perf_counter()
    return tuple(at - started for at in (address, html, ready, first))


def _make(settings: Settings, folder: Path, venv: Path) -> tuple[float, ...]:
    """Give the command that a person gives, on its usual port; another browser than ours is not opened."""
    told = {"ONRECORD_INDEX": str(settings.index), "ONRECORD_CONVERSATIONS": str(folder / "made.sqlite")}
    with sync_playwright() as playwright, launched(playwright) as browser:
        started = time.perf_counter()
        with subprocess.Popen(
            ["make", "--no-print-directory", "chat", f"VENV={venv}"],
            cwd=ROOT,
            env={**os.environ, **told, "BROWSER": "true"},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as made:
            try:
                assert made.stdout is not None
                found = re.search(r"http://\S+", made.stdout.readline())
                assert found, "make chat said no address"
                return _seen(browser.new_page(), found[0], started)
            finally:
                os.killpg(made.pid, signal.SIGTERM)


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
