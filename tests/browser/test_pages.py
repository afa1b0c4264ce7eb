"""Every page works for everybody: small screen, assistive technology, no script, no third party."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from wcag import accessible

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
    "claims.html",
    "compare.html",
    "explorer.html",
    "glossary.html",
    "press.html",
    "data.html",
    "sections/strategy.html",
    "figures/relevance.html",
    "figures/relevance.embed.html",
    "figures/view_answers.html",
    "figures/priority.html",
    "municipalities/index.html",
    "municipalities/63023.html",
    "municipalities/12041.html",
)
PAGES = [
    "/index.html",
    "/404.html",
    *(f"/{language}/{name}" for language in LANGUAGES for name in NAMES),
]
FITS = "document.documentElement.scrollWidth <= window.innerWidth"


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
    with opened(browser, site + path) as page:
        page.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_function(FITS)  # what scripts draw follows the width in a moment
            accessible(page, shorter=True)


@pytest.mark.parametrize("path", PAGES)
def test_page_says_the_same_without_javascript(browser: Browser, site: str, path: str) -> None:
    """What only scripts can do is marked as theirs, hidden without them, and no loss."""
    with opened(browser, site + path) as page:
        page.evaluate("document.querySelectorAll('[data-script]').forEach((e) => e.remove())")
        scripted = page.inner_text("body")
    with opened(browser, site + path, javascript=False) as page:
        assert page.inner_text("body") == scripted


def test_search_finds_a_municipality_under_a_name_it_has_no_more(
    browser: Browser, site: str
) -> None:
    with opened(browser, f"{site}/fr/municipalities/index.html") as page:
        for typed, code in (
            ("luik", "62063"),
            ("saint gilles", "21013"),
            ("puurs-sint", "12041"),
            ("63023", "63023"),
        ):
            page.fill("#find", typed)
            page.wait_for_selector("#find-list [role=option]")
            assert code in page.inner_text("#find-list [role=option]:first-child")
        page.press("#find", "Enter")
        page.wait_for_url("**/fr/municipalities/63023.html")


def test_two_municipalities_stand_side_by_side(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/de/compare.html?a=63023&b=21004") as page:
        page.wait_for_selector(".pair > article:nth-child(2)")
        assert page.inner_text(".pair > article:nth-child(1) > h3") == "Eupen"
        assert page.inner_text(".pair > article:nth-child(2) > h3") == "Bruxelles / Brussel"
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
        assert len(ids) == len(set(ids))


def test_the_explorer_draws_under_the_content_policy(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/en/explorer.html") as page:
        page.wait_for_selector("#drawing svg")
        assert page.locator("#drawn tbody tr").count() > 2
        # Of eight answers: their number, a hollow dot, a broken band.
        assert "7 of 8" in page.locator("#drawn tr", has_text="Brussels").inner_text()
        assert page.locator("#drawing [stroke-dasharray='3,3']").count() == 1
        paper = page.evaluate(
            "getComputedStyle(document.documentElement).getPropertyValue('--few')"
        )
        assert page.locator(f"#drawing [fill='{paper.strip()}']").count() >= 1
        second = page.locator("#second option").nth(2).get_attribute("value")
        page.select_option("#second", second)
        page.wait_for_selector("#drawing svg text >> text=Flanders")
