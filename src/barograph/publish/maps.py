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

from barograph.publish.topology import Topology

# A pointy hexagon on whole numbers: 7/8 is within 1% of the true ratio of .866.
HALF_WIDTH, RADIUS, ROW_PITCH = 7, 8, 12
HEXAGON = "l7 4v8l-7 4-7-4v-8z"
MAP_WIDTH = 1000
SHADES = 5


@dataclass(frozen=True)
class LegendEntry:
    """A class with its figure in words; `few` hatches it: the figure is from few answers."""

    css_class: str
    label: str
    value: str
    interval: str = ""
    few: bool = False


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
) -> str:
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
    picture = _svg(id, title, description, size, joined, _borders(cells, outlines, origin), legend)
    return picture + _legend(legend)


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
) -> str:
    """The units in their true shape, from a TopoJSON object whose properties have `nis`."""
    topology = Topology.read(topojson, object_name, MAP_WIDTH)
    paths: dict[str, list[str]] = {}
    for unit in sorted(topology.shapes):
        paths.setdefault(classes.get(unit, "k0"), []).append(topology.path(unit))
    joined = {name: "".join(parts) for name, parts in paths.items()}
    size = (topology.width, topology.height)
    picture = _svg(
        id, title, description, size, joined, topology.borders(outlines), legend, "map true"
    )
    return picture + _legend(legend)


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


def _svg(
    id: str,
    title: str,
    description: str,
    size: tuple[int, int],
    paths: Mapping[str, str],
    borders: str,
    legend: Sequence[LegendEntry],
    kind: str = "map",
) -> str:
    """The picture: shapes class by class, hatching over them, region borders with a light edge."""
    few = {entry.css_class for entry in legend if entry.few} & set(paths)
    shapes = []
    for name in sorted(paths):
        shapes.append(f'<path class="{escape(name)}" d="{paths[name]}"/>')
        if name in few:
            shapes.append(f'<path style="fill:url(#{escape(id)}-hatch)" d="{paths[name]}"/>')
    return (
        f'<svg class="{kind}" role="img" aria-labelledby="{escape(id)}-t {escape(id)}-d" '
        f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]} {size[1]}">'
        f'<title id="{escape(id)}-t">{escape(title)}</title>'
        f'<desc id="{escape(id)}-d">{escape(description)}</desc>'
        f"{_hatch(id, size[0]) if few else ''}{''.join(shapes)}"
        f'<path class="border halo" d="{borders}"/><path class="border" d="{borders}"/></svg>'
    )


def _hatch(id: str, width: int) -> str:
    """White strokes, as wide apart for the eye in a map of any scale."""
    step = max(width // 70, 4)
    return (
        f'<defs><pattern id="{escape(id)}-hatch" width="{step}" height="{step}" '
        'patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect class="hatch-over" width="{step / 4.5:.1f}" height="{step}"/></pattern></defs>'
    )


def _legend(legend: Sequence[LegendEntry]) -> str:
    items = "".join(
        f'<li><span class="swatch {escape(entry.css_class)}{" few" if entry.few else ""}"></span>'
        f'<span class="legend-label">{escape(entry.label)}</span> '
        f"<strong>{escape(entry.value)}</strong> "
        f'<span class="ci">{escape(entry.interval)}</span></li>'
        for entry in legend
    )
    return f'<ul class="legend">{items}</ul>'
