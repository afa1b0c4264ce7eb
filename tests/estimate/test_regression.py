"""Regressions: what they are on special columns, and what they refuse."""

import numpy as np
import pytest

from barograph.errors import BadInput
from barograph.estimate.figures import Units, mean
from barograph.estimate.linear import Linearisation
from barograph.estimate.quantiles import cut, quantile
from barograph.estimate.regression import linear, logistic, residual_df, wald_test

RNG = np.random.default_rng(8)
N = 150
STRATUM = np.arange(N) % 3
W = RNG.uniform(1, 5, N)
UNITS = Units(Linearisation.of_units(W, STRATUM, np.array([200.0, 150.0, 300.0])), W)
GROUP = (RNG.uniform(size=N) < 0.4).astype(float)
Y = RNG.normal(size=N) + GROUP
YES = (Y > 0.5).astype(float)
X = np.column_stack([np.ones(N), GROUP])


def test_a_regression_on_groups_is_their_means():
    fit = linear(UNITS, Y, X)
    groups = [mean(UNITS, Y[:, None], g == GROUP) for g in (0, 1)]
    assert fit.values[0] == pytest.approx(groups[0].values[0])
    assert fit.values.sum() == pytest.approx(groups[1].values[0])
    assert fit.se[0] == pytest.approx(groups[0].se[0])
    assert residual_df(fit) == N - 3 + 1 - 2


def test_a_logistic_regression_on_the_constant_is_the_logit_of_the_share():
    fit, share = logistic(UNITS, YES, X[:, :1]), mean(UNITS, YES[:, None])
    p = share.values[0]
    assert fit.values[0] == pytest.approx(np.log(p / (1 - p)))
    assert fit.se[0] == pytest.approx(share.se[0] / (p * (1 - p)))


def test_a_wald_test_of_one_term_is_t_squared():
    fit = logistic(UNITS, YES, X, GROUP >= 0)
    test = wald_test(fit, [1], residual_df(fit))
    assert test.f == pytest.approx((fit.values[1] / fit.se[1]) ** 2)
    assert (test.ndf, test.ddf) == (1, residual_df(fit))


def test_a_domain_is_a_regression_of_its_respondents_only():
    inside = GROUP == 1
    holes = np.where(inside, Y, np.nan)
    assert linear(UNITS, holes, X[:, :1], inside).values[0] == pytest.approx(
        np.average(Y[inside], weights=W[inside])
    )


def test_columns_in_any_unit():
    x = np.column_stack([np.ones(N), 1e9 * RNG.normal(size=N)])
    scaled = x * [1, 1e-9]
    assert linear(UNITS, Y, x).se[1] * 1e9 == pytest.approx(linear(UNITS, Y, scaled).se[1])


@pytest.mark.parametrize("model", [linear, logistic])
def test_repeated_columns_are_refused(model):
    with pytest.raises(BadInput, match="repeat each other"):
        model(UNITS, YES, np.column_stack([X, 1 - GROUP]))


def test_separation_is_refused():
    with pytest.raises(BadInput, match="no finite coefficients"):
        logistic(UNITS, GROUP, X)


def test_a_quantile_is_where_the_distribution_passes_p():
    for p in (0.1, 0.5, 0.9):
        found = quantile(UNITS, Y, p)
        assert W[found.value > Y].sum() < p * W.sum() <= W[found.value >= Y].sum()
        assert found.low < found.value < found.high


def test_exactly_p_below_is_enough():
    y, w = np.array([4.0, 1, 3, 2]), np.full(4, 3.0)
    assert [cut(y, w, p) for p in (0.25, 0.26, 0.5, 0.75, 1.0)] == [1, 2, 2, 3, 4]
    assert np.isnan(cut(y[:0], w[:0], 0.5))


def test_a_quantile_of_nobody():
    with np.errstate(invalid="ignore", divide="ignore"):
        found = quantile(UNITS, Y, 0.5, np.zeros(N, dtype=bool))
    assert np.isnan([found.value, found.low, found.high]).all()
