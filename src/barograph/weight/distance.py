"""Distances between weights before and after calibration, as functions of the dual variable.

Each distance G gives the ratio w1/w0 = F(u) of the linear predictor u = x'lambda, F the inverse of
G', and its derivative F'(u) (Deville and Särndal 1992, table 1). F(0) = F'(0) = 1.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from barograph.errors import NoWeights
from barograph.weight.sample import Floats

Bounds = tuple[float, float] | tuple[Floats, Floats]
Ratio = Callable[[Floats], tuple[Floats, Floats]]
DISTANCES = ("linear", "raking", "logit", "truncated")


def ratio_of(distance: str, bounds: Bounds | None) -> Ratio:
    """u (n) -> F(u) and F'(u), each (n). NoWeights for an unknown distance or wrong bounds.

    `bounds` L < 1 < U on w1/w0, for "logit" and "truncated" only, one for all or one per unit (n);
    "truncated" also takes L = 1 or U = 1.
    """
    if distance not in DISTANCES:
        raise NoWeights(f"unknown distance {distance!r}", todo=f"Known are {', '.join(DISTANCES)}")
    if distance in ("linear", "raking"):
        if bounds is not None:
            raise NoWeights(
                f"the distance {distance!r} takes no bounds", todo="Use logit or truncated"
            )
        return _linear if distance == "linear" else _raking
    if bounds is None:
        raise NoWeights(
            f"the distance {distance!r} needs bounds", todo="Give them, such as [0.3, 3]"
        )
    lower, upper = (np.asarray(b, dtype=float) for b in bounds)
    strict = distance == "logit"
    inside = (lower < 1) & (upper > 1) if strict else (lower <= 1) & (upper >= 1)
    if not np.all(inside & np.isfinite(lower)) or np.any(np.isnan(upper)):
        raise NoWeights(
            "the bounds must lie on both sides of 1", todo="Give a lower < 1 and an upper > 1"
        )
    return _logit(lower, upper) if strict else _truncated(lower, upper)


def _linear(u: Floats) -> tuple[Floats, Floats]:
    return 1 + u, np.ones_like(u)


def _raking(u: Floats) -> tuple[Floats, Floats]:
    factor = np.exp(u)
    return factor, factor


def _logit(lower: Floats, upper: Floats) -> Ratio:
    """F(u) = (L(U-1) + U(1-L)e^{Au}) / (U-1 + (1-L)e^{Au}), A = (U-L)/((1-L)(U-1)) (case 6)."""
    if not np.all(np.isfinite(upper)):
        raise NoWeights("logit needs finite bounds", todo="Give an upper bound such as 3")
    below, above, width = 1 - lower, upper - 1, upper - lower

    def ratio(u: Floats) -> tuple[Floats, Floats]:
        # share of the way from L to U, written so that exp never overflows
        t = np.log(below / above) + width / (below * above) * u
        e = np.exp(-np.abs(t))
        share = np.where(t >= 0, 1, e) / (1 + e)
        return lower + width * share, width**2 / (below * above) * e / (1 + e) ** 2

    return ratio


def _truncated(lower: Floats, upper: Floats) -> Ratio:
    def ratio(u: Floats) -> tuple[Floats, Floats]:
        free = (1 + u > lower) & (1 + u < upper)
        return np.clip(1 + u, lower, upper), free.astype(float)

    return ratio
