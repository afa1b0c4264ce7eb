"""Estimates: a value never without its base, interval and warning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from barograph.errors import BadInput
from barograph.estimate.cells import Cells, count
from barograph.estimate.intervals import DEFAULT, LEVEL, POLICIES, Interval, t_interval
from barograph.estimate.items import Item, Statistic
from barograph.estimate.linear import Linearisation
from barograph.estimate.moments import Meaning, Moments, moments
from barograph.weight import Sample
from barograph.weight.sample import Floats

Flag = Literal["", "base<30", "base<10", "none", "withheld"]
ALL: Mapping[str, str] = {}
CellsOf = Callable[[Sample, Sequence[Item]], list[Cells]]


@dataclass(frozen=True)
class Estimate:
    """One figure. Shares lie in 0..1; nan when there is nobody in the base (flag
    "none") or disclosure control keeps it back ("withheld").

    `n` respondents counted (of a mean: in the base; nan where disclosure control does not tell),
    `base` respondents the figure is over, `plain`
    the same figure among respondents without weights, `se` the linearised standard error, `df` its
    degrees of freedom, `effective_n` (sum w)^2 / sum w^2, `design_effect` the variance over that of
    a simple random sample of the base.
    """

    estimate_id: str
    indicator: str
    category: str
    domain: str
    statistic: Statistic
    value: float
    se: float
    low: float
    high: float
    n: float
    base: int
    plain: float
    df: float
    effective_n: float
    design_effect: float
    flag: Flag


def domain_key(domain: Mapping[str, str]) -> str:
    """ "all", "region=flanders", "region=flanders&rurality=rural"."""
    return "&".join(f"{name}={value}" for name, value in domain.items()) or "all"


def cells_in_memory(sample: Sample, items: Sequence[Item]) -> list[Cells]:
    """Cells of each item, counted by numpy; items over the same levels are counted once."""
    columns = {str(id(item.level)): item for item in items}
    codes = {key: item.level for key, item in columns.items()}
    levels = {key: len(item.scores) for key, item in columns.items()}
    found = count(sample.cell, sample.w0, sample.w1, codes, len(sample.design.values), levels)
    return [found[str(id(item.level))] for item in items]


@dataclass(frozen=True)
class Estimator:
    """Makes the figures of one weighted sample.

    `policy` names the interval of shares and totals, `cells_of` counts the cells: in memory, or in
    an engine.
    """

    sample: Sample
    linear: Linearisation
    prefix: str
    policy: str = DEFAULT
    cells_of: CellsOf = cells_in_memory

    @classmethod
    def of(
        cls,
        sample: Sample,
        prefix: str,
        policy: str = DEFAULT,
        cells_of: CellsOf = cells_in_memory,
    ) -> Estimator:
        """`prefix` begins every estimate_id: the name of the wave. BadInput for no such policy."""
        if policy not in POLICIES:
            known = ", ".join(POLICIES)
            raise BadInput(f"unknown interval {policy!r}", todo=f"Known are {known}")
        return cls(sample, Linearisation.of(sample), prefix, policy, cells_of)

    def moments(
        self, items: Sequence[Item], domains: Sequence[Mapping[str, str]] = (ALL,)
    ) -> Moments:
        """Means and variances of Q items over D domains, (Q, D)."""
        design = self.sample.design
        cells = self.cells_of(self.sample, items)
        length = max(len(item.scores) for item in items)
        return moments(
            self.linear,
            Cells(*(_filled([getattr(c, f.name) for c in cells], length) for f in fields(Cells))),
            Meaning(
                _filled([item.scores for item in items], length),
                _filled([item.asked for item in items], length),
                _filled([item.answered for item in items], length),
            ),
            np.stack([design.mask(d) for d in domains]),
            np.array([design.population(d) for d in domains]),
        )

    def interval(self, item: Item, m: Moments, level: float = LEVEL) -> Interval:
        """By the policy for shares, t for means, in the unit of the mean."""
        return t_interval(m, level) if item.statistic == "mean" else POLICIES[self.policy](m, level)

    def estimate(self, indicator: str, item: Item, domain: Mapping[str, str] = ALL) -> Estimate:
        """The figure of an item in a domain; a total counts units of the population."""
        return self.estimates(indicator, [item], [domain])[0]

    def estimates(
        self, indicator: str, items: Sequence[Item], domains: Sequence[Mapping[str, str]]
    ) -> list[Estimate]:
        """Figures of all items in all domains, by domain, then by item."""
        if not items or not domains:
            return []
        every = self.moments(items, domains)
        rows = [self._of_item(indicator, i, every.at(q), domains) for q, i in enumerate(items)]
        return [row[d] for d in range(len(domains)) for row in rows]

    def _of_item(
        self, indicator: str, item: Item, m: Moments, domains: Sequence[Mapping[str, str]]
    ) -> list[Estimate]:
        scale = m.population if item.statistic == "total" else np.ones_like(m.population)
        low, high = self.interval(item, m)
        known = m.base > 0
        with np.errstate(invalid="ignore", divide="ignore"):
            plain = m.hits if item.statistic == "total" else m.hits / m.base
        columns = {
            "value": m.value * scale,
            "se": np.sqrt(m.variance) * scale,
            "low": low * scale,
            "high": high * scale,
            "n": (m.base if item.statistic == "mean" else np.round(m.hits)).astype(int),
            "base": m.base.astype(int),
            "plain": plain,
            "df": m.df,
            "effective_n": m.effective_n,
            "design_effect": m.design_effect,
        }
        for name in ("value", "se", "low", "high", "plain"):
            columns[name] = np.where(known, columns[name], np.nan)
        make = partial(Estimate, indicator=indicator, category=item.key, statistic=item.statistic)
        identity = f"{self.prefix}.{indicator}.{item.key}.{item.statistic}."
        return [
            make(
                estimate_id=identity + domain_key(domain),
                domain=domain_key(domain),
                flag=flag_of(int(m.base[d])),
                **{name: column[d].item() for name, column in columns.items()},
            )
            for d, domain in enumerate(domains)
        ]


def flag_of(base: int) -> Flag:
    """The warning that goes with a base."""
    return "none" if base == 0 else "base<10" if base < 10 else "base<30" if base < 30 else ""


def _filled(values: Sequence[NDArray[Any]], length: int) -> Floats:
    """One array of (..., L), those of fewer levels filled with empty ones."""
    out = np.zeros((len(values), *values[0].shape[:-1], length))
    for i, one in enumerate(values):
        out[i, ..., : one.shape[-1]] = one
    return out
