"""Somebody who answers a questionnaire in a real browser with the keyboard alone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

MOST_STOPS = 400  # of the focus on one page
FOCUSED = """() => {
  const e = document.activeElement, r = e.getBoundingClientRect(), s = getComputedStyle(e);
  const named = e.name ? [...document.getElementsByName(e.name)] : [];
  const form = e.closest("form");
  return {
    tag: e.tagName, type: e.type || "", name: e.name || "", id: e.id, value: e.value || "",
    href: e.getAttribute("href") || "", text: e.textContent.trim(), mode: e.inputMode || "",
    at: named.filter((n) => n.type === e.type).indexOf(e), of: named.length,
    checked: named.some((n) => n.checked), alone: "alone" in e.dataset,
    inForm: Boolean(form && form.id === "interview"),
    seen: r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth,
    ring: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2,
  };
}"""
TEXTS = {"numeric": "3", "decimal": "1"}


@dataclass
class Typist:
    """Tabs through a page and answers what is open; `said` is what was answered, by name."""

    page: Page
    turn: int = 0  # which of the choices are taken
    said: dict[str, Any] = field(default_factory=dict)
    rounds: int = 0  # times the focus has left the page since it was sent somewhere

    def stop(self) -> dict[str, Any]:
        """The next control; its focus must be in sight and marked."""
        self.page.keyboard.press("Tab")
        found: dict[str, Any] = self.page.evaluate(FOCUSED)
        self.rounds += found["tag"] == "BODY"
        assert self.rounds < 3, f"nothing found in a round through {self.page.url}"
        for _ in range(20):  # the page scrolls to it in the next frames
            if found["seen"]:
                break
            self.page.wait_for_timeout(25)
            found = self.page.evaluate(FOCUSED)
        if found["tag"] != "BODY":
            where = f"{found['tag']} {found['name'] or found['text']!r} on {self.page.url}"
            assert found["ring"], f"no focus ring on {where}"
            assert found["seen"], f"out of sight: {where}"
        return found

    def go_to(self, **wanted: str) -> dict[str, Any]:
        """Tabs on until a control matches; values are regular expressions."""
        self.rounds = 0
        for _ in range(MOST_STOPS):
            found = self.stop()
            if all(re.search(pattern, str(found[name])) for name, pattern in wanted.items()):
                return found
        raise AssertionError(f"no {wanted} on {self.page.url}")

    def press(self, **wanted: str) -> None:
        """Goes to a button or link and presses it; waits for the page it leads to."""
        self.go_to(**wanted)
        self.enter()

    def enter(self) -> None:
        """Presses Enter where the focus is and waits for the page it leads to.

        The key goes down on one page and up on the next: told to the page that is just being left, a
        key that goes up is never acknowledged, and there is no time-out for that.
        """
        with self.page.expect_navigation(wait_until="load"):
            self.page.keyboard.down("Enter")
        self.page.keyboard.up("Enter")

    def answer(self) -> None:
        """Answers every question of the section that is open, up to the button that goes on."""
        self.rounds = 0
        for _ in range(MOST_STOPS):
            found = self.stop()
            if found["name"] == "go" and found["value"] == "next":
                return
            if found["inForm"] and found["name"] and found["tag"] != "BUTTON":
                self._answer(found)
        raise AssertionError(f"no end of {self.page.url}")

    def _answer(self, control: dict[str, Any]) -> None:
        name, keys = control["name"], self.page.keyboard
        if control["type"] == "radio" and not control["checked"]:
            keys.press("Space")
            for _ in range(self.turn % min(control["of"], 3)):
                keys.press("ArrowDown")
            self.said[name] = self.page.evaluate("() => document.activeElement.value")
        elif control["type"] == "checkbox":
            if (
                control["at"] < 2
                and not control["alone"]
                and control["value"] not in self._of(name)
            ):
                keys.press("Space")
                self.said[name] = [*self._of(name), control["value"]]
        elif control["tag"] == "SELECT" and not control["value"]:
            for _ in range(control["at"] + 1):
                keys.press("ArrowDown")
            value = self.page.evaluate("() => document.activeElement.value")
            self.said[name] = [*self._of(name), value]
        elif control["type"] in ("text", "textarea") and not control["value"]:
            text = TEXTS.get(control["mode"], f"Été & <{name}>")
            self.said[name] = "clerk@example.org" if "mail" in name else text
            keys.type(self.said[name])

    def _of(self, name: str) -> list[str]:
        return list(self.said.get(name, []))
