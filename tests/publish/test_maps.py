"""Maps: every unit is drawn once in its class, borders where regions meet, true shapes decoded."""

import json
import math
import os
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from barograph.errors import BadInput
from barograph.publish.charts.maps import LegendEntry, hexagon_map, shade, true_map
from barograph.publish.charts.topology import Topology

SVG = "{http://www.w3.org/2000/svg}"
DATA = Path(__file__).parents[3] / "shared" / "data"
BOUNDARIES = DATA / "be_municipalities_589_2016.topo.json"
LEGEND = [
    LegendEntry("k1", "North", "20%", "10–30%"),
    LegendEntry("k5", "South", "3 of 8", few=True),
]


def picture(html):
    return ElementTree.fromstring(html[: html.index("<ul")])


def paths(html):
    found = {}
    for path in picture(html).iter(f"{SVG}path"):
        found.setdefault(path.get("class", "hatched"), path.get("d"))
    return found


def hexagons(cells, classes, outlines, legend=LEGEND):
    return hexagon_map(cells, classes, legend, "Title", "Description", outlines).html()


def test_a_hexagon_each_and_one_path_a_class():
    cells = {"1": (0, 0), "2": (1, 0), "3": (0, 1), "4": (1, 1)}
    found = paths(hexagons(cells, {"1": "k1", "2": "k1", "3": "k5"}, {}))
    assert {name: found[name].count("M") for name in ("k1", "k5", "k0")} == {
        "k1": 2,
        "k5": 1,
        "k0": 1,  # no class given
    }


def test_odd_rows_stand_half_a_cell_to_the_right():
    d = paths(hexagons({"1": (0, 0), "2": (0, 1)}, {"1": "a", "2": "b"}, {}))
    x, shifted = (int(re.match(r"M(\d+)", d[name])[1]) for name in "ab")
    assert shifted - x == 7


def test_an_odd_first_row_stays_odd():
    d = paths(hexagons({"1": (3, 5), "2": (3, 6)}, {"1": "a", "2": "b"}, {}))
    x, below = (int(re.match(r"M(\d+)", d[name])[1]) for name in "ab")
    assert x - below == 7


def test_borders_are_drawn_once_and_only_between_regions():
    row = {"1": (0, 0), "2": (1, 0), "3": (2, 0)}
    border = paths(hexagons(row, {}, {"1": "a", "2": "a", "3": "b"}))["border"]
    assert border.count("M") == 1
    enclave = {"c": (1, 1)} | {
        f"{i}": cell for i, cell in enumerate([(0, 1), (2, 1), (1, 0), (2, 0), (1, 2), (2, 2)])
    }
    border = paths(hexagons(enclave, {}, {"c": "inside"}))["border"]
    assert border.count("M") == 6


def test_few_answers_are_hatched_in_map_and_legend():
    cells = {"1": (0, 0), "2": (1, 0)}
    html = hexagons(cells, {"1": "k1", "2": "k5"}, {})
    found = paths(html)
    assert found["hatched"] == found["k5"]
    assert re.findall(r'class="swatch ([^"]+)"', html) == ["k1", "k5 few"]


def test_hostile_texts_are_escaped():
    bad = "<script>"
    html = hexagon_map({"1": (0, 0)}, {}, [LegendEntry("k1", bad, bad, bad)], bad, bad, {}).html()
    assert bad not in html
    assert picture(html).find(f"{SVG}title").text == bad


def test_589_hexagons_stay_a_small_picture():
    cells = {str(i): (i % 25, i // 25) for i in range(589)}
    classes = {unit: f"k{i % 6}" for i, unit in enumerate(cells)}
    html = hexagons(cells, classes, {unit: str(i % 2) for i, unit in enumerate(cells)})
    assert len(html) < 60_000


@pytest.mark.parametrize(
    ("value", "name"),
    [(0, "k1"), (0.2, "k2"), (0.99, "k5"), (1, "k5"), (math.nan, "k0"), (-1, "k1"), (2, "k5")],
)
def test_five_shades(value, name):
    assert shade(value) == name


@pytest.fixture
def belgium():
    if not BOUNDARIES.exists():
        if os.environ.get("REQUIRE_ALL") == "1":
            pytest.fail(f"boundaries are missing: {BOUNDARIES.name}")
        pytest.skip("no boundaries here")
    return json.loads(BOUNDARIES.read_text())


def test_the_true_map_fills_every_municipality(belgium):
    topology = Topology.read(belgium, "municipalities", 1000)
    assert len(topology.shapes) == 589
    areas = [abs(_area(topology.path(unit))) for unit in topology.shapes]
    assert min(areas) > 0
    # 30,660 square kilometres on a country 273.5 kilometres wide, drawn 1,000 wide.
    assert sum(areas) == pytest.approx(30_660 * (1000 / 273.5) ** 2, rel=0.02)


def test_the_true_map_draws_the_borders_of_regions(belgium):
    region = {
        g["properties"]["nis"]: g["properties"]["region_nis"]
        for g in belgium["objects"]["municipalities"]["geometries"]
    }
    classes = {unit: "k1" if code == "02000" else "k5" for unit, code in region.items()}
    html = true_map(
        belgium, "municipalities", classes, LEGEND, "Title", "Description", region
    ).html()
    found = paths(html)
    assert 50 < found["border"].count("M") < 300
    assert len(html) < 200_000


def test_an_unknown_object_is_refused():
    with pytest.raises(BadInput, match="no object 'x'"):
        Topology.read({"objects": {}, "arcs": []}, "x", 100)


def test_untransformed_arcs_and_holes():
    square = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]
    hole = [[1, 1], [1, 2], [2, 2], [2, 1], [1, 1]]
    geometry = {"type": "Polygon", "arcs": [[0], [1]], "properties": {"nis": "1"}}
    topojson = {"arcs": [square, hole], "objects": {"all": {"geometries": [geometry]}}}
    path = Topology.read(topojson, "all", 400).path("1")
    assert path.count("z") == 2
    assert abs(_area(path)) == pytest.approx(400 * 400 * 15 / 16, rel=0.01)


def _area(path):
    """Signed area of relative path data."""
    total = 0.0
    for ring in path.split("z")[:-1]:
        numbers = [int(n) for n in re.findall(r"-?\d+", ring)]
        x, y, points = 0, 0, []
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            points.append((x, y))
        after = points[1:] + points[:1]
        total += sum(a * d - c * b for (a, b), (c, d) in zip(points, after, strict=True)) / 2
    return total
