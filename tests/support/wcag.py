"""WCAG 2.2 A and AA as axe-core checks it, in a page with scripts on: its rules wait for timers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],  # what passes is not written out
    "preload": False,  # the page's own addresses, not what axe makes of them
}
SHORTER = """document.querySelectorAll("tbody, ul, ol").forEach(
  (list) => [...list.children].slice(60).forEach((row) => row.remove()))"""


def accessible(page: Page, *, shorter: bool = False) -> None:
    """Without a violation; `shorter` keeps sixty rows of each list, the others being like them."""
    from axe_playwright_python.sync_playwright import Axe

    if shorter:
        page.evaluate(SHORTER)
    found = Axe().run(page, options=RULES)
    width = page.evaluate("window.innerWidth")
    assert found.violations_count == 0, f"{page.url} at {width} px: {found.generate_report()}"
