"""The interview on a real server in a real browser: the door, saving while one types, the pages around."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from forty import Server
from servers import free_port
from wcag import accessible

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
EXAMPLE = Path(__file__).parents[2] / "examples" / "smart-city-belgium"


@pytest.fixture(scope="module")
def server(browser, tmp_path_factory) -> Iterator[Server]:
    base = tmp_path_factory.mktemp("interview")
    found = Server(EXAMPLE, base / "state", "", free_port(), ("--practice",))
    found.start()
    log = (base / "server.log").read_text()
    found.links = re.findall(r"http://localhost:\d+/a/i/\S+", log)
    yield found
    found.stop()


BOTH = pytest.mark.parametrize("page", [True, False], ids=["scripts", "none"], indirect=True)


@pytest.fixture
def page(request, browser, server):
    """A page that has come in by the button; `said` tells what broke the content policy."""
    context = browser.new_context(java_script_enabled=getattr(request, "param", True))
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(server.links[0])
    page.click("main button")
    assert page.url.count("/") == 5, page.url
    page.said = lambda: [text for text in said if "Content Security Policy" in text]
    page.forget = said.clear
    yield page
    context.close()


def test_every_page_around_the_questions_is_accessible_and_fits(page, server):
    home = page.url
    here = f"http://localhost:{server.port}/a/"
    for lang, address in zip(
        ("nl", "fr", "de", "en") * 3,
        (home, f"{home}hand-over/", f"{home}code/", f"{home}sign/", f"{home}section/sec_strategy/", f"{home}print/",
         here, server.links[0], f"{here}preview/", f"{here}mailbox/", f"{here}nowhere/"),
        strict=False,
    ):  # fmt: skip
        page.goto(f"{address}?lang={lang}")
        assert page.locator("html").get_attribute("lang") == lang
        assert not page.said()
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 900})
            needed = page.evaluate("document.documentElement.scrollWidth")
            assert needed <= width, f"{address} needs {needed} px at {width}"
            accessible(page)
        page.forget()  # the checker itself writes styles


@BOTH
def test_what_is_typed_is_there_after_the_way_back(page):
    home = page.url
    page.goto(f"{home}section/sec_background/?lang=en")
    page.fill("textarea", "seen in a browser")
    page.click("button[name=go][value=lang-de]")
    assert page.locator("html").get_attribute("lang") == "de"
    assert page.input_value("textarea") == "seen in a browser"
    page.fill("textarea", "")
    page.click("button[name=go][value=overview]")
    assert page.url == home
    assert not page.said()


def test_scripts_save_while_one_types_and_say_when_they_cannot(page):
    home = page.url
    page.goto(f"{home}section/sec_background/?lang=en")
    with page.expect_response(lambda answer: answer.request.method == "POST") as saved:
        page.fill("textarea", "typed only")
        page.locator("textarea").blur()
    assert saved.value.status == 200
    page.locator(".saved").get_by_text("Saved").wait_for()
    page.context.set_offline(True)
    page.fill("textarea", "typed while away")
    page.locator("textarea").blur()
    page.locator(".saved.bad").wait_for()
    page.context.set_offline(False)
    page.locator("textarea").dispatch_event("change")
    page.locator(".saved:not(.bad)").get_by_text("Saved").wait_for()
    page.goto(f"{home}section/sec_background/")
    assert page.input_value("textarea") == "typed while away"


def test_a_session_warns_before_it_ends_and_can_be_prolonged(page):
    home = page.url
    page.clock.install()
    page.goto(f"{home}section/sec_background/?lang=en")
    warning = page.get_by_role("dialog", name="Are you still there?")
    page.clock.fast_forward("01:49:00")
    assert not warning.is_visible()
    page.clock.fast_forward("01:30")
    warning.wait_for()
    # The server notes activity every five minutes: the session has five minutes left at least.
    with page.expect_response(lambda answer: answer.url == page.url) as prolonged:
        page.keyboard.press("Enter")  # the focus is on the button
    assert prolonged.value.status == 200
    warning.wait_for(state="hidden")
    page.evaluate("document.querySelector('textarea').value = 'typed at the end'")
    page.clock.fast_forward("01:50:30")
    warning.wait_for()
    page.context.clear_cookies(name="barograph")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Open your link again").wait_for()
    assert page.input_value("[name=r_comment]") == "typed at the end"
