"""How evenly a population answered: R-indicators on cells of the frame.

Propensities are the response rates of cells, rho_c = n_c/N_c. Even response on these cells does not
prove that the answers are without bias; uneven response shows where to look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from barograph.weight.sample import Floats, Ints, Sample


@dataclass(frozen=True)
class Representativity:
    """`spread` S of the propensities, R = 1 - 2S, `variation` S/mean, and both by the raw S.

    `bias` is the largest bias that a mean of standard deviation 1 may have, at most `variation`
    (Schouten, Cobben and Bethlehem 2009, eqs. 3 and 6); a share has at most half of it.
    """

    rate: float
    spread: float
    r: float
    variation: float
    raw_spread: float
    raw_r: float
    raw_variation: float

    @property
    def share_bias(self) -> float:
        """Largest bias of a share: S/mean times the largest standard deviation, one half."""
        return self.variation / 2


@dataclass(frozen=True)
class Partial:
    """What one variable adds to uneven response.

    `unconditional` P_u = sqrt(sum N_k/N (rho_k - rho)^2), `categories` its signed parts
    sqrt(N_k/N)(rho_k - rho), below 0 where too few answered; `conditional` P_c = sqrt(1/(N - 1)
    sum (rho_i - rho of the cell of all other variables)^2) (Schouten, Shlomo and Skinner 2011,
    eqs. 6-9).
    """

    unconditional: float
    categories: Mapping[str, float]
    conditional: float


def representativity(size: Floats, answered: Floats) -> Representativity:
    """From units (C) and respondents (C) of cells.

    S^2 = sum N_c (rho_c - rho)^2/(N - 1). At the size of a barometer it is too large, for rates of
    small cells vary by chance: the adjusted one takes off sum rho_c (1 - rho_c)/N, at least to 0
    (Shlomo, Skinner and Schouten 2012, section 3, with cells as strata).
    """
    rho, rate, total = answered / size, float(answered.sum() / size.sum()), float(size.sum())
    raw = float((size * (rho - rate) ** 2).sum() / (total - 1))
    chance = float((rho * (1 - rho)).sum() / total)
    spread, raw_spread = np.sqrt(max(raw - chance, 0.0)), np.sqrt(raw)
    return Representativity(
        rate=rate,
        spread=float(spread),
        r=float(1 - 2 * spread),
        variation=float(spread / rate),
        raw_spread=float(raw_spread),
        raw_r=float(1 - 2 * raw_spread),
        raw_variation=float(raw_spread / rate),
    )


def partial(size: Floats, answered: Floats, category: Sequence[str], others: Ints) -> Partial:
    """The part of one variable: its `category` (C) in each cell, `others` (C) the cell without it."""
    total, rate = float(size.sum()), float(answered.sum() / size.sum())
    labels, index = np.unique(np.asarray(category), return_inverse=True)
    units = np.bincount(index, weights=size)
    of_category = np.bincount(index, weights=answered) / units
    signed = np.sqrt(units / total) * (of_category - rate)
    without = np.bincount(others, weights=answered) / np.bincount(others, weights=size)
    conditional = (size * (answered / size - without[others]) ** 2).sum() / (total - 1)
    return Partial(
        unconditional=float(np.sqrt((signed**2).sum())),
        categories={str(k): float(x) for k, x in zip(labels, signed, strict=True)},
        conditional=float(np.sqrt(conditional)),
    )


def of_sample(sample: Sample) -> tuple[Representativity, dict[str, Partial]]:
    """A wave's, over the crossing of the declared domains, with the part of each domain."""
    design = sample.design
    answered = np.bincount(sample.cell, minlength=len(design.values)).astype(float)
    return of_rows(design.domains, design.values, design.size, answered)


def of_rows(
    domains: Sequence[str], values: Sequence[tuple[str, ...]], size: Floats, answered: Floats
) -> tuple[Representativity, dict[str, Partial]]:
    """From units and respondents of rows, whose `values` of the domains may repeat."""
    crossed = {cell: c for c, cell in enumerate(dict.fromkeys(values))}
    of_row = np.array([crossed[cell] for cell in values], dtype=np.intp)
    size, answered = (
        np.asarray(np.bincount(of_row, weights=w), dtype=float) for w in (size, answered)
    )
    parts = {}
    for k, name in enumerate(domains):
        rest = [cell[:k] + cell[k + 1 :] for cell in crossed]
        known = {key: i for i, key in enumerate(dict.fromkeys(rest))}
        others = np.array([known[key] for key in rest], dtype=np.intp)
        parts[name] = partial(size, answered, [cell[k] for cell in crossed], others)
    return representativity(size, answered), parts
