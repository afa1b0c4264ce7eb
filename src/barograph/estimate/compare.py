"""Is A above B? Domains by square-and-add, items of one question by their paired difference."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr

from barograph.estimate.estimate import ALL, Estimator
from barograph.estimate.figures import Units, beside, mean
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
    """A figure in two domains: disjoint ones by square-and-add, else by their covariance and t.

    Of disjoint domains, p is the level at which the interval begins to hold 0.
    """
    design = estimator.sample.design
    if np.any(design.mask(a) & design.mask(b)):
        return _overlapping(estimator, item, a, b)
    both = estimator.moments([item], [a, b])
    value_a, value_b = both.value[0]

    def interval(level: float) -> Interval:
        (low,), (high,) = estimator.interval(item, both, level)
        return square_and_add(value_a, (low[0], high[0]), value_b, (low[1], high[1]))

    return _comparison(value_a - value_b, interval)


def _overlapping(
    estimator: Estimator, item: Item, a: Mapping[str, str], b: Mapping[str, str]
) -> Comparison:
    """Linearised, with the covariance that common units and calibration bring (Deville 1999)."""
    sample = estimator.sample
    units, inside = (
        Units.of(sample),
        [sample.design.mask(d)[sample.cell] & item.base for d in (a, b)],
    )
    if not (inside[0].any() and inside[1].any()):
        return Comparison(0.0, 0.0, 0.0, 1.0)
    y = item.value[:, None]
    difference = beside(*(mean(units, y, rows) for rows in inside)).contrast(
        np.array([[1.0, -1.0]])
    )
    (value,), (error,) = difference.values, difference.se
    (low,), (high,) = difference.interval()
    if error <= 0:
        return Comparison(float(value), float(value), float(value), 0.0 if value else 1.0)
    p = 2 * float(stdtr(difference.df, -abs(value) / error))
    return Comparison(float(value), float(low), float(high), p)


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
