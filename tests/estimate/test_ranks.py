"""Order, tiers and ranks: identities, and that the sets cover."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.errors import BadInput
from barograph.estimate import Item, benjamini_hochberg, rank_ranges
from barograph.estimate.figures import Units, mean
from barograph.estimate.linear import Linearisation
from barograph.estimate.rankings import borda, mean_rank, orders, ranks, worth
from barograph.estimate.ranks import bootstrap_ranks, figures_of, order_of

OPTIONS = ("a", "b", "c", "d")


def simple(n, population=None):
    """n respondents of equal weight, without strata or calibration."""
    size = np.array([np.inf if population is None else float(population)])
    return Units(Linearisation.of_units(np.ones(n), population=size), np.ones(n))


def rankings(rng, n, strength):
    """Complete rankings of a Plackett-Luce model."""
    noise = -np.log(rng.exponential(size=(n, len(strength))))
    return np.argsort(-(np.log(strength) + noise), axis=1)


def test_orders_and_ranks_of_partial_answers():
    order = orders(["b a", "", "c", "dk", "a b c d"], OPTIONS)
    assert order.tolist() == [
        [1, 0, -1, -1],
        [-1] * 4,
        [2, -1, -1, -1],
        [-1] * 4,
        [0, 1, 2, 3],
    ]
    rank = ranks(order)
    assert rank[0].tolist() == [2, 1, 3.5, 3.5]
    assert rank[2].tolist() == [3, 3, 1, 3]
    assert np.isnan(rank[[1, 3]]).all()
    assert rank[4].tolist() == [1, 2, 3, 4]


@settings(max_examples=25)
@given(st.lists(st.permutations(range(4)), min_size=3, max_size=30))
def test_borda_is_the_number_of_options_below(rows):
    order = np.array(rows)
    units = simple(len(order))
    counted, placed = borda(units, order), mean_rank(units, order)
    assert counted.values + placed.values == pytest.approx(np.full(4, 4.0))
    assert counted.se == pytest.approx(placed.se)
    assert counted.values.sum() == pytest.approx(6)


def test_worth_of_two_options_is_the_share_ranked_first():
    order = np.array([[0, 1]] * 31 + [[1, 0]] * 12)
    units = simple(43, population=200)
    found = worth(units, order)
    first = mean(units, (order[:, :1] == [0, 1]).astype(float))
    assert found.values == pytest.approx(first.values, rel=1e-12)
    assert found.covariance == pytest.approx(first.covariance, rel=1e-9)


def test_worths_find_the_model_and_their_errors_the_jackknife():
    rng = np.random.default_rng(3)
    strength = np.array([0.4, 0.3, 0.2, 0.1])
    order = rankings(rng, 4000, strength)
    assert worth(simple(4000), order).values == pytest.approx(strength, abs=0.02)
    few = order[:80]
    found = worth(simple(80), few)
    without = np.stack([worth(simple(79), np.delete(few, i, axis=0)).values for i in range(80)])
    spread = np.sqrt(79 / 80 * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
    assert found.se == pytest.approx(spread, rel=0.05)


def test_worths_of_partial_rankings_do_not_depend_on_the_order_of_options():
    rng = np.random.default_rng(4)
    order = rankings(rng, 60, np.array([3.0, 2.0, 1.0, 1.0]))
    order[::3, 2:] = -1
    found = worth(simple(60), order).values
    turned = np.array([3, 2, 1, 0])
    renamed = np.where(order >= 0, turned[order], -1)
    assert worth(simple(60), renamed).values == pytest.approx(found[turned], rel=1e-9)


def test_worths_without_bound_are_refused():
    with pytest.raises(BadInput, match="no worths: some options always stand above"):
        worth(simple(3), np.array([[0, 1, 2], [0, 2, 1], [0, 1, 2]]))


def test_benjamini_hochberg():
    assert benjamini_hochberg([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.04, 0.04])
    assert benjamini_hochberg([0.6, 0.7]) == pytest.approx([0.7, 0.7])
    assert benjamini_hochberg([]) == []


def test_rank_sets_hold_the_estimated_rank_and_do_not_depend_on_the_order(wave):
    items = wave.items(wave.barometer.indicators["difficulty"])
    found = order_of(figures_of(wave.estimator, items))
    place = 1 + (found.values[:, None] < found.values[None, :]).sum(axis=1)
    assert np.all(found.ranges[:, 0] <= place)
    assert np.all(place <= found.ranges[:, 1])
    assert rank_ranges(wave.estimator, items[::-1]) == rank_ranges(wave.estimator, items)
    tiers = found.tiers[np.argsort(-found.values)]
    assert tiers[0] == 1
    assert np.all(np.diff(tiers) >= 0)
    marginal = bootstrap_ranks(wave.estimator, items)
    assert np.all(marginal[:, 0] >= found.ranges[:, 0])
    assert np.all(marginal[:, 1] <= found.ranges[:, 1])


def test_one_item_and_equal_items_have_no_order(wave):
    (item,) = wave.items(wave.barometer.indicators["relevance"])
    assert rank_ranges(wave.estimator, [item]) == {item.key: (1, 1)}
    same = order_of(figures_of(wave.estimator, [item, item]))
    assert same.ranges.tolist() == [[1, 2], [1, 2]]
    assert same.tiers.tolist() == [1, 1]


def test_a_census_knows_the_order():
    values = np.array([[1.0, 0, 0], [1, 1, 0], [1, 0, 0]])
    found = order_of(mean(simple(3, population=3), values))
    assert found.ranges.tolist() == [[1, 1], [2, 2], [3, 3]]


def test_rank_sets_cover_all_true_ranks_at_once():
    """Three equal means and one above: all true ranks inside in about 95 of 100 samples."""
    rng = np.random.default_rng(7)
    truth = np.array([0.3, 0.3, 0.3, 0.6])
    inside = 0
    for _ in range(300):
        sample = (rng.random((80, 4)) < truth).astype(float)
        ranges = order_of(mean(simple(80), sample)).ranges
        inside += bool(
            np.all(ranges[:3, 0] <= 2) and np.all(ranges[:3, 1] >= 4) and ranges[3, 0] == 1
        )
    assert 0.92 <= inside / 300 <= 1


def test_items_of_different_bases_are_compared_over_their_own(wave):
    n = len(wave.sample)
    rng = np.random.default_rng(2)
    everybody = np.ones(n, dtype=bool)
    few = np.arange(n) % 2 == 0
    a = Item.of("a", "x", "mean", rng.random(n), everybody, everybody)
    b = Item.of("b", "x", "mean", rng.random(n), everybody, few)
    found = figures_of(wave.estimator, [a, b])
    singles = wave.estimator.moments([a, b]).value[:, 0]
    assert found.values == pytest.approx(singles)
    assert np.diagonal(found.covariance) == pytest.approx(
        wave.estimator.moments([a, b]).variance[:, 0]
    )
