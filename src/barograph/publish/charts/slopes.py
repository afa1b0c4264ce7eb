"""Figures over waves: a line a row, each wave with its interval, breaks where waves compare badly."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import ClassVar

from barograph.estimate import Estimate
from barograph.publish import formats
from barograph.publish.charts.intervals import on_axis
from barograph.publish.charts.sheet import Line, Sheet, Tick

HIGH, BELOW = 56, 18  # of the strip of a row; above the line there is room for a value
EDGE = 0.08


@dataclass(frozen=True)
class Series:
    """The figure of each wave, None where it was not asked."""

    label: str
    estimates: tuple[Estimate | None, ...]


@dataclass(frozen=True)
class Slopes:
    """Rows over the same `waves`; `breaks` tells why a wave compares badly with the one before."""

    id: str
    title: str
    description: str
    waves: tuple[str, ...]
    rows: tuple[Series, ...]
    breaks: tuple[str, ...] = ()

    margin: ClassVar[float] = 0.0

    def lines(self, lang: str) -> list[Line]:
        """The words of each row."""
        return [Line(row.label) for row in self.rows]

    def draw(self, sheet: Sheet) -> None:
        """A strip a row, the waves below, and what a broken line means."""
        axis = self._axis()
        sheet.rows(lambda i, y: self._strip(self.rows[i].estimates, axis, y, sheet), HIGH + BELOW)
        sheet.grid([Tick(self._at(k), wave) for k, wave in enumerate(self.waves)])
        for k, reason in enumerate(self.breaks):
            if reason:
                words = sheet.words["break"].format(wave=self.waves[k], reason=reason)
                sheet.key([(_broken_key, words)])

    def _axis(self) -> tuple[float, float]:
        """From the lowest to the highest end of an interval: a line needs no 0."""
        found = [
            bound
            for row in self.rows
            for e in row.estimates
            if e is not None and not math.isnan(e.value)
            for bound in ((e.value,) if math.isnan(e.low) else (e.low, e.high))
        ] or [0.0, 1.0]
        low, high = min(found), max(found)
        return (low, high) if high > low else (low - 0.5, high + 0.5)

    def _at(self, k: int) -> float:
        return EDGE + (1 - 2 * EDGE) * k / max(len(self.waves) - 1, 1)

    def _strip(
        self, estimates: Sequence[Estimate | None], axis: tuple[float, float], y: int, sheet: Sheet
    ) -> str:
        def height(value: float) -> float:
            return y + BELOW + HIGH * (1 - on_axis(value, axis))

        lines, marks, before = [], [], None
        for k, e in enumerate(estimates):
            if e is None or math.isnan(e.value):
                continue
            x, at = sheet.at(self._at(k)), height(e.value)
            if before is not None:
                broken = any(self.breaks[before[0] + 1 : k + 1])
                lines.append(
                    f'<line class="slope{" broken" if broken else ""}" x1="{before[1]}" '
                    f'y1="{before[2]:.1f}" x2="{x}" y2="{at:.1f}"/>'
                )
            before = k, x, at
            marks.append(_wave(e, x, at, height, sheet.lang))
        return "".join(lines + marks)


def _wave(e: Estimate, x: str, at: float, height: Callable[[float], float], lang: str) -> str:
    """One wave of a row: its interval upright, its dot, its value above."""
    few = " few" if e.flag else ""
    top, upright = at - 5, ""
    if not math.isnan(e.low):
        top, bottom = min(height(e.high), top), height(e.low)
        upright = (
            f'<line class="upright{few}" x1="{x}" x2="{x}" y1="{height(e.high):.1f}" '
            f'y2="{bottom:.1f}"/>'
        )
    return (
        f'<g data-estimate="{escape(e.estimate_id)}">{upright}'
        f'<circle class="dot{few}" cx="{x}" cy="{at:.1f}" r="5"/>'
        f'<text class="over" x="{x}" y="{top - 6:.1f}">'
        f"{escape(formats.value_text(e, lang))}</text></g>"
    )


def _broken_key(y: int) -> str:
    return f'<line class="slope broken" x1="1" x2="27" y1="{y + 14}" y2="{y + 14}"/>'
