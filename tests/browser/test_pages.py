"""Every page works for everybody: small screen, assistive technology, no script, no third party."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# One worker, so that one browser and one edition serve them all.
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LANGUAGES = ("nl", "fr", "de", "en")
NAMES = (
    "",
    "release.html",
    "reproduction.html",
    "method.html",
    "sections/strategy.html",
    "figures/relevance.html",
    "municipalities/index.html",
    "municipalities/63023.html",
)
PAGES = ["/index.html", *(f"/{language}/{name}" for language in LANGUAGES for name in NAMES)]
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


@contextmanager
def opened(browser: Browser, address: str, *, javascript: bool = True) -> Iterator[Page]:
    """A page in a fresh context, loaded with all that it asks for."""
    context = browser.new_context(java_script_enabled=javascript)
    page = context.new_page()
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    answer = page.goto(address, wait_until="load")
    assert answer is not None
    assert answer.ok, f"{address} answers {answer.status}"
    yield page
    host = address[: address.index("/", len("http://"))]
    assert not [url for url in requested if not url.startswith((f"{host}/", "data:"))]
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_page_is_accessible_fits_and_asks_no_other_host(
    browser: Browser, site: str, path: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with opened(browser, site + path) as page:
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 900})
            needed = page.evaluate("document.documentElement.scrollWidth")
            assert needed <= page.evaluate("window.innerWidth"), f"{needed} px wide at {width} px"
            found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
            assert found.violations_count == 0, f"at {width} px: {found.generate_report()}"


@pytest.mark.parametrize("path", PAGES)
def test_page_says_the_same_without_javascript(browser: Browser, site: str, path: str) -> None:
    with opened(browser, site + path) as page:
        scripted = page.inner_text("body")
    with opened(browser, site + path, javascript=False) as page:
        assert page.inner_text("body") == scripted
