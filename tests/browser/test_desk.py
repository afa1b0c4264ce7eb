"""The desk as staff meet it: within the width, without a violation, with and without scripts."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from forty import Server
from servers import free_port
from wcag import accessible

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
EXAMPLE = Path(__file__).parents[2] / "examples" / "smart-city-belgium"
WAVE = "/a/desk/practice-2017/"
PAGES = ("", "evenness/", "calling/", "answering/", "units/21009/")
LOOKED = (("nl", 1280, True), ("de", 360, True), ("fr", 360, False), ("en", 1280, False))
LINK = re.compile(r"/a/staff/link/\S+")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    base = tmp_path_factory.mktemp("desk")
    made = Server(EXAMPLE, base / "state", "", free_port(), ("--practice",))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def held(browser: Browser, server: Server) -> dict[str, object]:
    """The cookies of a researcher who came in by the link that the start printed."""
    found = LINK.search((server.state.parent / "server.log").read_text("utf-8"))
    assert found
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"http://localhost:{server.port}{found[0]}")
    page.click("main button")
    assert page.url.endswith("/a/desk/")
    state = context.storage_state()
    context.close()
    return state


@contextmanager
def browsing(browser: Browser, held: object, scripts: bool = True) -> Iterator[BrowserContext]:
    context = browser.new_context(storage_state=held, java_script_enabled=scripts)
    yield context
    context.close()


@pytest.mark.parametrize(("lang", "width", "scripts"), LOOKED)
def test_every_page(lang, width, scripts, browser, server, held):
    with browsing(browser, held, scripts) as context:
        page, said = context.new_page(), []
        page.on("console", lambda message: said.append(message.text))
        page.set_viewport_size({"width": width, "height": 900})
        for name in PAGES:
            page.goto(f"http://localhost:{server.port}{WAVE}{name}?lang={lang}")
            assert page.get_attribute("html", "lang") == lang
            assert not [text for text in said if "Content Security Policy" in text], name
            box = page.locator("main").bounding_box()
            assert box is not None
            assert box["x"] + box["width"] <= width, name
            assert page.locator("aside.banner").is_visible(), name
            if scripts:
                needed = page.evaluate("document.documentElement.scrollWidth")
                assert needed <= width, f"{name} needs {needed} px"
                accessible(page)
                said.clear()  # the checker itself writes styles


def test_a_call_is_noted_and_the_municipality_rests(browser, server, held):
    with browsing(browser, held, scripts=False) as context:
        page = context.new_page()
        page.goto(f"http://localhost:{server.port}{WAVE}calling/?lang=en")
        first = page.locator("main tbody th a").first
        name = first.inner_text()
        first.click()
        assert page.inner_text("h1") == name
        page.check("input[value=promised]")
        page.click("#call button")
        assert page.locator("[role=status]").is_visible()
        page.goto(f"http://localhost:{server.port}{WAVE}calling/")
        assert name not in page.locator("main tbody th a").all_inner_texts()


def test_a_bar_moves_by_itself_and_the_page_stops_asking(browser, server, held):
    def jobs(command: str, *values: object) -> None:
        with closing(sqlite3.connect(server.state / "barograph.sqlite3", timeout=20)) as file:
            file.execute(command, values)
            file.commit()

    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    jobs(
        "INSERT INTO collect_job (kind, state, done, total, message, created, heartbeat) "
        "VALUES ('backup', 'running', 10, 40, '', ?, ?)",
        now,
        now,
    )
    with browsing(browser, held) as context:
        page, asked = context.new_page(), []
        page.goto(f"http://localhost:{server.port}{WAVE}?lang=en")
        page.on("request", lambda request: asked.append(request.url))
        assert page.locator("progress").get_attribute("value") == "10"
        jobs("UPDATE collect_job SET done = 30")
        page.wait_for_selector("progress[value='30']", timeout=20_000)
        jobs("UPDATE collect_job SET done = 40, state = 'done', ended = ?", now)
        page.wait_for_selector("#jobs .done", timeout=20_000)
        so_far = len(asked)
        page.wait_for_timeout(4500)
        assert len(asked) == so_far
