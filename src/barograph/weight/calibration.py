"""Calibration of weights to known totals, on arrays (Deville and Särndal 1992)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from barograph.errors import NoWeights
from barograph.weight.distance import Bounds, Ratio, ratio_of
from barograph.weight.sample import Floats

TOLERANCE = 1e-12
MAX_ITERATIONS = 100
REPEATED = 1e-13  # an eigenvalue of X'W0X (columns scaled to 1) below it: a margin stands twice
DAMPING = 1e-12  # keeps a step finite when all units along it are at their bounds
HALVINGS = 60


def calibrate_weights(
    x: Floats,
    totals: Floats,
    w0: Floats,
    distance: str = "raking",
    bounds: Bounds | None = None,
    tolerance: float = TOLERANCE,
    max_iterations: int = MAX_ITERATIONS,
    names: Sequence[str] = (),
) -> tuple[Floats, int]:
    """Weights w1 (n) nearest to `w0` (n) with x'w1 = totals, and the number of iterations.

    `x` (n, p) values of the margins, columns may repeat each other; `totals` (p) of the population;
    `bounds` on w1/w0 as in `ratio_of`; `names` (p) of the margins, for messages. NoWeights when a
    margin stays off by more than `tolerance`, relative to its total. Newton's method on
    sum w0 F(x'lambda) x = totals (Deville and Särndal 1992, eq. 2.4 and section 2).
    """
    ratio = ratio_of(distance, bounds)
    x, totals, w0 = _checked(x, totals, w0)
    scale = np.maximum(np.abs(totals), 1e-3 * (np.abs(x).T @ w0))
    scale = np.where(scale > 0, scale, 1.0)
    basis = _orthonormal(x, w0)
    z, target = x @ basis, totals @ basis
    u = np.zeros(len(w0))
    for iteration in range(max_iterations + 1):
        factor, slope = ratio(u)
        error = (x.T @ (w0 * factor) - totals) / scale
        if not error.size or np.abs(error).max() <= tolerance:
            return w0 * factor, iteration
        gap = z.T @ (w0 * factor) - target
        curvature = z.T @ ((w0 * slope)[:, None] * z) + DAMPING * np.eye(len(target))
        step = np.asarray(-np.linalg.solve(curvature, gap), dtype=float)
        u = _moved(ratio, u, z, w0, target, gap, step)
    raise _failure(error, distance, bounds, names)


def _checked(x: Floats, totals: Floats, w0: Floats) -> tuple[Floats, Floats, Floats]:
    x, totals, w0 = (np.asarray(a, dtype=float) for a in (x, totals, w0))
    if x.shape != (len(w0), len(totals)):
        raise NoWeights(
            f"margins {x.shape} do not fit {len(w0)} weights and {len(totals)} totals",
            todo="Give one row per unit and one column per total",
        )
    if not all(np.all(np.isfinite(a)) for a in (x, totals, w0)) or np.any(w0 < 0):
        raise NoWeights(
            "margins, totals and weights must be finite, weights not negative",
            todo="Fill or leave out what is missing",
        )
    return x, totals, w0


def _orthonormal(x: Floats, w0: Floats) -> Floats:
    """(p, r): x times it has the same span and X'W0X = I, so that Newton steps keep their digits."""
    size = np.sqrt((x**2).T @ w0)
    size = np.where(size > 0, size, 1.0)
    scaled = x / size
    values, vectors = np.linalg.eigh(scaled.T @ (w0[:, None] * scaled))
    kept = values > REPEATED
    return np.asarray(vectors[:, kept] / np.sqrt(values[kept]) / size[:, None])


def _moved(
    ratio: Ratio, u: Floats, z: Floats, w0: Floats, target: Floats, gap: Floats, step: Floats
) -> Floats:
    """u a step further, halved until the convex dual no longer rises by half of its first slope."""
    along, first = z @ step, float(step @ gap)
    length = 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(HALVINGS):
            factor, _slope = ratio(u + length * along)
            rise = float(step @ (z.T @ (w0 * factor) - target))
            if rise <= -first / 2:
                break
            length /= 2
    return np.asarray(u + length * along)


def _failure(
    error: Floats, distance: str, bounds: Bounds | None, names: Sequence[str]
) -> NoWeights:
    worst = int(np.abs(error).argmax())
    name = names[worst] if len(names) else f"number {worst + 1}"
    return NoWeights(
        f"no {distance} weights reach the margins: {name} stays off by {abs(error[worst]):.1e} of its total",
        todo="Widen the bounds, or merge or leave out margins"
        if bounds is not None
        else "The margins contradict each other on those who answered; merge some or leave them out",
    )
