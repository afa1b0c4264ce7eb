"""Dot with interval: one row a figure, its interval a band on a track, its value in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from barograph.estimate import Estimate
from barograph.publish import formats
from barograph.publish.charts.sheet import TRACK, Line, Sheet, Tick


@dataclass(frozen=True)
class Bar:
    """One row. `group` is a small heading above its first row; `dimension` colours its mark."""

    label: str
    estimate: Estimate
    group: str = ""
    dimension: str = ""


@dataclass(frozen=True)
class Chart:
    """Figures that share one axis: (0, 1) for shares, the ends of the scale for means."""

    id: str
    title: str
    description: str
    bars: tuple[Bar, ...]
    axis: tuple[float, float]

    def lines(self, lang: str) -> list[Line]:
        """The words of each row."""
        return [
            Line(
                bar.label,
                formats.value_text(bar.estimate, lang),
                formats.interval_text(bar.estimate, lang),
                bar.group,
                bar.estimate.estimate_id,
                f"dim-{bar.dimension}" if bar.dimension else "",
            )
            for bar in self.bars
        ]

    def draw(self, sheet: Sheet) -> None:
        """Rows, grid, and a key where marks are hollow or hatched."""
        sheet.rows(lambda i, y: _marks(self.axis, self.bars[i].estimate, y, sheet))
        sheet.grid(ticks(self.axis, sheet.lang))
        few_key(sheet, [bar.estimate for bar in self.bars])


def on_axis(value: float, axis: tuple[float, float]) -> float:
    """Which part of the axis a value stands at."""
    return (value - axis[0]) / (axis[1] - axis[0])


def ticks(axis: tuple[float, float], lang: str) -> list[Tick]:
    """Few: quarters of a share, every point of a short scale, otherwise both ends and the middle."""
    low, high = axis
    share = (low, high) == (0, 1)
    steps = 4 if share else int(high - low) if high - low <= 5 else 2
    written = formats.percent if share else formats.number
    return [
        Tick(i / steps, written(low + (high - low) * i / steps, lang)) for i in range(steps + 1)
    ]


def _marks(axis: tuple[float, float], e: Estimate, y: int, sheet: Sheet) -> str:
    """The track; on it the interval as a band and the estimate as a dot, hollow from few answers."""
    track = (
        f'<rect class="track" x="{sheet.at(0)}" y="{y}" width="{sheet.span(0, 1)}" '
        f'height="{TRACK}" rx="5"/>'
    )
    if math.isnan(e.value):
        return track
    few = " few" if e.flag else ""
    band = ""
    if not math.isnan(e.low):
        low, high = on_axis(e.low, axis), on_axis(e.high, axis)
        hatched = sheet.hatch() if e.flag == "base<10" else ""
        band = (
            f'<rect class="band{few}"{hatched} x="{sheet.at(low)}" y="{y}" '
            f'width="{sheet.span(low, high)}" height="{TRACK}" rx="5"/>'
        )
    dot = f'<circle class="dot{few}" cx="{sheet.at(on_axis(e.value, axis))}" cy="{y + 5}" r="5"/>'
    return track + band + dot


def few_key(sheet: Sheet, estimates: Sequence[Estimate]) -> None:
    """What hollow and hatched marks mean, where there are any."""
    found = {e.flag for e in estimates}

    def mark(hatched: str) -> Callable[[int], str]:
        return lambda y: (
            f'<rect class="band few"{hatched} x="1" y="{y + 9}" width="26" height="10" rx="5"/>'
            f'<circle class="dot few" cx="14" cy="{y + 14}" r="4"/>'
        )

    entries = (("base<30", "", "flag_base30"), ("base<10", sheet.hatch(), "flag_base10"))
    sheet.key([(mark(h), sheet.words[word]) for flag, h, word in entries if flag in found])
