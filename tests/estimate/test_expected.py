"""Expected precision: by hand, as the average of drawn answers, and as an edition would print it."""

from dataclasses import replace

import numpy as np
import pytest

from barograph.estimate import Estimator, Item
from barograph.estimate.expected import HALF, YES, half_widths, meaning, parts
from barograph.weight import Weighting, calibrate


def sample_of(wave, method="raking"):
    margins = () if method == "none" else ("region", "rurality")
    units = [str(u) for u in wave.responses.units]
    return calibrate(wave.frame, units, Weighting(method, margins))


def test_by_hand(wave):
    # 113 of 589 without weights, share one half: 1.98137 sqrt((1 - 113/589) .25/112).
    estimator = Estimator.of(sample_of(wave, "none"), "now", "t")
    assert half_widths(estimator, HALF, YES) == pytest.approx(0.084154, abs=1e-6)


def test_a_share_of_113_is_good_to_8_points(wave):
    (found,) = half_widths(Estimator.of(sample_of(wave), "now", "shrunk_wilson"), HALF, YES)
    assert 0.080 < found < 0.086


@pytest.mark.parametrize("domain", [{}, {"region": "wallonia"}, {"rurality": "rural"}])
def test_it_is_the_average_of_drawn_answers(wave, domain):
    estimator, random = Estimator.of(wave.sample, "now", wave.policy), np.random.default_rng(7)
    widths = []
    for _ in range(300):
        yes = (random.random(len(wave.sample)) < 0.3).astype(float)
        everybody = np.ones(len(yes), dtype=bool)
        item = Item.of("x", "x", "share", yes, everybody, everybody)
        (figure,) = estimator.estimates("x", [item], [domain])
        widths.append((figure.high - figure.low) / 2)
    (expected,) = half_widths(estimator, np.array([[0.7, 0.3]]), YES, [domain])
    assert expected == pytest.approx(np.mean(widths), rel=0.03)


@pytest.mark.parametrize("name", ["relevance", "initiator_public", "view_future", "plan_intent"])
def test_a_wave_like_the_last_is_as_precise_as_the_last(wave, name):
    indicator = replace(wave.barometer.indicators[name], by=("region", "rurality"))
    (item,) = wave.items(indicator)
    figures = wave.estimates(indicator)
    domains = [dict(p.split("=") for p in f.domain.split("&") if "=" in p) for f in figures]
    level = parts(wave.sample, wave.sample, item)
    found = half_widths(wave.estimator, level, meaning(item), domains)
    printed = [(f.high - f.low) / 2 for f in figures]
    assert found[0] == pytest.approx(printed[0], rel=0.03)
    assert found == pytest.approx(printed, rel=0.17)  # of the 8 in Brussels nearly all may agree


def test_more_answers_are_never_less_precise(wave):
    units = [str(u) for u in wave.frame.codes]
    widths = []
    for n in (60, 120, 240, 480):
        few = calibrate(wave.frame, units[:: len(units) // n][:n], Weighting("none"))
        widths.append(half_widths(Estimator.of(few, "now"), HALF, YES)[0])
    assert widths == sorted(widths, reverse=True)


def test_nobody_in_a_domain_has_no_width(wave):
    flemish = [str(c) for c in wave.frame.codes[wave.frame.attributes["region"] == "flanders"]]
    estimator = Estimator.of(calibrate(wave.frame, flemish[:20], Weighting("none")), "now")
    assert np.isnan(half_widths(estimator, HALF, YES, [{"region": "wallonia"}])[0])
