"""One row a figure: a dot on its interval, or a bar with its interval as a whisker."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from barograph.estimate import Estimate
from barograph.publish import formats
from barograph.publish.charts.sheet import MARGIN, TRACK, Line, Sheet, Tick

BAR = 16


@dataclass(frozen=True)
class Row:
    """One row. `group` is a small heading above its first row; `dimension` colours its mark."""

    label: str
    estimate: Estimate
    group: str = ""
    dimension: str = ""


@dataclass(frozen=True)
class Intervals:
    """Figures that share one axis: (0, 1) for shares, the ends of the scale for means."""

    id: str
    title: str
    description: str
    rows: tuple[Row, ...]
    axis: tuple[float, float]

    margin: ClassVar[float] = MARGIN

    def lines(self, lang: str) -> list[Line]:
        """The words of each row."""
        return [
            Line(
                row.label,
                formats.value_text(row.estimate, lang),
                formats.interval_text(row.estimate, lang),
                row.group,
                row.estimate.estimate_id,
                f"dim-{row.dimension}" if row.dimension else "",
            )
            for row in self.rows
        ]

    def draw(self, sheet: Sheet) -> None:
        """Rows, grid, and a key where marks are hollow or hatched."""
        sheet.rows(lambda i, y: _dot(self.axis, self.rows[i].estimate, y, sheet))
        sheet.grid(ticks(self.axis, sheet.lang))
        few_key(sheet, [row.estimate for row in self.rows])


class Bars(Intervals):
    """Figures that start at 0, such as shares of one question or numbers of units."""

    margin: ClassVar[float] = 0.0

    def draw(self, sheet: Sheet) -> None:
        """Rows, grid to the next round value, and a key where bars are hollow or hatched."""
        end = self._end()
        axis = (0.0, end)
        sheet.rows(lambda i, y: _bar(axis, self.rows[i].estimate, y, sheet), BAR)
        sheet.grid(ticks(axis, sheet.lang, share=self.axis == (0, 1)))
        few_key(sheet, [row.estimate for row in self.rows])

    def _end(self) -> float:
        """Shares end at 100%, or at 50% where no interval goes further; totals at the whole."""
        ends = (row.estimate.high for row in self.rows if not math.isnan(row.estimate.high))
        share = self.axis == (0, 1)
        return 0.5 if share and max(ends, default=1.0) <= 0.5 else self.axis[1]


def on_axis(value: float, axis: tuple[float, float]) -> float:
    """Which part of the axis a value stands at."""
    return (value - axis[0]) / (axis[1] - axis[0])


def ticks(axis: tuple[float, float], lang: str, *, share: bool | None = None) -> list[Tick]:
    """Few: quarters of a share, every point of a short scale, round steps of a long one."""
    low, high = axis
    if share or (share is None and axis == (0, 1)):
        steps = 5 if high == 0.5 else 4
        return [Tick(i / steps, formats.percent(high * i / steps, lang)) for i in range(steps + 1)]
    step = _round_step(high - low)
    count = int((high - low) / step + 1e-9)
    return [
        Tick(i * step / (high - low), formats.number(low + i * step, lang))
        for i in range(count + 1)
    ]


def _round_step(length: float) -> float:
    """1, 2 or 5 times a power of ten, so that an axis has at most five steps."""
    power = 10.0 ** math.floor(math.log10(length / 5))
    return next(m * power for m in (1, 2, 5, 10) if m * power * 5 >= length - 1e-9)


def _dot(axis: tuple[float, float], e: Estimate, y: int, sheet: Sheet) -> str:
    """The track; on it the interval as a band and the estimate as a dot, hollow from few answers."""
    track = (
        f'<rect class="track" x="{sheet.at(0)}" y="{y}" width="{sheet.span(0, 1)}" '
        f'height="{TRACK}" rx="5"/>'
    )
    if math.isnan(e.value):
        return track
    band = ""
    if not math.isnan(e.low):
        low, high = on_axis(e.low, axis), on_axis(e.high, axis)
        band = (
            f'<rect {_filled("band", e, sheet)} x="{sheet.at(low)}" y="{y}" '
            f'width="{sheet.span(low, high)}" height="{TRACK}" rx="5"/>'
        )
    few = " few" if e.flag else ""
    dot = f'<circle class="dot{few}" cx="{sheet.at(on_axis(e.value, axis))}" cy="{y + 5}" r="5"/>'
    return track + band + dot


def _bar(axis: tuple[float, float], e: Estimate, y: int, sheet: Sheet) -> str:
    """A bar from 0 to the estimate; over its end a fine line from end to end of the interval."""
    middle = y + BAR // 2
    if math.isnan(e.value):
        return f'<rect class="track" x="{sheet.at(0)}" y="{middle - 1}" width="{sheet.span(0, 1)}" height="2"/>'
    bar = (
        f'<rect {_filled("bar", e, sheet)} x="{sheet.at(0)}" y="{y}" '
        f'width="{sheet.span(0, on_axis(e.value, axis))}" height="{BAR}"/>'
    )
    if math.isnan(e.low):
        return bar
    low, high = (sheet.at(on_axis(bound, axis)) for bound in (e.low, e.high))
    return f'{bar}<line class="whisker" x1="{low}" x2="{high}" y1="{middle}" y2="{middle}"/>'


def _filled(name: str, e: Estimate, sheet: Sheet) -> str:
    """The class of a shape: full, hollow from few answers, hatched from very few."""
    if e.flag == "base<10":
        return f'class="hatched" {sheet.hatch}'
    return f'class="{name} few"' if e.flag else f'class="{name}"'


def few_key(sheet: Sheet, estimates: Sequence[Estimate]) -> None:
    """What hollow and hatched marks mean, where there are any."""
    found = {e.flag for e in estimates}

    def mark(filled: str) -> Callable[[int], str]:
        return lambda y: (
            f'<rect {filled} x="1" y="{y + 9}" width="26" height="10" rx="5"/>'
            f'<circle class="dot few" cx="14" cy="{y + 14}" r="4"/>'
        )

    entries = (
        ("base<30", 'class="band few"', "flag_base30"),
        ("base<10", f'class="hatched" {sheet.hatch}', "flag_base10"),
    )
    sheet.key(
        [(mark(filled), sheet.words[word]) for flag, filled, word in entries if flag in found]
    )
