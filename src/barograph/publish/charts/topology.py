"""Boundaries from TopoJSON: arcs that neighbours share, brought to a grid of whole numbers.

Sharing matters: a point of a common border is rounded once for both sides, so no gaps open, and the
border between two regions is simply the arcs that units of both use.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from barograph.errors import BadInput

Point = tuple[int, int]
Rings = tuple[tuple[int, ...], ...]

TOLERANCE = 0.8  # of a unit of the grid: less than the eye sees


@dataclass(frozen=True)
class Topology:
    """Arcs on the grid of the picture, and of each unit the arcs of its rings."""

    arcs: tuple[tuple[Point, ...], ...]
    shapes: Mapping[str, Rings]
    width: int
    height: int

    @classmethod
    def read(cls, topojson: Mapping[str, Any], object_name: str, width: int) -> Topology:
        """Decodes and projects; the picture is `width` units wide."""
        if object_name not in topojson.get("objects", {}):
            raise BadInput(f"the boundaries have no object {object_name!r}")
        lines = [_degrees(arc, topojson.get("transform")) for arc in topojson["arcs"]]
        arcs, height = _project(lines, width)
        shapes: dict[str, Rings] = {}
        for geometry in topojson["objects"][object_name]["geometries"]:
            unit = str(geometry.get("properties", {}).get("nis", ""))
            shapes[unit] = shapes.get(unit, ()) + tuple(_rings(geometry))
        return cls(arcs, shapes, width, height)

    def path(self, unit: str) -> str:
        """The rings of a unit as SVG path data."""
        return "".join(_path(self._ring(ring)) + "z" for ring in self.shapes[unit])

    def borders(self, outlines: Mapping[str, str]) -> str:
        """The arcs between units of different outline as SVG path data."""
        sides: dict[int, set[str]] = {}
        for unit, rings in self.shapes.items():
            for arc in (index for ring in rings for index in ring):
                sides.setdefault(arc if arc >= 0 else ~arc, set()).add(outlines.get(unit, ""))
        return "".join(_path(self.arcs[arc]) for arc in sorted(sides) if len(sides[arc]) > 1)

    def _ring(self, ring: Sequence[int]) -> list[Point]:
        """The points of a ring; an arc with a negative index ~i runs backwards."""
        points: list[Point] = []
        for index in ring:
            arc = self.arcs[index] if index >= 0 else self.arcs[~index][::-1]
            points += arc[1:] if points else arc
        return points


def _degrees(arc: Sequence[Any], transform: Mapping[str, Any] | None) -> list[tuple[float, float]]:
    """Longitudes and latitudes; a transformed arc holds steps of whole numbers."""
    if transform is None:
        return [(x, y) for x, y, *_ in arc]
    (sx, sy), (tx, ty) = transform["scale"], transform["translate"]
    points, x, y = [], 0, 0
    for dx, dy, *_ in arc:
        x, y = x + dx, y + dy
        points.append((x * sx + tx, y * sy + ty))
    return points


def _project(
    lines: Sequence[Sequence[tuple[float, float]]], width: int
) -> tuple[tuple[tuple[Point, ...], ...], int]:
    """Equirectangular, true in scale at the middle latitude: over Belgium within 1% everywhere."""
    lons = [x for line in lines for x, _ in line]
    lats = [y for line in lines for _, y in line]
    west, north = min(lons), max(lats)
    narrowing = math.cos(math.radians((min(lats) + north) / 2))
    scale = width / ((max(lons) - west) * narrowing)
    arcs = tuple(
        _thin(
            [(round((x - west) * narrowing * scale), round((north - y) * scale)) for x, y in line]
        )
        for line in lines
    )
    return arcs, math.ceil((north - min(lats)) * scale)


def _thin(points: Sequence[Point]) -> tuple[Point, ...]:
    """The line without points that change it by less than TOLERANCE (Douglas-Peucker).

    An arc is thinned once for both its sides and keeps its ends, so neighbours still fit.
    """
    kept, stretches = {0, len(points) - 1}, [(0, len(points) - 1)]
    while stretches:
        first, last = stretches.pop()
        away = [_distance(p, points[first], points[last]) for p in points[first + 1 : last]]
        if away and max(away) >= TOLERANCE:
            middle = first + 1 + away.index(max(away))
            kept.add(middle)
            stretches += [(first, middle), (middle, last)]
    return tuple(points[i] for i in sorted(kept))


def _distance(p: Point, a: Point, b: Point) -> float:
    """From a point to the line through a and b, or to a when they are one."""
    length = math.dist(a, b)
    if length == 0:
        return math.dist(p, a)
    return abs((b[0] - a[0]) * (a[1] - p[1]) - (a[0] - p[0]) * (b[1] - a[1])) / length


def _rings(geometry: Mapping[str, Any]) -> Iterator[tuple[int, ...]]:
    if geometry["type"] == "Polygon":
        yield from (tuple(ring) for ring in geometry["arcs"])
    elif geometry["type"] == "MultiPolygon":
        yield from (tuple(ring) for polygon in geometry["arcs"] for ring in polygon)


def _path(points: Sequence[Point]) -> str:
    """Steps from point to point: shorter than places."""
    (x, y), steps = points[0], []
    for nx, ny in points[1:]:
        steps.append(f"{nx - x} {ny - y}")
        x, y = nx, ny
    return f"M{points[0][0]} {points[0][1]}l{' '.join(steps)}".replace(" -", "-")
