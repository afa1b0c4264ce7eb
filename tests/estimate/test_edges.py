"""What docs/methods.md says of cases that do not fit, each with its test."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from barograph.errors import NoWeights
from barograph.estimate import Estimator, compare_domains
from barograph.estimate.intervals import POLICIES
from barograph.estimate.items import Item
from barograph.estimate.linear import Linearisation
from barograph.frame import Domain, Frame
from barograph.weight import Weighting, calibrate


def frame_of(columns):
    codes = np.array([f"{i:04d}" for i in range(len(next(iter(columns.values()))))])
    domains = {
        name: Domain(name, {}, {str(v): {} for v in dict.fromkeys(column)})
        for name, column in columns.items()
    }
    arrays = {name: np.array(column) for name, column in columns.items()}
    return Frame(date(2020, 1, 1), {"nis": codes, **arrays}, domains, "test")


def share(value, eligible=None, base=None):
    value = np.asarray(value, dtype=float)
    everyone = np.ones(len(value), dtype=bool)
    eligible = everyone if eligible is None else np.asarray(eligible, dtype=bool)
    base = eligible if base is None else np.asarray(base, dtype=bool)
    return Item.of("yes", "q", "share", value, eligible, base)


@pytest.fixture
def two():
    """40 units in a and b; ten answered of each, weighted to a stratum each."""
    frame = frame_of({"half": ["a"] * 20 + ["b"] * 20})
    units = [f"{i:04d}" for i in (*range(10), *range(20, 30))]
    return calibrate(frame, units, Weighting("raking", ("half",)))


def test_item_nonresponse_and_dont_know_leave_the_base(two):
    value = np.arange(20) % 2
    base = np.arange(20) >= 4
    estimate = Estimator.of(two, "w").estimate("i", share(value, base=base))
    assert (estimate.base, estimate.n) == (16, 8)
    assert estimate.value == pytest.approx(0.5)


def test_a_question_not_asked_leaves_its_units_out_of_the_population(two):
    """Asked in half of each; a total then speaks of half of the 40 units."""
    eligible = np.arange(20) % 2 == 0
    total = replace(share(np.ones(20), eligible=eligible), statistic="total")
    estimate = Estimator.of(two, "w").estimate("i", total)
    assert estimate.value == pytest.approx(20)


def test_weights_of_very_different_size_cost_precision_and_say_so():
    """One respondent for 982 units beside nine that each speak for two."""
    frame = frame_of({"size": ["large"] * 18 + ["small"] * 982})
    units = [f"{i:04d}" for i in (*range(9), 18)]
    sample = calibrate(frame, units, Weighting("raking", ("size",)))
    assert (sample.record.lowest, sample.record.highest) == pytest.approx((2, 982))
    assert sample.record.effective_n == pytest.approx(1000**2 / (9 * 4 + 982**2))
    assert sample.record.design_effect > 9
    item = share([1] * 9 + [0])
    for policy in POLICIES:
        estimator = Estimator.of(sample, "w", policy)
        estimate = estimator.estimate("i", item)
        assert estimate.value == pytest.approx(0.018)
        assert np.isfinite([estimate.low, estimate.high]).all(), policy
        assert estimate.low <= estimate.value <= estimate.high
        assert estimate.effective_n < 1.05
    # By the default rule one effective answer leaves nearly everything open.
    assert Estimator.of(sample, "w").estimate("i", item).high > 0.6


def test_a_stratum_with_one_respondent_is_refused_or_follows_the_named_rule():
    frame = frame_of({"half": ["a"] * 20 + ["b"] * 20})
    units = ["0000", "0001", "0002", "0020"]
    sample = calibrate(frame, units, Weighting("none", stratum="half"))
    item = share([1, 0, 1, 1])
    with pytest.raises(NoWeights, match="1 stratum has one respondent: its variance is unknown"):
        Estimator.of(sample, "w").estimate("i", item)
    whole = Linearisation.of(sample)
    spread = {
        rule: Estimator(sample, replace(whole, lonely=rule), "w").estimate("i", item).se
        for rule in ("remove", "certainty", "adjust", "average")
    }
    assert spread["remove"] == spread["certainty"] < spread["adjust"]
    assert spread["average"] == pytest.approx(spread["remove"] * np.sqrt(2))


def test_a_stratum_whose_single_unit_answered_has_no_variance():
    """One unit in the population is no lonely respondent: nothing of its stratum is unseen."""
    frame = frame_of({"half": ["a"] * 20 + ["b"]})
    units = ["0000", "0001", "0002", "0020"]
    sample = calibrate(frame, units, Weighting("none", stratum="half"))
    estimator = Estimator.of(sample, "w")
    assert estimator.estimate("i", share([1, 0, 1, 1])).se > 0
    alone = estimator.estimate("i", share([1, 0, 1, 1]), {"half": "b"})
    assert (alone.value, alone.se, alone.low, alone.high) == (1, 0, 1, 1)


def test_crossing_domains_are_compared_with_their_covariance(wave):
    """Urban and Flanders share most of their units: the difference is more certain than apart."""
    indicator = wave.barometer.indicators["relevance"]
    (item,) = wave.items(indicator)
    a, b = {"rurality": "urban"}, {"region": "flanders"}
    found = compare_domains(wave.estimator, item, a, b)
    both = [wave.estimator.estimate("relevance", item, d) for d in (a, b)]
    assert found.difference == pytest.approx(both[0].value - both[1].value)
    assert found.high - found.low < 2 * 1.96 * np.hypot(both[0].se, both[1].se)
    assert compare_domains(wave.estimator, item, b, a).low == pytest.approx(-found.high)
    same = compare_domains(wave.estimator, item, a, a)
    assert (same.difference, same.p) == (0, 1)
