"""The interview in Chromium: answered whole by keyboard alone, in four languages, with and without script."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from keyboard import Typist
from servers import free_port, wait_for
from wcag import accessible

from barograph.collect import forms, markup
from barograph.instrument import Logic, compile
from barograph.publish.questionnaire import html, paper

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LANGUAGES = ("nl", "fr", "de", "en")
ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "smart-city-belgium"
EVERY = ROOT / "tests" / "collect" / "every_widget"
STATIC = (ROOT / "src/barograph/publish/static", ROOT / "src/barograph/collect/static")

# Each language, width and setting of script is in four runs; BAROGRAPH_ROBOT=all takes all sixteen.
SHORT = [("nl", True, 1280), ("fr", False, 320), ("de", False, 1280), ("en", True, 320)]
FULL = [
    (lang, script, width) for lang in LANGUAGES for script in (True, False) for width in (320, 1280)
]
RUNS = FULL if os.environ.get("BAROGRAPH_ROBOT") == "all" else SHORT

INVITE = """
import sys
from pathlib import Path
from barograph.web import server
folder, state, port = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
server.configure(folder, None, state, port)
import barograph as bg
from barograph.collect import invitations, waves
wave = waves.prepare(waves.latest(bg.open(folder)), practice=True)
units = wave.units.order_by("code")
for n, lang in enumerate(sys.argv[4:]):
    print(invitations.link(invitations.invite(units[n], f"clerk{n}@example.org", lang)))
"""


class Field(NamedTuple):
    """A server in the field: its address, the invitations of the runs, its database."""

    address: str
    links: Mapping[tuple[str, bool, int], str]
    another: str
    database: Path


@pytest.fixture(scope="module")
def in_the_field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    """`barograph serve` on the example, with an invitation for each run."""
    state, port = tmp_path_factory.mktemp("field"), free_port()
    given = [str(EXAMPLE), str(state), str(port), *(run[0] for run in RUNS), "en"]
    made = subprocess.run(
        [sys.executable, "-c", INVITE, *given], check=True, capture_output=True, text=True
    )
    command = (Path(sys.executable).with_name("barograph"), "serve", EXAMPLE, "--state", state)
    server = subprocess.Popen([*command, "--port", str(port)], stdout=subprocess.DEVNULL)
    try:
        wait_for(port, 120)
        *links, another = made.stdout.split()
        given_out = dict(zip(RUNS, links, strict=True))
        yield Field(f"http://localhost:{port}", given_out, another, state / "barograph.sqlite3")
    finally:
        server.terminate()
        server.wait(30)


def fits(page: Page) -> None:
    """Nothing to scroll sideways."""
    needed, there = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert needed <= there, f"{needed} px wide at {there} px: {page.url}"


def check(page: Page) -> None:
    """It fits, and no violation of WCAG 2.2 A and AA."""
    fits(page)
    accessible(page)


@pytest.mark.parametrize(("lang", "script", "width"), RUNS)
def test_the_core_questionnaire_is_answered_by_keyboard_from_invitation_to_signature(
    browser: Browser, in_the_field: Field, lang: str, script: bool, width: int
) -> None:
    context = browser.new_context(
        java_script_enabled=script, viewport={"width": width, "height": 900}, locale=lang
    )
    page = context.new_page()
    failures: list[str] = []
    page.on("console", lambda said: failures.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.goto(in_the_field.links[lang, script, width])
    typist = Typist(page, RUNS.index((lang, script, width)))
    looked: set[str] = set()

    def look() -> None:
        path = page.url.split("?")[0]
        if path not in looked:
            looked.add(path)
            # The rules wait for timers, which may never fire in a page without scripts.
            check(page) if script else fits(page)
        assert page.get_attribute("html", "lang") == lang

    look()
    typist.press(tag="BUTTON", id="^$", text=".")
    look()
    typist.press(href="/section/")
    for _ in range(40):
        if "/section/" not in page.url:
            break
        look()
        typist.answer()
        typist.enter()
    look()
    typist.press(href="/sign/$")
    look()
    typist.press(href="/code/")
    look()
    typist.press(tag="BUTTON", text=".", name="^$")
    look()
    code = mailed(context.new_page(), in_the_field.address)
    typist.go_to(id="^digits$")
    page.keyboard.type(code)
    typist.enter()
    sign(typist)
    look()
    assert page.url.endswith("/thanks/")
    assert not failures
    context.close()
    compare(typist.said, in_the_field.database, page.url)


def test_a_question_in_hand_is_not_taken_away(browser: Browser, in_the_field: Field) -> None:
    """Which form the strategy has decides whether a plan is intended; the answer comes late."""
    context = browser.new_context(viewport={"width": 320, "height": 900}, locale="en")
    page = context.new_page()
    page.goto(in_the_field.another)
    page.click("main form button")
    page.goto(re.sub(r"(/a/[^/]+/).*", r"\1section/sec_strategy/", page.url))
    late: list[Any] = []
    page.route(
        "**/section/sec_strategy/**",
        lambda route: late.append(route) if route.request.method == "POST" else route.continue_(),
    )
    typist = Typist(page)
    typist.go_to(name="^s_form$")
    page.keyboard.press("Space")
    typist.go_to(name="^s_plan_intent$")
    while not late:
        page.wait_for_timeout(20)
    late.pop().continue_()
    page.wait_for_selector("[data-kept]", state="attached")
    page.keyboard.press("Space")
    assert page.evaluate("document.activeElement.name + document.activeElement.checked") == (
        "s_plan_intenttrue"
    )
    typist.go_to(name="^s_steer$")
    page.wait_for_selector("[name=s_plan_intent]", state="detached")
    here = page.evaluate("document.activeElement.getBoundingClientRect().top")
    assert page.evaluate("document.activeElement.name") == "s_steer"
    assert 0 < here < 900
    context.close()


def mailed(page: Page, address: str) -> str:
    """The newest code in the practice mailbox."""
    page.goto(f"{address}/a/mailbox/")
    found = re.search(r"\b(\d{3}[ -]?\d{3})\b", page.inner_text(".message >> nth=0"))
    page.close()
    assert found
    return found[1]


def sign(typist: Typist) -> None:
    """Name, function, the declaration, and the button."""
    for name in ("name", "function"):
        typist.go_to(id=f"^{name}$")
        typist.page.keyboard.type("A. Clerk")
    typist.go_to(name="^accountable$")
    typist.page.keyboard.press("Space")
    typist.press(tag="BUTTON")


def compare(said: Mapping[str, Any], database: Path, url: str) -> None:
    """Every answer given is stored as given, and nothing else."""
    public = url.split("/a/")[1].split("/")[0]
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        rows = connection.execute(
            "SELECT a.key, a.value FROM collect_answer a"
            " JOIN collect_response r ON r.id = a.response_id WHERE r.public_id = ?",
            (public,),
        ).fetchall()
    stored = {key: value for key, value in rows if value}
    given = {k: " ".join(v) if isinstance(v, list) else v for k, v in said.items()}
    # A question can go while it is answered, when the answer before it arrives.
    relevant = Logic(compile(EXAMPLE / "questionnaire", LANGUAGES)).evaluate(stored).relevant
    assert {k: v for k, v in stored.items() if relevant[k]} == {
        k: v for k, v in given.items() if relevant[k]
    }
    assert len(stored) > 60


@pytest.fixture(scope="module")
def drawn(
    tmp_path_factory: pytest.TempPathFactory,
    served: Callable[[Path], AbstractContextManager[str]],
) -> Iterator[str]:
    """Every widget in every language, untouched and with faults, as files behind an address."""
    folder = tmp_path_factory.mktemp("widgets")
    for static in STATIC:
        shutil.copytree(static, folder / "static", dirs_exist_ok=True)
    environment = markup.environment()
    environment.globals["static"] = lambda name: f"/static/{name}"
    template = environment.get_template("collect/section.html")
    instrument = compile(EVERY, LANGUAGES)
    logic = Logic(instrument)
    for lang in LANGUAGES:
        (folder / f"paper.{lang}.html").write_text(
            html(paper(instrument, lang, instrument.title), "/static/questionnaire.css"),
            encoding="utf-8",
        )
        for name, answers, how in VARIANTS:
            state = logic.evaluate(answers)
            for number, section in enumerate(instrument.sections, start=1):
                context = forms.page(instrument, section, state, answers, lang, **how)
                page = template.render(**context, **around(instrument, lang, number))
                (folder / f"{section.name}.{name}.{lang}.html").write_text(page, encoding="utf-8")
    with served(folder) as address:
        yield address


GIVEN = {
    "project": "Slim licht", "inhabitants": "many", "started": "2026-02-31", "has_plan": "no",
    "partner": "other", "themes": "none energy", "province": "liege", "order": "energy - energy",
    "measure": "2", "measure_runs[1]": "yes", "count_energy": "-1", "view_risk": "3",
}  # fmt: skip
VARIANTS: list[tuple[str, dict[str, str], dict[str, Any]]] = [
    ("new", {}, {}),
    ("faults", GIVEN, {"show_faults": True, "conflicts": {"project": "A colleague wrote: x"}}),
    ("read", GIVEN, {"locked": True}),
]


def around(instrument: Any, lang: str, number: int) -> dict[str, Any]:
    """What a view adds to the context."""
    listed = [
        {"href": "#", "label": s.label[lang], "current": n == number, "done": n < number}
        for n, s in enumerate(instrument.sections, start=1)
    ]
    return {
        "title": "Barometer", "municipality": "Peer", "languages": LANGUAGES, "hidden": [("sequence", 0)],
        "csrf_input": "", "practice": True, "timeout_minutes": 120, "sections": listed,
        "number": number, "count": len(listed),
    }  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("variant", [v[0] for v in VARIANTS])
def test_every_widget_is_accessible_and_fits(
    browser: Browser, drawn: str, variant: str, lang: str
) -> None:
    context = browser.new_context()
    page = context.new_page()
    for section in ("texts", "choices_", "tables", "again"):
        page.goto(f"{drawn}/{section}.{variant}.{lang}.html")
        for width in (1280, 320) if variant == "faults" else (1280,):
            page.set_viewport_size({"width": width, "height": 900})
            check(page)
        small = page.evaluate(TOO_SMALL)
        assert not small, f"targets under 24 px in {section}: {small}"
    context.close()


TOO_SMALL = """() => [...document.querySelectorAll("a, button, input, select, textarea")]
  .filter((e) => e.type !== "hidden" && e.checkVisibility() && !e.closest(".default, .skip"))
  .map((e) => [e, e.getBoundingClientRect()])
  .filter(([e, r]) => !e.matches(".default, .skip") && (r.width < 24 || r.height < 24))
  .map(([e, r]) => `${e.tagName} ${e.id || e.textContent.trim()} ${r.width}x${r.height}`)"""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_questionnaire_on_paper_is_accessible(browser: Browser, drawn: str, lang: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{drawn}/paper.{lang}.html")
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        check(page)
    context.close()
