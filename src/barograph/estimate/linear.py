"""Variance of linearised figures: calibration residuals, strata, clusters, finite population.

A figure with linearised value u has the calibration residual e = u - x'B, B = (X'W0X)^-1 X'W0u:
coefficients in the metric of the weights before calibration, residuals times the weights after
(Deville and Särndal 1992, eq. 3.4). Its variance is that of the weighted residual totals of PSUs
within strata: sum_h (1 - f_h) n_h/(n_h - 1) [sum z^2 - (sum z)^2/n_h] (Särndal, Swensson and
Wretman 1992, eq. 4.2.4 at the first stage).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from barograph.errors import NoWeights
from barograph.estimate.cells import Cells
from barograph.weight.sample import Bools, Floats, Ints, Sample

LonelyPsu = Literal["fail", "remove", "certainty", "adjust", "average"]
CENSUS = 1e-7  # a stratum with less than this part unobserved has no sampling variance
REPEATED = 1e-7  # a direction of the margins below this part of the longest is a repeated margin


@dataclass(frozen=True)
class Linearisation:
    """What all figures of a sample share, by design row (C): strata, PSUs, calibration matrix.

    `stratum` (C) 0..H-1, `population` (H) PSUs of each stratum in the population (inf: drawn with
    replacement), `n` (C) respondents, `weight0` (C) sum of weights before calibration, `margins`
    (C, p) calibration matrix (p = 0: not calibrated). `psu` (C) cluster of each row; without it
    each respondent is one. `trimming` (C) final weight over calibrated weight, where they differ.

    `lonely` says what a stratum with a single PSU adds: an error ("fail"), nothing ("remove",
    "certainty"), its square around the overall mean ("adjust"), or the average of the other strata
    ("average") (Lumley 2010, section 2.2).
    """

    stratum: Ints
    population: Floats
    n: Floats
    weight0: Floats
    margins: Floats
    psu: Ints | None = None
    trimming: Floats | None = None
    lonely: LonelyPsu = "fail"

    @classmethod
    def of(cls, sample: Sample) -> Linearisation:
        """From a weighted sample of a frame."""
        design, count = sample.design, len(sample.design.values)
        return cls(
            design.stratum,
            design.stratum_size,
            np.bincount(sample.cell, minlength=count).astype(float),
            np.bincount(sample.cell, weights=sample.w0, minlength=count).astype(float),
            design.margins,
        )

    @classmethod
    def of_units(
        cls,
        w0: Floats,
        stratum: Ints | None = None,
        population: Floats | None = None,
        psu: Ints | None = None,
        margins: Floats | None = None,
        trimming: Floats | None = None,
        lonely: LonelyPsu = "fail",
    ) -> Linearisation:
        """Each of n respondents a row; `population` (H) as above, inf where not given."""
        n = len(w0)
        stratum = np.zeros(n, dtype=np.intp) if stratum is None else stratum
        return cls(
            stratum,
            np.full(int(stratum.max()) + 1, np.inf) if population is None else population,
            np.ones(n),
            w0,
            np.zeros((n, 0)) if margins is None else margins,
            psu,
            trimming,
            lonely,
        )

    @cached_property
    def basis(self) -> Floats:
        """Margins z (C, r) turned to z'W0z = 1, so that x'B = z z'W0u.

        r < p where margins repeat each other among respondents. From the singular values of
        W0^(1/2)X with columns of length 1, so that margins in any units are kept apart.
        """
        root = np.sqrt(self.weight0)[:, None] * self.margins
        length = np.sqrt((root**2).sum(axis=0))
        length = np.where(length > 0, length, 1.0)
        _, values, directions = np.linalg.svd(root / length, full_matrices=False)
        kept = values > REPEATED * values.max(initial=0.0)
        return np.asarray((self.margins / length) @ (directions[kept].T / values[kept]))

    @cached_property
    def leverage(self) -> Floats:
        """Leverage of one respondent of each row (C)."""
        unit = self.weight0 / np.maximum(self.n, 1)
        return np.asarray(np.minimum(unit * (self.basis**2).sum(axis=1), 1 - 1e-9))

    def fitted(self, u0: Floats) -> Floats:
        """x'B by row (..., C) from the sums of w0 u by row."""
        if not self.margins.shape[1]:
            return np.zeros_like(u0)
        u0 = u0 if self.trimming is None else u0 * self.trimming
        fit = u0 @ self.basis @ self.basis.T
        return np.asarray(fit if self.trimming is None else fit / self.trimming)

    def covariance(self, cells: Cells, u: Floats) -> Floats:
        """Covariance (..., k, k) of k figures with linearised values u (..., C, L, k)."""
        u0 = np.moveaxis((cells.w0[..., None] * u).sum(axis=-2), -1, -2)
        e = u - np.moveaxis(self.fitted(u0), -1, -2)[..., None, :]
        sums = np.moveaxis((cells.w1[..., None] * e).sum(axis=-2), -1, -2)
        weight = (self.scale[self.stratum][:, None] * cells.w1_squared)[..., None]
        flat = (*e.shape[:-3], -1, e.shape[-1])
        products = np.swapaxes((weight * e).reshape(flat), -1, -2) @ e.reshape(flat)
        return self.covariance_of_sums(products, sums)

    def covariance_of_sums(self, products: Floats, sums: Floats) -> Floats:
        """Covariance (..., k, k) from sums of w1 e by row (..., k, C).

        `products` (..., k, k): sums of w1^2 e e' times the scale of the stratum; not used where
        rows are clusters, whose products are those of their sums.
        """
        if self.psu is not None:
            sums = self._by_psu(sums)
            products = (sums * self.scale[self._strata]) @ np.swapaxes(sums, -1, -2)
        totals = self._by_stratum(sums)
        centre = totals * (self.scale * self._divisor)
        return np.asarray((products - centre @ np.swapaxes(totals, -1, -2)) * self._inflation())

    def covariance_of_units(self, w: Floats, u: Floats, inside: Bools | None = None) -> Floats:
        """Covariance (k, k) of k figures with linearised values u (n, k), each row a respondent.

        `inside` (n): the respondents whose strata "average" averages over, all without it.

        Weighted residuals are taken around their stratum first, so that what does not vary within
        strata has variance 0 but for the rounding of single values.
        """
        z = w * (u.T - self.fitted(self.weight0 * u.T))
        z = z if self.psu is None else self._by_psu(z)
        z = z - (self._by_stratum(z) * self._divisor)[:, self._strata]
        return np.asarray((z * self.scale[self._strata]) @ z.T * self._inflation(inside))

    def variance(self, squares: Floats, sums: Floats) -> Floats:
        """Variance (...) from the sums of (w1 e)^2 and of w1 e by row (..., C)."""
        if self.psu is not None:
            sums = self._by_psu(sums)
            squares = sums**2
        total, square = self._by_stratum(sums), self._by_stratum(squares)
        spread = np.maximum(square - self._divisor * total**2, 0)
        return np.asarray((self.scale * spread).sum(axis=-1) * self._inflation())

    @cached_property
    def sampled(self) -> Floats:
        """Number of sampled PSUs of each stratum (H)."""
        if self.psu is None:
            counts = np.bincount(self.stratum, weights=self.n, minlength=len(self.population))
            return np.asarray(counts, dtype=float)
        return np.bincount(self._strata, minlength=len(self.population)).astype(float)

    @cached_property
    def unseen(self) -> Floats:
        """Part of each stratum's PSUs that were not sampled, 1 - f (H); 0 for a census."""
        unseen = 1 - self.sampled / self.population
        if np.any(unseen < -CENSUS):
            raise NoWeights(
                f"{int((unseen < -CENSUS).sum())} stratum has more respondents than units",
                todo="Correct its population, or respondents that occur twice",
            )
        return np.where(unseen < CENSUS, 0.0, unseen)

    @cached_property
    def scale(self) -> Floats:
        """(1 - f_h) n_h/(n_h - 1) of each stratum (H), with the rule for a single PSU."""
        n, alone = self.sampled, self._alone
        if np.any(alone) and self.lonely == "fail":
            raise NoWeights(
                f"{int(alone.sum())} stratum has one respondent: its variance is unknown",
                todo="Merge strata, or name a rule for lonely PSUs",
            )
        spread = self.unseen * n / np.maximum(n - 1, 1)
        return np.where(alone & (self.lonely != "adjust"), 0.0, spread)

    @cached_property
    def _alone(self) -> Bools:
        return np.asarray((self.sampled == 1) & (self.unseen > 0))

    @cached_property
    def _divisor(self) -> Floats:
        """1/n_h where PSU totals are taken around their stratum's mean, 0 around nothing (H)."""
        return np.where(self._alone, 0.0, 1 / np.maximum(self.sampled, 1))

    def _inflation(self, inside: Bools | None = None) -> float:
        """Strata over strata with a variance, under "average"; nan where none has one."""
        if self.lonely != "average":
            return 1.0
        present = self.sampled > 0
        if inside is not None:
            present = np.bincount(self.stratum[inside], minlength=len(present)) > 0
        known = int((present & ~self._alone).sum())
        return int(present.sum()) / known if known else float("nan")

    def df(self, rows: Bools | None = None) -> float:
        """PSUs minus strata, of the whole sample or of those with respondents in `rows` (C)."""
        inside = self.n > 0 if rows is None else rows & (self.n > 0)
        strata = len(np.unique(self.stratum[inside]))
        psus = self.n[inside].sum() if self.psu is None else len(np.unique(self.psu[inside]))
        return float(psus - strata)

    def _by_stratum(self, values: Floats) -> Floats:
        """Sums of (..., P) by stratum: (..., H)."""
        return grouped(values, self._strata, len(self.population))

    def _by_psu(self, values: Floats) -> Floats:
        """Sums of (..., C) by cluster: (..., P)."""
        assert self.psu is not None
        return grouped(values, self.psu, len(self._strata))

    @cached_property
    def _strata(self) -> Ints:
        """Stratum of each PSU (P); without clusters, of each row (C)."""
        if self.psu is None:
            return self.stratum
        strata = np.zeros(int(self.psu.max()) + 1, dtype=np.intp)
        strata[self.psu] = self.stratum
        return strata


def grouped(values: Floats, index: Ints, count: int) -> Floats:
    """Sums of (..., C) by group: (..., count)."""
    if count == 1:
        return np.asarray(values.sum(axis=-1, keepdims=True))
    order = np.argsort(index, kind="stable")
    present, starts = np.unique(index[order], return_index=True)
    sums = np.add.reduceat(values[..., order], starts, axis=-1)
    if len(present) == count:
        return np.asarray(sums)
    filled = np.zeros((*values.shape[:-1], count))
    filled[..., present] = sums
    return filled
