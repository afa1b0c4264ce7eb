"""Is A above B? Domains by square-and-add, items of one question by their paired difference."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from scipy.special import stdtr

from barograph.estimate.estimate import ALL, Estimator
from barograph.estimate.intervals import LEVEL, Interval, square_and_add, t_interval
from barograph.estimate.items import Item


@dataclass(frozen=True)
class Comparison:
    """A difference a - b with its interval and two-sided p."""

    difference: float
    low: float
    high: float
    p: float


def compare_domains(
    estimator: Estimator, item: Item, a: Mapping[str, str], b: Mapping[str, str]
) -> Comparison:
    """A share in two disjoint domains. p is the level at which the interval begins to hold 0."""
    both = estimator.moments([item], [a, b])
    value_a, value_b = both.value[0]

    def interval(level: float) -> Interval:
        (low,), (high,) = estimator.interval(item, both, level)
        return square_and_add(value_a, (low[0], high[0]), value_b, (low[1], high[1]))

    return _comparison(value_a - value_b, interval)


def above(estimator: Estimator, item: Item, threshold: float) -> Comparison:
    """A share against a fixed threshold, such as one half for "most"."""
    m = estimator.moments([item]).at(0, 0)

    def interval(level: float) -> Interval:
        low, high = estimator.interval(item, m, level)
        return low - threshold, high - threshold

    return _comparison(float(m.value) - threshold, interval)


def compare_items(
    estimator: Estimator, a: Item, b: Item, domain: Mapping[str, str] = ALL
) -> Comparison:
    """Two items of the same respondents: paired difference, linearised, t."""
    difference = a.minus(b)
    m = estimator.moments([difference], [domain]).at(0, 0)
    if m.base == 0:
        return Comparison(0.0, 0.0, 0.0, 1.0)
    value = float(m.value)
    if m.variance <= 0:
        return Comparison(value, value, value, 0.0 if value else 1.0)
    low, high = t_interval(m)
    p = 2 * float(stdtr(m.df, -abs(value) / math.sqrt(m.variance)))
    return Comparison(value, float(low), float(high), p)


def _comparison(difference: float, interval: Callable[[float], Interval]) -> Comparison:
    low, high = interval(LEVEL)
    return Comparison(float(difference), float(low), float(high), _p_of(interval, 0.0))


def _p_of(interval: Callable[[float], Interval], target: float) -> float:
    """1 minus the largest level whose interval leaves out `target`, by bisection on the tail."""
    low, high = 0.0, 1.0
    for _ in range(50):
        p = (low + high) / 2
        ends = interval(1 - p)
        low, high = (low, p) if not ends[0] <= target <= ends[1] else (p, high)
    return high


def holm(p: Sequence[float]) -> list[float]:
    """Adjusted p-values (Holm 1979): with m tests, max over j <= i of (m - j + 1) p_(j), at most 1."""
    adjusted, largest = [1.0] * len(p), 0.0
    for rank, i in enumerate(sorted(range(len(p)), key=lambda i: p[i])):
        largest = max(largest, min((len(p) - rank) * p[i], 1.0))
        adjusted[i] = largest
    return adjusted


def rank_ranges(
    estimator: Estimator, items: Sequence[Item], domain: Mapping[str, str] = ALL
) -> dict[str, tuple[int, int]]:
    """Best and worst rank that each item may have, all items at once at 95%.

    The best rank of an item is 1 + the number of items significantly above it, the worst is K - the
    number significantly below, over all pairs by Holm (Mogstad, Romano, Shaikh and Wilhelm 2024,
    section 3, with Holm in place of their bootstrap).
    """
    pairs = [(a, b) for a, b in permutations(range(len(items)), 2) if a < b]
    found = [compare_items(estimator, items[a], items[b], domain) for a, b in pairs]
    adjusted = holm([c.p for c in found])
    above_of, below_of = [0] * len(items), [0] * len(items)
    for (a, b), comparison, p in zip(pairs, found, adjusted, strict=True):
        if p < 1 - LEVEL:
            upper, lower = (a, b) if comparison.difference > 0 else (b, a)
            above_of[lower] += 1
            below_of[upper] += 1
    return {item.key: (1 + above_of[i], len(items) - below_of[i]) for i, item in enumerate(items)}
