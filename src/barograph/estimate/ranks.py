"""Order: which of several figures stand above which others, all pairs at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from barograph.estimate.estimate import ALL, Estimator
from barograph.estimate.figures import Figures, Units, beside, mean
from barograph.estimate.intervals import LEVEL
from barograph.estimate.items import Item
from barograph.estimate.replicates import bootstrap, replicate_values
from barograph.weight.sample import Bools, Floats, Ints

DRAWS = 20_000
REPLICATES = 1_000
SEED = 1


@dataclass(frozen=True)
class Order:
    """`above[j, k]` (K, K): figure j stands above figure k, all pairs at once at the level."""

    values: Floats
    above: Bools

    @cached_property
    def ranges(self) -> Ints:
        """Best and worst rank (K, 2) that each figure may have, all at once.

        Best = 1 + figures above it, worst = K - figures below it (Mogstad, Romano, Shaikh and
        Wilhelm 2024, eqs. 7-9).
        """
        count = len(self.values)
        return np.stack([1 + self.above.sum(axis=0), count - self.above.sum(axis=1)], axis=1)

    @cached_property
    def tiers(self) -> Ints:
        """Tier 1.. of each figure (K): a new one begins with the first that its leader stands above."""
        tiers = np.zeros(len(self.values), dtype=np.intp)
        leader, tier = -1, 0
        for k in np.argsort(-self.values, kind="stable"):
            if leader < 0 or self.above[leader, k]:
                leader, tier = int(k), tier + 1
            tiers[k] = tier
        return tiers


def order_of(figures: Figures, level: float = LEVEL) -> Order:
    """The order of K figures from the largest of their studentised differences.

    The critical value is the quantile of max |Z_j - Z_k|/s_jk over the pairs not yet decided, Z
    multivariate t with the figures' covariance and degrees of freedom, drawn with a fixed seed;
    decided pairs leave and the rest is looked at again (Romano and Wolf 2005, stepdown).
    """
    values, count = figures.values, len(figures.values)
    j, k = np.triu_indices(count, 1)
    v = figures.covariance
    spread = np.sqrt(np.maximum(np.diagonal(v)[j] + np.diagonal(v)[k] - 2 * v[j, k], 0))
    difference = values[j] - values[k]
    # Without variance, as in a census, a difference is what it is.
    certain = spread <= 1e-12
    decided = certain & (np.abs(difference) > 1e-12)
    open_ = ~certain & ~np.isnan(difference)
    drawn = _largest(v, max(figures.df, 1.0), j, k, np.where(certain, 1.0, spread))
    while open_.any():
        critical = np.quantile(drawn[:, open_].max(axis=1), level)
        found = open_ & (np.abs(difference) > critical * spread)
        if not found.any():
            break
        decided, open_ = decided | found, open_ & ~found
    above = np.zeros((count, count), dtype=bool)
    up = difference > 0
    above[j[decided & up], k[decided & up]] = True
    above[k[decided & ~up], j[decided & ~up]] = True
    return Order(values, above)


def _largest(v: Floats, df: float, j: Ints, k: Ints, spread: Floats) -> Floats:
    """Absolute studentised differences (DRAWS, pairs) of figures that are all equal."""
    rng = np.random.default_rng(SEED)
    values, vectors = np.linalg.eigh(v)
    z = rng.standard_normal((DRAWS, len(v))) * np.sqrt(np.maximum(values, 0)) @ vectors.T
    z /= np.sqrt(rng.chisquare(df, DRAWS) / df)[:, None]
    return np.asarray(np.abs(z[:, j] - z[:, k]) / spread)


def figures_of(
    estimator: Estimator, items: Sequence[Item], domain: Mapping[str, str] = ALL
) -> Figures:
    """Means (K) of items over a domain with their joint covariance, each over its own base."""
    units, inside = Units.of(estimator.sample), _inside(estimator, domain)
    return beside(*(mean(units, item.value[:, None], inside & item.base) for item in items))


def rank_ranges(
    estimator: Estimator, items: Sequence[Item], domain: Mapping[str, str] = ALL
) -> dict[str, tuple[int, int]]:
    """Best and worst rank that each item may have, all items at once at 95%."""
    found = order_of(figures_of(estimator, items, domain)).ranges
    return {
        item.key: (int(best), int(worst)) for item, (best, worst) in zip(items, found, strict=True)
    }


def bootstrap_ranks(
    estimator: Estimator, items: Sequence[Item], domain: Mapping[str, str] = ALL
) -> Ints:
    """Percentile interval (K, 2) of each item's own rank over Rao-Wu replicates, at 95%.

    Marginal: one item at a time, and too narrow near ties (Mogstad et al. 2024, section 2);
    `rank_ranges` is what a headline needs. Ties take the best of their ranks.
    """
    units, inside = Units.of(estimator.sample), _inside(estimator, domain)
    scores = np.stack([item.value for item in items], axis=1)
    bases = np.stack([inside & item.base for item in items], axis=1)
    linear = units.linear
    replicates = bootstrap(
        units.w,
        np.arange(len(units.w)),
        REPLICATES,
        np.random.default_rng(SEED),
        linear.stratum,
        linear.population,
    )

    def means(weights: Floats) -> Floats:
        return np.asarray(weights @ (scores * bases) / (weights @ bases))

    drawn = replicate_values(means, replicates)
    ranks = 1 + (drawn[:, :, None] < drawn[:, None, :]).sum(axis=2)
    tail = (1 - LEVEL) / 2
    ends = np.quantile(ranks, [tail, 1 - tail], axis=0, method="closest_observation")
    return np.asarray(ends.T, dtype=np.intp)


def _inside(estimator: Estimator, domain: Mapping[str, str]) -> Bools:
    sample = estimator.sample
    return np.asarray(sample.design.mask(domain)[sample.cell])
