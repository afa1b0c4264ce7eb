"""Figures that need every respondent, not only cells: quantiles, ratios, and what rankings give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from barograph.estimate.estimate import Estimate, Estimator, domain_key, flag_of
from barograph.estimate.figures import Figures, Units, ratio
from barograph.estimate.items import Item, Statistic
from barograph.estimate.quantiles import cut, quantile
from barograph.estimate.rankings import Ranking, borda, mean_rank, worth
from barograph.weight.sample import Bools, Floats, Ints

Domain = Mapping[str, str]
RANKINGS = {"borda": borda, "mean_rank": mean_rank, "worth": worth}


@dataclass(frozen=True)
class UnitLevel:
    """Makes figures of an estimator's sample from its respondents, as rows of the same table."""

    estimator: Estimator

    @cached_property
    def units(self) -> Units:
        """The weighted respondents."""
        return Units.of(self.estimator.sample)

    def inside(self, domain: Domain) -> Bools:
        """Respondents (n) of a domain."""
        sample = self.estimator.sample
        return np.asarray(sample.design.mask(domain)[sample.cell])

    def quantiles(
        self, indicator: str, item: Item, p: float, domains: Sequence[Domain]
    ) -> list[Estimate]:
        """The p-quantile of an item's scores in each domain, Woodruff's interval."""
        rows = []
        for domain in domains:
            inside = self.inside(domain) & item.base
            if not inside.any():
                rows.append(self.row(indicator, item.key, "quantile", domain, inside))
                continue
            found = quantile(self.units, item.value, p, inside)
            plain = cut(item.value[inside], np.ones(int(inside.sum())), p)
            values = found.value, found.se, found.low, found.high
            rows.append(self.row(indicator, item.key, "quantile", domain, inside, values, plain))
        return rows

    def ratios(
        self, indicator: str, over: Item, under: Item, domains: Sequence[Domain]
    ) -> list[Estimate]:
        """The ratio of the totals of two items in each domain, over those who answered both."""
        rows, key = [], f"{over.key}/{under.key}"
        for domain in domains:
            inside = self.inside(domain) & over.base & under.base
            if not inside.any() or not np.any(under.value[inside]):
                rows.append(self.row(indicator, key, "ratio", domain, inside))
                continue
            y, z = over.value[:, None], under.value[:, None]
            plain = float(over.value[inside].sum() / under.value[inside].sum())
            figures = ratio(self.units, y, z, inside)
            rows += self.rows(indicator, [key], "ratio", domain, figures, [plain])
        return rows

    def rankings(
        self,
        indicator: str,
        options: Sequence[str],
        order: Ints,
        statistic: Ranking,
        domains: Sequence[Domain],
    ) -> list[Estimate]:
        """What a ranking (n, K) of `options` gives in each domain."""
        measure, rows = RANKINGS[statistic], []
        for domain in domains:
            inside = self.inside(domain) & (order[:, 0] >= 0)
            if not inside.any():
                rows += [self.row(indicator, o, statistic, domain, inside) for o in options]
                continue
            same = Units(self.units.linear, np.ones(len(inside)))
            plain = measure(same, order, inside).values
            figures = measure(self.units, order, inside)
            rows += self.rows(indicator, options, statistic, domain, figures, list(plain))
        return rows

    def rows(
        self,
        indicator: str,
        keys: Sequence[str],
        statistic: Statistic,
        domain: Domain,
        figures: Figures,
        plain: Sequence[float],
    ) -> list[Estimate]:
        """Figures (k) as rows, with t intervals."""
        low, high = figures.interval()
        columns = zip(figures.values, figures.se, low, high, strict=True)
        return [
            self.row(indicator, key, statistic, domain, figures.inside, values, one)
            for key, values, one in zip(keys, columns, plain, strict=True)
        ]

    def row(
        self,
        indicator: str,
        key: str,
        statistic: Statistic,
        domain: Domain,
        inside: Bools,
        values: Sequence[float] = (np.nan,) * 4,
        plain: float = np.nan,
    ) -> Estimate:
        """One row over the respondents `inside`; without `values` (value, se, low, high) nobody's."""
        w: Floats = self.units.w[inside]
        base = len(w)
        where = domain_key(domain)
        value, se, low, high = (float(v) for v in values)
        return Estimate(
            estimate_id=".".join((self.estimator.prefix, indicator, key, statistic, where)),
            indicator=indicator,
            category=key,
            domain=where,
            statistic=statistic,
            value=value,
            se=se,
            low=low,
            high=high,
            n=base,
            base=base,
            plain=float(plain),
            df=self.units.linear.df(inside),
            effective_n=float(w.sum() ** 2 / (w**2).sum()) if base else 0.0,
            design_effect=np.nan,
            flag=flag_of(base),
        )
