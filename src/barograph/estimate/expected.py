"""How precise a share would be, before anybody looks at answers: intervals of expected cells.

The respondents of each cell of the frame are given the levels of an item in the parts that an earlier
wave had there; of an item never asked, one half. Variance and interval are then those of any figure, so
that the width is what the same weighting and policy would print.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from barograph.estimate.cells import Cells
from barograph.estimate.estimate import ALL, Estimator
from barograph.estimate.intervals import LEVEL, POLICIES
from barograph.estimate.items import Item
from barograph.estimate.moments import Meaning, moments
from barograph.weight import Sample
from barograph.weight.sample import Floats

HALF = np.array([[0.5, 0.5]])  # parts of a share of which nothing is known: it is widest
YES = Meaning(np.array([0.0, 1.0]), np.ones(2), np.ones(2))


def parts(now: Sample, before: Sample, item: Item) -> Floats:
    """Part of each level of an item of an earlier wave, in each row of today's design (C, L).

    By cell of the crossed domains, and one respondent more with the parts of all: a cell of few that
    answered alike is not taken to be all alike.
    """
    levels = np.eye(len(item.scores))[item.level]
    whole = before.w1 @ levels / before.w1.sum()
    of_cell: dict[tuple[str, ...], Floats] = {}
    for respondent, cell in zip(levels, before.cell, strict=True):
        values = before.design.values[cell]
        of_cell[values] = of_cell.get(values, whole) + respondent
    found = np.array([of_cell.get(values, whole) for values in now.design.values])
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def meaning(item: Item) -> Meaning:
    """What the levels (L) of an item mean."""
    return Meaning(item.scores, item.asked.astype(float), item.answered.astype(float))


def half_widths(
    now: Estimator, level: Floats, means: Meaning, domains: Sequence[Mapping[str, str]] = (ALL,)
) -> Floats:
    """Expected half widths (D) of the intervals of a share; nan where nobody is in its base.

    `level` (C, L), or (1, L) for all rows alike: the part of the respondents that has each level.
    """
    sample = now.sample
    design, rows = sample.design, len(sample.design.values)
    weights = (None, sample.w0, sample.w1, sample.w1**2)
    by_row = (np.bincount(sample.cell, weights=w, minlength=rows).astype(float) for w in weights)
    cells = Cells(*(sums[:, None] * level for sums in by_row))
    masks = np.array([design.mask(domain) for domain in domains])
    population = np.array([design.population(domain) for domain in domains])
    found = moments(now.linear, cells, means, masks, population)
    low, high = POLICIES[now.policy](found, LEVEL)
    return np.asarray((high - low) / 2)
