"""Replicates agree with linearisation: exactly where theory says so, else within sampling error."""

import numpy as np
import pytest

from barograph.errors import BadInput, NoWeights
from barograph.estimate.figures import Units, mean, ratio, total
from barograph.estimate.linear import Linearisation
from barograph.estimate.replicates import (
    balanced,
    bootstrap,
    bootstrap_cells,
    covariance_of,
    given,
    hadamard,
    jackknife,
    recalibrated,
    replicate_covariance,
    replicate_values,
)
from barograph.weight.raking import poststratify

RNG = np.random.default_rng(11)
STRATUM = np.repeat([0, 1, 2], [30, 20, 50])
POPULATION = np.array([60.0, 200.0, 500.0])
W = (POPULATION / np.bincount(STRATUM))[STRATUM]
Y = RNG.normal(5, 2, (100, 2)) + STRATUM[:, None]
PSU = np.arange(100)
UNITS = Units(Linearisation.of_units(W, STRATUM, POPULATION), W)


def totals(w):
    return w @ Y


def means(w):
    return w @ Y / w.sum(axis=1)[:, None]


def test_the_jackknife_of_a_total_is_its_linearised_variance():
    made = jackknife(W, PSU, STRATUM, POPULATION)
    # Around the full sample: JKn without mse centres on the mean of all replicates.
    values, found = totals(W[None])[0], replicate_values(totals, made)
    assert covariance_of(values, found, made) == pytest.approx(total(UNITS, Y).covariance, rel=1e-9)
    assert made.df == 97


def test_the_jackknife_of_one_stratum_with_clusters():
    psu = np.arange(100) % 10
    linear = Linearisation.of_units(W, population=np.array([40.0]), psu=psu)
    _, covariance = replicate_covariance(totals, jackknife(W, psu, population=np.array([40.0])))
    assert covariance == pytest.approx(total(Units(linear, W), Y).covariance, rel=1e-9)


def test_balanced_half_samples_of_totals():
    stratum = np.repeat(np.arange(9), 2)
    w, y = np.full(18, 3.0), RNG.normal(size=(18, 1))
    linear = total(Units(Linearisation.of_units(w, stratum), w), y).covariance
    for rho in (0.0, 0.3):
        made = balanced(w, np.arange(18), stratum, rho)
        _, covariance = replicate_covariance(lambda weights: weights @ y, made)
        assert covariance == pytest.approx(linear, rel=1e-9)
        assert made.df == 9


def test_hadamard_rows_are_orthogonal():
    for rows in (1, 3, 4, 8, 20):
        matrix = hadamard(rows)
        assert len(matrix) > rows
        assert (matrix @ matrix.T == len(matrix) * np.eye(len(matrix))).all()


def test_the_bootstrap_agrees_within_sampling_error():
    made = bootstrap(W, PSU, 4000, np.random.default_rng(5), STRATUM, POPULATION)
    values, covariance = replicate_covariance(means, made)
    linear = mean(UNITS, Y)
    assert values == pytest.approx(linear.values)
    assert np.sqrt(np.diagonal(covariance)) == pytest.approx(linear.se, rel=0.05)


def test_the_bootstrap_is_the_same_at_every_pass_and_streams_blocks():
    made = bootstrap(W, PSU, 100, np.random.default_rng(5), STRATUM, POPULATION)
    first, second = (np.concatenate(list(made.blocks())) for _ in range(2))
    assert (first == second).all()
    assert max(len(block) for block in made.blocks()) <= 64
    assert np.bincount(STRATUM, weights=first.mean(axis=0)) == pytest.approx(POPULATION, rel=0.05)


def test_the_bootstrap_of_cells_is_that_of_units():
    level = RNG.integers(0, 4, 100)
    n = np.zeros((3, 4))
    np.add.at(n, (STRATUM, level), 1)
    w1 = n * (POPULATION / np.bincount(STRATUM))[:, None]
    blocks = bootstrap_cells(n, np.arange(3), POPULATION, 4000, np.random.default_rng(6))
    shares = np.concatenate(
        [(b * w1).sum(axis=1) / (b * w1).sum(axis=(1, 2))[:, None] for b in blocks]
    )
    linear = mean(UNITS, np.eye(4)[level])
    assert shares.std(axis=0) == pytest.approx(linear.se, rel=0.05)


@pytest.mark.parametrize("make", ["jackknife", "bootstrap"])
def test_a_stratum_seen_as_a_whole_adds_nothing(make):
    whole = np.bincount(STRATUM).astype(float)
    made = (
        jackknife(W, PSU, STRATUM, whole)
        if make == "jackknife"
        else bootstrap(W, PSU, 20, np.random.default_rng(1), STRATUM, whole)
    )
    assert replicate_covariance(totals, made)[1] == pytest.approx(0)


def test_every_replicate_reaches_the_margins():
    labels = (Y[:, 0] > 6).astype(int)
    wanted = np.array([300.0, 460.0])
    made = recalibrated(jackknife(W, PSU, STRATUM), lambda w: poststratify(w, labels, wanted))
    for block in made.blocks():
        assert block @ np.eye(2)[labels] == pytest.approx(np.tile(wanted, (len(block), 1)))


def test_given_factors_and_given_weights_are_the_same():
    factors = RNG.uniform(0.5, 1.5, (6, 100))
    one = given(W, factors * W, 0.2, np.ones(6))
    other = given(W, factors, 0.2, np.ones(6), combined=False)
    assert replicate_covariance(means, one)[1] == pytest.approx(
        replicate_covariance(means, other)[1]
    )
    assert one.df == 5


def test_a_replicate_without_a_value_is_passed_over():
    few = np.zeros(100, dtype=bool)
    few[:2] = True

    def of_a_domain(w):
        with np.errstate(invalid="ignore"):
            return (w[:, few] @ Y[few]) / w[:, few].sum(axis=1)[:, None]

    one = given(
        W, np.stack([np.where(few, 0.0, W), W * 1.0, W * (1 + few * np.arange(100))]), 1, np.ones(3)
    )
    assert np.isfinite(replicate_covariance(of_a_domain, one)[1]).all()
    with pytest.raises(BadInput, match="no replicate has a value"):
        replicate_covariance(lambda w: w @ np.full((100, 1), np.nan), one)


def test_lonely_and_odd_strata_are_refused():
    lonely = np.array([0, 1, 1])
    for make in (
        lambda: jackknife(np.ones(3), np.arange(3), lonely),
        lambda: bootstrap(np.ones(3), np.arange(3), 10, np.random.default_rng(1), lonely),
        lambda: balanced(np.ones(3), np.arange(3), lonely),
    ):
        with pytest.raises(NoWeights):
            make()


def test_the_jackknife_of_a_ratio_is_near_its_linearisation():
    made = jackknife(W, PSU, STRATUM, POPULATION)
    _, covariance = replicate_covariance(lambda w: (w @ Y[:, :1]) / (w @ Y[:, 1:]), made)
    linear = ratio(UNITS, Y[:, :1], Y[:, 1:])
    assert np.sqrt(covariance[0, 0]) == pytest.approx(linear.se[0], rel=0.02)
