"""The sheet a chart is drawn on, from top to bottom: rows with their words, grid, key.

Two layouts of one picture. On a page (`width` None) places across are percentages: the chart fills
any column while its text keeps its size, and a label stands above its marks. With a width in pixels
the labels stand at the left and the values at the right, as on paper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from barograph.publish.charts.measure import width as measured
from barograph.publish.charts.measure import wrap

# Pixels. A page is readable on a screen of 320 pixels with 16 at each side.
NARROW, LABEL, SMALL, LINE, GROUP, AXIS, TRACK = 288, 15, 13, 18, 36, 26, 10
GAP = {True: 20, False: 12}  # below a row: on a page, on paper
WIDE = 560  # a column on a desk, at least
# What round marks need at the ends of an axis on a page, so that one at 0 or 100% is whole.
MARGIN = 0.02
LABELS_PART = 0.4  # of the width, at most


@dataclass(frozen=True)
class Line:
    """The words of a row. `group` is a small heading above its first row; `tone` colours it.

    `aside` is a number beside the figure, quiet. What a row tells is an estimate or a `fact`.
    """

    label: str
    value: str = ""
    interval: str = ""
    group: str = ""
    estimate_id: str = ""
    tone: str = ""
    aside: str = ""
    fact: str = ""


@dataclass(frozen=True)
class Tick:
    """A fine line of the grid and its text; `at` from 0 to 1 across the plot."""

    at: float
    text: str


class Sheet:
    """Parts of one picture; `y` is where the next one goes."""

    def __init__(
        self,
        id: str,
        lang: str,
        words: Mapping[str, str],
        width: int | None,
        lines: Sequence[Line],
        margin: float = MARGIN,
    ) -> None:
        self.id, self.lang, self.words, self.width = escape(id), lang, words, width
        self.parts: list[str] = []
        self.lines = lines
        self.y = 0
        if width is None:
            self._left, self._across = 100 * margin, 100 * (1 - 2 * margin)
            return
        names = (text for line in lines for text in (line.label, line.group))
        asked = max((measured(text, LABEL) for text in names), default=0)
        longest = max((measured(w, LABEL) for x in lines for w in x.label.split(" ")), default=0)
        self._labels = max(min(asked, width * LABELS_PART), longest) + 4
        self._intervals = _widest((line.interval or line.aside for line in lines), SMALL)
        values = _widest((line.value for line in lines), LABEL)
        self._left = self._labels + 12
        # Without words at the right the last tick of the grid needs room there.
        beside = self._intervals + values
        self._across = width - self._left - (beside + 8 if beside else 24)

    @property
    def on_page(self) -> bool:
        """Whether places across are percentages."""
        return self.width is None

    def at(self, part: float) -> str:
        """Where a part 0..1 of the axis stands."""
        part = min(max(part, 0.0), 1.0)
        place = self._left + self._across * part
        return _short(place, "%" if self.width is None else "")

    def span(self, low: float, high: float) -> str:
        """The width between two parts of the axis."""
        low, high = min(max(low, 0.0), 1.0), min(max(high, 0.0), 1.0)
        wide = self._across * (high - low)
        return _short(wide, "%" if self.width is None else "")

    def pixels(self, part: float, column: int = NARROW) -> float:
        """How many pixels a part of the axis takes; on a page, in a column of that width."""
        return part * (column * self._across / 100 if self.width is None else self._across)

    def rows(self, marks: Callable[[int, int], str], thick: int = TRACK) -> None:
        """Every line with its marks: `marks` draws row i in the band from y to y + `thick`."""
        group = ""
        for i, line in enumerate(self.lines):
            if line.group and line.group != group:
                self._heading(line.group)
            group = line.group
            self._row(i, line, marks, thick)

    def _heading(self, text: str) -> None:
        self.parts.append(f'<text class="group" x="0" y="{self.y + 24}">{escape(text)}</text>')
        self.y += GROUP

    def _row(self, i: int, line: Line, marks: Callable[[int, int], str], thick: int) -> None:
        y, page = self.y, self.width is None
        beside = measured(line.value or line.aside, LABEL)
        room = NARROW - 12 - beside if page else self._labels
        words = wrap(line.label, room, LABEL)
        high = len(words) * LINE
        if page:
            top, first, bottom = y + high + 4, y + 14, y + high + thick
        else:
            bottom = y + max(high, thick)
            first = y + (bottom - y - high) // 2 + 14
            top = y + (bottom - y - thick) // 2
        text = "".join(
            f'<text class="label" y="{first + k * LINE}">{escape(word)}</text>'
            for k, word in enumerate(words)
        )
        value = self._value(line, first if page else top + thick // 2 + 5)
        known = f' data-fact="{escape(line.fact)}"' if line.fact else ""
        if line.estimate_id:
            known = f' data-estimate="{escape(line.estimate_id)}"'
        tone = f" {line.tone}" if line.tone else ""
        self.parts.append(f'<g class="row{tone}"{known}>{text}{value}{marks(i, top)}</g>')
        self.y = bottom + GAP[page]

    def _value(self, line: Line, y: int) -> str:
        if line.aside:
            return (
                f'<text class="aside" x="{self.width or "100%"}" y="{y}">'
                f"{escape(line.aside)}</text>"
            )
        if not line.value:
            return ""
        value, interval = escape(line.value), escape(line.interval)
        if self.width is None:
            beside = f'<tspan class="ci" dx="8">{interval}</tspan>' if interval else ""
            return f'<text class="value" x="100%" y="{y}">{value}{beside}</text>'
        beside = f'<text class="ci" x="{self.width}" y="{y}">{interval}</text>'
        return (
            f'<text class="value" x="{self.width - self._intervals:.1f}" y="{y}">'
            f"{value}</text>{beside if interval else ''}"
        )

    def grid(self, ticks: Sequence[Tick], top: int = 0) -> None:
        """Fine lines behind the rows and their values below."""
        bottom, behind = self.y, []
        for tick in ticks:
            x, anchor, place = self.at(tick.at), "", self.at(tick.at)
            if self.width is None and tick.at in (0, 1):
                end, place = ("start", "0") if tick.at == 0 else ("end", "100%")
                anchor = f" {end}"
            behind.append(f'<line class="grid" x1="{x}" x2="{x}" y1="{top}" y2="{bottom - 6}"/>')
            self.parts.append(
                f'<text class="tick{anchor}" x="{place}" y="{bottom + 10}">'
                f"{escape(tick.text)}</text>"
            )
        self.parts[:0] = behind
        self.y += AXIS

    def key(self, entries: Sequence[tuple[Callable[[int], str], str]]) -> None:
        """What marks mean: each a picture at y and its words."""
        room = (self.width or NARROW) - 34
        for mark, words in entries:
            self.parts.append(mark(self.y))
            for line in wrap(words, room, SMALL):
                self.y += LINE
                self.parts.append(f'<text class="key" x="34" y="{self.y}">{escape(line)}</text>')
        self.y += 8 if entries else 0

    def flow(self, entries: Sequence[tuple[Callable[[str, int], str], str]]) -> None:
        """A key above the rows: each a picture at (x, y) and its words; in lines on paper."""
        x, parts = 0.0, []
        for swatch, words in entries:
            wide = 22 + measured(words, SMALL) + 18
            if x and (self.width is None or x + wide - 18 > self.width):
                x, self.y = 0.0, self.y + LINE + 2
            parts.append(f"{swatch(f'{x:.0f}', self.y)}")
            parts.append(
                f'<text class="key" x="{x + 20:.0f}" y="{self.y + 12}">{escape(words)}</text>'
            )
            x += wide
        self.parts += parts
        self.y += LINE + 12

    def note(self, text: str) -> None:
        """A quiet line below the picture."""
        for line in wrap(text, self.width or NARROW, SMALL):
            self.y += LINE
            self.parts.append(f'<text class="key" x="0" y="{self.y}">{escape(line)}</text>')
        self.y += 8

    @property
    def hatch(self) -> str:
        """The attribute that hatches a shape; its pattern is written when the picture is closed."""
        return f'fill="url(#{self.id}-hatch)"'

    def body(self) -> str:
        """All parts, with the hatching where something uses it."""
        body = "".join(self.parts)
        return f"{self._pattern()}{body}" if f"#{self.id}-hatch" in body else body

    def _pattern(self) -> str:
        return (
            f'<defs><pattern id="{self.id}-hatch" width="6" height="6" '
            'patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
            '<rect class="hatch-ground" width="6" height="6"/>'
            '<rect class="hatch-line" width="2" height="6"/></pattern></defs>'
        )


def _short(place: float, unit: str) -> str:
    """A place to a tenth, without a zero that says nothing."""
    return f"{place:.1f}".removesuffix(".0") + unit


def _widest(texts: Iterable[str], size: int) -> float:
    """Pixels of the longest text with the space before it; none for no text."""
    longest = max((measured(text, size) for text in texts), default=0.0)
    return longest + 10 if longest else 0.0
