"""Change between two waves of one population: municipalities that answered both tie them together.

Each wave is an invitation of all; who answers both is a random overlap of m of n_1 and n_2. The
covariance of two means of simple random samples is S_12 (m/(n_1 n_2) - 1/N) (Tam 1984): it is 0 at
m = n_1 n_2/N, and below it leaving it out would make the change look surer than it is. Each wave
speaks for its own frame; a unit that a merger made or ended between the two is in one of them alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from barograph.estimate.compare import UNKNOWN, Between, Comparison, by_t
from barograph.estimate.estimate import ALL, Estimator
from barograph.estimate.figures import Figures, Units, mean
from barograph.estimate.items import Item
from barograph.weight.sample import Floats


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
    kept: Mapping[str, str],
    domain: Mapping[str, str] = ALL,
    between: Between = None,
) -> Change:
    """The change of a mean or share; `kept` gives units of both frames, by code then its code now.

    The N_h units kept that were in one stratum then and are in one now (h), answered by n_1h, n_2h
    and m_h in both waves, bring with weighted residuals z C = sum_h (1 - n_1h n_2h/(m_h N_h))
    m_h/(m_h - 1) sum_common (z_1 - mean)(z_2 - mean): Tam's formula for simple random samples, and
    the variance itself where both waves are the same. Strata with fewer than two in common add 0,
    units of one frame alone add nothing.
    """
    first, second = _figures(before, domain), _figures(after, domain)
    if first is None or second is None:
        return Change(UNKNOWN, 0, 0.0)
    covariance, common = _covariance(before, after, kept, _residuals(first), _residuals(second))
    variance = float(first.se[0] ** 2 + second.se[0] ** 2) - 2 * covariance
    value = float(second.values[0] - first.values[0])
    error = float(np.sqrt(max(variance, 0.0)))
    return Change(by_t(value, error, min(first.df, second.df), between), common, covariance)


def _figures(measured: Measured, domain: Mapping[str, str]) -> Figures | None:
    sample = measured.estimator.sample
    inside = sample.design.mask(domain)[sample.cell] & measured.item.base
    if not inside.any():
        return None
    return mean(Units.of(sample), measured.item.value[:, None], inside)


def _covariance(
    before: Measured, after: Measured, kept: Mapping[str, str], z1: Floats, z2: Floats
) -> tuple[float, int]:
    """C, and how many answered both waves; z1 and z2 (n) residuals of the respondents."""
    row1 = {unit: i for i, unit in enumerate(before.units)}
    row2 = {unit: i for i, unit in enumerate(after.units)}
    strata = [_stratum(before), _stratum(after)]
    units: dict[tuple[int, int], list[tuple[int | None, int | None]]] = defaultdict(list)
    for old, new in kept.items():
        units[strata[0][old], strata[1][new]].append((row1.get(old), row2.get(new)))
    found, common = 0.0, 0
    for rows in units.values():
        both = [(i, j) for i, j in rows if i is not None and j is not None]
        m = len(both)
        common += m
        if m > 1:
            answered = [sum(pair[k] is not None for pair in rows) for k in (0, 1)]
            expected = answered[0] * answered[1] / len(rows)
            a, b = (z[[pair[k] for pair in both]] for k, z in enumerate((z1, z2)))
            product = float(((a - a.mean()) * (b - b.mean())).sum())
            found += (1 - expected / m) * m / (m - 1) * product
    return found, common


def _stratum(measured: Measured) -> dict[str, int]:
    """The stratum of each unit of the frame."""
    sample = measured.estimator.sample
    design = sample.design
    strata = design.stratum[design.of_unit].tolist()
    return dict(zip(map(str, sample.frame.codes), strata, strict=True))


def _residuals(figures: Figures) -> Floats:
    """Weighted residuals (n) of the calibration."""
    linear, u = figures.units.linear, figures.u[:, 0]
    return np.asarray(figures.units.w * (u - linear.fitted(linear.weight0 * u)))
