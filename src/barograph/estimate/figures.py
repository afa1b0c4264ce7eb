"""Means, totals and ratios of several variables at once, with their joint covariance.

Each figure keeps its linearised value for every respondent, so that any function of figures,
also of different domains of a calibrated sample, has its variance (Deville 1999).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from barograph.estimate.intervals import LEVEL, quantile
from barograph.estimate.linear import Linearisation
from barograph.estimate.moments import Moments
from barograph.weight.sample import Bools, Floats, Sample


@dataclass(frozen=True)
class Units:
    """n weighted respondents, each a row of the linearisation; `w` (n) final weights."""

    linear: Linearisation
    w: Floats

    @classmethod
    def of(cls, sample: Sample) -> Units:
        """From a weighted sample of a frame."""
        design = sample.design
        linear = Linearisation.of_units(
            sample.w0,
            design.stratum[sample.cell],
            design.stratum_size,
            margins=design.margins[sample.cell],
        )
        return cls(linear, sample.w1)

    def restricted(self, inside: Bools | None) -> Bools:
        """The respondents `inside` (n), all without it."""
        return np.ones(len(self.w), dtype=bool) if inside is None else np.asarray(inside, bool)


@dataclass(frozen=True)
class Figures:
    """k figures: `values` (k) and linearised values `u` (n, k), so that the error is sum w u.

    `inside` (n) the respondents they are of; degrees of freedom are those of the domain.
    """

    units: Units
    values: Floats
    u: Floats
    inside: Bools

    @cached_property
    def covariance(self) -> Floats:
        """(k, k)."""
        linear = self.units.linear
        # Residuals of a calibrated domain are not zero outside of it: all strata count.
        inside = None if linear.margins.shape[1] else self.inside
        return linear.covariance_of_units(self.units.w, self.u, inside)

    @property
    def se(self) -> Floats:
        """Standard errors (k)."""
        return np.sqrt(np.maximum(np.diagonal(self.covariance), 0))

    @cached_property
    def df(self) -> float:
        """PSUs minus strata."""
        return self.units.linear.df(self.inside)

    def interval(self, level: float = LEVEL, df: float | None = None) -> tuple[Floats, Floats]:
        """Value plus or minus t standard errors; `df` inf gives the normal quantile."""
        half = quantile(self.df if df is None else df, level) * self.se
        return self.values - half, self.values + half

    def moments(self, df: float | None = None) -> Moments:
        """As the named intervals take them, (k); the population counts as unlimited."""
        shape = self.values.shape
        n, unknown = np.full(shape, float(self.inside.sum())), np.full(shape, np.nan)
        w = self.units.w[self.inside]
        return Moments(
            value=self.values,
            base=n,
            hits=unknown,
            effective_n=np.full(shape, w.sum() ** 2 / max((w**2).sum(), 1e-300)),
            population=np.full(shape, np.inf),
            variance=self.se**2,
            response_variance=unknown,
            spread=unknown,
            df=np.full(shape, self.df if df is None else df),
        )

    def contrast(self, weights: Floats) -> Figures:
        """Linear combinations `weights` (m, k) of the figures."""
        return self.transform(weights @ self.values, weights)

    def transform(self, values: Floats, gradient: Floats) -> Figures:
        """Functions of the figures: their values (m) and derivatives (m, k) (delta method)."""
        return Figures(self.units, np.atleast_1d(values), self.u @ gradient.T, self.inside)

    def design_effect(self, spread: Floats, replace: bool = False) -> Floats:
        """Variance over that of a simple random sample of the same size (Kish 1965), (k).

        `spread` (k): element variance of the figure's variable in the population, times N^2 for
        totals. Drawn without replacement unless `replace`.
        """
        n, population = float(self.inside.sum()), float(self.units.w[self.inside].sum())
        drawn = 1.0 if replace else (population - n) / population
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.diagonal(self.covariance) / (spread * drawn / n))


def total(units: Units, y: Floats, inside: Bools | None = None) -> Figures:
    """Totals sum w y of y (n, k) over the respondents `inside`."""
    inside = units.restricted(inside)
    u = np.where(inside[:, None], y, 0.0)
    return Figures(units, units.w @ u, u, inside)


def mean(units: Units, y: Floats, inside: Bools | None = None) -> Figures:
    """Means sum w y / sum w of y (n, k)."""
    return ratio(units, y, np.ones((len(y), 1)), inside)


def ratio(units: Units, y: Floats, z: Floats, inside: Bools | None = None) -> Figures:
    """Ratios sum w y / sum w z of y (n, k) to z (n, k or 1): u = (y - R z) / sum w z."""
    over, under = total(units, y, inside), total(units, z, inside)
    values = over.values / under.values
    return Figures(units, values, (over.u - under.u * values) / under.values, over.inside)


def beside(*several: Figures) -> Figures:
    """Figures of one sample in one object, such as a mean of several domains."""
    units = several[0].units
    return Figures(
        units,
        np.concatenate([f.values for f in several]),
        np.concatenate([f.u for f in several], axis=1),
        np.logical_or.reduce([f.inside for f in several]),
    )


def element_variance(units: Units, y: Floats, inside: Bools | None = None) -> Floats:
    """n/(n-1) sum w (y - mean)^2 / sum w over the respondents `inside`, (k)."""
    m = mean(units, y, inside)
    n = float(m.inside.sum())
    deviations = np.where(m.inside[:, None], (y - m.values) ** 2, 0.0)
    return np.asarray(units.w @ deviations / units.w[m.inside].sum() * n / (n - 1))
