"""Intervals at the size of a barometer, by named policy; all work on arrays of moments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import betaincinv, expit, stdtrit

from barograph.estimate.moments import Moments
from barograph.weight.sample import Floats

LEVEL = 0.95
Interval = tuple[Floats, Floats]


def quantile(df: Any, level: float) -> Any:
    """Two-sided quantile of Student's t; that of the normal at infinite degrees of freedom."""
    return stdtrit(df, 0.5 + level / 2)


def t_interval(m: Moments, level: float = LEVEL) -> Interval:
    """Value plus or minus t standard errors, stratified variance."""
    half = quantile(m.df, level) * np.sqrt(np.maximum(m.variance, 0))
    return m.value - half, m.value + half


def logit(m: Moments, level: float = LEVEL) -> Interval:
    """t on the logit by the delta method; a point where nobody or everybody has it."""
    p, open_ = m.value, (m.value > 0) & (m.value < 1)
    inner = np.where(open_, p, 0.5)
    half = quantile(m.df, level) * np.sqrt(m.variance) / (inner * (1 - inner))
    centre = np.log(inner / (1 - inner))
    low, high = (np.where(open_, expit(centre + sign * half), p) for sign in (-1, 1))
    return low, high


def beta(m: Moments, level: float = LEVEL) -> Interval:
    """Clopper-Pearson with the effective n of the variance (Korn and Graubard 1998).

    n* = p(1 - p)/V (t_(n-1)/t_df)^2; the base where the variance is 0.
    """
    p = m.value
    ratio = quantile(np.maximum(m.base - 1, 1), level) / quantile(m.df, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        n = np.where(m.variance > 1e-15, p * (1 - p) / m.variance * ratio**2, m.base)
    low = np.where(p > 0, betaincinv(np.maximum(n * p, 1e-9), n * (1 - p) + 1, (1 - level) / 2), 0)
    high = np.where(p < 1, betaincinv(n * p + 1, np.maximum(n * (1 - p), 1e-9), (1 + level) / 2), 1)
    low, high = (np.where(np.isnan(p), np.nan, end) for end in (low, high))
    return _unless_census(m, low, high)


def wilson_effective(m: Moments, level: float = LEVEL) -> Interval:
    """Wilson's interval with n* = n_eff/(1 - f) and t at n_eff + 3 degrees of freedom."""
    n = np.maximum(m.effective_n, 1e-12) / np.maximum(1 - _fraction(m), 1e-12)
    return _unless_census(m, *wilson(m.value, n, quantile(m.effective_n + 3, level)))


def shrunk_wilson(m: Moments, level: float = LEVEL) -> Interval:
    """Wilson's interval (1927) with an effective n from a variance shrunk to that of the base.

    Reference variance V_b = p~(1 - p~)(1 - f)/n_eff with p~ = (n_eff p + 2)/(n_eff + 4); response
    variance V_r; V = max((n V_r + 4 V_b)/(n + 4), .75 V_b); n* = p~(1 - p~)/V; t at n_eff + 3
    degrees of freedom. A census gives a point.
    """
    p, smoothed, reference = _reference(m)
    shrunk = (m.base * m.response_variance + 4 * reference) / (m.base + 4)
    variance = np.maximum(shrunk, 0.75 * reference)
    return _around(p, smoothed, variance, quantile(m.effective_n + 3, level))


def minority_wilson(m: Moments, level: float = LEVEL) -> Interval:
    """Wilson's interval that trusts the sample's variance as far as the rarer answer is frequent.

    k = 4 n_eff p~(1 - p~) is n_eff at one half, and near 0 and 1 about four times (the rarer answers
    + 2); p~, V_b and V_r as in `shrunk_wilson`. V = (k max(V_r, .75 V_b) + 20 V_b)/(k + 20);
    n* = p~(1 - p~)/V; t at k + 3 degrees of freedom. A census gives a point. Why these numbers:
    docs/methods/coverage.md.
    """
    p, smoothed, reference = _reference(m)
    known = 4 * m.effective_n * smoothed * (1 - smoothed)
    drawn = np.maximum(m.response_variance, 0.75 * reference)
    variance = (known * drawn + 20 * reference) / (known + 20)
    return _around(p, smoothed, variance, quantile(known + 3, level))


def _reference(m: Moments) -> tuple[Floats, Floats, Floats]:
    """p, p~ = (n_eff p + 2)/(n_eff + 4) and V_b = p~(1 - p~)(1 - f)/n_eff."""
    p, n = m.value, m.effective_n
    smoothed = (n * p + 2) / (n + 4)
    spread = smoothed * (1 - smoothed) * (1 - _fraction(m))
    return p, smoothed, np.asarray(spread / np.maximum(n, 1e-300))


def _around(p: Floats, smoothed: Floats, variance: Floats, z: Any) -> Interval:
    """Wilson's interval with n* = p~(1 - p~)/V; a point where nothing is left to chance."""
    certain = variance <= 1e-15
    low, high = wilson(p, smoothed * (1 - smoothed) / np.where(certain, 1.0, variance), z)
    return np.where(certain, p, low), np.where(certain, p, high)


def wilson(p: Any, n: Any, z: Any) -> Interval:
    """Wilson's score interval around p with n answers and quantile z."""
    p = np.asarray(p, dtype=float)
    shrink = 1 + z * z / n
    centre = (p + z * z / (2 * n)) / shrink
    half = z / shrink * np.sqrt(np.maximum(p * (1 - p), 0) / n + z * z / (4 * n * n))
    # At p = 0 or 1 the end is exact; rounding must not move it past p, nor out of 0 to 1.
    low = np.where(p > 0, np.clip(centre - half, 0, p), 0.0)
    high = np.where(p < 1, np.clip(centre + half, p, 1), 1.0)
    return np.where(np.isnan(p), np.nan, low), np.where(np.isnan(p), np.nan, high)


def _fraction(m: Moments) -> Floats:
    return np.minimum(m.base / np.maximum(m.population, 1e-300), 1.0)


def _unless_census(m: Moments, low: Floats, high: Floats) -> Interval:
    census = _fraction(m) >= 1 - 1e-12
    return np.where(census, m.value, low), np.where(census, m.value, high)


POLICIES: dict[str, Callable[[Moments, float], Interval]] = {
    "minority_wilson": minority_wilson,
    "shrunk_wilson": shrunk_wilson,
    "wilson": wilson_effective,
    "beta": beta,
    "logit": logit,
    "t": t_interval,
}
DEFAULT = "minority_wilson"  # docs/methods/coverage.md shows why


def square_and_add(a: Any, of_a: Interval, b: Any, of_b: Interval) -> Interval:
    """Interval of a - b for disjoint domains from their own intervals (Newcombe 1998, method 10)."""
    d = a - b
    low = d - np.hypot(a - of_a[0], of_b[1] - b)
    high = d + np.hypot(of_a[1] - a, b - of_b[0])
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
