"""Everything a figure needs of the respondents, summed by cell of the design and level of the item.

Cells merge by addition, in any order, so batches and engines agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.estimate.items import Item
from barograph.weight.sample import Floats, Sample


@dataclass(frozen=True)
class Cells:
    """Sums over respondents, each (C, L): count, weight before, weight after, its square.

    `value`, `eligible` and `base` (L) say what a level is: its score, whether the figure speaks of
    it, and whether it was answered.
    """

    value: Floats
    eligible: Floats
    base: Floats
    n: Floats
    w0: Floats
    w1: Floats
    w1_squared: Floats


def cells(sample: Sample, item: Item) -> Cells:
    """The cells of one item: levels are the distinct triples of eligible, base and value."""
    triples = np.column_stack([item.eligible, item.base, np.where(item.base, item.value, 0.0)])
    levels, level = np.unique(triples, axis=0, return_inverse=True)
    shape = len(sample.design.size), len(levels)
    key = sample.cell * shape[1] + level.ravel()

    def total(weights: Floats | None) -> Floats:
        sums = np.bincount(key, weights=weights, minlength=shape[0] * shape[1])
        return sums.reshape(shape).astype(float)

    return Cells(
        value=levels[:, 2],
        eligible=levels[:, 0],
        base=levels[:, 1],
        n=total(None),
        w0=total(sample.w0),
        w1=total(sample.w1),
        w1_squared=total(sample.w1**2),
    )
