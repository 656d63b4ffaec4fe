"""A browser that watches itself: what it asked for, what it complained of, what ran that should not."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Error,
    Page,
    Playwright,
    expect,
)

__all__ = ["REQUIRED", "NoBrowserError", "Visit", "answered", "ask", "launched", "serious_faults"]

REQUIRED = os.environ.get("BROWSER_TESTS") == "required"
"""Whether a missing browser is a failure."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
_WAIT = 60_000  # milliseconds; a loaded machine is slow, not wrong
expect.set_options(timeout=30_000)
_LOCAL = {"127.0.0.1", "localhost", "::1"}
_AXE = Path(__file__).with_name("axe.min.js")
# What Gradio's script complains of while its page is left, for the stream it had open breaks off.
_FAREWELL = ("AbortError: signal is aborted without reason", "Unexpected error Connection errored out.")
# Set before a page's own scripts; whatever a stored script does is counted, on any page and frame.
_CANARY = """
window.__ran = [];
window.alert = window.confirm = window.prompt = text => { window.__ran.push(String(text)); };
document.addEventListener('securitypolicyviolation', event => {
  console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""


class NoBrowserError(Exception):
    """There is none on this machine."""


def launched(playwright: Playwright) -> Browser:
    """Start the system's Chromium; where there is none, the one that Playwright keeps."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    try:
        return playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
    except Error as error:
        told = str(error).strip().partition("\n")[0]
        raise NoBrowserError(f"{told} (`make browser` fetches one)") from None


@dataclass
class Visit:
    """A visitor: one browser profile, and everything it did.

    Attributes:
        context: The profile.
        url: The server's address.
        requests: Addresses asked for.
        faults: What went wrong on its pages.
        allowed: Parts of faults that a test expects.
    """

    context: BrowserContext
    url: str
    requests: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.set_default_timeout(_WAIT)
        self.context.add_init_script(_CANARY)
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.context.on("console", self._heard)
        self.context.on("dialog", self._asked)
        self.context.on("weberror", lambda error: self.faults.append(f"uncaught: {error.error}"))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _asked(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def open(self, search: str = "") -> Page:
        """Open the page and wait until it has said what it has to say."""
        page = self.context.new_page()
        page.goto(f"{self.url}/{search}")
        page.locator("#question textarea").wait_for(timeout=60_000)
        page.locator("#conversations [data-act=new]").wait_for()
        return page

    def reload(self, page: Page) -> None:
        """Load a page anew; that what it had under way breaks off is no fault."""
        before = len(self.faults)
        page.reload()
        heard = self.faults[before:]
        self.faults[before:] = [fault for fault in heard if not any(part in fault for part in _FAREWELL)]

    @property
    def foreign(self) -> list[str]:
        """Requests that were not for this machine."""
        return [url for url in self.requests if _is_foreign(url)]

    @property
    def unexpected(self) -> list[str]:
        """Faults that no test expects."""
        return [fault for fault in self.faults if not any(part in fault for part in self.allowed)]

    def ran(self) -> list[str]:
        """What stored scripts did on the pages that are open."""
        frames = [frame for page in self.context.pages for frame in page.frames]
        return [text for frame in frames for text in frame.evaluate("window.__ran ?? []")]

    def check(self) -> None:
        """Fail if anything went wrong."""
        told = [*self.unexpected, *(f"foreign: {url}" for url in self.foreign), *self.ran()]
        assert not told, "\n".join(told)


def _is_foreign(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme not in ("data", "blob", "about") and parts.hostname not in _LOCAL


def ask(page: Page, question: str) -> Any:
    """Put a question with the keyboard and give the turn that answers it, once it is whole."""
    page.locator("#question textarea").fill(question)
    page.locator("#question textarea").press("Enter")
    return answered(page, question)


def answered(page: Page, question: str) -> Any:
    """Wait for the last turn to be the whole answer to a question."""
    turn = page.locator("article.turn", has=page.locator(".asked", has_text=question)).last
    turn.wait_for()
    page.locator("article.turn[aria-busy=true]").wait_for(state="detached", timeout=60_000)
    page.locator("#ask").wait_for()
    return turn


def serious_faults(page: Page) -> list[str]:
    """Let axe-core look at a page as it stands; give what it calls serious or critical, with the element."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{each['impact']} {each['id']}: {node['html'][:160]}: {node['failureSummary'][:300]}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]
