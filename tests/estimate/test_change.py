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
from barograph.frame import Domain, Frame, kept, read, successions
from barograph.weight import Weighting, calibrate

N = 120


def frame(prefix: str = "u") -> Frame:
    attributes = {"nis": np.array([f"{prefix}{i:03}" for i in range(N)]), "land": np.full(N, "x")}
    domains = {"land": Domain("land", {}, {"x": {}})}
    return Frame(date(2017, 1, 1), attributes, domains, "x")


SAME = {f"u{i:03}": f"u{i:03}" for i in range(N)}


def measured(rows, y, prefix="u", on=None):
    """A wave of respondents in these rows of the frame, with equal weights."""
    units = [f"{prefix}{i:03}" for i in rows]
    sample = calibrate(on or frame(prefix), units, Weighting("none"))
    everybody = np.ones(len(rows), dtype=bool)
    value = np.asarray(y, dtype=float)
    item = Item.of("x", "x", "share", value, everybody, everybody)
    return Measured(Estimator.of(sample, "w"), units, item)


def test_covariance_is_that_of_tam():
    rng = np.random.default_rng(3)
    first, second = list(range(0, 40)), list(range(25, 70))
    y1, y2 = rng.integers(0, 2, 40), rng.integers(0, 2, 45)
    found = change(measured(first, y1), measured(second, y2), SAME)
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
        measured(first, rng.integers(0, 2, 40)), measured(second, rng.integers(0, 2, 30)), SAME
    )
    assert found.common == 10
    assert found.covariance == pytest.approx(0, abs=1e-17)


def test_the_same_answers_changed_by_nothing():
    y = np.arange(40) % 2
    found = change(measured(range(40), y), measured(range(40), y), SAME)
    assert found.comparison.difference == 0
    assert found.comparison.high - found.comparison.low == pytest.approx(0, abs=1e-8)


def test_merged_units_tie_nothing_together():
    """Twenty units of the frame became others: the rest is a population of 100 of its own."""
    rng = np.random.default_rng(5)
    y1, y2 = rng.integers(0, 2, 60), rng.integers(0, 2, 60)
    first, second = measured(range(60), y1), measured(range(10, 70), y2)
    apart = change(first, second, {})
    assert (apart.common, apart.covariance) == (0, 0)
    found = change(first, second, {f"u{i:03}": f"u{i:03}" for i in range(20, N)})
    z1, z2 = (N / 60 * (y - y.mean()) / N for y in (y1, y2))
    s12 = np.cov(z1[20:], z2[10:50])[0, 1]
    assert found.common == 40
    assert found.covariance == pytest.approx(40 * s12 * (1 - 40 * 50 / (40 * 100)), abs=1e-15)


def test_a_new_code_is_the_same_unit():
    y = np.arange(40) % 2
    renamed = {f"u{i:03}": f"v{i:03}" for i in range(N)}
    found = change(measured(range(40), y), measured(range(40), y, "v"), renamed)
    assert found.common == 40
    assert found.comparison.high - found.comparison.low == pytest.approx(0, abs=1e-8)


def test_the_interval_of_a_change_across_a_merger_covers():
    """Ten pairs merge into ten units; yes stays yes for four in five. 95% intervals cover about so often."""
    rng = np.random.default_rng(11)
    old, new = frame("u"), Frame(date(2019, 1, 1), small("w"), frame().domains, "x")
    y1 = rng.integers(0, 2, N)
    y2 = np.where(rng.random(N - 10) < 0.8, y1[: N - 10], 1 - y1[: N - 10])
    kept = {f"u{i:03}": f"w{i:03}" for i in range(N - 20)}
    rounds, covered, blind = 600, 0, 0
    for _ in range(rounds):
        a = rng.permutation(N)[:60]
        fresh = rng.permutation(N - 10)
        b = fresh[np.argsort(~np.isin(fresh, a), kind="stable")][:50]  # who answered, answers again
        waves = [
            measured(a, y1[a], on=old),
            measured(b, y2[b], "w", on=new),
        ]
        truth = y2.mean() - y1.mean()
        for with_overlap in (kept, {}):
            c = change(*waves, with_overlap).comparison
            inside = c.low <= truth <= c.high
            covered, blind = (
                covered + inside * bool(with_overlap),
                blind + inside * (not with_overlap),
            )
    assert 0.93 <= covered / rounds <= 0.98
    assert blind > covered  # without the overlap the interval is wider than it need be


def small(prefix):
    """The frame after the merger: ten units fewer."""
    codes = np.array([f"{prefix}{i:03}" for i in range(N - 10)])
    return {"nis": codes, "land": np.full(N - 10, "x")}


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
    found = two_waves.wave("2018").change("s_form", "dedicated", since="2017")[0]
    before, after = (
        two_waves.wave(name).share("s_form", codes=["dedicated"]) for name in ("2017", "2018")
    )
    difference = next(iter(after)).value - next(iter(before)).value
    assert found.difference == pytest.approx(difference)
    assert found.common == 113
    assert found.p < 1e-6
    by_choice = two_waves.wave("2018").change("s_form", since="2017")
    assert next(c for c in by_choice if c.category == "dedicated").difference == pytest.approx(
        difference
    )
    with pytest.raises(BadInput, match="there is no wave"):
        two_waves.wave("2018").change("s_form", since="2015")


def test_a_change_is_told_across_mergers(two_waves):
    """The second wave on the frame of 2019: merged municipalities are other units."""
    folder = two_waves.folder
    toml = folder / "2018" / "wave.toml"
    toml.write_text(toml.read_text().replace("2017-", "2019-"))
    lines = successions(folder / "frame")
    before, after = (
        read(folder / "frame", date(year, 1, 2), two_waves.domains) for year in (2017, 2019)
    )
    now = kept(lines, before, after)
    path = folder / "2018" / "responses.csv"
    head, *rows = path.read_text().splitlines()
    split = [row.split(",", 1) for row in rows]
    path.write_text("\n".join([head, *(f"{now[u]},{r}" for u, r in split if u in now)]) + "\n")
    stay = sum(unit in now for unit, _ in split)
    assert stay < 113
    later = Barometer.open(folder).wave("2018")
    assert len(later.frame) == 581
    found = later.change("s_form", "dedicated", since="2017")[0]
    assert found.common == stay
    assert found.covariance > 0
