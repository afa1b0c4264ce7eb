"""The pages around the questions as people meet them: earlier answers, colleagues, faults, signature, return."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from forty import Server
from servers import free_port
from wcag import accessible

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
EXAMPLE = Path(__file__).parents[2] / "examples" / "smart-city-belgium"
# Each with a municipality to begin in and one that is answered in full.
UNITS = {"nl": ("11023", "11022+"), "fr": ("63079", "63035+"), "de": ("63080", "63087+"), "en": ("21009", "21004+")}  # fmt: skip
WIDTHS = (1280, 360)
CHECKED = {"nl": 1280, "de": 360}  # the rules see structure, not language: two runs suffice
SECTION = "section/sec_background/"
ANNEX = {
    "type": "file",
    "name": "annex",
    "label::English (en)": "Annex",
    "label::Nederlands (nl)": "Bijlage",
    "label::Français (fr)": "Annexe",
    "label::Deutsch (de)": "Anlage",
}


@pytest.fixture(scope="module")
def field(
    browser: Browser, edition: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, dict[str, tuple[str, str]]]]:
    """A server of the example, which also asks for a file; per language two links."""
    base = tmp_path_factory.mktemp("around")
    folder = base / "barometer"
    shutil.copytree(EXAMPLE, folder)
    _ask_for_a_file(folder / "questionnaire" / "survey.csv")
    more = ("--practice", "--edition", str(edition))
    server = Server(folder, base / "state", "", free_port(), more)
    server.state.mkdir(mode=0o700)
    asked = [f"{lang}:{unit}" for lang, units in UNITS.items() for unit in units]
    links = iter(json.loads(server.ask("practise", *asked)))
    server.start()
    try:
        yield server, {lang: (next(links), next(links)) for lang in UNITS}
    finally:
        server.stop()


def _ask_for_a_file(survey: Path) -> None:
    with survey.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    at = next(i for i, row in enumerate(rows) if row["name"] == "r_comment")
    rows.insert(at, ANNEX)
    with survey.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


class Walk:
    """Somebody on the way through the pages, who looks at each."""

    def __init__(self, context: BrowserContext, address: str, lang: str) -> None:
        self.context, self.address, self.lang = context, address, lang
        self.page: Page = context.new_page()
        self.said: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))

    def enter(self, link: str) -> str:
        """Opens the questionnaire of a link; its address."""
        self.page.goto(f"{self.address}{link}")
        self.look("landing")
        self.page.click("main button")
        return self.page.url

    def look(self, name: str) -> None:
        """In the language chosen, within the width, by the policy, without a violation of WCAG 2.2 A, AA."""
        page = self.page
        assert page.get_attribute("html", "lang") == self.lang, name
        assert not [text for text in self.said if "Content Security Policy" in text], name
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            needed = page.evaluate("document.documentElement.scrollWidth")
            assert needed <= width, f"{name} needs {needed} px at {width}"
        if self.lang in CHECKED:
            page.set_viewport_size({"width": CHECKED[self.lang], "height": 900})
            accessible(page)
        self.said.clear()  # the checker itself writes styles

    def mailed(self, pattern: str) -> str:
        """What the newest message in the practice mailbox holds."""
        page = self.context.new_page()
        page.goto(f"{self.address}/a/mailbox/")
        found = re.search(pattern, page.inner_text(".message >> nth=0"))
        page.close()
        assert found
        return found[0]

    def prove(self) -> None:
        """Asks for a code, mistypes it once, and types it."""
        self.look("code asked")
        self.page.click("main form button")
        self.look("code sent")
        code = self.mailed(r"\b\d{3}[ -]?\d{3}\b")
        self.page.fill("#digits", "12")
        self.page.press("#digits", "Enter")
        self.look("code wrong")
        self.page.fill("#digits", code)
        self.page.press("#digits", "Enter")


@pytest.fixture(params=UNITS)
def walk(request: Any, browser: Browser, field: Any) -> Iterator[Walk]:
    """In each language."""
    server, _ = field
    context = browser.new_context(locale=request.param)
    yield Walk(context, f"http://localhost:{server.port}", request.param)
    context.close()


def test_beginning_and_sharing(walk: Walk, field: Any, browser: Browser) -> None:
    link, _ = field[1][walk.lang]
    page = walk.page
    home = walk.enter(link)
    walk.look("overview, earlier answers offered")
    page.click(".offer button")
    walk.prove()
    page.goto(f"{home}section/sec_strategy/")
    assert page.url.endswith("/earlier/")
    for number, choice in enumerate(("confirm", "correct", "end")):
        page.locator("fieldset.question").nth(number).locator(f"[value={choice}]").check()
    walk.look("earlier answers")
    page.click("main form button")
    assert page.url.endswith("/sec_strategy/")
    page.goto(f"{home}sign/")
    walk.look("sign, with faults")

    page.goto(f"{home}hand-over/")
    page.click("main form button:not(.secondary)")
    walk.look("hand-over refused")
    for name in ("sec_background", "sec_perception"):  # with the last one the link ends
        page.check(f"[name=section][value={name}]")
    page.fill("#email", f"expert@{walk.lang}.example")
    page.select_option("#mail_language", walk.lang)
    page.click("main form button:not(.secondary)")
    walk.look("overview, handed over")
    page.goto(f"{walk.address}/a/mailbox/")
    walk.look("mailbox")
    invited = walk.mailed(r"/a/i/\S+")

    other = Walk(browser.new_context(locale=walk.lang), walk.address, walk.lang)
    other.enter(invited)
    other.look("overview of an informant")
    other.page.goto(f"{home}section/sec_strategy/")
    other.look("section to read")
    page.goto(f"{home}{SECTION}")
    other.page.goto(f"{home}{SECTION}")
    other.page.fill("[name=r_comment]", "We have a plan.")
    other.page.click("[name=go][value=overview]")
    page.fill("[name=r_comment]", "There is no plan.")
    page.click("[name=go][value=overview]")
    walk.look("conflict")
    page.check("[value=theirs]")
    page.click("main form button")
    other.page.goto(f"{home}{SECTION}")
    page.goto(home)
    page.click("form[action$='/sec_background/take-back/'] button")
    other.page.fill("[name=r_comment]", "Typed in vain, but not lost.")
    other.page.click("[name=go][value=overview]")
    other.look("not saved, with what was typed")

    page.goto(f"{home}{SECTION}")
    program = {
        "name": "plan.exe",
        "mimeType": "application/octet-stream",
        "buffer": b"MZ\x90\0" * 9,
    }
    page.set_input_files("[name=annex]", program)
    page.click("[name=go][value=next]:not(.default)")
    walk.look("upload refused")
    walk.context.clear_cookies(name="barograph")
    page.fill("[name=r_comment]", "Typed too late.")
    page.click("[name=go][value=overview]")
    walk.look("session ended, with what was typed")
    page.fill("#link", f"{walk.address}{link}")
    page.click("main form button")
    page.goto(f"{home}{SECTION}")
    assert page.input_value("[name=r_comment]") == "Typed too late."
    page.goto(home)
    page.click("form[action='/a/leave/'] button")
    walk.look("left")
    page.goto(home)
    walk.look("session ended")
    other.context.close()


def test_signing_and_the_return(walk: Walk, field: Any) -> None:
    _, link = field[1][walk.lang]
    page = walk.page
    home = walk.enter(link)
    page.goto(f"{home}sign/")
    walk.look("sign, before the code")
    page.click("main a[role=button]:not(.secondary)")
    walk.prove()
    assert page.url.endswith("/sign/")
    page.fill("#name", "A. Clerk")
    page.click("main form button")
    walk.look("sign, incomplete")
    page.fill("#function", "secretary")
    page.check("[name=accountable]")
    page.click("main form button")
    assert page.url.endswith("/thanks/")
    assert page.locator("table.beside tbody tr").count() > 10
    walk.look("thanks")
    page.goto(home)
    walk.look("overview, signed")
    page.goto(f"{home}{SECTION}")
    walk.look("section, signed")
    page.goto(f"{home}thanks/")
    page.click(".offer button")
    assert page.url == home
    walk.look("overview, opened again")


def test_the_preview_and_what_is_wrong_with_it(walk: Walk, field: Any) -> None:
    page, server = walk.page, field[0]
    page.goto(f"{walk.address}/a/preview/?lang={walk.lang}")
    walk.look("preview")
    page.click("[name=go][value=all]")
    walk.look("preview, everything")
    survey = server.folder / "questionnaire" / "survey.csv"
    kept = survey.read_text(encoding="utf-8")
    survey.write_text(
        kept.replace("select_one relevance5", "select_one nowhere", 1), encoding="utf-8"
    )
    try:
        page.goto(f"{walk.address}/a/preview/")
        walk.look("preview of a faulty questionnaire")
    finally:
        survey.write_text(kept, encoding="utf-8")
