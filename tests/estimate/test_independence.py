"""Tests of tables: batches give what single tables give, cells what respondents give."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from barograph.errors import BadInput
from barograph.estimate.cells import Cells, count
from barograph.estimate.figures import Units, mean, total
from barograph.estimate.independence import Tables, rao_scott, two_way, wald
from barograph.estimate.linear import Linearisation

RNG = np.random.default_rng(2)
ROWS, LEVELS, N = 12, 5, 200
ROW = np.sort(RNG.integers(0, ROWS, N))
STRATUM, DOMAIN = np.arange(ROWS) % 2, np.arange(ROWS) % 3
MARGINS = np.column_stack([np.ones(ROWS), np.arange(ROWS) % 4 == 1]).astype(float)
W0 = RNG.uniform(1, 3, N)
W1 = W0 * RNG.uniform(0.9, 1.1, N)
POPULATION = np.array([400.0, 500.0])
QUESTIONS = {str(q): RNG.integers(0, LEVELS, N) for q in range(4)}
ANSWERED = np.array([True, True, True, True, False])


def by_cells(psu=None):
    n = np.bincount(ROW, minlength=ROWS).astype(float)
    w0 = np.bincount(ROW, weights=W0, minlength=ROWS)
    linear = Linearisation(STRATUM, POPULATION, n, w0, MARGINS, psu)
    counted = count(ROW, W0, W1, QUESTIONS, ROWS, dict.fromkeys(QUESTIONS, LEVELS))
    fields = ("n", "w0", "w1", "w1_squared")
    return linear, Cells(*(np.stack([getattr(c, f) for c in counted.values()]) for f in fields))


def indicators(level):
    table = np.zeros((N, LEVELS, 3))
    table[np.arange(N), level, DOMAIN[ROW]] = 1
    return table.reshape(N, -1)


@pytest.mark.parametrize("answered", [None, ANSWERED])
@pytest.mark.parametrize("clustered", [False, True])
def test_cells_give_what_respondents_give(answered, clustered):
    psu = np.arange(ROWS) // 2 * 2 + STRATUM if clustered else None
    psu = None if psu is None else np.unique(psu, return_inverse=True)[1]
    linear, cells = by_cells(psu)
    tables = two_way(linear, cells, DOMAIN, 3, answered)
    units = Units(
        Linearisation.of_units(
            W0, STRATUM[ROW], POPULATION, None if psu is None else psu[ROW], MARGINS[ROW]
        ),
        W1,
    )
    for q, level in enumerate(QUESTIONS.values()):
        inside = None if answered is None else answered[level]
        one = mean(units, indicators(level), inside)
        assert tables.p[q].ravel() == pytest.approx(one.values, abs=1e-14)
        assert tables.covariance[q] == pytest.approx(one.covariance, rel=1e-8, abs=1e-14)


def test_a_wave_tests_a_question_by_respondents(wave):
    """As from the covariance of the cells over all respondents, and as the command line prints."""
    found = wave.independence("s_form", "region")
    (item, *_) = wave._items("s_form", "share")
    regions = [wave.sample.design.mask(d)[wave.sample.cell] for d in wave.domains("region")]
    levels = np.flatnonzero(item.answered)
    cells = np.stack([(item.level == level) & here for level in levels for here in regions], axis=1)
    made = mean(Units.of(wave.sample), cells.astype(float), item.base)
    shape = len(levels), len(regions)
    tables = Tables(made.values.reshape(shape), made.covariance, np.array(item.base.sum()))
    assert found.p == pytest.approx(rao_scott(tables, made.units.linear.df()).p, rel=1e-9)
    assert 0 < found.p < 1
    with pytest.raises(BadInput, match="not of one choice"):
        wave.independence("b_top3", "region")
    with pytest.raises(BadInput, match="needs a domain"):
        wave.independence("s_form", [])


def test_a_batch_gives_what_single_tables_give():
    linear, cells = by_cells()
    tables = two_way(linear, cells, DOMAIN, 3)
    together = rao_scott(tables, 30)
    for q in range(len(QUESTIONS)):
        alone = rao_scott(Tables(tables.p[q], tables.covariance[q], tables.n[q]), 30)
        assert together.f[q] == pytest.approx(float(alone.f), rel=1e-12)
        assert together.p[q] == pytest.approx(float(alone.p), rel=1e-10)


def test_without_a_design_it_is_pearsons_test():
    p = RNG.dirichlet(np.ones(12)).reshape(3, 4)
    multinomial = (np.diag(p.ravel()) - np.outer(p, p)) / 500
    # Under independence the covariance of the expected shares has design effects of exactly 1.
    expected = p.sum(axis=1, keepdims=True) * p.sum(axis=0)
    found = rao_scott(Tables(p, multinomial, np.array(500.0)), 1e9)
    assert found.chi_square == pytest.approx(chi2_contingency(p * 500, correction=False)[0])
    assert found.mean_effect == pytest.approx(1)
    assert found.ndf == pytest.approx(6)
    assert found.p_first == pytest.approx(float(found.p), rel=1e-5)
    assert rao_scott(Tables(expected, multinomial, np.array(500.0)), 10).f == pytest.approx(0)


def test_empty_rows_are_left_out_and_a_table_of_one_row_has_no_test():
    linear, cells = by_cells()
    tables = two_way(linear, cells, DOMAIN, 3, ANSWERED)
    smaller = Cells(*(getattr(cells, f)[..., :4] for f in ("n", "w0", "w1", "w1_squared")))
    assert tables.p[0][4].tolist() == [0, 0, 0]
    assert rao_scott(tables, 30).df.tolist() == [6] * 4
    assert smaller.n.shape[-1] == 4
    only = two_way(linear, cells, DOMAIN, 3, np.arange(LEVELS) == 0)
    assert np.isnan(rao_scott(only, 30).f).all()


def test_an_empty_cell_does_not_break_the_batch():
    linear, cells = by_cells()
    tables = two_way(linear, cells, DOMAIN, 3)
    p = tables.p.copy()
    p[0, :2, :2] = 0
    p[0, 2:, 2] = 0
    found = rao_scott(
        Tables(p / p.sum(axis=(1, 2), keepdims=True), tables.covariance, tables.n), 30
    )
    assert np.isfinite(found.f[1:]).all()


def test_wald_in_a_batch():
    units = Units(Linearisation.of_units(W1, STRATUM[ROW], POPULATION), W1)
    several = [total(units, indicators(level)) for level in QUESTIONS.values()]
    tables = np.stack([f.values.reshape(LEVELS, 3) for f in several])
    covariance = np.stack([f.covariance for f in several])
    together = wald(tables, covariance, 60, adjusted=True)
    alone = wald(tables[1], covariance[1], 60, adjusted=True)
    assert together.f[1] == pytest.approx(float(alone.f))
    assert float(alone.ddf) == 60 - 8 + 1
    plain = wald(tables, covariance, 60)
    assert together.f == pytest.approx(plain.f * (60 - 8 + 1) / 60)
