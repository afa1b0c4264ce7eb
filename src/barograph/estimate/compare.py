"""Is A above B? Domains by square-and-add, items of one question by their paired difference."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

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


def benjamini_hochberg(p: Sequence[float]) -> list[float]:
    """Adjusted p-values (Benjamini and Hochberg 1995): min over j >= i of m p_(j) / j, at most 1."""
    adjusted, smallest = [1.0] * len(p), 1.0
    for rank, i in reversed(list(enumerate(sorted(range(len(p)), key=lambda i: p[i]), start=1))):
        smallest = min(smallest, len(p) * p[i] / rank)
        adjusted[i] = smallest
    return adjusted
