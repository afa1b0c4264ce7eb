"""Every way to the weights: margins of counts and numbers, bounds, propensities, trimming, collapse."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.errors import NoWeights
from barograph.estimate import Estimator
from barograph.frame import Domain, Frame
from barograph.weight import Propensity, Weighting, calibrate

COUNTS = {"flanders": 30, "brussels": 6, "wallonia": 24}


@pytest.fixture(scope="module")
def frame():
    """60 units in three regions, rural and urban, with inhabitants and a class of income."""
    region = np.repeat(list(COUNTS), list(COUNTS.values()))
    number = np.arange(len(region))
    rurality = np.where((number % 3 == 0) & (region != "brussels"), "rural", "urban")
    columns = {
        "nis": np.array([f"{i:03d}" for i in number]),
        "region": region,
        "rurality": rurality,
        "population": np.array([str(1000 * (1 + (7 * i) % 23)) for i in number]),
        "income": np.array(["low", "middle", "high"])[number % 3],
        "gap": np.array(["" if i == 5 else "1" for i in number]),
    }
    domains = {
        name: Domain(name, {}, {str(v): {} for v in dict.fromkeys(columns[name].tolist())})
        for name in ("region", "rurality")
    }
    return Frame(date(2020, 1, 1), columns, domains, "test")


def units(frame, step=2):
    """Every second unit of Flanders and Wallonia, all of Brussels."""
    own = zip(frame.codes.tolist(), frame.attributes["region"].tolist(), strict=True)
    return [code for i, (code, region) in enumerate(own) if region == "brussels" or i % step == 0]


def total(frame, sample, who, column):
    """Sum of a column over respondents by final weight, and over the population."""
    numbers = frame.attributes[column].astype(float)
    rows = [frame.row_of[unit] for unit in who]
    return (sample.w1 * numbers[rows]).sum(), numbers.sum()


@pytest.mark.parametrize(
    "weighting",
    [
        Weighting("linear", ("region", "rurality", "population")),
        Weighting("raking", ("region", "population")),
        Weighting("logit", ("region*rurality", "population"), bounds=(0.2, 5)),
        Weighting("truncated", ("population", "income"), bounds=(0.2, 5)),
        Weighting("raking", ("population",), trim=(1.5, 3.0)),
        Weighting("linear", ("population",), propensity=Propensity("cells", ("region",))),
    ],
    ids=lambda w: w.method,
)
def test_numbers_add_up_like_counts(frame, weighting):
    who = units(frame)
    sample = calibrate(frame, who, weighting)
    reached, wanted = total(frame, sample, who, "population")
    assert reached == pytest.approx(wanted, rel=1e-10)
    assert sample.w1.sum() == pytest.approx(60, rel=1e-10)
    assert sample.record.margin_error < 1e-10
    assert sample.record.margins == weighting.margins
    if weighting.trim:
        assert sample.w1.min() >= 1.5 - 1e-12
        assert sample.w1.max() <= 3.0 + 1e-12


def test_domains_of_a_wave_calibrated_to_numbers_stay_whole(frame):
    """Rows are then finer than domains, and a domain still counts its units once."""
    sample = calibrate(frame, units(frame), Weighting("linear", ("region", "population")))
    assert len(sample.design.values) > 5
    for region, size in COUNTS.items():
        assert sample.design.population({"region": region}) == size


def test_a_category_that_answered_completely_speaks_for_itself(frame):
    who = units(frame)
    for method in ("raking", "linear", "poststratification"):
        sample = calibrate(frame, who, Weighting(method, ("region", "rurality")))
        brussels = sample.design.mask({"region": "brussels"})[sample.cell]
        assert (sample.w1[brussels] == 1).all()
        assert sample.record.taken_all == 6
        assert sample.w1.sum() == pytest.approx(60)
        estimator = Estimator.of(sample, "w")
        assert (estimator.linear.unseen[sample.design.stratum[sample.cell[brussels]]] == 0).all()


def test_a_census_keeps_weight_one(frame):
    everyone = frame.codes.tolist()
    for weighting in (
        Weighting("none"),
        Weighting("raking", ("region", "rurality")),
        Weighting("linear", ("region", "population")),
        Weighting("linear", ("region",), propensity=Propensity("logistic", ("population",))),
    ):
        sample = calibrate(frame, everyone, weighting)
        assert sample.w1 == pytest.approx(np.ones(60))


def test_propensity_cells_are_response_rates(frame):
    who = [u for u in units(frame) if int(u) % 4 == 0]
    weighting = Weighting("none", propensity=Propensity("cells", ("rurality",)))
    sample = calibrate(frame, who, weighting)
    for kind in ("rural", "urban"):
        mask = sample.design.mask({"rurality": kind})
        own = sample.w1[mask[sample.cell]]
        assert own == pytest.approx(sample.design.size[mask].sum() / len(own))
    assert sample.record.propensity == "cells: rurality"


def test_a_logistic_propensity_with_one_group_complete_takes_firths_penalty(frame):
    """Income class "low" answered completely: the plain likelihood has no maximum."""
    income = frame.attributes["income"]
    who = [str(c) for i, c in enumerate(frame.codes) if income[i] == "low" or i % 4 == 1]
    weighting = Weighting("none", propensity=Propensity("logistic", ("income",)))
    sample = calibrate(frame, who, weighting)
    assert sample.record.propensity == "logistic: income (Firth)"
    assert np.all((sample.w1 >= 1) & (sample.w1 <= 20))


def test_categories_with_few_respondents_are_taken_together(frame):
    who = [u for u in units(frame) if u not in {f"{i:03d}" for i in range(30, 34)}]
    weighting = Weighting("raking", ("region", "rurality"), minimum_respondents=3)
    sample = calibrate(frame, who, weighting)
    assert sample.record.collapsed == ("region: brussels + wallonia taken together",)
    assert sample.w1[sample.design.mask({"region": "flanders"})[sample.cell]].sum() == (
        pytest.approx(30)
    )
    assert sample.w1.sum() == pytest.approx(60)


def test_margins_are_given_up_in_the_order_named(frame):
    uneven = [u for u in units(frame) if int(u) % 3 or int(u) % 4 == 0]
    tight = {"margins": ("region", "income", "population"), "bounds": (0.98, 1.02)}
    with pytest.raises(NoWeights, match="no logit weights reach the margins"):
        calibrate(frame, uneven, Weighting("logit", **tight))
    given = Weighting("logit", **tight, give_up=("population", "income", "region"))
    record = calibrate(frame, uneven, given).record
    first, second, *_ = record.collapsed
    assert first.startswith("population given up: no logit weights")
    assert second.startswith("income given up: no logit weights")
    assert not {"population", "income"} & set(record.margins)


def test_a_margin_without_respondents_may_be_given_up(frame):
    who = [u for u in units(frame) if frame.attributes["income"][frame.row_of[u]] != "high"]
    weighting = Weighting("raking", ("region", "income"), give_up=("income",))
    record = calibrate(frame, who, weighting).record
    assert record.margins == ("region",)
    assert record.collapsed == (
        "income given up: margin income: high has 20 units and no respondent",
    )


@pytest.mark.parametrize(
    ("weighting", "message"),
    [
        (lambda: Weighting("raking"), "raking needs margins"),
        (lambda: Weighting("logit", ("region",)), "logit needs bounds"),
        (lambda: Weighting("raking", ("region",), bounds=(0.3, 3)), "raking takes no bounds"),
        (lambda: Weighting("logit", ("region",), bounds=(3, 0.3)), "are no range"),
        (lambda: Weighting("none", trim=(1, 2)), "trimming recalibrates"),
        (lambda: Weighting("raking", ("region",), give_up=("size",)), "which is no margin"),
        (lambda: Propensity("magic", ("region",)), "unknown propensity 'magic'"),
        (lambda: Propensity("cells", ()), "needs variables"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(weighting, message):
    with pytest.raises(NoWeights, match=message):
        weighting()


@pytest.mark.parametrize(
    ("margin", "message"),
    [
        ("size", "the frame has no column 'size'"),
        ("region*population", "a column of numbers cannot be crossed"),
        ("log(region)", "values that are not above 0"),
        ("gap", "'' of unit 005 is no number"),
    ],
)
def test_margins_that_cannot_be_are_refused(frame, margin, message):
    with pytest.raises(NoWeights, match=message):
        calibrate(frame, units(frame), Weighting("linear", (margin,)))


@settings(max_examples=40)
@given(
    st.lists(st.booleans(), min_size=60, max_size=60),
    st.sampled_from(["linear", "raking"]),
    st.booleans(),
)
def test_what_is_calibrated_is_hit_or_refused(frame, drawn, method, first):
    who = [str(code) for code, answered in zip(frame.codes, drawn, strict=True) if answered]
    weighting = Weighting(
        method,
        ("region", "population"),
        propensity=Propensity("cells", ("rurality",)) if first else None,
    )
    if not who:
        return
    try:
        sample = calibrate(frame, who, weighting)
    except NoWeights:
        return
    reached, wanted = total(frame, sample, who, "population")
    assert reached == pytest.approx(wanted, rel=1e-9)
    for region, size in COUNTS.items():
        mask = sample.design.mask({"region": region})[sample.cell]
        assert sample.w1[mask].sum() == pytest.approx(size, rel=1e-9)
    assert 0 < sample.record.effective_n <= len(who) + 1e-9
