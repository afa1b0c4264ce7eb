"""Interval charts: one row a figure, with its interval on a track and its value in words.

The pictures are written as SVG by hand. Across they use percentages, down they use pixels: a chart
fills any column while its text keeps its size, so that a telephone shows it as readable as a desk.
Colours come from barograph.css through classes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from textwrap import wrap

from barograph.estimate import Estimate
from barograph.publish import formats

# Pixels. The label stands above its track, the value at the right of the label's first line.
LABEL_CHARACTERS = 32  # what fits beside a value on a screen of 320 pixels
KEY_CHARACTERS = 42
LINE, TRACK, ROW_GAP, GROUP, AXIS, KEY_LINE = 18, 10, 20, 36, 26, 18
# The ends of the axis stay inside the picture, so that a mark at 0 or 100% is whole.
MARGIN = 2.0


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


def interval_chart(chart: Chart, lang: str, labels: Mapping[str, str]) -> str:
    """The chart as inline SVG; `labels` holds "flag_base30" and "flag_base10" for its key."""
    rows, y, group = [], 0, ""
    for bar in chart.bars:
        if bar.group and bar.group != group:
            rows.append(f'<text class="group" x="0" y="{y + 24}">{escape(bar.group)}</text>')
            y += GROUP
        group = bar.group
        lines = wrap(bar.label, LABEL_CHARACTERS) or [""]
        rows.append(_row(chart, bar, lines, y, lang))
        y += len(lines) * LINE + TRACK + ROW_GAP
    grid = _grid(chart, y, lang)
    key, height = _key(chart, y + AXIS, labels)
    return (
        f'<svg class="chart" role="img" aria-labelledby="{_id(chart)}-t {_id(chart)}-d" '
        f'xmlns="http://www.w3.org/2000/svg" width="100%" height="{height}">'
        f'<title id="{_id(chart)}-t">{escape(chart.title)}</title>'
        f'<desc id="{_id(chart)}-d">{escape(chart.description)}</desc>'
        f"{_hatch(chart)}{grid}{''.join(rows)}{key}</svg>"
    )


def _id(chart: Chart) -> str:
    return escape(chart.id.replace(".", "-"))


def _at(chart: Chart, x: float) -> float:
    """Where a value stands, in percent of the width."""
    low, high = chart.axis
    place = min(max((x - low) / (high - low), 0.0), 1.0)
    return MARGIN + (100 - 2 * MARGIN) * place


def _row(chart: Chart, bar: Bar, lines: list[str], y: int, lang: str) -> str:
    e = bar.estimate
    text = "".join(
        f'<text class="label" x="0" y="{y + 14 + i * LINE}">{escape(line)}</text>'
        for i, line in enumerate(lines)
    )
    interval = formats.interval_text(e, lang)
    beside = f'<tspan class="ci" dx="8">{escape(interval)}</tspan>' if interval else ""
    value = (
        f'<text class="value" x="100%" y="{y + 14}" text-anchor="end">'
        f"{escape(formats.value_text(e, lang))}{beside}</text>"
    )
    top = y + len(lines) * LINE + 4
    tone = f" dim-{bar.dimension}" if bar.dimension else ""
    return f'<g class="row{escape(tone)}">{text}{value}{_marks(chart, e, top)}</g>'


def _marks(chart: Chart, e: Estimate, top: int) -> str:
    """The track; on it the interval as a band and the estimate as a dot, hollow from few answers."""
    track = (
        f'<rect class="track" x="{MARGIN}%" y="{top}" width="{100 - 2 * MARGIN}%" '
        f'height="{TRACK}" rx="{TRACK // 2}"/>'
    )
    if math.isnan(e.value):
        return track
    band = ""
    if not math.isnan(e.low):
        left, right = _at(chart, e.low), _at(chart, e.high)
        hatched = f' style="fill:url(#{_id(chart)}-hatch)"' if e.flag == "base<10" else ""
        band = (
            f'<rect class="band{" few" if e.flag else ""}"{hatched} x="{left:.2f}%" y="{top}" '
            f'width="{right - left:.2f}%" height="{TRACK}" rx="{TRACK // 2}"/>'
        )
    dot = "dot few" if e.flag else "dot"
    return (
        f'{track}{band}<circle class="{dot}" cx="{_at(chart, e.value):.2f}%" cy="{top + 5}" r="5"/>'
    )


def _hatch(chart: Chart) -> str:
    if not any(bar.estimate.flag == "base<10" for bar in chart.bars):
        return ""
    return (
        f'<defs><pattern id="{_id(chart)}-hatch" width="6" height="6" '
        'patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect class="hatch-ground" width="6" height="6"/>'
        '<rect class="hatch-line" width="2" height="6"/></pattern></defs>'
    )


def _ticks(axis: tuple[float, float]) -> list[float]:
    """Few: quarters of a share, every point of a short scale, otherwise both ends and the middle."""
    low, high = axis
    steps = 4 if (low, high) == (0, 1) else int(high - low) if high - low <= 5 else 2
    return [low + (high - low) * i / steps for i in range(steps + 1)]


def _grid(chart: Chart, bottom: int, lang: str) -> str:
    """Fine lines behind the rows and their values below."""
    ticks, parts = _ticks(chart.axis), []
    for i, tick in enumerate(ticks):
        x = f"{_at(chart, tick):.2f}%"
        text = formats.percent(tick, lang) if chart.axis == (0, 1) else formats.number(tick, lang)
        anchor, place = "middle", x
        if i == 0:
            anchor, place = "start", "0"
        elif i == len(ticks) - 1:
            anchor, place = "end", "100%"
        parts.append(
            f'<line class="grid" x1="{x}" x2="{x}" y1="0" y2="{bottom - 6}"/>'
            f'<text class="tick" x="{place}" y="{bottom + 10}" text-anchor="{anchor}">{text}</text>'
        )
    return "".join(parts)


def _key(chart: Chart, y: int, labels: Mapping[str, str]) -> tuple[str, int]:
    """What hollow and hatched marks mean, where there are any; and the height of the picture."""
    parts, few = [], {bar.estimate.flag for bar in chart.bars}
    for flag, word in (("base<30", "flag_base30"), ("base<10", "flag_base10")):
        if flag not in few:
            continue
        mark = _key_mark(chart, flag, y)
        for line in wrap(labels[word], KEY_CHARACTERS):
            y += KEY_LINE
            parts.append(f'{mark}<text class="key" x="34" y="{y}">{escape(line)}</text>')
            mark = ""
    return "".join(parts), y + (8 if parts else 0)


def _key_mark(chart: Chart, flag: str, y: int) -> str:
    """The mark of a row, in small."""
    hatched = f' style="fill:url(#{_id(chart)}-hatch)"' if flag == "base<10" else ""
    return (
        f'<rect class="band few"{hatched} x="1" y="{y + 9}" width="26" height="10" rx="5"/>'
        f'<circle class="dot few" cx="14" cy="{y + 14}" r="4"/>'
    )
