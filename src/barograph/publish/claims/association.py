"""Do answers depend on a domain, do two answers go together? Design-based."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from barograph.barometer import Wave
from barograph.estimate import Comparison, Item, independence_of
from barograph.estimate.compare import UNKNOWN, by_t
from barograph.estimate.figures import Units, mean


def dependence(wave: Wave, item: Item, by: str) -> float:
    """p of independence of the answers from a domain (Rao and Scott 1984), second order."""
    p = float(independence_of(wave.estimator, item, wave.domains(by)).p)
    return 1.0 if np.isnan(p) else p


def odds(wave: Wave, a: Item, b: Item) -> Comparison:
    """Log of the odds ratio of having a and b, above 0 where they go together; delta method.

    Nothing can be told, p = 1, where one of the four combinations is empty.
    """
    inside = a.base & b.base
    x, y = a.value > 0, b.value > 0
    four: Sequence[np.ndarray] = (x & y, x & ~y, ~x & y, ~x & ~y)
    if not all((cell & inside).any() for cell in four):
        return UNKNOWN
    units = Units.of(wave.estimator.sample)
    shares = mean(units, np.stack(four, axis=1).astype(float), inside)
    sign = np.array([1.0, -1.0, -1.0, 1.0])
    ratio = shares.transform(sign @ np.log(shares.values), (sign / shares.values)[None, :])
    return by_t(float(ratio.values[0]), float(ratio.se[0]), ratio.df)
