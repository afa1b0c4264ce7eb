"""Change between two waves of one population: municipalities that answered both tie them together.

Each wave is an invitation of all; who answers both is a random overlap of m of n_1 and n_2. The
covariance of two means of simple random samples is S_12 (m/(n_1 n_2) - 1/N) (Tam 1984): it is 0 at
m = n_1 n_2/N, and below it leaving it out would make the change look surer than it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from barograph.errors import BadInput
from barograph.estimate.compare import UNKNOWN, Between, Comparison, by_t
from barograph.estimate.estimate import ALL, Estimator
from barograph.estimate.figures import Figures, Units, mean
from barograph.estimate.items import Item
from barograph.weight.sample import Floats, Ints


@dataclass(frozen=True)
class Measured:
    """An item of one wave: who answered (n codes of units), and what."""

    estimator: Estimator
    units: Sequence[str]
    item: Item


@dataclass(frozen=True)
class Change:
    """After minus before, with the number of `common` respondents and the covariance they bring."""

    comparison: Comparison
    common: int
    covariance: float


def change(
    before: Measured,
    after: Measured,
    domain: Mapping[str, str] = ALL,
    between: Between = None,
) -> Change:
    """The change of a mean or share; BadInput where the two frames hold other units or strata.

    By stratum h, with weighted residuals z of each wave, C = sum_h (1 - n_1h n_2h/(m_h N_h))
    m_h/(m_h - 1) sum_common (z_1 - mean)(z_2 - mean): Tam's formula for simple random samples, and
    the variance itself where both waves are the same. Strata with fewer than two in common add 0.
    """
    _same_population(before, after)
    first, second = _figures(before, domain), _figures(after, domain)
    if first is None or second is None:
        return Change(UNKNOWN, 0, 0.0)
    row = {unit: i for i, unit in enumerate(before.units)}
    both = [(row[unit], i) for i, unit in enumerate(after.units) if unit in row]
    covariance = _covariance(first, second, np.array(both, dtype=np.intp).reshape(-1, 2))
    variance = float(first.se[0] ** 2 + second.se[0] ** 2) - 2 * covariance
    value = float(second.values[0] - first.values[0])
    error = float(np.sqrt(max(variance, 0.0)))
    return Change(by_t(value, error, min(first.df, second.df), between), len(both), covariance)


def _figures(measured: Measured, domain: Mapping[str, str]) -> Figures | None:
    sample = measured.estimator.sample
    inside = sample.design.mask(domain)[sample.cell] & measured.item.base
    if not inside.any():
        return None
    return mean(Units.of(sample), measured.item.value[:, None], inside)


def _covariance(first: Figures, second: Figures, both: Ints) -> float:
    residuals = [_residuals(figures)[both[:, k]] for k, figures in enumerate((first, second))]
    linear, other = second.units.linear, first.units.linear
    stratum = linear.stratum[both[:, 1]]
    found = 0.0
    for h in np.unique(stratum):
        z = [r[stratum == h] for r in residuals]
        m = len(z[0])
        if m > 1:
            expected = linear.sampled[h] * other.sampled[h] / linear.population[h]
            product = float(((z[0] - z[0].mean()) * (z[1] - z[1].mean())).sum())
            found += (1 - expected / m) * m / (m - 1) * product
    return found


def _residuals(figures: Figures) -> Floats:
    """Weighted residuals (n) of the calibration."""
    linear, u = figures.units.linear, figures.u[:, 0]
    return np.asarray(figures.units.w * (u - linear.fitted(linear.weight0 * u)))


def _same_population(before: Measured, after: Measured) -> None:
    first, second = before.estimator.sample, after.estimator.sample
    if set(first.frame.codes) != set(second.frame.codes):
        gone = len(set(first.frame.codes) - set(second.frame.codes))
        raise BadInput(
            f"no change can be told: {gone} units of {first.frame.on} are not in the frame of "
            f"{second.frame.on}",
            todo="Give both waves a reference date between the same mergers",
        )
    if not np.array_equal(first.design.stratum_size, second.design.stratum_size):
        raise BadInput(
            "no change can be told: the waves have other strata",
            todo="Name the same stratum in both wave.toml",
        )
