"""Is A above B? Domains by square-and-add, items of one question by their paired difference."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr

from barograph.estimate.estimate import ALL, Estimator
from barograph.estimate.figures import Units, beside, mean
from barograph.estimate.intervals import LEVEL, Interval, quantile, square_and_add
from barograph.estimate.items import Item


@dataclass(frozen=True)
class Comparison:
    """A difference a - b with its interval and p.

    p is two-sided for a difference of 0; given `between`, it is that of lying outside of these
    limits: the larger of two one-sided tests (Schuirmann 1987).
    """

    difference: float
    low: float
    high: float
    p: float


Between = tuple[float, float] | None
UNKNOWN = Comparison(0.0, 0.0, 0.0, 1.0)


def compare_domains(
    estimator: Estimator,
    item: Item,
    a: Mapping[str, str],
    b: Mapping[str, str],
    within: Sequence[Mapping[str, str]] = (ALL,),
    between: Between = None,
) -> Comparison:
    """Two domains: disjoint ones by square-and-add, crossing ones by their covariance and t.

    Of disjoint domains, p is the level at which the interval begins to hold 0. With classes
    `within`, the difference is standardised to the units that a and b have together in each class:
    D = sum W_k (a_k - b_k), its limits D -+ sqrt(sum W_k^2 (distance of a_k - b_k to its limit)^2)
    (Zou and Donner 2008). Nothing can be told, p = 1, where a class holds nobody of one domain.
    """
    design = estimator.sample.design
    if np.any(design.mask(a) & design.mask(b)):
        return _overlapping(estimator, item, a, b, between)
    both = estimator.moments([item], [{**d, **k} for k in within for d in (a, b)])
    if np.any(both.base == 0):
        return UNKNOWN
    units = np.array([sum(design.population({**d, **k}) for d in (a, b)) for k in within])
    weight = units / units.sum()
    value_a, value_b = both.value[0].reshape(-1, 2).T
    differences = value_a - value_b
    value = float(weight @ differences)

    def interval(level: float) -> Interval:
        (low_a, low_b), (high_a, high_b) = (
            end[0].reshape(-1, 2).T for end in estimator.interval(item, both, level)
        )
        parts = square_and_add(value_a, (low_a, high_a), value_b, (low_b, high_b))
        low, high = (np.sqrt(((weight * (end - differences)) ** 2).sum()) for end in parts)
        return value - low, value + high

    return _comparison(value, interval, between)


def _overlapping(
    estimator: Estimator,
    item: Item,
    a: Mapping[str, str],
    b: Mapping[str, str],
    between: Between,
) -> Comparison:
    """Linearised, with the covariance that common units and calibration bring (Deville 1999)."""
    sample = estimator.sample
    units, inside = (
        Units.of(sample),
        [sample.design.mask(d)[sample.cell] & item.base for d in (a, b)],
    )
    if not (inside[0].any() and inside[1].any()):
        return UNKNOWN
    y = item.value[:, None]
    difference = beside(*(mean(units, y, rows) for rows in inside)).contrast(
        np.array([[1.0, -1.0]])
    )
    return by_t(float(difference.values[0]), float(difference.se[0]), difference.df, between)


def above(
    estimator: Estimator,
    item: Item,
    threshold: float,
    domain: Mapping[str, str] = ALL,
    between: Between = None,
) -> Comparison:
    """A share against a fixed threshold, such as one half for "most"."""
    m = estimator.moments([item], [domain]).at(0, 0)
    if m.base == 0:
        return UNKNOWN

    def interval(level: float) -> Interval:
        low, high = estimator.interval(item, m, level)
        return low - threshold, high - threshold

    return _comparison(float(m.value) - threshold, interval, between)


def compare_items(
    estimator: Estimator,
    a: Item,
    b: Item,
    domain: Mapping[str, str] = ALL,
    between: Between = None,
) -> Comparison:
    """Two items of the same respondents: paired difference, linearised, t."""
    m = estimator.moments([a.minus(b)], [domain]).at(0, 0)
    if m.base == 0:
        return UNKNOWN
    return by_t(float(m.value), math.sqrt(max(float(m.variance), 0.0)), float(m.df), between)


def by_t(value: float, error: float, df: float, between: Between = None) -> Comparison:
    """A difference with its standard error, interval and test by Student's t."""
    half = float(quantile(df, LEVEL)) * error
    apart = min(value - between[0], between[1] - value) if between else abs(value)
    if error <= 0:
        certain = apart > 0
        return Comparison(value, value, value, 0.0 if certain else 1.0)
    tail = float(stdtr(df, -apart / error))
    p = 2 * tail if between is None else tail
    return Comparison(value, value - half, value + half, p)


def _comparison(
    difference: float, interval: Callable[[float], Interval], between: Between
) -> Comparison:
    low, high = interval(LEVEL)
    if between is None:
        p = _p_of(interval, 0.0)
    elif between[0] < difference < between[1]:
        p = max(_p_of(interval, end) for end in between) / 2
    else:
        p = 1.0
    return Comparison(float(difference), float(low), float(high), p)


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
