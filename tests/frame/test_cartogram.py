"""The hexagon cartogram of the example keeps regions and provinces whole."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

FRAME = Path(__file__).parents[2] / "examples" / "smart-city-belgium" / "frame"
WAVE = "2016-01-01"
EXCLAVE = "54010"  # Comines-Warneton, apart from the rest of Hainaut on the ground too

Cell = tuple[int, int]


def rows(name: str) -> list[dict[str, str]]:
    with (FRAME / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def units() -> dict[str, dict[str, str]]:
    """The municipalities valid at the first wave, by nis."""
    if not (FRAME / "municipalities.csv").exists():
        pytest.skip("the example has no municipalities.csv")
    return {
        row["nis"]: row
        for row in rows("municipalities.csv")
        if row["valid_from"] <= WAVE <= (row["valid_to"] or WAVE)
    }


@pytest.fixture(scope="module")
def cells() -> dict[str, Cell]:
    return {row["nis"]: (int(row["column"]), int(row["row"])) for row in rows("cartogram.csv")}


def around(cell: Cell) -> Iterator[Cell]:
    """The six cells that touch a cell, in odd-r offset coordinates."""
    column, row = cell
    left = column - 1 + row % 2
    yield from ((column - 1, row), (column + 1, row))
    yield from ((left + i, row + j) for i in (0, 1) for j in (-1, 1))


def count_parts(cells: set[Cell]) -> int:
    left, count = set(cells), 0
    while left:
        count += 1
        reach = [left.pop()]
        while reach:
            found = left.intersection(around(reach.pop()))
            left -= found
            reach.extend(found)
    return count


def test_neighbours_of_a_cell_are_mutual() -> None:
    for cell in ((4, 4), (4, 5)):
        assert len(set(around(cell))) == 6
        assert all(cell in around(other) for other in around(cell))


def test_lines_are_sorted_and_start_at_zero(cells: dict[str, Cell]) -> None:
    nis = [row["nis"] for row in rows("cartogram.csv")]
    assert nis == sorted(nis)
    assert min(column for column, _ in cells.values()) == 0
    assert min(row for _, row in cells.values()) == 0


def test_each_municipality_has_a_cell_of_its_own(
    cells: dict[str, Cell], units: dict[str, dict[str, str]]
) -> None:
    assert len(rows("cartogram.csv")) == len(set(cells.values())) == 589
    assert cells.keys() == units.keys()


def test_country_is_one_part_without_holes(cells: dict[str, Cell]) -> None:
    country = set(cells.values())
    width, height = (max(axis) + 2 for axis in zip(*country, strict=True))
    frame = {(column, row) for column in range(-1, width) for row in range(-1, height)}
    assert count_parts(country) == 1
    assert count_parts(frame - country) == 1


@pytest.mark.parametrize("level", ["region", "province"])
def test_regions_and_provinces_are_one_part(
    cells: dict[str, Cell], units: dict[str, dict[str, str]], level: str
) -> None:
    groups = defaultdict(set)
    for nis in cells.keys() - {EXCLAVE}:
        groups[units[nis][level]].add(cells[nis])
    assert len(groups) == {"region": 3, "province": 11}[level]  # Brussels is in no province
    assert {name: count_parts(group) for name, group in groups.items()} == dict.fromkeys(groups, 1)


def test_brussels_is_an_enclave_of_flanders(
    cells: dict[str, Cell], units: dict[str, dict[str, str]]
) -> None:
    region = {cells[nis]: units[nis]["region"] for nis in cells}
    brussels = [cell for cell, name in region.items() if name == "brussels"]
    touched = {region.get(other) for cell in brussels for other in around(cell)}
    assert len(brussels) == 19
    assert touched == {"brussels", "flanders"}
