"""Intervals at the size of a barometer."""

from __future__ import annotations

import math

from scipy.special import stdtrit

from barograph.estimate.linear import Moments

LEVEL = 0.95
Interval = tuple[float, float]


def quantile(df: float, level: float) -> float:
    """Two-sided quantile of Student's t."""
    return float(stdtrit(df, 0.5 + level / 2))


def t_interval(m: Moments, level: float = LEVEL) -> Interval:
    """Value plus or minus t standard errors, stratified variance."""
    half = quantile(m.df, level) * math.sqrt(m.variance) if m.variance > 0 else 0.0
    return m.value - half, m.value + half


def shrunk_wilson(m: Moments, level: float = LEVEL) -> Interval:
    """Wilson's interval (1927) with an effective n from a variance shrunk to that of the base.

    Reference variance V_b = p~(1 - p~)(1 - f)/n_eff with p~ = (n_eff p + 2)/(n_eff + 4); response
    variance V_r; V = max((n V_r + 4 V_b)/(n + 4), .75 V_b); n* = p~(1 - p~)/V; t at n_eff + 3
    degrees of freedom. The coverage study is in docs/methods. A census gives a point.
    """
    p, n, n_eff = m.value, m.base, m.effective_n
    fraction = min(n / m.population, 1.0)
    smoothed = (n_eff * p + 2) / (n_eff + 4)
    reference = smoothed * (1 - smoothed) * (1 - fraction) / n_eff
    variance = max((n * m.response_variance + 4 * reference) / (n + 4), 0.75 * reference)
    if variance <= 1e-15:
        return p, p
    return wilson(p, smoothed * (1 - smoothed) / variance, quantile(n_eff + 3, level))


def wilson(p: float, n: float, z: float) -> Interval:
    """Wilson's score interval around p with n answers and quantile z."""
    shrink = 1 + z * z / n
    centre = (p + z * z / (2 * n)) / shrink
    half = z / shrink * math.sqrt(max(p * (1 - p), 0) / n + z * z / (4 * n * n))
    # At p = 0 or 1 the end is exact; rounding must not move it past p.
    return min(centre - half, p) if p > 0 else 0.0, max(centre + half, p) if p < 1 else 1.0


def square_and_add(a: float, of_a: Interval, b: float, of_b: Interval) -> Interval:
    """Interval of a - b for disjoint domains from their own intervals (Newcombe 1998, method 10)."""
    d = a - b
    low = d - math.hypot(a - of_a[0], of_b[1] - b)
    high = d + math.hypot(of_a[1] - a, b - of_b[0])
    return low, high


def absence_bound(n: int, population: int, level: float = LEVEL) -> int:
    """Largest number of units that may have what none of n drawn units has (hypergeometric).

    The largest K with P(0 in the draw | K of N) = C(N-K, n)/C(N, n) > 1 - level, one-sided.
    """
    probability, k = 1.0, 0
    while k < population - n:
        probability *= (population - n - k) / (population - k)
        if probability <= 1 - level:
            break
        k += 1
    return k
