"""One browser and one server for all tests here, a profile of their own for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from onrecord import Settings
from tests.browser.browsing import REQUIRED, NoBrowserError, Visit, launched
from tests.browser.serving import Server, served

Visitor = Callable[..., Visit]


# Playwright's loop runs in this thread, so it has to end before other tests run loops of their own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The browser; without one the tests are skipped, or fail where BROWSER_TESTS=required."""
    with sync_playwright() as playwright:
        try:
            browser = launched(playwright)
        except NoBrowserError as error:
            if REQUIRED:
                raise
            pytest.skip(str(error))
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def site(built_index: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server over the two articles in corpus/."""
    with served(built_index, tmp_path_factory.mktemp("site")) as server:
        yield server


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    """Give a function that makes a visitor of a server; at the end nothing may have gone wrong for any."""
    visits: list[Visit] = []

    def visitor(server: Server, **options: Any) -> Visit:
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        visits.append(Visit(context, server.url))
        return visits[-1]

    yield visitor
    try:
        for visit in visits:
            visit.check()
    finally:
        for visit in visits:
            visit.context.close()


@pytest.fixture
def visit(visitor: Visitor, site: Server) -> Visit:
    """A visitor of the two articles."""
    return visitor(site)
