"""Trimming of extreme weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from barograph.errors import NoWeights
from barograph.weight.calibration import calibrate_weights
from barograph.weight.sample import Floats

ROUNDING = 1e-14
MAX_ROUNDS = 10_000


def trim_weights(w: Floats, lower: float, upper: float) -> Floats:
    """Weights (n) cut to lower..upper, what is cut off shared equally, until all lie inside.

    The sum is kept. NoWeights when it does not fit between n lower and n upper. Each round shares
    among those inside at its beginning, as `trimWeights(strict = TRUE)` of R survey does
    (Lumley 2010, section 7.4; Potter 1990).
    """
    w = np.asarray(w, dtype=float)
    total = w.sum()
    if not len(w) * lower <= total <= len(w) * upper:
        raise NoWeights(
            f"{len(w)} weights between {lower:g} and {upper:g} cannot sum to {total:g}",
            todo="Trim less",
        )
    for _ in range(MAX_ROUNDS):
        outside = (w < lower * (1 - ROUNDING)) | (w > upper * (1 + ROUNDING))
        if not outside.any():
            break
        cut = np.clip(w, lower, upper)
        shared = (w - cut).sum() / max((~outside).sum(), 1)
        w = np.where(outside, cut, w + shared)
    return np.clip(w, lower, upper)


def trim_and_calibrate(
    w: Floats, lower: float, upper: float, x: Floats, totals: Floats, names: Sequence[str] = ()
) -> tuple[Floats, Floats, int]:
    """Trimmed weights (n), those within lower..upper that hit the margins, and the iterations.

    The trimmed weights are calibrated by the truncated linear distance inside the same bounds, so
    that one solution has both; `x` (n, p) and `totals` (p) as in `calibrate_weights`. NoWeights
    when no weights within the bounds reach the margins (Folsom and Singh 2000).
    """
    trimmed = trim_weights(w, lower, upper)
    bounds = (np.minimum(lower / trimmed, 1.0), np.maximum(upper / trimmed, 1.0))
    w1, iterations = calibrate_weights(x, totals, trimmed, "truncated", bounds, names=names)
    return trimmed, np.clip(w1, lower, upper), iterations
