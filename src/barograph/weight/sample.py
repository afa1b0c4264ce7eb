"""Respondents joined to the frame: cells, strata, weights, and the record of the weighting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from barograph.frame import Frame

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Rows:
    """The units of a frame that are alike in all that weights and domains need: C rows.

    `values` (C) of the domains, `size` (C) units, `of_unit` (N) row of each unit. A margin of
    numbers tells units of the same domains apart; else a row is a cell of the crossed domains.
    """

    values: tuple[tuple[str, ...], ...]
    size: Floats
    of_unit: Ints

    @classmethod
    def of(cls, frame: Frame, columns: Iterable[str] = ()) -> Rows:
        """By all domains of the frame and by `columns`."""
        names = dict.fromkeys([*frame.domains, *columns])
        keys = list(zip(*(frame.attributes[name].tolist() for name in names), strict=True))
        position = {key: c for c, key in enumerate(sorted(set(keys)))}
        of_unit = np.array([position[key] for key in keys], dtype=np.intp)
        values = tuple(key[: len(frame.domains)] for key in position)
        return cls(values, np.bincount(of_unit).astype(float), of_unit)


@dataclass(frozen=True)
class Design:
    """The frame seen through its C rows.

    `values` (C) of the domains in a row, `size` (C) its units, `stratum` (C) its stratum, `margins`
    (C, p) its row of the calibration matrix, 0 where all units of a category answered: these keep
    weight 1 and are a stratum of their own; `of_unit` (N) the row of each unit of the frame.
    """

    domains: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    size: Floats
    stratum: Ints
    margins: Floats
    of_unit: Ints

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
    `propensity` tells the first step, `collapsed` what was taken together or given up and why,
    `taken_all` how many respondents keep weight 1 since their whole category answered.
    """

    method: str
    margins: tuple[str, ...]
    propensity: str
    bounds: tuple[float, float] | None
    trim: tuple[float, float] | None
    collapsed: tuple[str, ...]
    taken_all: int
    population: int
    respondents: int
    iterations: int
    margin_error: float
    lowest: float
    highest: float
    effective_n: float
    design_effect: float

    def steps(self) -> list[str]:
        """What was done, one step a line, in the order it was done; for those who weight."""
        margins = ", ".join(self.margins) or "nothing"
        within = "" if not self.bounds else " within {:g} and {:g}".format(*self.bounds)
        found = [
            f"propensity {self.propensity}" if self.propensity else "",
            *self.collapsed,
            f"{self.taken_all} of categories that all answered keep weight 1"
            if self.taken_all
            else "",
            f"{self.method} to {margins}{within}, {self.iterations} iterations",
            "trimmed to {:g} and {:g}, calibrated again".format(*self.trim) if self.trim else "",
        ]
        return [step for step in found if step]


@dataclass(frozen=True)
class Sample:
    """n respondents with their row (cell), the weight before (w0) and after (w1) calibration.

    With trimming, w0 is the trimmed weight that is calibrated again.
    """

    frame: Frame
    design: Design
    cell: Ints
    w0: Floats
    w1: Floats
    record: WeightRecord

    def __len__(self) -> int:
        return len(self.cell)
