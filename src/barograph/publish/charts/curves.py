"""Curves over days: one line a wave from the opening on, the wave in hand drawn strongest."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import ClassVar

from barograph.publish import formats
from barograph.publish.charts.sheet import Line, Sheet, Tick

HIGH, ABOVE = 200, 18
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25)  # between lines of the grid
WEEKS = (1, 2, 4, 8, 13, 26)  # between days that are named
MOST = 7


@dataclass(frozen=True)
class DayByDay:
    """A part of 0..1 on each day from day 0 on."""

    label: str
    parts: tuple[float, ...]


@dataclass(frozen=True)
class Curves:
    """The curve in hand and those `before` it; `axis` names the days."""

    id: str
    title: str
    description: str
    now: DayByDay
    before: tuple[DayByDay, ...]
    axis: str

    margin: ClassVar[float] = 0.01

    def lines(self, lang: str) -> list[Line]:
        """No rows: it is one plot."""
        return []

    def draw(self, sheet: Sheet) -> None:
        """Key, plot, days."""
        everything = (*self.before, self.now)
        if self.before:
            sheet.flow([(_swatch(self._tone(curve)), curve.label) for curve in everything])
        step, top = _scale(max(max(curve.parts) for curve in everything))
        days = max(max(len(curve.parts) for curve in everything) - 1, 1)
        base = sheet.y + ABOVE + HIGH

        def height(part: float) -> float:
            return base - HIGH * part / top

        for k in range(round(top / step) + 1):
            y = height(k * step)
            sheet.parts.append(
                f'<line class="grid" x1="{sheet.at(0)}" x2="{sheet.at(1)}" y1="{y:.1f}" '
                f'y2="{y:.1f}"/>'
            )
            if k:
                text = escape(formats.percent(k * step, sheet.lang))
                sheet.parts.append(f'<text class="tick start" x="0" y="{y - 5:.1f}">{text}</text>')
        for curve in everything:
            sheet.parts.append(_line(curve.parts, self._tone(curve), days, height, sheet))
        last = len(self.now.parts) - 1
        sheet.parts.append(
            f'<circle class="dot" cx="{sheet.at(last / days)}" '
            f'cy="{height(self.now.parts[-1]):.1f}" r="5"/>'
        )
        sheet.y = base + 6
        sheet.grid(_days(days), top=base - HIGH)
        sheet.note(self.axis)

    def _tone(self, curve: DayByDay) -> str:
        """The wave in hand is whole; of earlier ones the newest is dashed, those before it dotted."""
        if curve is self.now:
            return "slope"
        return "slope earlier" if curve is self.before[-1] else "slope earlier older"


def _scale(highest: float) -> tuple[float, float]:
    """Step and end of an axis from 0 that holds a part with at most five lines."""
    for step in STEPS:
        lines = max(math.ceil(highest / step - 1e-9), 1)
        if lines <= 5:
            return step, lines * step
    return STEPS[-1], 1.0


def _days(days: int) -> list[Tick]:
    """Weeks, so many that they fit a narrow screen."""
    step = next((7 * n for n in WEEKS if days // (7 * n) < MOST), 7 * WEEKS[-1])
    return [Tick(day / days, str(day)) for day in range(0, days + 1, step)]


def _line(
    parts: Sequence[float], tone: str, days: int, height: Callable[[float], float], sheet: Sheet
) -> str:
    """Segments from day to day; straight stretches are one."""
    kept = [
        day
        for day, part in enumerate(parts)
        if day in (0, len(parts) - 1)
        or not math.isclose(part - parts[day - 1], parts[day + 1] - part, abs_tol=1e-12)
    ]
    return "".join(
        f'<line class="{tone}" x1="{sheet.at(a / days)}" x2="{sheet.at(b / days)}" '
        f'y1="{height(parts[a]):.1f}" y2="{height(parts[b]):.1f}"/>'
        for a, b in pairwise(kept)
    )


def _swatch(tone: str) -> Callable[[str, int], str]:
    def drawn(x: str, y: int) -> str:
        start = float(x)
        return f'<line class="{tone}" x1="{start:.0f}" x2="{start + 16:.0f}" y1="{y + 8}" y2="{y + 8}"/>'

    return drawn
