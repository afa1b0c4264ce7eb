"""Means over domains and their variance, from cells by small matrix algebra.

The linearised value of m = sum w y / sum w in a domain is u = (y - m) / sum w there, 0 elsewhere.
Its calibration residual is e = u - x'B, B = (X'W0X)^-1 X'W0u: coefficients in the metric of the
weights before calibration, residuals times the weights after (Deville and Särndal 1992, eq. 3.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from barograph.errors import NoWeights
from barograph.estimate.cells import Cells
from barograph.weight.sample import Bools, Design, Floats, Ints, Sample


@dataclass(frozen=True)
class Moments:
    """A mean over a domain. Variances are nan when nobody is in the base.

    `variance`: stratified, fixed n, finite population correction; `response_variance`: response as
    Poisson draws, sum w (w - 1)+ e^2 / (1 - leverage). `population` is the number of units
    the figure speaks of: the domain's, times the estimated part of them that was eligible.
    """

    value: float
    base: int
    hits: float
    effective_n: float
    population: float
    variance: float
    response_variance: float
    df: float


@dataclass(frozen=True)
class Linearisation:
    """What all figures of a sample share: strata and the calibration matrix."""

    design: Design
    answered: Ints
    weight0: Floats

    @classmethod
    def of(cls, sample: Sample) -> Linearisation:
        """From a weighted sample."""
        count = len(sample.design.size)
        return cls(
            sample.design,
            np.bincount(sample.cell, minlength=count),
            np.bincount(sample.cell, weights=sample.w0, minlength=count).astype(float),
        )

    @cached_property
    def projection(self) -> Floats:
        """(X'W0X)^-1, (p, p); generalised, for margins that repeat each other among respondents."""
        x = self.design.margins
        return np.asarray(np.linalg.pinv(x.T @ (self.weight0[:, None] * x), hermitian=True))

    @cached_property
    def leverage(self) -> Floats:
        """Leverage of one respondent of each cell (C)."""
        x = self.design.margins
        unit = self.weight0 / np.maximum(self.answered, 1)
        own = unit * np.einsum("cp,pq,cq->c", x, self.projection, x)
        return np.asarray(np.minimum(own, 1 - 1e-9))

    def moments(self, cells: Cells, domain: Bools) -> Moments:
        """The mean of an item over the cells of a domain, with its variances."""
        inside = domain[:, None] * cells.base
        weight = float((inside * cells.w1).sum())
        base = int((inside * cells.n).sum())
        if base == 0:
            return Moments(np.nan, 0, 0.0, 0.0, 0.0, np.nan, np.nan, 0.0)
        mean = float((inside * cells.w1 * cells.value).sum()) / weight
        u = inside * (cells.value - mean) / weight
        e = self._residual(cells, u)
        spread = (np.maximum(cells.w1_squared - cells.w1, 0) * e**2).sum(axis=1)
        return Moments(
            value=mean,
            base=base,
            hits=float((inside * cells.n * cells.value).sum()),
            effective_n=weight**2 / float((inside * cells.w1_squared).sum()),
            population=self._eligible(cells, domain),
            variance=self._stratified(cells, e),
            response_variance=float((spread / (1 - self.leverage)).sum()),
            df=float(max(base - len(set(self.design.stratum[domain])), 1)),
        )

    def _eligible(self, cells: Cells, domain: Bools) -> float:
        part = float((domain[:, None] * cells.eligible * cells.w1).sum())
        return float(self.design.size[domain].sum()) * part / float(cells.w1[domain].sum())

    def _residual(self, cells: Cells, u: Floats) -> Floats:
        x = self.design.margins
        slope = self.projection @ (x.T @ (cells.w0 * u).sum(axis=1))
        return np.asarray(u - (x @ slope)[:, None])

    def _stratified(self, cells: Cells, e: Floats) -> float:
        """sum_h (1 - f_h) n_h / (n_h - 1) [sum (e w)^2 - (sum e w)^2 / n_h]; a census gives 0."""
        strata = self.design.stratum
        answered = np.bincount(strata, weights=self.answered)
        size = self.design.stratum_size
        squares = np.bincount(strata, weights=(e**2 * cells.w1_squared).sum(axis=1))
        sums = np.bincount(strata, weights=(e * cells.w1).sum(axis=1))
        open_strata = answered < size
        if np.any(open_strata & (answered == 1)):
            raise NoWeights(
                "a stratum has one respondent: its variance is unknown", todo="Merge strata"
            )
        factor = np.where(
            open_strata, (1 - answered / size) * answered / np.maximum(answered - 1, 1), 0
        )
        return float((factor * np.maximum(squares - sums**2 / answered, 0)).sum())
