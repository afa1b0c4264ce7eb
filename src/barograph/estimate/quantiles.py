"""Quantiles: the inverse of the estimated distribution function, with Woodruff's interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.errors import BadInput
from barograph.estimate import intervals
from barograph.estimate.figures import Units, mean
from barograph.estimate.moments import Moments
from barograph.estimate.replicates import Replicates, replicate_covariance
from barograph.weight.sample import Bools, Floats

INTERVALS = {"mean": intervals.t_interval, "xlogit": intervals.logit, "beta": intervals.beta}


@dataclass(frozen=True)
class Quantile:
    """A quantile with its interval; an end is nan where the interval leaves the distribution."""

    value: float
    low: float
    high: float
    se: float


def cut(y: Floats, w: Floats, p: float) -> float:
    """The smallest y (n) below or at which at least a part p of the weights `w` (n) lies.

    Where exactly p lies there, the same y; nan without weights (Hyndman and Fan 1996, definition 1).
    Weights are added up in long precision and then compared exactly.
    """
    weighted = w != 0
    y, w = y[weighted], w[weighted]
    if not len(y):
        return float("nan")
    order = np.argsort(y, kind="stable")
    below = np.cumsum(w[order], dtype=np.longdouble).astype(float)
    reached = np.flatnonzero(below <= p * below[-1])
    last = int(reached[-1]) if len(reached) else 0
    exact = p - below[last] / below[-1] == 0
    return float(y[order][last if exact else min(last + 1, len(y) - 1)])


def quantile(
    units: Units,
    y: Floats,
    p: float,
    inside: Bools | None = None,
    interval: str = "mean",
    level: float = intervals.LEVEL,
    df: float | None = None,
) -> Quantile:
    """The p-quantile of y (n) over the respondents `inside`, its interval and standard error.

    The `interval` of the share at or below it ("mean": t, "xlogit", "beta") is read back through
    the distribution (Woodruff 1952); the standard error is its length over two quantiles of t with
    `df` degrees of freedom. BadInput for another interval.
    """
    if interval not in INTERVALS:
        raise BadInput(f"unknown interval {interval!r}", todo=f"Known are {', '.join(INTERVALS)}")
    inside = units.restricted(inside)
    here = y[inside], units.w[inside]
    value = cut(*here, p)
    below = mean(units, (y <= value).astype(float)[:, None], inside)
    return woodruff(*here, value, below.moments(df), interval, level)


def woodruff(
    y: Floats, w: Floats, value: float, below: Moments, interval: str, level: float
) -> Quantile:
    """The quantile `value` of y (n), weights (n), from the share at or `below` it, moments (1)."""
    low, high = (float(end[0]) for end in INTERVALS[interval](below, level))
    lower = cut(y, w, low) if low >= 0 else float("nan")
    upper = cut(y, w, high) if high <= 1 else float("nan")
    se = (upper - lower) / (2 * float(intervals.quantile(below.df[0], level)))
    return Quantile(value, lower, upper, se)


def replicate_quantile(
    replicates: Replicates,
    y: Floats,
    p: float,
    level: float = intervals.LEVEL,
    df: float | None = None,
) -> Quantile:
    """The p-quantile of y (n), its variance from the quantiles of the replicates.

    Not for the jackknife, whose variance of a quantile does not settle (Shao and Wu 1989).
    """

    def of(weights: Floats) -> Floats:
        return np.array([[cut(y, w, p)] for w in weights])

    value, covariance = replicate_covariance(of, replicates)
    se = float(np.sqrt(covariance[0, 0]))
    half = float(intervals.quantile(replicates.df if df is None else df, level)) * se
    centre = float(value[0])
    return Quantile(centre, centre - half, centre + half, se)
