"""Maps: every unit counts once as a hexagon, or in its true shape when boundaries are at hand.

Units of one class share one path, so that a map of 589 municipalities stays a small picture. A class
is a name in barograph.css: `k0` (no figure) and `k1` to `k5`, light to dark. A second
name may keep groups of one shade apart: a legend entry and its hatching go by the whole class.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from barograph.publish.charts.measure import width as measured
from barograph.publish.charts.picture import Caption, document, inner
from barograph.publish.charts.topology import Topology

# A pointy hexagon on whole numbers: 7/8 is within 1% of the true ratio of .866.
HALF_WIDTH, RADIUS, ROW_PITCH = 7, 8, 12
HEXAGON = "l7 4v8l-7 4-7-4v-8z"
MAP_WIDTH = 1000
SHADES = 5
SMALL, ROW = 13, 26  # of a legend on paper, pixels


@dataclass(frozen=True)
class LegendEntry:
    """A class with its figure in words; `few` hatches it: the figure is from few answers."""

    css_class: str
    label: str
    value: str
    interval: str = ""
    few: bool = False
    estimate_id: str = ""


@dataclass(frozen=True)
class Map:
    """Units of one class in one path, borders over them; `size` (width, height) in its own units."""

    id: str
    title: str
    description: str
    kind: str
    size: tuple[int, int]
    paths: Mapping[str, str]
    borders: str
    legend: Sequence[LegendEntry]

    def html(self) -> str:
        """For a page: the picture, as wide as its column, and the legend as a list."""
        id = escape(self.id)
        return (
            f'<svg class="{self.kind}" role="img" aria-labelledby="{id}-t {id}-d" '
            f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.size[0]} {self.size[1]}">'
            f'<title id="{id}-t">{escape(self.title)}</title>'
            f'<desc id="{id}-d">{escape(self.description)}</desc>'
            f"{self._hatch()}{self._shapes()}</svg>{_legend(self.legend)}"
        )

    def alone(self, lang: str, width: int = 640, caption: Caption | None = None) -> str:
        """As an SVG document of `width` pixels, the legend below the picture."""
        room = inner(width, caption)
        scale = room / self.size[0]
        high = math.ceil(self.size[1] * scale) + 16
        body = (
            f'{self._hatch()}<g class="{self.kind}" transform="scale({scale:.4f})">'
            f"{self._shapes()}</g>"
        )
        intervals = max((measured(e.interval, SMALL) for e in self.legend), default=0) + 12
        for i, entry in enumerate(self.legend):
            body += self._entry(entry, high + i * ROW, room, intervals)
        return document(self, lang, body, (width, high + len(self.legend) * ROW), caption)

    def _entry(self, entry: LegendEntry, y: int, room: int, intervals: float) -> str:
        shape = f'x="0" y="{y}" width="24" height="16" rx="2"'
        over = f"<rect {self._over} {shape}/>" if entry.few else ""
        return (
            f'<g class="map" data-estimate="{escape(entry.estimate_id)}">'
            f'<rect class="{escape(entry.css_class)}" {shape}/>{over}'
            f'<text x="36" y="{y + 13}">{escape(entry.label)}</text>'
            f'<text class="value" x="{room - intervals:.1f}" y="{y + 13}">'
            f"{escape(entry.value)}</text>"
            f'<text class="ci" x="{room}" y="{y + 13}">'
            f"{escape(entry.interval)}</text></g>"
        )

    @property
    def _over(self) -> str:
        return f'fill="url(#{escape(self.id)}-hatch)"'

    def _shapes(self) -> str:
        """Shapes class by class, hatching over them, region borders with a light edge."""
        few = {entry.css_class for entry in self.legend if entry.few}
        shapes = []
        for name in sorted(self.paths):
            shapes.append(f'<path class="{escape(name)}" d="{self.paths[name]}"/>')
            if name in few:
                shapes.append(f'<path {self._over} d="{self.paths[name]}"/>')
        borders = "".join(
            f'<path class="{name}" d="{self.borders}"/>' for name in ("border halo", "border")
        )
        return "".join(shapes) + borders

    def _hatch(self) -> str:
        """White strokes, as wide apart for the eye in a map of any scale."""
        if not any(entry.few for entry in self.legend):
            return ""
        step = max(self.size[0] // 70, 4)
        return (
            f'<defs><pattern id="{escape(self.id)}-hatch" width="{step}" height="{step}" '
            'patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
            f'<rect class="hatch-over" width="{step / 4.5:.1f}" height="{step}"/>'
            "</pattern></defs>"
        )


def shade(value: float, axis: tuple[float, float] = (0.0, 1.0)) -> str:
    """The class of a value: `k1` to `k5` by equal steps of the axis, `k0` when there is none."""
    if math.isnan(value):
        return "k0"
    low, high = axis
    step = int((value - low) / (high - low) * SHADES)
    return f"k{min(max(step, 0), SHADES - 1) + 1}"


def hexagon_map(
    cells: Mapping[str, tuple[int, int]],
    classes: Mapping[str, str],
    legend: Sequence[LegendEntry],
    title: str,
    description: str,
    outlines: Mapping[str, str],
    *,
    id: str = "map",
) -> Map:
    """One hexagon a unit at its (column, row); thick lines where the code in `outlines` changes.

    Odd rows stand half a cell to the right. A unit without a class is drawn as `k0`.
    """
    origin = (min(c for c, _ in cells.values()), min(r for _, r in cells.values()))
    origin = (origin[0], origin[1] - origin[1] % 2)
    paths: dict[str, list[str]] = {}
    for unit in sorted(cells):
        x, y = _centre(cells[unit], origin)
        paths.setdefault(classes.get(unit, "k0"), []).append(f"M{x} {y - RADIUS}{HEXAGON}")
    size = _size([_centre(cell, origin) for cell in cells.values()])
    joined = {name: "".join(parts) for name, parts in paths.items()}
    borders = _borders(cells, outlines, origin)
    return Map(id, title, description, "map", size, joined, borders, legend)


def true_map(
    topojson: Mapping[str, object],
    object_name: str,
    classes: Mapping[str, str],
    legend: Sequence[LegendEntry],
    title: str,
    description: str,
    outlines: Mapping[str, str],
    *,
    id: str = "map",
) -> Map:
    """The units in their true shape, from a TopoJSON object whose properties have `nis`."""
    topology = Topology.read(topojson, object_name, MAP_WIDTH)
    paths: dict[str, list[str]] = {}
    for unit in sorted(topology.shapes):
        paths.setdefault(classes.get(unit, "k0"), []).append(topology.path(unit))
    joined = {name: "".join(parts) for name, parts in paths.items()}
    size, borders = (topology.width, topology.height), topology.borders(outlines)
    return Map(id, title, description, "map true", size, joined, borders, legend)


def _centre(cell: tuple[int, int], origin: tuple[int, int]) -> tuple[int, int]:
    column, row = cell[0] - origin[0], cell[1] - origin[1]
    # A margin of two leaves room for half of the thick line.
    return (
        HALF_WIDTH * (2 * column + row % 2 + 1) + 2,
        ROW_PITCH * row + RADIUS + 2,
    )


def _size(centres: Iterable[tuple[int, int]]) -> tuple[int, int]:
    xs, ys = zip(*centres, strict=True)
    return max(xs) + HALF_WIDTH + 2, max(ys) + RADIUS + 2


def _borders(
    cells: Mapping[str, tuple[int, int]], outlines: Mapping[str, str], origin: tuple[int, int]
) -> str:
    """The edges between neighbours of different outline, each drawn once."""
    unit_at = {cell: unit for unit, cell in cells.items()}
    parts = []
    for unit in sorted(cells):
        column, row = cells[unit]
        x, y = _centre((column, row), origin)
        right = column + row % 2
        for neighbour, edge in (
            ((column + 1, row), f"M{x + 7} {y - 4}v8"),
            ((right, row + 1), f"M{x + 7} {y + 4}l-7 4"),
            ((right - 1, row + 1), f"M{x} {y + 8}l-7-4"),
        ):
            other = unit_at.get(neighbour)
            if other is not None and outlines.get(other) != outlines.get(unit):
                parts.append(edge)
    return "".join(parts)


def _legend(legend: Sequence[LegendEntry]) -> str:
    items = "".join(
        f'<li data-estimate="{escape(entry.estimate_id)}">'
        f'<span class="swatch {escape(entry.css_class)}{" few" if entry.few else ""}"></span>'
        f'<span class="legend-label">{escape(entry.label)}</span> '
        f"<strong>{escape(entry.value)}</strong> "
        f'<span class="ci">{escape(entry.interval)}</span></li>'
        for entry in legend
    )
    return f'<ul class="legend">{items}</ul>'
