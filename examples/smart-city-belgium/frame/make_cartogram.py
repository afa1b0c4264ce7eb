"""Lay the 589 Belgian municipalities of 2016 out as equal hexagons: cartogram.csv.

Usage: python make_cartogram.py BOUNDARIES.topo.json MUNICIPALITIES.csv OUT.csv

BOUNDARIES is a TopoJSON file in degrees with an object `municipalities` (property `nis`), whose
neighbours share arcs. MUNICIPALITIES has the columns nis, region (flanders, brussels, wallonia),
province (NIS code, empty in Brussels). OUT has nis, column, row, sorted by nis: "odd-r" offset
coordinates of hexagons with a point up. Row 0 is the northernmost, columns run eastward from 0,
and odd rows lie half a cell to the right: the centre of a cell whose sides have length 1 is at
x = sqrt(3) * (column + (row % 2) / 2) and y = 1.5 * row, y downward.

Method
1. Project to kilometres and lay lattices of hexagons over the country. Of those in one piece, with
   as many centres in it as municipalities, take the one with the cheapest assignment.
2. Assign: the least sum of squared distances from centroid to cell (optimal transport).
3. Mend the faults: a region or province in more than one part, and Brussels touching Wallonia,
   which it never does on the ground. One unit moves to or from a cell at fault, and those on its
   way move up one; of these moves with fewer faults the cheapest is made, until none is left.
4. Swap units up to two steps apart while what touches (same province, same region, true
   neighbours, see WEIGHTS) gains more than the displacement costs and no fault comes back.
Comines-Warneton is a true exclave of Hainaut and may lie apart. Voeren is one of Limburg, but is
kept on it, so that Flanders stays in one part. No step draws at random.

Sources: boundaries, Statbel via BelgiumMaps.StatBel (CC BY 2.0), simplified; codes, Statbel.
Assignment: scipy.optimize.linear_sum_assignment (Crouse 2016, doi:10.1109/TAES.2016.140952).
"""

from __future__ import annotations

import csv
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, shortest_path
from scipy.spatial.distance import cdist

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

EXCLAVES = {"54010"}  # Comines-Warneton
WEIGHTS = {"province": 1.0, "region": 1.5, "neighbour": 0.8}
DISPLACEMENT = 0.15  # cost of a squared displacement of one cell


class Country(NamedTuple):
    """The municipalities, sorted by nis, and the country's border as segments, in kilometres."""

    nis: list[str]
    centroid: Floats  # units x 2, y northward
    neighbour: Bools  # units x units
    area: float
    border: Floats  # segments x 4: x0, y0, x1, y1


class Groups(NamedTuple):
    """Which units belong together, as numbers; an exclave is a group of its own in `parts`."""

    parts: list[Ints]  # region and province of each unit
    pull: Floats  # units x units: what it is worth that two units touch
    false_border: Bools  # units x units: Brussels with Wallonia


class Board(NamedTuple):
    """The cells of the cartogram."""

    cell: Ints  # cells x 2: doubled column (2 * column + row % 2), row
    cost: Floats  # units x cells: squared displacement, in cells
    edge: Ints  # pairs x 2: cells that touch
    pair: Ints  # pairs x 2: cells up to two steps apart
    previous: Ints  # cells x cells: the last cell but one on the way from one to the other


def read_arcs(topology: dict[str, Any]) -> list[Floats]:
    """Undo the delta coding; kilometres east and north, true to scale at 50.5 degrees north."""
    scale, translate = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    kilometres = np.radians([np.cos(np.radians(50.5)), 1.0]) * 6371
    return [(np.cumsum(a, axis=0) * scale + translate) * kilometres for a in topology["arcs"]]


def rings_of(geometry: dict[str, Any]) -> list[list[int]]:
    """The rings of a Polygon or MultiPolygon, each a list of arc numbers."""
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    return [ring for polygon in polygons for ring in polygon]


def area_and_moment(geometry: dict[str, Any], arcs: list[Floats]) -> Floats:
    """Signed area and its first moments (area, area * x, area * y), holes taken off."""
    lines = [arcs[a] if a >= 0 else arcs[~a][::-1] for ring in rings_of(geometry) for a in ring]
    p, q = np.vstack([a[:-1] for a in lines]), np.vstack([a[1:] for a in lines])
    cross = (p[:, 0] * q[:, 1] - q[:, 0] * p[:, 1]) / 2
    return np.array([cross.sum(), *(cross @ (p + q) / 3)])


def read_country(path: Path) -> Country:
    """Read centroids, neighbours (who share an arc) and the border (arcs used once)."""
    topology = json.loads(path.read_text(encoding="utf-8"))
    arcs = read_arcs(topology)
    shapes = topology["objects"]["municipalities"]["geometries"]
    shapes.sort(key=lambda shape: shape["properties"]["nis"])
    users = defaultdict(list)
    for unit, shape in enumerate(shapes):
        for arc in (max(a, ~a) for ring in rings_of(shape) for a in ring):
            users[arc].append(unit)
    neighbour = np.zeros((len(shapes), len(shapes)), dtype=bool)
    for a, b in (pair for pair in users.values() if len(pair) == 2):
        neighbour[a, b] = neighbour[b, a] = a != b
    border = [np.hstack([arcs[a][:-1], arcs[a][1:]]) for a in users if len(users[a]) == 1]
    moments = np.array([area_and_moment(shape, arcs) for shape in shapes])
    return Country(
        [shape["properties"]["nis"] for shape in shapes],
        moments[:, 1:] / moments[:, :1],
        neighbour,
        float(np.abs(moments[:, 0]).sum()),
        np.vstack(border),
    )


def read_groups(path: Path, country: Country) -> Groups:
    """Read regions and provinces, and from them what each contact is worth."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["nis"]: row for row in csv.DictReader(file)}
    region = np.array([rows[nis]["region"] for nis in country.nis])
    province = np.array([rows[nis]["province"] or "brussels" for nis in country.nis])
    false_border = np.outer(region == "brussels", region == "wallonia")
    pull = (
        WEIGHTS["province"] * (province[:, None] == province)
        + WEIGHTS["region"] * (region[:, None] == region)
        + WEIGHTS["neighbour"] * country.neighbour
    )
    apart = [nis if nis in EXCLAVES else "" for nis in country.nis]
    labels = (np.char.add(label, apart) for label in (region, province))
    parts = [np.unique(label, return_inverse=True)[1] for label in labels]
    return Groups(parts, pull, false_border | false_border.T)


def inside(points: Floats, border: Floats) -> Bools:
    """Which points lie in the country: those with an odd number of borders due east."""
    x, y = points[:, :1], points[:, 1:]
    x0, y0, x1, y1 = border.T
    east = ((x1 - x0) * (y - y0) > (x - x0) * (y1 - y0)) == (y1 > y0)
    odd: Bools = (((y0 > y) != (y1 > y)) & east).sum(axis=1) % 2 == 1
    return odd


def lattices(country: Country) -> Iterator[tuple[Ints, Floats]]:
    """Cells and centroid-to-centre costs of the lattices with one cell in the country per unit."""
    count = len(country.nis)
    low, high = country.centroid.min(axis=0) - 15, country.centroid.max(axis=0) + 15
    for stretch in np.linspace(0.99, 1.01, 11):
        pitch = stretch * np.sqrt(country.area / count * 2 / np.sqrt(3))
        step = pitch * np.array([0.5, -np.sqrt(0.75)])
        size = np.ceil((high - low) / np.abs(step)).astype(int)
        grid = np.argwhere(np.add.outer(np.arange(size[0]), np.arange(size[1])) % 2 == 0)
        for shift in np.ndindex(8, 4):
            centre = np.array([low[0], high[1]]) + (grid + np.array(shift) / 4) * step
            kept = inside(centre, country.border)
            if kept.sum() == count:
                yield grid[kept], cdist(country.centroid, centre[kept], "sqeuclidean") / pitch**2


def make_board(cell: Ints, cost: Floats) -> Board:
    """Find which cells touch and the shortest ways between all."""
    touch = cdist(*[cell * [0.5, np.sqrt(0.75)]] * 2) < 1.1
    steps, previous = shortest_path(touch, unweighted=True, return_predecessors=True)
    edge, pair = (np.argwhere(np.triu((steps > 0) & (steps <= most))) for most in (1, 2))
    return Board(cell, cost, edge, pair, previous)


def choose_board(country: Country) -> tuple[Board, Ints]:
    """The lattice in one piece with the cheapest assignment, and the unit in each cell of it."""
    found: list[tuple[float, int, Board, Ints]] = []
    for cell, cost in lattices(country):
        board = make_board(cell, cost)
        if not strays(board.edge, np.zeros(len(cell), dtype=int)).any():
            unit = linear_sum_assignment(cost.T)[1]
            found.append((cost[unit, np.arange(len(unit))].sum(), len(found), board, unit))
    return min(found)[2:]


def strays(edge: Ints, label: Ints) -> Bools:
    """Which cells lie outside the largest connected part of those with their label."""
    same = edge[label[edge[:, 0]] == label[edge[:, 1]]]
    graph = coo_array((np.ones(len(same)), same.T), shape=(len(label), len(label)))
    part = connected_components(graph, directed=False)[1]
    size = np.bincount(part)[part]
    largest = np.zeros(label.max() + 1, dtype=int)
    np.maximum.at(largest, label, size)
    stray: Bools = size < largest[label]
    return stray


def faults(board: Board, groups: Groups, unit: Ints) -> Ints:
    """The faults at each cell, given the unit in each cell."""
    count = sum(strays(board.edge, label[unit]).astype(int) for label in groups.parts)
    a, b = board.edge.T
    false = groups.false_border[unit[a], unit[b]]
    return count + np.bincount(board.edge[false].ravel(), minlength=len(unit))


def energy(board: Board, groups: Groups, unit: Ints) -> float:
    """What the layout costs, faults aside."""
    a, b = board.edge.T
    far = board.cost[unit, np.arange(len(unit))].sum()
    return float(DISPLACEMENT * far - groups.pull[unit[a], unit[b]].sum())


def moves(board: Board, groups: Groups, unit: Ints) -> Iterator[Ints]:
    """Layouts in which one unit moves to or from a cell at fault, along the shortest way."""
    for source in np.flatnonzero(faults(board, groups, unit)):
        for target in range(len(unit)):
            way = [target]
            while way[-1] != source:
                way.append(int(board.previous[source, way[-1]]))
            for order in (way, way[::-1]):
                moved = unit.copy()
                moved[order] = unit[order[1:] + order[:1]]
                yield moved


def mend(board: Board, groups: Groups, unit: Ints) -> Ints:
    """Make the cheapest move that leaves fewer faults until there are none."""
    while left := faults(board, groups, unit).sum():
        trials = enumerate(moves(board, groups, unit))
        fewer = ((i, trial) for i, trial in trials if faults(board, groups, trial).sum() < left)
        options = [(energy(board, groups, trial), i, trial) for i, trial in fewer]
        if not options:
            raise SystemExit(f"{left} faults are left that no single move mends.")
        unit = min(options)[2]
    return unit


def improve(board: Board, groups: Groups, unit: Ints) -> Ints:
    """Swap units up to two steps apart while that gains and brings no fault."""
    best, swapped = energy(board, groups, unit), True
    while swapped:
        swapped = False
        for pair in board.pair:
            trial = unit.copy()
            trial[pair] = unit[pair[::-1]]
            value = energy(board, groups, trial)
            if value < best - 1e-9 and not faults(board, groups, trial).any():
                unit, best, swapped = trial, value, True
    return unit


def write(path: Path, country: Country, board: Board, unit: Ints) -> None:
    """Write nis, column, row, sorted by nis; row 0 and column 0 are the first in use."""
    row = board.cell[:, 1] - board.cell[:, 1].min()
    column = (board.cell[:, 0] - board.cell[:, 1].min() % 2 - row % 2) // 2
    cells = zip(unit, column - column.min(), row, strict=True)
    lines = sorted(f"{country.nis[u]},{c},{r}" for u, c, r in cells)
    path.write_text("\n".join(["nis,column,row", *lines, ""]), encoding="utf-8")


def main(boundaries: str, municipalities: str, out: str) -> None:
    """Make the cartogram; say after each step what is at fault and how many neighbours touch."""
    country = read_country(Path(boundaries))
    groups = read_groups(Path(municipalities), country)
    board, unit = choose_board(country)
    for step in (None, mend, improve):
        unit = step(board, groups, unit) if step else unit
        a, b = unit[board.edge.T]
        kept = country.neighbour[a, b].sum() / (country.neighbour.sum() / 2)
        left = faults(board, groups, unit).sum()
        print(f"{step.__name__ if step else 'assign'}: {left} faults, {kept:.1%} neighbours kept")
    write(Path(out), country, board, unit)


if __name__ == "__main__":
    main(*sys.argv[1:])
