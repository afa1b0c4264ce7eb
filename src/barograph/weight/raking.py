"""Raking and post-stratification on cells: a sweep costs the number of cells, not of units."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from barograph.errors import NoWeights
from barograph.weight.sample import Floats, Ints

TOLERANCE = 1e-13
MAX_SWEEPS = 10_000


def rake(
    mass: Floats,
    labels: Sequence[Ints],
    targets: Sequence[Floats],
    tolerance: float = TOLERANCE,
    max_sweeps: int = MAX_SWEEPS,
) -> tuple[Floats, int]:
    """Factor of each cell (C) that fits all margins, and the number of sweeps.

    `mass` (C) sum of weights of the respondents of each cell; per margin `labels` (C) its category
    0..K-1 and `targets` (K) units of the population. Stops when no margin moves by more than
    `tolerance`. NoWeights when a category has units but no mass, or margins contradict each other.
    Iterative proportional fitting (Deming and Stephan 1940), which solves the multiplicative
    distance of Deville and Särndal (1992, case 2): within a cell all factors are equal.
    """
    factor = np.ones_like(mass, dtype=float)
    moved = 0.0
    for sweep in range(1, max_sweeps + 1):
        moved = 0.0
        for category, target in zip(labels, targets, strict=True):
            ratio = _ratio(category, mass * factor, target)
            factor *= ratio[category]
            moved = max(moved, float(np.abs(ratio - 1).max(initial=0)))
        if moved <= tolerance:
            return factor, sweep
    raise NoWeights(
        f"raking does not converge in {max_sweeps} sweeps (last step {moved:.1e})",
        todo="The margins contradict each other on the cells that answered; use fewer",
    )


def poststratify(w0: Floats, labels: Ints, totals: Floats) -> Floats:
    """Weights (n) that add up to `totals` (K) in the post-strata `labels` (n) 0..K-1.

    NoWeights when a post-stratum has units but no respondent (Holt and Smith 1979, section 2).
    """
    return np.asarray(w0 * _ratio(labels, w0, totals)[labels])


def _ratio(category: Ints, mass: Floats, target: Floats) -> Floats:
    """Target over mass of each category (K); 1 where there is neither."""
    reached = np.bincount(category, weights=mass, minlength=len(target))
    empty = reached <= 0
    if empty.any():
        if np.any(empty & (target > 0)):
            k = int(np.flatnonzero(empty & (target > 0))[0])
            raise NoWeights(
                f"category {k} of a margin has {target[k]:g} units and no respondent",
                todo="Merge it with another",
            )
        reached = np.where(empty, 1.0, reached)
        target = np.where(empty, 1.0, target)
    return np.asarray(target / reached)
