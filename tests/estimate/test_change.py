"""Change between waves rests on who answered both."""

import shutil
from datetime import date

import numpy as np
import pytest

from barograph.barometer import Barometer
from barograph.errors import BadInput
from barograph.estimate.change import Measured, change
from barograph.estimate.estimate import Estimator
from barograph.estimate.items import Item
from barograph.frame import Domain, Frame
from barograph.weight import Weighting, calibrate

N = 120


def frame(prefix: str = "u") -> Frame:
    attributes = {"nis": np.array([f"{prefix}{i:03}" for i in range(N)]), "land": np.full(N, "x")}
    domains = {"land": Domain("land", {}, {"x": {}})}
    return Frame(date(2017, 1, 1), attributes, domains, "x")


def measured(rows, y, prefix="u"):
    """A wave of respondents in these rows of the frame, with equal weights."""
    units = [f"{prefix}{i:03}" for i in rows]
    sample = calibrate(frame(prefix), units, Weighting("none"))
    everybody = np.ones(len(rows), dtype=bool)
    value = np.asarray(y, dtype=float)
    item = Item.of("x", "x", "share", value, everybody, everybody)
    return Measured(Estimator.of(sample, "w"), units, item)


def test_covariance_is_that_of_tam():
    rng = np.random.default_rng(3)
    first, second = list(range(0, 40)), list(range(25, 70))
    y1, y2 = rng.integers(0, 2, 40), rng.integers(0, 2, 45)
    found = change(measured(first, y1), measured(second, y2))
    m = 15
    s12 = np.cov(y1[25:], y2[:15])[0, 1]
    assert found.common == m
    assert found.covariance == pytest.approx(s12 * (m / (40 * 45) - 1 / N), abs=1e-15)
    assert found.comparison.difference == pytest.approx(y2.mean() - y1.mean())


def test_no_covariance_at_the_overlap_that_chance_gives():
    """m = n1 n2 / N."""
    rng = np.random.default_rng(4)
    first, second = list(range(0, 40)), list(range(30, 60))  # 10 = 40 * 30 / 120
    found = change(
        measured(first, rng.integers(0, 2, 40)), measured(second, rng.integers(0, 2, 30))
    )
    assert found.common == 10
    assert found.covariance == pytest.approx(0, abs=1e-17)


def test_the_same_answers_changed_by_nothing():
    y = np.arange(40) % 2
    found = change(measured(range(40), y), measured(range(40), y))
    assert found.comparison.difference == 0
    assert found.comparison.high - found.comparison.low == pytest.approx(0, abs=1e-8)


def test_a_change_needs_one_population():
    with pytest.raises(BadInput, match="120 units of 2017-01-01 are not in the frame"):
        change(measured(range(40), np.ones(40)), measured(range(40), np.ones(40), "v"))


@pytest.fixture
def two_waves(wave, tmp_path):
    folder = shutil.copytree(wave.barometer.folder, tmp_path / "barometer")
    shutil.copytree(folder / "2017", folder / "2018")
    path = folder / "2018" / "responses.csv"
    lines = path.read_text().splitlines()
    at = lines[0].split(",").index("s_form")
    for i in range(1, 41):  # forty more with a plan of their own, none lost
        cells = lines[i].split(",")
        lines[i] = ",".join([*cells[:at], "dedicated", *cells[at + 1 :]])
        intent = lines[0].split(",").index("s_plan_intent")
        cells = lines[i].split(",")
        cells[intent] = ""
        lines[i] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n")
    return Barometer.open(folder)


def test_a_wave_tells_its_change(two_waves):
    found = two_waves.wave("2018").change("s_form", "dedicated", since="2017")["s_form"]
    before, after = (
        two_waves.wave(name).share("s_form", codes=["dedicated"]) for name in ("2017", "2018")
    )
    difference = next(iter(after)).value - next(iter(before)).value
    assert found.comparison.difference == pytest.approx(difference)
    assert found.common == 113
    assert found.comparison.p < 1e-6
    by_choice = two_waves.wave("2018").change("s_form", since="2017")
    assert by_choice["dedicated"].comparison.difference == pytest.approx(difference)
    with pytest.raises(BadInput, match="there is no wave"):
        two_waves.wave("2018").change("s_form", since="2015")
