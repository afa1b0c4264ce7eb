"""Answers on a scale: each row a bar of 100%, those without an opinion told apart from it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import ClassVar

from barograph.estimate import Estimate
from barograph.publish import formats
from barograph.publish.charts.measure import width as measured
from barograph.publish.charts.sheet import SMALL, WIDE, Line, Sheet, Tick

BAR = 24


@dataclass(frozen=True)
class Scale:
    """A row: the share of each level, and how many had no opinion or gave no answer."""

    label: str
    shares: tuple[Estimate, ...]
    apart: int


@dataclass(frozen=True)
class Likert:
    """Rows over the same `levels`, from lowest to highest.

    With a `midpoint` the ends take two hues; a scale that begins with nothing takes one, deepening.
    """

    id: str
    title: str
    description: str
    levels: tuple[str, ...]
    rows: tuple[Scale, ...]
    midpoint: bool = True

    margin: ClassVar[float] = 0.0

    def lines(self, lang: str) -> list[Line]:
        """The words of each row."""
        return [
            Line(
                row.label,
                aside=formats.number(row.apart, lang) if self._apart else "",
                fact="no_opinion" if self._apart else "",
            )
            for row in self.rows
        ]

    @property
    def _apart(self) -> bool:
        return any(row.apart for row in self.rows)

    def draw(self, sheet: Sheet) -> None:
        """Key of the levels, bars, and what the numbers beside them are."""
        tones = self._tones()
        sheet.flow([(_swatch(tone), level) for tone, level in zip(tones, self.levels, strict=True)])
        top = sheet.y
        sheet.rows(lambda i, y: _stack(self.rows[i], tones, y, sheet), BAR)
        ends = [Tick(x, formats.percent(x, sheet.lang)) for x in (0, 0.5, 1)]
        sheet.grid(ends, top)
        if self._apart:
            sheet.note(sheet.words["apart"])

    def _tones(self) -> list[str]:
        """A class for each level: `s1` to `s5` for a deepening scale, `d1` to `d5` around a middle."""
        count = len(self.levels)
        places = [1 + round(4 * i / max(count - 1, 1)) for i in range(count)]
        return [f"{'d' if self.midpoint else 's'}{place}" for place in places]


def _stack(row: Scale, tones: list[str], y: int, sheet: Sheet) -> str:
    """One bar; a level wide enough for its percentage carries it. Without all levels: no bar."""
    if any(math.isnan(e.value) for e in row.shares):
        flags = {e.flag for e in row.shares}
        word = sheet.words["flag_withheld" if "withheld" in flags else "flag_none"]
        return (
            f'<rect class="hatched" {sheet.hatch} x="{sheet.at(0)}" y="{y}" '
            f'width="{sheet.span(0, 1)}" height="{BAR}"/>'
            f'<text class="inside" x="{sheet.at(0.5)}" y="{y + 17}">'
            f"{escape(word)}</text>"
        )
    parts, start = [], 0.0
    for e, tone in zip(row.shares, tones, strict=True):
        end = min(start + e.value, 1.0)
        text = formats.value_text(e, sheet.lang)
        inside, room = "", measured(text, SMALL) + 4
        if e.value and sheet.pixels(e.value, WIDE) >= room:
            # On a narrow screen the style hides what has no room there.
            roomy = "" if sheet.pixels(e.value) >= room else ' class="roomy"'
            middle = sheet.at((start + end) / 2)
            inside = f'<text{roomy} x="{middle}" y="{y + 17}">{text}</text>'
        parts.append(
            f'<g class="level {tone}" data-estimate="{escape(e.estimate_id)}">'
            f'<rect x="{sheet.at(start)}" y="{y}" width="{sheet.span(start, end)}" '
            f'height="{BAR}"/>{inside}</g>'
        )
        start = end
    return "".join(parts)


def _swatch(tone: str) -> Callable[[str, int], str]:
    return lambda x, y: (
        f'<g class="level {tone}"><rect x="{x}" y="{y}" width="14" height="14" rx="2"/></g>'
    )
