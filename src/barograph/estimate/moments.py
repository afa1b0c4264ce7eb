"""Means over many domains at once, with their variances, from cells by small matrix algebra.

The linearised value of m = sum w y / sum w in a domain is u = (y - m) / sum w there, 0 elsewhere.
Within a row of the design u takes one value a level, so sums of w u and w u^2 over the levels need
only the sums of w, w y and w y^2 over those in the base.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from barograph.estimate.cells import Cells
from barograph.estimate.linear import Linearisation
from barograph.weight.sample import Bools, Floats


@dataclass(frozen=True)
class Moments:
    """Means over D domains, each field (..., D); nan where nobody is in the base.

    `base` and `hits` count respondents in the base and their scores; `effective_n` is
    (sum w)^2 / sum w^2 of the base (Kish 1965). `population` is the number of units the figure
    speaks of: the domain's, times the estimated part of them that was eligible. `variance`:
    stratified, fixed n, finite population correction; `response_variance`: response as Poisson
    draws, sum w (w - 1)+ e^2 / (1 - leverage). `spread` is the element variance, n/(n - 1)
    sum w (y - m)^2 / sum w.
    """

    value: Floats
    base: Floats
    hits: Floats
    effective_n: Floats
    population: Floats
    variance: Floats
    response_variance: Floats
    spread: Floats
    df: Floats

    def at(self, *index: int) -> Moments:
        """The moments of one item and domain, or of one item."""
        return Moments(*(getattr(self, f.name)[index] for f in fields(self)))

    @property
    def design_effect(self) -> Floats:
        """Variance over that of a simple random sample without replacement of the same size."""
        drawn = self.spread * (1 - self.base / self.population) / self.base
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(drawn > 0, self.variance / drawn, np.nan)


@dataclass(frozen=True)
class Meaning:
    """What levels mean, (..., L) each: score; whether the figure speaks of it; whether answered."""

    score: Floats
    asked: Floats
    answered: Floats

    @classmethod
    def shares(cls, levels: int) -> Meaning:
        """The share of each of L levels, all answered: (L, L)."""
        return cls(np.eye(levels), np.ones((1, levels)), np.ones((1, levels)))


@dataclass(frozen=True)
class _Sums:
    """Sums over the levels of w, w y, w y^2 within the base, and of w over all: (Q, C) each."""

    base: Floats
    first: Floats
    second: Floats
    everybody: Floats

    @classmethod
    def of(cls, weights: Floats, score: Floats, answered: Floats) -> _Sums:
        def over(levels: Floats) -> Floats:
            return np.asarray((weights @ levels[..., None])[..., 0])

        scored = answered * score
        everybody = weights.sum(axis=-1)
        return cls(over(answered), over(scored), over(scored * score), everybody)

    def linear(self, inside: Floats, mean: Floats, weight: Floats) -> Floats:
        """Sums of w u by row, (..., D, C)."""
        deviation = self.first[..., None, :] - mean[..., None] * self.base[..., None, :]
        return np.asarray(inside * deviation / weight[..., None])

    def squared(self, inside: Floats, mean: Floats, weight: Floats, fit: Floats) -> Floats:
        """Sums of w (u - fit)^2 by row, (..., D, C)."""
        m, w = mean[..., None], weight[..., None]
        first, base = self.first[..., None, :], self.base[..., None, :]
        second = self.second[..., None, :] - 2 * m * first + m**2 * base
        crossed = fit * self.linear(inside, mean, weight)
        return np.asarray(
            inside * np.maximum(second, 0) / w**2
            - 2 * crossed
            + fit**2 * self.everybody[..., None, :]
        )


def moments(
    linear: Linearisation,
    cells: Cells,
    meaning: Meaning,
    masks: Bools,
    population: Floats,
) -> Moments:
    """Moments over D domains of what the levels of the cells mean.

    `cells` (..., C, L) and `meaning` (..., L) broadcast, so the levels of a question can be read as
    several items. `masks` (D, C) rows of each domain, `population` (D) its units.
    """
    score, asked, answered = meaning.score, meaning.asked, meaning.answered
    inside = masks.astype(float)

    def over(rows: Floats) -> Floats:
        """Sums over each domain (..., D); one product an item, so that a list gives what each gives."""
        return np.asarray((rows[..., None, :] @ inside.T)[..., 0, :])

    before, after, square = (
        _Sums.of(w, score, answered) for w in (cells.w0, cells.w1, cells.w1_squared)
    )
    counts = _Sums.of(cells.n, score, answered)
    poisson = _Sums.of(np.maximum(cells.w1_squared - cells.w1, 0), score, answered)
    base, weight = over(counts.base), over(after.base)
    nobody = base == 0
    some = np.where(nobody, 1.0, weight)
    mean = over(after.first) / some
    fit = linear.fitted(before.linear(inside, mean, some))
    residual = after.linear(inside, mean, some) - fit * after.everybody[..., None, :]
    variance = linear.variance(square.squared(inside, mean, some, fit), residual)
    response = poisson.squared(inside, mean, some, fit) / (1 - linear.leverage)
    element = np.maximum(over(after.second) / some - mean**2, 0)
    whole = np.maximum(over(after.everybody), 1e-300)
    eligible = over((cells.w1 @ asked[..., None])[..., 0]) / whole
    strata = np.array([len(np.unique(linear.stratum[mask])) for mask in masks])

    def known(values: Floats) -> Floats:
        return np.where(nobody, np.nan, values)

    return Moments(
        value=known(mean),
        base=base,
        hits=over(counts.first),
        effective_n=np.where(nobody, 0.0, some**2 / np.maximum(over(square.base), 1e-300)),
        population=population * eligible,
        variance=known(variance),
        response_variance=known(response.sum(axis=-1)),
        spread=known(element * base / np.maximum(base - 1, 1)),
        df=np.maximum(base - strata, 1.0),
    )
