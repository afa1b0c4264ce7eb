"""Identities of figures of respondents: lists, domains, censuses, lonely PSUs, trimmed weights."""

import numpy as np
import pytest

from barograph.errors import NoWeights
from barograph.estimate.cells import Cells
from barograph.estimate.figures import Units, beside, element_variance, mean, ratio, total
from barograph.estimate.linear import Linearisation


@pytest.fixture(params=["strata", "clusters", "calibrated", "trimmed"])
def units(request):
    return make(request.param)


def make(kind, n=120, seed=3):
    rng = np.random.default_rng(seed)
    stratum = np.sort(rng.integers(0, 3, n))
    w = np.array([4.0, 7.0, 2.5])[stratum] * rng.uniform(0.8, 1.2, n)
    psu = stratum * 10 + rng.integers(0, 10, n) if kind == "clusters" else None
    psu = None if psu is None else np.unique(psu, return_inverse=True)[1]
    x = np.column_stack([np.ones(n), rng.normal(50, 9, n)])
    margins = x if kind in ("calibrated", "trimmed") else None
    final = w * (1 + 0.1 * (x[:, 1] - 50) / 9) if margins is not None else w
    trimming = None
    if kind == "trimmed":
        cut = np.minimum(final, 8.0)
        trimming, final = cut / final, cut
    population = np.array([400.0, 900.0, 300.0])
    linear = Linearisation.of_units(w, stratum, population, psu, margins, trimming)
    return Units(linear, final)


def answers(units, k=3, seed=4):
    return np.random.default_rng(seed).normal(size=(len(units.w), k))


@pytest.mark.parametrize("figure", [mean, total])
def test_a_list_gives_what_single_calls_give(units, figure):
    y = answers(units)
    inside = y[:, 0] > -1
    several = figure(units, y, inside)
    for k in range(y.shape[1]):
        one = figure(units, y[:, [k]], inside)
        assert several.values[k] == pytest.approx(one.values[0], rel=1e-13)
        assert several.se[k] == pytest.approx(one.se[0], rel=1e-12)


def test_domains_add_up(units):
    y = answers(units, 1)
    domain = np.arange(len(y)) % 4
    parts = [total(units, y, domain == d) for d in range(4)]
    together, whole = beside(*parts).contrast(np.ones((1, 4))), total(units, y)
    assert together.values == pytest.approx(whole.values)
    assert together.se == pytest.approx(whole.se)


def test_units_and_their_cells_have_the_same_covariance(units):
    figures = mean(units, answers(units))
    cells = Cells.of_units(units.linear.weight0, units.w)
    assert units.linear.covariance(cells, figures.u[:, None, :]) == pytest.approx(
        figures.covariance, rel=1e-9
    )


def test_margins_have_no_variance():
    units = make("calibrated")
    figures = total(units, units.linear.margins)
    assert figures.se == pytest.approx(0, abs=1e-9 * figures.values.max())


def test_a_census_has_no_variance():
    stratum = np.repeat([0, 1], [5, 8])
    linear = Linearisation.of_units(np.ones(13), stratum, np.array([5.0, 8.0]))
    assert total(Units(linear, np.ones(13)), answers(make("strata"), 2)[:13]).se.tolist() == [0, 0]


def test_more_respondents_than_units_are_refused():
    linear = Linearisation.of_units(np.ones(13), population=np.array([12.0]))
    with pytest.raises(NoWeights, match="more respondents than units"):
        total(Units(linear, np.ones(13)), np.ones((13, 1))).se  # noqa: B018


def test_the_order_of_clusters_does_not_matter():
    n = 12
    y, stratum = np.arange(n, dtype=float)[:, None] ** 2, np.repeat([0, 1], 6)
    alone = Linearisation.of_units(np.ones(n), stratum)
    turned = Linearisation.of_units(np.ones(n), stratum, psu=np.arange(n)[::-1].copy())
    both = [total(Units(linear, np.ones(n)), y).se for linear in (alone, turned)]
    assert both[0] == pytest.approx(both[1])


def test_repeated_margins_change_nothing():
    units = make("calibrated")
    x = units.linear.margins
    twice = np.column_stack([x, 1e6 * x[:, 0] + x[:, 1]])
    linear = Linearisation.of_units(units.linear.weight0, units.linear.stratum, margins=twice)
    single = Linearisation.of_units(units.linear.weight0, units.linear.stratum, margins=x)
    y = answers(units)
    assert mean(Units(linear, units.w), y).se == pytest.approx(mean(Units(single, units.w), y).se)


class TestLonelyPsu:
    def units(self, lonely):
        stratum = np.array([0, 1, 1, 2, 2, 2])
        return Units(Linearisation.of_units(np.ones(6), stratum, lonely=lonely), np.ones(6))

    y = np.array([3.0, 1, 2, 5, 7, 6])[:, None]

    def variance(self, lonely):
        return total(self.units(lonely), self.y).covariance[0, 0]

    def test_fails_unless_a_rule_is_named(self):
        with pytest.raises(NoWeights, match="one respondent"):
            self.variance("fail")

    def test_the_rules(self):
        others = self.variance("remove")
        assert others == pytest.approx(2 * 0.5 + 3 * 1.0)
        assert self.variance("certainty") == others
        assert self.variance("average") == pytest.approx(others * 3 / 2)
        assert self.variance("adjust") == pytest.approx(others + 3.0**2)

    def test_average_of_a_domain_speaks_of_its_strata(self):
        inside = np.array([True, True, True, False, False, False])
        assert total(self.units("average"), self.y, inside).covariance == pytest.approx(2 * 1.0)


def test_a_domain_with_one_psu():
    units = make("clusters")
    inside = units.linear.psu == 0
    figures = mean(units, answers(units, 1), inside)
    assert figures.df == 0
    assert figures.se[0] < 1e-9  # all its deviation is one residual total, which is zero
    assert np.isnan(figures.interval()[0][0])


def test_a_domain_with_nobody(units):
    with np.errstate(invalid="ignore", divide="ignore"):
        figures = mean(units, answers(units), np.zeros(len(units.w), dtype=bool))
        assert np.isnan(figures.values).all()
        assert np.isnan(figures.se).all()
        assert np.isnan(element_variance(units, answers(units), figures.inside)).all()
    assert figures.df == 0


def test_missing_answers_outside_a_domain_do_not_matter(units):
    y, inside = answers(units, 1), np.arange(len(units.w)) % 2 == 0
    holes = np.where(inside[:, None], y, np.nan)
    assert mean(units, holes, inside).se == pytest.approx(mean(units, y, inside).se)


def test_a_ratio_is_a_function_of_totals(units):
    y = np.abs(answers(units, 2)) + 1
    both = total(units, y)
    a, b = both.values
    by_delta = both.transform(np.array([a / b]), np.array([[1 / b, -a / b**2]]))
    direct = ratio(units, y[:, [0]], y[:, [1]])
    assert by_delta.se == pytest.approx(direct.se)
    assert by_delta.values == pytest.approx(direct.values)


def test_a_simple_random_sample_has_no_design_effect():
    rng = np.random.default_rng(1)
    linear = Linearisation.of_units(np.full(50, 8.0), population=np.array([400.0]))
    units, y = Units(linear, np.full(50, 8.0)), rng.normal(size=(50, 2))
    assert mean(units, y).design_effect(element_variance(units, y)) == pytest.approx(1)
