"""Respondents joined to the frame: cells, strata, weights, and the record of the weighting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from barograph.frame import Frame

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Design:
    """The frame seen through its C cells, the crossing of all domains that occur in it.

    `size` (C) units of a cell, `stratum` (C) its stratum, `margins` (C, p) its row of the
    calibration matrix. Strata are unions of cells, margins are constant within a cell.
    """

    domains: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    size: Floats
    stratum: Ints
    margins: Floats

    @property
    def stratum_size(self) -> Floats:
        """N_h of each stratum."""
        return np.asarray(np.bincount(self.stratum, weights=self.size), dtype=float)

    def population(self, domain: Mapping[str, str]) -> float:
        """Units of the population in a domain."""
        return float(self.size[self.mask(domain)].sum())

    def mask(self, domain: Mapping[str, str]) -> Bools:
        """Cells of a domain, such as {"region": "flanders", "rurality": "rural"}."""
        mask = np.ones(len(self.values), dtype=bool)
        for name, value in domain.items():
            k = self.domains.index(name)
            mask &= np.array([cell[k] == value for cell in self.values])
        return mask


@dataclass(frozen=True)
class WeightRecord:
    """What was done to the weights, and what it cost.

    `effective_n` = (sum w)^2 / sum w^2 and `design_effect` = n / effective_n (Kish 1965);
    `margin_error` is the largest relative distance between a weighted and a true margin.
    """

    method: str
    margins: tuple[str, ...]
    population: int
    respondents: int
    iterations: int
    margin_error: float
    lowest: float
    highest: float
    effective_n: float
    design_effect: float


@dataclass(frozen=True)
class Sample:
    """n respondents with their cell, the weight before (w0) and after (w1) calibration."""

    frame: Frame
    design: Design
    cell: Ints
    w0: Floats
    w1: Floats
    record: WeightRecord

    def __len__(self) -> int:
        return len(self.cell)


def design_of(frame: Frame, stratum: str | None, margins: Sequence[Sequence[str]]) -> Design:
    """Cells of the frame with stratum and calibration row; no `stratum` means a single one.

    Each margin is a domain, or several domains crossed. Its indicator columns drop the first
    category from the second margin on, so that the columns are linearly independent.
    """
    names = tuple(frame.domains)
    sizes = sorted(frame.sizes(*names).items())
    values = tuple(cell for cell, _ in sizes)
    strata = [cell[names.index(stratum)] if stratum else "" for cell in values]
    columns: list[Floats] = []
    for m, margin in enumerate(margins or [()]):
        keys = [tuple(cell[names.index(name)] for name in margin) for cell in values]
        columns += [
            np.array([k == key for k in keys], dtype=float)
            for key in sorted(set(keys))[0 if m == 0 else 1 :]
        ]
    return Design(
        names,
        values,
        np.array([size for _, size in sizes], dtype=float),
        np.unique(strata, return_inverse=True)[1].astype(np.intp),
        np.column_stack(columns),
    )
